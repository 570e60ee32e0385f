package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
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

type failure struct {
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }
