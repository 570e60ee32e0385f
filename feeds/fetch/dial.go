package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"code.dny.dev/ssrf"
)

const (
	dialTimeout = 10 * time.Second // for name look-up and handshake; a third of fetch.timeout's default
	idleTimeout = 30 * time.Second // passes are minutes apart: a connection serves one pass
	idlePerHost = 64               // more than fetch.per_host is likely to be
	maxIdle     = 128              // most hosts are asked once a pass: more open connections would not help
	maxHeader   = 256 << 10        // bytes of a response's header; browsers accept as much
)

// newTransport makes a transport that dials only what guard allows; nil allows all. The guard checks
// the address that is dialled, so a name cannot resolve to another one afterwards.
func newTransport(guard *ssrf.Guardian) *http.Transport {
	return &http.Transport{
		DialContext:            dialer(guard).DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    dialTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    idlePerHost,
		MaxResponseHeaderBytes: maxHeader,
	}
}

func dialer(guard *ssrf.Guardian) *net.Dialer {
	d := &net.Dialer{Timeout: dialTimeout}
	if guard != nil {
		d.Control = guard.Safe
	}
	return d
}

// checkTarget applies the guard before a proxy dials, which will resolve the name again. It refuses
// names that do not resolve here: they may belong to the proxy's network.
func (c *Client) checkTarget(ctx context.Context, u *url.URL) error {
	if c.proxy == nil || c.guard == nil {
		return nil
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return err
	}
	for _, a := range addrs {
		if err := c.guard.SafeAddr(a.Unmap().WithZone("")); err != nil {
			return err
		}
	}
	return nil
}

// Engine makes the HTTP client of a service whose API is at base, which may be private. Other hosts,
// such as a vendor's sign-in, are guarded like sources. The client uses no proxy and refuses
// redirects to another origin.
//
// Only connecting has a timeout, and bodies have no limit: both are the caller's. Errors are
// *url.Error with the whole address: unwrap them before printing.
func (c *Client) Engine(base string) (*http.Client, error) {
	u, err := parse(base)
	if err != nil {
		return nil, err
	}
	own := net.JoinHostPort(u.Hostname(), port(u))
	unguarded, guarded := dialer(nil), dialer(c.guard)
	t := newTransport(nil)
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == own {
			return unguarded.DialContext(ctx, network, address)
		}
		return guarded.DialContext(ctx, network, address)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.engines = append(c.engines, t)
	return &http.Client{Transport: t, CheckRedirect: sameOrigin}, nil
}

// sameOrigin refuses redirects that change more than the path.
func sameOrigin(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirects
	}
	first := via[0].URL
	if first.Scheme != r.URL.Scheme || first.Hostname() != r.URL.Hostname() || port(first) != port(r.URL) {
		return errors.New("redirected away from its own address: refused")
	}
	return nil
}

// parse parses an address and checks its scheme.
func parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("unreadable address") // the error of url.Parse repeats it
	}
	return u, checkScheme(u)
}

func checkScheme(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("scheme %.20q refused: only http and https", u.Scheme)
	case u.Hostname() == "":
		return errors.New("address without a host")
	}
	return nil
}

func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}
