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
	numbers []float64 // of title and text, ascending, distinct
	title   []float64 // of the title
	marks   []mark    // ascending, distinct
}

// Candidate is a story that an item may join, known by its lead.
type Candidate struct {
	Story     string
	Source    string    // of the lead
	When      time.Time // of the lead
	Seen      time.Time // of the lead
	Signature Signature // of the lead
	Near      bool      // an Index found it
	Identical bool      // some item of the story shares an identity key with the item in question
}

// Decision is where an item goes. Story is empty where it begins a story of its own.
type Decision struct {
	Story string
	Kind  feeds.Kind
	Why   string
}

// copyCut is the least cosine of a copy: uniform weights, stop words out. Chosen on the first half of testdata/labelled.jsonl, where
// copies begin at 0.83 and what no veto parts ends at 0.39; nearer the copies, as a false merge hides news.
const copyCut = 0.75

// minStems is how many distinct stems a text needs to be compared by likeness: of shorter ones only equal texts are the same.
const minStems = 8

// Decide says which of near the item joins, sig being its Sign: the story that holds the same address or words, else the one whose
// lead is most alike within Window. It does not depend on the order of near.
func Decide(it feeds.Item, sig Signature, near []Candidate) Decision {
	var best Candidate
	var won match
	for _, c := range near {
		if m := compare(it, &sig, &c); m.why != nil && (won.why == nil || m.better(&c, won, &best)) {
			best, won = c, m
		}
	}
	if won.why == nil {
		return Decision{}
	}
	kind := feeds.Copy
	if best.Source == it.SourceID {
		kind = feeds.Update
	}
	return Decision{Story: best.Story, Kind: kind, Why: won.why(&sig, &best)}
}

// match is how an item and a story agree; why nil: they do not.
type match struct {
	identical bool
	score     float64
	why       func(sig *Signature, c *Candidate) string
}

func (m match) better(c *Candidate, won match, best *Candidate) bool {
	switch {
	case m.identical != won.identical:
		return m.identical
	case m.score != won.score:
		return m.score > won.score
	case !c.When.Equal(best.When):
		return c.When.Before(best.When)
	}
	return c.Story < best.Story
}

func compare(it feeds.Item, sig *Signature, c *Candidate) match {
	other := &c.Signature
	if sig.lang != other.lang {
		return match{}
	}
	near := it.When().Sub(c.When).Abs() <= Window && it.Seen.Sub(c.Seen).Abs() <= Window
	if c.Identical && (c.Source == it.SourceID || kin(sig, other)) && (near || sig.stems >= minStems || sharedKey(sig, other) == address) {
		return match{identical: true, score: cosine(sig, other), why: identityWhy}
	}
	if !near || sig.stems < minStems || other.stems < minStems || vetoed(sig, other, c.Source == it.SourceID) {
		return match{}
	}
	like := cosine(sig, other)
	if like < copyCut {
		return match{}
	}
	return match{score: like, why: copyWhy(like)}
}
