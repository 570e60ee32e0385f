// Package dedupe says which items tell the same story, and why. It is pure.
package dedupe

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
)

// Signature holds what an item is compared and found by. The zero Signature matches nothing.
type Signature struct {
	Identity []int64 // a shared key means the same address or the same words

	lang   [2]byte  // first two letters of the language; zero: unknown
	words  int      // in title and text
	stems  int      // distinct ones in the text that the title lacks, counted up to minStems
	sketch sketch   // of title and text
	title  []uint32 // hashes of the words that the title consists of, ascending, distinct
	open   []uint32 // hashes of the stems that the text begins with, ascending, distinct
	terms  []uint32 // the heaviest terms, with kind and weight: see termShift; ascending, distinct
	marks  []mark   // ascending, distinct

	names []string // the first names and numbers, sorted, distinct
	cues  uint8    // the kinds of cues in the title, a bit each
}

// Printing is an item in the form in which it is compared with others.
type Printing struct {
	Source    string    // id of the source that published it
	When      time.Time // UTC; its own date, or else Seen: feeds.Item.When
	Seen      time.Time // UTC; when it was first stored
	Signature Signature
}

// Candidate is a story that an item may join.
type Candidate struct {
	Story     string
	Identical bool // one of its items shares an identity key
	Alike     bool // the sketch of one of Texts shares hashes
	Lead      *Printing
	Texts     []*Printing // those of the story that the Index found, newest first
}

// Decision says which story an item joins, or that it begins one.
type Decision struct {
	Story string     // empty: the item begins a story
	Kind  feeds.Kind // Copy or Update; empty if the item begins a story
	Why   string     // the reason; for a new story, why it did not join the most similar one, or empty
	Links []Link     // other stories that report the same event, strongest first
	Known bool       // the story has the same text already: later items need not be compared with both
}

// Link is another story that reports the same event.
type Link struct {
	Story, Why string
	Points     float64 // how sure it is, 0 to 1
}

// mostLinks limits the links that an item adds to what a reader looks through.
const mostLinks = 8

// Decide chooses the story of near that p joins: one with the same address or words, otherwise one with
// nearly the same text. The order of near does not matter.
func Decide(p Printing, near []Candidate) (d Decision) {
	matches := make([]match, len(near))
	for i := range near {
		matches[i] = compare(&p, &near[i])
	}
	slices.SortFunc(matches, func(a, b match) int {
		return cmp.Or(cmp.Compare(b.tier, a.tier), cmp.Compare(b.score, a.score),
			a.story.Lead.When.Compare(b.story.Lead.When),
			strings.Compare(a.story.Story, b.story.Story))
	})
	if len(matches) == 0 || matches[0].tier == unlike {
		return d
	}
	best := matches[0]
	for _, m := range matches { // of stories that are as similar, the one that has more similar texts
		if best.tier == copied && m.tier == copied && m.score > matches[0].score-alikeScores &&
			len(m.story.Texts) > len(best.story.Texts) {
			best = m
		}
	}
	d.Why = best.why()
	if best.tier >= copied {
		d.Story, d.Kind, d.Known = best.story.Story, feeds.Copy, best.score == 1
		if best.story.Lead.Source == p.Source {
			d.Kind = feeds.Update
		}
	}
	for _, m := range matches {
		if m.story != best.story && m.tier == copied || m.tier == related || m.tier == event && d.Story == "" {
			d.Links = append(d.Links, Link{m.story.Story, m.why(), m.score})
		}
	}
	surest(d.Links)
	d.Links = d.Links[:min(len(d.Links), mostLinks)]
	return d
}

// alikeScores is how little the scores of two stories may differ for the larger to be taken.
const alikeScores = .1

// surest sorts links by points, highest first, then by story.
func surest(links []Link) {
	slices.SortFunc(links, func(x, y Link) int {
		return cmp.Or(cmp.Compare(y.Points, x.Points), strings.Compare(x.Story, y.Story))
	})
}
