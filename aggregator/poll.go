package aggregator

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
	"github.com/nashra/nashra/feeds/parse"
)

// Polled is what polling came to.
type Polled struct {
	Arrived
	Asked, Unchanged, Failed int
	Errors                   map[string]error  // by source: why it failed
	Notes                    map[string]string // by source: what was odd and read nonetheless
}

const (
	// polls stored in one transaction at most: enough to make a transaction cheap, few enough to keep its items small in memory
	pollsPerWrite = 12
	// Patience is how long a source that is asked keeps others waiting: a healthy server answers within, a hanging one then holds nobody up.
	Patience = 2 * time.Second
	// sources asked at once, the hanging ones included, as a multiple of Concurrency: a tenth of a thousand sources may hang
	crowd = 8
	// what was got may still be stored after the end was told: a write takes some tens of milliseconds, and ten seconds are promised for all
	lastWrite = 2 * time.Second
)

// Poll asks the sources, all at once within the limits, and stores what they hold. A source that fails is written down in its own
// row and in the result; an error means that the store failed or ctx ended. seen, if not nil, is told of each source when its
// outcome is stored, from one goroutine.
func (a *Aggregator) Poll(ctx context.Context, seen func(Poll, error), ids ...string) (Polled, error) {
	memos, err := a.memos(ctx, ids...)
	if err != nil {
		return Polled{}, err
	}
	return a.poll(ctx, memos, seen, ids)
}

// PollDue is Poll for those of the sources that are due, of each host one after the other. Calls at the same time store together; one of
// them gets the counts of all.
func (a *Aggregator) PollDue(ctx context.Context, seen func(Poll, error), ids ...string) (Polled, error) {
	memos, err := a.memos(ctx, ids...)
	if err != nil {
		return Polled{}, err
	}
	due, _ := a.due(memos, false, ids)
	one := *a
	one.PerHost, one.Store = 1, a.together
	return one.poll(ctx, memos, seen, due)
}

func (a *Aggregator) poll(ctx context.Context, memos map[string]Memo, seen func(Poll, error), ids []string) (Polled, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	at := a.now()
	outcomes := make(chan outcome)
	var wg sync.WaitGroup
	for _, queue := range a.byHost(ids, memos) {
		for range min(max(1, a.PerHost), len(queue)) { // a slow host holds its own runners, nobody else's
			wg.Go(func() {
				for id := range queue {
					leave, err := a.gate.enter(ctx)
					if err != nil {
						return
					}
					s, _ := a.source(id)
					o := a.ask(ctx, s, a.current(memos[id], s), at)
					leave()
					if o.err != nil && ctx.Err() != nil { // that is why it failed
						o.free()
						return
					}
					outcomes <- o
				}
			})
		}
	}
	go func() { wg.Wait(); close(outcomes) }()
	res, err := a.write(ctx, at, outcomes, seen)
	if err != nil {
		cancel()
		for o := range outcomes { // let the runners end
			o.free()
		}
	}
	return res, err
}

// outcome is a poll to be stored. free gives back the room that its document took.
type outcome struct {
	poll Poll
	err  error
	free func()
}

// gate bounds how many sources are asked at once, by all that poll with one Aggregator.
type gate struct{ quick, all *semaphore.Weighted }

func newGate(concurrency int) gate {
	n := int64(max(1, concurrency))
	return gate{semaphore.NewWeighted(n), semaphore.NewWeighted(n * crowd)}
}

// enter waits for a place. One who stays longer than Patience keeps no other out.
func (g gate) enter(ctx context.Context) (leave func(), err error) {
	if err := g.all.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	if err := g.quick.Acquire(ctx, 1); err != nil {
		g.all.Release(1)
		return nil, err
	}
	once := sync.OnceFunc(func() { g.quick.Release(1) })
	slow := time.AfterFunc(Patience, once)
	return func() {
		slow.Stop()
		once()
		g.all.Release(1)
	}, nil
}

// hosts is those of ids that are sources, by the host that is asked for them.
func (a *Aggregator) hosts(ids []string, memos map[string]Memo) map[string][]string {
	out := map[string][]string{}
	for _, id := range ids {
		if s, ok := a.source(id); ok {
			host := s.URL
			if u, err := url.Parse(address(s, memos[id])); err == nil {
				host = u.Host
			}
			out[host] = append(out[host], id)
		}
	}
	return out
}

