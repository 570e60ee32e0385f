package parse

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

var declared = regexp.MustCompile(`^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']`)

// brokenLetter replaces what is no letter in the encoding of a document. Titles drop it.
const brokenLetter = "\uFFFD"

// Text returns body, a document in any encoding, as printable UTF-8.
func Text(body []byte) []byte {
	text, _, _ := decode(body, "")
	return text
}

// decode returns body as printable UTF-8 without byte order marks, the name of its encoding (empty
// if all is ASCII), and notes for people on labels that were wrong and on what could not be kept.
func decode(body []byte, contentType string) (text []byte, name string, notes []string) {
	if enc, name := wide(body); enc != nil {
		if out, err := enc.NewDecoder().Bytes(body); err == nil {
			return printable(out), name, nil
		}
	}
	if n := bytes.Count(body, []byte{0}); n > 0 {
		notes = append(notes, fmt.Sprintf("the document holds %d NUL characters: they were left out", n))
	}
	text = bytes.TrimPrefix(body, []byte("\uFEFF"))
	// Valid UTF-8 is UTF-8 whatever the header (RFC 7303 3) or the XML declaration say: no other
	// encoding in use looks like it by chance. A few broken letters do not change that.
	name = "utf-8"
	if !utf8.Valid(text) {
		var guessed bool
		letters, bad := census(text)
		lost := bytes.Count(text, []byte(brokenLetter))
		if bad > letters {
			text, name, guessed = legacy(text, contentType)
		} else {
			text = bytes.ToValidUTF8(text, []byte(brokenLetter))
		}
		if guessed {
			notes = append(notes, "the document is not in the encoding that it names: it was read as "+name)
		}
		if lost = bytes.Count(text, []byte(brokenLetter)) - lost; lost > 0 {
			notes = append(notes, fmt.Sprintf("the document is not valid %s in %d places: they were replaced by %s",
				strings.ToUpper(name), lost, brokenLetter))
		}
	} else if !slices.ContainsFunc(text, func(c byte) bool { return c >= utf8.RuneSelf }) {
		name = "" // ASCII is the same in all
	}
	return printable(text), name, notes
}

// wide recognises UTF-16 and UTF-32 by their byte order mark, or by the zeros beside their first two
// characters, which are ASCII; nil: it is something else.
func wide(body []byte) (enc encoding.Encoding, name string) {
	var zeros int // bit n: byte n is zero
	for i, c := range body[:min(len(body), 4)] {
		if c == 0 {
			zeros |= 1 << i
		}
	}
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xfe\x00\x00")), zeros == 0b1110:
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), "utf-32"
	case bytes.HasPrefix(body, []byte("\x00\x00\xfe\xff")), zeros == 0b0111:
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM), "utf-32"
	case bytes.HasPrefix(body, []byte("\xff\xfe")), zeros == 0b1010:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16"
	case bytes.HasPrefix(body, []byte("\xfe\xff")), zeros == 0b0101:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "utf-16"
	}
	return nil, ""
}

// legacy returns body, which is not UTF-8, as UTF-8, and the name of its encoding: the one in the
// header or in the XML declaration, unless the bytes contradict it; else an Arabic one (guessed).
func legacy(body []byte, contentType string) (text []byte, name string, guessed bool) {
	var labels []string
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		labels = append(labels, params["charset"])
	}
	if m := declared.FindSubmatch(body[max(0, bytes.Index(body, []byte("<?xml"))):]); m != nil {
		labels = append(labels, string(m[1]))
	}
	arabic := arabicName(body)
	enc, name := encodingOf(cmp.Or(arabic, "windows-1256"))
	guessed = true
	for _, label := range labels {
		e, n := encodingOf(label)
		// Servers say iso-8859-1 of anything, and either Arabic encoding is taken for the other.
		doubtful := arabic != "" && slices.Contains([]string{"windows-1252", "windows-1256", "iso-8859-6"}, n)
		if guessed = guessed && n != name; e != nil && !doubtful {
			enc, name, guessed = e, n, false
			break
		}
	}
	text, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		text = bytes.ToValidUTF8(body, []byte(brokenLetter))
	}
	return text, name, guessed
}

// arabicName returns the encoding of body if it is Arabic in one byte a letter; empty: it is not.
// In Arabic most letters beyond ASCII follow another; in French or German few do.
func arabicName(body []byte) string {
	var letters, joined int
	var count [256]int
	for i, c := range body {
		if count[c]++; c >= 0xC0 {
			letters++
			if i > 0 && body[i-1] >= 0xC0 {
				joined++
			}
		}
	}
	sum := func(bytes string) (n int) {
		for i := range len(bytes) {
			n += count[bytes[i]]
		}
		return n
	}
	switch {
	case joined*2 <= letters:
		return ""
	case sum("\xE7\xE8\xE9\xEA") > sum("\xDD\xDE\xDF\xEC\xED"): // هوىي there, and فقكىي in windows-1256
		return "iso-8859-6"
	}
	return "windows-1256"
}

// aliases are names in use that neither WHATWG's nor IANA's list has.
var aliases = map[string]string{
	"mac": "macintosh", "macroman": "macintosh", "maccyrillic": "x-mac-cyrillic", "mac-cyrillic": "x-mac-cyrillic",
	"ms-cyrl": "windows-1251",
	"ms-arab": "windows-1256", "win-1256": "windows-1256", "windows1256": "windows-1256",
	"arabic-windows": "windows-1256",
}

// encodingOf returns the encoding with a label, as browsers or IANA know it, and its name; nil: the
// label is unknown, or says Unicode.
func encodingOf(label string) (enc encoding.Encoding, name string) {
	label = strings.ToLower(strings.ReplaceAll(label, "_", "-"))
	if other, ok := aliases[label]; ok {
		label = other
	}
	if enc, name = charset.Lookup(label); enc != nil {
		if strings.HasPrefix(name, "utf-") {
			return nil, name
		}
		return enc, name
	}
	for _, n := range [...]string{label, "ibm" + strings.TrimLeft(label, "cspibm-")} {
		if enc, err := ianaindex.IANA.Encoding(n); err == nil && enc != nil {
			return enc, n
		}
	}
	return nil, ""
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

// printable returns valid UTF-8 without byte order marks, wherever they stand, and without the
// characters that XML forbids (XML 1.0, 2.2). C1 controls become what windows-1252 has in their
// places: nearly always they came from there.
func printable(body []byte) []byte {
	if !unprintable(body) {
		return body
	}
	return bytes.Map(func(r rune) rune {
		switch {
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFEFF || r == 0xFFFE || r == 0xFFFF:
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
	for _, c := range [...]string{"\uFEFF", "\uFFFE", "\uFFFF"} {
		if bytes.Contains(body, []byte(c)) {
			return true
		}
	}
	for rest := body; ; {
		i := bytes.IndexByte(rest, 0xC2)
		if i < 0 {
			break
		}
		if rest[i+1] < 0xA0 {
			return true
		}
		rest = rest[i+2:]
	}
	const each = 1<<56 | 1<<48 | 1<<40 | 1<<32 | 1<<24 | 1<<16 | 1<<8 | 1
	for ; len(body) >= 8; body = body[8:] {
		// eight bytes at once: is one less than a space?
		if w := binary.LittleEndian.Uint64(body); (w-' '*each)&^w&(0x80*each) != 0 && hasControl(body[:8]) {
			return true
		}
	}
	return hasControl(body)
}

func hasControl(s []byte) bool {
	return slices.ContainsFunc(s, func(c byte) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' })
}
