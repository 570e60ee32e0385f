package polite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
)

const (
	// the longest wait for ttl, max-age, Retry-After and back-off: a source is polled daily at
	// least
	longestWait = 24 * time.Hour
	// FirstBackoff is the wait after the first failure; it doubles with each further one
	FirstBackoff = 15 * time.Minute
	// the shortest time between two polls by a schedule's fixed times, unless the schedule is
	// denser itself
	politeGap = time.Hour
	// how early a timer may go off: systemd's AccuracySec
	timerSlack = time.Minute
	// the shortest time between two polls of a page with selectors, an hour but for what a timer may go off
	// early; also the wait for other pages without validators, where a day would miss items
	pageWait = politeGap - timerSlack
	// failures in a row after which the redirected address is given up for the one in the config
	strayed = 3
)

// Later is why a source is not polled now.
type Later struct {
	Why   string
	Until time.Time // UTC; zero: never
	Held  bool      // by the publisher's or the host's word (Retry-After, 429, 503)
}

func (l Later) String() string {
	if l.Until.IsZero() {
		return l.Why
	}
	return l.Why + " until " + l.Until.Format(time.RFC3339)
}

// Reasons to wait, in State.Why.
const (
	bySchedule   = "not due by schedule"
	byInterval   = "asked too recently (fetch.min_interval)"
	byPublisher  = "fresh by its publisher's word"
	bySkip       = "not to be asked at this hour by its publisher's word"
	byWish       = "asked by its publisher to wait"
	byPage       = "a page, and so asked hourly: left alone"
	byValidators = "without validators and so asked daily: left alone"
)

// Pace decides when sources are due.
type Pace struct {
	Schedule    cron.Schedule            // of sources without one of their own; nil: always due
	Schedules   map[string]cron.Schedule // by source id
	MinInterval time.Duration            // the shortest time between two polls of a source
	Waits       *Waits
	Twins       map[string]string // see feeds.Twins
	Now         func() time.Time
}

// Due returns the ids of the sources to poll now, and why the others are not due. force overrides
// all but Retry-After, 410, and the hour of a page.
func (p *Pace) Due(ctx context.Context, sources []feeds.Source, states map[string]State, force bool) (ids []string,
	why map[string]Later) {
	now, why := p.Now(), map[string]Later{}
	var forced time.Time
	if force {
		forced = now
	}
	waiting := p.Waits.All(ctx, forced)
	for _, s := range sources {
		if !s.On() {
			continue
		}
		st := p.Current(states[s.ID], s)
		var later Later
		if len(waiting) > 0 {
			later = waiting[st.HostOf(s)]
		}
		switch {
		case p.Twins[s.ID] != "":
			later = Later{Why: "has the address of source " + p.Twins[s.ID] + ", which is polled instead"}
		case st.Gone:
			later = Later{Why: "gone: its publisher says so (410)"}
		case st.Held.After(now):
			later = Later{byWish, Latest(st.Held, later.Until), true}
		case pageDue(s, st).After(now):
			later = Later{byPage, Latest(pageDue(s, st), later.Until), later.Held}
		case !force && st.Due.After(now) && !st.Due.Before(later.Until):
			later = Later{st.Why, st.Due, later.Held}
		}
		if later.Why == "" {
			ids = append(ids, s.ID)
		} else {
			why[s.ID] = later
		}
	}
	return ids, why
}

// pageDue returns when a page may be asked again; zero: s is no page, or never was asked.
func pageDue(s feeds.Source, st State) time.Time {
	if !s.Page.On() || st.Polled.IsZero() {
		return time.Time{}
	}
	return st.Polled.Add(pageWait)
}

// Current returns the part of st that still holds for s: a new address voids everything learnt, a new
// recipe what is known of the document, and a clock that was set back the times.
func (p *Pace) Current(st State, s feeds.Source) State {
	if st.Polled.After(p.Now().Add(timerSlack)) {
		st.Due, st.Held, st.Polled, st.Succeeded = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	}
	if st.Address != s.URL {
		st = State{Title: st.Title, Site: st.Site, Lang: st.Lang, Shared: st.Shared}
	}
	if st.Recipe != s.Recipe() {
		st.Validators, st.Digest = feeds.Validators{}, [32]byte{}
	}
	st.ID, st.Address = s.ID, s.URL
	return st
}

