package dedupe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Points of facts that two reports share in title and first paragraphs. Chosen on the first half of
// testdata/labelled.jsonl: no other news reaches 2.3, and 2.6 misses one of forty pairs more.
const (
	weightKnown  = 0.7 // a name that half of all technology items hold
	weightName   = 1.4 // any other name
	weightCode   = 1.8 // a model, version or id
	weightModel  = 1.2 // a model or version in both titles, in addition to its name
	weightNumber = 1.4 // a number that rarely agrees by chance: three digits or a fraction
	weightCount  = 0.7 // a number of two digits above 31, the days of a month
	weightDigit  = 0.2 // any other number
	weightWord   = 0.4 // a word that is uncommon in technology news
	mostWords    = 1.6 // limit of all words together: two price lists share all of theirs

	eventCut  = 2.6  // points that two simultaneous reports of one event need
	eventHour = 0.04 // additional points per hour between them, since later reports are mostly follow-ups
)

const (
	leadWords   = 60 // words of the text that describe the event, without stop words: two or three paragraphs
	maxFacts    = 24 // names kept of them, and words kept of them
	maxEventIDs = 16 // names and numbers that a story is indexed by
)

// fact is a name in the title or the first paragraphs.
type fact struct {
	text   string
	weight uint8 // in tenths of a point
}

// events fills names, words, counts, amounts, cue and Names from the tokens of title and body.
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

// fact records the fact that ts[i] states, if any.
func (s *Signature) fact(ts []token, i int, title bool) {
	t := &ts[i]
	english := s.english()
	switch {
	case t.stop:
	case t.kind == number:
		if t.year || i+1 < len(ts) && ts[i+1].month {
			return
		}
		if product := versionOf(ts, i, english); product != "" { // iOS 26.1 is not macOS 26.1
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
		case !t.known && (english || i > 0 && ts[i-1].latin()):
			// An English word counts as a name only if an Arabic text holds it too; so does a second Latin word.
			w = weightWord
		case known[t.text]:
			w = weightKnown
		}
		s.name(t.text, w)
	}
}

// lead returns the tokens of the first paragraphs.
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

// versionOf returns the product whose version is the number ts[i]; empty: the number is no version.
func versionOf(ts []token, i int, english bool) string {
	if i == 0 || ts[i].unit || ts[i-1].kind != name || !precedes(&ts[i-1], english) {
		return ""
	}
	return ts[i-1].text
}

// name records a name, once.
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

// findBy adds a key to Names. The flags of how say what the key is: see nameKey.
func (s *Signature) findBy(hash uint64, how uint32) {
	if len(s.Names) < maxEventIDs {
		key := uint32(hash)&^(rareKey|besideKey|figureKey) | nameKey | how
		s.Names = append(slices.Grow(s.Names, maxEventIDs-len(s.Names)), key)
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

// eventPoints returns the points that two reports dated this far apart need.
func eventPoints(apart time.Duration) float64 { return eventCut + eventHour*apart.Hours() }

// evidence is what two reports have in common.
type evidence struct {
	points               float64
	names, counts, words int
}

// sharesName reports whether two reports have a name in common.
func (a *Signature) sharesName(b *Signature) bool {
	return slices.ContainsFunc(a.names, func(f fact) bool { return named(b.names, f.text) })
}

// named reports whether sorted facts have a name.
func named(facts []fact, name string) bool {
	byText := func(f fact, name string) int { return strings.Compare(f.text, name) }
	_, ok := slices.BinarySearchFunc(facts, name, byText)
	return ok
}

func (a *Signature) evidence(b *Signature) (e evidence) {
	for x, y := a.names, b.names; len(x) > 0 && len(y) > 0; {
		switch c := strings.Compare(x[0].text, y[0].text); {
		case c < 0:
			x = x[1:]
		case c > 0:
			y = y[1:]
		default:
			// Take the greater weight: an English word is a name if the Arabic text holds it.
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

// nameless is how many shared words, with a number, replace a shared name if one report has no known
// name. Chosen on the first halves of testdata/labelled.jsonl and the farm; four is less precise.
const nameless = 5

// tells reports whether e can identify an event: by a name, or by a number and many words.
func (e evidence) tells(a, b *Signature) bool {
	return e.names > 0 || (len(a.names) == 0 || len(b.names) == 0) && e.words >= nameless && e.counts > 0
}

// told describes e with the names and numbers that a and b share.
func (e evidence) told(a, b *Signature) string {
	s := fmt.Sprintf("%.1f points", e.points) + sharedNames(a, b) + sharedNumbers(a.counts, b.counts)
	if e.words > 0 {
		s += fmt.Sprintf("; %d words", e.words)
	}
	return s
}

// sharedNames lists the names that two reports share.
func sharedNames(a, b *Signature) string {
	var out []string
	for _, f := range a.names {
		if named(b.names, f.text) && len(out) < shown {
			out = append(out, f.text)
		}
	}
	if out == nil {
		return ""
	}
	return "; names " + strings.Join(out, ", ")
}

// sharedNumbers lists the numbers that two ascending lists share.
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

// shown limits the names, and the numbers, in a reason.
const shown = 5

// otherNews says why two reports with common names and numbers are not of one event; empty: nothing does.
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

// followsUp reports whether a title announces a follow-up.
func followsUp(ts []token) bool {
	for i := range ts {
		if cues[ts[i].text] || ts[i].text == "بعد" && i+1 < len(ts) && spans[ts[i+1].text] {
			return true
		}
	}
	return false
}
