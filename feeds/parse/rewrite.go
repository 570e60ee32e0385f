package parse

import (
	"bytes"
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// What the library does not know by its name, or keeps one of where there are several, it gets under a name that it knows.

// edit puts text in place of doc[from:to].
type edit struct {
	from, to int
	text     string
}

// edit notes that text is to stand in place of doc[from:to].
func (s *scanner) edit(from, to int, text string) { s.edits = append(s.edits, edit{from, to, text}) }

// apply makes the edits of a tag.
func (s *scanner) apply() {
	if len(s.edits) > 1 {
		slices.SortFunc(s.edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	}
	for _, e := range s.edits {
		if e.from >= s.from { // not within another
			s.copy(e.from)
			s.lean = append(s.lean, e.text...)
			s.from = e.to
		}
	}
	s.edits = s.edits[:0]
}

// rss11 is the root element of RSS 1.1, which the library does not know: it gets it as RSS 2.0, whose elements have the same names
// in another order.
const rss11 = "channel"

// rewrite gives other names to the element whose start or end tag stands at doc[at:i].
func (s *scanner) rewrite(tag, name []byte, at, i int, closing bool) {
	here := at + 1 // where its name stands
	if closing {
		here++
	}
	switch {
	case s.root == rss11 && s.depth == 0 && closing:
		s.edit(at, i, "</channel></rss>")
	case s.root == rss11 && s.depth == 0:
		s.edit(here, here+len(name), "rss")
		s.edit(i, i, "<channel>")
	case s.root == rss11 && s.depth == 1 && string(name) == "items":
		s.edit(at, i, "")
	case s.root == "feed" && s.depth == 0 && !closing:
		s.rename(tag, name, at)
	case s.root != "feed" && string(name) == "author" && s.inItem(): // it keeps one author, and all creators
		s.edit(here, here+len(name), "dc:creator")
	case s.root == "feed" && string(name) == "created" && s.inItem(): // of Atom 0.3
		s.edit(here, here+len(name), "dcterms:created")
	}
}

// rename gives Atom's own namespace to a root element that has a draft's or somebody's else: its elements have the same names.
func (s *scanner) rename(tag, name []byte, at int) {
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

// rebase reads the xml:base at doc[from:to], and writes the folder that it names in its place: the library takes every base for a
// folder (RFC 3986, 5.2.3: what follows its last slash does not count).
func (s *scanner) rebase(from, to int, base *url.URL) *url.URL {
	within := s.within()
	u, err := url.Parse(strings.TrimSpace(unescape(string(s.doc[from:to]))))
	if err != nil {
		return within
	}
	if within == nil {
		within = base
	}
	if within != nil {
		u = within.ResolveReference(u)
	}
	folder := *u
	folder.RawQuery, folder.Fragment, folder.RawPath = "", "", ""
	folder.Path = folder.Path[:strings.LastIndexByte(folder.Path, '/')+1]
	s.edit(from, to, escapeAttr.Replace(folder.String()))
	return u
}

var escapeAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "'", "&#39;")

// attribute is the value of tag's attribute, as written; empty where it has none.
func attribute(tag []byte, name string) string {
	from, to := attributeAt(tag, name)
	return string(tag[from:to])
}

// attributeAt is where the value of tag's attribute stands; 0, 0 where it has none.
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
