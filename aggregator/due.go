package aggregator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
)

const (
	// RSS ttl, max-age and Retry-After are obeyed up to here, and failures back off no further: a source is asked daily at least
	longestWait = 24 * time.Hour
	// the wait after the first failure; it doubles with each further one
	firstBackoff = 15 * time.Minute
	// a schedule's fixed times bring two polls no closer together than this, unless it is itself denser: what a source may be asked
	// with validators
	politeGap = time.Hour
	// by how much a timer may go off early and miss nothing: systemd's AccuracySec
	timerSlack = time.Minute
	// failures in a row after which the address that a source moved to is given up for the one in the config
	strayed = 3
)

// Later is why a source is not asked now.
type Later struct {
	Why   string
	Until time.Time // UTC; zero: for good
}

func (l Later) String() string {
	if l.Until.IsZero() {
		return l.Why
	}
	return l.Why + " until " + l.Until.Format(time.RFC3339)
}

// What a source waits for, as Memo.Why has it.
const (
	bySchedule   = "not due by schedule"
	byInterval   = "asked too recently (fetch.min_interval)"
	byPublisher  = "fresh by its publisher's word"
	bySkip       = "not to be asked at this hour by its publisher's word"
	byValidators = "without validators and so asked daily: left alone"
)

// memos is what is remembered of the sources, or of those alone.
func (a *Aggregator) memos(ctx context.Context, ids ...string) (map[string]Memo, error) {
	memos, err := a.Store.Memos(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("read sources: %w", err)
	}
	return memos, nil
}

// Due returns the ids of the sources to poll now, and for the others why not. With force, our own schedule and back-off and the
// publisher's freshness count for nothing; its Retry-After and a 410 still do.
func (a *Aggregator) Due(ctx context.Context, force bool, only ...string) (ids []string, why map[string]Later, err error) {
	memos, err := a.memos(ctx, only...)
	if err != nil {
		return nil, nil, err
	}
	ids, why = a.due(memos, force, only)
	return ids, why, nil
}

// DueHosts returns the ids of the sources to poll now, by the host (host:port) that is to be asked for them.
func (a *Aggregator) DueHosts(ctx context.Context) (map[string][]string, error) {
	memos, err := a.memos(ctx)
	if err != nil {
		return nil, err
	}
	ids, _ := a.due(memos, false, nil)
	return a.hosts(ids, memos), nil
}

func (a *Aggregator) due(memos map[string]Memo, force bool, only []string) (ids []string, why map[string]Later) {
	now, why := a.now(), map[string]Later{}
	for _, s := range a.Sources {
		if !s.On() || len(only) > 0 && !slices.Contains(only, s.ID) {
			continue
		}
		m := a.current(memos[s.ID], s)
		switch {
		case m.Gone:
			why[s.ID] = Later{Why: "gone: its publisher says so (410)"}
		case m.Held.After(now):
			why[s.ID] = Later{"asked by its publisher to wait", m.Held}
		case !force && m.Due.After(now):
			why[s.ID] = Later{m.Why, m.Due}
		default:
			ids = append(ids, s.ID)
		}
	}
	return ids, why
}

// current is m as far as it still holds for s: another address makes what was learnt from the old one void, and so does a clock that was
// set back what was to happen by the old one's time.
func (a *Aggregator) current(m Memo, s feeds.Source) Memo {
	if m.Polled.After(a.now().Add(timerSlack)) {
		m.Due, m.Held, m.Polled, m.Succeeded = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	}
	if m.Address != s.URL {
		m = Memo{Title: m.Title, Site: m.Site, Lang: m.Lang}
	}
	m.ID, m.Address = s.ID, s.URL
	return m
}

