package aggregator

import (
	"context"
	"fmt"
	"time"

	"github.com/nashra/nashra/aggregator/digest"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

const (
	// OnlyHere is how many events of one outlet a digest lists below the covered ones.
	OnlyHere = 10
	// how long a daemon waits after a period's end, as items that polls found before it are stored
	// later: a poll takes half a minute at most by default
	digestDelay = 2 * time.Minute
	// a first digest is written once no more than one of so many sources is unheard
	heardOf = 10
)

// Digested reports the outcome of one Digest call.
type Digested struct {
	Written []feeds.Digest // without those of periods without stories
	Next    time.Time      // when there may be more to write; zero: never
}

// Digest writes the digests of the periods that have ended, also those that were missed. It asks no
// engine. A channel's first digest counts items when they were published, as the store knows nothing of
// that time, and waits until the sources are heard.
func (a *Aggregator) Digest(ctx context.Context) (res Digested, err error) {
	var last map[string]feeds.Digest
	for _, ch := range a.Channels {
		if !ch.Digest.On() {
			continue
		}
		if last == nil {
			if last, err = a.Store.LastDigests(ctx); err != nil {
				return res, fmt.Errorf("read the last digests: %w", err)
			}
		}
		before, known := last[ch.ID]
		if !known {
			heard, err := a.heard(ctx)
			if err != nil {
				return res, err
			}
			if !heard {
				res.Next = polite.Sooner(res.Next, a.now().Add(LongestRetry))
				continue
			}
			before.Channel = ch.ID
		}
		if err := a.digests(ctx, ch, before, &res); err != nil {
			return res, fmt.Errorf("digest channel %s: %w", ch.ID, err)
		}
	}
	return res, nil
}

// digests writes the digests of ch that come after before.
func (a *Aggregator) digests(ctx context.Context, ch feeds.Channel, before feeds.Digest, res *Digested) error {
	clock, err := digest.NewClock(ch.Digest)
	if err != nil {
		return err
	}
	settled := a.now().Add(-a.delay())
	res.Next = polite.Sooner(res.Next, clock.Next(settled).Add(a.delay()))
	periods := clock.Closed(before.To, settled)
	if len(periods) == 0 {
		return nil
	}
	earlier, err := a.Store.Digests(ctx, ch.ID, ch.Limit)
	if err != nil {
		return fmt.Errorf("read earlier digests: %w", err)
	}
	var listed []feeds.Event
	for _, d := range earlier {
		listed = append(append(listed, d.Events...), d.Only...)
	}
	for _, p := range periods {
		d := feeds.Digest{Channel: ch.ID, From: p.From, To: p.To, At: a.now(), ByPublished: before.To.IsZero()}
		q := feeds.EventQuery{Channel: ch, From: p.From, To: p.To, ByPublished: d.ByPublished, Top: ch.Digest.Top,
			MinOutlets: ch.Digest.MinOutlets, Only: OnlyHere, Listed: listed}
		if before.ByPublished {
			q.Known = before.At
		}
		events, err := a.Catalog.Events(ctx, q)
		if err != nil {
			return err
		}
		d.Events, d.Only = q.Split(events)
		if err := a.Store.SetDigest(ctx, d, ch.Limit); err != nil {
			return fmt.Errorf("store what it wrote: %w", err)
		}
		if before = d; len(events) > 0 {
			res.Written, listed = append(res.Written, d), append(listed, events...)
		}
	}
	return nil
}

// delay returns how long after the end of a period its digest is written. A pass polls after all polls
// of the pass before are stored.
func (a *Aggregator) delay() time.Duration {
	if a.Hold {
		return digestDelay
	}
	return 0
}

// NextDigest returns when the next digest is due; zero: never.
func (a *Aggregator) NextDigest() (next time.Time) {
	for _, ch := range a.Channels {
		if clock, err := digest.NewClock(ch.Digest); err == nil && ch.Digest.On() {
			next = polite.Sooner(next, clock.Next(a.now().Add(-a.delay())).Add(a.delay()))
		}
	}
	return next
}

// heard reports whether nearly all sources were asked and any has answered: without a network all fail.
func (a *Aggregator) heard(ctx context.Context) (bool, error) {
	states, err := a.Store.Outlets(ctx)
	if err != nil {
		return false, fmt.Errorf("read sources: %w", err)
	}
	polled, unheard, answered := 0, 0, false
	for _, s := range a.Sources {
		if !s.On() || a.Catalog.Twins[s.ID] != "" {
			continue
		}
		polled++
		switch st := states[s.ID]; {
		case !st.Succeeded.IsZero():
			answered = true
		case !st.Gone && st.Failures == 0:
			unheard++
		}
	}
	return answered && unheard*heardOf <= polled, nil
}
