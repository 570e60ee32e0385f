package fleet

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/nashra/nashra/aggregator"
)

// The jobs. They say where to look; what is found there counts. A second job of a kind (Again) may stand in the queue beside one that
// runs: for what came after that one looked, and for what a dead member left running.
type (
	tickJob struct{}
	pollJob struct { // some of a host's sources, one after the other: there are as many lanes as the host may be asked at once
		Host    string   `json:"host" river:"unique"`
		Lane    uint32   `json:"lane" river:"unique"`
		Again   bool     `json:"again" river:"unique"`
		Sources []string `json:"sources"`
	}
	groupJob struct {
		Again bool `json:"again" river:"unique"`
	}
	translateJob struct {
		Again bool     `json:"again" river:"unique"`
		Tried []string `json:"tried"` // parts of stories, as untried names them, that could not be translated a moment ago
	}
	retainJob struct{}
)

func (tickJob) Kind() string      { return "tick" }
func (pollJob) Kind() string      { return "poll" }
func (groupJob) Kind() string     { return "group" }
func (translateJob) Kind() string { return "translate" }
func (retainJob) Kind() string    { return "retain" }

const (
	// how long a source keeps its worker from other hosts: a healthy one answers within; see aggregator's bound of the same name
	patience = 2 * time.Second
	// how long a translation goes on with batch after batch; then another member may
	longTurn = time.Minute
	// stories translated in one go: a kill loses no more than the calls of these
	storiesPerGo = 20
	// how long grouping waits for more to arrive, as on one machine
	quiet = 2 * time.Second
	// how often what could not be translated is tried again: engines recover in minutes, and a call that fails is cheap
	retranslateAfter = 4 * time.Minute
	// how often old stories are looked for
	retainEvery = 6 * time.Hour
	// jobs put into the queue in one statement
	jobsPerInsert = 1000
)

// unfinished are the states in which a job stands for another like it. "completed" is not among them: a host is polled for ever.
func unfinished() []rivertype.JobState {
	return []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled,
		rivertype.JobStateRetryable}
}

// once has a job of a kind, and of the arguments marked so, stand in its queue once.
func once(kind string) *river.InsertOpts {
	return &river.InsertOpts{Queue: kind, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()}}
}

// queues: none waits for another's workers.
func (m *member) queues() map[string]river.QueueConfig {
	one := river.QueueConfig{MaxWorkers: 1}
	return map[string]river.QueueConfig{"tick": one, "group": one, "translate": one, "retain": one,
		"poll": {MaxWorkers: min(max(1, m.Concurrency), river.QueueNumWorkersMax)}}
}

func (m *member) workers() *river.Workers {
	w := river.NewWorkers()
	river.AddWorker(w, river.WorkFunc(m.tick))
	river.AddWorker(w, river.WorkFunc(m.poll))
	river.AddWorker(w, river.WorkFunc(m.group))
	river.AddWorker(w, river.WorkFunc(m.translate))
	river.AddWorker(w, river.WorkFunc(m.retain))
	return w
}

// periodic is what the leader enqueues. Ticks are not held to one: were one to die at work, none would come until it is rescued.
func (m *member) periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(m.Tick), func() (river.JobArgs, *river.InsertOpts) {
			return tickJob{}, &river.InsertOpts{Queue: "tick", MaxAttempts: 1}
		}, &river.PeriodicJobOpts{RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(retainEvery), func() (river.JobArgs, *river.InsertOpts) { return retainJob{}, once("retain") },
			&river.PeriodicJobOpts{RunOnStart: true}),
	}
}

// tick puts jobs for what is due, and for what a dead member or an emptied queue left, into the queue.
func (m *member) tick(_ context.Context, _ *river.Job[tickJob]) error {
	_, err := m.claimed("tick", func(ctx context.Context) error {
		hosts, err := m.DueHosts(ctx)
		if err != nil {
			return err
		}
		var jobs []river.InsertManyParams
		for host, ids := range hosts {
			for lane, some := range m.lanes(ids) {
				jobs = append(jobs, river.InsertManyParams{Args: pollJob{Host: host, Lane: lane, Sources: some}, InsertOpts: once("poll")})
			}
		}
		again, err := m.insert(ctx, jobs)
		if err != nil {
			return err
		}
		if _, err := m.insert(ctx, again); err != nil {
			return err
		}
		left, err := m.Store.Ungrouped(ctx, 1)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			m.came.raise()
		}
		later := once("translate")
		later.ScheduledAt = time.Now().Add(retranslateAfter)
		_, err = m.client.Insert(ctx, translateJob{Again: true}, later)
		return err
	})
	return err
}

// insert puts jobs into the queue, and returns second ones for those that have been running for longer than a healthy host takes: their
// member may be dead.
func (m *member) insert(ctx context.Context, jobs []river.InsertManyParams) (again []river.InsertManyParams, err error) {
	for batch := range slices.Chunk(jobs, jobsPerInsert) {
		results, err := m.client.InsertMany(ctx, batch)
		if err != nil {
			return nil, err
		}
		for i, r := range results {
			if args := batch[i].Args.(pollJob); r.UniqueSkippedAsDuplicate && r.Job.State == rivertype.JobStateRunning && r.Job.AttemptedAt != nil &&
				time.Since(*r.Job.AttemptedAt) > 2*m.Tick {
				args.Again = true
				again = append(again, river.InsertManyParams{Args: args, InsertOpts: once("poll")})
			}
		}
	}
	return again, nil
}

// lanes spreads sources over as many lanes as a host may be asked at once: a source is always in the same.
func (m *member) lanes(ids []string) map[uint32][]string {
	out := map[uint32][]string{}
	for _, id := range ids {
		h := fnv.New32a()
		h.Write([]byte(id))
		lane := h.Sum32() % uint32(max(1, m.PerHost))
		out[lane] = append(out[lane], id)
	}
	return out
}

