package polite

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/article"
	"github.com/nashra/nashra/feeds/fetch"
)

const (
	// how long a robots.txt is cached: RFC 9309, section 2.4
	robotsHold = 24 * time.Hour
	// the longest crawl delay that is obeyed; a longer one is taken for a refusal, as fifty pages
	// would take an hour
	longestPause = time.Minute
)

// Reasons not to fetch a page.
var (
	ErrDisallowed = errors.New("robots.txt does not allow it")
	ErrPause      = fmt.Errorf("robots.txt asks for pauses of more than %s", longestPause)
	ErrTurn       = errors.New("the turn is over")
	ErrCut        = errors.New("the page was cut")
)

// Host is the state of a host that was asked for pages. The zero Host is one that never was.
type Host struct {
	Origin string    // scheme, host and port
	Rules  string    // of its robots.txt, as article.Rules returns them
	Until  time.Time // UTC; when Rules expire
	Asked  time.Time // UTC; the last request for a page
	Held   time.Time // UTC; no request before

	Failures int // in a row
}

// Hosts caches the states of hosts during one step, and fetches pages as robots.txt allows.
type Hosts struct {
	client *fetch.Client
	turn   fetch.Turn
	now    func() time.Time
	load   func(ctx context.Context, origin string) (Host, error)
	once   singleflight.Group

	mu    sync.Mutex
	known map[string]Host
	dirty map[string]bool // to be stored
}

// NewHosts returns Hosts that load the stored states with load.
func NewHosts(client *fetch.Client, waits *Waits, now func() time.Time,
	load func(ctx context.Context, origin string) (Host, error)) *Hosts {
	return &Hosts{client: client, turn: waits.Turn("a page", time.Time{}), now: now, load: load,
		known: map[string]Host{}, dirty: map[string]bool{}}
}

// Origin returns the scheme, host and port that a robots.txt applies to.
func Origin(u *url.URL) string { return u.Scheme + "://" + strings.ToLower(u.Host) }

// Host returns the state of u's host.
func (r *Hosts) Host(ctx context.Context, u *url.URL) (Host, error) {
	name := Origin(u)
	r.mu.Lock()
	defer r.mu.Unlock()
	if h, ok := r.known[name]; ok {
		return h, nil
	}
	h, err := r.load(ctx, name)
	if err != nil {
		return h, fmt.Errorf("read what is known of %s: %w", name, err)
	}
	h.Origin = name
	r.known[name] = h
	return h, nil
}

// note changes the state of u's host, which is then to be stored.
func (r *Hosts) note(u *url.URL, change func(h *Host)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.known[Origin(u)]
	h.Origin = Origin(u)
	change(&h)
	r.known[h.Origin], r.dirty[h.Origin] = h, true
}

// Changed returns the states changed since the last call.
func (r *Hosts) Changed() (out []Host) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.dirty {
		out = append(out, r.known[name])
	}
	clear(r.dirty)
	return out
}

// Hold delays requests to u's host after err: by its Retry-After, and longer with each failure in a
// row.
func (r *Hosts) Hold(u *url.URL, err error) (until time.Time) {
	r.note(u, func(h *Host) {
		h.Failures++
		wait := backoff(h.Failures)
		var status *fetch.StatusError
		if errors.As(err, &status) {
			wait = max(wait, status.RetryAfter)
		}
		h.Held = r.now().Add(min(wait, longestWait))
		until = h.Held
	})
	return until
}

// Answered clears the failures of u's host.
func (r *Hosts) Answered(u *url.URL) {
	r.note(u, func(h *Host) { h.Failures, h.Held = 0, time.Time{} })
}

// Get fetches a page if the robots.txt of every host on the way allows it. It waits for a crawl
// delay until turn ends. free releases the memory reserved for the document.
func (r *Hosts) Get(ctx, turn context.Context, page *url.URL) (doc feeds.Document, free func(), err error) {
	permit := func(ctx context.Context, u *url.URL) error { return r.Permit(ctx, turn, u) }
	return r.client.Page(ctx, page.String(), nil, feeds.Validators{}, permit, r.turn)
}

// Permit waits for the crawl delay of u's host, until turn ends. It returns an error if the robots.txt there
// does not allow u, or cannot be read.
func (r *Hosts) Permit(ctx, turn context.Context, u *url.URL) error {
	h, err := r.rules(ctx, u)
	if err != nil {
		return fmt.Errorf("robots.txt: %w", err)
	}
	ok, pause := article.Allowed(h.Rules, u)
	switch {
	case !ok:
		return ErrDisallowed
	case pause > longestPause:
		return ErrPause
	}
	if wait := h.Asked.Add(pause).Sub(r.now()); pause > 0 && wait > 0 {
		select {
		case <-turn.Done():
			return ErrTurn
		case <-time.After(min(wait, pause)): // the clock may have been set back
		}
	}
	r.note(u, func(h *Host) { h.Asked = r.now() })
	return nil
}

// rules returns u's host with a current robots.txt. A missing robots.txt allows everything; one
// that cannot be fetched is an error.
func (r *Hosts) rules(ctx context.Context, u *url.URL) (Host, error) {
	h, err := r.Host(ctx, u)
	if err != nil || h.Until.After(r.now()) {
		return h, err
	}
	_, err, _ = r.once.Do(h.Origin, func() (any, error) {
		doc, free, err := r.client.Page(ctx, h.Origin+"/robots.txt", nil, feeds.Validators{}, nil, r.turn)
		defer free()
		var status *fetch.StatusError
		switch {
		case errors.As(err, &status) && status.Code < 500 && status.Code != http.StatusTooManyRequests:
			doc.Body = nil
		case err != nil:
			return nil, err
		case doc.Cut:
			return nil, ErrCut
		}
		rules := article.Rules(doc.Body)
		r.note(u, func(h *Host) { h.Rules, h.Until = rules, r.now().Add(robotsHold) })
		return nil, nil
	})
	if err != nil {
		return h, err
	}
	return r.Host(ctx, u)
}
