package offline

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The models know no markup. Codes are taken out of a text before it is translated and put back around the words that were made of
// theirs, as the decoder's attention tells.

// code is a numbered code of the tagged form: a pair around text[from:to], or a lone one where from is to.
type code struct {
	open, end string // as written; end is empty for a lone one
	from, to  int
}

var codeTag = regexp.MustCompile(`<(/?)([gx][0-9]{1,4})(/?)>`)

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// takeCodes is a tagged text without its codes, and the codes in order of their beginnings. One that is not closed is left out.
func takeCodes(tagged string) (text string, out []code) {
	var b strings.Builder
	open := map[string]int{} // index in out of pairs that are open
	last := 0
	for _, at := range codeTag.FindAllStringSubmatchIndex(tagged, -1) {
		b.WriteString(html.UnescapeString(tagged[last:at[0]]))
		last = at[1]
		name := tagged[at[4]:at[5]]
		switch {
		case at[3] > at[2]:
			if i, ok := open[name]; ok {
				out[i].to, out[i].end = b.Len(), tagged[at[0]:at[1]]
				delete(open, name)
			}
		default:
			if name[0] == 'g' {
				open[name] = len(out)
			}
			out = append(out, code{open: tagged[at[0]:at[1]], from: b.Len(), to: b.Len()})
		}
	}
	b.WriteString(html.UnescapeString(tagged[last:]))
	return b.String(), slices.DeleteFunc(out, func(c code) bool { return c.end == "" && c.open[1] == 'g' })
}

// span is where a word stands in a text.
type span struct{ from, to int }

func words(text string) (out []span) {
	at := 0
	for w := range strings.FieldsSeq(text) {
		at += strings.Index(text[at:], w)
		out = append(out, span{at, at + len(w)})
		at += len(w)
	}
	return out
}

// weave is a target with the codes of its source; origins is the source word of each target word.
func weave(source string, codes []code, target string, origins []int) string {
	var put []placed
	from, to := words(source), words(target)
	for _, c := range codes {
		p, ok := placed{code: c}, true
		if c.end == "" {
			p.from = before(c.from, from, origins)
		} else {
			p.from, p.to, ok = around(c, source, from, target, to, origins)
		}
		if ok {
			put = append(put, p)
		}
	}
	return write(target, to, put)
}

// origins is for each target word the source word that most of its pieces were made from; false where the pieces do not make up the
// words that were counted.
func (s *student) origins(parts []*part, sourceWords, targetWords int) ([]int, bool) {
	var out []int
	first := 0 // source word that a part begins with
	for _, p := range parts {
		at, wordOf := first-1, make([]int, len(p.pieces))
		for i, id := range p.pieces {
			if s.source.Begins(id) {
				at++
			}
			wordOf[i] = at
		}
		first = at + 1
		votes := map[int]int{}
		for i, id := range p.Pieces {
			if i == 0 || s.target.Begins(id) {
				out = append(out, -1)
				clear(votes)
			}
			w := wordOf[p.From[i]]
			if votes[w]++; w >= 0 && (out[len(out)-1] < 0 || votes[w] > votes[out[len(out)-1]]) {
				out[len(out)-1] = w
			}
		}
	}
	return out, first == sourceWords && len(out) == targetWords
}

// before is the target word that a lone code at a place of the source stands before.
func before(place int, from []span, origins []int) int {
	word := 0
	for word < len(from) && from[word].to <= place {
		word++
	}
	if word == len(from) {
		return len(origins)
	}
	if at := slices.Index(origins, word); at >= 0 {
		return at
	}
	if at := slices.IndexFunc(origins, func(o int) bool { return o > word }); at >= 0 {
		return at
	}
	return len(origins)
}

// around are the first and last byte of the target that a pair encloses: the longest run of words made of its own, gaps of a word
// allowed, without the marks that stood outside of it.
func around(c code, source string, from []span, target string, to []span, origins []int) (int, int, bool) {
	var mine []int // source words
	for i, w := range from {
		if w.from < c.to && w.to > c.from {
			mine = append(mine, i)
		}
	}
	if len(mine) == 0 {
		return 0, 0, false
	}
	first, last := -1, -1
	begin, prev := -1, -1
	for i, o := range origins {
		if !slices.Contains(mine, o) {
			continue
		}
		if prev < 0 || i-prev > 2 {
			begin = i
		}
		prev = i
		if first < 0 || i-begin > last-first {
			first, last = begin, i
		}
	}
	if first < 0 {
		return 0, 0, false
	}
	a, b := to[first].from, to[last].to
	if only(source[from[mine[0]].from:max(c.from, from[mine[0]].from)]) {
		a += len(target[a:b]) - len(strings.TrimLeftFunc(target[a:b], mark))
	}
	if end := from[mine[len(mine)-1]].to; only(source[min(c.to, end):end]) {
		b -= len(target[a:b]) - len(strings.TrimRightFunc(target[a:b], mark))
	}
	return a, b, a < b
}

func mark(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsSymbol(r) }

// only says whether s is marks and nothing else, and not empty.
func only(s string) bool { return s != "" && strings.TrimFunc(s, mark) == "" }

// placed is a code's place in the target: the bytes that a pair encloses, or the word that a lone one stands before.
type placed struct {
	code
	from, to int
}

// write is the target with its codes.
func write(target string, to []span, put []placed) string {
	insert := map[int][]string{} // by byte of the target
	var lone []placed
	// pairs from the outer to the inner one: of equal beginnings the longer first, as in the source where they are equal
	pairs := slices.DeleteFunc(slices.Clone(put), func(p placed) bool {
		if p.end == "" {
			lone = append(lone, p)
		}
		return p.end == ""
	})
	slices.SortStableFunc(pairs, func(a, b placed) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	for _, p := range slices.Backward(pairs) {
		insert[p.to] = append(insert[p.to], p.end)
	}
	for _, p := range lone { // after what ends there, before what begins there unless it stood within
		at, text := len(target), " "+p.open
		if p.from < len(to) {
			at, text = to[p.from].from, p.open+" "
		}
		insert[at] = append(insert[at], text)
	}
	for _, p := range pairs {
		within := slices.IndexFunc(lone, func(l placed) bool { return l.code.from >= p.code.from && l.code.from < p.code.to })
		place := len(insert[p.from])
		if within >= 0 && lone[within].from < len(to) && to[lone[within].from].from == p.from {
			place = slices.Index(insert[p.from], lone[within].open+" ")
		}
		insert[p.from] = slices.Insert(insert[p.from], place, p.open)
	}
	var b strings.Builder
	last := 0
	for i := 0; i <= len(target); {
		if texts := insert[i]; len(texts) > 0 {
			b.WriteString(escaper.Replace(target[last:i]))
			b.WriteString(strings.Join(texts, ""))
			last = i
		}
		_, n := utf8.DecodeRuneInString(target[i:])
		i += max(n, 1)
	}
	b.WriteString(escaper.Replace(target[last:]))
	return strings.TrimSpace(b.String())
}
