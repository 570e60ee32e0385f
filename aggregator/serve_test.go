package aggregator

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// plan is the schedules of sources, when each is due and when it was polled, without network or
// store.
type plan struct {
	mu        sync.Mutex
	schedules map[string]cron.Schedule
	due       map[string]time.Time
	asked     map[string][]time.Time
}

func newPlan(t *testing.T, specs map[string]string) *plan {
	p := &plan{schedules: map[string]cron.Schedule{}, due: map[string]time.Time{}, asked: map[string][]time.Time{}}
	for id, spec := range specs {
		s, err := cron.ParseStandard(spec)
		if err != nil {
			t.Fatal(err)
		}
		p.schedules[id] = s
		p.due[id] = s.Next(time.Now())
	}
	return p
}

func (p *plan) when(context.Context) (ids []string, next time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, at := range p.due {
		if at.After(time.Now()) {
			next = polite.Sooner(next, at)
		} else {
			ids = append(ids, id)
		}
	}
	return ids, next, nil
}

func (p *plan) ask(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked[id] = append(p.asked[id], time.Now())
	p.due[id] = p.schedules[id].Next(time.Now())
}

// plainStep is a Step.Run without a Watch.
type plainStep func(context.Context) error

// counted counts how often a step ran.
func counted(n *int, err error) plainStep {
	return func(context.Context) error { *n++; return err }
}

type counts struct{ grouped, read, translated, published, retained int }

// bench is a daemon with steps that are counted.
type bench struct {
	*daemon
	steps  map[string]plainStep
	failed map[string]int // by step
}

func newBench(p *plan, n *counts) *bench {
	b := &bench{failed: map[string]int{}}
	enter := func(context.Context) (func(), error) { return func() {}, nil }
	b.daemon = newDaemon(slog.New(failures{slog.DiscardHandler, b.failed}), enter, 5*time.Minute)
	b.due = p.when
	b.ask = func(_ context.Context, ids []string, stored func(Poll, error)) error {
		time.Sleep(100 * time.Millisecond)
		for _, id := range ids {
			p.ask(id)
			stored(answer(id), nil)
		}
		return nil
	}
	b.steps = map[string]plainStep{"group": counted(&n.grouped, nil), "article": counted(&n.read, nil),
		"translate": counted(&n.translated, nil), "publish": counted(&n.published,
			nil), "retain": counted(&n.retained, nil)}
	return b
}

// answer returns a poll that brought an item.
func answer(id string) Poll { return Poll{State: polite.State{ID: id}, Items: make([]Signed, 1)} }

// failures is a log handler that counts failed steps.
type failures struct {
	slog.Handler
	n map[string]int
}

func (f failures) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

func (f failures) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "step" {
			f.n[a.Value.String()]++
		}
		return true
	})
	return nil
}

// during runs b in simulated time, each step with news, and checks that it stops within ten
// seconds.
func during(t *testing.T, span time.Duration, b *bench) {
	t.Helper()
	steps := New(Options{}).Steps(b.poll)
	for i, s := range steps {
		if do := b.steps[s.Name]; do != nil {
			steps[i].Run = func(ctx context.Context, w Watch) (time.Time, error) {
				err := do(ctx)
				if err == nil {
					w.done(Report{Grouped: Grouped{Born: 1}})
				}
				return time.Time{}, err
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { b.run(ctx, steps); close(ended) }()
	time.Sleep(span)
	cancel()
	told := time.Now()
	<-ended
	if took := time.Since(told); took > 10*time.Second {
		t.Errorf("it took %v to stop", took)
	}
}

// Each source is polled at each of its rounds and no other time, and what it brings is grouped,
// translated and published.
func TestScheduleIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n counts
		p := newPlan(t, map[string]string{"half-hourly": "*/30 * * * *", "daily": "CRON_TZ=Asia/Riyadh 0 7 * * *",
			"every": "@every 45m"})
		b := newBench(p, &n)
		during(t, 48*time.Hour, b)
		for id, want := range map[string]int{"half-hourly": 96, "daily": 2, "every": 64} {
			if got := len(p.asked[id]); got < want-1 || got > want {
				t.Errorf("%s was asked %d times in two days, want %d", id, got, want)
			}
		}
		for _, at := range p.asked["daily"] {
			if local := at.UTC(); local.Hour() != 4 || local.Minute() != 0 {
				t.Errorf("daily was asked at %v, want 7 o'clock in Riyadh", at)
			}
		}
		if len(b.failed) > 0 || n.grouped < 100 || n.translated < 100 || n.published < 100 || n.retained == 0 {
			t.Errorf("%+v", n)
		}
	})
}

