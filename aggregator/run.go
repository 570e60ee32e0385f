package aggregator

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/aggregator/notify"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/publish"
	"github.com/nashra/nashra/translate"
)

const (
	// Quiet is how long a step waits for more once something has arrived, so that slow sources
	// delay nobody.
	Quiet = 2 * time.Second
	// RetainEvery is how often old stories are looked for, and RetainPause how soon again after a
	// call that may have left some: one call deletes at most ten thousand items.
	RetainEvery = 6 * time.Hour
	RetainPause = time.Minute
	// NotifyEvery is how often messages are looked for that failed, or that a dead process left: the
	// shortest wait after a failure.
	NotifyEvery = time.Minute
	// how long a pass sends messages once the files are written (bulletin.md, section 7), and how long
	// one run of a daemon does, which keeps the lock on the store's passes
	sendPass, sendRun = 10 * time.Second, 30 * time.Second
	// when to retry what could not be translated: engines recover in minutes, and a failed call is
	// cheap
	retranslateAfter = 5 * time.Minute
)

// Step is a row of the table of steps. A pass runs the rows in order, a daemon runs each in a
// worker of its own, and a fleet runs most of them as jobs.
type Step struct {
	Name  string
	Pause time.Duration // wait after being woken, so that more can arrive
	Every time.Duration // run at least this often; zero: only when woken, or when the last run asked for it
	Wakes []string      // names of the steps to run after a run with news
	// Run does what is pending and reports it to w. again is when to run next without being woken;
	// zero: never.
	Run func(ctx context.Context, w Watch) (again time.Time, err error)
}

// Steps returns the table of steps. Each runner has its own way to poll, which it passes as poll.
func (a *Aggregator) Steps(poll func(context.Context, Watch) (time.Time, error)) []Step {
	return []Step{
		{Name: "poll", Run: poll, Wakes: []string{"group"}},
		{Name: "group", Pause: Quiet, Wakes: []string{"article", "digest", "translate", "publish"},
			Run: func(ctx context.Context, w Watch) (time.Time, error) {
				a.Progress("grouping", 0, -1)
				g, err := a.Group(ctx)
				w.done(Report{Grouped: g})
				return time.Time{}, err
			}},
		{Name: "article", Wakes: []string{"translate", "publish"},
			Run: func(ctx context.Context, w Watch) (time.Time, error) {
				f, err := a.Article(ctx)
				w.done(Report{Fetched: f})
				return f.Next, err
			}},
		{Name: "digest", Wakes: []string{"translate", "publish"},
			Run: func(ctx context.Context, w Watch) (time.Time, error) {
				d, err := a.Digest(ctx)
				w.done(Report{Digested: d})
				return d.Next, err
			}},
		{Name: "translate", Run: a.translateShown, Wakes: []string{"publish"}},
		{Name: "publish", Pause: Quiet, Wakes: []string{"notify"},
			Run: func(ctx context.Context, w Watch) (time.Time, error) {
				p, err := a.Publish(ctx)
				w.done(Report{Published: p})
				return p.Next, err
			}},
		{Name: "notify", Every: NotifyEvery,
			Run: func(ctx context.Context, w Watch) (time.Time, error) {
				n, err := a.Notify(ctx)
				w.done(Report{Notified: n})
				return n.Next, err
			}},
		{Name: "retain", Every: RetainEvery,
			Run: func(ctx context.Context, w Watch) (again time.Time, err error) {
				r, err := a.Retain(ctx)
				w.done(Report{Retained: r})
				if r.More {
					again = time.Now().Add(RetainPause)
				}
				return again, err
			}},
	}
}

// Watch receives the progress of the steps. Each field may be nil.
type Watch struct {
	Polled      func(p Poll, err error)
	Translating func(expected translate.Report) // what is pending, and its price
	Done        func(Report)                    // a run ended, or a part of one
}

func (w Watch) done(rep Report) {
	if w.Done != nil {
		w.Done(rep)
	}
}

// Published reports the outcome of one Publish call.
type Published = publish.Report

// Output is what is known of a published file.
type Output = publish.Output

// Publish writes the files of all channels: see publish.Publisher. It stores whether that failed.
func (a *Aggregator) Publish(ctx context.Context) (Published, error) {
	p, err := a.Publisher.Publish(ctx)
	if ctx.Err() != nil {
		return p, err
	}
	if err != nil {
		cause := strings.ReplaceAll(err.Error(), "\n", "; ")
		last := &Unpublished{Place: a.Dir, Ours: true, Cause: cause, Since: a.now()}
		if before := a.unpublished.Swap(last); before != nil {
			last.Since = before.Since
		}
		_ = a.Store.SetPublished(ctx, a.now(), last.Cause) // the disk may be full: err says so
		return p, err
	}
	a.unpublished.Store(nil)
	if len(p.Written) > 0 {
		a.notifier.Published()
	}
	failed, err := a.Store.Unpublished(ctx)
	if err == nil && slices.ContainsFunc(failed, func(u Unpublished) bool { return u.Ours }) {
		err = a.Store.SetPublished(ctx, a.now(), "")
	}
	return p, err
}

