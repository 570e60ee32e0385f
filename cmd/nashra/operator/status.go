// Package operator shows whoever runs nashra how it is doing: the status that the command prints,
// metrics, health checks and a page.
package operator

import (
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/translate"
)

// Status is a snapshot of the sources, the backlog, the engines and the budgets. The command prints
// it, /status serves it as JSON, /metrics and /healthz are computed from it, and the page shows it.
// Its JSON names are fixed.
type Status struct {
	Health    Health         `json:"health"`
	At        time.Time      `json:"at"`
	Serving   time.Time      `json:"serving_since,omitzero"` // when the daemon started; zero: none answered
	Version   string         `json:"version"`
	Zone      string         `json:"timezone"` // of the days
	Sources   []Source       `json:"sources"`
	Lists     []List         `json:"lists,omitempty"` // of sources
	Ungrouped int            `json:"ungrouped"`       // stored items that are in no story yet
	Loose     time.Time      `json:"ungrouped_since,omitzero"`
	Waiting   int            `json:"waiting"` // published stories that are not translated yet
	Since     time.Time      `json:"waiting_since,omitzero"`
	Untouched time.Time      `json:"untranslated_since,omitzero"` // of those without any English
	Waits     []int          `json:"waiting_by_age"`              // a histogram over waitBounds, with one count more
	Beyond    int            `json:"beyond_limit"`                // stories beyond the limits of channels
	Held      int            `json:"held"`                        // stories that English editions wait for
	HeldSince time.Time      `json:"held_since,omitzero"`
	HeldWhy   string         `json:"held_why,omitempty"`
	Engines   []Engine       `json:"engines"`
	Budgets   []Budget       `json:"budgets"`
	Spent     []store.Spent  `json:"spent"`             // this month, by day and engine
	Notify    []Target       `json:"notify"`            // the places that are told of new stories
	Members   []fleet.Member `json:"members,omitempty"` // processes that share the store

	unpublished []aggregator.Unpublished
}

// Source is the status of one source.
type Source struct {
	ID       string    `json:"id"`
	Title    string    `json:"title,omitempty"`
	URL      string    `json:"url"`           // without secrets
	Off      bool      `json:"off,omitempty"` // it is switched off, or another with its address is polled
	Success  time.Time `json:"last_success,omitzero"`
	Polled   time.Time `json:"last_poll,omitzero"`
	Due      time.Time `json:"next_due,omitzero"` // zero: now, or never if Why is set
	Why      string    `json:"why,omitempty"`     // why it is not polled now
	Held     bool      `json:"held,omitempty"`    // by its publisher's or its host's word, until Due
	Late     bool      `json:"late,omitempty"`    // no success within three rounds of its schedule
	Failures int       `json:"failures,omitempty"`
	Class    string    `json:"error_class,omitempty"`
	Error    string    `json:"error,omitempty"`
	Note     string    `json:"note,omitempty"`         // what is odd about it, though it can be read
	Moved    string    `json:"moved_to,omitempty"`     // its address after permanent redirects, without secrets
	PerDay   float64   `json:"items_a_day"`            // over the last seven days
	LeftOut  int       `json:"left_out,omitempty"`     // stored items that its rules keep out of stories
	Days     []int     `json:"items_by_day,omitempty"` // over the last shownDays, today last; empty: no items
}

// Engine is the status of one engine.
type Engine struct {
	Name    string    `json:"name"`
	Free    bool      `json:"free"`
	Resting string    `json:"resting,omitempty"` // why its circuit breaker is open; only a daemon knows
	Until   time.Time `json:"until,omitzero"`
	Lacks   string    `json:"lacks,omitempty"`  // what keeps it from working: the offline engine's model
	Remedy  string    `json:"remedy,omitempty"` // what to do about that
	EngineCalls
	Troubles []Trouble `json:"troubles,omitempty"`
}

// Trouble is what an engine fails at, with one cause.
type Trouble struct {
	Kind  translate.Kind `json:"kind"`
	Cause string         `json:"cause"`
	Todo  string         `json:"todo"`
	Left  bool           `json:"left,omitempty"` // the engine was left, Count times; otherwise Count texts failed
	Count int            `json:"count"`
	Since time.Time      `json:"since"`
	Last  time.Time      `json:"last"`
}

// Budget is the status of one limit.
type Budget struct {
	Engine    string         `json:"engine,omitempty"` // empty: all paid engines together
	Period    string         `json:"period"`           // day | month
	Begun     time.Time      `json:"since"`            // when the period began
	Limit     translate.Cost `json:"limit"`
	Used      translate.Cost `json:"used"`
	Left      translate.Cost `json:"left"`
	Projected translate.Cost `json:"projected"` // for the whole period, at the current pace
}

// waitBounds are the upper bounds of Status.Waits. The first is how long a channel waits by
// default, the second how long a failing engine is not called.
var waitBounds = []time.Duration{10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// setWaiting counts the waiting stories, given when each was first seen, oldest first.
func (s *Status) setWaiting(since []time.Time) {
	s.Waiting, s.Waits = len(since), make([]int, len(waitBounds)+1)
	for i, t := range since {
		if i == 0 {
			s.Since = t
		}
		at, _ := slices.BinarySearch(waitBounds, s.At.Sub(t))
		s.Waits[at]++
	}
}
