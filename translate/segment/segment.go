// Package segment cuts HTML into a skeleton of markup and the segments between it, and puts translations back. A segment is text in
// neutral form: &lt; &gt; &amp; are escaped, a pair of inline tags is <g1>…</g1>, a lone element is <x2/>, numbered from 1 in order
// of appearance. Attributes never leave the skeleton: whatever an engine answers, markup comes from the source's own tree.
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

// Codec says how numbered codes travel to an engine and back.
type Codec uint8

// The codecs. Plain carries none. HTML is for engines that read HTML: <a id=1>…</a> and <img id=2>. XML is for engines that read it
// strictly: <g id="1">…</g> and <x id="2"/> in a root of their own. Tagged is for language models: the neutral form's own tags, few
// tokens each.
const (
	Plain Codec = iota
	HTML
	Tagged
	XML
)

// Segment is a piece of text that is translated whole.
type Segment struct {
	Text  string // neutral form
	Links []int  // the ids of the pairs that are links
}

// code is one tag of a neutral text.
type code struct {
	id      int
	pair    bool
	closing bool
}

var codeTag = regexp.MustCompile(`<(/?)([gx])([0-9]{1,4})(/?)>`)

// token is a run of text, still escaped, or a code.
type token struct {
	text string
	code *code
}

// tokens splits a neutral text.
func tokens(neutral string) (out []token) {
	for {
		at := codeTag.FindStringSubmatchIndex(neutral)
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

// join is the neutral text of toks.
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

// EachText is a neutral text with f applied to the plain text of each run between codes.
func EachText(neutral string, f func(plain string) string) string {
	toks := tokens(neutral)
	for i, t := range toks {
		if t.code == nil {
			toks[i].text = Escape(f(html.UnescapeString(t.text)))
		}
	}
	return join(toks)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Escape is plain text as neutral form.
func Escape(plain string) string { return escaper.Replace(plain) }

// Plaintext is a neutral text without codes and escapes.
func Plaintext(neutral string) string {
	if strings.IndexByte(neutral, '<') >= 0 {
		neutral = codeTag.ReplaceAllString(neutral, "")
	}
	return html.UnescapeString(neutral)
}

// Normalise is a neutral text for keys: NFC, whitespace collapsed, without tatweel, bidi controls and other invisible characters.
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

// Translatable says whether a neutral text holds something to translate from the language: it is in that language's letters.
func Translatable(neutral, from string) bool {
	text := Plaintext(neutral)
	if from == "ar" {
		return arabic.Has(text) && arabic.Lang(text) == from
	}
	return strings.ContainsFunc(text, unicode.IsLetter)
}

// Only is a neutral text with no codes left but ids; void codes of others vanish like pairs.
func Only(neutral string, ids []int) string {
	if strings.IndexByte(neutral, '<') < 0 {
		return neutral
	}
	toks := slices.DeleteFunc(tokens(neutral), func(t token) bool { return t.code != nil && !slices.Contains(ids, t.code.id) })
	return strings.Join(strings.Fields(join(toks)), " ")
}

// Halve cuts a neutral text in two near its middle, outside of all pairs: after a sentence where it can, else after a comma, else
// between words. It reports false where there is no such place in the middle half.
func Halve(neutral string) (first, second string, ok bool) {
	var best [3]int // offsets, by how good a place it is; 0: none
	middle, depth, at := len(neutral)/2, 0, 0
	for _, t := range tokens(neutral) {
		switch {
		case t.code == nil && depth == 0:
			before := ' '
			for i, r := range t.text {
				if unicode.IsSpace(r) {
					if tier, off := pause(before, r), at+i; far(off, middle) < min(far(best[tier], middle), middle/2) {
						best[tier] = off
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
	for _, off := range best {
		if off > 0 {
			return strings.TrimSpace(neutral[:off]), strings.TrimSpace(neutral[off:]), true
		}
	}
	return "", "", false
}

// pause is how good a place to cut the space r after before is: 0 the best.
func pause(before, r rune) int {
	switch {
	case strings.ContainsRune(".!?؟؛…", before) || r == '\n':
		return 0
	case before == '،':
		return 1
	}
	return 2
}

func far(a, b int) int { return max(a-b, b-a) }
