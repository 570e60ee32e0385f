// Package enginetest holds every engine to its contract: one suite of tests, run over faithful local fakes of the vendors' services.
//
// A Fake checks what it is sent as strictly as the service does, refuses what is over its limits, bills in characters, fails when told
// to, and answers in made-up English: Arabic words become Latin ones, while tags, digits, names and punctuation stay. Tests of what
// uses engines (the aggregator, the command) ask it in the service's place.
package enginetest

import (
	"bytes"
	"crypto/rsa"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

// Fault is how one request goes wrong. Fields may be combined as far as they make sense; the zero Fault is none.
type Fault struct {
	Status int                     // answered in place of the translation, with Body
	Header map[string]string       // added to the answer
	Body   string                  // of the answer, in place of the right one
	Delay  time.Duration           // before the answer
	Hang   bool                    // no answer at all, until the client goes away
	Stall  bool                    // half of the answer, and no more until the client goes away
	Drip   bool                    // a character of the answer now and then, until the client goes away
	Reset  bool                    // half of the answer, then the connection breaks
	Huge   int                     // bytes of JSON that never ends well
	Texts  func([]string) []string // changes the translations before they are written down: drops one, doubles one
	Say    func(string) string     // chat: changes the content that the model gives
	Finish string                  // chat: finish_reason
	Refuse string                  // chat: the message's refusal
}

// Request is what a Fake was sent.
type Request struct {
	Method, Path, Query string
	Header              http.Header
	Body                []byte
	Texts               []string      // read from Body
	Codec               segment.Codec // that Texts are said to be in
	Chars               int64         // of Texts, in the service's unit
	Status              int           // of the answer; 0: none was given
	Sent                int           // bytes of a Huge answer that the client took, as far as is known
}

// Fake is a local server with one vendor's wire. Set its fields before the first request.
type Fake struct {
	URL         string            // what the engine is configured with
	Key         string            // the right API key, of Google v3 the access token that it gives out; empty: the service wants none
	Credentials string            // of Google v3: the JSON of a service account
	Reference   map[string]string // real translations: source without markup ⇒ target; others are made up
	Unit        translate.Unit    // what the service counts; 0: code points
	MaxTexts    int               // most texts a request; 0: no limit
	MaxChars    int64             // most Units of a request's texts; 0: no limit
	MaxBody     int               // most bytes of a request; 0: no limit
	Reported    string            // the model that answers name; empty: the one asked for

	wire   wire
	signer *rsa.PublicKey // of Google v3's Credentials
	srv    *httptest.Server

	mu       sync.Mutex
	requests []*Request
	faults   map[int]Fault
	billed   int64
}

// call is a request as a wire understands it.
type call struct {
	texts []string
	codec segment.Codec
	model string // asked for; in answers, that reported
	ids   []int  // chat: of texts
	to    string // Azure: the language asked for

	glossary bool // Google v3: one was asked for
}

// refusal is an answer in a vendor's own words.
type refusal struct {
	status int
	body   string
	header map[string]string
}

// wire is one vendor's manner.
type wire struct {
	path  string // of the call
	key   func(*Request) string
	read  func(f *Fake, q *Request) (call, *refusal)
	write func(f *Fake, c call, texts []string, ft Fault) []byte
	meter func(c call, text string) string     // the part of a text that is billed; nil: all of it
	head  func(billed int64) map[string]string // of an answer; nil: none
	large func(f *Fake) *refusal               // to a request over the limits
	deny  func() *refusal                      // to a wrong key
	rows  []row                                // failures, and what they mean
}

// row is one failure of a service and what an engine is to make of it.
type row struct {
	name   string
	fault  Fault
	kind   translate.Kind
	wait   time.Duration
	billed bool
}

// start opens f until the test ends.
func start(t testing.TB, f *Fake) *Fake {
	t.Helper()
	f.faults = map[int]Fault{}
	f.srv = httptest.NewServer(http.HandlerFunc(f.serve))
	f.URL = f.srv.URL
	t.Cleanup(func() {
		f.srv.CloseClientConnections() // hanging requests end
		f.srv.Close()
	})
	return f
}

// Client is an HTTP client for f, without cookies, redirects to follow or limits of its own.
func (f *Fake) Client() *http.Client { return f.srv.Client() }

// Fault makes the n-th request (from 1) go wrong; n 0: every request that has no fault of its own.
func (f *Fake) Fault(n int, ft Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[n] = ft
}

// Requests are those that came, in order, but those for access tokens.
func (f *Fake) Requests() (out []Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, q := range f.requests {
		out = append(out, *q)
	}
	return out
}

// Billed is the characters of the texts that were translated and not failed, as the service counts and bills them.
func (f *Fake) Billed() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.billed
}

