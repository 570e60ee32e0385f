package parse

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"regexp"

	"github.com/mmcdole/gofeed"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/page"
)

// Propose returns selectors for a web page from what it repeats, likeliest first; nil: it shows no list.
func Propose(doc feeds.Document) []page.Proposal {
	base, _ := url.Parse(doc.Base)
	body, _, _ := decode(doc.Body, pageType(doc))
	tree, err := page.Read(body, base)
	if err != nil {
		return nil
	}
	return page.Propose(tree)
}

// parsePage fills in r.feed from a web page, by the selectors of its source.
func (r *reader) parsePage(doc feeds.Document) error {
	selectors, err := page.Compile(r.src.Page)
	if err != nil {
		return err
	}
	var body []byte
	body, r.charset, r.notes = decode(doc.Body, pageType(doc))
	if start := bytes.TrimSpace(body); !bytes.HasPrefix(start, []byte("<")) || isXMLFeed(start) {
		return errors.New("not a web page: remove page from the source if its address leads to a feed")
	}
	tree, err := page.Read(body, r.base)
	if err != nil {
		return err
	}
	r.base = tree.Base
	items, note, err := selectors.Items(tree)
	switch {
	case errors.Is(err, page.ErrNone), errors.Is(err, page.ErrWhole):
		return proposing(err, tree)
	case err != nil:
		return err
	case note != "":
		r.notes = append(r.notes, note)
	}
	r.cut = doc.Cut && !bytes.Contains(body, []byte("</html>"))
	r.plain = true
	r.feed = &gofeed.Feed{Title: tree.Title, Language: tree.Lang, Items: make([]*gofeed.Item, len(items))}
	if r.base != nil {
		r.feed.Link = r.base.String()
	}
	if doc.Base != "" { // not what the page declares as the base of its links
		r.feed.Link = doc.Base
	}
	for i, it := range items {
		r.feed.Items[i] = r.ofPage(it)
	}
	return nil
}

// proposing returns err with selectors that find something on the page.
func proposing(err error, tree *page.Tree) error {
	best := page.Propose(tree)
	if len(best) == 0 {
		return fmt.Errorf("%w; nothing on the page looks like a list of items", err)
	}
	return fmt.Errorf("%w; page: %s would find %d items, such as %q", err, best[0], len(best[0].Items),
		feeds.Shorten(best[0].Items[0].Title, 60))
}

// ofPage returns an item of a page as gofeed would.
func (r *reader) ofPage(it page.Item) *gofeed.Item {
	out := &gofeed.Item{Title: it.Title, Link: it.Link, Description: it.Summary}
	if it.Image != "" {
		out.Image = &gofeed.Image{URL: it.Image}
	}
	for _, said := range it.Dates {
		for date := range page.DatesIn(said) {
			if out.Published = date; r.possible(r.read(date)[dayFirst]) || r.possible(r.read(date)[monthFirst]) {
				return out
			}
		}
	}
	return out
}

// metaCharset matches how a page names its encoding.
var metaCharset = regexp.MustCompile(`(?i)<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})`)

// metaWithin is how many bytes of a page may come before its encoding is named (HTML, 13.2.3.2).
const metaWithin = 1024

// pageType returns the media type of a page, with the encoding that the page names if its header names
// none.
func pageType(doc feeds.Document) string {
	if _, params, err := mime.ParseMediaType(doc.ContentType); err == nil && params["charset"] != "" {
		return doc.ContentType
	}
	if m := metaCharset.FindSubmatch(doc.Body[:min(len(doc.Body), metaWithin)]); m != nil {
		return "text/html; charset=" + string(m[1])
	}
	return doc.ContentType
}

// isXMLFeed reports whether a document begins as RSS and Atom do, and not as a page.
func isXMLFeed(start []byte) bool {
	start = bytes.ToLower(start[:min(len(start), 500)])
	if bytes.Contains(start, []byte("<html")) || bytes.Contains(start, []byte("<!doctype html")) {
		return false
	}
	for _, root := range []string{"<rss", "<feed", "<rdf:rdf", "<urlset", "<sitemapindex", "<opml"} {
		if bytes.Contains(start, []byte(root)) {
			return true
		}
	}
	return false
}