// succeeded is m, which has what the feed says of its own pace, after a readable answer.
func (a *Aggregator) succeeded(m Memo, s feeds.Source, at time.Time, doc feeds.Document) Memo {
	m.Clock = doc.Clock
	m.Succeeded, m.Failures, m.Error, m.Class, m.Held = at, 0, "", "", time.Time{}
	m.Due, m.Why = a.next(s, at), bySchedule
	m.wait(at.Add(a.MinInterval), byInterval)
	// a ttl is in minutes: its seconds would make an hourly timer, never to the second, miss every other hour of an hourly feed
	m.wait(earliest(latest(doc.Fresh, at.Truncate(time.Minute).Add(m.TTL)), at.Add(longestWait)), byPublisher)
	if m.Validators == (feeds.Validators{}) && s.Schedule == "" {
		m.wait(at.Add(longestWait), byValidators)
	}
	for end := m.Due.Add(longestWait); m.Skip.At(m.Due) && m.Due.Before(end); { // a whole day's skip is obeyed, of longer ones a day at a time
		m.wait(earliest(m.Due.Truncate(time.Hour).Add(time.Hour), end), bySkip)
	}
	return m
}

// failed is m after err.
func (a *Aggregator) failed(m Memo, s feeds.Source, at time.Time, err error) Memo {
	m.Failures++
	m.Error, m.Class = err.Error(), cmp.Or(fetch.Class(err), "format")
	m.Due, m.Why = a.next(s, at), bySchedule
	m.wait(at.Add(a.MinInterval), byInterval)
	m.wait(at.Add(min(firstBackoff<<min(m.Failures-1, 10), longestWait)), fmt.Sprintf("left alone after %d failures in a row", m.Failures))
	if m.Failures == 1 && m.Why != bySchedule {
		m.Why = "left alone after a failure"
	}
	if m.Failures >= strayed && m.URL != "" {
		m.URL, m.Validators, m.Digest = "", feeds.Validators{}, [32]byte{}
	}
	var status *fetch.StatusError
	if errors.As(err, &status) {
		m.Gone = status.Code == http.StatusGone && !status.Away
		if status.RetryAfter > 0 {
			m.Held = at.Add(min(status.RetryAfter, longestWait))
			m.wait(m.Held, "asked by its publisher to wait")
		}
	}
	return m
}

// wait puts Due off, if until is later.
func (m *Memo) wait(until time.Time, why string) {
	if until.After(m.Due) {
		m.Due, m.Why = until, why
	}
}

// next is when s's schedule, else the common one, comes round again.
func (a *Aggregator) next(s feeds.Source, at time.Time) time.Time {
	schedule := a.Schedule
	if own := a.Schedules[s.ID]; own != nil {
		schedule = own
	}
	if schedule == nil {
		return at
	}
	due := schedule.Next(at)
	gap := min(schedule.Next(due).Sub(due), politeGap) - timerSlack
	return latest(due, at.Add(gap)).UTC()
}

// lateRounds is how many rounds may pass without a success before a source is late: one is bad luck, two may be a publisher's restart.
const lateRounds = 3

// Late says whether s should have succeeded by now and has not: three rounds of its schedule have passed since it last did, or since it
// was to be asked again where nothing has failed; and since since, before which nobody asked.
func (a *Aggregator) Late(s feeds.Source, m Memo, since time.Time) bool {
	m = a.current(m, s)
	if m.Gone {
		return true
	}
	by := latest(m.Succeeded, since)
	if m.Failures == 0 {
		by = latest(by, m.Due)
	}
	if by.IsZero() { // nobody has asked yet, nor was to
		return false
	}
	for range lateRounds {
		by = a.next(s, by)
	}
	return !by.After(a.now())
}

func latest(times ...time.Time) time.Time   { return slices.MaxFunc(times, time.Time.Compare) }
func earliest(times ...time.Time) time.Time { return slices.MinFunc(times, time.Time.Compare) }

// sooner is the earlier of two times; zero is none.
func sooner(x, y time.Time) time.Time {
	if x.IsZero() || !y.IsZero() && y.Before(x) {
		return y
	}
	return x
}