// poll asks those of a lane's sources that are due. A source that takes long gives its worker back: its claim says that it is being asked.
func (m *member) poll(_ context.Context, job *river.Job[pollJob]) error {
	going, done, left := make(signal, 1), make(chan error), make(chan struct{})
	m.behind.Go(func() {
		_, err := m.claimed(fmt.Sprintf("host %s %d", job.Args.Host, job.Args.Lane), func(ctx context.Context) error {
			_, err := m.PollDue(ctx, func(p aggregator.Poll, err error) { m.polled(p, err); going.raise() }, job.Args.Sources...)
			return err
		})
		select {
		case done <- err:
		case <-left:
			if err != nil && m.ending.Err() == nil {
				m.Log.Error("a step failed and is tried again", "step", job.Kind, "host", job.Args.Host, "error", err)
			}
		}
	})
	for {
		select {
		case err := <-done:
			return err
		case <-going:
		case <-time.After(patience):
			close(left)
			return nil
		}
	}
}

func (m *member) polled(p aggregator.Poll, err error) {
	m.TellPolled(p, err)
	if len(p.Items) > 0 {
		m.came.raise()
	}
}

// gather has what came grouped.
func (m *member) gather(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.came:
		}
		if err := m.trigger(ctx, groupJob{}, groupJob{Again: true}); err != nil && ctx.Err() == nil {
			m.Log.Warn("cannot enqueue: the next tick will", "job", "group", "error", err)
		}
		pause(ctx, quiet)
	}
}

// trigger enqueues a job; where one like it runs, which may have looked before, one more for later.
func (m *member) trigger(ctx context.Context, job, again river.JobArgs) error {
	r, err := m.client.Insert(ctx, job, once(job.Kind()))
	if err != nil || !r.UniqueSkippedAsDuplicate || r.Job.State == rivertype.JobStateAvailable {
		return err
	}
	later := once(again.Kind())
	later.ScheduledAt = time.Now().Add(quiet)
	_, err = m.client.Insert(ctx, again, later)
	return err
}

// group groups what has arrived.
func (m *member) group(_ context.Context, _ *river.Job[groupJob]) error {
	pause(m.ending, quiet)
	mine, err := m.claimed("group", func(ctx context.Context) error {
		g, err := m.Group(ctx)
		m.TellGrouped(g)
		if err != nil {
			return err
		}
		if err := m.spread(ctx); err != nil {
			return err
		}
		return m.trigger(ctx, translateJob{}, translateJob{Again: true})
	})
	if err == nil && !mine {
		return river.JobSnooze(quiet)
	}
	return err
}

// translate translates batch after batch, headlines first, what has not been tried just now.
func (m *member) translate(_ context.Context, job *river.Job[translateJob]) error {
	mine, err := m.claimed("translate", func(ctx context.Context) error {
		tried := map[string]bool{}
		for _, p := range job.Args.Tried {
			tried[p] = true
		}
		for end := time.Now().Add(longTurn); ; {
			more, err := m.translateSome(ctx, tried)
			if err != nil || !more {
				return err
			}
			if m.ending.Err() != nil || time.Now().After(end) {
				break
			}
		}
		rest := translateJob{Again: !job.Args.Again}
		for p := range tried {
			rest.Tried = append(rest.Tried, p)
		}
		_, err := m.client.Insert(ctx, rest, once("translate"))
		return err
	})
	if err == nil && !mine {
		return river.JobSnooze(quiet)
	}
	return err
}

// translateSome translates the next batch, and notes it as tried; more: there was one.
func (m *member) translateSome(ctx context.Context, tried map[string]bool) (more bool, err error) {
	left, err := m.Untranslated(ctx)
	if err != nil {
		return false, err
	}
	for _, u := range left {
		next := untried(u, tried)
		if len(next) == 0 {
			continue
		}
		t, err := m.Translate(ctx, u.Part, next...)
		m.TellTranslated(u.Part, t)
		if t.Stories > 0 {
			if err := m.spread(ctx); err != nil {
				m.Log.Warn("cannot tell the others of news: they will look by themselves", "error", err)
			}
		}
		return true, err
	}
	return false, nil
}

// untried takes the first stories whose part was not tried, and notes them.
func untried(u aggregator.Untranslated, tried map[string]bool) (next []string) {
	for _, id := range u.Stories {
		if key := string(u.Part) + " " + id; !tried[key] && len(next) < storiesPerGo {
			tried[key] = true
			next = append(next, id)
		}
	}
	return next
}

func (m *member) retain(_ context.Context, _ *river.Job[retainJob]) error {
	_, err := m.claimed("retain", func(ctx context.Context) error {
		n, err := m.Retain(ctx)
		m.TellRetained(n)
		return err
	})
	return err
}

// retry is when a job that failed is tried again: the first time after a second, then twice as long each time.
type retry struct{}

func (retry) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(min(time.Second<<min(len(job.Errors), 10), longestRetry))
}

// failed logs what a job ended with.
type failed struct{ log *slog.Logger }

func (f failed) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.log.Error("a step failed and is tried again", "step", job.Kind, "error", err)
	return nil
}

func (f failed) HandlePanic(_ context.Context, job *rivertype.JobRow, panicked any, trace string) *river.ErrorHandlerResult {
	f.log.Error("a step panicked and is tried again", "step", job.Kind, "panic", panicked, "trace", trace)
	return nil
}

// atLeast leaves out of a log what is less than a level: River tells much.
type atLeast struct {
	slog.Handler
	level slog.Level
}

func (h atLeast) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.level && h.Handler.Enabled(ctx, l)
}

var _ river.ClientRetryPolicy = retry{}
