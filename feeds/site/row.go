package site

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
)

// row is a story as a list shows it: its headline and the opening of its text on one line.
type row struct {
	of      *shared
	edition feeds.Edition
	ID      string
	Sides   []side // two in the bilingual edition, if the story is in two languages
	Outlet  outlet
	When    moment
	Outlets string // how many told it; empty: one
	Thumb   string // address of a picture; empty: none
	Wait    string // what the translation lacks, or what is doubted in it; empty: nothing

	// of an event
	Words   string   // how many outlets and reports it has
	Beside  []outlet // that printed the headline's text
	Reports []report
}

// report is one more report of an event. Original is its address; empty: none.
type report struct {
	side
	Outlet   outlet
	Original string
}

// Event is an event with the entries of its stories, the headline's first.
type Event struct {
	feeds.Event
	Entries []Entry
}

// FrontQuery asks for the events of the index, on which a story of that time is the newest.
func FrontQuery(newest time.Time) feeds.EventQuery {
	return feeds.EventQuery{From: newest.Add(-EventTime), To: newest.Add(time.Millisecond), ByPublished: true,
		Top: IndexEvents, MinOutlets: 2}
}

// maxReports is how many reports stand beneath an event's headline: with them seven events fill a
// screen and a half.
const maxReports = 3

// sidesIn returns the sides of e that edition ed shows; nil: it leaves e out. The Arabic edition leaves
// out what was written in English.
func (e Entry) sidesIn(ed feeds.Edition) []side {
	first, last := e.Sides[0], e.Sides[len(e.Sides)-1]
	switch {
	case ed == feeds.Arabic && strings.HasPrefix(last.Lang, "en"):
		return nil
	case ed == feeds.Arabic, ed == feeds.English && first.Title == nil && first.Excerpt.Text == nil:
		return []side{last}
	case ed == feeds.English:
		return []side{first}
	}
	return e.Sides
}

// headed returns s with a headline: without a title that is the opening of the text, or the outlet's
// name if it has no text either and is to be followed.
func (s side) headed(o outlet, follow bool) side {
	switch {
	case s.Title != nil:
	case s.Excerpt.Text != nil:
		if s.Title = s.Excerpt.Text; s.Excerpt.Lang != "" {
			s.Lang, s.Dir = s.Excerpt.Lang, s.Excerpt.Dir
		}
		s.Excerpt = excerpt{}
	case follow:
		s.Title = runs(o.Name, s.Lang)
	}
	return s
}

// row returns the row of e on p, unless p's edition leaves e out. newest is the time of the newest
// story where the day is not written above; zero: it is.
func (b *Book) row(p page, e Entry, newest time.Time) (r row, shown bool) {
	r = row{of: b.shared, edition: p.Edition, ID: e.ID, Thumb: e.Thumb,
		Outlet: b.named(p, e.Outlet), When: p.moment(e.published, newest)}
	if e.Outlets > 1 {
		r.Outlets = feeds.Count(p.Lang, e.Outlets, "outlet")
	}
	sides := e.sidesIn(p.Edition)
	for i, s := range sides {
		s = s.headed(e.Outlet, i == len(sides)-1)
		s.Title = shortened(s.Title)
		if e.page != "" && b.has(e.ID) {
			s.Link, s.Hreflang = rootMark+e.page, ""
			if p.Edition != feeds.Bilingual && len(e.Sides) > 1 && (s.Lang == "en" || s.Lang == "ar") {
				s.Link += "#" + s.Lang // shows this language alone
			}
		}
		r.Sides = append(r.Sides, s)
	}
	if p.Edition != feeds.Arabic {
		r.Wait = cmp.Or(e.Sides[0].Waiting, e.Doubt)
		if r.Wait == "" && e.Partly {
			r.Wait = "partly translated"
		}
	}
	return r, r.Sides != nil
}

// named returns o as p's edition calls it.
func (b *Book) named(p page, o outlet) outlet {
	name := sourceName(b.where, o.source, p.Edition)
	o.Lang, o.Dir, o.Name = name.Lang, name.Dir, name.Text
	return o
}

// event returns the row of an event on p, unless p's edition leaves its headline out.
func (b *Book) event(p page, ev Event, newest time.Time) (r row, shown bool) {
	head := ev.Entries[0]
	if r, shown = b.row(p, head, newest); !shown {
		return r, false
	}
	r.Outlets, r.Words = "", feeds.Coverage(p.Lang, len(ev.Outlets), ev.Reports)
	for _, o := range head.Copies {
		r.Beside = append(r.Beside, b.named(p, o))
	}
	for _, e := range ev.Entries[1:] {
		if of, shown := b.row(p, e, newest); shown && len(r.Reports) < maxReports {
			at := max(0, slices.IndexFunc(of.Sides, func(s side) bool { return s.Title != nil }))
			r.Reports = append(r.Reports, report{of.Sides[at], of.Outlet, e.Outlet.Link})
		}
	}
	return r, true
}

// rows returns the rows of entries on p. The times of those that are not of the first one's day have
// their date.
func (b *Book) rows(p page, entries []Entry) (out []row) {
	for _, e := range entries {
		if r, ok := b.row(p, e, entries[0].published); ok {
			out = append(out, r)
		}
	}
	return out
}

// paired reports whether a row has two sides.
func paired(rows []row) bool {
	for _, r := range rows {
		if len(r.Sides) > 1 {
			return true
		}
	}
	return false
}
