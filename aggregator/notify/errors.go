package notify

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
)

// Error says why a message was not sent.
type Error struct {
	// The service refuses this message for what it holds: sending it again is of no use.
	Final bool
	// The target failed, not the message: other messages would fail now, too.
	Target bool
	// How long the service asks to wait, at most a day. Zero: it does not say.
	RetryAfter time.Duration
	// What the operator can do. Empty: wait.
	Hint string

	text  string
	code  string // the service's own, where a sender looks at it
	cause error
}

func (e *Error) Error() string {
	if e.RetryAfter > 0 {
		return fmt.Sprintf("%s, asks to wait %s", e.text, e.RetryAfter)
	}
	return e.text
}

func (e *Error) Unwrap() error { return e.cause }

// Mistake is what is wrong with a target in the config file. It quotes nothing of it.
type Mistake struct {
	Key     string // of the target: url or secret
	Problem string // follows the key: "is missing"
	Hint    string // what to write
}

func (m *Mistake) Error() string { return m.Key + " " + m.Problem }

var errSlow = errors.New("too slow")

// failed returns err, which kept the answer of a service from arriving.
func (s *Sender) failed(ctx context.Context, err error) *Error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) { // drop the address, which holds secrets
		err = wrapped.Err
	}
	text, _, _ := strings.Cut(err.Error(), `"`) // net/http quotes what it received
	e := &Error{Target: true, cause: err}
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &authority):
		text, e.Hint = "an unknown authority signed its certificate",
			"name a file with the authority's in SSL_CERT_FILE"
	case strings.Contains(text, "server gave HTTP response to HTTPS client"):
		e.Hint = "it speaks no TLS: write http://, with ntfy scheme=http, with Matrix disableTLS=yes, or another port"
	case errors.Is(context.Cause(ctx), errSlow):
		text = "no answer within " + sendTime.String()
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		text = "no answer in time"
	}
	if text = s.clean(strings.TrimRight(text, " :")); text == "" {
		text = "no connection"
	}
	e.text = s.host + ": " + text
	return e
}

// hints say what the operator can do about a status.
var hints = map[int]string{
	http.StatusUnauthorized: "check the token or the password in the target's url",
	http.StatusForbidden:    "check that the token in the target's url may write there",
	http.StatusNotFound:     "check the target's url",
	http.StatusGone:         "the address is used no more: write the new one as the target's url",
}

// refused returns the error of an answer. said is the service's own word for it, and may be empty.
func (s *Sender) refused(a answer, said string) *Error {
	e := &Error{Hint: hints[a.code], RetryAfter: fetch.RetryAfter(a.header, time.Now()), Target: true,
		Final: a.code == http.StatusRequestEntityTooLarge}
	switch a.code {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		e.Target = false
	}
	e.text = fmt.Sprintf("%s: status %d", s.host, a.code)
	if name := http.StatusText(a.code); name != "" {
		e.text += " (" + name + ")"
	}
	if a.ok() { // Slack's errors have the status 200
		e.text = s.host + ": refused"
	}
	if a.code/100 == 3 {
		e.Hint = "redirects are not followed: write the address that it leads to"
	}
	return s.adding(e, said)
}

// adding adds to e what the service said.
func (s *Sender) adding(e *Error, said string) *Error {
	if said = s.clean(said); said != "" {
		e.text += ": " + said
	}
	return e
}

// maxSaid is how many graphemes of a service's word for an error are told: the longest of Telegram's
// that say what is wrong have about a hundred.
const maxSaid = 160

// clean returns a text from outside on one line, or nothing if it repeats a secret.
func (s *Sender) clean(text string) string {
	for _, secret := range s.secrets {
		if strings.Contains(text, secret) {
			return ""
		}
	}
	return feeds.Shorten(oneLine(text), maxSaid)
}
