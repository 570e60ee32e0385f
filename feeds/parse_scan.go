package feeds

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// maxDepth is the deepest nesting of a feed that is read: the parser behind is recursive, its stack is not endless, and no feed
// in use nests beyond a few dozen levels.
const maxDepth = 256

// scan is what a pass over a document's brackets tells.
type scan struct {
	root  string // local name of the root element, lower case; empty: there is none
	start int    // where it begins
	ends  []int  // where its items end
	tail  string // what closes the elements that are open there
	open  bool   // the document ends before its root does
}

// scanXML reads doc's tags, without comments, CDATA, processing instructions and declarations. An error: nested too deep.
func scanXML(doc []byte) (s scan, err error) {
	var path []string // names of the open elements, the outer three
	depth := 0
	for i := 0; ; {
		j := bytes.IndexByte(doc[i:], '<')
		if j < 0 {
			break
		}
		i += j
		end := skipTag(doc, i)
		if end < 0 {
			break
		}
		at := i
		i = end
		if doc[end-1] != '>' { // the bracket was none
			continue
		}
		tag := doc[at+1 : end-1]
		if len(tag) == 0 || tag[0] == '!' || tag[0] == '?' {
			continue
		}
		closing := tag[0] == '/'
		if closing {
			tag = tag[1:]
		}
		name := tagName(tag)
		if name == "" {
			continue
		}
		switch {
		case closing:
			depth--
			if depth < len(path) && depth >= 0 {
				path = path[:depth]
			}
			if l := local(name); (l == "item" || l == "entry") && (depth == 1 || depth == 2) && len(path) == depth {
				s.ends, s.tail = append(s.ends, i), closers(path)
			}
			if depth <= 0 && s.root != "" {
				return s, nil
			}
		default:
			if s.root == "" {
				s.root, s.start = strings.ToLower(local(name)), at
			}
			if tag[len(tag)-1] == '/' {
				continue
			}
			if depth++; depth > maxDepth {
				return s, fmt.Errorf("elements nested deeper than %d", maxDepth)
			}
			if len(path) == depth-1 && depth <= 3 {
				path = append(path, name)
			}
		}
	}
	s.open = s.root != ""
	return s, nil
}

// upTo counts the items that end at offset or before.
func (s scan) upTo(offset int) int {
	n, _ := slices.BinarySearch(s.ends, offset+1)
	return n
}

// skipTag is the end of what begins with the bracket at i; -1: it has none.
func skipTag(doc []byte, i int) int {
	rest := doc[i:]
	for _, p := range [...]struct{ begin, end string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}} {
		if len(rest) > 1 && (rest[1] == '!' || rest[1] == '?') && bytes.HasPrefix(rest, []byte(p.begin)) {
			n := bytes.Index(rest[len(p.begin):], []byte(p.end))
			if n < 0 {
				return -1
			}
			return i + len(p.begin) + n + len(p.end)
		}
	}
	if bytes.HasPrefix(rest, []byte("<!")) {
		// At the first >, even within quotes: never after the place where the parser's view of a declaration ends.
		n := bytes.IndexByte(rest, '>')
		if n < 0 {
			return -1
		}
		return i + n + 1
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

func tagName(tag []byte) string {
	n := bytes.IndexAny(tag, " \t\r\n/>")
	if n < 0 {
		n = len(tag)
	}
	if n == 0 || !startsName(tag[0]) {
		return ""
	}
	return string(tag[:n])
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

func closers(path []string) string {
	var b strings.Builder
	for i := len(path) - 1; i >= 0; i-- {
		b.WriteString("</" + path[i] + ">")
	}
	return b.String()
}
