package fleet

import (
	"context"
	"hash/fnv"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/nashra/nashra/aggregator"
)

// turn tells apart the jobs of a kind that may stand in the queue together. Beside one that runs there is one more, for what came after
// that one looked.
type turn int

const (
	first turn = iota
	second
	standing // the tick's, for what nobody has news of
)

// other is the turn of a job that follows one of t.
func (t turn) other() turn {
	if t == first {
		return second
	}
	return first
}

// The jobs. They say where to look; what is found there counts.
type (
	tickJob struct{}
	pollJob struct { // some of a host's sources, one after the other: there are as many lanes as the host may be asked at once
		Host    string   `json:"host" river:"unique"`
		Lane    uint32   `json:"lane" river:"unique"`
		Sources []string `json:"sources"`
	}
	groupJob struct {
		Turn turn `json:"turn" river:"unique"`
	}
	articleJob struct {
		Turn turn `json:"turn" river:"unique"`
	}
	translateJob struct {
		Turn  turn     `json:"turn" river:"unique"`
		Tried []string `json:"tried"` // parts of stories, as untried names them, that could not be translated a moment ago
	}
	retainJob struct {
		Turn turn `json:"turn" river:"unique"`
	}
)

func (tickJob) Kind() string      { return "tick" }
func (pollJob) Kind() string      { return "poll" }
func (groupJob) Kind() string     { return "group" }
func (articleJob) Kind() string   { return "article" }
func (translateJob) Kind() string { return "translate" }
func (retainJob) Kind() string    { return "retain" }

// stepJob returns the job of a step, nil for a step that is none.
func stepJob(step string, t turn) river.JobArgs {
	switch step {
	case "group":
		return groupJob{t}
	case "article":
		return articleJob{t}
	case "translate":
		return translateJob{Turn: t}
	case "retain":
		return retainJob{t}
	}
	return nil
}

const (
	// how long a translation goes on with batch after batch; then another member may, or who waits to have the store alone
	longTurn = 20 * time.Second
	// stories translated in one go: a kill loses no more than the calls of these
	storiesPerBatch = 20
	// how often what could not be translated or got in full is tried again: engines and sites recover in minutes, and asking is cheap
	retryAfter = 4 * time.Minute
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
	queues := map[string]river.QueueConfig{"tick": one}
	for name := range m.steps {
		queues[name] = one
	}
	queues["poll"] = river.QueueConfig{MaxWorkers: min(max(1, m.Concurrency), river.QueueNumWorkersMax)}
	delete(queues, "publish") // every member's own
	return queues
}

func (m *member) workers() *river.Workers {
	w := river.NewWorkers()
	river.AddWorker(w, river.WorkFunc(m.tick))
	river.AddWorker(w, river.WorkFunc(m.poll))
	river.AddWorker(w, river.WorkFunc(m.translate))
	river.AddWorker(w, river.WorkFunc(func(_ context.Context, j *river.Job[groupJob]) error { return m.run(j.Kind, j.Args.Turn) }))
	river.AddWorker(w, river.WorkFunc(func(_ context.Context, j *river.Job[articleJob]) error { return m.run(j.Kind, j.Args.Turn) }))
	river.AddWorker(w, river.WorkFunc(func(_ context.Context, j *river.Job[retainJob]) error { return m.run(j.Kind, j.Args.Turn) }))
	return w
}

// periodic is what the leader enqueues. Ticks are not held to one: were one to die at work, none would come until it is rescued.
func (m *member) periodic() []*river.PeriodicJob {
	atOnce := &river.PeriodicJobOpts{RunOnStart: true}
	jobs := []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(m.Tick), func() (river.JobArgs, *river.InsertOpts) {
		return tickJob{}, &river.InsertOpts{Queue: "tick", MaxAttempts: 1}
	}, atOnce)}
	for name, s := range m.steps {
		if s.Every > 0 {
			jobs = append(jobs, river.NewPeriodicJob(river.PeriodicInterval(s.Every), func() (river.JobArgs, *river.InsertOpts) {
				return stepJob(name, first), once(name)
			}, atOnce))
		}
	}
	return jobs
}

// later enqueues a job for a time, unless one like it stands there.
func (m *member) later(ctx context.Context, job river.JobArgs, at time.Time) error {
	o := once(job.Kind())
	o.ScheduledAt = at
	_, err := m.client.Insert(ctx, job, o)
	return err
}

// insert puts jobs into the queue.
func (m *member) insert(ctx context.Context, jobs []river.InsertManyParams) error {
	for batch := range slices.Chunk(jobs, jobsPerInsert) {
		if _, err := m.client.InsertMany(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// bury takes the jobs out of the queue that a dead member left running, and has what is not looked for at each tick looked for now.
func (m *member) bury(ctx context.Context) error {
	rows, err := m.pool.Query(ctx, `DELETE FROM river_job WHERE state = 'running' AND NOT EXISTS
		(SELECT `+living+` AND substr(a.application_name, 8) = attempted_by[array_upper(attempted_by, 1)]) RETURNING kind`, memberLock)
	if err != nil {
		return err
	}
	kinds, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, kind := range slices.Compact(slices.Sorted(slices.Values(kinds))) {
		if kind == "group" || stepJob(kind, first) == nil { // looked for at each tick
			continue
		}
		if err := m.trigger(ctx, kind); err != nil {
			return err
		}
	}
	return nil
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

// trigger enqueues a step's job; where one like it runs, which may have looked before, one more for later.
func (m *member) trigger(ctx context.Context, step string) error {
	r, err := m.client.Insert(ctx, stepJob(step, first), once(step))
	if err != nil || !r.UniqueSkippedAsDuplicate || r.Job.State == rivertype.JobStateAvailable {
		return err
	}
	return m.later(ctx, stepJob(step, second), time.Now().Add(aggregator.Quiet))
}

// retry is when a job that failed is tried again: the first time after a second, then twice as long each time.
type retry struct{}

func (retry) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(aggregator.Retry(len(job.Errors)))
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
