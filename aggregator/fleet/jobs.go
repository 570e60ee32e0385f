package fleet

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/nashra/nashra/aggregator"
)

// turn distinguishes the jobs of a kind that may be queued together: beside running jobs there may
// be another, for what arrived after those looked.
type turn int

const (
	standing turn = -1 // the tick's, in case no news arrives
	first    turn = 0
)

// The jobs only say where to look.
type (
	tickJob struct{}
	// some of a host's sources; a host has as many lanes as it may get requests at once
	pollJob struct {
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
	digestJob struct {
		Turn turn `json:"turn" river:"unique"`
	}
	translateJob struct {
		Turn turn `json:"turn" river:"unique"`
		// parts of stories that could not be translated a moment ago, as keys of untried
		Tried []string `json:"tried"`
	}
	notifyJob struct {
		Turn turn `json:"turn" river:"unique"`
	}
	retainJob struct {
		Turn turn `json:"turn" river:"unique"`
	}
)

func (tickJob) Kind() string      { return "tick" }
func (pollJob) Kind() string      { return "poll" }
func (groupJob) Kind() string     { return "group" }
func (articleJob) Kind() string   { return "article" }
func (digestJob) Kind() string    { return "digest" }
func (translateJob) Kind() string { return "translate" }
func (notifyJob) Kind() string    { return "notify" }
func (retainJob) Kind() string    { return "retain" }

// claim returns what a member claims while it polls.
func (j pollJob) claim() string { return fmt.Sprintf("host %s %d", j.Host, j.Lane) }

// stepJob returns the job of a step, or nil if the step is not run as a job.
func stepJob(step string, t turn) river.JobArgs {
	switch step {
	case "group":
		return groupJob{t}
	case "article":
		return articleJob{t}
	case "digest":
		return digestJob{t}
	case "translate":
		return translateJob{Turn: t}
	case "notify":
		return notifyJob{t}
	case "retain":
		return retainJob{t}
	}
	return nil
}

const (
	// how long one job translates; then others that need the store have a turn
	longTurn = 20 * time.Second
	// stories in one Translate call: a kill loses no more than these
	storiesPerBatch = 20
	// when to retry what could not be translated or fetched: engines and sites recover in minutes
	retryAfter = 4 * time.Minute
	// jobs inserted with one statement
	jobsPerInsert = 1000
)

// unfinished returns the states in which a job blocks others with the same arguments. "completed"
// is left out, as a host is polled again and again.
func unfinished() []rivertype.JobState {
	return []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateScheduled, rivertype.JobStateRetryable}
}

// once makes a job of a kind unique by its marked arguments.
func once(kind string) *river.InsertOpts {
	return &river.InsertOpts{Queue: kind, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()}}
}

// queues returns a queue for each kind of job, so that none waits for another's workers.
func (m *member) queues() map[string]river.QueueConfig {
	one := river.QueueConfig{MaxWorkers: 1}
	queues := map[string]river.QueueConfig{"tick": one}
	for name := range m.steps {
		queues[name] = one
	}
	queues["poll"] = river.QueueConfig{MaxWorkers: min(max(1, m.Concurrency), river.QueueNumWorkersMax)}
	delete(queues, "publish") // each member publishes by itself
	return queues
}

func (m *member) workers() *river.Workers {
	w := river.NewWorkers()
	river.AddWorker(w, river.WorkFunc(m.tick))
	river.AddWorker(w, river.WorkFunc(m.poll))
	river.AddWorker(w, river.WorkFunc(m.translate))
	river.AddWorker(w, river.WorkFunc(func(_ context.Context, job *river.Job[groupJob]) error {
		return m.run(job.Kind)
	}))
	river.AddWorker(w, river.WorkFunc(func(_ context.Context, job *river.Job[articleJob]) error {
		return m.run(job.Kind)
	}))
	river.AddWorker(w, river.WorkFunc(func(_ context.Context, job *river.Job[digestJob]) error {
		return m.run(job.Kind)
	}))
	river.AddWorker(w, river.WorkFunc(func(_ context.Context, job *river.Job[notifyJob]) error {
		return m.run(job.Kind)
	}))
	river.AddWorker(w, river.WorkFunc(func(_ context.Context, job *river.Job[retainJob]) error {
		return m.run(job.Kind)
	}))
	return w
}

