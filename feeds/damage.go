package feeds

import (
	"bytes"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/nashra/nashra/feeds/sanitize"
)

var closesRoot = regexp.MustCompile(`(?i)</(?:[a-z][\w.-]*:)?(?:rss|rdf|feed|channel)\s*>`)

// Damage is what is wrong with the bytes of a document that Parse could read nonetheless. ends: it is XML and stops before its root
// element does, so that entries may be missing. note says for people what was done about the rest; empty: nothing is wrong.
func Damage(doc Document) (ends bool, note string) {
	body := bytes.TrimSpace(doc.Body)
	if utf16(doc.Body) != nil || len(body) == 0 {
		return false, ""
	}
	if body[0] != '{' {
		ends = !closesRoot.Match(body[max(bytes.LastIndex(body, []byte("</item")), bytes.LastIndex(body, []byte("</entry")), 0):])
	}
	if sanitize.Plain(body) {
		return ends, ""
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