// byHost is those of ids that are sources in a closed queue for each host.
func (a *Aggregator) byHost(ids []string, memos map[string]Memo) map[string]chan string {
	queues := map[string]chan string{}
	for host, list := range a.hosts(ids, memos) {
		q := make(chan string, len(list))
		for _, id := range list {
			q <- id
		}
		close(q)
		queues[host] = q
	}
	return queues
}

// write stores outcomes, as many at a time as are there: a single writer never waits for itself. What was got before ctx ended is still
// stored, else it would be asked for again.
func (a *Aggregator) write(ctx context.Context, at time.Time, outcomes <-chan outcome, seen func(Poll, error)) (Polled, error) {
	res := Polled{Errors: map[string]error{}, Notes: map[string]string{}}
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastWrite, cancel) })()
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
		n, err := a.Store.Polled(longer, at, polls...)
		for _, o := range batch {
			o.free()
		}
		if err != nil {
			return res, fmt.Errorf("store polls: %w", err)
		}
		res.New += n.New
		res.Changed += n.Changed
		for _, o := range batch {
			res.Asked++
			if o.poll.Note != "" {
				res.Notes[o.poll.Memo.ID] = o.poll.Note
			}
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
func (a *Aggregator) ask(ctx context.Context, s feeds.Source, m Memo, at time.Time) outcome {
	m.Polled = at
	doc, free, err := a.Client.Hold(ctx, address(s, m), fetch.Headers(s), m.Validators)
	if err != nil {
		return outcome{Poll{Memo: a.failed(m, s, at, err)}, err, free}
	}
	p, err := a.read(s, m, at, doc)
	if len(p.Items) == 0 {
		free()
	}
	return outcome{p, err, free}
}

// read is what doc says.
func (a *Aggregator) read(s feeds.Source, m Memo, at time.Time, doc feeds.Document) (Poll, error) {
	sum := sha256.Sum256(doc.Body)
	if doc.Unchanged || sum == m.Digest && !doc.Cut {
		m.Validators = doc.Validators
		m.moved(doc.URL)
		return Poll{Memo: a.succeeded(m, s, at, doc)}, nil
	}
	feed, err := parse.Feed(s, doc)
	if err != nil && doc.Cut {
		err = fmt.Errorf("%w (%s)", err, doc.CutBy)
	}
	if err != nil {
		return Poll{Memo: a.failed(m, s, at, err)}, err
	}
	for i := range feed.Items {
		feed.Items[i].Seen = at
	}
	m.Validators, m.Digest = doc.Validators, sum
	m.Title, m.Site, m.Lang, m.TTL, m.Skip = feed.Title, feed.Site, feed.Lang, feed.TTL, feed.Skip
	m.moved(doc.URL)
	ends, note := parse.Damage(doc)
	if feed.Broken > 0 {
		note = strings.TrimPrefix(fmt.Sprintf("%s; %d of its items could not be read", note, feed.Broken), "; ")
	}
	switch {
	case doc.Cut: // what came counts; the rest is asked for again in full
		m.Validators, m.Digest = feeds.Validators{}, [32]byte{}
		err = fmt.Errorf("the document was cut: %s; its %d whole items are kept", doc.CutBy, len(feed.Items))
	case ends || feed.Cut: // also, but should it come again just so, that is how it is
		m.Validators = feeds.Validators{}
		err = fmt.Errorf("the document ends in the middle; its %d whole items are kept", len(feed.Items))
	default:
		return Poll{Memo: a.succeeded(m, s, at, doc), Items: a.signed(feed.Items), Whole: true, Note: note}, nil
	}
	return Poll{Memo: a.failed(m, s, at, err), Items: a.signed(feed.Items), Note: note}, err
}

// moved notes where a readable answer came from over permanent redirects. A 304 is one: it speaks of what was read before.
func (m *Memo) moved(to string) {
	if m.URL = to; to == m.Address {
		m.URL = ""
	}
}

// signed signs items here, outside the store's transaction and for several sources at once.
func (a *Aggregator) signed(items []feeds.Item) []Signed {
	out := make([]Signed, len(items))
	for i, it := range items {
		out[i] = Signed{it, dedupe.Sign(it, a.Lexicon)}
	}
	return out
}
