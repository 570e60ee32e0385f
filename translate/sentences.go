package translate

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"

	"github.com/nashra/nashra/translate/arabic"
	"github.com/nashra/nashra/translate/segment"
)

// bySentence translates paragraphs with an engine that takes single sentences, as small models do:
// they lose the end of longer texts. It cuts segments into the sentences of Unicode (UAX 29),
// except after abbreviations, cuts long sentences at safe commas, and joins the answers.
type bySentence struct{ Engine }

// Limits returns the engine's limits, without Sentences.
func (b bySentence) Limits() Limits {
	lim := b.Engine.Limits()
	lim.Sentences = false
	return lim
}

// Translate makes one call with all sentences of all segments.
func (b bySentence) Translate(ctx context.Context, r Request) (Response, error) {
	whole := r
	whole.Segments = nil
	cuts := make([][]clause, len(r.Segments))
	for i, s := range r.Segments {
		cuts[i] = clauses(s, r.Codec, r.Role)
		for _, c := range cuts[i] {
			whole.Segments = append(whole.Segments, c.text)
		}
	}
	res, err := b.Engine.Translate(ctx, whole)
	if err != nil || len(res.Texts) != len(whole.Segments) {
		return res, err
	}
	texts := make([]string, len(cuts))
	at := 0
	for i, c := range cuts {
		texts[i] = joinClauses(c, res.Texts[at:at+len(c)])
		at += len(c)
	}
	res.Texts = texts
	return res, nil
}

// sentenceEngines wraps those of engines that take single sentences.
func sentenceEngines(engines []Engine) []Engine {
	out := slices.Clone(engines)
	for i, e := range out {
		if e.Limits().Sentences {
			out[i] = bySentence{e}
		}
	}
	return out
}

// clause is a part of a segment that is translated on its own.
type clause struct {
	text  string
	joint string // joins it to the clause before: a space, a newline, or a comma and a space; empty: it is the first
}

// clauses cuts a segment, but never between a pair of codes. A headline is one clause.
func clauses(s string, codec Codec, role Role) []clause {
	if role == Title || codec == HTML {
		return []clause{{text: s}}
	}
	var codes [][]int // positions of the codes in s
	if codec != Plain {
		codes = segment.CodeTag.FindAllStringIndex(s, -1)
	}
	t := newTagged(s, codes)
	var out []clause
	from := 0
	cutAt := func(to int, joint string) {
		if text := strings.TrimSpace(s[t.place(from):t.place(to)]); text != "" {
			if len(out) == 0 {
				joint = ""
			}
			out = append(out, clause{text, joint})
		}
		from = to
	}
	for _, end := range ends(t.text) {
		if end < len(t.text) && !t.outside(end) {
			continue
		}
		joint := " "
		if before := strings.TrimRight(t.text[:from], " "); strings.HasSuffix(before, "\n") {
			joint = "\n"
		}
		for _, comma := range t.commas(from, end) {
			cutAt(comma, joint)
			joint = ", "
		}
		cutAt(end, joint)
	}
	if len(out) == 0 {
		return []clause{{text: s}}
	}
	return out
}

// tagged is a text without its codes, and the codes.
type tagged struct {
	text  string
	codes []codeAt
}

// codeAt is a code of n bytes before text[at].
type codeAt struct {
	at, n int
	step  int // +1 opens a pair, -1 closes one
}

func newTagged(s string, codes [][]int) tagged {
	var t tagged
	var b strings.Builder
	last := 0
	for _, c := range codes {
		b.WriteString(s[last:c[0]])
		last = c[1]
		step := 0
		switch s[c[0]+1] {
		case '/':
			step = -1
		case 'g':
			step = 1
		}
		t.codes = append(t.codes, codeAt{b.Len(), c[1] - c[0], step})
	}
	b.WriteString(s[last:])
	t.text = b.String()
	return t
}

// place returns the position of text[at] in the text with codes: after the codes that close a pair,
// before others.
func (t tagged) place(at int) int {
	if at == 0 {
		return 0
	}
	p := at
	for _, c := range t.codes {
		if c.at < at || c.at == at && (c.step < 0 || at == len(t.text)) {
			p += c.n
		}
	}
	return p
}

// outside reports whether no pair is open at a position.
func (t tagged) outside(at int) bool {
	depth := 0
	for _, c := range t.codes {
		if c.at < at || c.at == at && c.step < 0 {
			depth += c.step
		}
	}
	return depth == 0
}

// ends returns the ends of the sentences of a text, including the spaces after them. The last is
// the text's end.
func ends(text string) (out []int) {
	at := 0
	for it := sentences.FromString(text); it.Next(); {
		at += len(it.Value())
		if !abbreviated(text[:at]) || at == len(text) {
			out = append(out, at)
		}
	}
	return out
}

