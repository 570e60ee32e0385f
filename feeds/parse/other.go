package parse

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/mmcdole/gofeed"
	ext "github.com/mmcdole/gofeed/extensions"
	"golang.org/x/net/html"

	"github.com/nashra/nashra/feeds"
)

// other makes r.feed of a document that is no feed and yet has items, which are then read like a feed's. It
// reports false for any other document.
func (r *reader) other(doc feeds.Document, body []byte) (known bool, err error) {
	page := isHTML(r.scan.root, body)
	switch {
	case r.scan.root == urlset:
		err = r.parseSitemap()
	case r.scan.root == sitemapIndex:
		err = r.indexError()
	case page && (isTelegram(body) || r.from(feeds.IsTelegram)):
		err = r.parseTelegram(doc, body)
	case page && r.from(feeds.IsYouTube):
		err = r.youtubeError()
	default:
		return false, nil
	}
	if err == nil && r.scan.late && !page {
		r.notes = append(r.notes, lateNote)
	}
	r.scan = scan{}
	return true, err
}

// from reports whether the document was asked for, or found, on a platform.
func (r *reader) from(platform func(address string) bool) bool {
	return platform(r.src.URL) || r.base != nil && platform(r.base.String())
}

// parseHTML returns the tree of a page in UTF-8. Elements nested deeper than 512 are an error.
func parseHTML(body []byte) (*html.Node, error) {
	tree, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	return tree, nil
}

// valueOf returns an attribute of n; empty where it has none.
func valueOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// hasClass reports whether n has a class.
func hasClass(n *html.Node, class string) bool {
	if n.Type != html.ElementNode {
		return false
	}
	for c := range strings.FieldsSeq(valueOf(n, "class")) {
		if c == class {
			return true
		}
	}
	return false
}

// findClass returns the first element beneath n that has a class; nil: there is none.
func findClass(n *html.Node, class string) *html.Node {
	for d := range n.Descendants() {
		if hasClass(d, class) {
			return d
		}
	}
	return nil
}

// textOf returns the text beneath n on one line; empty where n is nil.
func textOf(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return feeds.Line(b.String())
}

// textNode returns a node with this text.
func textNode(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }

// pictures returns the images with these addresses as gofeed has Media RSS.
func pictures(addresses []string) ext.Extensions {
	var list []ext.Extension
	for _, a := range addresses {
		list = append(list, ext.Extension{Name: "content", Attrs: map[string]string{"url": a, "medium": "image"}})
	}
	return ext.Extensions{"media": {"content": list}}
}

// people returns names as gofeed has authors.
func people(names []string) (out []*gofeed.Person) {
	for _, n := range names {
		out = append(out, &gofeed.Person{Name: n})
	}
	return out
}
