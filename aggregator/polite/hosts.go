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
	// how long a robots.txt is believed: RFC 9309 2.4
	robotsHold = 24 * time.Hour
	// a robots.txt that wants longer pauses than this between two pages wants no robot: fifty leads would take an hour
	longestPause = time.Minute
)

// Why a page was not got.
var (
	ErrDisallowed = errors.New("robots.txt does not allow it")
	ErrPause      = fmt.Errorf("robots.txt asks for pauses of more than %s", longestPause)
	ErrTurn       = errors.New("the turn is over")
	ErrCut        = errors.New("the page was cut")
)

// Host is what is remembered of a host that was asked for pages. The zero Host was never asked.
type Host struct {
	Origin string    // scheme, host and port
	Rules  string    // of its robots.txt, as article.Rules gives them
	Until  time.Time // UTC; how long Rules hold
	Asked  time.Time // UTC; when it was last asked for a page
	Held   time.Time // UTC; not to be asked before

	Failures int // in a row
}

// Hosts is what is known of hosts in one step, and asks them for pages as their robots.txt allows.
type Hosts struct {
	client *fetch.Client
	now    func() time.Time
	load   func(ctx context.Context, origin string) (Host, error)
	once   singleflight.Group

	mu    sync.Mutex
	known map[string]Host
	dirty map[string]bool // not stored yet
}

// NewHosts returns Hosts that load returns what is stored of.
func NewHosts(client *fetch.Client, now func() time.Time, load func(ctx context.Context, origin string) (Host, error)) *Hosts {
	return &Hosts{client: client, now: now, load: load, known: map[string]Host{}, dirty: map[string]bool{}}
}

// Origin is what a robots.txt speaks for.
func Origin(u *url.URL) string { return u.Scheme + "://" + strings.ToLower(u.Host) }

// Host is what is remembered of u's.
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

// note changes what is known of a host, to be stored with the next outcome.
func (r *Hosts) note(u *url.URL, change func(h *Host)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.known[Origin(u)]
	h.Origin = Origin(u)
	change(&h)
	r.known[h.Origin], r.dirty[h.Origin] = h, true
}

// Changed are the hosts that are not stored yet as they are known.
func (r *Hosts) Changed() (out []Host) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.dirty {
		out = append(out, r.known[name])
	}
	clear(r.dirty)
	return out
}

// Hold has u's host left alone after err: as long as it asks, and longer with each failure in a row.
func (r *Hosts) Hold(u *url.URL, err error) (until time.Time) {
	r.note(u, func(h *Host) {
		h.Failures++
		wait := FirstBackoff << min(h.Failures-1, 10)
		var status *fetch.StatusError
		if errors.As(err, &status) {
			wait = max(wait, status.RetryAfter)
		}
		h.Held = r.now().Add(min(wait, longestWait))
		until = h.Held
	})
	return until
}

// Answered notes that u's host answered.
func (r *Hosts) Answered(u *url.URL) {
	r.note(u, func(h *Host) { h.Failures, h.Held = 0, time.Time{} })
}

// Get gets a page where every host on the way lets it be asked for. It waits for its turn at the host until turn ends. free gives back
// the room that the document takes.
func (r *Hosts) Get(ctx, turn context.Context, page *url.URL) (doc feeds.Document, free func(), err error) {
	return r.client.Page(ctx, page.String(), func(ctx context.Context, u *url.URL) error {
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
			case <-time.After(min(wait, pause)): // a clock that was set back does not make it longer
			}
		}
		r.note(u, func(h *Host) { h.Asked = r.now() })
		return nil
	})
}

// rules is u's host with a robots.txt that still holds. Where there is none all is allowed; where it cannot be had nothing is.
func (r *Hosts) rules(ctx context.Context, u *url.URL) (Host, error) {
	h, err := r.Host(ctx, u)
	if err != nil || h.Until.After(r.now()) {
		return h, err
	}
	_, err, _ = r.once.Do(h.Origin, func() (any, error) {
		doc, free, err := r.client.Page(ctx, h.Origin+"/robots.txt", nil)
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
