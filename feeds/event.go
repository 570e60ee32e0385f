package feeds

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Appearance is one item of a story, as coverage counts it.
type Appearance struct {
	Source    string    // its id; see Appearances
	Seen      time.Time // see Item.Seen
	Published time.Time // see Item.When
}

// Told is a story as coverage counts it, without its texts.
type Told struct {
	Listed
	Items []Appearance // in the order in which they were seen
	Links []string     // ids of the stories that are linked with it
}

// EventQuery asks for the events of a period, those of most outlets first.
type EventQuery struct {
	Channel     Channel   // whose stories; without tags, sources and words: all
	From, To    time.Time // From is in the period, To is not
	ByPublished bool      // items count when they were published, not when they were first seen
	Known       time.Time // items that were seen until then count when they were published
	Top         int       // the most events; 0: all
	MinOutlets  int       // the fewest outlets of an event
	Only        int       // how many events of one outlet to add to these; 0: none
	Listed      []Event   // of earlier periods
}

// Event is a story and the stories that are linked with it, as a period covers it.
type Event struct {
	Stories []string `json:"stories"`           // ids of those told in the period; the first is the headline's
	Follows []string `json:"follows,omitempty"` // ids of linked stories that were told before the period only
	Outlets []string `json:"outlets"`           // whose first report is in the period, in the order of these reports
	Own     int      `json:"own"`               // the outlets of the headline's story alone
	Reports int      `json:"reports"`           // stories told independently
}

// Late is how old an item may be when it is first seen to be news then. Older ones came with a new
// source, or with a feed that was away.
const Late = 48 * time.Hour

// At returns when a counts as told under q.
func (q EventQuery) At(a Appearance) time.Time {
	if q.ByPublished || !a.Seen.After(q.Known) || a.Seen.Sub(a.Published) > Late {
		return a.Published
	}
	return a.Seen
}

// Split parts the answer to q from the events that Only added.
func (q EventQuery) Split(list []Event) (top, only []Event) {
	n := slices.IndexFunc(list, func(e Event) bool { return len(e.Outlets) < q.MinOutlets })
	if n < 0 {
		n = len(list)
	}
	if q.Top > 0 {
		n = min(n, q.Top)
	}
	return list[:n], list[n:]
}

// Within reports whether t is in the period of q.
func (q EventQuery) Within(t time.Time) bool { return !t.Before(q.From) && t.Before(q.To) }

// Report is an outlet's first report of something.
type Report struct {
	Outlet   string
	At       time.Time // when it counts as told
	Dispatch time.Time // when it was published
}

// Reports returns the first report of each outlet among items, in order. outlet returns the outlet of a
// source.
func (q EventQuery) Reports(items []Appearance, outlet func(source string) string) []Report {
	list := make([]Report, len(items))
	for i, a := range items {
		list[i] = Report{outlet(a.Source), q.At(a), a.Published}
	}
	return FirstReports(list)
}

// FirstReports sorts list, and returns the first report of each outlet. Those that were seen at once are
// in the order of publication.
func FirstReports(list []Report) []Report {
	slices.SortFunc(list, func(x, y Report) int {
		return cmp.Or(x.At.Compare(y.At), x.Dispatch.Compare(y.Dispatch), strings.Compare(x.Outlet, y.Outlet))
	})
	seen := make(map[string]bool, len(list))
	return slices.DeleteFunc(list, func(r Report) bool {
		again := seen[r.Outlet]
		seen[r.Outlet] = true
		return again
	})
}
