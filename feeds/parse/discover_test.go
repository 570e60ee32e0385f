package parse

import (
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

func TestDiscover(t *testing.T) {
	for _, c := range []struct {
		name, page string
		want       []string // the first of them
	}{
		{"declared ones in the page's order, none of comments, links last",
			`<head><base href="/sub/"><link rel="alternate" type="application/rss+xml" 
				title="الأخبار &raquo; تعليقات" href="/comments/feed/">
			<link rel=alternate type="application/rss+xml; charset=utf-8" href="feed/">
			<link rel="ALTERNATE" type="application/atom+xml" href="//cdn.example/a.atom#x">
			<link rel=alternate type="text/html" hreflang=en href=/en>
			<link rel=stylesheet type="application/rss+xml" href=/no>
			<a href="https://x.example/tech/rss.xml?a=1">RSS</a><a href="/feeds-and-needs">no</a>
			<a href="javascript:feed">no</a>`,
			[]string{
				"https://x.example/sub/feed/", "https://cdn.example/a.atom",
				"https://x.example/tech/rss.xml?a=1", "https://x.example/feed/",
			}},
		{"a section's own before the site's, and others' last",
			`<a href="https://other.example/feed.xml">صديق</a>` +
				`<link rel=alternate type="application/rss+xml" href="/feed/">
			<link rel=alternate type="application/rss+xml" title="المدونة &laquo; تعليقات على خبر" href="/news/x/feed/">
			<link rel=alternate type="application/rss+xml" title="أخبار" href="/news/feed/">`,
			[]string{"https://x.example/news/feed/", "https://x.example/feed/", "https://x.example/rss"}},
		{"declared as XML, beside what WordPress declares of the page itself",
			`<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
			<link rel="alternate" type="text/xml+oembed" href="/wp-json/oembed/1.0/embed?format=xml">
			<link rel="alternate" type="text/xml" title="RSS" href="/rss.aspx?SecID=4">`,
			[]string{"https://x.example/rss.aspx?SecID=4", "https://x.example/feed/"}},
		{"none: the usual places", "<p>مرحبا", []string{"https://x.example/feed/", "https://x.example/rss"}},
		{
			"hundreds", strings.Repeat(`<link rel=feed href="/a.rss"><link rel=feed href="/b.rss">`, 500),
			[]string{"https://x.example/a.rss", "https://x.example/b.rss", "https://x.example/feed/"},
		},
		{
			"other schemes", `<link rel=feed href="file:///etc/passwd"><link rel=feed href="feed:x">`,
			[]string{"https://x.example/feed/"},
		},
	} {
		got := Discover(
			feeds.Document{
				Base:        "https://x.example/news/",
				ContentType: "text/html; charset=utf-8",
				Body:        []byte(c.page),
			},
		)
		if len(got) < len(c.want) || !slices.Equal(got[:len(c.want)], c.want) || len(got) > maxDiscovered {
			t.Errorf("%s:\n%q\nwant first\n%q", c.name, got, c.want)
		}
	}
}
