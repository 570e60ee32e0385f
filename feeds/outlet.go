package feeds

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// sharedHosts are hosts whose pages or feeds belong to many publishers, with all names below them:
// platforms of blogs, newsletters, videos, podcasts and posts, and services that carry or make feeds.
var sharedHosts = strings.Fields(`
	t.me telegram.me youtube.com youtu.be vimeo.com dailymotion.com twitch.tv tiktok.com
	twitter.com x.com facebook.com instagram.com threads.net linkedin.com reddit.com bsky.app vk.com mastodon.social
	medium.com substack.com wordpress.com blogspot.com blogger.com ghost.io tumblr.com livejournal.com beehiiv.com
	buttondown.com buttondown.email hashnode.dev dev.to write.as micro.blog bearblog.dev wixsite.com weebly.com
	notion.site neocities.org sites.google.com github.com github.io gitlab.com gitlab.io
	soundcloud.com anchor.fm spotify.com podcasts.apple.com libsyn.com podbean.com buzzsprout.com simplecast.com
	transistor.fm megaphone.fm acast.com spreaker.com omny.fm
	feedburner.com feedproxy.google.com news.google.com follow.it rss.app rsshub.app feed43.com fetchrss.com
	politepaul.com morss.it openrss.org kill-the-newsletter.com feedspot.com inoreader.com`)

// Publisher returns the outlet that s belongs to: Outlet, else the registrable domain of its site or,
// without a site, of its address. It is the id of s where the host says nothing about who publishes: on
// shared hosts, without a domain, and for a private address.
func (s Source) Publisher() string {
	address := s.Site
	if address == "" && !s.Private {
		address = s.URL
	}
	u, err := url.Parse(address)
	switch {
	case s.Outlet != "":
		return s.Outlet
	case err != nil:
		return s.ID
	}
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(u.Hostname(), "."))
	if _, notIP := netip.ParseAddr(host); err != nil || notIP == nil {
		return s.ID
	}
	for _, shared := range sharedHosts {
		if host == shared || strings.HasSuffix(host, "."+shared) {
			return s.ID
		}
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return s.ID
	}
	return domain
}
