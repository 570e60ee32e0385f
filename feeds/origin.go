package feeds

import (
	"slices"
	"strings"
	"time"
)

// Origin is an outlet that another nashra names as having a story: see Source.Trusted.
type Origin struct {
	ID        string    `json:"id,omitempty"` // of the source there
	Title     Title     `json:"title,omitzero"`
	URL       string    `json:"url,omitempty"`        // of its report, absolute; empty if there is none
	ItemTitle string    `json:"item_title,omitempty"` // of its report
	Published time.Time `json:"published,omitzero"`   // UTC
}

// MaxOrigins limits the outlets that another nashra names for a story: the most covered events have
// some twenty.
const MaxOrigins = 50

// Key returns the outlet of o: the registrable domain of its report, else its id, which says little here.
func (o Origin) Key() string { return Source{ID: o.ID, URL: o.URL}.Publisher() }

// Rendition is a text with its translations by another nashra: see Source.Trusted.
type Rendition struct {
	Original Text   // the text as it stands there, with Body alone
	Texts    []Text // its translations, with Body alone, sanitised
	Maker    string // the engine there and its model; empty: not said
	At       time.Time
}

// In returns the translation into a language; ok is false if there is none.
func (r Rendition) In(lang string) (t Text, ok bool) {
	i := slices.IndexFunc(r.Texts, func(t Text) bool { return t.Lang == lang })
	if i < 0 {
		return t, false
	}
	return r.Texts[i], true
}

// foreign joins the id of a source with the outlet that it names. Ids of sources have no slash.
const foreign = "/"

// TakenFrom begins the names of makers whose translations are taken over. Names of engines have no colon.
const TakenFrom = "nashra:"

// Appearances returns what coverage counts of an item: the item, or the outlets that another nashra
// names in its place. The latter have the source's id, a slash and Origin.Key as Source.
func Appearances(source string, seen, published time.Time, origins []Origin) []Appearance {
	if len(origins) == 0 {
		return []Appearance{{source, seen, published}}
	}
	var out []Appearance
	for _, o := range origins {
		a := Appearance{source + foreign + o.Key(), seen, published}
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// Polled returns the id of the source that a comes from.
func (a Appearance) Polled() string {
	id, _, _ := strings.Cut(a.Source, foreign)
	return id
}

// Credited returns s with the outlets that trusted sources name among its items, as copies of them.
// Outlets that have the story in s themselves are not repeated, and an item that names none but these is
// left out, unless it leads: it is our own news come back. The names of the outlets are added to where.
func (s Story) Credited(where Site, publisher func(source string) string) Story {
	if !slices.ContainsFunc(s.Items, func(m Member) bool { return len(m.Origins) > 0 }) {
		return s
	}
	has := map[string]bool{}
	for _, m := range s.Items {
		if len(m.Origins) == 0 {
			has[publisher(m.SourceID)] = true
		}
	}
	var items []Member
	for _, m := range s.Items {
		var named []Member
		for _, o := range m.Origins {
			key := o.Key()
			id := m.SourceID + foreign + key
			// an outlet that is not configured counts as m's source, and is named nonetheless
			if has[publisher(id)] && publisher(id) == key || has[foreign+key] {
				continue
			}
			has[foreign+key] = true
			where.Named[id] = o.Title
			named = append(named, Member{Item: Item{SourceID: id, GUID: id, URL: o.URL, Published: o.Published,
				Text: Text{Lang: m.Lang, Title: o.ItemTitle}, Seen: m.Seen}, Kind: Copy, Why: "named by " + m.SourceID})
		}
		if m.Kind == Lead || len(m.Origins) == 0 || named != nil {
			items = append(append(items, m), named...)
		}
	}
	s.Items = items
	return s
}
