// Package digest ranks the events of a period by how many outlets cover them. It reads no text and
// asks no engine: it counts stories, their items and their links.
package digest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
)

const (
	// the most events of one outlet that are listed by that outlet: a newspaper may have hundreds a day
	mostOfOutlet = 3
	// how many outlets must be new for an event of an earlier period to be listed again
	newOutlets = 2
)

// node is a story among those that it is linked with.
type node struct {
	feeds.Told
	links   []*node
	reports []feeds.Report // the first of each outlet
	own     int            // outlets of which the first is in the period
	told    bool           // in the period
	earlier bool           // told before the period
	newest  time.Time      // publication of its newest item in the period
	taken   bool           // by an event that was picked
	event   *event         // of the node and its links; nil: not to be listed
}

// event is a candidate for the ranking.
type event struct {
	feeds.Event
	newest time.Time // of the headline
}

// ranking is the state of one Rank call.
type ranking struct {
	feeds.EventQuery
	outlet func(source string) string
	heads  func(feeds.Told) bool
	nodes  map[string]*node
	had    map[string][]string // outlets of events that were listed earlier, by story
	turns  map[string]int      // events of one outlet that are listed, by outlet
}

// Rank returns the events of stories in the period of q: the one of most outlets first, then, without
// its stories, the next. Outlets that alone report their events take turns. The order of stories does
// not matter. Only stories for which heads is true are headlines.
func Rank(stories []feeds.Told, q feeds.EventQuery, outlet func(source string) string,
	heads func(feeds.Told) bool) []feeds.Event {
	r := ranking{q, outlet, heads, map[string]*node{}, map[string][]string{}, map[string]int{}}
	for _, e := range q.Listed {
		for _, id := range e.Stories {
			r.had[id] = append(r.had[id], e.Outlets...)
		}
	}
	list := r.connect(stories)
	for _, n := range list {
		n.event = r.count(n)
	}
	picked := []feeds.Event{}
	pick := func(most int, fits func(outlets int) bool) {
		for most > 0 {
			var best *event
			for _, n := range list {
				if n.event != nil && fits(len(n.event.Outlets)) && r.better(n.event, best) {
					best = n.event
				}
			}
			if best == nil {
				return
			}
			picked = append(picked, best.Event)
			r.take(best.Event)
			most--
		}
	}
	top := q.Top
	if top == 0 {
		top = len(list)
	}
	pick(top, func(outlets int) bool { return outlets >= q.MinOutlets })
	pick(q.Only, func(outlets int) bool { return outlets == 1 })
	return picked
}

// connect returns the nodes of stories that were told in the period, by id.
func (r *ranking) connect(stories []feeds.Told) (list []*node) {
	for _, s := range stories {
		n := &node{Told: s, reports: r.Reports(s.Items, r.outlet)}
		n.own = len(r.covered(n.reports))
		for _, a := range s.Items {
			at := r.At(a)
			n.earlier = n.earlier || at.Before(r.From)
			if r.Within(at) {
				n.told = true
				n.newest = latest(n.newest, a.Published)
			}
		}
		r.nodes[s.ID] = n
		if n.told {
			list = append(list, n)
		}
	}
	for _, n := range r.nodes {
		for _, id := range n.Links {
			if other := r.nodes[id]; other != nil && other != n {
				n.links = append(n.links, other)
			}
		}
	}
	slices.SortFunc(list, func(x, y *node) int { return strings.Compare(x.ID, y.ID) })
	return list
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// count returns the event of n and its links without stories that were taken, or nil if it is not to
// be listed.
func (r *ranking) count(n *node) *event {
	if n.taken {
		return nil
	}
	var e event
	var head *node
	var reports []feeds.Report
	for _, m := range append([]*node{n}, n.links...) {
		switch {
		case m.taken:
			continue
		case m.told:
			e.Stories = append(e.Stories, m.ID)
		case m.earlier:
			e.Follows = append(e.Follows, m.ID)
		}
		reports = append(reports, m.reports...)
		if m.told && r.heads(m.Told) && (head == nil || m.own > e.Own || m.own == e.Own && m.ID < head.ID) {
			head, e.Own = m, m.own
		}
	}
	e.Outlets, e.Reports = r.covered(feeds.FirstReports(reports)), len(e.Stories)
	if head == nil || len(e.Outlets) == 0 || !r.isNews(e.Event) {
		return nil
	}
	e.newest = head.newest
	e.Stories = slices.DeleteFunc(e.Stories, func(id string) bool { return id == head.ID })
	slices.Sort(e.Stories)
	e.Stories = slices.Insert(e.Stories, 0, head.ID)
	slices.Sort(e.Follows)
	return &e
}

// covered returns the outlets whose first report is in the period.
func (r *ranking) covered(first []feeds.Report) (outlets []string) {
	for _, f := range first {
		if r.Within(f.At) {
			outlets = append(outlets, f.Outlet)
		}
	}
	return outlets
}

// isNews reports whether e was not listed in an earlier period, or has enough new outlets since.
func (r *ranking) isNews(e feeds.Event) bool {
	known, fresh := false, slices.Clone(e.Outlets)
	for _, id := range slices.Concat(e.Stories, e.Follows) {
		had, listed := r.had[id]
		known = known || listed
		fresh = slices.DeleteFunc(fresh, func(o string) bool { return slices.Contains(had, o) })
	}
	return !known || len(fresh) >= newOutlets
}

// better reports whether x is listed before y, which may be nil. Events of an outlet that has had its
// turns are never listed.
func (r *ranking) better(x, y *event) bool {
	if len(x.Outlets) == 1 && r.turns[x.Outlets[0]] >= mostOfOutlet {
		return false
	}
	if y == nil {
		return true
	}
	order := cmp.Compare(len(y.Outlets), len(x.Outlets))
	if order == 0 && len(x.Outlets) == 1 {
		order = cmp.Or(cmp.Compare(r.turns[x.Outlets[0]], r.turns[y.Outlets[0]]), y.newest.Compare(x.newest))
	} else if order == 0 {
		order = cmp.Or(cmp.Compare(y.Own, x.Own), cmp.Compare(y.Reports, x.Reports))
	}
	return cmp.Or(order, strings.Compare(x.Stories[0], y.Stories[0])) < 0
}

// take takes the stories of e out, and counts again what they were linked with.
func (r *ranking) take(e feeds.Event) {
	if len(e.Outlets) == 1 {
		r.turns[e.Outlets[0]]++
	}
	again := map[*node]bool{}
	for _, id := range e.Stories {
		n := r.nodes[id]
		n.taken, n.event = true, nil
		for _, l := range n.links {
			again[l] = true
		}
	}
	for n := range again {
		if n.told {
			n.event = r.count(n)
		}
	}
}
