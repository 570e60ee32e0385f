package google

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"time"

	"cloud.google.com/go/auth"
	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/googleapi"

	"github.com/nashra/nashra/translate"
)

// basicRefusal classifies an answer of v2 of another status than 200.
func (e *Engine) basicRefusal(a translate.Answer) *translate.Error {
	err := googleapi.CheckResponse(&http.Response{StatusCode: a.Status, Header: a.Header,
		Body: io.NopCloser(bytes.NewReader(a.Body))})
	return e.failure(err, true)
}

// failure turns an error of Google's client into ours. Of the answer it passes on the reason alone.
func (e *Engine) failure(err error, sent bool) *translate.Error {
	var (
		unsigned *tokenError
		answer   *googleapi.Error
	)
	switch {
	case errors.As(err, &unsigned): // no call was made
		return e.unsigned(unsigned.err)
	case errors.As(err, &answer):
		return e.refusal(answer)
	case errors.As(err, new(*http.MaxBytesError)):
		return e.wire.TooLong()
	case errors.Is(err, errPage):
		return e.wire.WebPage()
	case cut(err):
		return e.wire.Broken(err, sent)
	}
	return e.wire.UnexpectedJSON() // the parser's own error may repeat the answer
}

// errPage says that a web page came with status 200.
var errPage = errors.New("a web page")

// Words by which Google says what its statuses do not.
var (
	tooLarge = regexp.MustCompile(`(?i)too (long|large|many)|exceeds? the|codepoints|payload size`)
	rate     = regexp.MustCompile(`(?i)user rate limit|rateLimitExceeded|per minute|RATE_LIMIT_EXCEEDED`)
	quota    = regexp.MustCompile(`(?i)daily limit|dailyLimitExceeded|per day|quotaExceeded`)
	badKey   = regexp.MustCompile(`(?i)api key not valid|API_KEY_INVALID|keyInvalid|api key expired`)
)

// refusal classifies an answer of another status than 200.
func (e *Engine) refusal(answer *googleapi.Error) *translate.Error {
	reason, wait := details(answer)
	said := answer.Message + " " + reason
	err := e.wire.Refusal(translate.Answer{Status: answer.Code, Header: answer.Header})
	err.RetryAfter = max(wait, err.RetryAfter)
	if err.Code == "" {
		err.Code = e.wire.Word(reason)
	}
	switch s := answer.Code; {
	case (s == http.StatusForbidden || s == http.StatusTooManyRequests) && quota.MatchString(said):
		err.Kind = translate.Quota
	case s == http.StatusForbidden && rate.MatchString(said):
		err.Kind = translate.Transient
	case s == http.StatusBadRequest && badKey.MatchString(said):
		err.Kind = translate.Auth
	case s == http.StatusBadRequest && tooLarge.MatchString(said):
		err.Kind = translate.TooLarge
	}
	return err
}

// details returns the reason and the time to wait that an answer gives: v2 in errors[], v3 in
// details[].
func details(answer *googleapi.Error) (reason string, wait time.Duration) {
	if api, ok := apierror.FromError(answer); ok {
		reason = api.Reason()
		if info := api.Details().RetryInfo; info != nil {
			wait = max(0, info.GetRetryDelay().AsDuration())
		}
	}
	if reason == "" && len(answer.Errors) > 0 {
		reason = answer.Errors[0].Reason
	}
	return reason, wait
}

// tokenError says that a request could not be signed.
type tokenError struct{ err error }

func (e *tokenError) Error() string { return e.err.Error() }

// unsigned classifies the reason why there is no token.
func (e *Engine) unsigned(err error) *translate.Error {
	var answer *auth.Error
	switch out := (&translate.Error{Kind: translate.Auth, Engine: e.cfg.Name}); {
	case errors.As(err, &answer) && answer.Response != nil:
		out.Code, out.Status = "no token for these credentials", answer.Response.StatusCode
		if answer.Temporary() {
			out.Kind, out.Code = translate.Transient, "no token at present"
		}
		return out
	case cut(err):
		return e.wire.Broken(err, false)
	default: // an unreadable key, for example; the error may repeat it
		out.Code = "credentials cannot be used"
		return out
	}
}

// cut reports whether err ended a connection, or the context, before there was a complete answer.
func cut(err error) bool {
	var network net.Error // a *url.Error is one
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.Canceled) || errors.As(err, &network)
}
