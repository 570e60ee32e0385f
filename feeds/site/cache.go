package site

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// cache keeps documents by name. It loads each once at a time, however many requests ask for it.
type cache struct {
	mu     sync.Mutex
	docs   map[string]cached
	size   int // bytes of all docs
	flight singleflight.Group
	slots  chan struct{} // holds one value for each document or search that is being made
}

type cached struct {
	*document
	checked time.Time // when the document was last known to be current
}

const (
	// maxCacheSize has room for the nine files of ten channels of whole articles, and their pages.
	maxCacheSize = 64 << 20
	maxLoads     = 4 // at a time: a page that is not cached costs some milliseconds
	loadTimeout  = 20 * time.Second
)

func newCache() *cache {
	return &cache{docs: map[string]cached{}, slots: make(chan struct{}, maxLoads)}
}

// loader returns the current document; last is the one before, and is returned if it is still
// current. It returns nil if there is nothing to show.
type loader func(ctx context.Context, last *document) (*document, error)

// get returns the document of that name, and calls load if the cached one is older than maxAge.
// If load fails, get returns the last document.
func (c *cache) get(ctx context.Context, name string, maxAge time.Duration, load loader) (*document, error) {
	c.mu.Lock()
	last := c.docs[name]
	c.mu.Unlock()
	if last.document != nil && time.Since(last.checked) < maxAge {
		return last.document, nil
	}
	// The load outlives its request: other requests may wait for the same document.
	loaded := c.flight.DoChan(name, func() (any, error) {
		return c.load(context.WithoutCancel(ctx), name, last.document, load)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case res := <-loaded:
		d, _ := res.Val.(*document)
		return d, res.Err
	}
}

func (c *cache) load(ctx context.Context, name string, last *document, load loader) (*document, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, errors.New("too many pages are being made")
	}
	d, err := load(ctx, last)
	if err != nil && last != nil {
		return last, nil
	}
	c.replace(name, d)
	return d, err
}

// replace stores d under name, and deletes the documents that were checked longest ago while the
// cache is too large. A nil d deletes the document of that name.
func (c *cache) replace(name string, d *document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(name)
	if d == nil {
		return
	}
	for c.size+d.size() > maxCacheSize && len(c.docs) > 0 {
		var oldest string
		for n, e := range c.docs {
			if oldest == "" || e.checked.Before(c.docs[oldest].checked) {
				oldest = n
			}
		}
		c.remove(oldest)
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
