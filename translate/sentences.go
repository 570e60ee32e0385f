package translate

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"

	"github.com/nashra/nashra/translate/arabic"
)

// BySentence is e for whole paragraphs: it cuts each segment into sentences, and long ones at safe commas, and joins what comes back.
// Small models are trained on single sentences and lose the end of longer texts. Sentences are those of Unicode (UAX 29), but for
// abbreviations.
func BySentence(e Engine) Engine { return bySentence{e} }

type bySentence struct{ Engine }

// Limits are e's, without the wish for sentences.
func (b bySentence) Limits() Limits {
	lim := b.Engine.Limits()
	lim.Sentences = false
	return lim
}

// Translate makes one call, of all sentences of all segments.
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

// sentenceEngines are engines, those that ask for it by the sentence.
func sentenceEngines(engines []Engine) []Engine {
	out := slices.Clone(engines)
	for i, e := range out {
		if e.Limits().Sentences {
			out[i] = BySentence(e)
		}
	}
	return out
}

// clause is a piece of a segment that is translated alone.
type clause struct {
	text  string
	after string // what joins it to the one before: a blank, a line's end, or a comma and a blank; empty: it is the first
}

// codeOf finds the codes of the Tagged form.
var codeOf = regexp.MustCompile(`</?[gx][0-9]{1,4}/?>`)

// clauses cuts a segment. A cut never stands within a pair of codes. A headline is one clause.
func clauses(s string, codec Codec, role Role) []clause {
	if role == Title || codec == HTML {
		return []clause{{text: s}}
	}
	var codes [][]int // where codes stand in s
	if codec != Plain {
		codes = codeOf.FindAllStringIndex(s, -1)
	}
	t := newTagged(s, codes)
	var out []clause
	from := 0
	add := func(to int, after string) {
		if text := strings.TrimSpace(s[t.place(from):t.place(to)]); text != "" {
			if len(out) == 0 {
				after = ""
			}
			out = append(out, clause{text, after})
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
			add(comma, joint)
			joint = ", "
		}
		add(end, joint)
	}
	if len(out) == 0 {
		return []clause{{text: s}}
	}
	return out
}

// tagged is a text and the codes that stood in it.
type tagged struct {
	text  string
	codes []codeAt
}

// codeAt is a code of n bytes that stood before text[at].
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

// place is where text[at] stands among the codes: those that close a pair are before it, others after.
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

// outside says whether no pair is open at a place.
func (t tagged) outside(at int) bool {
	depth := 0
	for _, c := range t.codes {
		if c.at < at || c.at == at && c.step < 0 {
			depth += c.step
		}
	}
	return depth == 0
}

// ends are the ends of the sentences of a text, with the blanks after them; the last is the text's.
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

// short are abbreviations after which a sentence goes on. Single letters need no entry.
var short = []string{"inc", "co", "corp", "ltd", "mr", "mrs", "ms", "dr", "prof", "st", "vs", "no", "jr", "sr", "e.g", "i.e", "u.s", "u.k", "u.a.e", "v", "ver",
	"أ.د", "د.ك", "د.إ", "ج.م", "ر.س", "ق.م", "ص.ب", "م.م", "ش.م", "ت.م"}

// abbreviated says whether a text ends with an abbreviation and its full stop, and the blanks after it.
func abbreviated(text string) bool {
	text, dot := strings.CutSuffix(strings.TrimRight(text, " \u00a0"), ".")
	if !dot {
		return false
	}
	at := strings.LastIndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("(«\"“[،", r) })
	word := text
	if at >= 0 {
		_, n := utf8.DecodeRuneInString(text[at:])
		word = text[at+n:]
	}
	if r, n := utf8.DecodeRuneInString(word); n > 0 && n == len(word) {
		return unicode.IsLetter(r)
	}
	return slices.Contains(short, strings.ToLower(word))
}

// longWords is how many words a sentence may have before it is cut at a comma, and leastWords how many each part must have: Arabic
// articles join four or five clauses by commas, and small models lose the last of them.
const longWords, leastWords = 40, 8

// endlessBytes is what no sentence has: a text without full stops is left for the engine to cut.
const endlessBytes = 16 << 10

// opening are the words that a clause begins with which can stand alone; و and ف are written together with what follows.
var opening = []string{"حيث", "بينما", "مما", "إذ", "لكن", "ولكن", "كما", "فيما"}

// commas are the places to cut a sentence of text[from:to] at, in order: after safe commas, as near to the middle as they stand, until
// no part is too long or no safe comma is left.
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

// safe are the places after a comma or semicolon of text[from:to] where what follows can stand alone: outside quotes, brackets and pairs
// of codes.
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

// opens says whether a clause begins here: with one of opening, or with و or ف before a word that is not of that letter itself.
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

// lowered are the words that lose their capital where a clause is joined to the one before it.
var lowered = []string{"And", "But", "While", "Where", "Which", "Who", "As", "Since", "Because", "So", "Then", "The", "A", "An", "It", "Its", "He", "She", "They", "This", "That",
	"These", "Those", "There", "In", "On", "At", "By", "For", "From", "With", "However", "Although", "Noting", "Adding", "Including", "Indicating"}

// joinClauses is the text of translated clauses. One that the engine left out leaves out the whole.
func joinClauses(cuts []clause, texts []string) string {
	var b strings.Builder
	for i, c := range cuts {
		text := strings.TrimSpace(texts[i])
		if text == "" {
			return ""
		}
		if i > 0 && c.after == ", " {
			before := strings.TrimRight(b.String(), " .,;،؛")
			b.Reset()
			b.WriteString(before)
			if word, rest, _ := strings.Cut(text, " "); slices.Contains(lowered, word) {
				text = strings.ToLower(word) + " " + rest
			}
		}
		b.WriteString(c.after)
		b.WriteString(text)
	}
	return b.String()
}
