package words

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

const (
	// maxWords is how many words of a query count. Nobody types more, and each costs time.
	maxWords = 16
	// minBeginning is the least number of letters that may stand for all words beginning with them:
	// fewer begin too many (chosen on 2026-11-30).
	minBeginning = 3
	// maxBeginnings is how many words of a query may be beginnings, the last ones: each costs 20 ms
	// among 100,000 stories (2026-11-30).
	maxBeginnings = 4
)

// Query is what somebody searches for: words that must all be in a text. There are no operators but
// the star after the beginning of a word, and quotes: words in quotes are never taken as beginnings.
// Function words do not count beside others.
type Query struct {
	words  []asked
	quoted bool
	cut    bool // there were more words
}

// asked is a folded word of a query.
type asked struct {
	word   string
	begins bool // words that begin with it count too
}

// possessive is the end of an English genitive, which stems have not.
var possessive = regexp.MustCompile("(?i)['’" + string(apostrophe) + `]s\b`)

// Parse reads a query. A query without words finds nothing.
func Parse(s string) Query {
	q := Query{quoted: strings.ContainsAny(s, `"“”«»`)}
	s = possessive.ReplaceAllString(s, " ")
	var stops []asked
	for chunk := range strings.FieldsSeq(s) {
		list := fields(chunk)
		star := strings.HasSuffix(strings.TrimRight(chunk, `"”»`), "*")
		for i, w := range list {
			a := asked{w, star && i == len(list)-1 && utf8.RuneCountInString(w) >= minBeginning}
			switch {
			case slices.Contains(q.words, a):
			case !a.begins && (arabic.Lexicon{}).Look(w).Stop:
				stops = append(stops, a)
			default:
				q.words = append(q.words, a)
			}
		}
	}
	if len(q.words) == 0 {
		q.words = slices.Compact(stops)
	}
	q.cut = len(q.words) > maxWords
	q.words = q.words[:min(len(q.words), maxWords)]
	for i := range q.words[:max(0, len(q.words)-maxBeginnings)] {
		q.words[i].begins = false
	}
	return q
}

// Cut reports whether words of the query do not count, because there are too many.
func (q Query) Cut() bool { return q.cut }

// Empty reports whether q has no words.
func (q Query) Empty() bool { return len(q.words) == 0 }

// String returns q in a form that is the same for all spellings that Parse takes for the same.
func (q Query) String() string {
	list := make([]string, len(q.words))
	for i, a := range q.words {
		if list[i] = a.word; a.begins {
			list[i] += "*"
		}
	}
	return strings.Join(list, " ")
}

// Beginnings returns q with its last words taken as beginnings of words too, or q itself and false if
// that changes nothing.
func (q Query) Beginnings() (begun Query, changed bool) {
	if q.quoted {
		return q, false
	}
	begun.words = slices.Clone(q.words)
	for i, a := range q.words {
		if i >= len(q.words)-maxBeginnings && !a.begins && utf8.RuneCountInString(a.word) >= minBeginning {
			begun.words[i].begins, changed = true, true
		}
	}
	return begun, changed
}

// sought is a word or a name that a text must have: one of any, or all of all, or a word that begins
// with one of begins.
type sought struct {
	any, all, begins []string
}

// sought returns what a text must have of q.
func (q Query) sought() (out []sought) {
	plain := make([]string, len(q.words))
	for i, a := range q.words {
		plain[i] = a.word
	}
	for i := 0; i < len(plain); {
		var s sought
		n := 1
		eachName(plain[i:], func(name string, words int) {
			if len(s.any) == 0 {
				s.any, n = []string{name}, words
			}
		})
		for _, a := range q.words[i : i+n] {
			w := joined(a.word)
			root, bare := stem(w)
			if a.begins {
				s.begins = append(s.begins, cut(w))
				if bare = beginning(bare); bare != w {
					s.begins = append(s.begins, cut(bare))
				}
			}
			switch parts := strings.Split(a.word, "-"); {
			case n > 1:
				s.all = append(s.all, cut(root))
			case len(parts) > 1:
				s.any = append(s.any, cut(root))
				for _, p := range parts {
					root, _ := stem(p)
					s.all = append(s.all, cut(root))
				}
			default:
				s.any = append(s.any, cut(root))
			}
		}
		out, i = append(out, s), i+n
	}
	return out
}

// beginning returns the beginning of a word without an article that Root leaves, because too little
// of the word follows.
func beginning(bare string) string {
	if rest, ok := strings.CutPrefix(bare, "ال"); ok && utf8.RuneCountInString(rest) >= 2 {
		return rest
	}
	return bare
}

// Syntax is how a database writes a query.
type Syntax struct{ Quote, And, Or, Begins string }

// In returns q in a database's syntax. Terms need no escape: see TermSigns.
func (q Query) In(d Syntax) string {
	quoted := func(terms []string, after string) (out []string) {
		for _, t := range terms {
			out = append(out, d.Quote+t+d.Quote+after)
		}
		return out
	}
	var all []string
	for _, s := range q.sought() {
		some := slices.Concat(quoted(s.any, ""), quoted(s.begins, d.Begins))
		if len(s.all) > 0 {
			some = append(some, "("+strings.Join(quoted(s.all, ""), d.And)+")")
		}
		all = append(all, "("+strings.Join(some, d.Or)+")")
	}
	return strings.Join(all, d.And)
}
