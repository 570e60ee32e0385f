package feeds

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// maxDepth is the deepest nesting of a feed that is read: the parser behind is recursive, its stack is not endless, and no feed
// in use nests beyond a few dozen levels.
const maxDepth = 256

// scan is an XML document as the library gets it, and what a pass over its brackets tells.
type scan struct {
	root  string    // local name of the root element, lower case; empty: there is none
	lean  []byte    // the document from there on, with marks in place of its items' texts
	mark  string    // begins and ends what stands for a text; empty: the texts are in lean
	texts []passage // what the marks stand for
	heads []head    // of items, in the order of the document
	ends  []int     // where items end in lean
	tail  string    // what closes the elements that are open there
	open  bool      // the document ends before its root does
}

// head is what an item's start tag says.
type head struct {
	base  *url.URL // xml:base in force; nil: none
	about string   // rdf:about: what RSS 1.0 knows it by
}

// element is one that is open.
type element struct {
	name string
	base *url.URL // xml:base in force within it; nil: none
}

// scanner makes a scan of doc.
type scanner struct {
	scan
	doc   []byte
	from  int       // doc is copied up to here
	path  []element // the open ones, the outer four
	depth int
	carry bool
}

// scanXML reads doc's tags, without comments, CDATA, processing instructions and declarations. Links start at base, which may be
// nil. An error: nested too deep.
func scanXML(doc []byte, base *url.URL) (scan, error) {
	s := scanner{doc: doc}
	s.mark = chooseMark(doc)
	s.carry = s.mark != ""
	for i := 0; ; {
		j := bytes.IndexByte(doc[i:], '<')
		if j < 0 {
			break
		}
		at := i + j
		if i = skipTag(doc, at); i < 0 {
			break
		}
		if doc[i-1] != '>' { // the bracket was none
			continue
		}
		tag := doc[at+1 : i-1]
		if len(tag) == 0 || tag[0] == '!' || tag[0] == '?' {
			continue
		}
		closing := tag[0] == '/'
		if closing {
			tag = tag[1:]
		}
		name := tagName(tag)
		if len(name) == 0 {
			continue
		}
		if closing {
			if s.end(name, at, i); s.depth <= 0 && s.root != "" {
				s.copy(i)
				return s.scan, nil
			}
			continue
		}
		if s.root == "" {
			s.root, s.from = strings.ToLower(local(string(name))), at
		}
		var err error
		if i, err = s.begin(tag, name, at, i, base); err != nil {
			return s.scan, err
		}
	}
	s.open = s.root != ""
	if s.open {
		s.copy(len(doc))
	}
	return s.scan, nil
}

// copy appends doc to lean, up to the offset.
func (s *scanner) copy(upTo int) {
	if s.lean == nil {
		s.lean = make([]byte, 0, min(len(s.doc), 8<<10+len(s.doc)/4)) // most of a feed is its texts
	}
	s.lean = append(s.lean, s.doc[s.from:upTo]...)
	s.from = upTo
}

// begin takes in a start tag, which stands at doc[at:i]; it returns where to read on. Links start at base.
func (s *scanner) begin(tag, name []byte, at, i int, base *url.URL) (int, error) {
	s.path = s.path[:min(len(s.path), s.depth)]
	known := len(s.path) == s.depth // all that are open are in path
	var parent element
	if len(s.path) > 0 {
		parent = s.path[len(s.path)-1]
	}
	e := element{base: parent.base}
	if n := bytes.Index(tag, []byte("xml:base")); n >= 0 {
		e.base = s.rebase(at+1+n, i, parent.base, base)
	}
	if known && isItem(name) && (s.depth == 1 || s.depth == 2) {
		h := head{base: e.base}
		if s.root == "rdf" {
			h.about = unescape(attribute(tag, "rdf:about"))
		}
		s.heads = append(s.heads, h)
	}
	if tag[len(tag)-1] == '/' {
		return i, nil
	}
	switch {
	case s.root == rss11:
		s.begin11(name, at, i)
	case s.root == "feed" && s.depth == 0:
		s.rename(tag, name, at)
	}
	inItem := known && s.depth >= 2 && isItem([]byte(parent.name))
	if inItem {
		if other := s.other(name); other != "" {
			s.replace(at+1, name, other)
		}
	}
	if s.carry && (inItem || known && s.depth == 1 && s.root == "feed" && string(name) == "title") {
		if kind, ok := carries(tag, name); ok {
			end := innerEnd(s.doc, i, name)
			if s.carry = end >= 0; end > i {
				s.carryText(i, end, e.base, kind)
				i = end
			}
		}
	}
	if s.depth++; s.depth > maxDepth {
		return i, fmt.Errorf("elements nested deeper than %d", maxDepth)
	}
	if known && s.depth <= 4 {
		e.name = string(name)
		s.path = append(s.path, e)
	}
	return i, nil
}

// other is the name under which the library keeps what an item's element says; empty: its own. Of authors in RSS it keeps one,
// and all creators; it leaves out when an entry of Atom 0.3 was created, and keeps what is called so elsewhere.
func (s *scanner) other(name []byte) string {
	switch {
	case s.root != "feed" && string(name) == "author":
		return "dc:creator"
	case s.root == "feed" && string(name) == "created":
		return "dcterms:created"
	}
	return ""
}

// replace writes another name for the one that stands at doc[at:].
func (s *scanner) replace(at int, name []byte, other string) {
	s.copy(at)
	s.lean = append(s.lean, other...)
	s.from = at + len(name)
}

