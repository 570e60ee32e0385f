// Package page takes the items of web pages that have no feed: it compiles CSS selectors, applies them
// within limits of work, and proposes selectors for a page from what the page repeats. It is pure.
package page

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/address"
	"github.com/nashra/nashra/feeds/sanitize"
)

const (
	// bytes of a page that are read: ten times a page of news, as package article has it
	maxPage = 3_000_000
	// tags of a page that are read, as package article has it: a tree of so many takes tens of megabytes
	maxTags = 60_000
	// items of a page that are read: a page of news shows at most a hundred
	maxItems = 500
)

// Selectors are compiled selectors of a page. Those that are empty find nothing.
type Selectors struct {
	page                                    feeds.Page
	item, title, link, date, summary, image value
}

// Error is a selector that cannot be used.
type Error struct {
	Key  string // of feeds.Page: item, title, link, date, summary or image
	Text string // the selector
	Err  error  // does not quote it
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %q %s", e.Key, feeds.Shorten(e.Text, 80), e.Err)
}
func (e *Error) Unwrap() error { return e.Err }

// named is a selector with its key in feeds.Page.
type named struct{ key, text string }

// fields returns the selectors of p.
func fields(p feeds.Page) []named {
	return []named{{"item", p.Item}, {"title", p.Title}, {"link", p.Link}, {"date", p.Date}, {"summary", p.Summary},
		{"image", p.Image}}
}

// Compile compiles p. An error is an *Error.
func Compile(p feeds.Page) (*Selectors, error) {
	s := Selectors{page: p}
	to := []*value{&s.item, &s.title, &s.link, &s.date, &s.summary, &s.image}
	for i, f := range fields(p) {
		var err error
		if *to[i], err = compile(f.text, f.key != "item"); err != nil {
			return nil, &Error{f.key, f.text, err}
		}
	}
	return &s, nil
}

// Tree is a parsed page.
type Tree struct {
	Title string   // of the page; empty: it has none
	Lang  string   // as declared; empty if not said
	Note  string   // what was left out, for people; empty: nothing
	Base  *url.URL // of its links; nil: none
	root  *html.Node
	body  *html.Node
	size  size
}

// Read parses a page in UTF-8 that was found at base, which may be nil. It reads the beginning of a
// page that is too large, and fails on one that is nested too deeply.
func Read(text []byte, base *url.URL) (*Tree, error) {
	t := &Tree{Base: base}
	text = t.shortened(text)
	root, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, errors.New("the page is nested too deeply to be read")
	}
	t.root, t.body = root, root
	based := false
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.Html:
			t.Lang = sanitize.Attr(n, "lang")
		case atom.Title:
			if t.Title == "" && n.Namespace == "" {
				t.Title = line(n)
			}
		case atom.Body:
			t.body = n
		case atom.Base:
			href := sanitize.Attr(n, "href")
			if u, err := address.Resolve(base, href); err == nil && !based && href != "" {
				t.Base, based = u, true
			}
		}
	}
	t.size = measure(root, len(text))
	return t, nil
}

// shortened returns text up to the limits, and notes what is left out.
func (t *Tree) shortened(text []byte) []byte {
	if len(text) > maxPage {
		text = text[:maxPage]
		t.Note = fmt.Sprintf("the page is larger than %.1f MB: only its beginning was read", maxPage/1e6)
	}
	if bytes.Count(text, []byte("<")) <= maxTags {
		return text
	}
	t.Note = fmt.Sprintf("the page has more than %d tags: only its beginning was read", maxTags)
	end := 0
	for range maxTags {
		end += bytes.IndexByte(text[end:], '<') + 1
	}
	return text[:end-1]
}

// resolve returns the absolute http address of ref without its fragment unless that is all; empty: it
// has none.
func (t *Tree) resolve(ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || ref == "#" {
		return ""
	}
	u, err := address.Resolve(t.Base, ref)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}
