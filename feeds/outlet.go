package feeds

import (
	"net/netip"
	"net/url"
	"slices"
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

// Publisher returns the outlet that s belongs to: Outlet, else the registrable domain of its site, else
// that of its address. It is the id of s where the host says nothing about who publishes: on shared hosts,
// without a domain, and instead of a private address.
func (s Source) Publisher() string {
	if s.Outlet != "" {
		return s.Outlet
	}
	addresses := []string{s.Site, s.URL}
	if s.Private {
		addresses = addresses[:1]
	}
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil {
			continue
		}
		host, err := idna.Lookup.ToASCII(strings.TrimSuffix(u.Hostname(), "."))
		if _, notIP := netip.ParseAddr(host); err != nil || notIP == nil {
			continue
		}
		beneath := func(shared string) bool { return host == shared || strings.HasSuffix(host, "."+shared) }
		if slices.ContainsFunc(sharedHosts, beneath) {
			break
		}
		if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
			return domain
		}
	}
	return s.ID
}
