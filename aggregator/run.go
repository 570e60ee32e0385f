package aggregator

import (
	"context"
	"log/slog"
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
	Wakes []string      // names of the steps to run after an outcome with news
	// Run does what is pending and tells w its outcomes. again is when to run although nobody wakes the step; zero: never.
	Run func(ctx context.Context, w Watch) (again time.Time, err error)
}

// Steps returns the table of steps. Each runner polls in a way of its own, as poll.
func (a *Aggregator) Steps(poll func(context.Context, Watch) (time.Time, error)) []Step {
	return []Step{
		{Name: "poll", Run: poll, Wakes: []string{"group"}},
		{Name: "group", Pause: Quiet, Wakes: []string{"article", "translate", "publish"},
			Run: func(ctx context.Context, w Watch) (time.Time, error) {
				g, err := a.Group(ctx)
				w.done(g)
				return time.Time{}, err
			}},
		{Name: "article", Wakes: []string{"translate", "publish"},
			Run: func(ctx context.Context, w Watch) (time.Time, error) {
				f, err := a.Article(ctx)
				w.done(f)
				return f.Next, err
			}},
		{Name: "translate", Run: a.translateShown, Wakes: []string{"publish"}},
		{Name: "publish", Pause: Quiet,
			Run: func(ctx context.Context, w Watch) (time.Time, error) {
				p, err := a.Publish(ctx)
				w.done(p)
				return p.Next, err
			}},
		{Name: "retain", Every: RetainEvery,
			Run: func(ctx context.Context, w Watch) (again time.Time, err error) {
				r, err := a.Retain(ctx)
				w.done(r)
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
	Done        func(Outcome)
}

func (w Watch) done(o Outcome) {
	if w.Done != nil {
		w.Done(o)
	}
}

// Outcome is what a run of a step did: Grouped, Fetched, Translated, Published or Retained.
type Outcome interface {
	News() bool           // other steps have something to do now
	Log(log *slog.Logger) // logs what was done, if anything
	addTo(rep *Report)
}

// Report is what a pass did.
type Report struct {
	Polled     Polled
	Later      map[string]polite.Later // sources not asked, and why
	Grouped    Grouped
	Fetched    Fetched
	Translated Translated
	Published  Published
	Retained   Retained
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

// News implements Outcome.
func (g Grouped) News() bool { return g.Born+g.Joined > 0 }

// Log implements Outcome.
func (g Grouped) Log(log *slog.Logger) {
	if g.News() {
		log.Info("grouped", "stories", g.Born, "joined", g.Joined)
	}
}

func (g Grouped) addTo(rep *Report) {
	rep.Grouped.Born += g.Born
	rep.Grouped.Joined += g.Joined
}

// News implements Outcome.
func (f Fetched) News() bool { return f.Read+len(f.Left) > 0 }

// Log implements Outcome.
func (f Fetched) Log(log *slog.Logger) {
	if f.News() {
		log.Info("looked for articles", "read", f.Read, "left", f.Left)
	}
}

func (f Fetched) addTo(rep *Report) {
	rep.Fetched.Read += f.Read
	rep.Fetched.Next = f.Next
	if rep.Fetched.Left == nil {
		rep.Fetched.Left = map[string]int{}
	}
	for reason, n := range f.Left {
		rep.Fetched.Left[reason] += n
	}
}

// News implements Outcome.
func (t Translated) News() bool { return t.Stories > 0 }

// Log implements Outcome.
func (t Translated) Log(log *slog.Logger) {
	if t.Stories > 0 {
		log.Info("a part is translated", "part", t.Part, "stories", t.Stories, "segments", t.Bought, "remembered", t.Hits,
			"characters", t.Cost.Chars)
	}
	for _, f := range t.Failures {
		log.Warn("not translated", "part", t.Part, "error", f)
	}
}

func (t Translated) addTo(rep *Report) {
	rep.Translated.add(t.Report)
	rep.Translated.Stories += t.Stories
}

// Published is what publishing came to.
type Published struct{ publish.Report }

// Publish writes the files of all channels: see publish.Publisher.
func (a *Aggregator) Publish(ctx context.Context) (Published, error) {
	rep, err := a.Publisher.Publish(ctx)
	return Published{rep}, err
}

// News implements Outcome.
func (p Published) News() bool { return false }

// Log implements Outcome.
func (p Published) Log(log *slog.Logger) {
	if len(p.Awaited) > 0 {
		log.Warn("what is published stays as it is until the store, begun anew, has heard its sources", "sources", p.Awaited)
	}
	if len(p.Written)+len(p.Removed) > 0 {
		log.Info("published", "stories", p.Stories, "waiting", p.Waiting, "written", len(p.Written), "removed", len(p.Removed))
	}
}

func (p Published) addTo(rep *Report) {
	rep.Published.Stories, rep.Published.Waiting, rep.Published.Awaited = p.Stories, p.Waiting, p.Awaited
	rep.Published.Written = append(rep.Published.Written, p.Written...)
	rep.Published.Removed = append(rep.Published.Removed, p.Removed...)
}

// News implements Outcome.
func (r Retained) News() bool { return false }

// Log implements Outcome. A doubt is logged once.
func (r Retained) Log(log *slog.Logger) {
	if r.Doubt != "" && !r.told {
		log.Warn(r.Doubt)
	}
	if r.Stories > 0 {
		log.Info("deleted old stories", "stories", r.Stories)
	}
}

func (r Retained) addTo(rep *Report) { rep.Retained = r }