// Over changes of the clock a daily source is polled once a day, give or take one, and the daemon
// keeps running.
func TestClockChanges(t *testing.T) {
	for _, c := range []struct {
		spec  string
		first time.Time // the first of four days during which the clock changes
	}{
		{"CRON_TZ=Africa/Cairo 30 0 * * *", time.Date(2026, 4, 22, 0, 0, 0, 0, time.UTC)},
		{"CRON_TZ=Africa/Cairo 30 23 * * *", time.Date(2026, 10, 27, 0, 0, 0, 0, time.UTC)},
		{"CRON_TZ=Africa/Casablanca 30 2 * * *", time.Date(2026, 2, 13, 0, 0, 0, 0, time.UTC)},
		{"CRON_TZ=Africa/Casablanca 30 2 * * *", time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)},
		{"CRON_TZ=America/New_York 30 2 * * *", time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC)},
		{"CRON_TZ=America/New_York 30 1 * * *", time.Date(2026, 10, 30, 0, 0, 0, 0, time.UTC)},
	} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(c.first))
			var n counts
			p := newPlan(t, map[string]string{"s": c.spec})
			b := newBench(p, &n)
			during(t, 4*24*time.Hour, b)
			asked := p.asked["s"]
			if len(asked) < 3 || len(asked) > 5 || len(b.failed) > 0 {
				t.Errorf("%s from %v: asked %d times in four days", c.spec, c.first, len(asked))
			}
			for i := 1; i < len(asked); i++ {
				if gap := asked[i].Sub(asked[i-1]); gap < 59*time.Minute || gap > 49*time.Hour {
					t.Errorf("%s: %v between %v and %v", c.spec, gap, asked[i-1], asked[i])
				}
			}
		})
	}
}

// A hanging source or engine delays no other step, and failures are retried less and less often.
func TestWhatHangsOrFailsDelaysItselfAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n counts
		p := newPlan(t, map[string]string{"healthy": "*/10 * * * *", "hanging": "*/10 * * * *"})
		b := newBench(p, &n)
		hangs := 0
		b.ask = func(ctx context.Context, ids []string, stored func(Poll, error)) error {
			// the healthy one is stored first, and the call lasts as long as the other
			slices.SortFunc(ids, func(x, y string) int { return strings.Compare(y, x) })
			for _, id := range ids {
				if id == "hanging" {
					hangs++
					select {
					case <-ctx.Done():
					case <-time.After(25 * time.Minute):
					}
				}
				p.ask(id)
				got := answer(id)
				if id == "hanging" {
					got.Items = nil
				}
				stored(got, nil)
			}
			return nil
		}
		b.steps["translate"] = func(ctx context.Context) error {
			n.translated++
			<-ctx.Done()
			return ctx.Err()
		}
		b.steps["retain"] = counted(&n.retained, errors.New("the disk is full"))
		during(t, 6*time.Hour, b)
		if got := len(p.asked["healthy"]); got < 35 {
			t.Errorf("the healthy source was asked %d times beside a hanging one, want 36", got)
		}
		if hangs > 13 {
			t.Errorf("the hanging source was asked %d times in 6 hours, each 25 minutes long", hangs)
		}
		if n.translated != 1 || n.published < 35 {
			t.Errorf("%d translations, %d publishings while the engine hangs", n.translated, n.published)
		}
		if n.retained < 100 || n.retained > 6*60+10 || b.failed["retain"] != n.retained {
			t.Errorf("what fails was tried %d times in 6 hours, told %v times", n.retained, b.failed)
		}
	})
}

