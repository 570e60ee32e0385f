package segment

import (
	"html"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// joint is a place between two pieces of a neutral text, each a text or a single code, with the tags of
// pairs that stand there.
type joint struct {
	left, right token
	tags        []token
}

// joints returns the joints of toks; the first has no left, the last no right.
func joints(toks []token) (out []joint) {
	var j joint
	for _, t := range toks {
		if t.code != nil && t.code.pair {
			j.tags = append(j.tags, t)
			continue
		}
		j.right = t
		out = append(out, j)
		j = joint{left: t}
	}
	return append(out, j)
}

// ends returns the runes on both sides of j. A single code counts as a letter.
func (j joint) ends() (before, after rune) {
	before, after = ' ', ' '
	switch {
	case j.left.code != nil:
		before = 'x'
	case j.left.text != "":
		before, _ = utf8.DecodeLastRuneInString(html.UnescapeString(j.left.text))
	}
	switch {
	case j.right.code != nil:
		after = 'x'
	case j.right.text != "":
		after, _ = utf8.DecodeRuneInString(j.right.text)
	}
	return before, after
}

// side is a side of a code: of a single one, or the outer one of a tag.
type side struct {
	id   int
	last bool // after the code
}

// sides returns the sides of the codes of j that face it.
func (j joint) sides() (out []side) {
	for _, t := range j.tags {
		out = append(out, side{t.code.id, t.code.closing})
	}
	if j.left.code != nil {
		out = append(out, side{j.left.code.id, true})
	}
	if j.right.code != nil {
		out = append(out, side{j.right.code.id, false})
	}
	return out
}

// Space returns target with the blanks that an engine lost at codes. Where source has none, as within
// a word, target needs none.
func Space(source, target string) string {
	if strings.IndexByte(target, '<') < 0 {
		return target
	}
	tight := map[side]bool{} // without a blank in source
	quotes := 0              // straight ones so far
	for _, j := range joints(tokens(source)) {
		quotes += strings.Count(j.left.text, `"`)
		if (j.touches(quotes) || j.shuts(quotes)) && !bound(j.left.text) {
			for _, s := range j.sides() {
				tight[s] = true
			}
		}
	}
	var b strings.Builder
	quotes = 0
	for _, j := range joints(tokens(target)) {
		quotes += strings.Count(j.left.text, `"`)
		sides, text := j.sides(), join([]token{j.right})
		loose := len(sides) > 0 && !slices.ContainsFunc(sides, func(s side) bool { return tight[s] })
		blank := loose && j.touches(quotes) && !j.splitsWord()
		for _, t := range j.tags {
			if blank && !t.code.closing {
				b.WriteByte(' ')
				blank = false
			}
			b.WriteString(t.code.neutral())
		}
		switch {
		case blank:
			text = " " + text
		case loose && j.shuts(quotes):
			text = `" ` + text[1:]
		}
		b.WriteString(text)
	}
	return b.String()
}

// bound reports whether text ends in a prefix that Arabic writes together with the next word.
func bound(text string) bool {
	word := arabic.Unkashida(text[strings.LastIndexAny(text, " \n")+1:])
	prefixes := arabic.Bound()
	return word != "" && slices.Contains(prefixes[:], word)
}

// touches reports whether English wants a blank in j, which has none. quotes is the number of straight
// quotes before it.
func (j joint) touches(quotes int) bool {
	before, after := j.ends()
	opens := strings.ContainsRune("([«“‘", after) || after == '"' && quotes%2 == 0 ||
		after == '\'' && len(j.tags) > 0 && !j.tags[len(j.tags)-1].code.closing
	shuts := strings.ContainsRune(")]»”,;:!?،؛؟", before) || before == '"' && quotes%2 == 0 ||
		before == '.' && unicode.IsUpper(after)
	return (wordRune(before) || shuts) && (wordRune(after) || opens)
}

// shuts reports whether a quote ends after j, and a word follows without a blank.
func (j joint) shuts(quotes int) bool {
	rest, shut := strings.CutPrefix(j.right.text, `"`)
	next, _ := utf8.DecodeRuneInString(rest)
	return shut && quotes%2 == 1 && wordRune(next)
}

// splitsWord reports whether the tags of j part the first or last letters of a word from the rest.
func (j joint) splitsWord() bool {
	if len(j.tags) != 1 || j.left.code != nil || j.right.code != nil {
		return false
	}
	other := func(r rune) bool { return !unicode.IsLetter(r) }
	part := j.left.text[strings.LastIndexFunc(j.left.text, other)+1:]
	if j.tags[0].code.closing {
		part = j.right.text
		if end := strings.IndexFunc(part, other); end >= 0 {
			part = part[:end]
		}
	}
	return part != "" && len(part) <= 3 && !shortWords[strings.ToLower(part)]
}

// shortWords are the common English words of up to three letters.
var shortWords = wordSet(`a an as at be by do go he i if in is it me my no of on or so to up us we
 act add age ago aid aim air all and any app are art ask bad bag bar bet big bit box boy bug but buy can car cut day did
 due end era eye far few fix fly for fun gap gas get got had has her him his hit hot how its job key law led let lot low
 man map may men met mix net new nor not now odd off old one our out own pay per put ran raw red row run saw say sea
 see set she six tax ten the tie tip too top try two use via was way web who why win won yes yet you`)

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// InPlace reports whether target has its line breaks between lines, and code and addresses within the
// sentence. Engines move tags to the front or the end and leave a hole in the sentence.
func (s Segment) InPlace(source, target string) bool {
	if len(s.Breaks) > 0 && s.emptyLines(target) > s.emptyLines(source) {
		return false
	}
	if len(s.Words) == 0 {
		return true
	}
	want, got := s.places(source), s.places(target)
	for id, words := range s.words() {
		w, kept := want[id]
		g, found := got[id]
		switch {
		case kept != found, g.joined && !w.joined, w.before > 0 && g.before == 0 && unicode.IsUpper(g.next),
			w.after > 0 && g.after == 0 && !leads[strings.ToLower(g.prev)]:
			return false
		case !kept && strings.Contains(source, Escape(words)) && !strings.Contains(target, Escape(words)):
			return false
		}
	}
	return true
}

// words returns s.Words by id, as far as they are looked for in texts: an honest segment has a few.
func (s Segment) words() iter.Seq2[int, string] {
	const most = 100
	return func(yield func(int, string) bool) {
		for _, id := range slices.Sorted(maps.Keys(s.Words))[:min(len(s.Words), most)] {
			if !yield(id, s.Words[id]) {
				return
			}
		}
	}
}

// emptyLines counts the lines of a neutral text that hold nothing.
func (s Segment) emptyLines(neutral string) (n int) {
	empty := true
	for _, t := range tokens(neutral) {
		switch {
		case t.code == nil:
			empty = empty && strings.TrimSpace(t.text) == ""
		case t.code.pair:
		case !slices.Contains(s.Breaks, t.code.id):
			empty = false
		case empty:
			n++
		default:
			empty = true
		}
	}
	if empty {
		n++
	}
	return n
}

// leads are English words before code or an address at the end of a sentence. After any other word the code
// was probably moved there. If not, one more call is made.
var leads = wordSet(`a account address an and app as at box button by called check choose click code command email
 enter file folder for from function hashtag in is key link method named of on open option or page press read run
 select see site the through to tool type under use used using via visit website with within writing`)

// place says what stands around a single code.
type place struct {
	before, after int    // words
	prev          string // the last word before it
	next          rune   // the first of the text after it
	joined        bool   // code or an address stands directly before it
}

// places returns the places of the single codes of a neutral text.
func (s Segment) places(neutral string) map[int]place {
	out := map[int]place{}
	words, prev, joined := 0, "", false
	var open []int // codes before the next text
	for _, t := range tokens(neutral) {
		text := strings.TrimSpace(t.text)
		switch {
		case t.code != nil && !t.code.pair:
			out[t.code.id] = place{before: words, prev: prev, joined: joined}
			open, joined = append(open, t.code.id), s.Words[t.code.id] != ""
		case text != "":
			next, _ := utf8.DecodeRuneInString(text)
			for _, id := range open {
				p := out[id]
				p.next = next
				out[id] = p
			}
			fields := strings.Fields(text)
			open, joined, prev = nil, false, strings.TrimRight(fields[len(fields)-1], `:"“‘(`)
			for _, f := range fields {
				if strings.ContainsFunc(f, wordRune) {
					words++
				}
			}
		}
	}
	for id, p := range out {
		p.after = words - p.before
		out[id] = p
	}
	return out
}

// Lines cuts a neutral text at the line breaks outside of pairs, and returns the breaks between its
// lines.
func (s Segment) Lines(neutral string) (lines, breaks []string) {
	depth, from := 0, 0
	toks := tokens(neutral)
	for i, t := range toks {
		switch {
		case t.code == nil:
		case t.code.closing:
			depth--
		case t.code.pair:
			depth++
		case depth == 0 && slices.Contains(s.Breaks, t.code.id):
			lines = append(lines, strings.TrimSpace(join(toks[from:i])))
			breaks = append(breaks, t.code.neutral())
			from = i + 1
		}
	}
	return append(lines, strings.TrimSpace(join(toks[from:]))), breaks
}

// Plain returns a neutral text of s without codes but line breaks. Code and addresses stand in it as
// text, so that the sentence has no hole.
func (s Segment) Plain(neutral string) string {
	for id, words := range s.words() {
		neutral = strings.Replace(neutral, code{id: id}.neutral(), Escape(words), 1)
	}
	return Only(neutral, s.Breaks)
}

// Restore returns a translation in which the code and addresses that stand in it as text are codes again.
func (s Segment) Restore(target string) string {
	for id, words := range s.words() {
		c := code{id: id}.neutral()
		if strings.Contains(target, c) {
			continue
		}
		toks := tokens(target)
		for i, t := range toks {
			if at := wholeWord(t.text, Escape(words)); at >= 0 {
				toks[i].text = t.text[:at] + c + t.text[at+len(Escape(words)):]
				break
			}
		}
		target = join(toks)
	}
	return target
}

// wholeWord returns where words stand in text, not as a part of a word; -1: nowhere.
func wholeWord(text, words string) int {
	for from := 0; ; {
		at := strings.Index(text[from:], words)
		if at < 0 {
			return -1
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(words):])
		if !wordRune(before) && !wordRune(after) {
			return at
		}
		from = at + len(words)
	}
}

// Less returns a neutral text of s without its emphasis and pictures.
func (s Segment) Less(neutral string) string {
	return Only(neutral, slices.Concat(s.Links, s.Breaks, slices.Collect(maps.Keys(s.Words))))
}
