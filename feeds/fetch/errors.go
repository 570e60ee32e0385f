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

	"github.com/nashra/nashra/feeds"
)

// StatusError is an answer that holds no document.
type StatusError struct {
	Code       int           // HTTP status
	RetryAfter time.Duration // how long the server asks to be left alone, at most 24 h; 0: it did not say
	URL        string        // who said so, redacted
	Away       bool          // it was said by another place, where a redirect led that is not for good
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

// failure is err with the address it belongs to, redacted, in words that hold nothing of what the server sent: a broken server
// may repeat the request, secrets and all.
func (c *Client) failure(ctx context.Context, address string, err error) error {
	var status *StatusError
	if errors.As(err, &status) {
		return err
	}
	return &failure{"fetch " + feeds.Redact(address) + ": " + c.words(ctx, err), err}
}

// words say what err is.
func (c *Client) words(ctx context.Context, err error) string {
	text, _, _ := strings.Cut(err.Error(), `"`) // net/http puts what it was sent in quotes
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

// Class is what an error of Get's is in one word, for people who count: "status 404", refused, timeout, name (the host's is not known), tls,
// cut, large, redirects, connection; empty: none of these.
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
	case errors.Is(err, errSlow), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.As(err, &dns):
		return "name"
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

type failure struct {
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }
