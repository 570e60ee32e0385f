package polite

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/nashra/nashra/feeds/fetch"
)

// Wait is what a host's answers say about all requests to it: to wait. The zero Wait is a host that
// never asked for it.
type Wait struct {
	Host  string    // as HostOf returns it
	Said  string    // the answer that counts, for people; empty: none does
	At    time.Time // UTC; of that answer
	Held  time.Time // UTC; no request before: its Retry-After
	Due   time.Time // UTC; no request before: our back-off, which --now overrides
	Times int       // how often requests had to wait since the last document
}

// HostOf returns the host that a wait is for: without the port, if it is that of http or https.
func HostOf(hostport string) string {
	host := strings.ToLower(hostport)
	return strings.TrimSuffix(strings.TrimSuffix(host, ":80"), ":443")
}

// Waits keeps the waits of all hosts, for all steps of a process. They are stored at once, and read
// again every second, as other processes store theirs.
type Waits struct {
	now  func() time.Time
	load func(ctx context.Context) ([]Wait, error)
	save func(ctx context.Context, w Wait)

	mu     sync.Mutex
	known  map[string]Wait
	loaded time.Time

	saving sync.Mutex // for one save after the other
}

// waitsAge is how old the known waits may be. Until then, the process's own requests find out.
const waitsAge = time.Second

// NewWaits returns Waits that are stored with save and read with load. Both may be nil.
func NewWaits(now func() time.Time, load func(ctx context.Context) ([]Wait, error),
	save func(ctx context.Context, w Wait)) *Waits {
	return &Waits{now: now, load: load, save: save, known: map[string]Wait{}}
}

// WaitError says that a request was not sent, as its host asks to wait.
type WaitError struct{ Later }

func (e *WaitError) Error() string { return e.String() }

// All returns the hosts that ask to wait now. In a forced round, which began at that time, our own
// back-offs from before do not count; zero: the round is not forced.
func (w *Waits) All(ctx context.Context, forced time.Time) map[string]Later {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refresh(ctx)
	waiting := map[string]Later{}
	for host, wait := range w.known {
		if later := wait.later(w.now(), forced); later.Held {
			waiting[host] = later
		}
	}
	return waiting
}

func (w *Waits) refresh(ctx context.Context) {
	if w.load == nil || time.Since(w.loaded) < waitsAge {
		return
	}
	stored, err := w.load(ctx)
	if err != nil { // the next write reports it
		return
	}
	w.loaded = time.Now()
	for _, s := range stored {
		if !s.At.Before(w.known[s.Host].At) {
			w.known[s.Host] = s
		}
	}
}

// Turn returns what keeps the requests of who, a source or a page, from hosts that ask to wait, and
// learns from the answers. forced is as for All.
func (w *Waits) Turn(who string, forced time.Time) fetch.Turn {
	return func(ctx context.Context, host string) (func(int, time.Duration), error) {
		host = HostOf(host)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.refresh(ctx)
		if later := w.known[host].later(w.now(), forced); later.Held {
			return nil, &WaitError{later}
		}
		return func(code int, retryAfter time.Duration) { w.answered(ctx, host, who, code, retryAfter) }, nil
	}
}

func (w *Waits) answered(ctx context.Context, host, who string, code int, retryAfter time.Duration) {
	w.mu.Lock()
	wait, changed := w.known[host].after(who, code, retryAfter, w.now())
	if wait.Host = host; changed {
		w.known[host] = wait
	}
	w.mu.Unlock()
	if !changed || w.save == nil {
		return
	}
	w.saving.Lock()
	defer w.saving.Unlock()
	w.mu.Lock()
	wait = w.known[host] // it may have changed since
	w.mu.Unlock()
	w.save(ctx, wait)
}

func (w Wait) later(now, forced time.Time) Later {
	until := w.Held
	if forced.IsZero() || !w.At.Before(forced) {
		until = Latest(until, w.Due)
	}
	if !until.After(now) || w.At.After(now.Add(timerSlack)) { // or the clock was set back
		return Later{}
	}
	return Later{Why: "held by host " + w.Host + ", which answered " + w.Said, Until: until, Held: true}
}

// after returns w after an answer to who. A 429 is about all requests; a 503 may be the trouble of
// one source, until another gets it too before any document comes.
func (w Wait) after(who string, code int, retryAfter time.Duration, now time.Time) (_ Wait, changed bool) {
	waiting := w.later(now, time.Time{}).Held
	if code != http.StatusTooManyRequests && code != http.StatusServiceUnavailable {
		if document := code/100 == 2 || code == http.StatusNotModified; waiting || w.Said == "" || !document {
			return w, false
		}
		return Wait{At: now}, true
	}
	said := fmt.Sprintf("status %d to %s", code, who)
	switch second := strings.HasPrefix(w.Said, "status 503 ") && w.Said != said; {
	case code == http.StatusTooManyRequests || second:
	case waiting || w.Said == said:
		return w, false
	default:
		w.Said, w.At = said, now
		return w, true
	}
	if !waiting {
		w.Times++
	}
	w.Said, w.At = said, now
	if retryAfter > 0 {
		w.Held = Latest(w.Held, now.Add(min(retryAfter, longestWait)))
	} else {
		w.Due = Latest(w.Due, now.Add(backoff(w.Times)))
	}
	return w, true
}
