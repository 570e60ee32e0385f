// Package aggregator does the work: it polls sources, groups their items into stories, has them translated, and publishes
// channels. Each step reads what is pending in the Store, writes its result and its progress together, and can be run alone,
// killed and run again.
package aggregator

import (
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/arabic"
)

// Options is what an Aggregator works with.
type Options struct {
	Store      Store
	Client     *fetch.Client
	Translator *translate.Translator // nil: nothing is translated
	Pair       translate.Pair
	Lexicon    arabic.Lexicon  // by which names are known in items; zero: the program's own
	OnBudget   string          // what is published that the budget left untranslated: original (or empty), hold, titles
	Sources    []feeds.Source  // those switched off are kept in what is published, and not polled
	Channels   []feeds.Channel //
	URL, Hub   string          // public address of what is published, and its WebSub hub; empty: none
	HubClient  *http.Client    // for the hub; nil: it is not told of changes
	Dir        string          // where files are published
	Hold       bool            // new stories wait for their translation, each channel's Wait at most: for a daemon, which comes again

	Schedule    cron.Schedule            // of sources that have none of their own
	Schedules   map[string]cron.Schedule // by source id
	MinInterval time.Duration            // no source is asked more often
	Retention   time.Duration            // items not seen in their feeds for longer go; 0: all stay
	Concurrency int                      // most sources asked at once
	PerHost     int                      // most of one host (host:port) at once

	ArticlesPerDay int // most pages looked for in a day on behalf of one source that asks for full text; 0: 100

	Now func() time.Time // nil: the clock
	Log *slog.Logger     // nil: silent
}

// Aggregator runs the steps. Its methods may be called from several goroutines, each step once at a time.
type Aggregator struct {
	Options
	sources map[string]int // their places in Sources, by id
	hub     *hub
	gate    gate
	writer  *writer
	doubted atomic.Bool // Retain doubts the clock
}

// New returns an Aggregator.
func New(o Options) *Aggregator {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &Aggregator{Options: o, hub: &hub{topics: map[string]bool{}}, sources: map[string]int{}, gate: newGate(o.Concurrency), writer: newWriter(o.Store)}
	for i, s := range o.Sources {
		a.sources[s.ID] = i
	}
	return a
}

// source is the one of that id in the config.
func (a *Aggregator) source(id string) (s feeds.Source, ok bool) {
	i, ok := a.sources[id]
	if ok {
		s = a.Sources[i]
	}
	return s, ok
}

// now is the time in the store's precision.
func (a *Aggregator) now() time.Time { return a.Now().UTC().Truncate(time.Millisecond) }
