package chat

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nashra/nashra/translate"
)

// maxAnswer is the most of an answer that is read, in bytes: a hundred times the largest call.
const maxAnswer = 4 << 20

// post sends body as JSON, once, and returns the answer's body where its status is 200.
func (e *Engine) post(ctx context.Context, body request) ([]byte, error) {
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	payload, err := encode(body)
	if err != nil {
		return nil, e.broken(err, false)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.address, bytes.NewReader(payload))
	if err != nil {
		return nil, e.broken(err, false)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if e.cfg.Key != "" {
		req.Header.Set("Authorization", "Bearer "+e.cfg.Key)
	}
	res, err := e.hc.Do(req)
	if err != nil {
		return nil, e.broken(err, sent.Load())
	}
	defer res.Body.Close()
	data, err := io.ReadAll(http.MaxBytesReader(nil, res.Body, maxAnswer))
	if res.StatusCode != http.StatusOK {
		return nil, e.refusal(res, data)
	}
	if tooBig := new(http.MaxBytesError); errors.As(err, &tooBig) {
		return nil, e.fail(translate.Malformed, "answer over the cap")
	}
	if err != nil {
		return nil, e.broken(err, true)
	}
	return data, nil
}

// broken is a call that got no whole answer. Once the request was on its way it may have been billed.
func (e *Engine) broken(err error, sent bool) error {
	if u := new(url.Error); errors.As(err, &u) {
		err = u.Err // without the address
		if u.Op == "parse" {
			err = errors.New("unreadable address") // what url.Parse says repeats parts of it
		}
	}
	return &translate.Error{Kind: translate.Transient, Engine: e.cfg.Name, Billed: sent, Err: err}
}

// ambiguous are the statuses of a gateway that gave up waiting: what stands behind it may have done the work.
func ambiguous(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusGatewayTimeout || status == http.StatusRequestTimeout
}

// retryAfter reads Retry-After, in seconds or as a date, or OpenAI's retry-after-ms; 0: not said.
func retryAfter(h http.Header) time.Duration {
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
