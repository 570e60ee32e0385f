package parse

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// oldest is before the first feed was written (RSS, 1999): an earlier date is a mistake.
var oldest = time.Date(1995, 1, 1, 0, 0, 0, 0, time.UTC)

// order says what stands first in dates of numbers only.
type order int

const (
	dayFirst order = iota
	monthFirst
)

// vote counts the dates of numbers that are possible in an order.
type vote struct {
	possible int
	newest   time.Time
}

// dates fills in the dates of all items. It notes dates that cannot be read, unless they are few.
func (r *reader) dates(items []feeds.Item) {
	r.datesOf(items)
	if r.order = r.elected(items); r.order != dayFirst {
		r.datesOf(items)
	}
	unread, example := 0, ""
	for i, it := range r.feed.Items {
		if said := strings.TrimSpace(it.Published + it.Updated); items[i].Published.IsZero() && said != "" {
			unread, example = unread+1, cmp.Or(example, said)
		}
	}
	if unread*4 >= len(items) && unread > 0 {
		r.notes = append(r.notes, fmt.Sprintf("the dates of %d of its %d items cannot be read, such as %q: "+
			"they are dated by their neighbours", unread, len(items), feeds.Shorten(example, 40)))
	}
}

// datesOf fills in the dates of all items by r.order.
func (r *reader) datesOf(items []feeds.Item) {
	for i, it := range r.feed.Items {
		dc, atom, terms := it.Extensions["dc"], it.Extensions["atom"], it.Extensions["dcterms"]
		updated := []string{it.Updated, first(atom, "updated"), first(terms, "modified"), it.Custom["updated"]}
		items[i].Updated = r.when(updated)
		items[i].Published = r.when(slices.Concat([]string{it.Published, first(dc, "date"), first(atom, "published"),
			first(terms, "issued"), first(terms, "created"), first(terms, "date"), first(terms, "available"),
			first(terms, "valid"), it.Custom["published"], it.Custom["date"]}, updated))
	}
}

// elected returns the order in which more dates are possible, else in which the newest is of the last
// days, else the one that is usual in the feed's language.
func (r *reader) elected(items []feeds.Item) order {
	day, month, recently := r.votes[dayFirst], r.votes[monthFirst], r.at.AddDate(0, 0, -7)
	byMonth := day.possible < month.possible
	if day.possible == month.possible {
		byMonth = month.newest.After(recently)
		if byMonth == day.newest.After(recently) {
			byMonth = strings.EqualFold(r.feed.Language, "en-US") &&
				!slices.ContainsFunc(items, func(it feeds.Item) bool { it.Complete(); return it.Lang == "ar" })
		}
	}
	if byMonth {
		return monthFirst
	}
	return dayFirst
}

// when returns the time that the first of fields with a possible date names; zero: none has.
func (r *reader) when(fields []string) time.Time {
	for _, raw := range fields {
		if raw = strings.TrimSpace(raw); raw == "" {
			continue
		}
		read := r.read(raw)
		for o, t := range read {
			if v := &r.votes[o]; r.possible(t) && !read[dayFirst].Equal(read[monthFirst]) {
				v.possible++
				if t.After(v.newest) {
					v.newest = t
				}
			}
		}
		for _, t := range []time.Time{read[r.order], read[1-r.order]} {
			if r.possible(t) {
				return t.UTC()
			}
		}
	}
	return time.Time{}
}

// possible reports whether t is neither before 1995 nor more than a day after the document came.
func (r *reader) possible(t time.Time) bool {
	return t.After(oldest) && (r.at.IsZero() || t.Before(r.at.Add(24*time.Hour)))
}

// layouts are those that the standards name: RSS's, Atom's, and the short ones of Dublin Core.
var layouts = []string{"Mon, 2 Jan 2006 15:04:05 -0700", time.RFC3339, "2006-01", "2006"}

// read returns the time that raw names in each order; zero: none.
func (r *reader) read(raw string) [2]time.Time {
	if s, ok := strings.CutSuffix(raw, " GMT"); ok {
		raw = s + " +0000"
	}
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l, raw, r.loc); err == nil {
			return [2]time.Time{t, t}
		}
	}
	if ago, ok := arabic.Ago(raw); ok && !r.at.IsZero() {
		t := r.at.Add(-ago)
		return [2]time.Time{t, t}
	}
	day, month := arabic.Date(raw, r.loc)
	return [2]time.Time{dayFirst: day, monthFirst: month}
}

// zone returns the time zone of src; UTC where it names none, or an unknown one.
func zone(src feeds.Source) *time.Location {
	loc, err := time.LoadLocation(src.Timezone)
	if err != nil {
		return time.UTC
	}
	return loc
}
