package parse

import (
	"bytes"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/nashra/nashra/feeds"
)

var closesRoot = regexp.MustCompile(`(?i)</(?:[a-z][\w.-]*:)?(?:rss|rdf|feed|channel)\s*>`)

// Damage is what is wrong with the bytes of a document that Feed could read nonetheless. ends: it is XML and stops before its root
// element does, so that entries may be missing. note says for people what was done about the rest; empty: nothing is wrong.
func Damage(doc feeds.Document) (ends bool, note string) {
	body := bytes.TrimSpace(doc.Body)
	if utf16(doc.Body) != nil || len(body) == 0 {
		return false, ""
	}
	if body[0] != '{' {
		ends = !closesRoot.Match(body[lastEntry(body):])
	}
	if n := bytes.Count(body, []byte{0}); n > 0 {
		note = fmt.Sprintf("the document holds %d NUL characters: they were left out", n)
	}
	if !utf8.Valid(body) {
		mark := []byte("\uFFFD")
		if n := bytes.Count(decode(doc.Body, doc.ContentType), mark) - bytes.Count(body, mark); n > 0 {
			if note != "" {
				note += "; "
			}
			note += fmt.Sprintf("the document is not valid UTF-8 in %d places: they were replaced by \uFFFD", n)
		}
	}
	return ends, note
}

// lastEntry is where the end tag of an XML document's last entry begins; 0: there is none. From the end, and no further: of the two names a
// document has one, and to look for each alone is to look through all of it for the other.
func lastEntry(body []byte) int {
	for i := len(body); ; {
		if i = bytes.LastIndex(body[:i], []byte("</")); i < 0 {
			return 0
		}
		if bytes.HasPrefix(body[i:], []byte("</item")) || bytes.HasPrefix(body[i:], []byte("</entry")) {
			return i
		}
	}
}
