package feeds

import (
	"net/url"
	"regexp"
	"strings"
)

// telegramHosts serve the public pages of Telegram's channels, youtubeHosts those of YouTube's.
var (
	telegramHosts = map[string]bool{"t.me": true, "telegram.me": true, "telegram.dog": true}
	youtubeHosts  = map[string]bool{"youtube.com": true, "m.youtube.com": true, "youtu.be": true,
		"consent.youtube.com": true}
)

// platformOf returns the host of an address without www., and the address; nil: it is none.
func platformOf(address string) (string, *url.URL) {
	u, err := url.Parse(WebURL(address))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", nil
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."), u
}

// IsTelegram reports whether address is one of Telegram's web pages.
func IsTelegram(address string) bool {
	host, u := platformOf(address)
	_, of, below := strings.Cut(host, ".")
	return u != nil && (telegramHosts[host] || below && of == "t.me")
}

// IsYouTube reports whether address is one of YouTube's.
func IsYouTube(address string) bool {
	host, u := platformOf(address)
	return u != nil && youtubeHosts[host]
}

var (
	// telegramName fits the names of channels (core.telegram.org/method/channels.checkUsername); old ones
	// have four letters.
	telegramName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{3,31}$`)
	// channelID and playlistID fit YouTube's ids, as its own pages write them.
	channelID  = regexp.MustCompile(`^UC[A-Za-z0-9_-]{22}$`)
	playlistID = regexp.MustCompile(`^[A-Za-z0-9_-]{2,64}$`)
)

// telegramPaths are first parts of paths that name no channel.
var telegramPaths = map[string]bool{"joinchat": true, "addstickers": true, "addemoji": true, "addtheme": true,
	"addlist": true, "share": true, "proxy": true, "socks": true, "login": true, "invoice": true, "setlanguage": true,
	"confirmphone": true, "giftcode": true, "contact": true, "boost": true}

// FeedAddress returns where the items of an address stand, if the address alone tells: the preview of a
// Telegram channel, the feed of a YouTube channel or playlist. Any other address is returned as it is.
func FeedAddress(address string) string {
	host, u := platformOf(address)
	switch {
	case u == nil:
	case youtubeHosts[host]:
		if feed := youtubeFeed(u); feed != "" {
			return feed
		}
	case IsTelegram(address):
		if preview := telegramPreview(host, u); preview != "" {
			return preview
		}
	}
	return address
}

// telegramPreview returns the page with the latest posts of the channel that an address names; empty: it
// names none.
func telegramPreview(host string, u *url.URL) string {
	name, below := strings.CutSuffix(host, ".t.me") // NAME.t.me is t.me/NAME
	if !below {
		path := strings.TrimPrefix(strings.TrimPrefix(u.Path, "/"), "s/")
		name, _, _ = strings.Cut(strings.TrimPrefix(path, "@"), "/")
		host = u.Host
	} else {
		host = "t.me"
	}
	if !telegramName.MatchString(name) || telegramPaths[strings.ToLower(name)] {
		return ""
	}
	preview := u.Scheme + "://" + host + "/s/" + name
	if q := u.Query().Get("q"); q != "" { // a search; "before" would stay at old posts
		preview += "?q=" + url.QueryEscape(q)
	}
	return preview
}

// youtubeFeed returns the feed of a channel or playlist whose id an address has; empty: it has none.
func youtubeFeed(u *url.URL) string {
	kind, id, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	id, _, _ = strings.Cut(id, "/")
	feed := func(key, value string) string {
		return u.Scheme + "://www.youtube.com/feeds/videos.xml?" + key + "=" + url.QueryEscape(value)
	}
	list := u.Query().Get("list")
	switch {
	case kind == "channel" && channelID.MatchString(id):
		return feed("channel_id", id)
	case kind == "playlist" && playlistID.MatchString(list):
		return feed("playlist_id", list)
	}
	return ""
}

// Uploads returns the feed of the playlist with a channel's videos, from the address of the channel's feed;
// empty: address is no such feed.
func Uploads(address string) string {
	host, u := platformOf(address)
	if u == nil || !youtubeHosts[host] || u.Path != "/feeds/videos.xml" {
		return ""
	}
	id := u.Query().Get("channel_id")
	if !channelID.MatchString(id) {
		return ""
	}
	return u.Scheme + "://www.youtube.com/feeds/videos.xml?playlist_id=UU" + strings.TrimPrefix(id, "UC")
}

// FileKey returns a key that is the same for all addresses of a file: CleanURL, and for the files of Telegram,
// which has another address for one each day, their host.
func FileKey(address string) string {
	host, u := platformOf(address)
	if u != nil && (strings.HasSuffix(host, ".telesco.pe") || strings.HasSuffix(host, ".cdn-telegram.org")) {
		return host
	}
	return CleanURL(address)
}
