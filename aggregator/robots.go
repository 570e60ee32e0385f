package aggregator

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

	"github.com/nashra/nashra/feeds/article"
	"github.com/nashra/nashra/feeds/fetch"
)

const (
	// how long a robots.txt is believed: RFC 9309 2.4
	robotsHold = 24 * time.Hour
	// a robots.txt that wants longer pauses than this between two pages wants no robot: fifty leads would take an hour
	longestPause = time.Minute
)

var (
	errDisallowed = errors.New("robots.txt does not allow it")
	errPause      = fmt.Errorf("robots.txt asks for pauses of more than %s", longestPause)
	errTurn       = errors.New("the turn is over")
)

// robots is what is known of hosts in one step, and what their robots.txt let us ask for.
type robots struct {
	*Aggregator
	once singleflight.Group

	mu    sync.Mutex
	known map[string]Host
	dirty map[string]bool // not stored yet
}

func newRobots(a *Aggregator) *robots {
	return &robots{Aggregator: a, known: map[string]Host{}, dirty: map[string]bool{}}
}

// origin is what a robots.txt speaks for.
func origin(u *url.URL) string { return u.Scheme + "://" + strings.ToLower(u.Host) }

// host is what is remembered of u's.
func (r *robots) host(ctx context.Context, u *url.URL) (Host, error) {
	name := origin(u)
	r.mu.Lock()
	defer r.mu.Unlock()
	if h, ok := r.known[name]; ok {
		return h, nil
	}
	h, err := r.Store.Host(ctx, name)
	if err != nil {
		return h, fmt.Errorf("read what is known of %s: %w", name, err)
	}
	h.Origin = name
	r.known[name] = h
	return h, nil
}

// note changes what is known of a host, to be stored with the next outcome.
func (r *robots) note(u *url.URL, change func(h *Host)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.known[origin(u)]
	h.Origin = origin(u)
	change(&h)
	r.known[h.Origin], r.dirty[h.Origin] = h, true
}

// changed are the hosts that are not stored yet as they are known.
func (r *robots) changed() (out []Host) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.dirty {
		out = append(out, r.known[name])
	}
	clear(r.dirty)
	return out
}

// hold has u's host left alone after err: as long as it asks, and longer with each failure in a row.
func (r *robots) hold(u *url.URL, err error) (until time.Time) {
	r.note(u, func(h *Host) {
		h.Failures++
		wait := firstBackoff << min(h.Failures-1, 10)
		var status *fetch.StatusError
		if errors.As(err, &status) {
			wait = max(wait, status.RetryAfter)
		}
		h.Held = r.now().Add(min(wait, longestWait))
		until = h.Held
	})
	return until
}

// well notes that u's host answered.
func (r *robots) well(u *url.URL) {
	r.note(u, func(h *Host) { h.Failures, h.Held = 0, time.Time{} })
}

// ask gets l's page where every host on the way lets it be asked for. It waits for its turn at the host until turn ends.
func (r *robots) ask(ctx, turn context.Context, l lead) page {
	doc, free, err := r.Client.Page(ctx, l.url.String(), func(ctx context.Context, u *url.URL) error {
		h, err := r.rules(ctx, u)
		if err != nil {
			return fmt.Errorf("robots.txt: %w", err)
		}
		ok, pause := article.Allowed(h.Rules, u)
		switch {
		case !ok:
			return errDisallowed
		case pause > longestPause:
			return errPause
		}
		if wait := h.Asked.Add(pause).Sub(r.now()); pause > 0 && wait > 0 {
			select {
			case <-turn.Done():
				return errTurn
			case <-time.After(min(wait, pause)): // a clock that was set back does not make it longer
			}
		}
		r.note(u, func(h *Host) { h.Asked = r.now() })
		return nil
	})
	return page{l, doc, err, free}
}

// rules is u's host with a robots.txt that still holds. Where there is none all is allowed; where it cannot be had nothing is.
func (r *robots) rules(ctx context.Context, u *url.URL) (Host, error) {
	h, err := r.host(ctx, u)
	if err != nil || h.Until.After(r.now()) {
		return h, err
	}
	_, err, _ = r.once.Do(h.Origin, func() (any, error) {
		doc, free, err := r.Client.Page(ctx, h.Origin+"/robots.txt", nil)
		defer free()
		var status *fetch.StatusError
		switch {
		case errors.As(err, &status) && status.Code < 500 && status.Code != http.StatusTooManyRequests:
			doc.Body = nil
		case err != nil:
			return nil, err
		case doc.Cut:
			return nil, errCut
		}
		rules := article.Rules(doc.Body)
		r.note(u, func(h *Host) { h.Rules, h.Until = rules, r.now().Add(robotsHold) })
		return nil, nil
	})
	if err != nil {
		return h, err
	}
	return r.host(ctx, u)
}
