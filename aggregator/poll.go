package aggregator

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
)

// Polled is what polling came to.
type Polled struct {
	Arrived
	Asked, Unchanged, Failed int
	Errors                   map[string]error // by source: why it failed
}

const (
	// RSS ttl, max-age and Retry-After are obeyed up to here, and failures back off no further: a source is asked daily at least
	longestWait = 24 * time.Hour
	// the wait after the first failure; it doubles with each further one
	firstBackoff = 15 * time.Minute
	// polls stored in one transaction at most: enough to make a transaction cheap, few enough to keep its items small in memory
	pollsPerWrite = 12
)

// Due returns the ids of the sources to poll now, and for the others why not. With force, our own schedule and back-off and the
// publisher's freshness count for nothing; its Retry-After and a 410 still do.
func (a *Aggregator) Due(ctx context.Context, force bool, only ...string) (ids []string, why map[string]string, err error) {
	memos, err := a.Store.Memos(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read sources: %w", err)
	}
	now, why := a.now(), map[string]string{}
	for _, s := range a.Sources {
		m := current(memos[s.ID], s)
		switch {
		case !s.On() || len(only) > 0 && !slices.Contains(only, s.ID):
		case m.Gone:
			why[s.ID] = "gone: its publisher says so (410)"
		case m.Held.After(now):
			why[s.ID] = "asked by its publisher to wait until " + m.Held.Format(time.RFC3339)
		case !force && m.Due.After(now):
			why[s.ID] = "due at " + m.Due.Format(time.RFC3339)
		default:
			ids = append(ids, s.ID)
		}
	}
	return ids, why, nil
}

// current is m as far as it still holds for s: another address makes what was learnt from the old one void.
func current(m Memo, s feeds.Source) Memo {
	if m.Address != s.URL {
		m = Memo{Title: m.Title, Site: m.Site, Lang: m.Lang}
	}
	m.ID, m.Address = s.ID, s.URL
	return m
}

