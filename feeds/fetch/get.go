package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/address"
)

const (
	maxRedirects   = 10          // what Go's client and most others follow
	maxRedirectDoc = 4 << 10     // bytes of a redirect's body that are read so that the connection can be used again
	maxValidator   = 4 << 10     // bytes; servers accept 8 KB of headers in all
	clockSkew      = time.Minute // by which the clocks of one site's servers may differ
	acceptEncoding = "gzip, br, zstd"

	accept     = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8"
	acceptPage = "text/html, application/xhtml+xml, */*;q=0.8"
)

// errSlow is the cause of a request that took longer than fetch.timeout.
var errSlow = fmt.Errorf("fetch.timeout: %w", context.DeadlineExceeded)

var (
	errRedirects = fmt.Errorf("more than %d redirects", maxRedirects)
	errLoop      = errors.New("redirects in a loop")
)

// Headers returns the headers that s configures, as Get takes them.
func Headers(s feeds.Source) http.Header {
	h := http.Header{}
	for name, value := range s.Headers {
		h.Set(name, value)
	}
	return h
}

// Get requests address once and follows redirects. It sends h, the source's own headers, and the
// userinfo of address to the origin of address only, and v, the known validators, as they are.
//
// A 304 gives a Document with Unchanged; a body that broke off, one with Cut. Any other status than
// 200 and 203 is a *StatusError. Errors name the redacted address and the limit that was met.
//
// Document.URL is address, or where permanent redirects led. It does not move to another host if the
// source has headers or userinfo, which the next request would send there.
//
// The time that Get waits for its turn at the host, or for memory, does not count as the server's.
func (c *Client) Get(
	ctx context.Context, address string, h http.Header, v feeds.Validators,
) (feeds.Document, error) {
	doc, free, err := c.Hold(ctx, address, h, v, nil)
	free()
	return doc, err
}

// Turn is called when a request, also one after a redirect, has its turn at a host (host:port).
// With an error the request is not sent. answered is called with the response's status and
// Retry-After, before the turn ends.
type Turn func(ctx context.Context, host string) (answered func(code int, retryAfter time.Duration), err error)

// Hold is Get for callers with many documents at a time: the body keeps its share of the memory for
// bodies until free is called. free is never nil. turn may be nil.
func (c *Client) Hold(
	ctx context.Context, address string, h http.Header, v feeds.Validators, turn Turn,
) (doc feeds.Document, free func(), err error) {
	return c.hold(ctx, address, request{accept: accept, header: h, validators: v, turn: turn})
}

// Permit is called before a request, also one after a redirect, waits for its turn. With an error it is
// not sent.
type Permit func(ctx context.Context, u *url.URL) error

// Page is Hold for a web page. permit may be nil.
func (c *Client) Page(
	ctx context.Context, address string, h http.Header, v feeds.Validators, permit Permit, turn Turn,
) (doc feeds.Document, free func(), err error) {
	return c.hold(ctx, address, request{accept: acceptPage, header: h, validators: v, permit: permit, turn: turn})
}

// request is what Get, Hold and Page ask, apart from the address.
type request struct {
	accept     string
	header     http.Header // the source's own
	validators feeds.Validators
	permit     Permit
	turn       Turn
	deadline   *deadline
}

func (c *Client) hold(ctx context.Context, address string, q request) (doc feeds.Document, free func(), err error) {
	timed, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	q.deadline = newDeadline(c.timeout, func() { cancel(errSlow) })
	defer q.deadline.timer.Stop()
	q.validators = credible(q.validators, c.now()) // earlier versions stored any
	held := &reservation{budget: c.budget, deadline: q.deadline}
	doc, err = c.get(timed, address, q, held)
	switch {
	case ctx.Err() != nil: // the caller cancelled, even if the body only looks cut
		err = fmt.Errorf("fetch %s: %w", feeds.Redact(address), ctx.Err())
	case err != nil && errors.Is(context.Cause(timed), errSlow):
		err = c.failed(timed, address, errSlow)
	case err != nil:
		err = c.failed(timed, address, err)
	}
	if err != nil {
		held.release()
		return feeds.Document{}, func() {}, err
	}
	return doc, held.release, nil
}

