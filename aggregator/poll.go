package aggregator

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
	"github.com/nashra/nashra/feeds/parse"
)

// Polled reports the outcome of one Poll call.
type Polled struct {
	Arrived
	Asked, Unchanged, Failed int
	Later                    map[string]polite.Later // by source id: those not asked to the end, and why
	Errors                   map[string]error        // by source id
	Notes                    map[string]string       // by source id: what is new and odd about those that could be read
}

const (
	// Patience is how long a request counts against Concurrency: healthy servers answer sooner, and
	// hanging ones must not block others.
	Patience = 2 * time.Second
	// the most requests at once, hanging ones included, as a multiple of Concurrency
	crowd = 8
	// how long documents that have arrived may still be stored after ctx ends
	lastWrite = 2 * time.Second
)

// Crowd returns the most requests at once, hanging ones included.
func (o Options) Crowd() int { return crowd * max(1, o.Concurrency) }

// Poll fetches the sources and stores their items. It calls seen, if not nil, after each source is
// stored, one call at a time. With force, earlier back-offs of hosts do not count. An error means
// that the store failed or ctx ended.
func (a *Aggregator) Poll(ctx context.Context, seen func(Poll, error), force bool, ids ...string) (Polled, error) {
	states, err := a.states(ctx, ids...)
	if err != nil {
		return Polled{}, err
	}
	return a.poll(ctx, states, a.PerHost, force, seen, ids)
}

// PollDue polls those of the sources that are due, one at a time on each host.
func (a *Aggregator) PollDue(ctx context.Context, seen func(Poll, error), ids ...string) (Polled, error) {
	states, err := a.states(ctx, ids...)
	if err != nil {
		return Polled{}, err
	}
	due, _ := a.pace.Due(ctx, a.named(ids), states, false)
	return a.poll(ctx, states, 1, false, seen, due)
}

// polling is the state of one Poll call.
type polling struct {
	states map[string]polite.State
	at     time.Time
	forced time.Time       // see polite.Waits
	store  context.Context // for writes: documents that have arrived are stored even if the call is cancelled
	hosts  *polite.Hosts   // of pages

	mu   sync.Mutex
	seen func(Poll, error)
	res  Polled
}

func (a *Aggregator) poll(ctx context.Context, states map[string]polite.State, perHost int, force bool,
	seen func(Poll, error), ids []string) (Polled, error) {
	group, ctx := errgroup.WithContext(ctx)
	longer, cancel := outlasting(ctx)
	defer cancel()
	p := &polling{states: states, at: a.now(), store: longer, hosts: a.newHosts(), seen: seen,
		res: Polled{Later: map[string]polite.Later{}, Errors: map[string]error{}, Notes: map[string]string{}}}
	if force {
		p.forced = p.at
	}
	turns := make(chan chan string, len(ids))
	for _, hosted := range a.hosts(ids, states) {
		queue := make(chan string, len(hosted))
		for _, id := range hosted {
			queue <- id
		}
		for range min(max(1, perHost), len(hosted)) {
			turns <- queue
		}
	}
	for range min(len(turns), a.Crowd()) { // more would only wait for the gate
		group.Go(func() error { return a.takeTurns(ctx, p, turns) })
	}
	err := group.Wait()
	return p.res, err
}

// takeTurns polls one source of each host in turn, until only other goroutines have turns.
func (a *Aggregator) takeTurns(ctx context.Context, p *polling, turns chan chan string) error {
	for {
		select {
		case queue := <-turns:
			select {
			case id := <-queue:
				if err := a.pollSource(ctx, p, id); err != nil {
					return err
				}
				turns <- queue
			default: // the host's sources are polled
			}
		default:
			return nil
		}
	}
}

// outlasting returns a context for writes that ends lastWrite after ctx.
func outlasting(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastWrite, cancel) })
	return longer, func() { stop(); cancel() }
}

