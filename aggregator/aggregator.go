// Package aggregator does the work: it polls sources, groups their items into stories, has them
// translated and publishes channels. Each step reads what is pending in the Store, writes its
// result and its progress together, and can be run alone, killed and run again. run.go has the
// table of the steps.
package aggregator

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/aggregator/notify"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/publish"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/arabic"
)

// Options configures an Aggregator.
type Options struct {
	Store      Store
	Client     *fetch.Client
	Translator *translate.Translator // nil: nothing is translated
	Pair       translate.Pair
	Lexicon    arabic.Lexicon // names to find in items; zero: the program's own
	OnBudget   string         // what to publish of what the budget left untranslated: original (or empty), hold, titles
	Sources    []feeds.Source // those switched off are published and not polled
	Lists      []feeds.Source // of sources; what they name is in Sources
	Channels   []feeds.Channel
	Tags       []feeds.Channel           // of tags, which are published too; their ids are tags/T
	URL, Hub   string                    // public address of the published files, and its WebSub hub; empty: none
	Web        feeds.Web                 // what pages and feeds show
	HubClient  *http.Client              // for the hub; nil: the hub is not told of changes
	Targets    []feeds.Target            // are told of new stories of channels
	Senders    map[string]*notify.Sender // by target
	Dir        string                    // directory of the published files
	// how long the page of a story stays once the story is no longer among the newest of a channel
	Keep time.Duration
	// for a daemon: new stories wait for their translation, for each channel's Wait at most
	Hold bool
	// for a daemon: each source's feed, which has no file, shows so many stories
	SourceFeeds int

	Schedule  cron.Schedule            // of sources without one of their own
	Schedules map[string]cron.Schedule // by source id
	// for a daemon: each source's schedule is shifted by an offset of its own
	Jitter      bool
	MinInterval time.Duration // the shortest time between two polls of a source
	Retention   time.Duration // items that left their feeds longer ago are deleted; 0: none are
	Concurrency int           // the most sources polled at once
	PerHost     int           // the most requests to one host (host:port) at once

	// the most pages fetched per day for one source with full text; 0: 100
	ArticlesPerDay int

	// is told how far a step of a pass is: how many of total are done, at first 0; total is negative
	// while it is unknown. nil: nobody is
	Progress func(step string, done, total int)

	Now func() time.Time // nil: the clock
	Log *slog.Logger     // nil: silent
}

// Aggregator runs the steps. Its methods may be called from several goroutines, each step once at a
// time.
type Aggregator struct {
	Options
	Catalog   *publish.Catalog
	Publisher *publish.Publisher
	notifier  *notify.Notifier

	lists   []feeds.Source // see asked
	pace    *polite.Pace
	waits   *polite.Waits
	gate    gate
	writer  *writer
	agenda  agenda
	build   feeds.Short
	beyond  beyond
	doubted atomic.Bool // Retain distrusts the clock

	unpublished atomic.Pointer[Unpublished] // the last Publish failed so
}

// New returns an Aggregator.
func New(o Options) *Aggregator {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	a := &Aggregator{Options: o, lists: asked(o.Lists), gate: newGate(o), writer: newWriter(o.Store),
		agenda: agenda{unheard: map[string]bool{}}, build: build()}
	a.Catalog = publish.NewCatalog(publish.Options{
		Store:      o.Store,
		Translator: o.Translator,
		Pair:       o.Pair,
		OnBudget:   o.OnBudget,
		Sources:    o.Sources,
		Channels:   o.Channels,
		Tags:       o.Tags,
		URL:        o.URL,
		Hub:        o.Hub,
		Web:        o.Web,
		HubClient:  o.HubClient,
		Dir:        o.Dir,
		Keep:       o.Keep,
		Hold:       o.Hold,
		Progress:   func(done, total int) { o.Progress("publishing", done, total) },
		Now:        a.now,
		Log:        o.Log,
	})
	a.Publisher = publish.NewPublisher(a.Catalog)
	a.notifier = notify.New(notify.Options{Store: o.Store, Catalog: a.Catalog, Targets: o.Targets, Senders: o.Senders,
		Within: sendingTime(o.Hold), Serving: o.Hold, Now: a.now})
	a.waits = polite.NewWaits(a.now, func(ctx context.Context) ([]polite.Wait, error) { return a.Store.Waits(ctx) },
		a.setWait)
	a.pace = &polite.Pace{Schedule: o.Schedule, Schedules: everyList(o.Schedules, a.lists),
		MinInterval: o.MinInterval, Waits: a.waits,
		Twins: a.Catalog.Twins, Now: a.now}
	if o.Jitter {
		a.pace.Spread(a.polled())
	}
	return a
}

// now returns the time in the store's precision.
func (a *Aggregator) now() time.Time { return a.Now().UTC().Truncate(time.Millisecond) }

// setWait logs and stores what a host said. If it cannot be stored, this process remembers it.
func (a *Aggregator) setWait(ctx context.Context, w polite.Wait) {
	ctx, cancel := outlasting(ctx)
	defer cancel()
	if until := polite.Latest(w.Held, w.Due); until.After(w.At) {
		a.Log.Warn("a host asks to wait", "host", w.Host, "answer", w.Said, "until", until)
	}
	if err := a.Store.SetWait(ctx, w); err != nil {
		a.Log.Warn("cannot store that a host asks to wait", "host", w.Host, "error", err)
	}
}

// Late reports whether s should have succeeded by now and has not: see polite.Pace.
func (a *Aggregator) Late(s feeds.Source, st polite.State, since time.Time) bool {
	return a.pace.Late(s, st, since)
}
