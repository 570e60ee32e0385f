// Package dedupe says which items tell the same story, and why. It is pure.
package dedupe

import (
	"time"

	"github.com/nashra/nashra/feeds"
)

// Signature is what is compared and indexed of an item. The zero Signature is equal to nothing.
type Signature struct {
	Identity []int64  // equal keys: the same address or the same words
	Bands    []uint32 // MinHash bands; a band is even
	Names    []uint32 // rare names; a name is odd. Sharing some bands or names makes two items worth comparing (Index)

	lang    [2]byte   // first two letters of the language, zero: none
	stems   int       // distinct stems, numbers aside
	terms   []term    // ascending, distinct, at most maxTerms
	sketch  sketch    // of terms
	numbers []float64 // of title and text, ascending, distinct
	title   []float64 // of the title
	marks   []mark    // ascending, distinct

	// of title and first paragraphs: event.go
	names   []fact    // by text, at most maxFacts
	words   []uint16  // of words that are not common, hashed, ascending, distinct, at most maxFacts
	counts  []float64 // numbers, ascending, distinct
	amounts []float64 // of the title, with a currency
	cue     bool      // the title follows up
}

// Printing is one item as it is compared with others.
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

// Decision is where an item goes.
type Decision struct {
	Story  string     // empty: it begins a story of its own
	Kind   feeds.Kind // Copy or Update; empty where it begins a story
	Why    string     // where it begins a story: what parts it from the one it is most alike; empty: it is like none
	Events []Link     // where it begins a story: those that report the same event, the surest first
}

// Link is another story that reports the same event.
type Link struct {
	Story, Why string
	Points     float64
}

const (
	// copyCut is the least cosine of a copy: uniform weights, stop words out. Chosen on the first half of testdata/labelled.jsonl, where
	// copies begin at 0.83 and what no veto parts ends at 0.39; nearer the copies, as a false merge hides news.
	copyCut = 0.75
	// minStems is how many distinct stems a text needs to be compared by likeness: of shorter ones only equal texts are the same.
	minStems = 8
	// mostEvents is how many stories one is linked to when it begins: as many as a reader looks through.
	mostEvents = 8
)

// tier says how two texts agree, the surest last.
type tier uint8

const (
	unlike tier = iota
	alike       // in their words, and parted by a veto
	event       // two reports of one event
	copied      // the same words
	same        // the same address, or all the same words
)

// match is how an item and a story agree.
type match struct {
	tier  tier
	score float64 // cosine; points of an event
	veto  string
}

// Decide says which of near p joins: the story that holds the same address or words, else the one whose lead is most alike within
// Window. It does not depend on the order of near.
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
	if sig.lang == other.lang {
		if c.Identical && (c.Source == p.Source || kin(sig, other)) && (near || sig.stems >= minStems || sharedKey(sig, other) == address) {
			return match{tier: same, score: cosine(sig, other)}
		}
		if near && min(sig.stems, other.stems) >= minStems && atMost(sig, other) >= copyCut {
			if like := cosine(sig, other); like >= copyCut {
				if veto := vetoed(sig, other, c.Source == p.Source); veto != "" {
					return match{alike, like, veto}
				}
				return match{tier: copied, score: like}
			}
		}
	}
	if !near || apart > EventWindow || c.Source == p.Source || len(sig.names) > 0 && len(other.names) > 0 && !sig.sharesName(other) {
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
