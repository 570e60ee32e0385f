package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"code.dny.dev/ssrf"

	"github.com/nashra/nashra/feeds"
)

// StatusError is a response without a document.
type StatusError struct {
	Code       int           // HTTP status
	RetryAfter time.Duration // how long the server asks to wait, at most 24 h; 0: it does not say
	URL        string        // that responded, redacted
	Away       bool          // URL is another page than the one asked for, reached by a temporary redirect
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("fetch %s: status %d", e.URL, e.Code)
	if name := http.StatusText(e.Code); name != "" {
		text += " (" + name + ")"
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf(", asks to wait %s", e.RetryAfter)
	}
	return text
}

// failure is an error whose text names the redacted address and repeats nothing that the server
// sent: a broken server may echo the request with its secrets.
type failure struct {
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }

func (c *Client) failed(ctx context.Context, address string, err error) error {
	var status *StatusError
	if errors.As(err, &status) {
		return err
	}
	return &failure{"fetch " + feeds.Redact(address) + ": " + c.describe(ctx, err), err}
}

// describe returns err as text for people, without what the server sent.
func (c *Client) describe(ctx context.Context, err error) string {
	text, _, _ := strings.Cut(err.Error(), `"`) // net/http quotes what it received
	var protocol textproto.ProtocolError
	switch {
	case prohibited(err):
		return "its address is private or reserved: refused (fetch.allow_private would let it through)"
	case errors.As(err, &protocol):
		return "malformed header"
	case errors.Is(context.Cause(ctx), errSlow):
		return fmt.Sprintf("no whole answer within %s (fetch.timeout)", c.timeout)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return strings.Replace(text, io.ErrUnexpectedEOF.Error(), "ended early", 1)
	}
	return strings.TrimRight(text, " :")
}

// prohibited reports whether the guard refused an address.
func prohibited(err error) bool {
	return errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedNetwork)
}

// Class returns the kind of an error of Get, for statistics: "status 404", refused, timeout, unknown
// host, tls, cut, large, redirects, connection, or "" for any other.
func Class(err error) string {
	var status *StatusError
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var op *net.OpError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &status):
		return fmt.Sprintf("status %d", status.Code)
	case prohibited(err):
		return "refused"
	case errors.Is(err, errSlow), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.As(err, &dns):
		return "unknown host"
	case errors.As(err, &cert):
		return "tls"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "cut"
	case errors.Is(err, errTooLarge):
		return "large"
	case errors.Is(err, errRedirects), errors.Is(err, errLoop):
		return "redirects"
	case errors.As(err, &op), errors.Is(err, io.EOF):
		return "connection"
	}
	return ""
}