// abbreviations do not end a sentence. Single letters need no entry.
var abbreviations = []string{"inc", "co", "corp", "ltd", "mr", "mrs", "ms", "dr", "prof", "st", "vs", "no", "jr",
	"sr", "e.g", "i.e", "u.s", "u.k", "u.a.e", "v", "ver",
	"أ.د", "د.ك", "د.إ", "ج.م", "ر.س", "ق.م", "ص.ب", "م.م", "ش.م", "ت.م"}

// abbreviated reports whether a text ends with an abbreviation and its full stop.
func abbreviated(text string) bool {
	text, dot := strings.CutSuffix(strings.TrimRight(text, " \u00a0"), ".")
	if !dot {
		return false
	}
	at := strings.LastIndexFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) ||
			strings.ContainsRune("(«\"“[،", r)
	})
	word := text
	if at >= 0 {
		_, n := utf8.DecodeRuneInString(text[at:])
		word = text[at+n:]
	}
	if r, n := utf8.DecodeRuneInString(word); n > 0 && n == len(word) {
		return unicode.IsLetter(r)
	}
	return slices.Contains(abbreviations, strings.ToLower(word))
}

// A sentence of more than longWords words is cut at a comma into parts of at least leastWords.
// Arabic articles join four or five clauses by commas, and small models lose the last ones.
const longWords, leastWords = 40, 8

// endlessBytes is longer than any sentence: the engine itself cuts a text without full stops.
const endlessBytes = 16 << 10

// opening holds words that start an independent clause. و and ف are written together with the next
// word.
var opening = []string{"حيث", "بينما", "مما", "إذ", "لكن", "ولكن", "كما", "فيما"}

// commas returns where to cut the sentence text[from:to]: after safe commas, the nearest to the
// middle first, until no part is too long or no safe comma is left.
func (t tagged) commas(from, to int) []int {
	if to-from > endlessBytes || len(strings.Fields(t.text[from:to])) <= longWords {
		return nil
	}
	best, off := -1, 0
	for _, at := range t.safe(from, to) {
		before, after := len(strings.Fields(t.text[from:at])), len(strings.Fields(t.text[at:to]))
		if before < leastWords || after < leastWords {
			continue
		}
		if d := max(before, after); best < 0 || d < off {
			best, off = at, d
		}
	}
	if best < 0 {
		return nil
	}
	return slices.Concat(t.commas(from, best), []int{best}, t.commas(best, to))
}

// safe returns the positions after commas and semicolons of text[from:to] that an independent
// clause follows, outside quotes, brackets and pairs of codes.
func (t tagged) safe(from, to int) (out []int) {
	depth := 0
	for i, r := range t.text[from:to] {
		switch r {
		case '«', '(', '“', '[':
			depth++
		case '»', ')', '”', ']':
			depth--
		case '،', '؛':
			at := from + i + utf8.RuneLen(r)
			rest := t.text[at:to]
			if depth == 0 && strings.HasPrefix(rest, " ") && t.outside(at) && (r == '؛' || opens(rest)) {
				out = append(out, at)
			}
		}
	}
	return out
}

// opens reports whether an independent clause starts here: with one of opening, or with و or ف as a
// prefix.
func opens(text string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(text, " "), " ")
	if slices.Contains(opening, word) {
		return true
	}
	stem, and := strings.CutPrefix(word, "و")
	if !and {
		if stem, and = strings.CutPrefix(word, "ف"); !and {
			return false
		}
	}
	return utf8.RuneCountInString(stem) > 2 && arabic.Has(stem)
}

// lowered holds words that lose their capital when a clause is joined to the one before.
var lowered = []string{"And", "But", "While", "Where", "Which", "Who", "As", "Since", "Because", "So", "Then", "The",
	"A", "An", "It", "Its", "He", "She", "They", "This", "That", "These", "Those", "There", "In", "On", "At", "By",
	"For", "From", "With", "However", "Although", "Noting", "Adding", "Including", "Indicating"}

// joinClauses joins translated clauses. It returns "" if the engine left one out.
func joinClauses(cuts []clause, texts []string) string {
	var b strings.Builder
	for i, c := range cuts {
		text := strings.TrimSpace(texts[i])
		if text == "" {
			return ""
		}
		if i > 0 && c.joint == ", " {
			before := strings.TrimRight(b.String(), " .,;،؛")
			b.Reset()
			b.WriteString(before)
			if word, rest, _ := strings.Cut(text, " "); slices.Contains(lowered, word) {
				text = strings.ToLower(word) + " " + rest
			}
		}
		b.WriteString(c.joint)
		b.WriteString(text)
	}
	return b.String()
}
