// Package dedupe says which items tell the same story, and why. It is pure.
package dedupe

import (
	"time"

	"github.com/nashra/nashra/feeds"
)

// Signature is what is compared and indexed of an item.
type Signature struct {
	Identity []int64 // equal keys: the same address or the same words
	Bands    []int64 // MinHash bands: a shared one makes two items worth comparing
}

// Candidate is a story that an item may join, known by its lead.
type Candidate struct {
	Story     string
	Source    string    // of the lead
	When      time.Time // of the lead
	Title     string    // of the lead
	Signature Signature // of the lead
	Identical bool      // some item of the story shares an identity key with the item in question
}

// Decision is where an item goes. Story is empty where it begins a story of its own.
type Decision struct {
	Story string
	Kind  feeds.Kind
	Why   string
}
