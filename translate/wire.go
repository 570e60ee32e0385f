package translate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"
)

// Wire sends an engine's calls to its service as JSON over HTTP. It makes one request a call, keeps
// the key out of addresses and errors, and caps what it reads.
type Wire struct {
	engine string
	key    string
	hc     *http.Client
}

// NewWire returns the wire of the engine of that name in the config file. It calls through hc,
// follows no redirect, so that the key reaches no other host, and never puts key into an error.
func NewWire(engine, key string, hc *http.Client) Wire {
	direct := *hc
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return Wire{engine, key, &direct}
}

// Answer is what a service sent back, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // at most maxAnswerBytes
}

// maxAnswerBytes is a hundred times the size of the answer to the largest call.
const maxAnswerBytes = 4 << 20

// Ask posts question as JSON and decodes a 200 answer into result, which decodes whatever came by itself if it
// is a json.Unmarshaler; refusal turns any other answer into an error. Every error that Ask returns is an
// *Error.
func (w Wire) Ask(ctx context.Context, address string, header http.Header, question, result any,
	refusal func(Answer) *Error) (Answer, error) {
	body, err := json.Marshal(question)
	if err != nil {
		return Answer{}, w.Broken(err, false)
	}
	a, err := w.post(ctx, address, header, body)
	if err != nil {
		return Answer{}, err
	}
	if a.Status != http.StatusOK {
		return Answer{}, refusal(a)
	}
	if a.Failed() != http.StatusOK {
		a.Status = a.Failed()
		e := refusal(a)
		e.Billed = false
		return Answer{}, e
	}
	if own, ok := result.(json.Unmarshaler); ok {
		err = own.UnmarshalJSON(a.Body)
	} else {
		err = json.Unmarshal(a.Body, result)
	}
	switch {
	case err == nil:
		return a, nil
	case a.Page():
		return Answer{}, w.WebPage()
	}
	return Answer{}, w.UnexpectedJSON()
}

// Failed returns the status of a, or the one that an error object in it stands for: gateways send those
// with status 200, as in spring-ai issue 6908 and dify issue 9197.
func (a Answer) Failed() int {
	var body struct {
		Error any `json:"error"`
	}
	if !bytes.Contains(a.Body, []byte(`"error"`)) || json.Unmarshal(a.Body, &body) != nil || body.Error == nil ||
		body.Error == "" || body.Error == false {
		return a.Status
	}
	object, _ := body.Error.(map[string]any)
	if code, _ := object["code"].(float64); code >= 400 && code < 600 {
		return int(code)
	}
	return http.StatusInternalServerError
}

// Page reports whether a is an HTML page: a login page or a gateway's.
func (a Answer) Page() bool { return bytes.HasPrefix(bytes.TrimSpace(a.Body), []byte("<")) }

func (w Wire) post(ctx context.Context, address string, header http.Header, body []byte) (Answer, error) {
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return Answer{}, w.Broken(err, false)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	maps.Copy(req.Header, header)
	res, err := w.hc.Do(req)
	if err != nil {
		return Answer{}, w.Broken(err, sent.Load())
	}
	defer res.Body.Close()
	data, err := io.ReadAll(http.MaxBytesReader(nil, res.Body, maxAnswerBytes))
	a := Answer{res.StatusCode, res.Header, data}
	if a.Status != http.StatusOK { // the status says enough, even if the body ends early
		return a, nil
	}
	if errors.As(err, new(*http.MaxBytesError)) {
		return Answer{}, w.TooLong()
	}
	if err != nil {
		return Answer{}, w.Broken(err, true)
	}
	return a, nil
}

// Broken reports a call that got no complete answer. The vendor may have billed it if the request
// was sent.
func (w Wire) Broken(err error, sent bool) *Error {
	for u := new(url.Error); errors.As(err, &u); {
		err = u.Err // drop the address
		if u.Op == "parse" {
			err = errors.New("unreadable address") // url.Parse's own error repeats parts of it
		}
	}
	return &Error{Kind: Transient, Engine: w.engine, Billed: sent, Err: err}
}

// Useless reports an answer of status 200 that cannot be used. The vendor has billed it all the
// same.
func (w Wire) Useless(k Kind, code string) *Error {
	return &Error{Kind: k, Engine: w.engine, Status: http.StatusOK, Code: code, Billed: true}
}

// WebPage reports a page of status 200. The service did not answer, so it billed nothing.
func (w Wire) WebPage() *Error {
	return &Error{Kind: Malformed, Engine: w.engine, Status: http.StatusOK, Code: "a web page"}
}

// UnexpectedJSON reports an answer that is not JSON of the expected form.
func (w Wire) UnexpectedJSON() *Error { return w.Useless(Malformed, "unexpected JSON") }

// TooLong reports an answer over maxAnswerBytes.
func (w Wire) TooLong() *Error { return w.Useless(Malformed, "answer over 4 MB") }

// Miscounted reports an answer with another number of translations than texts were sent.
func (w Wire) Miscounted(translations, texts int) *Error {
	kind := Miscounted
	if translations == 0 || texts == 1 { // calls for one text each would not help
		kind = Malformed
	}
	return w.Useless(kind, fmt.Sprintf("got %d translations for %d texts", translations, texts))
}

// Refusal returns the error that an answer's status means with most services. Engines refine it by
// the vendor's own codes.
func (w Wire) Refusal(a Answer) *Error {
	err := &Error{Kind: Unsupported, Engine: w.engine, Status: a.Status, RetryAfter: RetryAfter(a.Header)}
	switch s := a.Status; {
	case s == http.StatusTooManyRequests:
		err.Kind = Transient
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		err.Kind = Auth
	case s == http.StatusRequestEntityTooLarge || s == http.StatusRequestURITooLong:
		err.Kind = TooLarge
	case s == http.StatusBadGateway || s == http.StatusGatewayTimeout || s == http.StatusRequestTimeout:
		err.Kind, err.Billed = Transient, true // a gateway gave up waiting: the work may have been done
	case s >= 500:
		err.Kind = Transient
	case s >= 300 && s < 400:
		err.Code = "redirected"
	}
	return err
}

var shortWord = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

// Word returns a vendor's code if an error may show it: a short word that is not the key. Otherwise
// it returns "".
func (w Wire) Word(code string) string {
	if code == w.key || !shortWord.MatchString(code) {
		return ""
	}
	return code
}

// RetryAfter reads Retry-After, in seconds or as a date, or Retry-After-Ms. It returns 0 if the
// header has neither.
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
