package parse

import (
	"bytes"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
)

// ownID fits the id of the channel that a page of YouTube is about, in its data. Ids of other channels stand
// there under other names.
var ownID = regexp.MustCompile(`"externalId":"(UC[A-Za-z0-9_-]{22})"`)

// Elsewhere returns the address of the feed of the channel that a page of YouTube is about; empty: doc is no
// such page, or names no channel.
func Elsewhere(doc feeds.Document) string {
	base, err := url.Parse(doc.Base)
	if err != nil || !feeds.IsYouTube(doc.Base) {
		return ""
	}
	if body := bytes.TrimSpace(doc.Body); !isHTML("", body) && !bytes.HasPrefix(bytes.ToLower(body[:min(len(body), 5)]),
		[]byte("<html")) {
		return ""
	}
	var ids [4]string // by how sure they are
	note := func(i int, id string) {
		if ids[i] == "" {
			ids[i] = id
		}
	}
	for z := html.NewTokenizer(bytes.NewReader(doc.Body)); z.Next() != html.ErrorToken; {
		switch t := z.Token(); {
		case t.DataAtom == atom.Link && namesFeed(t):
			note(0, channelOf(attr(t, "href")))
		case t.DataAtom == atom.Link && strings.EqualFold(attr(t, "rel"), "canonical"):
			note(1, channelOf(attr(t, "href")))
		case t.DataAtom == atom.Meta && (attr(t, "itemprop") == "identifier" || attr(t, "itemprop") == "channelId"):
			note(2, attr(t, "content"))
		case t.DataAtom == atom.Meta && attr(t, "property") == "og:url":
			note(3, channelOf(attr(t, "content")))
		}
	}
	found := ids[:]
	if m := ownID.FindSubmatch(doc.Body); m != nil {
		found = append(found, string(m[1]))
	}
	for _, id := range found {
		at := base.Scheme + "://www.youtube.com/channel/" + id
		if feed := feeds.FeedAddress(at); feed != at { // id is one
			return feed
		}
	}
	return ""
}

// channelOf returns the id in the address of a channel or of its feed, on any host; empty: it has none.
func channelOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if id := u.Query().Get("channel_id"); id != "" {
		return id
	}
	_, id, _ := strings.Cut(u.Path, "/channel/")
	return id
}

// youtubeError returns why a page of YouTube has no items.
func (r *reader) youtubeError() error {
	if r.base != nil && strings.HasPrefix(r.base.Host, "consent.") {
		return errors.New("consent is asked for before YouTube shows the channel: give the address with its id, " +
			"https://www.youtube.com/channel/UC…, which its page has under Share")
	}
	return errors.New("a page of YouTube that names no channel: " +
		"give the address of one, such as https://www.youtube.com/@name")
}