// Succeeded returns st after a readable answer. st already has the feed's own ttl and skip hours.
func (p *Pace) Succeeded(st State, s feeds.Source, at time.Time, doc feeds.Document) State {
	st.Clock = doc.Clock
	st.Succeeded, st.Failures, st.Error, st.Class, st.Held = at, 0, "", "", time.Time{}
	st.Due, st.Why = p.next(s, at), bySchedule
	st.wait(at.Add(p.MinInterval), byInterval)
	st.wait(pageDue(s, st), byPage)
	// whole minutes, as ttl is in minutes: with seconds an hourly timer would skip every other hour
	// of an hourly feed
	st.wait(Earliest(Latest(doc.Fresh, at.Truncate(time.Minute).Add(st.TTL)), at.Add(longestWait)), byPublisher)
	if st.Validators == (feeds.Validators{}) && s.Schedule == "" {
		if s.Page.On() || feeds.IsTelegram(s.URL) || feeds.IsYouTube(s.URL) {
			st.wait(at.Add(pageWait), byPage)
		} else {
			st.wait(at.Add(longestWait), byValidators)
		}
	}
	st.skip()
	return st
}

// Failed returns st after err.
func (p *Pace) Failed(st State, s feeds.Source, at time.Time, err error) State {
	st.Failures++
	st.Error, st.Class = err.Error(), cmp.Or(fetch.Class(err), "format")
	if errors.Is(err, ErrDisallowed) || errors.Is(err, ErrPause) {
		st.Class = "robots"
	}
	st.Due, st.Why = p.next(s, at), bySchedule
	st.wait(at.Add(p.MinInterval), byInterval)
	st.wait(pageDue(s, st), byPage)
	st.wait(at.Add(backoff(st.Failures)), fmt.Sprintf("left alone after %d failures in a row", st.Failures))
	if st.Failures == 1 && st.Why != bySchedule {
		st.Why = "left alone after a failure"
	}
	if st.Failures >= strayed && st.URL != "" {
		st.URL, st.Validators, st.Digest = "", feeds.Validators{}, [32]byte{}
	}
	var status *fetch.StatusError
	if errors.As(err, &status) {
		st.Gone = status.Code == http.StatusGone && !status.Away
		if status.RetryAfter > 0 {
			st.Held = at.Add(min(status.RetryAfter, longestWait))
			st.wait(st.Held, byWish)
		}
	}
	st.skip()
	return st
}

// skip delays Due until an hour that the feed does not skip, in a week at most.
func (st *State) skip() {
	for end := st.Due.Add(7 * 24 * time.Hour); st.Skip.At(st.Due) && st.Due.Before(end); {
		st.wait(st.Due.Truncate(time.Hour).Add(time.Hour), bySkip)
	}
}

// Waited returns st of a source that was not asked, or not to the end of its redirects, because a
// host asks to wait.
func (st State) Waited(later Later) State {
	st.wait(later.Until, later.Why)
	return st
}

// backoff returns the wait after so many failures in a row.
func backoff(failures int) time.Duration {
	return min(FirstBackoff<<min(max(0, failures-1), 10), longestWait)
}

// wait delays Due, if until is later.
func (st *State) wait(until time.Time, why string) {
	if until.After(st.Due) {
		st.Due, st.Why = until, why
	}
}

// next returns when the schedule of s, or else the common one, comes round.
func (p *Pace) next(s feeds.Source, at time.Time) time.Time {
	schedule := p.Schedule
	if own := p.Schedules[s.ID]; own != nil {
		schedule = own
	}
	if schedule == nil {
		return at
	}
	due := schedule.Next(at)
	gap := min(schedule.Next(due).Sub(due), politeGap) - timerSlack
	return Latest(due, at.Add(gap)).UTC()
}

// lateRounds is how many rounds may pass without a success: one is bad luck, two may be a
// publisher's restart.
const lateRounds = 3

// Late reports whether three rounds of the schedule of s have passed since its last success, its
// Due time if nothing failed, and since, when polling began.
func (p *Pace) Late(s feeds.Source, st State, since time.Time) bool {
	st = p.Current(st, s)
	if st.Gone {
		return true
	}
	by := Latest(st.Succeeded, since)
	if st.Failures == 0 {
		by = Latest(by, st.Due)
	}
	if by.IsZero() { // nobody has polled yet
		return false
	}
	for range lateRounds {
		by = p.next(s, by)
	}
	return !by.After(p.Now())
}

// Latest returns the latest of times, and Earliest the earliest.
func Latest(times ...time.Time) time.Time   { return slices.MaxFunc(times, time.Time.Compare) }
func Earliest(times ...time.Time) time.Time { return slices.MinFunc(times, time.Time.Compare) }

// Sooner returns the earlier of two times, where zero means none.
func Sooner(x, y time.Time) time.Time {
	if x.IsZero() || !y.IsZero() && y.Before(x) {
		return y
	}
	return x
}
