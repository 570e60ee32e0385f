package glossary

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

// context says where a term means what the glossary says. The zero context is everywhere.
type context struct {
	spelt  []string // in these spellings only, letter for letter; nil: all
	places []place  // nowhere that a "not" holds, and where one of the others holds, if there are any
}

// place is a condition on the words around a term.
type place struct {
	not   bool
	side  string          // after, before (the next word) or near (nearWords on either side)
	words map[string]bool // folded, without prefix; digit is any number in digits
	name  bool            // a name of the glossary that needs no context
}

const (
	nearWords = 6 // half a line of print; sentences of news have about 25 words
	digit     = "0"
	anyName   = "@name"
)

// context parses the fourth column of the table: "spelt X، Y; after A، B; not before C; near @name".
func (g Glossary) context(column string) (c context, err error) {
	for clause := range strings.SplitSeq(column, ";") {
		clause = strings.TrimSpace(clause)
		rest, not := strings.CutPrefix(clause, "not ")
		side, list, _ := strings.Cut(rest, " ")
		switch {
		case clause == "":
		case side == "spelt" && !not:
			for s := range strings.SplitSeq(list, "،") {
				c.spelt = append(c.spelt, strings.TrimSpace(s))
			}
		case side == "after" || side == "before" || side == "near":
			p := place{not: not, side: side, words: map[string]bool{}}
			for _, w := range g.words(list) {
				if p.words[w] = true; strings.Contains(w, " ") {
					return c, fmt.Errorf("the context %q: %q is more than one word", clause, w)
				}
			}
			if p.name = p.words[anyName]; len(p.words) == 0 {
				return c, fmt.Errorf("the context %q names no words", clause)
			}
			c.places = append(c.places, p)
		default:
			return c, fmt.Errorf("the context %q does not begin with spelt, after, before, near, or not", clause)
		}
	}
	return c, nil
}

// words returns the folded words of a list, with those of the lists that it names.
func (g Glossary) words(list string) (out []string) {
	for w := range strings.SplitSeq(list, "،") {
		switch w = strings.TrimSpace(w); {
		case w == anyName:
			out = append(out, w)
		case strings.HasPrefix(w, "@"):
			out = append(out, g.lists[w]...)
		default:
			out = append(out, arabic.Fold(w))
		}
	}
	return slices.DeleteFunc(out, func(w string) bool { return w == "" })
}

// spells reports whether s is one of the spellings of c.
func (c context) spells(s string) bool { return len(c.spelt) == 0 || slices.Contains(c.spelt, s) }

// holds reports whether e, behind prefix, is meant by the n words from word i.
func (t *text) holds(e entry, prefix string, i, n int) bool {
	if prefix != "" && (e.letters < minLetters || arabic.Common(t.words[i].folded)) {
		return false
	}
	if len(e.where.spelt) > 0 {
		raw := []string{cutRunes(t.words[i].raw, utf8.RuneCountInString(prefix))}
		for _, w := range t.words[i+1 : i+n] {
			raw = append(raw, w.raw)
		}
		if !e.where.spells(strings.Join(raw, " ")) {
			return false
		}
	}
	wanted, found := false, false
	for _, p := range e.where.places {
		switch at := t.in(p, i, n); {
		case p.not && at:
			return false
		case !p.not:
			wanted, found = true, found || at
		}
	}
	return found || !wanted
}

// in reports whether the n words from word i stand in place p.
func (t *text) in(p place, i, n int) bool {
	from, to := max(0, i-nearWords), min(len(t.words), i+n+nearWords)
	switch p.side {
	case "after":
		from, to = i-1, i
		if i == 0 || t.words[i].gap == broken {
			return false
		}
	case "before":
		from, to = i+n, i+n+1
		if to > len(t.words) || t.words[from].gap == broken {
			return false
		}
	}
	for j := from; j < to; j++ {
		if (j < i || j >= i+n) && t.says(p, j) {
			return true
		}
	}
	return false
}

// says reports whether word j is one that p names.
func (t *text) says(p place, j int) bool {
	w := t.words[j].folded
	for _, prefix := range arabic.Bound() {
		stem, ok := strings.CutPrefix(w, prefix)
		if ok && (p.words[stem] || p.words[digit] && stem != "" && unicode.IsDigit(rune(stem[0]))) {
			return true
		}
	}
	return p.name && t.at(j, t.namesItself).words > 0
}

// namesItself reports whether e is a name that needs no context, though it may be out of place.
func (t *text) namesItself(e entry, prefix string, i, n int) bool {
	needs := func(p place) bool { return !p.not || p.name } // p.name would ask for names without end
	return e.Name() && !slices.ContainsFunc(e.where.places, needs) && t.holds(e, prefix, i, n)
}

// cutRunes returns s without its first n runes.
func cutRunes(s string, n int) string {
	for ; n > 0 && s != ""; n-- {
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
	return s
}
