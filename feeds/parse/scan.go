package parse

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// maxDepth is the deepest nesting that is accepted: gofeed is recursive, its stack is finite, and
// feeds in use nest a few dozen levels.
const maxDepth = 256

// scan is an XML document prepared for gofeed, and what one pass over its tags found.
type scan struct {
	root  string    // local name of the root element, lower case; empty: there is none
	lean  []byte    // the document from its root on, with placeholders for the texts of items
	texts []passage // what the placeholders stand for
	items []span    // in document order
	tail  string    // closes the elements that are open after an item
	open  bool      // the document ends before its root does
}

// span is where an item stands in lean, and what its start tag says.
type span struct {
	from, to int      // to is -1 while the item is open
	base     *url.URL // xml:base in force; nil: none
	about    string   // rdf:about, which identifies an item of RSS 1.0
}

// element is an open element.
type element struct {
	name []byte
	base *url.URL // xml:base in force within it; nil: none
}

// scanner makes a scan of doc.
type scanner struct {
	scan
	doc    []byte
	base   *url.URL  // of the document; may be nil
	copied int       // doc is copied to lean up to here
	path   []element // the open elements, root first
	item   span      // the item that began last
	edits  []edit    // of the current tag
	lift   bool      // texts of items are lifted out
}

// scanXML reads the tags of doc, whose links start at base, which may be nil. Comments, CDATA
// sections, processing instructions and declarations are skipped. It fails on too deep nesting only.
func scanXML(doc []byte, base *url.URL) (scan, error) {
	s := scanner{doc: doc, base: base, lift: true}
	for i := 0; ; {
		j := bytes.IndexByte(doc[i:], '<')
		if j < 0 {
			break
		}
		at := i + j
		if i = skipTag(doc, at); i < 0 {
			break
		}
		if doc[i-1] != '>' { // a bare bracket
			continue
		}
		tag := doc[at+1 : i-1]
		closing := len(tag) > 0 && tag[0] == '/'
		if closing {
			tag = tag[1:]
		}
		name := tagName(tag)
		if len(name) == 0 { // a comment or the like
			continue
		}
		if closing {
			if s.end(name, at, i); len(s.path) == 0 && s.root != "" {
				s.copyTo(i)
				return s.scan, nil
			}
			continue
		}
		if s.root == "" {
			s.root, s.copied = strings.ToLower(local(string(name))), at
		}
		var err error
		if i, err = s.begin(tag, name, at, i); err != nil {
			return s.scan, err
		}
	}
	if s.open = s.root != ""; s.open {
		s.copyTo(len(doc))
	}
	return s.scan, nil
}

// copyTo appends doc to lean up to an offset.
func (s *scanner) copyTo(end int) {
	s.lean = append(s.lean, s.doc[s.copied:end]...)
	s.copied = end
}

// begin handles the start tag at doc[at:i] and returns where to read on.
func (s *scanner) begin(tag, name []byte, at, i int) (int, error) {
	e := element{name: name, base: s.innerBase()}
	if from, to := attributeAt(tag, "xml:base"); to > 0 {
		e.base = s.rebase(at+1+from, at+1+to)
	}
	empty := tag[len(tag)-1] == '/'
	if s.itemPlace() && isItem(name) {
		s.copyTo(at)
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
	if s.lift && (s.inItem() || len(s.path) == 1 && s.root == "feed" && string(name) == "title") {
		if kind, ok := textKind(tag, name, s.root == "feed"); ok {
			end := innerEnd(s.doc, i, name)
			if s.lift = end >= 0; end > i {
				s.liftText(i, end, e.base, kind)
				i = end
			}
		}
	}
	if s.path = append(s.path, e); len(s.path) > maxDepth {
		return i, fmt.Errorf("elements nested deeper than %d", maxDepth)
	}
	s.apply()
	return i, nil
}

// innerBase returns the xml:base in force in the innermost open element; nil: none.
func (s *scanner) innerBase() *url.URL {
	if len(s.path) == 0 {
		return nil
	}
	return s.path[len(s.path)-1].base
}

// itemPlace reports whether items may begin or end here: in the root, or in an element of the root.
func (s *scanner) itemPlace() bool { return len(s.path) == 1 || len(s.path) == 2 }

// inItem reports whether the innermost open element is an item.
func (s *scanner) inItem() bool {
	n := len(s.path)
	return (n == 2 || n == 3) && isItem(s.path[n-1].name)
}

// end handles the end tag at doc[at:i]. It closes the innermost element, whatever its name is.
func (s *scanner) end(name []byte, at, i int) {
	s.path = s.path[:max(0, len(s.path)-1)]
	s.rewrite(nil, name, at, i, true)
	s.apply()
	if isItem(name) && s.itemPlace() && s.item.to < 0 {
		s.endItem(i)
	}
}

// endItem notes that the open item ends before doc[i].
func (s *scanner) endItem(i int) {
	s.copyTo(i)
	s.item.to = len(s.lean)
	s.items, s.tail = append(s.items, s.item), s.closers()
}

// isItem reports whether an element with this name is an item.
func isItem(name []byte) bool {
	if _, l, ok := bytes.Cut(name, []byte(":")); ok {
		name = l
	}
	return bytes.EqualFold(name, []byte("item")) || bytes.EqualFold(name, []byte("entry"))
}

// skipTag returns the end of what begins with the bracket at doc[i]; -1: it has none.
func skipTag(doc []byte, i int) int {
	rest := doc[i:]
	// A declaration ends at its first >, even within quotes: never after the place where gofeed
	// ends it.
	for _, p := range [...][2]string{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}} {
		if inner, ok := bytes.CutPrefix(rest, []byte(p[0])); ok {
			n := bytes.Index(inner, []byte(p[1]))
			if n < 0 {
				return -1
			}
			return i + len(p[0]) + n + len(p[1])
		}
	}
	var quote byte
	for j := i + 1; j < len(doc); j++ {
		switch c := doc[j]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && doc[j-1] == '=': // elsewhere a quote is text, or a mistake
			quote = c
		case c == '>':
			return j + 1
		case c == '<': // the bracket at i begins no tag
			return j
		}
	}
	return -1
}

// tagName returns the name that tag begins with; empty: it has none.
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

// startsName reports whether an XML name may begin with c.
func startsName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || c >= 0x80
}

// local returns name without its prefix.
func local(name string) string {
	if _, l, ok := strings.Cut(name, ":"); ok {
		return l
	}
	return name
}

// closers returns the end tags of the open elements, under the names that gofeed sees.
func (s *scanner) closers() string {
	if s.root == rss11 {
		return "</channel></rss>"
	}
	var b strings.Builder
	for _, e := range slices.Backward(s.path) {
		b.WriteString("</" + string(e.name) + ">")
	}
	return b.String()
}
