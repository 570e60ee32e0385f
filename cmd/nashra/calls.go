package main

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nashra/nashra/translate"
)

// calls counts what engines were asked and how long they took. It is safe for concurrent use.
type calls struct {
	mu sync.Mutex
	by map[string]engineCalls
}

// engineCalls is what came of an engine's calls since the process started.
type engineCalls struct {
	Calls   int                    `json:"calls"`
	Failed  map[translate.Kind]int `json:"failed,omitempty"` // by what was wrong
	Seconds float64                `json:"seconds"`          // that all took together
	Took    []int                  `json:"took,omitempty"`   // calls by latencyBounds: each counts what took less and no bound before has; the last one the rest
}

// latencyBounds are seconds: a local engine answers in tens of milliseconds, a chat service takes up to its time-out of a minute or two.
var latencyBounds = []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

func newCalls() *calls { return &calls{by: map[string]engineCalls{}} }

// seen notes a call.
func (c *calls) seen(engine string, took time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.by[engine]
	if e.Took == nil {
		e.Took, e.Failed = make([]int, len(latencyBounds)+1), map[translate.Kind]int{}
	}
	e.Calls++
	if err != nil {
		e.Failed[translate.KindOf(err)]++
	}
	e.Seconds += took.Seconds()
	at, _ := slices.BinarySearch(latencyBounds, took.Seconds())
	e.Took[at]++
	c.by[engine] = e
}

// of is a copy of what is known of an engine.
func (c *calls) of(engine string) engineCalls {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.by[engine]
	e.Took, e.Failed = slices.Clone(e.Took), maps.Clone(e.Failed)
	return e
}

// under is the bound that a share of the calls stayed below, in seconds; 0: there were none, or they took longer than any bound.
func (e engineCalls) under(share float64) float64 {
	sum := 0
	for i, bound := range latencyBounds {
		if i < len(e.Took) {
			if sum += e.Took[i]; e.Calls > 0 && float64(sum) >= share*float64(e.Calls) {
				return bound
			}
		}
	}
	return 0
}
