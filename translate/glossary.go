package translate

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed" // the built-in glossary
	"encoding/hex"
	"fmt"
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

// Glossary finds the terms of a text: the longest match at each word, with the prefixes و ف ب ل ك and ال allowed before it. The
// zero Glossary knows none.
type Glossary struct {
	terms map[string]Term // by folded words
	heads map[string]int  // first words of terms ⇒ words in the longest of them
	words int             // in the longest term
	sum   string          // see Sum
}

// BuiltinGlossary is the one that comes with the program.
func BuiltinGlossary() (Glossary, error) { return Glossary{}.With(bytes.NewReader(builtin)) }

// With is g and the terms read from r, which win: tab-separated lines of Arabic, English and an optional note. A note "also X، Y"
// names other spellings. A term whose note begins with "only" or "boilerplate", or whose English has alternatives ("screen / display"),
// needs a reader's judgement and is left out, as is one with no English; what stands in brackets after the English is left off. Lines that start with # and a first line "arabic…" are skipped.
func (g Glossary) With(r io.Reader) (Glossary, error) {
	out := Glossary{terms: make(map[string]Term, len(g.terms)), heads: map[string]int{}}
	maps.Copy(out.terms, g.terms)
	sc := bufio.NewScanner(io.LimitReader(r, maxGlossaryBytes))
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' || n == 1 && strings.HasPrefix(line, "arabic\t") {
			continue
		}
		from, rest, ok := strings.Cut(line, "\t")
		if !ok {
			return Glossary{}, fmt.Errorf("glossary line %d: no tab between Arabic and English", n)
		}
		to, note, _ := strings.Cut(rest, "\t")
		to, _, _ = strings.Cut(to, " (")
		if to == "" || strings.Contains(to, " / ") || strings.HasPrefix(note, "only") || strings.HasPrefix(note, "boilerplate") {
			continue
		}
		for _, spelling := range append([]string{from}, aliases(note)...) {
			if key := arabic.Fold(spelling); key != "" {
				out.terms[key] = Term{From: spelling, To: to}
			}
		}
	}
	if err := sc.Err(); err != nil {
		return Glossary{}, fmt.Errorf("read glossary: %w", err)
	}
	for key := range out.terms {
		words := strings.Fields(key)
		out.heads[words[0]] = max(out.heads[words[0]], len(words))
		out.words = max(out.words, len(words))
	}
	out.sum = fingerprint(slices.Collect(maps.Values(out.terms)))
	return out, nil
}

// Sum is a short name of all the terms together: another one, and some term was added, changed or dropped. Never empty.
func (g Glossary) Sum() string { return cmp.Or(g.sum, "none") }

// a glossary that a person keeps has thousands of lines at most
const maxGlossaryBytes = 4 << 20

// aliases are the spellings that a note "also X، Y; remark" names.
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

// English is what the whole of s is called in English; empty where the glossary does not know it.
func (g Glossary) English(s string) string { return g.terms[arabic.Fold(s)].To }

// Names are the spellings of companies, people and products, by their English name: terms of which every English word has a capital.
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

// Terms are the terms that occur in text, each once, in the order of their first occurrence.
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

// at is the longest term that words begin with, what is written as one with it, and how many words it takes; 0: none.
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

// name says whether t is a name, or an acronym: every word of its English has a capital letter or a digit.
func (t Term) name() bool {
	for w := range strings.FieldsSeq(t.To) {
		if !strings.ContainsFunc(w, func(r rune) bool { return unicode.IsUpper(r) || unicode.IsDigit(r) }) || strings.ContainsAny(w, "'’&") {
			return false
		}
	}
	return t.To != ""
}

var word = regexp.MustCompile(`[\p{L}\p{M}\p{N}_]+`)

// Protect is text with the names of the glossary that it holds in English, for engines that read no terms: Latin words come back
// from them as they are, and check.Text misses those that do not. What Arabic writes as one with a name stays before it.
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

// detached is how Arabic print writes a prefix before a Latin word; the article is not written.
var detached = map[string]string{"و": "و ", "ف": "ف ", "ب": "بـ ", "ل": "لـ ", "ك": "كـ ", "وال": "و ", "فال": "ف ", "بال": "بـ ", "لل": "لـ ", "كال": "كـ "}

// fingerprint is a short name of a set of terms; empty for none.
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