// rename gives Atom's own namespace to a root element that has a draft's or somebody's else: its elements have the same names.
func (s *scanner) rename(tag, name []byte, at int) {
	key := "xmlns"
	if prefix, _, ok := bytes.Cut(name, []byte(":")); ok {
		key += ":" + string(prefix)
	}
	space := attribute(tag, key)
	switch strings.TrimSpace(space) {
	case "", "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#":
		return
	}
	n := at + 1 + bytes.Index(tag, []byte(key+"=")) + len(key) + 2
	s.copy(n)
	s.lean = append(s.lean, "http://www.w3.org/2005/Atom"...)
	s.from = n + len(space)
}

// end takes in an end tag, which stands at doc[at:i].
func (s *scanner) end(name []byte, at, i int) {
	s.depth = max(0, s.depth-1) // an end without a beginning is none
	if s.depth < len(s.path) {
		s.path = s.path[:s.depth]
	}
	if s.root == rss11 {
		s.end11(name, at, i)
	}
	if s.depth >= 2 && len(s.path) == s.depth && isItem([]byte(s.path[s.depth-1].name)) {
		if other := s.other(name); other != "" {
			s.replace(at+2, name, other)
		}
	}
	if isItem(name) && (s.depth == 1 || s.depth == 2) && len(s.path) == s.depth {
		s.copy(i)
		s.ends, s.tail = append(s.ends, len(s.lean)), s.closers()
	}
}

// rss11 is the root element of RSS 1.1, which the library does not know: it gets it as RSS 2.0, whose elements have the same names
// in another order.
const rss11 = "channel"

func (s *scanner) begin11(name []byte, at, i int) {
	switch {
	case s.depth == 0:
		s.replace(at+1, name, "rss")
		s.copy(i)
		s.lean = append(s.lean, "<channel>"...)
	case s.depth == 1 && string(name) == "items":
		s.copy(at)
		s.from = i
	}
}

func (s *scanner) end11(name []byte, at, i int) {
	switch {
	case s.depth == 0:
		s.copy(at)
		s.lean = append(s.lean, "</channel></rss>"...)
		s.from = i
	case s.depth == 1 && string(name) == "items":
		s.copy(at)
		s.from = i
	}
}

// rebase reads the xml:base whose name stands at doc[n:], in a tag that ends before end, and writes the folder that it names in
// its place: the library takes every base for a folder (RFC 3986, 5.2.3: what follows its last slash does not count).
func (s *scanner) rebase(n, end int, within, base *url.URL) *url.URL {
	value := s.doc[n+len("xml:base") : end]
	q := bytes.IndexAny(value, `"'`)
	if q < 0 || strings.Trim(string(value[:q]), "= \t\r\n") != "" {
		return within
	}
	l := bytes.IndexByte(value[q+1:], value[q])
	if l < 0 {
		return within
	}
	u, err := url.Parse(strings.TrimSpace(unescape(string(value[q+1 : q+1+l]))))
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
	s.copy(n + len("xml:base") + q + 1)
	s.lean = append(s.lean, escapeAttr.Replace(folder.String())...)
	s.from += l
	return u
}

var escapeAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "'", "&#39;")

// upTo counts the items that end at offset of lean or before.
func (s scan) upTo(offset int) int {
	n, _ := slices.BinarySearch(s.ends, offset+1)
	return n
}

// isItem says whether name is what items are called.
func isItem(name []byte) bool {
	if _, l, ok := bytes.Cut(name, []byte(":")); ok {
		name = l
	}
	return len(name) == 4 && bytes.EqualFold(name, []byte("item")) || len(name) == 5 && bytes.EqualFold(name, []byte("entry"))
}

// skipTag is the end of what begins with the bracket at i; -1: it has none.
func skipTag(doc []byte, i int) int {
	rest := doc[i:]
	if len(rest) > 1 && (rest[1] == '!' || rest[1] == '?') {
		for _, p := range [...]struct{ begin, end string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}} {
			// A declaration ends at its first >, even within quotes: never after the place where the parser's view of it does.
			if bytes.HasPrefix(rest, []byte(p.begin)) {
				n := bytes.Index(rest[len(p.begin):], []byte(p.end))
				if n < 0 {
					return -1
				}
				return i + len(p.begin) + n + len(p.end)
			}
		}
	}
	var quote byte
	for j := i + 1; j < len(doc); j++ {
		switch c := doc[j]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && doc[j-1] == '=': // elsewhere it is text, or a mistake
			quote = c
		case c == '>':
			return j + 1
		case c == '<': // the bracket at i was none
			return j
		}
	}
	return -1
}

// tagName is the name that tag begins with; empty: it has none.
func tagName(tag []byte) []byte {
	n := bytes.IndexAny(tag, " \t\r\n/>")
	if n < 0 {
		n = len(tag)
	}
	if n == 0 || !startsName(tag[0]) {
		return nil
	}
	return tag[:n]
}

// startsName says whether c may begin a name of XML.
func startsName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || c >= 0x80
}

func local(name string) string {
	if _, l, ok := strings.Cut(name, ":"); ok {
		return l
	}
	return name
}

// closers are the end tags, as the library is to see them, of the open elements.
func (s *scanner) closers() string {
	if s.root == rss11 {
		return "</channel></rss>"
	}
	var b strings.Builder
	for _, e := range slices.Backward(s.path) {
		b.WriteString("</" + e.name + ">")
	}
	return b.String()
}
