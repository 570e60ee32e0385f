package parse

import (
	"bytes"
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"github.com/nashra/nashra/feeds"
)

// feedTypes are the media types that pages give to feeds. Old portals write only that it is XML.
var feedTypes = []string{"application/atom+xml", "application/rss+xml", "application/feed+json", "application/rdf+xml",
	"text/xml", "application/xml"}

// usualPaths are where WordPress, Blogger, Hugo, Jekyll and Drupal put feeds.
var usualPaths = []string{"/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds/posts/default"}

// maxDiscovered limits the addresses returned: a page may name hundreds.
const maxDiscovered = 12

// Discover returns where the feeds of a site may be, likeliest first, from one of its pages: those that it
// declares, and of them first those beneath the page's own address, as a section's; then links on the site that
// look like feeds, the usual places, and such links to elsewhere. It leaves out feeds of comments.
func Discover(doc feeds.Document) []string {
	base, err := url.Parse(doc.Base)
	if err != nil {
		return nil
	}
	var declared, linked, elsewhere []string
	site := base
	r, err := charset.NewReader(bytes.NewReader(doc.Body), doc.ContentType)
	if err != nil {
		r = bytes.NewReader(doc.Body)
	}
	for z := html.NewTokenizer(r); z.Next() != html.ErrorToken; {
		t := z.Token()
		if t.Type != html.StartTagToken && t.Type != html.SelfClosingTagToken {
			continue
		}
		href, _, _ := strings.Cut(absolute(base, attr(t, "href")), "#")
		switch {
		case href == "":
		case t.DataAtom == atom.Base:
			if u, err := url.Parse(href); err == nil {
				base = u
			}
		case ofComments(attr(t, "title") + href):
		case t.DataAtom == atom.Link && namesFeed(t):
			declared = append(declared, href)
		case t.DataAtom == atom.A && looksLikeFeed(href):
			if u, err := url.Parse(href); err == nil && u.Host == site.Host {
				linked = append(linked, href)
			} else {
				elsewhere = append(elsewhere, href)
			}
		}
	}
	for _, p := range usualPaths {
		linked = append(linked, absolute(site, p))
	}
	slices.SortStableFunc(declared, func(x, y string) int { return beneath(y, site) - beneath(x, site) })
	var out []string
	for _, u := range slices.Concat(declared, linked, elsewhere) {
		if !slices.Contains(out, u) && len(out) < maxDiscovered {
			out = append(out, u)
		}
	}
	return out
}

// ofComments reports whether the title and address of a feed say that it has comments: they are no news, also
// where the feed of posts cannot be read.
func ofComments(about string) bool {
	about = strings.ToLower(about)
	return strings.Contains(about, "comment") || strings.Contains(about, "تعليق")
}

// beneath returns 1 if address is one of the folder that the page is, 0 if not, or if the page is the front page.
func beneath(address string, page *url.URL) int {
	folder := strings.TrimSuffix(page.EscapedPath(), "/") + "/"
	if u, err := url.Parse(address); err == nil && folder != "/" && u.Host == page.Host &&
		strings.HasPrefix(u.EscapedPath(), folder) {
		return 1
	}
	return 0
}

// namesFeed reports whether a link element names a feed.
func namesFeed(t html.Token) bool {
	rel := strings.Fields(strings.ToLower(attr(t, "rel")))
	kind, _, _ := strings.Cut(strings.ToLower(attr(t, "type")), ";")
	return slices.Contains(rel, "feed") ||
		slices.Contains(rel, "alternate") && slices.Contains(feedTypes, strings.TrimSpace(kind))
}

// looksLikeFeed reports whether an address ends like a feed's.
func looksLikeFeed(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	last := strings.ToLower(path.Base(u.Path))
	switch last {
	case "feed", "rss", "atom", "rss.xml", "feed.xml", "atom.xml", "index.xml", "index.rdf", "feed.json":
		return true
	}
	return slices.Contains([]string{".rss", ".atom", ".rdf"}, path.Ext(last))
}

// attr returns the value of an attribute of t; empty where it has none.
func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