// Poll asks the sources, all at once within the limits, and stores what they hold. A source that fails is written down in its own
// row and in the result; an error means that the store failed or ctx ended. seen, if not nil, is told of each source when its
// outcome is stored, from one goroutine.
func (a *Aggregator) Poll(ctx context.Context, seen func(Poll, error), ids ...string) (Polled, error) {
	memos, err := a.Store.Memos(ctx)
	if err != nil {
		return Polled{}, fmt.Errorf("read sources: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	at := a.now()
	outcomes := make(chan outcome)
	var wg sync.WaitGroup
	gate := semaphore.NewWeighted(int64(max(1, a.Concurrency)))
	for _, queue := range a.byHost(ids, memos) {
		for range min(max(1, a.PerHost), len(queue)) { // a slow host holds its own runners, nobody else's
			wg.Go(func() {
				for s := range queue {
					if gate.Acquire(ctx, 1) != nil {
						return
					}
					p, err := a.ask(ctx, s, current(memos[s.ID], s), at)
					select {
					case outcomes <- outcome{p, err}:
					case <-ctx.Done():
					}
					gate.Release(1)
				}
			})
		}
	}
	go func() { wg.Wait(); close(outcomes) }()
	res, err := a.write(ctx, at, outcomes, seen)
	if err != nil {
		cancel()
		for range outcomes { // let the runners end
		}
	}
	return res, err
}

type outcome struct {
	poll Poll
	err  error
}

// byHost is the sources of ids in a closed queue for each host.
func (a *Aggregator) byHost(ids []string, memos map[string]Memo) map[string]chan feeds.Source {
	byHost := map[string][]feeds.Source{}
	for _, id := range ids {
		if s, ok := a.sources[id]; ok {
			host := s.URL
			if u, err := url.Parse(address(s, memos[id])); err == nil {
				host = u.Host
			}
			byHost[host] = append(byHost[host], s)
		}
	}
	queues := map[string]chan feeds.Source{}
	for host, list := range byHost {
		q := make(chan feeds.Source, len(list))
		for _, s := range list {
			q <- s
		}
		close(q)
		queues[host] = q
	}
	return queues
}

// write stores outcomes, as many at a time as are there: a single writer never waits for itself.
func (a *Aggregator) write(ctx context.Context, at time.Time, outcomes <-chan outcome, seen func(Poll, error)) (Polled, error) {
	res := Polled{Errors: map[string]error{}}
	for first := range outcomes {
		batch := []outcome{first}
	more:
		for len(batch) < pollsPerWrite {
			select {
			case o, ok := <-outcomes:
				if !ok {
					break more
				}
				batch = append(batch, o)
			default:
				break more
			}
		}
		polls := make([]Poll, len(batch))
		for i, o := range batch {
			polls[i] = o.poll
		}
		n, err := a.Store.Polled(ctx, at, polls...)
		if err != nil {
			return res, fmt.Errorf("store polls: %w", err)
		}
		res.New += n.New
		res.Changed += n.Changed
		for _, o := range batch {
			res.Asked++
			switch {
			case o.err != nil:
				res.Failed++
				res.Errors[o.poll.Memo.ID] = o.err
			case !o.poll.Whole:
				res.Unchanged++
			}
			if seen != nil {
				seen(o.poll, o.err)
			}
		}
	}
	return res, ctx.Err()
}

func address(s feeds.Source, m Memo) string {
	if m.URL != "" && m.Address == s.URL {
		return m.URL
	}
	return s.URL
}

// ask polls one source and says what to remember; its error is for people, and already in the memo.
func (a *Aggregator) ask(ctx context.Context, s feeds.Source, m Memo, at time.Time) (Poll, error) {
	header := http.Header{}
	for k, v := range s.Headers {
		header.Set(k, v)
	}
	m.Polled = at
	doc, err := a.Client.Get(ctx, address(s, m), header, m.Validators)
	if err != nil {
		return Poll{Memo: a.failed(m, s, at, err)}, err
	}
	sum := sha256.Sum256(doc.Body)
	if doc.Unchanged || sum == m.Digest && !doc.Cut {
		m.Validators = doc.Validators
		return Poll{Memo: a.succeeded(m, s, at, doc.Fresh, 0)}, nil
	}
	feed, err := feeds.Parse(s, doc)
	if err != nil {
		return Poll{Memo: a.failed(m, s, at, err)}, err
	}
	for i := range feed.Items {
		feed.Items[i].Seen = at
	}
	m.Validators, m.Digest = doc.Validators, sum
	m.Title, m.Site, m.Lang = feed.Title, feed.Site, feed.Lang
	if m.URL = doc.URL; m.URL == s.URL {
		m.URL = ""
	}
	if doc.Cut { // what came counts; the rest is asked for again in full
		m.Validators, m.Digest = feeds.Validators{}, [32]byte{}
		err := errors.New("the document ended early")
		return Poll{Memo: a.failed(m, s, at, err), Items: a.signed(feed.Items)}, err
	}
	return Poll{Memo: a.succeeded(m, s, at, doc.Fresh, feed.TTL), Items: a.signed(feed.Items), Whole: true}, nil
}

// signed signs items here, where several sources are read at once.
func (a *Aggregator) signed(items []feeds.Item) []Signed {
	out := make([]Signed, len(items))
	for i, it := range items {
		out[i] = Signed{it, dedupe.Sign(it, a.Lexicon)}
	}
	return out
}

// succeeded is m after a readable answer.
func (a *Aggregator) succeeded(m Memo, s feeds.Source, at, fresh time.Time, ttl time.Duration) Memo {
	m.Succeeded, m.Failures, m.Error, m.Held = at, 0, "", time.Time{}
	m.Due = latest(a.next(s, at), at.Add(a.MinInterval))
	if said := latest(fresh, at.Add(ttl)); said.After(m.Due) {
		m.Due = earliest(said, at.Add(longestWait))
	}
	if m.Validators == (feeds.Validators{}) && s.Schedule == "" {
		m.Due = latest(m.Due, at.Add(longestWait))
	}
	return m
}

// failed is m after err.
func (a *Aggregator) failed(m Memo, s feeds.Source, at time.Time, err error) Memo {
	m.Failures++
	m.Error = err.Error()
	back := min(firstBackoff<<min(m.Failures-1, 10), longestWait)
	m.Due = latest(a.next(s, at), at.Add(a.MinInterval), at.Add(back))
	var status *fetch.StatusError
	if errors.As(err, &status) {
		m.Gone = status.Code == http.StatusGone
		if status.RetryAfter > 0 {
			m.Held = at.Add(min(status.RetryAfter, longestWait))
			m.Due = latest(m.Due, m.Held)
		}
	}
	return m
}

// next is when s's schedule, else the common one, comes round again.
func (a *Aggregator) next(s feeds.Source, at time.Time) time.Time {
	schedule := a.Schedule
	if own := a.Schedules[s.ID]; own != nil {
		schedule = own
	}
	if schedule == nil {
		return at
	}
	return schedule.Next(at).UTC()
}

func latest(times ...time.Time) time.Time   { return slices.MaxFunc(times, time.Time.Compare) }
func earliest(times ...time.Time) time.Time { return slices.MinFunc(times, time.Time.Compare) }