// pollSource fetches a source and stores its items. An error ends the Poll call.
func (a *Aggregator) pollSource(ctx context.Context, p *polling, id string) error {
	leave, err := a.gate.enter(ctx)
	if err != nil {
		return err
	}
	s, _ := a.source(id)
	st := a.pace.Current(p.states[id], s)
	poll, free, failure := a.ask(ctx, s, st, p)
	defer free()
	leave()
	if failure != nil && ctx.Err() != nil { // the request failed because ctx ended
		return ctx.Err()
	}
	items := poll.Items
	if err := a.takeOver(p.store, s, items); err != nil {
		return err
	}
	if err := a.identify(p.store, p, &poll); err != nil {
		return err
	}
	if was, now := st.Charset, poll.State.Charset; was != now && was != "" && !confirmed(now, items, poll.Items) {
		failure = fmt.Errorf("the document was read as %s, the last one as %s: if the next one is read so too, "+
			"its items are stored", now, was)
		st.Polled, st.Charset, st.Validators, st.Digest = p.at, now, feeds.Validators{}, [32]byte{}
		poll = Poll{State: a.pace.Failed(st, s, p.at, failure)}
	}
	if err := LeaveOut(s, st.Succeeded.IsZero(), poll.Items); err != nil {
		return fmt.Errorf("source %s: %w", id, err)
	}
	if poll.State.Shared.Keys() {
		poll.State.Odd(oneKey)
	}
	poll.news(s, st)
	was := p.states[id]
	if s.Page.On() {
		poll.Hosts = p.hosts.Changed()
	}
	poll.Renamed = was.Title != poll.State.Title || was.Site != poll.State.Site
	n, err := a.writer.store(p.store, p.at, poll)
	if err != nil {
		return fmt.Errorf("store polls: %w", err)
	}
	p.count(poll, n, failure)
	return nil
}

// oneKey is the note of a source whose own keys do not identify its items.
const oneKey = "different items have the same guid or link, so nashra tells them apart by their other keys"

// count adds a stored poll to the result and reports it to seen.
func (p *polling) count(poll Poll, n Arrived, failure error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.res.New += n.New
	p.res.Changed += n.Changed
	p.res.LeftOut += n.LeftOut
	p.res.Asked++
	if poll.Note != "" {
		p.res.Notes[poll.State.ID] = poll.Note
	}
	wait := new(polite.WaitError)
	switch {
	case errors.As(failure, &wait):
		p.res.Asked--
		p.res.Later[poll.State.ID] = wait.Later
	case failure != nil:
		p.res.Failed++
		p.res.Errors[poll.State.ID] = failure
	case !poll.Whole:
		p.res.Unchanged++
	}
	if p.seen != nil {
		p.seen(poll, failure)
	}
}

// gate limits how many sources are fetched at once, by all Poll calls of an Aggregator.
type gate struct{ quick, all *semaphore.Weighted }

func newGate(o Options) gate {
	return gate{semaphore.NewWeighted(int64(max(1, o.Concurrency))), semaphore.NewWeighted(int64(o.Crowd()))}
}

// enter waits for a place. A request that takes longer than Patience gives its place of the quick
// ones back.
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

// hosts groups the sources with those ids by the host to be asked, and orders them by their last
// poll: of a host that allows few requests, each source has its turn.
func (a *Aggregator) hosts(ids []string, states map[string]polite.State) map[string][]string {
	out := map[string][]string{}
	for _, id := range ids {
		if s, ok := a.source(id); ok {
			host := states[id].HostOf(s)
			out[host] = append(out[host], id)
		}
	}
	for _, queue := range out {
		slices.SortStableFunc(queue, func(x, y string) int { return states[x].Polled.Compare(states[y].Polled) })
	}
	return out
}

// ask fetches and parses a source. free releases the memory reserved for its document. The error is
// also in p.State.
func (a *Aggregator) ask(ctx context.Context, s feeds.Source, st polite.State, p *polling) (_ Poll, free func(),
	err error) {
	doc, free, err := a.get(ctx, s, st, p)
	err = s.Hide(err)
	if wait := new(polite.WaitError); errors.As(err, &wait) {
		return Poll{State: st.Waited(wait.Later)}, free, err
	}
	st.Polled = p.at
	if err != nil {
		return Poll{State: a.pace.Failed(st, s, p.at, err)}, free, err
	}
	var poll Poll
	if s.List() {
		poll, err = a.readList(s, st, p.at, doc)
	} else {
		poll, err = a.parsed(ctx, s, st, p.at, doc)
	}
	if doc.Moved != doc.URL {
		poll.State.Odd("it has moved for good to " + s.Shown(feeds.Redact(doc.Moved)) +
			", where its headers and password are not sent: change its url in the config file")
	}
	return poll, free, err
}

