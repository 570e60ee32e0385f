package parse

import (
	"bytes"
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

// decode is body as printable UTF-8 without a byte order mark. What is valid UTF-8 is taken for that, whatever the header
// (RFC 7303 3) or the XML declaration say: no other encoding in use looks like it by chance. Else what they name counts, and
// windows-1256 where they name nothing, or UTF-8 for bytes that are plainly not.
func decode(body []byte, contentType string) []byte {
	if enc := utf16(body); enc != nil {
		if out, err := enc.NewDecoder().Bytes(body); err == nil {
			return printable(out)
		}
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if utf8.Valid(body) {
		return printable(body)
	}
	if enc := named(body, contentType); enc != nil {
		if out, err := enc.NewDecoder().Bytes(body); err == nil {
			return printable(out)
		}
	}
	return printable(bytes.ToValidUTF8(body, []byte("\uFFFD")))
}

// utf16 tells UTF-16 by its byte order mark, or by the zero beside the first bracket; nil: it is none.
func utf16(body []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("<\x00")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(body, []byte("\xfe\xff")), bytes.HasPrefix(body, []byte("\x00<")):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return nil
}

// named is the encoding of body, which is not valid UTF-8, by header or XML declaration; nil: damaged UTF-8.
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

// aliases are names in use that neither list has.
var aliases = map[string]string{"mac": "macintosh", "macroman": "macintosh", "maccyrillic": "x-mac-cyrillic", "mac-cyrillic": "x-mac-cyrillic", "ms-cyrl": "windows-1251",
	"ms-arab": "windows-1256", "win-1256": "windows-1256", "windows1256": "windows-1256", "arabic-windows": "windows-1256"}

// encodingOf is the encoding with a name, as browsers know it or as registered with IANA; nil: none is known, or it is Unicode.
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

// printable is valid UTF-8 without the characters that XML forbids (XML 1.0, 2.2), and with those in place of its C1 controls that
// windows-1252 has at their places, from where they nearly always came.
func printable(body []byte) []byte {
	if !doubtful(body) {
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

// doubtful says whether body has a control character, or what may be one or none at all by its first byte.
func doubtful(body []byte) bool {
	for i, c := range body {
		if !suspect[c] {
			continue
		}
		if c < ' ' || c == 0xC2 && i+1 < len(body) && body[i+1] < 0xA0 || c == 0xEF && i+2 < len(body) && body[i+1] == 0xBF && body[i+2] >= 0xBE {
			return true
		}
	}
	return false
}

// suspect are the bytes that begin what printable takes out: one look a byte is three times as fast as the comparisons.
var suspect = func() (t [256]bool) {
	for c := range byte(' ') {
		t[c] = c != '\t' && c != '\n' && c != '\r'
	}
	t[0xC2], t[0xEF] = true, true
	return t
}()
