package operator

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nashra/nashra/translate"
)

// Calls counts calls to engines. It is safe for concurrent use.
type Calls struct {
	mu       sync.Mutex
	byEngine map[string]EngineCalls
}

// EngineCalls counts an engine's calls since the process started.
type EngineCalls struct {
	Calls   int                    `json:"calls"`
	Failed  map[translate.Kind]int `json:"failed,omitempty"`
	Seconds float64                `json:"seconds"` // the sum over all calls
	// a histogram over latencyBounds; the last count has no upper bound
	Took []int `json:"took,omitempty"`
}

// latencyBounds are in seconds: a local engine answers in tens of milliseconds, a chat service may
// take its whole timeout of a minute or two.
var latencyBounds = []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// NewCalls returns counters at zero.
func NewCalls() *Calls { return &Calls{byEngine: map[string]EngineCalls{}} }

// Count records a call to an engine, how long it took and whether it failed.
func (c *Calls) Count(engine string, took time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byEngine[engine]
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
	c.byEngine[engine] = e
}

// engine returns a copy of an engine's counters.
func (c *Calls) engine(name string) EngineCalls {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byEngine[name]
	e.Took, e.Failed = slices.Clone(e.Took), maps.Clone(e.Failed)
	return e
}
