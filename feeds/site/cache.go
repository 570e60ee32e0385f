package site

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// cache keeps documents by name, each made once however many ask for it.
type cache struct {
	mu     *sync.RWMutex
	docs   map[string]*document
	held   int // bytes
	flight *singleflight.Group
	making chan struct{}
}

const (
	// maxHeld is how many bytes of documents are kept: the nine files of ten channels of whole articles, and their pages
	maxHeld = 64 << 20
	// fileLife is how long a file is served without looking at it again, madeLife how long what was made is served: a pass comes every
	// few minutes at most
	fileLife, madeLife = time.Second, time.Minute
	// makers is how many documents are made at a time: what nobody asked for before costs some milliseconds each
	makers = 4
	// makeTime is how long one may take
	makeTime = 20 * time.Second
)

func newCache() cache {
	return cache{mu: &sync.RWMutex{}, docs: map[string]*document{}, flight: &singleflight.Group{}, making: make(chan struct{}, makers)}
}

// loader makes a document; had is the one that was made before, which it may give back. No document: there is none of that name.
type loader func(ctx context.Context, had *document) (*document, error)

// right is the document of that name if it is known to be right; else nil.
func (c *cache) right(name string) *document {
	c.mu.RLock()
	d := c.docs[name]
	c.mu.RUnlock()
	if d == nil || time.Since(d.checked) >= d.life {
		return nil
	}
	return d
}

// get is the document of that name, made if need be. Where it cannot be made the last one stands in: better old than nothing.
func (c *cache) get(ctx context.Context, name string, load loader) (*document, error) {
	if d := c.right(name); d != nil {
		return d, nil
	}
	c.mu.RLock()
	d := c.docs[name]
	c.mu.RUnlock()
	done := c.flight.DoChan(name, func() (any, error) { return c.load(context.WithoutCancel(ctx), name, d, load) })
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case res := <-done:
		made, _ := res.Val.(*document)
		return made, res.Err
	}
}

func (c *cache) load(ctx context.Context, name string, had *document, load loader) (*document, error) {
	ctx, cancel := context.WithTimeout(ctx, makeTime)
	defer cancel()
	select {
	case c.making <- struct{}{}:
	case <-ctx.Done():
		return had, errors.New("too many pages are being made")
	}
	d, err := load(ctx, had)
	<-c.making
	if err != nil && had != nil {
		return had, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.docs[name]; old != nil {
		delete(c.docs, name)
		c.held -= old.size()
	}
	if d == nil || err != nil {
		return nil, err
	}
	d = d.now() // others may be reading the one that was
	c.docs[name] = d
	for c.held += d.size(); c.held > maxHeld; {
		c.drop(d)
	}
	return d, nil
}

// now is d, known to be right.
func (d *document) now() *document {
	right := *d
	right.checked = time.Now()
	return &right
}

func (d *document) size() int { return len(d.plain) + len(d.zipped) }

// drop lets go of the document that was asked for longest ago, but not of keep.
func (c *cache) drop(keep *document) {
	var oldest string
	for name, d := range c.docs {
		if d != keep && (oldest == "" || d.checked.Before(c.docs[oldest].checked)) {
			oldest = name
		}
	}
	if oldest == "" {
		c.held = 0 // one alone is larger than all: it is kept until another comes
		return
	}
	c.held -= c.docs[oldest].size()
	delete(c.docs, oldest)
}
