package aggregator

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
)

// listEvery is how often a list of sources is read: daily, and an hour less, so that a daily timer that goes
// off a little early finds it due.
const listEvery = 23 * time.Hour

// Listing is the outcome of reading a list of sources.
type Listing struct {
	Entries []feeds.Entry // what the list names, without Missed and Heard
	Same    bool          // the list is the same as last time: Entries is empty
	Failed  bool          // the list could not be read: Entries is empty
}

// asked returns the sources that stand for lists when they are polled.
func asked(lists []feeds.Source) (out []feeds.Source) {
	for _, l := range lists {
		out = append(out, feeds.Source{ID: feeds.ListID(l.ID), URL: l.OPML, OPML: l.OPML, Private: l.Private,
			Enabled: l.Enabled, Schedule: "@every " + listEvery.String()}) // its own is that of what it names
	}
	return out
}

// everyList returns the schedules of sources, and those of lists.
func everyList(sources map[string]cron.Schedule, lists []feeds.Source) map[string]cron.Schedule {
	out := map[string]cron.Schedule{}
	for _, l := range lists {
		out[l.ID] = cron.Every(listEvery)
	}
	maps.Copy(out, sources)
	return out
}

// LateList reports whether a list should have been read by now and was not: see polite.Pace.
func (a *Aggregator) LateList(list feeds.Source, st polite.State, since time.Time) bool {
	return a.pace.Late(asked([]feeds.Source{list})[0], st, since)
}

// source returns the source with that id in the config, or the list that is polled under it.
func (a *Aggregator) source(id string) (feeds.Source, bool) {
	if feeds.IsListID(id) {
		i := slices.IndexFunc(a.lists, func(l feeds.Source) bool { return l.ID == id })
		if i < 0 {
			return feeds.Source{}, false
		}
		return a.lists[i], true
	}
	return a.Catalog.Source(id)
}

// ReadLists reads the lists of sources that are due, and with force also those that failed last time. It
// stores what they name; the sources of a are as before.
func (a *Aggregator) ReadLists(ctx context.Context, force bool) (Polled, error) {
	if len(a.lists) == 0 {
		return Polled{}, nil
	}
	var ids []string
	for _, l := range a.lists {
		ids = append(ids, l.ID)
	}
	states, err := a.states(ctx, ids...)
	if err != nil {
		return Polled{}, err
	}
	due, later := a.pace.Due(ctx, a.lists, states, false)
	if force {
		failed := slices.DeleteFunc(slices.Clone(a.lists), func(l feeds.Source) bool {
			return states[l.ID].Failures == 0 || slices.Contains(due, l.ID)
		})
		more, _ := a.pace.Due(ctx, failed, states, true)
		due = append(due, more...)
	}
	for _, id := range due {
		delete(later, id)
	}
	polled, err := a.poll(ctx, states, a.PerHost, force, nil, due)
	for id, l := range later {
		polled.Later[id] = l
	}
	return polled, err
}

// readList turns the fetched document of a list into a Poll.
func (a *Aggregator) readList(s feeds.Source, st polite.State, at time.Time, doc feeds.Document) (Poll, error) {
	sum := sha256.Sum256(doc.Body)
	if doc.Unchanged || sum == st.Digest {
		st.Validators = doc.Validators
		st.Moved(doc.URL)
		return Poll{State: a.pace.Succeeded(st, s, at, doc), Listing: &Listing{Same: true}}, nil
	}
	list, err := feeds.DecodeOPML(parse.Text(doc.Body))
	if odd := cmp.Or(doc.CutBy, doc.Note); err != nil && odd != "" {
		err = fmt.Errorf("%w (%s)", err, odd)
	}
	switch {
	case doc.Cut:
		err = fmt.Errorf("the list was cut: %s", doc.CutBy) // what is missing may stand in its rest
	case errors.Is(err, feeds.ErrNoFeed):
		err = nil
	}
	if err != nil {
		return Poll{State: a.pace.Failed(st, s, at, err), Listing: &Listing{Failed: true}}, err
	}
	entries, refused, example := list.Entries(s.ID)
	st.Validators, st.Digest, st.Note = doc.Validators, sum, ""
	switch {
	case len(entries) == 0:
		st.Odd("it names no feed; those that it named stay until it names none at the next reading too")
	case refused == 1:
		st.Odd("an outline was left out: " + example)
	case refused > 1:
		st.Odd(fmt.Sprintf("%d outlines were left out, such as: %s", refused, example))
	}
	st.Moved(doc.URL)
	return Poll{State: a.pace.Succeeded(st, s, at, doc), Whole: true, Listing: &Listing{Entries: entries}}, nil
}
