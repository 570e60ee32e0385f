package translate

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"
)

// Wire posts JSON to one service for an engine, a call at a time: once, with the key in no address, and no more read than makes sense.
type Wire struct {
	engine string
	key    string
	hc     *http.Client
}

// NewWire returns the wire of the engine of that name in the config file. It asks through hc and follows no redirect, whatever hc
// would: a key goes nowhere else. The key, empty where the service wants none, is what no error repeats.
func NewWire(engine, key string, hc *http.Client) Wire {
	still := *hc
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return Wire{engine, key, &still}
}

// Answer is what a service sent back, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // at most maxAnswerBytes
}

// maxAnswerBytes is the most of an answer that is read: a hundred times the largest call.
const maxAnswerBytes = 4 << 20

// Post sends body, which is JSON, to address. An error is an *Error: there was no whole answer, or one over the cap.
func (w Wire) Post(ctx context.Context, address string, header http.Header, body []byte) (Answer, error) {
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return Answer{}, w.Broken(err, false)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := w.hc.Do(req)
	if err != nil {
		return Answer{}, w.Broken(err, sent.Load())
	}
	defer res.Body.Close()
	data, err := io.ReadAll(http.MaxBytesReader(nil, res.Body, maxAnswerBytes))
	a := Answer{res.StatusCode, res.Header, data}
	if a.Status != http.StatusOK { // what it means stands in its status: a body that ends early changes nothing
		return a, nil
	}
	if tooBig := new(http.MaxBytesError); errors.As(err, &tooBig) {
		return Answer{}, w.Useless(Malformed, "answer over the cap")
	}
	if err != nil {
		return Answer{}, w.Broken(err, true)
	}
	return a, nil
}

// Broken is a call that got no whole answer. Once the request was on its way it may have been billed.
func (w Wire) Broken(err error, sent bool) *Error {
	if u := new(url.Error); errors.As(err, &u) {
		err = u.Err // without the address
		if u.Op == "parse" {
			err = errors.New("unreadable address") // what url.Parse says repeats parts of it
		}
	}
	return &Error{Kind: Transient, Engine: w.engine, Billed: sent, Err: err}
}

// Useless is an answer of status 200 that is of no use: it was billed all the same.
func (w Wire) Useless(k Kind, code string) *Error {
	return &Error{Kind: k, Engine: w.engine, Status: http.StatusOK, Code: code, Billed: true}
}

// Refusal is what an answer's status means with most services: a vendor's own codes and words, where they say more, come first.
func (w Wire) Refusal(a Answer) *Error {
	err := &Error{Engine: w.engine, Status: a.Status, RetryAfter: RetryAfter(a.Header)}
	switch s := a.Status; {
	case s == http.StatusTooManyRequests:
		err.Kind = Transient
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		err.Kind = Auth
	case s == http.StatusRequestEntityTooLarge || s == http.StatusRequestURITooLong:
		err.Kind = TooLarge
	case s >= 500 || s == http.StatusRequestTimeout: // of a gateway that gave up waiting, the work may have been done
		err.Kind, err.Billed = Transient, s == http.StatusBadGateway || s == http.StatusGatewayTimeout || s == http.StatusRequestTimeout
	case s >= 300 && s < 400:
		err.Kind, err.Code = Unsupported, "redirected"
	default: // an unknown model, language or field: asking again would not help
		err.Kind = Unsupported
	}
	return err
}

var shortWord = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

// Word is a vendor's code if it is fit for an error: a short word, and not the key. Else it is empty.
func (w Wire) Word(code string) string {
	if code == w.key || !shortWord.MatchString(code) {
		return ""
	}
	return code
}

// RetryAfter reads a Retry-After, in seconds or as a date, or Retry-After-Ms; 0: not said.
func RetryAfter(h http.Header) time.Duration {
	if ms, err := strconv.Atoi(h.Get("Retry-After-Ms")); err == nil {
		return time.Duration(min(max(ms, 0), 1<<31)) * time.Millisecond
	}
	v := h.Get("Retry-After")
	if n, err := strconv.Atoi(v); err == nil {
		return time.Duration(min(max(n, 0), 1<<31)) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
