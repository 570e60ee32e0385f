package sanitize

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// nested is the tree of s, as the parser would make it, where s is plainly written: allowed elements and scripts only, no tables,
// each closed by its own end tag and where the rules of nesting let it stand, attributes in double quotes. Nil: the parser has to look. Most texts
// are written so, and are read in a fifth of the parser's time; the fuzzer holds the two against each other.
func nested(s string) *html.Node {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	r := reader{s: s}
	if !r.children(body, nest{}) || body.FirstChild == nil {
		return nil
	}
	return body
}

// reader reads the rest of a text. Its nodes and attributes are allocated several at a time.
type reader struct {
	s     string
	nodes []html.Node
	attrs []html.Attribute
}

func (r *reader) add(parent *html.Node, n html.Node) *html.Node {
	if len(r.nodes) == 0 {
		r.nodes = make([]html.Node, 16) // a text of the farm has 30
	}
	added := &r.nodes[0]
	r.nodes = r.nodes[1:]
	*added = n
	parent.AppendChild(added)
	return added
}

// children reads what stands in n, and its end tag; body has none. False: not all of it is plain.
func (r *reader) children(n *html.Node, in nest) bool {
	for r.s != "" {
		if end := strings.IndexByte(r.s, '<'); end != 0 {
			if end < 0 {
				end = len(r.s)
			}
			r.add(n, html.Node{Type: html.TextNode, Data: unescape(r.s[:end])})
			r.s = r.s[end:]
			continue
		}
		if closing, ok := strings.CutPrefix(r.s, "</"); ok {
			rest, ok := strings.CutPrefix(closing, n.Data)
			ok = ok && strings.HasPrefix(rest, ">") && n.DataAtom != atom.Body
			r.s = strings.TrimPrefix(rest, ">")
			return ok
		}
		child, ok := r.tag(n)
		if !ok {
			return false
		}
		below, ok := in.into(n, child)
		if !ok || below.depth > maxDepth {
			return false
		}
		switch {
		case void(child):
		case child.DataAtom == atom.Script:
			ok = r.script(child)
		default:
			ok = r.children(child, below)
		}
		if !ok {
			return false
		}
	}
	return n.DataAtom == atom.Body
}

// script reads what stands in n, and its end tag.
func (r *reader) script(n *html.Node) bool {
	code, rest, ok := strings.Cut(r.s, "</script>")
	if code != "" {
		r.add(n, html.Node{Type: html.TextNode, Data: code})
	}
	r.s = rest
	return ok && strings.IndexByte(code, '<') < 0
}

func void(n *html.Node) bool {
	return n.DataAtom == atom.Br || n.DataAtom == atom.Hr || n.DataAtom == atom.Img
}

// tag reads a start tag, and puts its element into parent.
func (r *reader) tag(parent *html.Node) (*html.Node, bool) {
	end := 1
	for end < len(r.s) && (r.s[end] >= 'a' && r.s[end] <= 'z' || r.s[end] >= '0' && r.s[end] <= '9') {
		end++
	}
	name := atom.Lookup([]byte(r.s[1:end]))
	if _, ok := allowed[name]; !ok && name != atom.Script || name == atom.Table || name == atom.Pre {
		return nil, false
	}
	n := r.add(parent, html.Node{Type: html.ElementNode, Data: name.String(), DataAtom: name})
	from := len(r.attrs)
	for r.s = r.s[end:]; ; {
		rest := strings.TrimLeft(r.s, " \t\n")
		switch {
		case strings.HasPrefix(rest, ">"), strings.HasPrefix(rest, "/>") && void(n):
			r.s = rest[strings.IndexByte(rest, '>')+1:]
			n.Attr = r.attrs[from:len(r.attrs):len(r.attrs)]
			switch name {
			case atom.A, atom.B, atom.Code, atom.Em, atom.I, atom.S, atom.Small, atom.Strong, atom.U: // as the parser does, with these alone
				slices.SortFunc(n.Attr, func(a, b html.Attribute) int { return strings.Compare(a.Key, b.Key) })
			}
			return n, true
		case len(rest) == len(r.s):
			return nil, false
		}
		if rest, ok := r.attribute(rest, r.attrs[from:]); ok {
			r.s = rest
			continue
		}
		return nil, false
	}
}

// attribute reads the one that s begins with, of an element that has others, and gives what follows.
func (r *reader) attribute(s string, others []html.Attribute) (rest string, ok bool) {
	key, rest, ok := strings.Cut(s, `="`)
	if !ok || key == "" || strings.ContainsFunc(key, func(r rune) bool { return (r < 'a' || r > 'z') && r != '-' }) {
		return "", false
	}
	val, rest, ok := strings.Cut(rest, `"`)
	if !ok || strings.Count(val, "&") != strings.Count(val, "&amp;") ||
		slices.ContainsFunc(others, func(a html.Attribute) bool { return a.Key == key }) {
		return "", false
	}
	r.attrs = append(r.attrs, html.Attribute{Key: key, Val: strings.ReplaceAll(val, "&amp;", "&")})
	return rest, true
}

// unescape is html.UnescapeString(s), which looks at a text byte by byte, asked of the character references alone.
func unescape(s string) string {
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; i >= 0; i = strings.IndexByte(s, '&') {
		b.WriteString(s[:i])
		s = s[i:]
		end := 1
		for end < len(s) && (s[end] == '#' || s[end] >= '0' && s[end] <= '9' || s[end] >= 'a' && s[end] <= 'z' || s[end] >= 'A' && s[end] <= 'Z') {
			end++
		}
		if end < len(s) && s[end] == ';' {
			end++
		}
		if s[:end] == "&nbsp;" { // nine of ten
			b.WriteString("\u00a0")
		} else {
			b.WriteString(html.UnescapeString(s[:end]))
		}
		s = s[end:]
	}
	b.WriteString(s)
	return b.String()
}
