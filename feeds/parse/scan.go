package parse

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"sort"
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
	items []span    // in the order of the document
	tail  string    // what closes the elements that are open after an item
	open  bool      // the document ends before its root does
}

// span is where an item stands in lean, and what its start tag says.
type span struct {
	from, to int
	base     *url.URL // xml:base in force; nil: none
	about    string   // rdf:about: what RSS 1.0 knows it by
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
	item  span      // the one that is open; to -1
	edits []edit    // of the tag that is read
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
	e := element{base: s.within(), name: string(name)}
	if from, to := attributeAt(tag, "xml:base"); to > 0 {
		e.base = s.rebase(at+1+from, at+1+to, base)
	}
	empty := tag[len(tag)-1] == '/'
	if known && isItem(name) && (s.depth == 1 || s.depth == 2) {
		s.copy(at)
		s.item = span{from: len(s.lean), to: -1, base: e.base}
		if s.root == "rdf" {
			s.item.about = unescape(attribute(tag, "rdf:about"))
		}
		if empty {
			s.endItem(i)
		}
	}
	if empty {
		s.apply()
		return i, nil
	}
	s.rewrite(tag, name, at, i, false)
	if s.carry && (s.inItem() || known && s.depth == 1 && s.root == "feed" && string(name) == "title") {
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
		s.path = append(s.path, e)
	}
	s.apply()
	return i, nil
}

// within is the base in force in the innermost known element; nil: none.
func (s *scanner) within() *url.URL {
	if len(s.path) == 0 {
		return nil
	}
	return s.path[len(s.path)-1].base
}

// inItem says whether what begins or ended here stands in an item.
func (s *scanner) inItem() bool {
	return s.depth >= 2 && len(s.path) == s.depth && isItem([]byte(s.path[s.depth-1].name))
}

// end takes in an end tag, which stands at doc[at:i].
func (s *scanner) end(name []byte, at, i int) {
	s.depth = max(0, s.depth-1) // an end without a beginning is none
	s.path = s.path[:min(len(s.path), s.depth)]
	s.rewrite(nil, name, at, i, true)
	s.apply()
	if isItem(name) && (s.depth == 1 || s.depth == 2) && len(s.path) == s.depth && s.item.to < 0 {
		s.endItem(i)
	}
}

// endItem notes that the open item ends before doc[i].
func (s *scanner) endItem(i int) {
	s.copy(i)
	s.item.to = len(s.lean)
	s.items, s.tail = append(s.items, s.item), s.closers()
}

// without takes the n-th item out.
func (s *scan) without(n int) {
	length := s.items[n].to - s.items[n].from
	s.lean = slices.Delete(s.lean, s.items[n].from, s.items[n].to)
	s.items = slices.Delete(s.items, n, n+1)
	for i := n; i < len(s.items); i++ {
		s.items[i].from -= length
		s.items[i].to -= length
	}
}

// upTo counts the items that end at offset of lean or before.
func (s scan) upTo(offset int) int {
	return sort.Search(len(s.items), func(i int) bool { return s.items[i].to > offset })
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