// get fetches the document of a source, and that of a page as robots.txt allows it.
func (a *Aggregator) get(ctx context.Context, s feeds.Source, st polite.State, p *polling) (feeds.Document, func(),
	error) {
	turn := a.waits.Turn("source "+s.ID, p.forced)
	if !s.Page.On() {
		return Get(ctx, a.Client, s, st.AddressOf(s), st.Validators, turn)
	}
	permit := func(ctx context.Context, u *url.URL) error { return p.hosts.Permit(ctx, ctx, u) }
	return a.Client.Page(ctx, st.AddressOf(s), fetch.Headers(s), st.Validators, permit, turn)
}

// parsed turns a fetched document into a Poll.
func (a *Aggregator) parsed(ctx context.Context, s feeds.Source, st polite.State, at time.Time, doc feeds.Document,
) (Poll, error) {
	sum := sha256.Sum256(doc.Body)
	if doc.Unchanged || sum == st.Digest {
		st.Validators = doc.Validators
		st.Moved(doc.URL)
		return Poll{State: a.pace.Succeeded(st, s, at, doc)}, nil
	}
	s.Shared = st.Shared
	if !st.Succeeded.IsZero() && st.Recipe == s.Recipe() {
		s.Known = a.known(ctx, s.ID)
	}
	feed, err := parse.Feed(s, doc)
	if odd := cmp.Or(doc.CutBy, doc.Note); err != nil && odd != "" {
		err = fmt.Errorf("%w (%s)", err, odd)
	}
	if err != nil {
		return Poll{State: a.pace.Failed(st, s, at, err)}, err
	}
	for i := range feed.Items {
		feed.Items[i].Seen = at
	}
	st.Validators, st.Digest, st.Recipe = doc.Validators, sum, s.Recipe()
	st.Title, st.Site, st.Lang, st.TTL, st.Skip = feed.Title, feed.Site, feed.Lang, feed.TTL, feed.Skip
	st.Note, st.Shared, st.Charset = feed.Note, feed.Shared, cmp.Or(feed.Charset, st.Charset)
	st.Moved(doc.URL)
	items := unsigned(feed.Items, s.Known)
	place(items, st.Succeeded, at)
	switch {
	case feed.Cut && doc.Cut: // keep the items that arrived, and fetch all again next time
		st.Validators, st.Digest = feeds.Validators{}, [32]byte{}
		err = fmt.Errorf("the document was cut: %s; its %d whole items are kept", doc.CutBy, len(feed.Items))
	case feed.Cut: // fetch again without validators; if the document stays the same, its Digest says so
		st.Validators = feeds.Validators{}
		err = fmt.Errorf("the document ends in the middle; its %d whole items are kept", len(feed.Items))
	default:
		return Poll{State: a.pace.Succeeded(st, s, at, doc), Items: items, Whole: true, Known: a.nowKnown(items)}, nil
	}
	return Poll{State: a.pace.Failed(st, s, at, err), Items: items}, err
}

// news sets the Note of p to what is odd about source s and was not when its state was before.
func (p *Poll) news(s feeds.Source, before polite.State) {
	var news []string
	if note := p.State.Note; note != "" && note != before.Note {
		news = append(news, note)
	}
	if to := p.State.MovedTo(s); to != "" && to != before.URL {
		news = append(news, "it has moved for good to "+s.Shown(feeds.Redact(to))+": change its url in the config file")
	}
	p.Note = strings.Join(news, "; ")
}

// confirmed reports whether items were surely read in the right encoding, which is not that of their
// source's last document: Unicode shows by itself, another one by texts that were stored before.
func confirmed(charset string, items, unstored []Signed) bool {
	return strings.HasPrefix(charset, "utf-") || slices.ContainsFunc(items, func(it Signed) bool {
		foreign := strings.ContainsFunc(it.Title, func(r rune) bool { return r >= utf8.RuneSelf })
		return foreign && !slices.ContainsFunc(unstored, func(u Signed) bool { return u.Title == it.Title })
	})
}

// unsigned returns items without their signatures.
func unsigned(items []feeds.Item, known feeds.Known) []Signed {
	out := make([]Signed, len(items))
	for i, it := range items {
		if out[i].Item = it; it.Rest != nil {
			sum := known[it.Raw]
			out[i].sum = sum[:]
		}
	}
	return out
}
