package dedupe

import (
	"slices"
	"strings"
)

// Text is an item in a story.
type Text struct {
	Story string
	*Printing
}

// Shelf holds what items are compared with: the texts that share keys with them, and the leads of
// their stories.
type Shelf struct {
	Index   *Index
	Texts   map[int64]*Text      // by the number in Index
	Leads   map[string]*Printing // by story
	Stories map[int64][]string   // by identity key
	items   []Printing
	keys    []Keys // of items
	placed  int64
	near    []Candidate    // during Near
	at      map[string]int // stories in near
}

// NewShelf returns a Shelf for items.
func NewShelf(items []Printing) *Shelf {
	s := &Shelf{items: items, Texts: map[int64]*Text{}, Leads: map[string]*Printing{}, Stories: map[int64][]string{},
		at: map[string]int{}}
	for i := range items {
		s.keys = append(s.keys, items[i].Signature.Keys())
	}
	s.Index = NewIndex(s.keys)
	return s
}

// Found returns the numbers of the texts in Index worth comparing with one of the items.
func (s *Shelf) Found() (numbers []int64) {
	for _, keys := range s.keys {
		for _, f := range s.Index.Near(keys) {
			numbers = append(numbers, f.Number)
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// mostTexts is how many texts of a story an item is compared with: more are printings of the same.
const mostTexts = 16

// Near returns the stories worth comparing with the item at i, by id. The slice is valid until the
// next call.
func (s *Shelf) Near(i int) []Candidate {
	p := &s.items[i]
	clear(s.at)
	s.near = s.near[:0]
	for _, k := range p.Signature.Identity {
		for _, id := range s.Stories[k] {
			if c := s.story(id); c != nil {
				c.Identical = true
			}
		}
	}
	for _, f := range slices.Backward(s.Index.Near(s.keys[i])) {
		t := s.Texts[f.Number]
		if t == nil {
			continue // it is gone
		}
		c := s.story(t.Story)
		if c == nil {
			continue
		}
		if c.Alike = c.Alike || f.Alike; len(c.Texts) < mostTexts && (f.Alike || bare(&p.Signature, &t.Signature)) {
			c.Texts = append(c.Texts, t.Printing)
		}
	}
	slices.SortFunc(s.near, func(a, b Candidate) int { return strings.Compare(a.Story, b.Story) })
	return s.near
}

// story returns the candidate of that id, or nil if its lead is not known.
func (s *Shelf) story(id string) *Candidate {
	n, known := s.at[id]
	if lead := s.Leads[id]; !known && lead != nil {
		n, known = len(s.near), true
		s.at[id], s.near = n, append(s.near, Candidate{Story: id, Lead: lead})
	}
	if !known {
		return nil
	}
	return &s.near[n]
}

// Place puts the item at i into a story, as its lead or not. A text that the story has already is not
// found.
func (s *Shelf) Place(i int, story string, lead, known bool) {
	p := &s.items[i]
	if lead {
		s.Leads[story] = p
	}
	for _, k := range p.Signature.Identity {
		if !slices.Contains(s.Stories[k], story) { // add each once: a flood of one text stays linear
			s.Stories[k] = append(s.Stories[k], story)
		}
	}
	if !known {
		s.placed-- // stored texts have positive numbers
		s.Texts[s.placed] = &Text{story, p}
		s.Index.Insert(s.placed, s.keys[i])
	}
}