// Unpublished returns where publishing failed at the last try. Here it is also known if that could
// not be stored.
func (a *Aggregator) Unpublished(ctx context.Context) ([]Unpublished, error) {
	failed, err := a.Store.Unpublished(ctx)
	here := slices.IndexFunc(failed, func(u Unpublished) bool { return u.Ours })
	if here >= 0 {
		failed[here].Place = a.Dir
	} else if last := a.unpublished.Load(); last != nil {
		failed = append(failed, *last)
	}
	return failed, err
}

// Notified reports the outcome of one Notify call.
type Notified = notify.Report

// Notify tells targets of what channels published: see notify.Notifier.
func (a *Aggregator) Notify(ctx context.Context) (Notified, error) { return a.notifier.Notify(ctx) }

// sendingTime returns how long Notify sends, in a daemon or in a pass.
func sendingTime(daemon bool) time.Duration {
	if daemon {
		return sendRun
	}
	return sendPass
}

// Report is what steps did. The report of a single run has the field of its step alone.
type Report struct {
	Listed     Polled // what ReadLists returned, of a pass
	Polled     Polled
	Grouped    Grouped
	Fetched    Fetched
	Digested   Digested
	Translated Translated
	Published  Published
	Notified   Notified
	Retained   Retained
}

// News reports whether a run gave the steps that it wakes something to do.
func (r Report) News() bool {
	return r.Grouped.Born+r.Grouped.Joined+r.Fetched.Read+len(r.Fetched.Left)+len(r.Digested.Written)+
		r.Translated.Stories+len(r.Published.Written) > 0
}

// add adds the report of a run.
func (r *Report) add(run Report) {
	r.Grouped.Born += run.Grouped.Born
	r.Grouped.IDs = append(r.Grouped.IDs, run.Grouped.IDs...)
	r.Grouped.Joined += run.Grouped.Joined
	if run.Fetched.Left != nil {
		left := maps.Clone(run.Fetched.Left)
		for reason, n := range r.Fetched.Left {
			left[reason] += n
		}
		r.Fetched = Fetched{r.Fetched.Read + run.Fetched.Read, left, run.Fetched.Next}
	}
	r.Digested.Written = append(r.Digested.Written, run.Digested.Written...)
	r.Translated.Add(run.Translated.Report)
	r.Translated.Stories += run.Translated.Stories
	if run.Published.Counted {
		before := r.Published
		r.Published = run.Published
		r.Published.Written = append(before.Written, run.Published.Written...)
		r.Published.Removed = append(before.Removed, run.Published.Removed...)
	}
	r.Notified.Add(run.Notified)
	if run.Retained != (Retained{}) {
		r.Retained = run.Retained
	}
}

// Log logs what a run did, if anything.
func (r Report) Log(log *slog.Logger) {
	if g := r.Grouped; g.Born+g.Joined > 0 {
		log.Info("grouped", "stories", g.Born, "joined", g.Joined)
	}
	if f := r.Fetched; f.Read+len(f.Left) > 0 {
		log.Info("looked for articles", "read", f.Read, "left", f.Left)
	}
	for _, d := range r.Digested.Written {
		log.Info("wrote a digest", "channel", d.Channel, "from", d.From, "to", d.To, "events", len(d.Events))
	}
	t := r.Translated
	if t.Stories > 0 {
		log.Info("a part is translated", "part", t.Part, "stories", t.Stories, "segments", t.Bought,
			"remembered", t.Hits, "characters", t.Cost.Chars)
	}
	for _, f := range t.Failures {
		log.Warn("not translated", "part", t.Part, "error", f)
	}
	p := r.Published
	if len(p.Awaited) > 0 {
		log.Warn("what is published stays as it is until the store, begun anew, has heard its sources",
			"sources", p.Awaited)
	}
	if len(p.Written)+len(p.Removed) > 0 {
		log.Info("published", "stories", p.Stories, "waiting", p.Waiting,
			"written", len(p.Written), "removed", len(p.Removed))
	}
	if n := r.Notified; n.Sent+n.GivenUp > 0 {
		log.Info("sent messages", "sent", n.Sent, "given up", n.GivenUp, "waiting", n.Waiting)
	}
	for id, err := range r.Notified.Errors {
		log.Warn("a target of messages fails", "target", id, "error", err)
	}
	if r.Retained.Doubt != "" && !r.Retained.told { // logged once, not at every run
		log.Warn(r.Retained.Doubt)
	}
	if n := r.Retained.Stories; n > 0 {
		log.Info("deleted old stories", "stories", n)
	}
}

// Log logs a failed poll or an odd document.
func (p Poll) Log(log *slog.Logger, err error) {
	switch {
	case errors.As(err, new(*polite.WaitError)): // logged once for the host
	case err != nil:
		log.Warn("source failed", "source", p.State.ID, "failures", p.State.Failures, "error", err)
	case p.Note != "":
		log.Warn("source is odd", "source", p.State.ID, "note", p.Note)
	}
}
