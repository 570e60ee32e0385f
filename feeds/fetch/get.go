package fetch

import (
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
)

const (
	maxRedirects   = 10      // what Go's client and most others follow
	maxRedirectDoc = 4 << 10 // bytes of a redirect's page read so that the connection can be used again
	maxValidator   = 4 << 10 // bytes; servers take 8 KB of header in all
	accept         = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8"
	acceptPage     = "text/html, application/xhtml+xml, */*;q=0.8"
	acceptEncoding = "gzip, br, zstd"
)

// errSlow is the cause of a request that took too long.
var errSlow = fmt.Errorf("fetch.timeout: %w", context.DeadlineExceeded)

var (
	errRedirects = fmt.Errorf("more than %d redirects", maxRedirects)
	errLoop      = errors.New("redirects in a loop")
)

// Headers are those that s has of its own, as Get takes them.
func Headers(s feeds.Source) http.Header {
	h := http.Header{}
	for name, value := range s.Headers {
		h.Set(name, value)
	}
	return h
}

// Get asks for address once, following redirects. h are the source's own headers and may be nil; they and the address's userinfo
// go to that origin alone. v are the validators of what is already known, sent as they are; none makes the request unconditional.
//
// A 304 is a Document with Unchanged; a body that broke off is one with Cut, as long as anything of it came. Any other status than
// 200 is a *StatusError. Errors name the address redacted, and the limit that was met. Document.URL is address itself unless the
// answer came over permanent redirects; it keeps the userinfo, and does not follow to another host while there are headers or
// userinfo, which would be sent there the next time.
//
// Get waits for its turn at the host, and a large body for the one before it: that is not counted as the server's time.
func (c *Client) Get(ctx context.Context, address string, h http.Header, v feeds.Validators) (feeds.Document, error) {
	doc, free, err := c.Hold(ctx, address, h, v)
	free()
	return doc, err
}

// Hold is Get for those that have many documents at a time: the body counts as in flight, and others wait for its room, until it is
// freed. free is never nil.
func (c *Client) Hold(ctx context.Context, address string, h http.Header, v feeds.Validators) (doc feeds.Document, free func(), err error) {
	return c.hold(ctx, address, question{accept: accept, header: h, validators: v})
}

// Page is Hold for a web page: as anybody would ask for it, without headers of a source. may, if not nil, is asked before each request,
// those that redirects lead to included; its error is then the end.
func (c *Client) Page(ctx context.Context, address string, may func(ctx context.Context, u *url.URL) error) (feeds.Document, func(), error) {
	return c.hold(ctx, address, question{accept: acceptPage, may: may})
}

// question is what is asked of an address besides the address.
type question struct {
	accept     string
	header     http.Header // the source's own
	validators feeds.Validators
	may        func(ctx context.Context, u *url.URL) error
}

func (c *Client) hold(ctx context.Context, address string, q question) (doc feeds.Document, free func(), err error) {
	timed, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	held := &hold{room: c.room, clock: newClock(c.timeout, func() { cancel(errSlow) })}
	defer held.clock.stop()
	doc, err = c.get(timed, address, q, held)
	switch {
	case ctx.Err() != nil: // the caller's end, also where it looks like a cut
		err = fmt.Errorf("fetch %s: %w", feeds.Redact(address), ctx.Err())
	case err != nil && errors.Is(context.Cause(timed), errSlow):
		err = c.failure(timed, address, errSlow)
	case err != nil:
		err = c.failure(timed, address, err)
	}
	if err != nil {
		held.free()
		return feeds.Document{}, func() {}, err
	}
	return doc, held.free, nil
}

func (c *Client) get(ctx context.Context, address string, q question, held *hold) (feeds.Document, error) {
	resp, remember, err := c.follow(ctx, address, q, held.clock)
	if err != nil {
		return feeds.Document{}, err
	}
	defer resp.Body.Close()
	now := c.now().UTC()
	base := resp.Request.URL.String()
	doc := feeds.Document{URL: remember, Base: base, ContentType: resp.Header.Get("Content-Type"), Robots: strings.Join(resp.Header.Values("X-Robots-Tag"), "\n"),
		Validators: validators(resp.Header), At: now, Clock: clockOf(resp.Header), Fresh: fresh(resp.Header, now)}
	switch v := q.validators; {
	case resp.StatusCode == http.StatusNotModified && v != (feeds.Validators{}):
		doc.Unchanged = true
		if doc.Validators.ETag == "" {
			doc.Validators.ETag = v.ETag
		}
		if doc.Validators.LastModified == "" {
			doc.Validators.LastModified = v.LastModified
		}
		return doc, nil
	case resp.StatusCode != http.StatusOK:
		return feeds.Document{}, &StatusError{Code: resp.StatusCode, RetryAfter: retryAfter(resp.Header, now), URL: feeds.Redact(base),
			Away: !samePlace(remember, resp.Request.URL)}
	}
	body, cut, err := c.read(ctx, resp, held)
	if err != nil {
		return feeds.Document{}, err
	}
	if doc.Body = body; cut != nil { // a 304 to these would hide for good what did not come
		doc.Cut, doc.CutBy, doc.Validators, doc.Fresh = true, c.words(ctx, cut), feeds.Validators{}, time.Time{}
	}
	return doc, nil
}

