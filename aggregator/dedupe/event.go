package dedupe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A report of an event is told by who and what it names and by its numbers, which stand in its title and first paragraphs: two reports
// that were written apart share them, and hardly a sentence. What they share is weighed in points. Weights and eventCut were chosen on
// the first half of testdata/labelled.jsonl: there none of what is other news reaches 2.3 points, and of forty pairs one more is missed
// at 2.6.
const (
	weightKnown  = 0.7 // a name that every other technology item holds
	weightName   = 1.4 // any other name
	weightCode   = 1.8 // a model, version or id
	weightModel  = 1.2 // a model or version in both titles, besides its name
	weightNumber = 1.4 // a number that is seldom the same by chance: of three digits, or with a fraction
	weightCount  = 0.7 // of two digits, beyond the days of a month
	weightDigit  = 0.2 // any other
	weightWord   = 0.4 // a word that is not common in technology news
	mostWords    = 1.6 // what words come to together: two tables of prices share all of theirs

	eventCut  = 2.6  // the least points of two reports of one event that came out together
	eventHour = 0.04 // points more for each hour between them: what is told a day later is mostly what followed
)

const (
	leadWords   = 60 // words of the text, stop words aside, that tell an event: two or three paragraphs
	maxFacts    = 24 // names, and words, kept of them
	maxEventIDs = 16 // names and numbers that a story is found by
)

// fact is a name in a title or its text's beginning.
type fact struct {
	text   string
	weight uint8 // in tenths of a point
}

// events fills what tells an event: names, words, counts, amounts, cue and Names, of title ts and the rest of tokens.
func (s *Signature) events(ts, body []token) {
	for _, m := range s.marks {
		if m.class() == model {
			s.findBy(uint64(m), rareKey|figureKey)
		}
	}
	for i := range ts {
		s.fact(ts, i, true)
	}
	first := lead(body)
	for i := range first {
		if !first[i].stop {
			s.fact(first, i, false)
		}
	}
	slices.SortFunc(s.names, func(a, b fact) int { return strings.Compare(a.text, b.text) })
	slices.Sort(s.words)
	s.words = slices.Compact(s.words)
	slices.Sort(s.counts)
	s.counts = slices.Compact(s.counts)
	slices.Sort(s.Names)
	s.Names = slices.Compact(s.Names)
	s.cue = followsUp(ts)
}

func (s *Signature) english() bool { return s.lang == [2]byte{'e', 'n'} }

// fact notes what ts[i] tells.
func (s *Signature) fact(ts []token, i int, title bool) {
	t := &ts[i]
	english := s.english()
	switch {
	case t.stop:
	case t.kind == number:
		if t.year || i+1 < len(ts) && ts[i+1].month {
			return
		}
		if product := versionOf(ts, i, english); product != "" { // iOS 26.1 is another thing than macOS 26.1
			s.name(product+" "+t.text, countWeight(t.value))
			return
		}
		s.counts = append(s.counts, t.value)
		if title && (i+1 < len(ts) && currencies[ts[i+1].text] || t.money) {
			s.amounts = append(s.amounts, t.value)
		}
		if countWeight(t.value) == weightNumber {
			s.findBy(t.hash, rareKey|figureKey)
		}
	case t.kind == word:
		if utf8.RuneCountInString(t.text) < 3 || common[t.text] {
			return
		}
		if len(s.words) < maxFacts {
			s.words = append(slices.Grow(s.words, maxFacts-len(s.words)), uint16(t.hash>>48))
		}
		if title {
			s.findBy(t.hash, besideKey)
		}
	case len(t.text) < 2 || technical[t.text]:
	default:
		w := weightName
		switch {
		case t.kind == code:
			w = weightCode
		case !t.known && (english || i > 0 && ts[i-1].latin()): // any English word: a name where an Arabic text holds it too; or the rest of one
			w = weightWord
		case known[t.text]:
			w = weightKnown
		}
		s.name(t.text, w)
	}
}

// lead is the first paragraphs of ts.
func lead(ts []token) []token {
	n := 0
	for i := range ts {
		if n == leadWords {
			return ts[:i]
		}
		if !ts[i].stop {
			n++
		}
	}
	return ts
}

// versionOf is the product that ts[i], a number, is a version of; empty: it is none.
func versionOf(ts []token, i int, english bool) string {
	if i == 0 || ts[i].unit || ts[i-1].kind != name || !precedes(&ts[i-1], english) {
		return ""
	}
	return ts[i-1].text
}

// name notes a name once.
func (s *Signature) name(text string, weight float64) {
	if len(s.names) == maxFacts || slices.ContainsFunc(s.names, func(f fact) bool { return f.text == text }) {
		return
	}
	s.names = append(slices.Grow(s.names, maxFacts-len(s.names)), fact{strings.Clone(text), uint8(weight * 10)})
	if weight >= weightName {
		s.findBy(hash(text), rareKey)
	} else {
		s.findBy(hash(text), 0)
	}
}

