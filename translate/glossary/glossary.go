// Package glossary knows how names and terms of technology news are written in English, and finds
// them in Arabic text where the words around say that they are meant.
package glossary

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed" // the built-in table
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
	"github.com/nashra/nashra/translate/table"
)

//go:embed terms.tsv
var builtin []byte

// Term is an entry of the glossary.
type Term struct{ From, To string }

// Glossary finds terms in texts. The zero Glossary is empty.
type Glossary struct {
	terms map[string]entry    // by folded words
	heads map[string]int      // by first word: words in the longest term
	lists map[string][]string // folded words, by name, for contexts
	// labels are English by labelKey, of terms that are no terms within a text
	labels map[string]string
	sum    string // see Sum
}

// entry is a term and where it applies.
type entry struct {
	Term
	letters int
	where   context
}

// Builtin returns the glossary that is part of the program.
func Builtin() (Glossary, error) { return Glossary{}.With(bytes.NewReader(builtin)) }

// With returns g extended by the lines of r, which override g's: tab-separated Arabic, English, a
// note and a context. It skips terms that need a reader's judgement. A note "also X، Y" adds
// spellings. A line "@name", tab, "X، Y" names a list of words for the contexts below it.
func (g Glossary) With(r io.Reader) (Glossary, error) {
	out := Glossary{terms: maps.Clone(g.terms), heads: map[string]int{}, lists: maps.Clone(g.lists),
		labels: maps.Clone(g.labels)}
	if g.terms == nil {
		out.terms, out.lists, out.labels = map[string]entry{}, map[string][]string{}, map[string]string{}
	}
	if err := table.Lines(r, "glossary", out.insert); err != nil {
		return Glossary{}, err
	}
	for key := range out.terms {
		words := strings.Fields(key)
		out.heads[words[0]] = max(out.heads[words[0]], len(words))
	}
	all := make([]Term, 0, len(out.terms))
	for _, e := range out.terms {
		all = append(all, e.Term)
	}
	for key, to := range out.labels {
		all = append(all, Term{key, to})
	}
	out.sum = Fingerprint(all)
	return out, nil
}

// insert adds a line of a table to g.
func (g Glossary) insert(line string) error {
	f := append(strings.Split(line, "\t"), "", "", "")
	from, to, note := f[0], f[1], f[2]
	if strings.HasPrefix(from, "@") {
		g.lists[from] = g.words(to)
		return nil
	}
	if !strings.Contains(line, "\t") {
		return errors.New("no tab between Arabic and English")
	}
	to, _, _ = strings.Cut(to, " (") // drop a remark in brackets
	needsJudgement := strings.Contains(to, " / ") || strings.HasPrefix(note, "only") ||
		strings.HasPrefix(note, "boilerplate")
	if to == "" || needsJudgement || from == "arabic" { // "arabic" heads the table
		return nil
	}
	spellings := append([]string{from}, aliases(note)...)
	if strings.TrimSpace(f[3]) == "label" {
		for _, s := range spellings {
			g.labels[labelKey(s)] = to
		}
		return nil
	}
	where, err := g.context(f[3])
	for _, s := range spellings {
		key := arabic.Fold(s)
		if key == "" {
			continue
		}
		e := entry{Term{s, to}, utf8.RuneCountInString(strings.ReplaceAll(key, " ", "")), where}
		if e.letters < minLetters && e.Name() && len(where.spelt) == 0 {
			e.where.spelt = spellings
		}
		g.terms[key] = e
	}
	return err
}

// minLetters is the length from which a term is found behind a prefix, and a name in any spelling:
// folded, most shorter ones are also other words.
const minLetters = 4

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

// Sum returns a fingerprint of all terms. It changes with every change of a term and is never
// empty.
func (g Glossary) Sum() string { return cmp.Or(g.sum, "none") }

// Fingerprint returns a short hash of a set of terms, "" for none.
func Fingerprint(terms []Term) string {
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

// labelKey folds a label, without articles: categories have them or not.
func labelKey(label string) string {
	words := strings.Fields(arabic.Fold(label))
	for i, w := range words {
		words[i] = strings.TrimPrefix(w, "ال")
	}
	return strings.Join(words, " ")
}

// English returns the English of the whole of a label, such as a category or a byline, or "". A label of
// technology news is context enough.
func (g Glossary) English(label string) string {
	e := g.terms[arabic.Fold(label)]
	if e.To == "" || !e.where.spells(strings.TrimSpace(label)) {
		return g.labels[labelKey(label)]
	}
	return e.To
}

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

// Name reports whether t is a name or an acronym: every word of its English has a capital letter or
// a digit.
func (t Term) Name() bool {
	for w := range strings.FieldsSeq(t.To) {
		marked := strings.ContainsFunc(w, func(r rune) bool { return unicode.IsUpper(r) || unicode.IsDigit(r) })
		if !marked || strings.ContainsAny(w, "'’&<>") {
			return false
		}
	}
	return t.To != ""
}

// NamesOf returns those of terms that are names.
func NamesOf(terms []Term) []Term {
	return slices.DeleteFunc(slices.Clone(terms), func(t Term) bool { return !t.Name() })
}
