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
		{"declared ones in the page's order, comments after them, links last",
			`<head><base href="/sub/"><link rel="alternate" type="application/rss+xml" 
				title="الأخبار &raquo; تعليقات" href="/comments/feed/">
			<link rel=alternate type="application/rss+xml; charset=utf-8" href="feed/">
			<link rel="ALTERNATE" type="application/atom+xml" href="//cdn.example/a.atom#x">
			<link rel=alternate type="text/html" hreflang=en href=/en>
			<link rel=stylesheet type="application/rss+xml" href=/no>
			<a href="https://x.example/tech/rss.xml?a=1">RSS</a><a href="/feeds-and-needs">no</a>
			<a href="javascript:feed">no</a>`,
			[]string{
				"https://x.example/sub/feed/", "https://cdn.example/a.atom", "https://x.example/comments/feed/",
				"https://x.example/tech/rss.xml?a=1", "https://x.example/feed/",
			}},
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