// findBy makes the story one that is found by a name or, how having figureKey, a number, a rare one having rareKey, or with the help of a word,
// besideKey.
func (s *Signature) findBy(hash uint64, how uint32) {
	if len(s.Names) < maxEventIDs {
		s.Names = append(slices.Grow(s.Names, maxEventIDs-len(s.Names)), uint32(hash)&^(rareKey|besideKey|figureKey)|nameKey|how)
	}
}

func countWeight(v float64) float64 {
	switch {
	case v >= 100 || v != float64(int(v)):
		return weightNumber
	case v > 31:
		return weightCount
	}
	return weightDigit
}

// eventPoints are what two reports of one event, dated so far apart, share at least.
func eventPoints(apart time.Duration) float64 { return eventCut + eventHour*apart.Hours() }

// evidence is what two reports share.
type evidence struct {
	points               float64
	names, counts, words int
}

// sharesName says whether two reports have a name in common.
func (a *Signature) sharesName(b *Signature) bool {
	x, y := a.names, b.names
	for len(x) > 0 && len(y) > 0 && x[0].text != y[0].text {
		if x[0].text < y[0].text {
			x = x[1:]
		} else {
			y = y[1:]
		}
	}
	return len(x) > 0 && len(y) > 0
}

func (a *Signature) evidence(b *Signature) (e evidence) {
	for x, y := a.names, b.names; len(x) > 0 && len(y) > 0; {
		switch c := strings.Compare(x[0].text, y[0].text); {
		case c < 0:
			x = x[1:]
		case c > 0:
			y = y[1:]
		default:
			// the greater weight: an English word is a name where the Arabic text has it, and a word where both are English
			e.points += float64(max(x[0].weight, y[0].weight)) / 10
			e.names++
			x, y = x[1:], y[1:]
		}
	}
	for _, v := range a.counts {
		if _, ok := slices.BinarySearch(b.counts, v); ok {
			e.points += countWeight(v)
			e.counts++
		}
	}
	e.points += weightModel * float64(shared(models(a.marks), models(b.marks)))
	e.words = shared(a.words, b.words)
	e.points += min(weightWord*float64(e.words), mostWords)
	return e
}

// nameless is how many words, with a number, make up for a name where one report has none that is known: most Arab companies and
// places are no names of the Lexicon. Chosen on the first halves of testdata/labelled.jsonl and of the farm, whose links lose precision
// with four.
const nameless = 5

// tells says whether e is of the kind that tells one event: a name, or without any many words and a number.
func (e evidence) tells(a, b *Signature) bool {
	return e.names > 0 || (len(a.names) == 0 || len(b.names) == 0) && e.words >= nameless && e.counts > 0
}

// told is e, of a and b, with the names and numbers that they share.
func (e evidence) told(a, b *Signature) string {
	s := fmt.Sprintf("%.1f points", e.points) + sharedNames(a, b) + sharedNumbers(a.counts, b.counts)
	if e.words > 0 {
		s += fmt.Sprintf("; %d words", e.words)
	}
	return s
}

// sharedNames tells the names that two reports share.
func sharedNames(a, b *Signature) string {
	var out []string
	for _, f := range a.names {
		if _, ok := slices.BinarySearchFunc(b.names, f.text, func(f fact, text string) int { return strings.Compare(f.text, text) }); ok && len(out) < shown {
			out = append(out, f.text)
		}
	}
	if out == nil {
		return ""
	}
	return "; names " + strings.Join(out, ", ")
}

// sharedNumbers tells the numbers that two ascending lists share.
func sharedNumbers(a, b []float64) string {
	var out []string
	for _, v := range a {
		if _, ok := slices.BinarySearch(b, v); ok && len(out) < shown {
			out = append(out, strconv.FormatFloat(v, 'f', -1, 64))
		}
	}
	if out == nil {
		return ""
	}
	return "; numbers " + strings.Join(out, ", ")
}

// shown is how many names or numbers a reason tells.
const shown = 5

// otherNews is the veto that parts two reports, empty for none: they may share names and numbers and tell what came of it, or of its
// like.
func otherNews(a, b *Signature) string {
	if v := conflict(a.marks, b.marks); v != "" {
		return v
	}
	switch {
	case missing(a.title, b.numbers) && missing(b.title, a.numbers):
		return "other numbers in the titles"
	case missing(a.amounts, b.numbers) || missing(b.amounts, a.numbers):
		return "an amount in one title that the other report lacks"
	case aboutAnother(a.marks, b.marks) || aboutAnother(b.marks, a.marks):
		return "a model in one title, and others in the other report"
	case a.cue != b.cue:
		return "one follows up"
	}
	return ""
}

// followsUp says whether a title tells what came after its news.
func followsUp(ts []token) bool {
	for i := range ts {
		if cues[ts[i].text] || ts[i].text == "بعد" && i+1 < len(ts) && spans[ts[i+1].text] {
			return true
		}
	}
	return false
}