// follow asks, and asks again where it is sent, until there is an answer. remember is where the permanent redirects led before the
// first one that is not.
func (c *Client) follow(ctx context.Context, address string, q question, k *clock) (resp *http.Response, remember string, err error) {
	at, err := parse(address)
	if err != nil {
		return nil, "", err
	}
	seen := map[string]bool{}
	remember, permanent, secret := address, true, len(q.header) > 0 || at.User != nil
	for range maxRedirects + 1 {
		if resp, err = c.ask(ctx, at, q, k); err != nil {
			return nil, "", err
		}
		next, err := location(resp)
		if err != nil || next == nil {
			return resp, remember, err
		}
		_, _ = io.CopyN(io.Discard, resp.Body, maxRedirectDoc) // its page is nothing to us, whole or broken
		resp.Body.Close()
		home := sameOwner(at, next)
		if home {
			next.User = at.User
		} else {
			q.header = nil // and not again, even if a later redirect leads back
		}
		permanent = permanent && (resp.StatusCode == http.StatusMovedPermanently || resp.StatusCode == http.StatusPermanentRedirect)
		if permanent = permanent && (home || !secret); permanent {
			remember = next.String()
		}
		if seen[at.String()] = true; seen[next.String()] {
			return nil, "", errLoop
		}
		at = next
	}
	return nil, "", errRedirects
}

// ask sends one request when its turn at the host has come, which lasts until the answer's body is closed. The transport, used without
// an http.Client around it, adds neither Referer nor cookies and follows nothing.
func (c *Client) ask(ctx context.Context, u *url.URL, q question, k *clock) (*http.Response, error) {
	if err := c.mayAsk(ctx, u); err != nil {
		return nil, err
	}
	if q.may != nil {
		k.stop() // what it asks has a time of its own
		err := q.may(ctx, u)
		k.run()
		if err != nil {
			return nil, err
		}
	}
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
	leave, err := c.seats.take(ctx, net.JoinHostPort(strings.ToLower(u.Hostname()), port(u)), k)
	if err != nil {
		return nil, err
	}
	resp, err := c.transport.RoundTrip(r)
	if err != nil {
		leave()
		return nil, err
	}
	resp.Body = seated{resp.Body, leave}
	return resp, nil
}

// seated is a body whose end gives a seat at the host back.
type seated struct {
	io.ReadCloser
	leave func()
}

func (s seated) Close() error {
	err := s.ReadCloser.Close()
	s.leave()
	return err
}

// samePlace says whether an address is where u is, but for what is never sent.
func samePlace(address string, u *url.URL) bool {
	a, err := url.Parse(address)
	return err == nil && a.Scheme == u.Scheme && a.Host == u.Host && a.EscapedPath() == u.EscapedPath()
}

// location is where resp sends on to; nil if it does not.
func location(resp *http.Response) (*url.URL, error) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	to := resp.Header.Get("Location")
	if to == "" {
		return nil, nil
	}
	ref, err := url.Parse(to)
	if err != nil {
		resp.Body.Close()
		return nil, errors.New("redirected to an unreadable address")
	}
	next := resp.Request.URL.ResolveReference(ref)
	next.User, next.Fragment, next.RawFragment = nil, "", "" // a redirect gives nobody credentials
	if err := allowed(next); err != nil {
		resp.Body.Close()
		return nil, fmt.Errorf("redirected: %w", err)
	}
	return next, nil
}

// sameOwner says whether what is meant for a may go to b: the same origin, or its move from http to https.
func sameOwner(a, b *url.URL) bool {
	if !strings.EqualFold(a.Hostname(), b.Hostname()) {
		return false
	}
	upgrade := a.Scheme == "http" && b.Scheme == "https" && port(a) == "80" && port(b) == "443"
	return upgrade || a.Scheme == b.Scheme && port(a) == port(b)
}

// escapeQuery makes of a query that was written by hand one that can stand in a request line.
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

// validators are those of h, byte for byte; one that could not be sent back is none.
func validators(h http.Header) feeds.Validators {
	usable := func(s string) string {
		if len(s) > maxValidator || !httpguts.ValidHeaderFieldValue(s) {
			return ""
		}
		return s
	}
	return feeds.Validators{ETag: usable(h.Get("ETag")), LastModified: usable(h.Get("Last-Modified"))}
}
