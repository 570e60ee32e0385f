package google

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"cloud.google.com/go/auth"
	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/googleapi"

	"github.com/nashra/nashra/translate"
)

// failure is err of Google's client in our words: nothing of the answer but its reason goes on.
func (e *Engine) failure(err error, sent bool) error {
	out := &translate.Error{Engine: e.cfg.Name}
	var (
		unsigned *tokenError
		answer   *googleapi.Error
		tooBig   *http.MaxBytesError
	)
	switch {
	case errors.As(err, &unsigned): // no call was made
		unsigned.classify(out)
	case errors.As(err, &answer):
		classify(out, answer)
	case errors.As(err, &tooBig):
		out.Kind, out.Code, out.Status, out.Billed = translate.Malformed, "answer over the cap", http.StatusOK, true
	case cut(err):
		out.Kind, out.Billed, out.Err = translate.Transient, sent, bare(err)
	default: // status 200 and no JSON of the expected form: the parser's words may repeat it
		out.Kind, out.Code, out.Billed = translate.Malformed, "no JSON of the expected form", true
	}
	if out.Code == e.cfg.Key && out.Code != "" {
		out.Code = ""
	}
	return out
}

// Words by which Google says what its statuses do not.
var (
	tooLarge = regexp.MustCompile(`(?i)too (long|large|many)|exceeds? the|codepoints|payload size`)
	rate     = regexp.MustCompile(`(?i)user rate limit|rateLimitExceeded|per minute|RATE_LIMIT_EXCEEDED`)
	quota    = regexp.MustCompile(`(?i)daily limit|dailyLimitExceeded|per day|quotaExceeded`)
	badKey   = regexp.MustCompile(`(?i)api key not valid|API_KEY_INVALID|keyInvalid|api key expired`)
	word     = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)
)

func classify(out *translate.Error, answer *googleapi.Error) {
	reason, wait := details(answer)
	said := answer.Message + " " + reason
	out.Status, out.RetryAfter = answer.Code, max(wait, translate.RetryAfter(answer.Header))
	if word.MatchString(reason) {
		out.Code = reason
	}
	switch s := answer.Code; {
	case (s == http.StatusForbidden || s == http.StatusTooManyRequests) && quota.MatchString(said):
		out.Kind = translate.Quota
	case s == http.StatusTooManyRequests || s == http.StatusForbidden && rate.MatchString(said):
		out.Kind = translate.Transient
	case s == http.StatusUnauthorized || s == http.StatusForbidden || s == http.StatusBadRequest && badKey.MatchString(said):
		out.Kind = translate.Auth
	case s == http.StatusRequestEntityTooLarge || s == http.StatusBadRequest && tooLarge.MatchString(said):
		out.Kind = translate.TooLarge
	case s >= 500 || s == http.StatusRequestTimeout: // of a gateway that gave up waiting, the work may have been done
		out.Kind, out.Billed = translate.Transient, s == http.StatusBadGateway || s == http.StatusGatewayTimeout || s == http.StatusRequestTimeout
	case s >= 300 && s < 400:
		out.Kind, out.Code = translate.Unsupported, "redirected"
	default:
		out.Kind = translate.Unsupported
	}
}

// details are the reason and the time to wait that an answer gives: v2 in errors[], v3 in details[].
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

// tokenError is a request that could not be signed.
type tokenError struct{ err error }

func (e *tokenError) Error() string { return e.err.Error() }

func (e *tokenError) classify(out *translate.Error) {
	var answer *auth.Error
	switch {
	case errors.As(e.err, &answer) && answer.Response != nil:
		out.Kind, out.Code, out.Status = translate.Auth, "no token for these credentials", answer.Response.StatusCode
		if answer.Temporary() {
			out.Kind, out.Code = translate.Transient, "no token at present"
		}
	case cut(e.err):
		out.Kind, out.Err = translate.Transient, bare(e.err)
	default: // a key that cannot be read, say: the error may repeat it
		out.Kind, out.Code = translate.Auth, "credentials cannot be used"
	}
}

// cut says whether err is a connection's end, or the context's, before there was a whole answer.
func cut(err error) bool {
	var network net.Error // of which *url.Error is one
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.Canceled) || errors.As(err, &network)
}

// bare is err without the addresses that it was met at, one in the other where a token was asked for.
func bare(err error) error {
	for u := new(url.Error); errors.As(err, &u); {
		err = u.Err
	}
	return err
}