func (c *Client) get(ctx context.Context, address string, q request, held *reservation) (feeds.Document, error) {
	resp, remember, moved, err := c.follow(ctx, address, q)
	if err != nil {
		return feeds.Document{}, err
	}
	defer resp.Body.Close()
	now := c.now().UTC()
	base := resp.Request.URL.String()
	doc := feeds.Document{
		URL: remember, Moved: moved, Base: base, ContentType: resp.Header.Get("Content-Type"),
		Robots:     strings.Join(resp.Header.Values("X-Robots-Tag"), "\n"),
		Validators: validators(resp.Header, now), At: now, Clock: dateOf(resp.Header), Fresh: fresh(resp.Header, now),
	}
	switch v := q.validators; {
	case resp.StatusCode == http.StatusNotModified && v != (feeds.Validators{}):
		doc.Unchanged = true
		doc.Validators.ETag = cmp.Or(doc.Validators.ETag, v.ETag)
		doc.Validators.LastModified = cmp.Or(doc.Validators.LastModified, v.LastModified)
		return doc, nil
	case resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNonAuthoritativeInfo:
		return feeds.Document{}, &StatusError{
			Code: resp.StatusCode, RetryAfter: RetryAfter(resp.Header, now), URL: feeds.Redact(base),
			Away: !samePage(remember, resp.Request.URL),
		}
	}
	cut, err := c.readBody(ctx, resp, held, &doc)
	if err != nil {
		return feeds.Document{}, err
	}
	if cut != nil {
		doc.Cut, doc.CutBy = true, c.describe(ctx, cut)
	}
	return doc, nil
}

// follow requests address and follows redirects until there is a response. moved is the address that
// the permanent redirects led to before the first temporary one, remember the last of these that may
// be asked with what is meant for address.
func (c *Client) follow(
	ctx context.Context, address string, q request,
) (resp *http.Response, remember, moved string, err error) {
	at, err := parse(address)
	if err != nil {
		return nil, "", "", err
	}
	seen := map[string]bool{}
	remember, moved = address, address
	permanent, safe, secret := true, true, len(q.header) > 0 || at.User != nil
	for range maxRedirects + 1 {
		if resp, err = c.send(ctx, at, q); err != nil {
			return nil, "", "", err
		}
		next, err := location(resp)
		if err != nil || next == nil {
			return resp, remember, moved, err
		}
		_, _ = io.CopyN(io.Discard, resp.Body, maxRedirectDoc) // its content does not matter
		resp.Body.Close()
		home := sameOwner(at, next)
		if home {
			next.User = at.User
		} else {
			q.header = nil // for the rest of the chain, even if it leads back
		}
		safe = safe && (home || !secret)
		permanent = permanent &&
			(resp.StatusCode == http.StatusMovedPermanently || resp.StatusCode == http.StatusPermanentRedirect)
		if permanent {
			moved = next.String()
		}
		if permanent && safe {
			remember = moved
		}
		if seen[at.String()] = true; seen[next.String()] {
			return nil, "", "", errLoop
		}
		at = next
	}
	return nil, "", "", errRedirects
}

// send sends one request in its turn at the host, which ends when the response's body is closed. The
// transport, used without an http.Client, adds neither Referer nor cookies.
func (c *Client) send(ctx context.Context, u *url.URL, q request) (*http.Response, error) {
	if err := c.checkTarget(ctx, u); err != nil {
		return nil, err
	}
	if q.permit != nil {
		if err := q.deadline.pause(func() error { return q.permit(ctx, u) }); err != nil {
			return nil, err
		}
	}
	host := net.JoinHostPort(strings.ToLower(u.Hostname()), port(u))
	release, err := c.hosts.acquire(ctx, host, q.deadline)
	if err != nil {
		return nil, err
	}
	resp, err := c.inTurn(ctx, host, u, q)
	if err != nil {
		release()
		return nil, err
	}
	resp.Body = releasing{resp.Body, release}
	return resp, nil
}

func (c *Client) inTurn(ctx context.Context, host string, u *url.URL, q request) (*http.Response, error) {
	if q.turn == nil {
		return c.transport.RoundTrip(c.httpRequest(ctx, u, q))
	}
	answered, err := q.turn(ctx, host)
	if err != nil {
		return nil, err
	}
	resp, err := c.transport.RoundTrip(c.httpRequest(ctx, u, q))
	if err == nil {
		_ = q.deadline.pause(func() error {
			answered(resp.StatusCode, RetryAfter(resp.Header, c.now().UTC()))
			return nil
		})
	}
	return resp, err
}

