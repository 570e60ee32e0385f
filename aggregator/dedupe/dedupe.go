// Package dedupe says which items tell the same story, and why. It is pure.
package dedupe

import (
	"time"

	"github.com/nashra/nashra/feeds"
)

// Signature holds what an item is compared and indexed by. The zero Signature matches nothing.
type Signature struct {
	Identity []int64  // a shared key means the same address or the same words
	Bands    []uint32 // MinHash bands, even numbers
	Names    []uint32 // names and numbers, odd; sharing bands or names makes items candidates: see Index

	lang    [2]byte   // first two letters of the language; zero: unknown
	stems   int       // number of distinct stems, without numbers
	terms   []term    // ascending, distinct, at most maxTerms
	numbers []float64 // in title and text, ascending, distinct
	title   []float64 // numbers in the title, ascending, distinct
	marks   []mark    // ascending, distinct

	// The facts of title and first paragraphs: see event.go.
	names   []fact    // sorted by text, at most maxFacts
	words   []uint16  // hashes of uncommon words, ascending, distinct, at most maxFacts
	counts  []float64 // numbers, ascending, distinct
	amounts []float64 // sums of money in the title
	cue     bool      // the title announces a follow-up
}

// Printing is an item in the form in which it is compared with others.
type Printing struct {
	Source    string    // id of the source that published it
	When      time.Time // UTC; its own date, or else Seen: feeds.Item.When
	Seen      time.Time // UTC; when it was first stored
	Signature Signature
}

// Candidate is a story that an item may join: how it was found, and its lead.
type Candidate struct {
	Hit
	Printing
}

// Decision says which story an item joins, or that it begins one.
type Decision struct {
	Story  string     // empty: the item begins a story
	Kind   feeds.Kind // Copy or Update; empty if the item begins a story
	Why    string     // the reason; for a new story, why it did not join the most similar one, or empty
	Events []Link     // for a new story: stories that report the same event, strongest first
}

// Link is another story that reports the same event.
type Link struct {
	Story, Why string
	Points     float64
}

const (
	// copyCut is the least cosine of a copy, with uniform weights and without stop words. In the first
	// half of testdata/labelled.jsonl copies begin at 0.83 and other pairs without a veto end at 0.39.
	copyCut = 0.75
	// minStems is how many distinct stems a text needs for its cosine to count. Shorter texts must be equal.
	minStems = 8
	// reposted is how far apart one source's items with the same title and text may be dated to be one.
	// Its other items are never printings of each other: see feeds.Identify.
	reposted = 48 * time.Hour
	// mostEvents limits the links of a new story to what a reader looks through.
	mostEvents = 8
)

// tier says how well two texts match, weakest first.
type tier uint8

const (
	unlike tier = iota
	alike       // similar words, but a veto says different news
	event       // two reports of one event
	copied      // nearly the same words
	same        // the same address, or exactly the same words
)

// match is the result of comparing an item with a story.
type match struct {
	tier  tier
	score float64 // cosine; points of an event
	veto  string
}

// Decide chooses the story of near that p joins: one with the same address or words, otherwise the one
// whose lead is the most similar within Window. The order of near does not matter.
func Decide(p Printing, near []Candidate) (d Decision) {
	var best *Candidate
	var won match
	for i := range near {
		c := &near[i]
		m := compare(&p, c)
		if m.tier == event {
			d.Events = append(d.Events, Link{c.Story, m.why(&p.Signature, c), m.score})
			continue
		}
		if m.tier > unlike && (best == nil || m.better(c, won, best)) {
			best, won = c, m
		}
	}
	if best != nil {
		d.Why = won.why(&p.Signature, best)
	}
	if won.tier < copied {
		surest(d.Events)
		d.Events = d.Events[:min(len(d.Events), mostEvents)]
		return d
	}
	d.Story, d.Kind, d.Events = best.Story, feeds.Copy, nil
	if best.Source == p.Source {
		d.Kind = feeds.Update
	}
	return d
}

// Worth reports whether Decide may make anything of c.
func Worth(p Printing, c Candidate) bool { return compare(&p, &c).tier > unlike }

func (m match) better(c *Candidate, won match, best *Candidate) bool {
	switch {
	case m.tier != won.tier:
		return m.tier > won.tier
	case m.score != won.score:
		return m.score > won.score
	case !c.When.Equal(best.When):
		return c.When.Before(best.When)
	}
	return c.Story < best.Story
}

func compare(p *Printing, c *Candidate) match {
	sig, other := &p.Signature, &c.Signature
	apart := p.When.Sub(c.When).Abs()
	near := apart <= Window && p.Seen.Sub(c.Seen).Abs() <= Window
	own := c.Source == p.Source
	if sig.lang == other.lang {
		if c.Identical && (own && apart <= reposted && sameWords(sig, other) || !own && kin(sig, other) &&
			(near || sig.stems >= minStems || sharedKey(sig, other) == addressKey)) {
			return match{tier: same, score: cosine(sig, other)}
		}
		if near && min(sig.stems, other.stems) >= minStems {
			if like := cosine(sig, other); like >= copyCut {
				veto := vetoed(sig, other, own)
				if veto == "" && own {
					veto = "another item of the same source"
				}
				if veto != "" {
					return match{alike, like, veto}
				}
				return match{tier: copied, score: like}
			}
		}
	}
	if !near || apart > EventWindow || c.Source == p.Source ||
		len(sig.names) > 0 && len(other.names) > 0 && !sig.sharesName(other) {
		return match{}
	}
	e := sig.evidence(other)
	if !e.tells(sig, other) || e.points < eventPoints(apart) {
		return match{}
	}
	if veto := otherNews(sig, other); veto != "" {
		return match{veto: veto}
	}
	return match{tier: event, score: e.points}
}
