package offline

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The models know no markup. So codes are taken out of a text before translation and put back around the
// words that correspond to the enclosed ones by the decoder's attention.

// code is a numbered code of the tagged form: a pair around text[from:to], or a single one with from == to.
type code struct {
	open, end string // as written; end is empty for a single code
	from, to  int
}

var codeTag = regexp.MustCompile(`<(/?)([gx][0-9]{1,4})(/?)>`)

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// takeCodes returns a tagged text without its codes, and the codes in order of their starts. Codes that
// are not closed are left out.
func takeCodes(tagged string) (text string, out []code) {
	var b strings.Builder
	open := map[string]int{} // the index in out of each open pair
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

// span is the place of a word in a text, in bytes.
type span struct{ from, to int }

// wordSpans returns the spans of the words of text.
func wordSpans(text string) (out []span) {
	at := 0
	for w := range strings.FieldsSeq(text) {
		at += strings.Index(text[at:], w)
		out = append(out, span{at, at + len(w)})
		at += len(w)
	}
	return out
}

// weave puts the codes of source into target; origins is the index of the source word of each target word.
func weave(source string, codes []code, target string, origins []int) string {
	var put []placed
	from, to := wordSpans(source), wordSpans(target)
	for _, c := range codes {
		p, ok := placed{code: c}, true
		if c.end == "" {
			p.from = wordAfter(c.from, from, origins)
		} else {
			p.from, p.to, ok = around(c, source, from, target, to, origins)
		}
		if ok {
			put = append(put, p)
		}
	}
	return writeCodes(target, to, put)
}

// origins returns, for each target word, the index of the source word that most of its pieces attended
// to. It returns false if the pieces do not add up to the given numbers of words.
func (s *student) origins(parts []*part, sourceWords, targetWords int) ([]int, bool) {
	var out []int
	first := 0 // the source word at the start of the part
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

// wordAfter returns the index of the target word that a single code at byte place of the source precedes.
func wordAfter(place int, from []span, origins []int) int {
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

// around returns the range of target bytes that the pair c encloses: the longest run of words that come
// from its source words, with gaps of one word, without the punctuation that stood outside the pair.
func around(c code, source string, from []span, target string, to []span, origins []int) (int, int, bool) {
	var mine []int // the source words within c
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
	if isPunctuation(source[from[mine[0]].from:max(c.from, from[mine[0]].from)]) {
		a += len(target[a:b]) - len(strings.TrimLeftFunc(target[a:b], punctuation))
	}
	if end := from[mine[len(mine)-1]].to; isPunctuation(source[min(c.to, end):end]) {
		b -= len(target[a:b]) - len(strings.TrimRightFunc(target[a:b], punctuation))
	}
	return a, b, a < b
}

func punctuation(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsSymbol(r)
}

// isPunctuation reports whether s is not empty and only punctuation.
func isPunctuation(s string) bool { return s != "" && strings.TrimFunc(s, punctuation) == "" }

// placed is a code with its place in the target: the range of bytes that a pair encloses, or, as from,
// the index of the word that a single code precedes.
type placed struct {
	code
	from, to int
}

// writeCodes returns the escaped target with its codes.
func writeCodes(target string, to []span, put []placed) string {
	insert := map[int][]string{} // by byte of the target
	var lone []placed
	// Pairs from the outer to the inner: those that start together longest first, equal ones as in the source.
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
	for _, p := range lone { // after pairs that end there; before pairs that start there, unless it was inside
		at, text := len(target), " "+p.open
		if p.from < len(to) {
			at, text = to[p.from].from, p.open+" "
		}
		insert[at] = append(insert[at], text)
	}
	for _, p := range pairs {
		within := slices.IndexFunc(lone, func(l placed) bool {
			return l.code.from >= p.code.from && l.code.from < p.code.to
		})
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
