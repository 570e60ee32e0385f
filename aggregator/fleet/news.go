package fleet

import (
	"context"
	"time"

	"github.com/nashra/nashra/aggregator"
)

// newsChannel is the PostgreSQL channel on which members announce news to publish. The payload is
// the schema.
const newsChannel = "nashra_news"

const (
	// how often to publish without news, as changes by hand (nashra stories hide) announce nothing
	publishEvery = 5 * time.Minute
	// how long to wait after news for more
	publishPause = time.Second
)

// spread announces to all members that there may be something to publish.
func (m *member) spread(ctx context.Context) error {
	_, err := m.pool.Exec(ctx, "SELECT pg_notify($1, current_schema())", newsChannel)
	return err
}

// listen receives announcements until ctx ends. After an outage of the database it assumes that
// there is news.
func (m *member) listen(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; failures++ {
		began := time.Now()
		err := m.hear(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > aggregator.LongestRetry {
			failures = 0
		}
		wait := aggregator.Retry(failures)
		m.Log.Warn("the database is away: waiting", "error", err, "next", wait)
		pause(ctx, wait)
	}
}

func (m *member) hear(ctx context.Context) error {
	pooled, err := m.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack()
	defer conn.Close(context.WithoutCancel(ctx))
	var schema string
	if err := conn.QueryRow(ctx, "SELECT current_schema()").Scan(&schema); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+newsChannel); err != nil {
		return err
	}
	m.news.Raise()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if n.Payload == schema {
			m.news.Raise()
		}
	}
}

// publish writes this member's files until ctx ends: after news, and when a story is no longer to
// be held back.
func (m *member) publish(ctx context.Context) {
	s := m.steps["publish"]
	s.Every, s.Pause = publishEvery, publishPause
	aggregator.Worker{Step: s, Wake: m.news, Enter: m.Enter, Watch: m.watch(ctx, s), Log: m.Log}.Work(ctx)
}
