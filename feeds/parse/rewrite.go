package parse

import (
	"bytes"
	"cmp"
	"html"
	"net/url"
	"slices"
	"strings"

	"github.com/nashra/nashra/feeds/address"
)

// Elements whose names gofeed does not know, or of which it keeps one where there may be several,
// are renamed to what it knows.

// edit puts text in place of doc[from:to].
type edit struct {
	from, to int
	text     string
}

// edit notes that text is to replace doc[from:to].
func (s *scanner) edit(from, to int, text string) { s.edits = append(s.edits, edit{from, to, text}) }

// apply makes the edits of the current tag.
func (s *scanner) apply() {
	slices.SortFunc(s.edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	for _, e := range s.edits {
		if e.from >= s.copied {
			s.copyTo(e.from)
			s.lean = append(s.lean, e.text...)
			s.copied = e.to
		}
	}
	s.edits = s.edits[:0]
}

// rss11 is the root element of RSS 1.1. gofeed does not know it and gets RSS 2.0, whose elements have
// the same names in another order.
const rss11 = "channel"

// rewrite renames the element whose start or end tag stands at doc[at:i].
func (s *scanner) rewrite(tag, name []byte, at, i int, closing bool) {
	here := at + 1 // where its name stands
	if closing {
		here++
	}
	depth := len(s.path)
	switch {
	case s.root == rss11 && depth == 0 && closing:
		s.edit(at, i, "</channel></rss>")
	case s.root == rss11 && depth == 0:
		s.edit(here, here+len(name), "rss")
		s.edit(i, i, "<channel>")
	case s.root == rss11 && depth == 1 && string(name) == "items":
		s.edit(at, i, "")
	case s.root == "feed" && depth == 0 && !closing:
		s.renameSpace(tag, name, at)
	case s.root != "feed" && string(name) == "author" && s.inItem(): // gofeed keeps one author, and all creators
		s.edit(here, here+len(name), "dc:creator")
	case s.root == "feed" && s.inItem() && (string(name) == "created" || string(name) == "pubDate"): // Atom 0.3, RSS
		s.edit(here, here+len(name), "dcterms:created")
	}
}

// renameSpace gives Atom's namespace to a root element in another one, such as a draft's: the
// elements have the same names.
func (s *scanner) renameSpace(tag, name []byte, at int) {
	key := "xmlns"
	if prefix, _, ok := bytes.Cut(name, []byte(":")); ok {
		key += ":" + string(prefix)
	}
	from, to := attributeAt(tag, key)
	switch strings.TrimSpace(string(tag[from:to])) {
	case "", "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#":
		return
	}
	s.edit(at+1+from, at+1+to, "http://www.w3.org/2005/Atom")
}

// rebase resolves the xml:base at doc[from:to] and replaces it by its folder: gofeed takes every base
// for a folder, but what follows the last slash does not count (RFC 3986, 5.2.3).
func (s *scanner) rebase(from, to int) *url.URL {
	outer := s.innerBase()
	within := outer
	if within == nil {
		within = s.base
	}
	u, err := address.Resolve(within, unescape(string(s.doc[from:to])))
	if err != nil {
		return outer
	}
	folder := *u
	folder.RawQuery, folder.Fragment, folder.RawPath = "", "", ""
	folder.Path = folder.Path[:strings.LastIndexByte(folder.Path, '/')+1]
	s.edit(from, to, html.EscapeString(folder.String()))
	return u
}

// attribute returns the value of an attribute of tag, as written; empty where it has none.
func attribute(tag []byte, name string) string {
	from, to := attributeAt(tag, name)
	return string(tag[from:to])
}

// attributeAt returns where the value of an attribute of tag stands; 0, 0 where it has none.
func attributeAt(tag []byte, name string) (from, to int) {
	for i := 0; ; {
		n := bytes.Index(tag[i:], []byte(name))
		if n < 0 {
			return 0, 0
		}
		n += i
		i = n + len(name)
		if n == 0 || strings.IndexByte(space, tag[n-1]) < 0 {
			continue
		}
		rest := bytes.TrimLeft(tag[i:], space)
		if len(rest) == 0 || rest[0] != '=' {
			continue
		}
		rest = bytes.TrimLeft(rest[1:], space)
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			continue
		}
		from = len(tag) - len(rest) + 1
		end := bytes.IndexByte(tag[from:], rest[0])
		if end < 0 {
			return 0, 0
		}
		return from, from + end
	}
}

// space is XML's white space.
const space = " \t\r\n"
