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
	dialTimeout = 10 * time.Second // a name look-up and a handshake; a third of the default for the whole request
	idleTimeout = 30 * time.Second // passes are minutes apart: a connection is kept for the pass it was opened in
	idlePerHost = 64               // more than fetch.per_host is likely to be
	idleInAll   = 128              // most hosts are asked once a pass: keeping more open helps nobody
	maxHeader   = 256 << 10        // bytes of an answer's header; browsers take as much
)

// newTransport dials only what guard lets through; a nil guard lets everything. The address that is checked is the one that is
// dialled, so a name that resolves differently the second time gains nothing.
func newTransport(guard *ssrf.Guardian) *http.Transport {
	return &http.Transport{
		DialContext:            dialer(guard).DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    dialTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           idleInAll,
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

// mayAsk refuses, where a proxy would do the dialling, what the guard would have. The proxy resolves the name again, so this is
// weaker than a check at the socket; a name that cannot be resolved here is refused, for it may be one of the proxy's own network.
func (c *Client) mayAsk(ctx context.Context, u *url.URL) error {
	if !c.proxied || c.guard == nil {
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

// Engine makes the HTTP client for a service whose API stands at base. That host may be private, which is the operator's word;
// all others (where a vendor's sign-in stands, say) are guarded like sources. A redirect to another scheme, host or port is
// refused, no proxy is used, and nothing but connecting is limited in time: the caller's context bounds a call, and the caller caps
// the bodies it reads. The client's errors are *url.Error with the address whole: unwrap them before printing.
func (c *Client) Engine(base string) (*http.Client, error) {
	u, err := parse(base)
	if err != nil {
		return nil, err
	}
	own := net.JoinHostPort(u.Hostname(), port(u))
	free, guarded := dialer(nil), dialer(c.guard)
	t := newTransport(nil)
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == own {
			return free.DialContext(ctx, network, address)
		}
		return guarded.DialContext(ctx, network, address)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.engines = append(c.engines, t)
	return &http.Client{Transport: t, CheckRedirect: stay}, nil
}

// stay lets a redirect only change the path.
func stay(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirects
	}
	if first := via[0].URL; first.Scheme != r.URL.Scheme || first.Hostname() != r.URL.Hostname() || port(first) != port(r.URL) {
		return errors.New("redirected away from its own address: refused")
	}
	return nil
}

// parse reads an address that may be asked.
func parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("unreadable address") // what url.Parse says repeats it whole
	}
	return u, allowed(u)
}

func allowed(u *url.URL) error {
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

// prohibited says whether err is the guard's refusal.
func prohibited(err error) bool {
	return errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedNetwork)
}