// maxRequest is the most that a fake reads, in bytes: far above any service's limit.
const maxRequest = 8 << 20

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return // the client broke off
	}
	if r.URL.Path == "/token" && f.Credentials != "" {
		f.token(w, body)
		return
	}
	q := &Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone(), Body: body}
	f.mu.Lock()
	f.requests = append(f.requests, q)
	ft, own := f.faults[len(f.requests)]
	if !own {
		ft = f.faults[0]
	}
	f.mu.Unlock()
	time.Sleep(ft.Delay)
	if ft.Hang {
		<-r.Context().Done()
		return
	}
	status, header, answer := f.answer(q, ft)
	f.mu.Lock()
	q.Status = status
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	for k, v := range header {
		w.Header().Set(k, v)
	}
	if ft.Huge > 0 {
		f.flood(w, q, ft.Huge)
		return
	}
	send(w, r, status, answer, ft)
}

// answer is what q is answered, in f's order of looking at it: the address, the key, the form, the fault, the limits.
func (f *Fake) answer(q *Request, ft Fault) (int, map[string]string, []byte) {
	no := func(r *refusal) (int, map[string]string, []byte) {
		header := maps.Clone(r.header)
		if header == nil {
			header = map[string]string{}
		}
		maps.Copy(header, ft.Header)
		return r.status, header, []byte(r.body)
	}
	switch {
	case q.Path != f.wire.path:
		return no(&refusal{status: http.StatusNotFound, body: "{}"})
	case q.Method != http.MethodPost:
		return no(&refusal{status: http.StatusMethodNotAllowed, body: "{}"})
	case f.wire.key(q) != f.Key:
		return no(f.wire.deny())
	case q.Header.Get("Content-Type") != "application/json":
		return no(&refusal{status: http.StatusUnsupportedMediaType, body: `{}`})
	}
	c, bad := f.wire.read(f, q)
	q.Texts, q.Codec = c.texts, c.codec
	var bill int64
	for _, s := range c.texts {
		q.Chars += f.Unit.Count(s)
		if s == "" && bad == nil {
			bad = &refusal{status: http.StatusBadRequest, body: `{"error":"empty text"}`}
		}
		bill += f.bill(c, s)
	}
	switch {
	case bad != nil:
		return no(bad)
	case ft.Status != 0:
		return no(&refusal{status: ft.Status, body: ft.Body})
	case f.MaxTexts > 0 && len(c.texts) > f.MaxTexts || f.MaxChars > 0 && q.Chars > f.MaxChars || f.MaxBody > 0 && len(q.Body) > f.MaxBody:
		return no(f.wire.large(f))
	}
	f.mu.Lock()
	f.billed += bill
	f.mu.Unlock()
	if ft.Body != "" {
		return no(&refusal{status: http.StatusOK, body: ft.Body})
	}
	out := make([]string, len(c.texts))
	for i, s := range c.texts {
		out[i] = f.translate(s, c.codec)
	}
	if ft.Texts != nil {
		out = ft.Texts(out)
	}
	if f.Reported != "" {
		c.model = f.Reported
	}
	right := &refusal{status: http.StatusOK, body: string(f.wire.write(f, c, out, ft))}
	if f.wire.head != nil {
		right.header = f.wire.head(bill)
	}
	return no(right)
}

// bill is what one text of c costs.
func (f *Fake) bill(c call, text string) int64 {
	if f.wire.meter != nil {
		text = f.wire.meter(c, text)
	}
	return f.Unit.Count(text)
}

// send writes an answer, or as much of it as ft lets through.
func send(w http.ResponseWriter, r *http.Request, status int, answer []byte, ft Fault) {
	if ft.Drip {
		for i := 0; r.Context().Err() == nil; i = min(i+1, len(answer)-2) { // the last one never comes
			_, _ = w.Write(answer[i : i+1])
			_ = http.NewResponseController(w).Flush()
			time.Sleep(20 * time.Millisecond)
		}
		return
	}
	if !ft.Stall && !ft.Reset {
		w.WriteHeader(status)
		_, _ = w.Write(answer)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	w.WriteHeader(status)
	_, _ = w.Write(answer[:len(answer)/2])
	_ = http.NewResponseController(w).Flush()
	if ft.Stall {
		<-r.Context().Done()
	}
	panic(http.ErrAbortHandler) // breaks the connection, as net/http has it
}

// flood writes n bytes of a JSON string without end, or as many as the client takes.
func (f *Fake) flood(w http.ResponseWriter, q *Request, n int) {
	const block = 1 << 16
	next := []byte(`{"x":"`)
	for sent := 0; sent < n; sent += block {
		if _, err := w.Write(next); err != nil {
			return
		}
		f.mu.Lock()
		q.Sent = sent
		f.mu.Unlock()
		next = bytes.Repeat([]byte("a"), block)
	}
}