// If polls cannot be stored, publishers are not asked again and again.
func TestFailingStoreSparesPublishers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n counts
		p := newPlan(t, map[string]string{"s": "* * * * *"})
		b := newBench(p, &n)
		asked := 0
		b.ask = func(context.Context, []string, func(Poll, error)) error {
			asked++
			return errors.New("the store is away")
		}
		during(t, time.Hour, b)
		if asked < 11 || asked > 13 {
			t.Errorf("a publisher was asked %d times in an hour, want one in five minutes", asked)
		}
	})
}

// Steps wait while another program holds the store. The first to enter takes the lock for all, the
// last releases it.
func TestTurns(t *testing.T) {
	held, taken, err := false, 0, error(nil)
	enter := Turns(func(context.Context) (func(), error) {
		if err != nil {
			return nil, err
		}
		held, taken = true, taken+1
		return func() { held = false }, nil
	})
	one, _ := enter(t.Context())
	two, _ := enter(t.Context())
	one()
	if !held || taken != 1 {
		t.Errorf("held %v, taken %d times", held, taken)
	}
	two()
	if held {
		t.Error("nobody works and it is held")
	}
	err = errors.New("another nashra is at work")
	if _, got := enter(t.Context()); got == nil {
		t.Error("entered what another holds")
	}
	err = nil
	if leave, got := enter(t.Context()); got != nil || taken != 2 {
		t.Errorf("%v, taken %d times", got, taken)
	} else {
		leave()
	}
}

// hoard is a store with more old stories than one call deletes.
type hoard struct {
	Store
	looks []time.Time
	left  []int
}

func (*hoard) ForgetDigests(context.Context, time.Time, []string) error { return nil }

func (*hoard) ForgetTargets(context.Context, time.Time, []string) error { return nil }

func (h *hoard) Ahead(context.Context, time.Time, time.Time) ([]time.Duration, error) {
	return []time.Duration{0}, nil
}
func (h *hoard) States(context.Context, ...string) (map[string]polite.State, error) {
	now := time.Now()
	return map[string]polite.State{"one": {ID: "one", Polled: now, Succeeded: now, Clock: now}}, nil
}
func (h *hoard) Outlets(ctx context.Context) (map[string]polite.State, error) { return h.States(ctx) }
func (h *hoard) Due(ctx context.Context, _ time.Time, _ ...string) (map[string]polite.State, time.Time, error) {
	states, err := h.States(ctx)
	return states, time.Time{}, err
}
func (h *hoard) Waits(context.Context) ([]polite.Wait, error)                { return nil, nil }
func (h *hoard) Ungrouped(context.Context, int) ([]Pending, error)           { return nil, nil }
func (h *hoard) Unpublished(context.Context) ([]Unpublished, error)          { return nil, nil }
func (h *hoard) Stories(context.Context, feeds.Query) ([]feeds.Story, error) { return nil, nil }
func (h *hoard) List(context.Context, feeds.Query) ([]feeds.Listed, error)   { return nil, nil }
func (h *hoard) Changes(context.Context) (int64, error)                      { return 0, nil }
func (h *hoard) Outputs(context.Context) (map[string]Output, error)          { return map[string]Output{}, nil }
func (h *hoard) SetOutputs(context.Context, time.Time, map[string]Output, []string) error {
	return nil
}

func (h *hoard) Expiring(context.Context, time.Time) (bool, error) { return true, nil }

func (h *hoard) Expire(context.Context, time.Time, []string) (n int, err error) {
	h.looks = append(h.looks, time.Now())
	if len(h.left) > 0 {
		n, h.left = h.left[0], h.left[1:]
	}
	return n, nil
}

// What one call of Retain leaves is deleted a minute later, until nothing is left; then it runs
// every six hours.
func TestRetentionComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hoard{left: []int{10_000, 10_000, 77, 0, 5}}
		began := time.Now()
		a := New(Options{Store: h, Dir: t.TempDir(), Retention: 24 * time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), 19*time.Hour)
		defer cancel()
		a.Serve(ctx, func(context.Context) (func(), error) { return func() {}, nil })
		var got []time.Duration
		for _, at := range h.looks {
			got = append(got, at.Sub(began))
		}
		const m = time.Minute
		if want := []time.Duration{m, 2 * m, 3 * m, 4 * m, 364 * m, 365 * m, 725 * m, 1085 * m}; !slices.Equal(got,
			want) {
			t.Errorf("it looked at %v, want %v", got, want)
		}
	})
}
