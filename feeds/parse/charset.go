package parse

import (
	"bytes"
	"fmt"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
)

var declared = regexp.MustCompile(`^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']`)

// decode returns body as printable UTF-8 without a byte order mark, and a note for people on what it
// could not keep.
func decode(body []byte, contentType string) (text []byte, note string) {
	if enc := utf16(body); enc != nil {
		if out, err := enc.NewDecoder().Bytes(body); err == nil {
			return printable(out), ""
		}
	}
	var notes []string
	if n := bytes.Count(body, []byte{0}); n > 0 {
		notes = append(notes, fmt.Sprintf("the document holds %d NUL characters: they were left out", n))
	}
	text = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	// Valid UTF-8 is UTF-8 whatever the header (RFC 7303 3) or the XML declaration say: no other
	// encoding in use looks like it by chance.
	if !utf8.Valid(text) {
		mark := []byte("\uFFFD")
		had := bytes.Count(text, mark)
		text = transcode(text, contentType)
		if n := bytes.Count(text, mark) - had; n > 0 {
			notes = append(notes,
				fmt.Sprintf("the document is not valid UTF-8 in %d places: they were replaced by \uFFFD", n))
		}
	}
	return printable(text), strings.Join(notes, "; ")
}

// transcode returns body, which is not valid UTF-8, as UTF-8.
func transcode(body []byte, contentType string) []byte {
	if enc := named(body, contentType); enc != nil {
		if out, err := enc.NewDecoder().Bytes(body); err == nil {
			return out
		}
	}
	return bytes.ToValidUTF8(body, []byte("\uFFFD"))
}

// utf16 recognises UTF-16 by its byte order mark, or by the zero beside the first bracket; nil: it is
// something else.
func utf16(body []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("<\x00")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(body, []byte("\xfe\xff")), bytes.HasPrefix(body, []byte("\x00<")):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return nil
}

// named returns the encoding of body, which is not valid UTF-8, by header or XML declaration, else
// windows-1256; nil: damaged UTF-8 is likelier.
func named(body []byte, contentType string) encoding.Encoding {
	var names []string
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		names = append(names, params["charset"])
	}
	if m := declared.FindSubmatch(body); m != nil {
		names = append(names, string(m[1]))
	}
	for _, name := range names {
		if enc := encodingOf(name); enc != nil {
			return enc
		}
	}
	if letters, bad := census(body); bad > letters {
		return charmap.Windows1256
	}
	return nil
}

// aliases are names in use that neither WHATWG's nor IANA's list has.
var aliases = map[string]string{
	"mac": "macintosh", "macroman": "macintosh", "maccyrillic": "x-mac-cyrillic", "mac-cyrillic": "x-mac-cyrillic",
	"ms-cyrl": "windows-1251",
	"ms-arab": "windows-1256", "win-1256": "windows-1256", "windows1256": "windows-1256",
	"arabic-windows": "windows-1256",
}

// encodingOf returns the encoding with a name, as browsers or IANA know it; nil: unknown, or Unicode.
func encodingOf(name string) encoding.Encoding {
	name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	if other, ok := aliases[name]; ok {
		name = other
	}
	if enc, label := charset.Lookup(name); enc != nil {
		if strings.HasPrefix(label, "utf-") {
			return nil
		}
		return enc
	}
	for _, n := range [...]string{name, "ibm" + strings.TrimLeft(name, "cspibm-")} {
		if enc, err := ianaindex.IANA.Encoding(n); err == nil && enc != nil {
			return enc
		}
	}
	return nil
}

// census counts the letters beyond ASCII that are valid UTF-8, and the bytes that are not.
func census(body []byte) (letters, bad int) {
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			letters++
		}
		body = body[n:]
	}
	return letters, bad
}

// printable returns valid UTF-8 without the characters that XML forbids (XML 1.0, 2.2). C1 controls
// become what windows-1252 has in their places: nearly always they came from there.
func printable(body []byte) []byte {
	if !unprintable(body) {
		return body
	}
	return bytes.Map(func(r rune) rune {
		switch {
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF:
			return -1
		case r >= 0x80 && r < 0xA0:
			if c := charmap.Windows1252.DecodeByte(byte(r)); c != utf8.RuneError {
				return c
			}
		}
		return r
	}, body)
}

// unprintable reports whether printable would change valid UTF-8: bytes.Map copies every document.
func unprintable(body []byte) bool {
	for i, c := range body {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0xC2 && body[i+1] < 0xA0 ||
			c == 0xEF && body[i+1] == 0xBF && body[i+2] >= 0xBE {
			return true
		}
	}
	return false
}
