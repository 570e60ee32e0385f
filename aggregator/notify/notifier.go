package notify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/publish"
	"github.com/nashra/nashra/feeds"
)

const (
	// Patience is how long a message is tried: an outage that nobody notices for a day is no outage
	// of minutes, and yesterday's news is none (bulletin.md, section 6).
	Patience = 24 * time.Hour
	// how long to wait after a failure: doubled each time. Services restart in minutes, and within
	// Patience a target is tried thirty times.
	firstWait, longestWait = time.Minute, time.Hour
	// how many messages a target may refuse, one by one, before it is left alone for a while: it may
	// refuse all of them
	maxRefused = 3
	// how long a daemon without a story waits for one before it meets targets: its first poll takes less
	firstPoll = time.Minute
	// how long storing an outcome may take once the process is to end
	lastWrite = 5 * time.Second
)

// Options configures a Notifier.
type Options struct {
	Store   Store
	Catalog *publish.Catalog
	Targets []feeds.Target
	Senders map[string]*Sender // by the target's id
	Within  time.Duration      // how long one Notify sends; a message may take all of it, as mail servers may
	Serving bool               // a daemon: its first Notify may come before its first poll
	Now     func() time.Time   // UTC, in the store's precision
}

// Notifier queues messages on what channels published, and sends them.
type Notifier struct {
	Options
	news atomic.Bool // something was published since the last look
	next time.Time   // when to look without news; zero: never
	from time.Time   // of the first Notify
}

// New returns a Notifier. Its first Notify looks at all that is published.
func New(o Options) *Notifier {
	n := &Notifier{Options: o}
	n.news.Store(true)
	return n
}

// Published says that something was published: the next Notify looks for what to tell.
func (n *Notifier) Published() { n.news.Store(true) }

// Report is the outcome of one Notify call.
type Report struct {
	Sent, GivenUp int              // messages
	Waiting       int              // messages that are left
	Errors        map[string]error // by target: why the last message that was tried failed
	Next          time.Time        // when there is more to do; zero: once something is published
}

// Notify queues messages on what was published, and sends those that wait, to all targets at once. A target
// that fails keeps no other waiting, and is no error of Notify. The store has a message before it is sent, and
// knows of its success right after: a kill repeats at most the message of each target that is under way.
func (n *Notifier) Notify(ctx context.Context) (rep Report, err error) {
	if len(n.Targets) == 0 {
		return rep, nil
	}
	if empty, err := n.empty(ctx); empty || err != nil {
		return rep, err
	}
	known, err := n.meet(ctx)
	if err != nil {
		return rep, err
	}
	now := n.Now()
	if news := n.news.Swap(false); news || !n.next.IsZero() && !now.Before(n.next) {
		if n.next, err = n.queue(ctx, known); err != nil {
			n.news.Store(true)
			return rep, fmt.Errorf("queue messages: %w", err)
		}
	}
	rep, err = n.send(ctx, known)
	rep.Next = polite.Sooner(n.next, rep.Next)
	return rep, err
}

// Resend sends the messages that wait, without a look for new ones or new targets.
func (n *Notifier) Resend(ctx context.Context) (rep Report, err error) {
	if len(n.Targets) == 0 {
		return rep, nil
	}
	known, err := n.Store.Targets(ctx)
	if err != nil {
		return rep, err
	}
	return n.send(ctx, known)
}

// send sends the messages that wait to all targets at once.
func (n *Notifier) send(ctx context.Context, known map[string]Target) (rep Report, err error) {
	end := time.Now().Add(n.Within)
	reports, errs := make([]Report, len(n.Targets)), make([]error, len(n.Targets))
	var wg sync.WaitGroup
	for i, to := range n.Targets {
		if sender := n.Senders[to.ID]; sender != nil {
			d := &delivery{Notifier: n, to: to, sender: sender, target: known[to.ID], end: end}
			wg.Go(func() { errs[i] = d.run(ctx); reports[i] = d.Report })
		}
	}
	wg.Wait()
	for _, one := range reports {
		rep.Add(one)
	}
	return rep, errors.Join(errs...)
}

// Add adds what became of the messages of other targets.
func (r *Report) Add(one Report) {
	r.Sent, r.GivenUp, r.Waiting = r.Sent+one.Sent, r.GivenUp+one.GivenUp, r.Waiting+one.Waiting
	r.Next = polite.Sooner(r.Next, one.Next)
	if len(one.Errors) > 0 && r.Errors == nil {
		r.Errors = map[string]error{}
	}
	maps.Copy(r.Errors, one.Errors)
}

// empty reports whether a daemon began a moment ago and has no story yet: targets that it met now would be told
// of all that its first poll finds.
func (n *Notifier) empty(ctx context.Context) (bool, error) {
	now := n.Now()
	if n.from.IsZero() {
		n.from = now
	}
	if !n.Serving || now.Sub(n.from) >= firstPoll {
		return false, nil
	}
	stories, err := n.Catalog.Store.Count(ctx)
	return stories == 0, err
}

