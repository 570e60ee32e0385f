// Package segment cuts HTML into a skeleton of markup and the segments of text between, and puts
// translations back. A segment is in neutral form: &lt; &gt; &amp; are escaped, a pair of inline
// tags is <g1>…</g1> and a single element is <x2/>, numbered from 1 in order of appearance.
// Attributes stay in the skeleton: whatever an engine answers, all markup comes from the source.
package segment

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/nashra/nashra/translate/arabic"
)

// Codec is the form in which codes are sent to an engine and come back.
type Codec uint8

// The codecs.
const (
	Plain  Codec = iota // no codes
	HTML                // <a id=1>…</a> and <img id=2>, for engines that read HTML
	Tagged              // as in neutral form, for language models: each is a few tokens
	XML                 // <g id="1">…</g> and <x id="2"/> in a root element, for engines that read strict XML
)

// Segment is a text that is translated as a whole.
type Segment struct {
	Text      string         // in neutral form
	Links     []int          // ids of the pairs that are links
	Breaks    []int          // ids of the single codes that are line breaks
	Words     map[int]string // of the single codes that are code or addresses, by id
	Paragraph int            // its number in the document, from 1; an attribute has that of the text before it
}

// code is one tag of a neutral text.
type code struct {
	id      int
	pair    bool
	closing bool
}

// CodeTag fits one code of a neutral text: its slash, kind, number and closing slash.
var CodeTag = regexp.MustCompile(`<(/?)([gx])([0-9]{1,4})(/?)>`)

// token is escaped text, or a code.
type token struct {
	text string
	code *code
}

// tokens splits a neutral text.
func tokens(neutral string) (out []token) {
	for {
		at := CodeTag.FindStringSubmatchIndex(neutral)
		if at == nil {
			break
		}
		if at[0] > 0 {
			out = append(out, token{text: neutral[:at[0]]})
		}
		id, _ := strconv.Atoi(neutral[at[6]:at[7]])
		out = append(out, token{code: &code{id: id, pair: neutral[at[4]:at[5]] == "g", closing: at[3] > at[2]}})
		neutral = neutral[at[1]:]
	}
	if neutral != "" {
		out = append(out, token{text: neutral})
	}
	return out
}

// neutral returns c in neutral form.
func (c code) neutral() string {
	n := strconv.Itoa(c.id)
	switch {
	case !c.pair:
		return "<x" + n + "/>"
	case c.closing:
		return "</g" + n + ">"
	}
	return "<g" + n + ">"
}

// join returns the neutral text of toks.
func join(toks []token) string {
	var b strings.Builder
	for _, t := range toks {
		if t.code != nil {
			b.WriteString(t.code.neutral())
		} else {
			b.WriteString(t.text)
		}
	}
	return b.String()
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Escape returns plain text in neutral form.
func Escape(plain string) string { return escaper.Replace(plain) }

// Plaintext returns a neutral text without codes and escapes.
func Plaintext(neutral string) string {
	if strings.IndexByte(neutral, '<') >= 0 {
		neutral = CodeTag.ReplaceAllString(neutral, "")
	}
	return html.UnescapeString(neutral)
}

// Normalise returns a neutral text as a key: in NFC, with single spaces, without tatweel and
// invisible characters.
func Normalise(neutral string) string {
	s := norm.NFC.String(arabic.Unkashida(arabic.StripBidi(neutral)))
	s = strings.Map(func(r rune) rune {
		switch r {
		case 0x200E, 0x200F, 0x061C, 0xFEFF, 0x00AD, 0x200B:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// Translatable reports whether a neutral text has something to translate from a language: words in
// its letters.
func Translatable(neutral, from string) bool {
	text := Plaintext(neutral)
	if from == "ar" {
		return arabic.Has(text) && arabic.Lang(text, from) == from
	}
	return strings.ContainsFunc(text, unicode.IsLetter)
}

// Only removes all codes but ids from a neutral text.
func Only(neutral string, ids []int) string {
	if strings.IndexByte(neutral, '<') < 0 {
		return neutral
	}
	toks := slices.DeleteFunc(tokens(neutral), func(t token) bool {
		return t.code != nil && !slices.Contains(ids, t.code.id)
	})
	return strings.Join(strings.Fields(join(toks)), " ")
}

// Halve cuts a neutral text near its middle, outside of pairs: after a sentence, else after a
// comma, else between words. It returns false if the middle half has no such place.
func Halve(neutral string) (first, second string, ok bool) {
	var best [3]int // offset of the best cut by rank; 0: none
	middle, depth, at := len(neutral)/2, 0, 0
	for _, t := range tokens(neutral) {
		switch {
		case t.code == nil && depth == 0:
			before := ' '
			for i, r := range t.text {
				if unicode.IsSpace(r) {
					rank, offset := cutRank(before, r), at+i
					if distance(offset, middle) < min(distance(best[rank], middle), middle/2) {
						best[rank] = offset
					}
				}
				before = r
			}
		case t.code != nil && t.code.closing:
			depth--
		case t.code != nil && t.code.pair:
			depth++
		}
		at += len(t.text)
		if t.code != nil {
			at += len(t.code.neutral())
		}
	}
	for _, offset := range best {
		if offset > 0 {
			return strings.TrimSpace(neutral[:offset]), strings.TrimSpace(neutral[offset:]), true
		}
	}
	return "", "", false
}

// cutRank ranks the space r, which follows before, as a place to cut. 0 is the best.
func cutRank(before, r rune) int {
	switch {
	case strings.ContainsRune(".!?؟؛…", before) || r == '\n':
		return 0
	case before == '،':
		return 1
	}
	return 2
}

func distance(a, b int) int { return max(a-b, b-a) }