// periodic returns the jobs that the leader enqueues. Ticks are not unique: a tick that died at
// work would block the others until it is rescued.
func (m *member) periodic() []*river.PeriodicJob {
	atOnce := &river.PeriodicJobOpts{RunOnStart: true}
	tick := func() (river.JobArgs, *river.InsertOpts) {
		return tickJob{}, &river.InsertOpts{Queue: "tick", MaxAttempts: 1}
	}
	jobs := []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(m.Tick), tick, atOnce)}
	for name, s := range m.steps {
		if s.Every > 0 {
			job := func() (river.JobArgs, *river.InsertOpts) { return stepJob(name, first), once(name) }
			jobs = append(jobs, river.NewPeriodicJob(river.PeriodicInterval(s.Every), job, atOnce))
		}
	}
	return jobs
}

// later enqueues a job for a time, unless one like it is queued.
func (m *member) later(ctx context.Context, job river.JobArgs, at time.Time) error {
	o := once(job.Kind())
	o.ScheduledAt = at
	_, err := m.client.Insert(ctx, job, o)
	return err
}

// enqueuePolls enqueues jobs, by their claims, but those that wait or run already, also without a
// worker. To insert these again would lock their rows, and the queue ends jobs in another order.
func (m *member) enqueuePolls(ctx context.Context, due map[string]pollJob) error {
	rows, err := m.pool.Query(ctx, `SELECT args FROM river_job
		WHERE kind = 'poll' AND state = ANY($1::text[]::river_job_state[])`, unfinished())
	if err != nil {
		return err
	}
	queued, err := pgx.CollectRows(rows, pgx.RowTo[pollJob])
	if err != nil {
		return err
	}
	for _, job := range queued {
		delete(due, job.claim())
	}
	busy, err := taken(ctx, m.pool, slices.Collect(maps.Keys(due)))
	if err != nil {
		return err
	}
	for _, claim := range busy {
		delete(due, claim)
	}
	var jobs []river.InsertManyParams
	for _, job := range due {
		jobs = append(jobs, river.InsertManyParams{Args: job, InsertOpts: once("poll")})
	}
	for batch := range slices.Chunk(jobs, jobsPerInsert) {
		if _, err := m.client.InsertMany(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// bury deletes the running jobs of dead members, and enqueues again those that no tick looks for.
func (m *member) bury(ctx context.Context) error {
	rows, err := m.pool.Query(ctx, `DELETE FROM river_job WHERE state = 'running' AND NOT EXISTS
		(SELECT `+living+` AND substr(a.application_name, 8) = attempted_by[array_upper(attempted_by, 1)])
		RETURNING kind`, memberLock)
	if err != nil {
		return err
	}
	kinds, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, kind := range slices.Compact(slices.Sorted(slices.Values(kinds))) {
		if kind == "group" || stepJob(kind, first) == nil { // each tick looks for these
			continue
		}
		if err := m.trigger(ctx, kind); err != nil {
			return err
		}
	}
	return nil
}

// lanes distributes sources over a host's lanes. A source is always in the same lane.
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

// trigger enqueues a step's job, to run at once.
func (m *member) trigger(ctx context.Context, step string) error {
	return m.enqueue(ctx, func(t turn) river.JobArgs { return stepJob(step, t) }, time.Now())
}

// enqueue enqueues a job for a time, unless one of its kind waits that will look soon after. A
// running job, which may have looked too early, or has ended and not yet been marked so, does not
// count.
func (m *member) enqueue(ctx context.Context, job func(turn) river.JobArgs, at time.Time) error {
	for t := first; ; t++ {
		args := job(t)
		o := once(args.Kind())
		o.ScheduledAt = at
		r, err := m.client.Insert(ctx, args, o)
		if err != nil || !r.UniqueSkippedAsDuplicate ||
			r.Job.State != rivertype.JobStateRunning && !r.Job.ScheduledAt.After(at.Add(aggregator.Quiet)) {
			return err
		}
	}
}

// retry retries a failed job after a second, doubled each time.
type retry struct{}

func (retry) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(aggregator.Retry(len(job.Errors)))
}

// failed logs the errors of jobs.
type failed struct{ log *slog.Logger }

func (f failed) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.log.Error("a step failed and is tried again", "step", job.Kind, "error", err)
	return nil
}

func (f failed) HandlePanic(_ context.Context, job *rivertype.JobRow, panicked any,
	trace string) *river.ErrorHandlerResult {
	f.log.Error("a step panicked and is tried again", "step", job.Kind, "panic", panicked, "trace", trace)
	return nil
}

// atLeast drops log records below a level, as River logs much.
type atLeast struct {
	slog.Handler
	level slog.Level
}

func (h atLeast) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.level && h.Handler.Enabled(ctx, l)
}

var _ river.ClientRetryPolicy = retry{}
