// Package fetch makes one polite, safe, conditional GET: what a server said in answer to a feed's address, within limits of bytes
// and time, and never from a private network. Its Client also makes the HTTP clients of translation engines, so that there is one
// place where connections are opened.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"time"

	"code.dny.dev/ssrf"
	"golang.org/x/net/http/httpguts"
	"golang.org/x/sync/semaphore"

	"github.com/nashra/nashra/feeds"
)

// Options are the limits of a Client. The zero value works: its limits are those of the config file's defaults.
type Options struct {
	Timeout      time.Duration // of a whole request with its redirects and its body; 0: 30 s
	MaxBody      int64         // bytes, after decoding; 0: 15 MB
	AllowPrivate bool          // let sources stand in private, loopback and reserved networks
	Proxy        string        // http, https or socks5 address; empty: none, whatever the environment says
	UserAgent    string        // a contact, added to our own User-Agent; empty: none
	Version      string        // of the program, for the User-Agent; empty: "devel"
	PerHost      int           // most requests to one host (host:port) at once, redirects included; 0: 2

	Now func() time.Time // what answers are dated by; nil: the clock
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
	proxied   bool           // a proxy dials: targets are checked before it is asked
	timeout   time.Duration
	maxBody   int64
	agent     string
	codecs    codecs
	room      *room
	seats     seats
	now       func() time.Time

	mu      sync.Mutex
	engines []*http.Transport // for CloseIdle
}

// New makes a Client. It fails on a proxy address or a contact that cannot be used.
func New(o Options) (*Client, error) {
	c := &Client{timeout: o.Timeout, maxBody: o.MaxBody, now: o.Now, seats: seats{each: int64(o.PerHost), host: map[string]*hostSeats{}}}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.maxBody <= 0 {
		c.maxBody = defaultMaxBody
	}
	if c.seats.each <= 0 {
		c.seats.each = defaultPerHost
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.room, c.codecs.turn = newRoom(c.maxBody), semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0)))
	if !o.AllowPrivate {
		c.guard = ssrf.New(ssrf.WithAnyPort()) // feeds on odd ports are common enough
	}
	var err error
	if c.agent, err = agent(o.Version, o.UserAgent); err != nil {
		return nil, err
	}
	proxy, err := proxyURL(o.Proxy)
	if err != nil {
		return nil, err
	}
	c.proxied = proxy != nil
	dialGuard := c.guard
	if c.proxied {
		dialGuard = nil // the proxy is the operator's choice, and often private
	}
	c.transport = newTransport(dialGuard)
	c.transport.Proxy = http.ProxyURL(proxy)
	c.transport.DisableCompression = true // the codings are ours to offer and to decode, under caps
	return c, nil
}

// agent names the program, where to read of it, and whom to write to.
func agent(version, contact string) (string, error) {
	if version == "" {
		version = "devel"
	}
	a := "nashra/" + strings.Join(strings.Fields(version), "_") + " (+" + home
	if contact != "" {
		a += "; " + contact
	}
	if a += ")"; !httpguts.ValidHeaderFieldValue(a) {
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

// Beside has seat asked for a place at a host (host:port) before each request to it, redirects included, once there is one among
// PerHost of this Client: for processes that share what a host may be asked at once. seat may wait, which is not counted as the server's
// time; leave gives the place back. To be called before the Client is used.
func (c *Client) Beside(seat func(ctx context.Context, host string) (leave func(), err error)) {
	c.seats.beside = seat
}

// CloseIdle closes the connections that wait for another request.
func (c *Client) CloseIdle() {
	c.transport.CloseIdleConnections()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.engines {
		t.CloseIdleConnections()
	}
}
