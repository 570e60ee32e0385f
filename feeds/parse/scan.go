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
	late  bool      // other text or elements stand before the root
	mends int       // end tags that were missing or misplaced
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
			s.declaration(tag)
			continue
		}
		if closing {
			if s.end(name, at, i); len(s.path) == 0 && isRoot(s.root) {
				s.copyTo(i)
				return s.scan, nil
			}
			continue
		}
		s.beginRoot(name, at)
		var err error
		if i, err = s.begin(tag, name, at, i); err != nil {
			return s.scan, err
		}
	}
	if s.open = isRoot(s.root); s.open {
		s.copyTo(len(doc))
	}
	if s.root == "rss" && len(s.path) == 1 && len(s.items) > 0 { // only its own end tag is missing
		s.lean, s.open = append(s.lean, s.closers()...), false
		s.mends++
	}
	return s.scan, nil
}

// isRoot reports whether feeds or sitemaps begin with an element of this name.
func isRoot(name string) bool {
	switch name {
	case "rss", "rdf", "feed", rss11, urlset, sitemapIndex:
		return true
	}
	return false
}

// beginRoot notes the element that begins at doc[at] if it is the root. Elements that end before a
// feed begins, as those of a script or a notice of PHP, are no root, nor is an rss element's parent.
func (s *scanner) beginRoot(name []byte, at int) {
	root := strings.ToLower(local(string(name)))
	switch {
	case s.root == "":
		s.late = s.doc[0] != '<'
	case isRoot(s.root), !isRoot(root), len(s.path) > 0 && root != "rss":
		return
	default:
		s.late = true
	}
	s.scan = scan{root: root, late: s.late}
	s.copied, s.path = at, nil
}

// declaration handles a tag without a name. An XML declaration begins the document, whatever stands
// before it; in a page it may belong to a picture.
func (s *scanner) declaration(tag []byte) {
	switch {
	case s.root == "" && len(tag) > 8 && strings.EqualFold(string(tag[:8]), "!doctype") &&
		strings.EqualFold(strings.TrimSpace(string(tag[8:])), "html"):
		s.root = "html"
	case bytes.HasPrefix(tag, []byte("?xml ")) && !isRoot(s.root) && s.root != "html":
		s.path = nil
	}
}

// copyTo appends doc to lean up to an offset.
func (s *scanner) copyTo(end int) {
	s.lean = append(s.lean, s.doc[s.copied:end]...)
	s.copied = end
}

// begin handles the start tag at doc[at:i] and returns where to read on.
func (s *scanner) begin(tag, name []byte, at, i int) (int, error) {
	s.endUnended(name, at)
	e := element{name: name, base: s.innerBase()}
	if from, to := attributeAt(tag, "xml:base"); to > 0 {
		e.base = s.rebase(at+1+from, at+1+to)
	}
	empty := tag[len(tag)-1] == '/'
	if !empty && isVoid(name) && (s.itemPlace() || s.inItem() || !isRoot(s.root)) {
		s.edit(i-1, i-1, "/")
		empty = true
	}
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
	switch {
	case len(s.path) < maxDepth:
		s.path = append(s.path, e)
	case isRoot(s.root):
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

// end handles the end tag at doc[at:i]: it closes the innermost element with its name and all
// within. If there is none, the tag is left out between elements, and taken for a slip within text,
// or for half of the name where the document breaks off.
func (s *scanner) end(name []byte, at, i int) {
	top := len(s.path) - 1
	k := top
	for k >= 0 && !bytes.EqualFold(s.path[k].name, name) {
		k--
	}
	if k < 0 {
		s.mends++
		between := top < 1 || s.inItem() || bytes.EqualFold(s.path[top].name, []byte(rss11))
		if top < 0 || isVoid(name) || between && i < len(s.doc) {
			s.edit(at, i, "")
			s.apply()
			return
		}
		k = top
	}
	s.unwind(k+1, at) // gofeed does the same
	opened := s.path[k].name
	s.path = s.path[:k]
	if s.rewrite(nil, opened, at, i, true); !bytes.Equal(opened, name) {
		s.edits = append(s.edits[:0], edit{at + 2, at + 2 + len(name), string(opened)})
	}
	s.apply()
	if isItem(opened) && s.itemPlace() && s.item.to < 0 {
		s.endItem(i)
	}
}

// unwind closes all but n of the open elements: their end tags are missing before doc[at].
func (s *scanner) unwind(n, at int) {
	for len(s.path) > n {
		name := s.path[len(s.path)-1].name
		s.path = s.path[:len(s.path)-1]
		s.mends++
		if isItem(name) && s.itemPlace() && s.item.to < 0 {
			s.endItem(at)
		}
	}
}

// leaves are elements of items and channels that hold no other of them, and no item.
var leaves = []string{"title", "link", "description", "guid", "pubdate", "category", "comments", "enclosure", "id",
	"updated", "published", "summary", "content", "content:encoded", "dc:creator", "dc:date"}

func isLeaf(name []byte) bool { return slices.Contains(leaves, strings.ToLower(string(name))) }

// endUnended ends a leaf and an item without end tags before the element that begins at doc[at].
func (s *scanner) endUnended(name []byte, at int) {
	item, top := isItem(name), len(s.path)-1
	if top < 1 || !item && s.inItem() {
		return
	}
	if isLeaf(s.path[top].name) && (item || isLeaf(name)) {
		s.endTop(at)
	}
	if item && s.inItem() && bytes.EqualFold(s.path[len(s.path)-1].name, name) {
		s.endTop(at)
	}
}

// endTop puts the end tag of the innermost element before doc[at].
func (s *scanner) endTop(at int) {
	top := len(s.path) - 1
	s.copyTo(at)
	s.lean = append(s.lean, "</"+string(s.path[top].name)+">"...)
	s.unwind(top, at)
}

// isVoid reports whether elements of HTML with this name have no end tag.
func isVoid(name []byte) bool {
	return len(name) < 4 && slices.Contains([]string{"br", "hr", "img"}, strings.ToLower(string(name)))
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
