// Package fetch makes one polite, safe, conditional GET of a feed or page, within limits of bytes
// and time, and never from a private network. Its Client also makes the HTTP clients of translation
// engines, so that connections are opened in one place.
package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"code.dny.dev/ssrf"
	"golang.org/x/net/http/httpguts"

	"github.com/nashra/nashra/feeds"
)

// Options are the limits of a Client. The zero value has the defaults of the config file.
type Options struct {
	Timeout      time.Duration // of a whole request with its redirects and its body; 0: 30 s
	MaxBody      int64         // bytes, after decoding; 0: 15 MB
	AllowPrivate bool          // let sources be in private, loopback and reserved networks
	Proxy        string        // http, https or socks5 URL; empty: none, even if the environment names one
	UserAgent    string        // a contact, added to our own User-Agent; empty: none
	Version      string        // of the program, for the User-Agent; empty: "devel"
	PerHost      int           // most requests to one host (host:port) at once, redirects included; 0: 2

	Now func() time.Time // dates responses; nil: time.Now
}

const (
	defaultTimeout = 30 * time.Second // fetch.timeout's default
	defaultMaxBody = 15_000_000       // fetch.max_body's default
	defaultPerHost = 2                // fetch.per_host's default
	home           = "https://github.com/nashra/nashra"
)

// Client gets documents. It is safe for concurrent use and keeps no cookies.
type Client struct {
	transport *http.Transport
	guard     *ssrf.Guardian // nil: any address may be dialled
	proxy     *url.URL       // dials, if it is not nil: check addresses before it is asked
	timeout   time.Duration
	maxBody   int64
	agent     string
	decoders  decoders
	budget    *budget
	hosts     hostLimits
	now       func() time.Time

	mu      sync.Mutex
	engines []*http.Transport // for CloseIdle
}

// New makes a Client. It fails on a proxy URL or a contact that cannot be used.
func New(o Options) (*Client, error) {
	c := &Client{
		timeout:  cmp.Or(max(o.Timeout, 0), defaultTimeout),
		maxBody:  cmp.Or(max(o.MaxBody, 0), defaultMaxBody),
		hosts:    newHostLimits(cmp.Or(max(o.PerHost, 0), defaultPerHost)),
		decoders: newDecoders(),
		now:      o.Now,
	}
	c.budget = newBudget(c.maxBody)
	if c.now == nil {
		c.now = time.Now
	}
	if !o.AllowPrivate {
		c.guard = ssrf.New(ssrf.WithAnyPort()) // some feeds are on odd ports
	}
	var err error
	if c.agent, err = agent(o.Version, o.UserAgent); err != nil {
		return nil, err
	}
	if c.proxy, err = proxyURL(o.Proxy); err != nil {
		return nil, err
	}
	dialGuard := c.guard
	if c.proxy != nil {
		dialGuard = nil // the operator chose the proxy, and it is often private
	}
	c.transport = newTransport(dialGuard)
	c.transport.Proxy = http.ProxyURL(c.proxy)
	c.transport.DisableCompression = true // we offer and decode content codings ourselves, within limits
	return c, nil
}

// agent returns our User-Agent: the program, its home page and a contact.
func agent(version, contact string) (string, error) {
	version = cmp.Or(strings.Join(strings.Fields(version), "_"), "devel")
	if contact != "" {
		contact = "; " + contact
	}
	a := "nashra/" + version + " (+" + home + contact + ")"
	if !httpguts.ValidHeaderFieldValue(a) {
		return "", errors.New("fetch.user_agent: has control characters")
	}
	return a, nil
}

func proxyURL(address string) (*url.URL, error) {
	if address == "" {
		return nil, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("fetch.proxy: %s is not an address", feeds.Redact(address))
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return u, nil
	}
	return nil, fmt.Errorf("fetch.proxy: scheme %q is not http, https or socks5", u.Scheme)
}

// LimitHostsBy adds a limit to PerHost that processes share. Each request, redirects included, calls
// acquire with its host:port; the wait does not count as the server's. Call it before any request.
func (c *Client) LimitHostsBy(acquire func(ctx context.Context, host string) (release func(), err error)) {
	c.hosts.further = acquire
}

// CloseIdle closes idle connections.
func (c *Client) CloseIdle() {
	c.transport.CloseIdleConnections()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.engines {
		t.CloseIdleConnections()
	}
}
