package render

import (
	"io"
	"unicode/utf8"
)

// stead is what stands in the place of some of the characters of ASCII.
type stead [utf8.RuneSelf]string

// replace writes s into memory with what by has in the place of its characters.
func replace(w io.StringWriter, s string, by *stead) {
	from := 0
	for i := range len(s) {
		if c := s[i]; c < utf8.RuneSelf && by[c] != "" {
			_, _ = w.WriteString(s[from:i])
			_, _ = w.WriteString(by[c])
			from = i + 1
		}
	}
	_, _ = w.WriteString(s[from:])
}
