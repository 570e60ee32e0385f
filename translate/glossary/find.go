package glossary

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

// text is a text in neutral form (package segment), cut into words.
type text struct {
	Glossary
	words []word
}

// word is a word of a text. Codes and escapes are not words.
type word struct {
	from, to int
	raw      string // without tatweel and invisible characters
	folded   string
	gap      gap  // before the word
	tag      bool // part of a hashtag or an address
}

// gap says what stands between two words.
type gap uint8

const (
	open   gap = iota // blanks, or a sign that joins words: a term may go on
	quoted            // also quotation marks, brackets or markup
	broken            // a comma or the end of a sentence, too
)

// found is an occurrence of a term, behind a prefix.
type found struct {
	Term
	prefix       string
	first, words int
}

// Terms returns the terms that are meant in a neutral text, each once, in the order of their first
// occurrence.
func (g Glossary) Terms(neutral string) []Term {
	t := g.read(neutral)
	return t.unique(t.holds)
}

// Loose returns the terms whose letters occur in a neutral text, whatever they mean there.
// Earlier versions told engines all of them.
func (g Glossary) Loose(neutral string) []Term {
	t := g.read(neutral)
	return t.unique(func(entry, string, int, int) bool { return true })
}

// Protect returns a neutral text with the glossary's names in English, for engines that read no
// terms: they leave Latin words alone. A prefix stays before its name.
func (g Glossary) Protect(neutral string) string {
	t := g.read(neutral)
	var b strings.Builder
	done := 0
	t.each(t.holds, func(f found) {
		first, last := t.words[f.first], t.words[f.first+f.words-1]
		if f.Name() && !first.tag && !last.tag {
			b.WriteString(neutral[done:first.from] + detached[f.prefix] + f.To)
			done = last.to
		}
	})
	return b.String() + neutral[done:]
}

// detached maps a prefix to how Arabic print writes it before a Latin word. It does not write the
// article.
var detached = map[string]string{"و": "و ", "ف": "ف ", "ب": "بـ ", "ل": "لـ ", "ك": "كـ ",
	"وال": "و ", "فال": "ف ", "بال": "بـ ", "لل": "لـ ", "كال": "كـ "}

func (t *text) unique(accept func(entry, string, int, int) bool) (out []Term) {
	t.each(accept, func(f found) {
		if !slices.Contains(out, f.Term) {
			out = append(out, f.Term)
		}
	})
	return out
}

// each calls use with the accepted terms of t, the longest at each word.
func (t *text) each(accept func(entry, string, int, int) bool, use func(found)) {
	for i := 0; i < len(t.words); i++ {
		if f := t.at(i, accept); f.words > 0 {
			use(f)
			i += f.words - 1
		}
	}
}

// at returns the longest accepted term at word i, with the prefixes و ف ب ل ك and ال allowed before
// it.
func (t *text) at(i int, accept func(entry, string, int, int) bool) (f found) {
	for _, prefix := range arabic.Bound() {
		head, ok := strings.CutPrefix(t.words[i].folded, prefix)
		if !ok {
			continue
		}
		most := min(t.heads[head], len(t.words)-i)
		for n := 1; n < most; n++ {
			if t.words[i+n].gap != open {
				most = n
			}
		}
		for n := most; n > f.words; n-- {
			key := head
			for _, w := range t.words[i+1 : i+n] {
				key += " " + w.folded
			}
			if e, ok := t.terms[key]; ok && accept(e, prefix, i, n) {
				f = found{e.Term, prefix, i, n}
			}
		}
	}
	return f
}

// read cuts a neutral text into words.
func (g Glossary) read(neutral string) *text {
	t := &text{Glossary: g}
	if len(g.terms) == 0 || !arabic.Has(neutral) {
		return t
	}
	before, tag := broken, false
	for i := 0; i < len(neutral); {
		if n := markup(neutral[i:]); n > 0 {
			i, before = i+n, max(before, quoted)
			continue
		}
		n := wordLen(neutral[i:])
		if n > 0 {
			w := word{from: i, to: i + n, gap: before, tag: tag}
			w.raw = strings.Map(visible, neutral[i:i+n])
			w.folded = arabic.Fold(w.raw)
			t.words = append(t.words, w)
			i, before, tag = i+n, open, false
			continue
		}
		r, size := utf8.DecodeRuneInString(neutral[i:])
		i += size
		switch {
		case r == '_' || r == '#' || r == '@':
			if tag = true; r == '_' && len(t.words) > 0 {
				t.words[len(t.words)-1].tag = true
			}
		case unicode.IsSpace(r) && r != '\n' || strings.ContainsRune("-/", r):
		case unicode.In(r, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf) || strings.ContainsRune("\"'ـ", r):
			before = max(before, quoted)
		default:
			before = broken
		}
	}
	return t
}

// markup returns the length of the code or escape that s begins with, or 0.
func markup(s string) int {
	end := byte('>')
	switch s[0] {
	case '&':
		end = ';'
	case '<':
	default:
		return 0
	}
	if n := strings.IndexByte(s[:min(len(s), maxMarkup)], end); n > 0 {
		return n + 1
	}
	return 0
}

// maxMarkup is more than the longest code, </g99999>, and the longest escape.
const maxMarkup = 12

// wordLen returns the length of the word that s begins with: letters, marks and digits, and points
// and hyphens within a Latin word or a number.
func wordLen(s string) int {
	ascii := func(i int) bool {
		return i < len(s) && (s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' || s[i] >= '0' && s[i] <= '9')
	}
	n := 0
	for i, r := range s {
		letter := unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || n > 0 && visible(r) < 0
		if !letter && !(n > 0 && strings.ContainsRune(".,-", r) && ascii(i-1) && ascii(i+1)) {
			break
		}
		n = i + utf8.RuneLen(r)
	}
	return n
}

// visible maps tatweel and invisible characters to -1.
func visible(r rune) rune {
	if r == 'ـ' || unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}
