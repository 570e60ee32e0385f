package notify

import (
	"context"
	"time"
)

// Store is the part of aggregator.Store that the outbox needs.
type Store interface {
	// Targets returns what is stored of targets, by id.
	Targets(ctx context.Context) (map[string]Target, error)
	// MeetTargets stores that targets are seen at that time, unless they were seen before.
	MeetTargets(ctx context.Context, at time.Time, ids ...string) error
	// ForgetTargets deletes the targets, with their notices, that are not named, were first seen
	// before that time and have queued nothing since.
	ForgetTargets(ctx context.Context, before time.Time, ids []string) error
	// Notices returns those of a target with one of keys, by key.
	Notices(ctx context.Context, target string, keys []string) (map[string]Notice, error)
	// WaitingNotices returns the notices of a target that wait, in the order in which to send them.
	WaitingNotices(ctx context.Context, target string) ([]Notice, error)
	// QueueNotices adds or replaces notices of a target, and removes others by key.
	QueueNotices(ctx context.Context, target string, put []Notice, gone ...string) error
	// SetTarget stores a target, except for its Since, with notices of it.
	SetTarget(ctx context.Context, t Target, notices ...Notice) error
}

// Target is what is stored of a place that is told of stories.
type Target struct {
	ID            string
	Since         time.Time // UTC; when it was first seen; it is told of later stories alone
	Sent, GivenUp int       // messages
	Waiting       int       // messages; not stored by SetTarget
	Failures      int       // failed attempts since the last success
	Failing       time.Time // UTC; when the first of them was; zero: none failed
	Error         string    // of the last one, without secrets
	Again         time.Time // UTC; nothing is sent before; zero: at once
}

// NoticeState says what became of a notice.
type NoticeState string

// The states.
const (
	Waiting NoticeState = "waiting"
	Done    NoticeState = "done" // sent, summed up, given up, or never to be sent
	Left    NoticeState = "left" // the story, as of Changed, did not meet the conditions
)

// Notice is a message to one target, or the decision to send none.
type Notice struct {
	Key     string // the id of a story or of a digest, or else of a line that sums up Stories
	State   NoticeState
	Changed int64     // the number of the story's change that was judged: see feeds.Listed
	Stories int       // how many stories a line sums up; 0: it is no line
	At      time.Time // UTC; when it was queued
	Filed   time.Time // UTC; orders notices that were queued at once
	Tries   int       // failed attempts
	Again   time.Time // UTC; when to try again; zero: at once
}
