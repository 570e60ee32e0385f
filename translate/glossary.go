package translate

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed" // the built-in glossary
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

//go:embed glossary.tsv
var builtin []byte

// Glossary finds the terms in a text: the longest match at each word, with the prefixes و ف ب ل ك
// and ال allowed before it. The zero Glossary is empty.
type Glossary struct {
	terms map[string]Term // by folded words
	heads map[string]int  // by first word: words in the longest term
	words int             // in the longest term
	sum   string          // see Sum
}

// BuiltinGlossary returns the glossary that is part of the program.
func BuiltinGlossary() (Glossary, error) { return Glossary{}.With(bytes.NewReader(builtin)) }

// With returns g extended by the lines of r, which override g's: tab-separated Arabic, English and
// a note. It skips terms that need a reader's judgement. A note "also X، Y" adds spellings.
func (g Glossary) With(r io.Reader) (Glossary, error) {
	out := Glossary{terms: make(map[string]Term, len(g.terms)), heads: map[string]int{}}
	maps.Copy(out.terms, g.terms)
	err := tableLines(r, "glossary", func(line string) error {
		from, rest, ok := strings.Cut(line, "\t")
		if !ok {
			return errors.New("no tab between Arabic and English")
		}
		to, note, _ := strings.Cut(rest, "\t")
		to, _, _ = strings.Cut(to, " (") // drop a remark in brackets
		needsJudgement := strings.Contains(to, " / ") || strings.HasPrefix(note, "only") ||
			strings.HasPrefix(note, "boilerplate")
		if to == "" || needsJudgement || from == "arabic" { // "arabic" heads the table
			return nil
		}
		for _, spelling := range append([]string{from}, aliases(note)...) {
			if key := arabic.Fold(spelling); key != "" {
				out.terms[key] = Term{From: spelling, To: to}
			}
		}
		return nil
	})
	if err != nil {
		return Glossary{}, err
	}
	for key := range out.terms {
		words := strings.Fields(key)
		out.heads[words[0]] = max(out.heads[words[0]], len(words))
		out.words = max(out.words, len(words))
	}
	out.sum = fingerprint(slices.Collect(maps.Values(out.terms)))
	return out, nil
}

// Sum returns a fingerprint of all terms. It changes with every change of a term and is never
// empty.
func (g Glossary) Sum() string { return cmp.Or(g.sum, "none") }

// aliases returns the spellings that a note "also X، Y; remark" names.
func aliases(note string) (out []string) {
	list, ok := strings.CutPrefix(note, "also ")
	if !ok {
		return nil
	}
	list, _, _ = strings.Cut(list, ";")
	for s := range strings.SplitSeq(list, "،") {
		if s = strings.TrimSpace(s); arabic.Has(s) && arabic.Share(s) == 1 {
			out = append(out, s)
		}
	}
	return out
}

// English returns the English of the whole of s, or "".
func (g Glossary) English(s string) string { return g.terms[arabic.Fold(s)].To }

// Names returns the spellings of companies, people and products by English name: terms of which
// every English word is capitalised.
func (g Glossary) Names() map[string][]string {
	names := map[string][]string{}
	for _, t := range g.terms {
		small := func(word string) bool { r, _ := utf8.DecodeRuneInString(word); return !unicode.IsUpper(r) }
		if !slices.ContainsFunc(strings.Fields(t.To), small) {
			names[t.To] = append(names[t.To], t.From)
		}
	}
	for _, spellings := range names {
		slices.Sort(spellings)
	}
	return names
}

// Terms returns the terms that occur in text, each once, in the order of their first occurrence.
func (g Glossary) Terms(text string) (out []Term) {
	if len(g.terms) == 0 {
		return nil
	}
	words := strings.Fields(arabic.Fold(text))
	for i := 0; i < len(words); {
		t, _, n := g.at(words[i:])
		if n > 0 && !slices.Contains(out, t) {
			out = append(out, t)
		}
		i += max(n, 1)
	}
	return out
}

// at returns the longest term at the start of words, its prefix, and the number of its words; 0:
// none.
func (g Glossary) at(words []string) (t Term, prefix string, taken int) {
	for _, p := range arabic.Bound() {
		head, ok := strings.CutPrefix(words[0], p)
		if !ok {
			continue
		}
		for n := min(g.heads[head], len(words)); n > taken; n-- {
			if found, ok := g.terms[strings.Join(append([]string{head}, words[1:n]...), " ")]; ok {
				t, prefix, taken = found, p, n
				break
			}
		}
	}
	return t, prefix, taken
}

// name reports whether t is a name or an acronym: every word of its English has a capital letter or
// a digit.
func (t Term) name() bool {
	for w := range strings.FieldsSeq(t.To) {
		marked := strings.ContainsFunc(w, func(r rune) bool { return unicode.IsUpper(r) || unicode.IsDigit(r) })
		if !marked || strings.ContainsAny(w, "'’&") {
			return false
		}
	}
	return t.To != ""
}

var word = regexp.MustCompile(`[\p{L}\p{M}\p{N}_]+`)

// Protect returns text with the glossary's names in English, for engines that read no terms: they
// leave Latin words alone, and check.Text notices if not. A prefix stays before its name.
func (g Glossary) Protect(text string) string {
	if len(g.terms) == 0 || !arabic.Has(text) {
		return text
	}
	at := word.FindAllStringIndex(text, -1)
	words := make([]string, len(at))
	for i, w := range at {
		words[i] = arabic.Fold(text[w[0]:w[1]])
	}
	var b strings.Builder
	done := 0
	for i := 0; i < len(at); {
		n := 1
		for n < g.words && i+n < len(at) && strings.TrimSpace(text[at[i+n-1][1]:at[i+n][0]]) == "" {
			n++
		}
		t, prefix, taken := g.at(words[i : i+n])
		if taken > 0 && t.name() {
			b.WriteString(text[done:at[i][0]] + detached[prefix] + t.To)
			done = at[i+taken-1][1]
		}
		i += max(taken, 1)
	}
	return b.String() + text[done:]
}

// detached maps a prefix to how Arabic print writes it before a Latin word. It does not write the
// article.
var detached = map[string]string{"و": "و ", "ف": "ف ", "ب": "بـ ", "ل": "لـ ", "ك": "كـ ",
	"وال": "و ", "فال": "ف ", "بال": "بـ ", "لل": "لـ ", "كال": "كـ "}

// fingerprint returns a short hash of a set of terms, "" for none.
func fingerprint(terms []Term) string {
	if len(terms) == 0 {
		return ""
	}
	lines := make([]string, len(terms))
	for i, t := range terms {
		lines[i] = t.From + "\t" + t.To
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:8])
}
