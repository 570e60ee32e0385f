package fetch

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

// Notifier makes the HTTP client of services that the operator chose as targets of messages: they may be
// private, and are reached through the proxy.
//
// Only connecting has a timeout, and bodies have no limit: both are the caller's. Errors are
// *url.Error with the whole address: unwrap them before printing.
func (c *Client) Notifier() *http.Client {
	t := newTransport(nil)
	t.Proxy = http.ProxyURL(c.proxy)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.engines = append(c.engines, t)
	return &http.Client{Transport: t}
}

// Dial connects to host:port, which may be private, through the proxy if there is one.
func (c *Client) Dial(ctx context.Context, address string) (net.Conn, error) {
	d := dialer(nil)
	if c.proxy == nil {
		return d.DialContext(ctx, "tcp", address)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*dialTimeout) // to the proxy, and from there
	defer cancel()
	if c.proxy.Scheme == "http" || c.proxy.Scheme == "https" {
		return c.tunnel(ctx, d, address)
	}
	p, err := proxy.FromURL(c.proxy, d)
	if err != nil {
		return nil, errors.New("fetch.proxy cannot be used") // its error may repeat the address
	}
	return p.(proxy.ContextDialer).DialContext(ctx, "tcp", address)
}

// tunnel asks an HTTP proxy to connect to address (RFC 9110, 9.3.6).
func (c *Client) tunnel(ctx context.Context, d *net.Dialer, address string) (net.Conn, error) {
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(c.proxy.Hostname(), port(c.proxy)))
	if err != nil {
		return nil, fmt.Errorf("fetch.proxy: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	if c.proxy.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: c.proxy.Hostname()})
	}
	err = c.askTunnel(conn, address)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("fetch.proxy: %w", err)
	}
	return conn, nil
}

func (c *Client) askTunnel(conn net.Conn, address string) error {
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address,
		Header: http.Header{}}
	if user := c.proxy.User; user != nil {
		password, _ := user.Password()
		credentials := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
		req.Header.Set("Proxy-Authorization", "Basic "+credentials)
	}
	if err := req.Write(conn); err != nil {
		return err
	}
	// Byte by byte: what follows the header is the other side's greeting.
	var header []byte
	for one := make([]byte, 1); !bytes.HasSuffix(header, []byte("\r\n\r\n")); header = append(header, one[0]) {
		if len(header) == maxHeader {
			return errors.New("its answer has too long a header")
		}
		if _, err := conn.Read(one); err != nil {
			return err
		}
	}
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(header)), req)
	if err != nil {
		return errors.New("its answer is not HTTP")
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("it refuses to connect to %s: status %d", address, res.StatusCode)
	}
	return nil
}