// meet returns what is stored of the targets, by id, and stores that new ones are seen now.
func (n *Notifier) meet(ctx context.Context) (map[string]Target, error) {
	known, err := n.Store.Targets(ctx)
	if err != nil {
		return nil, err
	}
	ids := n.IDs()
	if !slices.ContainsFunc(ids, func(id string) bool { return known[id].Since.IsZero() }) {
		return known, nil
	}
	if err := n.Store.MeetTargets(ctx, n.Now(), ids...); err != nil {
		return nil, fmt.Errorf("store new targets of messages: %w", err)
	}
	return n.Store.Targets(ctx)
}

// IDs returns the ids of the targets.
func (n *Notifier) IDs() (ids []string) {
	for _, t := range n.Targets {
		ids = append(ids, t.ID)
	}
	return ids
}

// delivery sends the messages of one target.
type delivery struct {
	*Notifier
	Report
	to      feeds.Target
	sender  *Sender
	target  Target
	end     time.Time // of sending
	refused int       // messages
}

func (d *delivery) run(ctx context.Context) error {
	list, err := d.Store.WaitingNotices(ctx, d.to.ID)
	if err != nil {
		return err
	}
	d.Waiting = len(list)
	switch now := d.Now(); {
	case d.Waiting == 0:
		return nil
	case now.Before(d.target.Again):
		d.Next = d.target.Again
		return nil
	}
	where, _, err := d.Catalog.Find(ctx, feeds.Query{})
	if err != nil {
		return err
	}
	for i := range list {
		on, err := d.deliver(ctx, where, list, i)
		if err != nil || !on {
			return err
		}
	}
	return nil
}

// deliver sends the message i of list, if it is due. on is false if no other is to be sent now.
func (d *delivery) deliver(ctx context.Context, where feeds.Site, list []Notice, i int) (on bool, err error) {
	left := time.Until(d.end)
	notice, now := &list[i], d.Now()
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case notice.Again.After(now):
		d.Next = polite.Sooner(d.Next, notice.Again)
		return true, nil
	case left <= 0 || d.refused == maxRefused:
		d.Next = polite.Sooner(d.Next, now.Add(firstWait))
		return false, nil
	}
	m, told, err := d.message(ctx, where, d.to, *notice)
	if err != nil {
		return false, err
	}
	if !told { // hidden or deleted meanwhile
		notice.State = Done
		d.Waiting--
		return true, d.settle(ctx, *notice)
	}
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), left)
	defer cancel()
	err = d.sender.Send(sending, m)
	if err != nil && sending.Err() != nil && left < d.Within/2 { // it had too little time
		d.Next = now
		return false, nil
	}
	if err != nil {
		return d.failed(ctx, list, i, err)
	}
	notice.State = Done
	d.Sent, d.Waiting, d.refused = d.Sent+1, d.Waiting-1, 0
	delete(d.Errors, d.to.ID)
	t := &d.target
	t.Sent, t.Failures, t.Failing, t.Error, t.Again = t.Sent+1, 0, time.Time{}, "", time.Time{}
	return true, d.settle(ctx, *notice)
}

// failed stores that the message i of list could not be sent, and gives up what waited too long.
func (d *delivery) failed(ctx context.Context, list []Notice, i int, cause error) (on bool, err error) {
	var why *Error
	if !errors.As(cause, &why) {
		why = &Error{Target: true}
	}
	d.Errors = map[string]error{d.to.ID: cause}
	now, t := d.Now(), &d.target
	if t.Failures++; t.Failing.IsZero() {
		t.Failing = now
	}
	t.Error = cause.Error()
	if why.Hint != "" {
		t.Error += "; " + why.Hint
	}
	list[i].Tries++
	wait := list[i].Tries
	if why.Target {
		wait = t.Failures
	} else {
		d.refused++
	}
	again := now.Add(max(backoff(wait), why.RetryAfter))
	list[i].Again = again // others are tried first then: it may be what the target fails at
	if why.Target {
		t.Again = again
	}
	d.Next = polite.Sooner(d.Next, again)
	changed := []Notice{}
	for j := range list {
		late := now.Sub(list[j].At) >= Patience && list[j].State == Waiting
		if (j == i || why.Target) && late || j == i && why.Final {
			list[j].State = Done
			d.GivenUp, d.Waiting, t.GivenUp = d.GivenUp+1, d.Waiting-1, t.GivenUp+1
		}
		if j == i || list[j].State == Done {
			changed = append(changed, list[j])
		}
	}
	return !why.Target, d.settle(ctx, changed...)
}

// settle stores the target and notices, also if the process is about to end.
func (d *delivery) settle(ctx context.Context, list ...Notice) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
	defer cancel()
	return d.Store.SetTarget(ctx, d.target, list...)
}

// backoff returns how long to wait after that many failures in a row.
func backoff(failures int) time.Duration {
	return min(firstWait<<min(max(failures, 1)-1, 10), longestWait)
}
