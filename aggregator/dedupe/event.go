package dedupe

import (
	"cmp"
	_ "embed" // for frequencies
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A term of a report, as events are compared: 24 bits of its hash, its kind, and its weight in the report.
const (
	termShift  = 8
	nameBit    = 1 << 7
	numberBit  = 1 << 6
	termWeight = numberBit - 1 // the weight's bits, and the greatest weight: that of a report of one term
)

const (
	termWords = 150 // words of the text that tell the event; what follows is mostly background
	// mostTerms is how many terms a report keeps, the heaviest. Of 24 to 64, any finds the
	// same on testdata within two links.
	mostTerms = 40
	// termKeys is how many of them find a report.
	termKeys = 12
)

// frequencies lists how common terms are in news: little-endian words, ascending, each 24 bits of a hash
// and, in its lowest bits, log2 of how many reports there are for one that has the term. See
// testdata/README.md for the source.
//
//go:embed frequencies.bin
var frequencies string

// rarities returns frequencies by term.
var rarities = sync.OnceValue(func() map[uint32]int {
	m := make(map[uint32]int, len(frequencies)/4)
	for b := []byte(frequencies); len(b) > 0; b = b[4:] {
		t := binary.LittleEndian.Uint32(b)
		m[t>>termShift] = int(t & termWeight)
	}
	return m
})

// rarity is log2 of how many reports there are for one that has the term t, rounded.
func rarity(t uint32) int {
	if r, ok := rarities()[t>>termShift]; ok {
		return r
	}
	return unlisted
}

// unlisted is the rarity of a term that frequencies lacks: half of the rarest listed one's share.
const unlisted = 9

// terms returns the heaviest terms of a report by TF-IDF, ascending: of its title, counted double, and
// the beginning of its text. It also returns the first names and numbers, sorted, for the reason of a link.
func (w *scratch) terms(title, body []token, english bool) (terms []uint32, names []string) {
	found, weighed := w.hashes[:0], w.weighed[:0]
	for k, list := range [][]token{title, body[:min(len(body), termWords)]} {
		for i := range list {
			t, product := termAt(list, i, english)
			if t == 0 {
				continue
			}
			found = append(found, t)
			if k == 0 {
				found = append(found, t)
			}
			if t&(nameBit|numberBit) != 0 && len(names) < maxNames {
				name := nameOf(&list[i], product)
				if len(name) <= maxName && !slices.Contains(names, name) {
					names = append(slices.Grow(names, maxNames-len(names)), strings.Clone(name))
				}
			}
		}
	}
	slices.Sort(names)
	slices.Sort(found)
	w.hashes = found
	for n := 0; len(found) > 0; found = found[n:] {
		for n = 1; n < len(found) && found[n]>>termShift == found[0]>>termShift; n++ {
		}
		t := found[n-1] // a name if one of them is
		weighed = append(weighed, uint64(^uint32(n*rarity(t)))<<32|uint64(t))
	}
	slices.Sort(weighed) // the heaviest first
	w.weighed = weighed
	weighed = weighed[:min(len(weighed), mostTerms)]
	weight := func(t uint64) float64 { return float64(^uint32(t >> 32)) }
	sum := 0.
	for _, t := range weighed {
		sum += weight(t) * weight(t)
	}
	terms = slices.Grow(terms, len(weighed))
	for _, t := range weighed {
		if w := uint32(math.Round(termWeight * weight(t) / math.Sqrt(sum))); w > 0 {
			terms = append(terms, uint32(t)|w)
		}
	}
	slices.Sort(terms)
	return terms, slices.Clip(names)
}

// termAt returns the term that ts[i] is, without a weight, and the product whose version it is.
func termAt(ts []token, i int, english bool) (term uint32, product string) {
	t := &ts[i]
	h, bit := t.hash, [...]uint32{word: 0, name: nameBit, code: nameBit, number: numberBit}[t.kind]
	switch {
	case t.stop, len(t.text) < 2 && t.kind != number, t.kind == number && (t.year || i+1 < len(ts) && ts[i+1].month):
		return 0, ""
	case t.kind == number:
		if product = versionOf(ts, i, english); product != "" { // iOS 26.1 is not macOS 26.1
			h, bit = hash(product+" "+t.text), nameBit
		}
	case t.latin() && (english || i > 0 && ts[i-1].latin()):
		bit = 0 // an English word counts as a name only if an Arabic text holds it too
	}
	return uint32(h>>(32+termShift))<<termShift | bit, product
}

// nameOf returns the name that t is, or the version of a product.
func nameOf(t *token, product string) string {
	switch {
	case product != "":
		return product + " " + t.text
	case t.kind == number:
		return strconv.FormatFloat(t.value, 'f', -1, 64)
	}
	return t.text
}

// A report keeps maxNames names of at most maxName bytes; a reason shows shownNames.
const maxNames, maxName, shownNames = 16, 32, 5

// versionOf returns the product whose version is the number ts[i]; empty: the number is no version.
func versionOf(ts []token, i int, english bool) string {
	if i == 0 || ts[i].unit || ts[i-1].kind != name || !precedes(&ts[i-1], english) {
		return ""
	}
	return ts[i-1].text
}

// heaviest returns the keys that find reports of the same event. Names and numbers weigh double, since
// they are all that two languages share.
func (s *Signature) heaviest() (keys []uint32) {
	weight := func(t uint32) uint32 {
		if t&(nameBit|numberBit) == 0 {
			return t & termWeight
		}
		return 2 * (t & termWeight)
	}
	var room [mostTerms]uint64
	ranked := room[:0]
	for _, t := range s.terms {
		ranked = append(ranked, uint64(2*termWeight-weight(t))<<32|uint64(t))
	}
	slices.Sort(ranked)
	for _, r := range ranked[:min(len(ranked), termKeys)] {
		t := uint32(r)
		keys = append(keys, t>>termShift<<termShift|min(max((weight(t)+2)/5, 1), weightBits))
	}
	return keys
}

// Weights and cut of the evidence for one event, by logistic regression on 300 pairs read of two days of
// news and on testdata, with SemEval's pairs in sight. A third day of news was kept for checking.
const (
	eventCut  = .83
	openWorth = .5       // of what the beginnings share: reports of one event open with it
	leastOpen = .07      // what the beginnings share at the least: round-ups share a title only
	otherOpen = .5       // what beginnings in two languages share, as those of one event do
	rareWorth = .03      // of a shared word that is rare
	rareFrom  = 8        // the rarity of such a word
	nameWorth = 1. / 30  // of a shared name or number, for each doubling of its rarity
	eventHour = 1. / 125 // what an hour between the reports takes, since later ones are mostly follow-ups
)

// evidence is what two reports have in common.
type evidence struct {
	cosine float64
	open   float64 // stems of the beginnings
	rare   int     // rare words, names aside
	names  int
	rarity int // of all names and numbers
}

func (a *Signature) evidence(b *Signature) (e evidence) {
	inNumbers := 0
	for x, y := a.terms, b.terms; len(x) > 0 && len(y) > 0; {
		switch c := cmp.Compare(x[0]>>termShift, y[0]>>termShift); {
		case c < 0:
			x = x[1:]
		case c > 0:
			y = y[1:]
		default:
			e.cosine += float64((x[0] & termWeight) * (y[0] & termWeight))
			switch both, r := x[0]|y[0], rarity(x[0]); {
			case both&nameBit != 0:
				e.names++
				e.rarity += r
			case both&numberBit != 0:
				inNumbers += r
			case r >= rareFrom:
				e.rare++
			}
			x, y = x[1:], y[1:]
		}
	}
	e.cosine /= termWeight * termWeight
	if e.open = otherOpen; a.lang == b.lang {
		e.open = share(a.open, b.open)
	}
	if e.names > 0 { // without a name, numbers agree by chance
		e.rarity += inNumbers
	}
	return e
}

func (e evidence) score(apart time.Duration) float64 {
	return e.cosine + openWorth*e.open + rareWorth*float64(e.rare) + nameWorth*float64(e.rarity) -
		eventHour*apart.Hours()
}

// told describes what two reports have in common.
func (e evidence) told(a, b *Signature) string {
	out := fmt.Sprintf("event: cosine %.2f", down(e.cosine))
	if a.lang == b.lang {
		out += fmt.Sprintf(", beginnings %.2f, rare words %d", down(e.open), e.rare)
	}
	var both []string
	for _, name := range a.names {
		if _, ok := slices.BinarySearch(b.names, name); ok && len(both) < shownNames {
			both = append(both, name)
		}
	}
	if both != nil {
		out += "; both name " + strings.Join(both, ", ")
	}
	return out
}

// sameEvent says whether two reports, dated this far apart, are of one event.
func sameEvent(a, b *Signature, apart time.Duration) match {
	if a.lang == b.lang && min(a.stems, b.stems) < minStems {
		return match{}
	}
	e := a.evidence(b)
	if score := e.score(apart); e.open >= leastOpen && score >= eventCut && otherNews(a, b) == "" {
		return match{tier: event, score: min(score/2, 1), how: e.told(a, b)}
	}
	return match{}
}

// notEvent says what two reports have in common that are not of one event, and what parts them.
func notEvent(a, b *Signature) string {
	why := a.evidence(b).told(a, b)
	if v := otherNews(a, b); v != "" {
		why += ", veto: " + v
	}
	return why
}
