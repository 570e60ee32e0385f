package site

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// cache keeps documents by name. It loads each once at a time, however many requests ask for it.
type cache struct {
	mu    sync.Mutex
	docs  map[string]cached
	size  int // bytes of all docs
	loads map[string]*load
}

type cached struct {
	*document
	checked time.Time // when the document was last known to be current
}

// load is the loading of a document that requests wait for.
type load struct {
	document *document
	err      error
	done     chan struct{} // closed when document and err are set
	cancel   context.CancelFunc
	waiting  int // requests
}

const (
	// maxCacheSize has room for the nine files of ten channels of whole articles, and their pages.
	maxCacheSize = 64 << 20
	loadTimeout  = 20 * time.Second
	// maxWait is how long a request waits for a newer document than the cached one. Making a feed of a
	// hundred whole articles takes about 50 ms (2026-11-30).
	maxWait = 500 * time.Millisecond
)

func newCache() *cache { return &cache{docs: map[string]cached{}, loads: map[string]*load{}} }

// loader returns the current document; last is the one before, and is returned if it is still
// current. It returns nil if there is nothing to show.
type loader func(ctx context.Context, last *document) (*document, error)

// get returns the document of that name, and calls load if the cached one is older than maxAge.
// get returns the cached one if load fails or takes longer than wait.
func (c *cache) get(ctx context.Context, name string, maxAge, wait time.Duration, load loader) (*document, error) {
	c.mu.Lock()
	last := c.docs[name]
	if last.document != nil && time.Since(last.checked) < maxAge {
		c.mu.Unlock()
		return last.document, nil
	}
	l := c.join(ctx, name, last.document, load)
	c.mu.Unlock()
	var late <-chan time.Time
	if last.document != nil {
		late = time.After(wait)
	} else {
		defer c.leave(name, l)
	}
	select {
	case <-l.done:
		return l.document, l.err
	case <-late:
		return last.document, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// join returns the running load of that name, or starts one, which outlives ctx.
func (c *cache) join(ctx context.Context, name string, last *document, do loader) *load {
	l := c.loads[name]
	if l == nil {
		l = &load{done: make(chan struct{})}
		ctx, l.cancel = context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		c.loads[name] = l
		go c.run(ctx, name, l, last, do)
	}
	l.waiting++
	return l
}

// leave cancels a load that no request waits for any more.
func (c *cache) leave(name string, l *load) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.waiting--; l.waiting == 0 {
		l.cancel()
		if c.loads[name] == l {
			delete(c.loads, name)
		}
	}
}

// run runs a load. If it fails, last counts as checked, so that not every request tries again.
func (c *cache) run(ctx context.Context, name string, l *load, last *document, do loader) {
	d, err := do(ctx, last)
	if err != nil && last != nil {
		d, err = last, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	l.cancel()
	if err == nil {
		c.replace(name, d)
	}
	if c.loads[name] == l {
		delete(c.loads, name)
	}
	l.document, l.err = d, err
	close(l.done)
}

// replace stores d under name. If the cache gets too large, replace deletes the documents that were
// checked longest ago. A nil d deletes the document of that name.
func (c *cache) replace(name string, d *document) {
	c.remove(name)
	if d == nil {
		return
	}
	if c.size+d.size() > maxCacheSize {
		older := func(x, y string) int { return c.docs[x].checked.Compare(c.docs[y].checked) }
		for _, n := range slices.SortedFunc(maps.Keys(c.docs), older) {
			if c.size+d.size() <= maxCacheSize*3/4 { // making room for many saves sorting for each
				break
			}
			c.remove(n)
		}
	}
	c.docs[name] = cached{d, time.Now()}
	c.size += d.size()
}

func (c *cache) remove(name string) {
	if e, ok := c.docs[name]; ok {
		c.size -= e.size()
		delete(c.docs, name)
	}
}

// makers bounds how many documents are made, or searches run, at once, and how many wait for that.
type makers struct {
	slots  chan struct{} // holds one value for each that is being made
	places chan struct{} // holds one value for each that is being made or waits
}

const (
	maxMakers  = 4  // at once: a page that is not cached costs some milliseconds
	maxWaiting = 60 // for a maker: they wait half a second if a page takes 30 ms (2026-11-30)

	maxSearches        = 2  // at once, so that half of the connections to a store are left for feeds
	maxWaitingSearches = 20 // they wait a second if a search takes 100 ms (2026-11-30)
	searchTimeout      = 5 * time.Second
)

var errBusy = errors.New("too many pages or searches are being made")

func newMakers(most, waiting int) makers {
	return makers{make(chan struct{}, most), make(chan struct{}, most+waiting)}
}

// busy reports whether the next one must wait.
func (m makers) busy() bool { return len(m.slots) == cap(m.slots) }

// enter waits for a slot until ctx ends, and returns a function that gives it back. It fails with
// errBusy if too many wait.
func (m makers) enter(ctx context.Context) (leave func(), err error) {
	select {
	case m.places <- struct{}{}:
	default:
		return nil, errBusy
	}
	select {
	case m.slots <- struct{}{}:
		return func() { <-m.slots; <-m.places }, nil
	case <-ctx.Done():
		<-m.places
		return nil, ctx.Err()
	}
}