func (c *Client) httpRequest(ctx context.Context, u *url.URL, q request) *http.Request {
	bare := *u
	bare.User, bare.Fragment, bare.RawFragment = nil, "", ""
	bare.RawQuery = escapeQuery(bare.RawQuery)
	header := http.Header{"User-Agent": {c.agent}, "Accept": {q.accept}}
	for k, values := range q.header {
		header[http.CanonicalHeaderKey(k)] = values
	}
	header["Accept-Encoding"] = []string{acceptEncoding}
	if v := q.validators.ETag; v != "" {
		header["If-None-Match"] = []string{v}
	}
	if v := q.validators.LastModified; v != "" {
		header["If-Modified-Since"] = []string{v}
	}
	r := (&http.Request{Method: http.MethodGet, URL: &bare, Host: bare.Host, Header: header}).WithContext(ctx)
	if u.User != nil && header.Get("Authorization") == "" {
		password, _ := u.User.Password()
		r.SetBasicAuth(u.User.Username(), password)
	}
	return r
}

// releasing is a body that ends its request's turn at the host when it is closed.
type releasing struct {
	io.ReadCloser
	release func()
}

func (r releasing) Close() error {
	err := r.ReadCloser.Close()
	r.release()
	return err
}

// samePage reports whether address and u differ only in what is never sent to the server.
func samePage(address string, u *url.URL) bool {
	a, err := url.Parse(address)
	return err == nil && a.Scheme == u.Scheme && a.Host == u.Host && a.EscapedPath() == u.EscapedPath()
}

// location returns the URL that resp redirects to, or nil. It closes resp if there is none to
// follow.
func location(resp *http.Response) (*url.URL, error) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect,
		http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	to := resp.Header.Get("Location")
	if to == "" {
		return nil, nil
	}
	next, err := address.Resolve(resp.Request.URL, to)
	if err != nil {
		resp.Body.Close()
		return nil, fmt.Errorf("redirected to an %w", err)
	}
	next.User, next.Fragment, next.RawFragment = nil, "", "" // a redirect gives nobody credentials
	if err := checkScheme(next); err != nil {
		resp.Body.Close()
		return nil, fmt.Errorf("redirected: %w", err)
	}
	return next, nil
}

// sameOwner reports whether what is meant for a may be sent to b: b has the same origin, or moved
// from http to https.
func sameOwner(a, b *url.URL) bool {
	if !strings.EqualFold(a.Hostname(), b.Hostname()) {
		return false
	}
	upgrade := a.Scheme == "http" && b.Scheme == "https" && port(a) == "80" && port(b) == "443"
	return upgrade || a.Scheme == b.Scheme && port(a) == port(b)
}

// escapeQuery escapes what may not be in a request line, as in addresses written by hand.
func escapeQuery(q string) string {
	var b strings.Builder
	for i := range len(q) {
		if q[i] <= ' ' || q[i] >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", q[i])
		} else {
			b.WriteByte(q[i])
		}
	}
	return b.String()
}

// validators returns those of h, byte for byte, without any that could not be sent back.
func validators(h http.Header, now time.Time) feeds.Validators {
	usable := func(s string) string {
		if len(s) > maxValidator || !httpguts.ValidHeaderFieldValue(s) {
			return ""
		}
		return s
	}
	return credible(feeds.Validators{ETag: usable(h.Get("ETag")), LastModified: usable(h.Get("Last-Modified"))},
		serverNow(h, now))
}

// credible returns v without dates before there was a web, or after now: a server that sends such a
// date may say for ever that nothing changed. Some servers send the date as ETag, too.
func credible(v feeds.Validators, now time.Time) feeds.Validators {
	for _, s := range [...]*string{&v.ETag, &v.LastModified} {
		t, err := http.ParseTime(strings.Trim(*s, `W/"`))
		if err == nil && (t.Year() < 1991 || t.After(now.Add(clockSkew))) {
			*s = ""
		}
	}
	return v
}
