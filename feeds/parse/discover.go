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

// Media types that a page gives the feeds it names.
var feedTypes = []string{"application/atom+xml", "application/rss+xml", "application/feed+json", "application/rdf+xml"}

// Where publishing systems put feeds that their pages do not name: WordPress and Blogger, Hugo, Jekyll, Drupal.
var usualPaths = []string{"/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds/posts/default"}

// maxDiscovered bounds how many addresses are looked at: a page may name hundreds.
const maxDiscovered = 12

// Discover returns where the feeds of a site may be, absolute, likeliest first, from one of its pages: those it declares, then links that
// look like feeds, then usual places. Feeds of comments come after all declared ones.
func Discover(doc feeds.Document) []string {
	base, err := url.Parse(doc.Base)
	if err != nil {
		return nil
	}
	var declared, comments, linked []string
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
		case t.DataAtom == atom.Link && names(t):
			if said := strings.ToLower(attr(t, "title") + href); strings.Contains(said, "comment") || strings.Contains(said, "تعليق") {
				comments = append(comments, href)
			} else {
				declared = append(declared, href)
			}
		case t.DataAtom == atom.A && looksLikeFeed(href):
			linked = append(linked, href)
		}
	}
	for _, p := range usualPaths {
		linked = append(linked, absolute(site, p))
	}
	var out []string
	for _, u := range slices.Concat(declared, comments, linked) {
		if !slices.Contains(out, u) && len(out) < maxDiscovered {
			out = append(out, u)
		}
	}
	return out
}

// names says whether a link element names a feed.
func names(t html.Token) bool {
	rel := strings.Fields(strings.ToLower(attr(t, "rel")))
	kind, _, _ := strings.Cut(strings.ToLower(attr(t, "type")), ";")
	return slices.Contains(rel, "feed") || slices.Contains(rel, "alternate") && slices.Contains(feedTypes, strings.TrimSpace(kind))
}

// looksLikeFeed says whether an address ends as feeds' do.
func looksLikeFeed(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	last := strings.ToLower(path.Base(u.Path))
	return slices.Contains([]string{"feed", "rss", "atom", "rss.xml", "feed.xml", "atom.xml", "index.xml", "index.rdf", "feed.json"}, last) ||
		slices.Contains([]string{".rss", ".atom", ".rdf"}, path.Ext(last))
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
