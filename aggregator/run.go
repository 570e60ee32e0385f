package aggregator

import (
	"context"
	"log/slog"
	"maps"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/publish"
	"github.com/nashra/nashra/translate"
)

const (
	// Quiet is how long a step waits for more once something has arrived, before it works on what is there: slow sources delay nobody.
	Quiet = 2 * time.Second
	// RetainEvery is how often old stories are looked for, and RetainPause how soon again where there may be more: one call takes
	// ten thousand items at most, and a great fleet gets a million a day.
	RetainEvery = 6 * time.Hour
	RetainPause = time.Minute
	// how long after a translation that left something undone it is tried again: engines recover in minutes, and a failed call is cheap
	retranslateAfter = 5 * time.Minute
)

// Step is a row of the table of steps. A pass runs the rows in order, a daemon each in a worker of its own, a fleet most of them as jobs.
type Step struct {
	Name  string
	Pause time.Duration // between being woken and running, for more to arrive
	Every time.Duration // the longest time between two runs; zero: it runs only when woken, or when the last run asked for it
	Wakes []string      // names of the steps to run after a run with news
	// Run does what is pending and tells w what it did. again is when to run although nobody wakes the step; zero: never.
	Run func(ctx context.Context, w Watch) (again time.Time, err error)
}

// Steps returns the table of steps. Each runner polls in a way of its own, as poll.
func (a *Aggregator) Steps(poll func(context.Context, Watch) (time.Time, error)) []Step {
	return []Step{
		{Name: "poll", Run: poll, Wakes: []string{"group"}},
		{Name: "group", Pause: Quiet, Wakes: []string{"article", "translate", "publish"},
			Run: func(ctx context.Context, w Watch) (time.Time, error) {
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
		{Name: "translate", Run: a.translateShown, Wakes: []string{"publish"}},
		{Name: "publish", Pause: Quiet,
			Run: func(ctx context.Context, w Watch) (time.Time, error) {
				p, err := a.Publish(ctx)
				w.done(Report{Published: p})
				return p.Next, err
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

// Watch is told how the work goes on. Each field may be nil.
type Watch struct {
	Polling     func(total int) // called by Pass only
	Polled      func(p Poll, err error)
	Translating func(expected translate.Report) // what is pending, and its price
	Done        func(Report)                    // a run, or a part of one, ended
}

func (w Watch) done(rep Report) {
	if w.Done != nil {
		w.Done(rep)
	}
}

// Published is what publishing did.
type Published = publish.Report

// Publish writes the files of all channels: see publish.Publisher.
func (a *Aggregator) Publish(ctx context.Context) (Published, error) { return a.Publisher.Publish(ctx) }

// Report is what steps did. That of a single run has the field of its step alone.
type Report struct {
	Polled     Polled
	Later      map[string]polite.Later // sources not asked, and why
	Grouped    Grouped
	Fetched    Fetched
	Translated Translated
	Published  Published
	Retained   Retained
}

// News reports whether the steps that a run wakes have something to do.
func (r Report) News() bool {
	return r.Grouped.Born+r.Grouped.Joined+r.Fetched.Read+len(r.Fetched.Left)+r.Translated.Stories > 0
}

// add adds another run.
func (r *Report) add(run Report) {
	r.Grouped.Born += run.Grouped.Born
	r.Grouped.Joined += run.Grouped.Joined
	if run.Fetched.Left != nil {
		left := maps.Clone(run.Fetched.Left)
		for reason, n := range r.Fetched.Left {
			left[reason] += n
		}
		r.Fetched = Fetched{r.Fetched.Read + run.Fetched.Read, left, run.Fetched.Next}
	}
	r.Translated.add(run.Translated.Report)
	r.Translated.Stories += run.Translated.Stories
	if run.Published.Counted {
		written, removed := append(r.Published.Written, run.Published.Written...), append(r.Published.Removed, run.Published.Removed...)
		r.Published = run.Published
		r.Published.Written, r.Published.Removed = written, removed
	}
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
	t := r.Translated
	if t.Stories > 0 {
		log.Info("a part is translated", "part", t.Part, "stories", t.Stories, "segments", t.Bought, "remembered", t.Hits,
			"characters", t.Cost.Chars)
	}
	for _, f := range t.Failures {
		log.Warn("not translated", "part", t.Part, "error", f)
	}
	p := r.Published
	if len(p.Awaited) > 0 {
		log.Warn("what is published stays as it is until the store, begun anew, has heard its sources", "sources", p.Awaited)
	}
	if len(p.Written)+len(p.Removed) > 0 {
		log.Info("published", "stories", p.Stories, "waiting", p.Waiting, "written", len(p.Written), "removed", len(p.Removed))
	}
	if r.Retained.Doubt != "" && !r.Retained.told { // a doubt is logged once
		log.Warn(r.Retained.Doubt)
	}
	if n := r.Retained.Stories; n > 0 {
		log.Info("deleted old stories", "stories", n)
	}
}

// Log logs what is out of the ordinary about a poll that ended with err.
func (p Poll) Log(log *slog.Logger, err error) {
	switch {
	case err != nil:
		log.Warn("source failed", "source", p.State.ID, "failures", p.State.Failures, "error", err)
	case p.Note != "":
		log.Warn("source is odd", "source", p.State.ID, "note", p.Note)
	}
}
