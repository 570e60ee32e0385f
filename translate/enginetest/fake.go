// Package enginetest holds every engine to its contract: one test suite, run over faithful local
// fakes of the vendors' services.
//
// A Fake is written from the vendor's documentation, whose pages its comment names: it refuses what
// the service refuses and every field that the pages do not list, enforces the limits, bills in the
// vendor's unit and fails when told to. It answers in made-up English: Arabic words become Latin ones;
// tags, digits, names and punctuation stay. Tests of the aggregator and of the command use the fakes, too.
package enginetest

import (
	"bytes"
	"crypto/rsa"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

// Fault says how a request goes wrong. Fields may be combined where that makes sense. The zero
// Fault is none.
type Fault struct {
	Status int                     // sent instead of the translation, with Body
	Header map[string]string       // added to the answer
	Body   string                  // sent instead of the right body
	Delay  time.Duration           // before the answer
	Hang   bool                    // no answer until the client disconnects
	Stall  bool                    // half of the answer, then nothing until the client disconnects
	Drip   bool                    // a character of the answer now and then, until the client disconnects
	Reset  bool                    // half of the answer, then the connection breaks
	Huge   int                     // size of an endless JSON string, in bytes
	Texts  func([]string) []string // changes the translations before they are encoded, e.g. drops one
	Say    func(string) string     // chat: changes the model's content
	Parts  bool                    // chat: the content is a list of parts, thoughts first
	JSON   bool                    // chat: the content is not encoded as a string
	Tail   string                  // added to the answer
	Stream bool                    // chat: the answer is a stream of events
	Finish string                  // chat: finish_reason
	Whole  bool                    // chat: the content is whole though Finish is "length"
	Refuse string                  // chat: the message's refusal
	Word   string                  // only for requests with a text that holds it; not with Delay, Hang and Huge
}

// Request is a request that a Fake received.
type Request struct {
	Method, Path, Query string
	Header              http.Header
	Body                []byte
	Texts               []string      // decoded from Body
	Codec               segment.Codec // of Texts, as the request says
	Chars               int64         // of Texts, in the service's unit
	Status              int           // of the answer; 0: no answer
	Sent                int           // bytes of a Huge answer that the client read
}

// Fake is a local server that speaks one vendor's protocol. Set its fields before the first
// request.
type Fake struct {
	URL         string            // for the engine's settings
	Key         string            // the right API key, or Google v3's access token; empty: the service wants none
	Credentials string            // Google v3: the JSON of a service account
	Reference   map[string]string // real translations by source without markup; others are made up
	Unit        translate.Unit    // unit that the service counts
	MaxTexts    int               // texts a request, at most; 0: no limit
	MaxChars    int64             // Units a request, at most; 0: no limit
	MaxBody     int               // bytes a request, at most; 0: no limit
	Reported    string            // model that answers name; empty: the requested one

	wire    wire
	forbids func(fields map[string]any) *refusal // chat: refuses fields of a request; nil: none
	signer  *rsa.PublicKey                       // public key of Credentials
	srv     *httptest.Server

	mu       sync.Mutex
	requests []*Request
	faults   map[int]Fault
	billed   int64
}

// call is a decoded request.
type call struct {
	texts []string
	codec segment.Codec
	model string // requested; in an answer, reported
	ids   []int  // chat: of texts
	to    string // Azure: the requested language

	glossary bool // Google v3: the request names a glossary
	shows    bool // DeepL: the answer says what was billed
	thinks   bool // chat: the model was not told not to
}

// refusal is an error answer of a vendor.
type refusal struct {
	status int
	body   string
	header map[string]string
}

// wire is one vendor's protocol.
type wire struct {
	path  string // of the call; a pattern of path.Match
	kind  string // Content-Type that the vendor asks for; empty: application/json
	key   func(*Request) string
	read  func(f *Fake, q *Request) (call, *refusal)
	write func(f *Fake, c call, texts []string, ft Fault) []byte
	meter func(c call, text string) string     // billed part of a text; nil: all of it
	head  func(billed int64) map[string]string // headers of an answer; nil: none
	large func(f *Fake) *refusal               // answer to a request over the limits
	deny  func(*Request) *refusal              // answer to a wrong key
	odd   func(status int) *refusal            // answer to a wrong method (405) or content (415); nil: that status
	rows  []row                                // failures and their meaning
}

// row is a failure of a service and the error that an engine must make of it.
type row struct {
	name   string
	fault  Fault
	kind   translate.Kind
	wait   time.Duration
	billed bool
}

// start runs f until the test ends.
func start(t testing.TB, f *Fake) *Fake {
	t.Helper()
	f.faults = map[int]Fault{}
	f.srv = httptest.NewServer(http.HandlerFunc(f.serve))
	f.URL = f.srv.URL
	t.Cleanup(func() {
		f.srv.CloseClientConnections() // ends hanging requests
		f.srv.Close()
	})
	return f
}

// Client returns an HTTP client for f.
func (f *Fake) Client() *http.Client { return f.srv.Client() }

// Fault makes the n-th request, from 1, go wrong; n 0 stands for all requests without a fault of
// their own.
func (f *Fake) Fault(n int, ft Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[n] = ft
}

// Requests returns the requests in order, without those for access tokens.
func (f *Fake) Requests() (out []Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, q := range f.requests {
		out = append(out, *q)
	}
	return out
}

// Billed returns the billed characters of all translated texts, in the service's unit.
func (f *Fake) Billed() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.billed
}

// maxRequest is the most bytes that a fake reads, far above any service's limit.
const maxRequest = 8 << 20

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return // the client disconnected
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

// answer returns the answer to q. It checks the address, the key, the form, the fault and the
// limits, in that order.
func (f *Fake) answer(q *Request, ft Fault) (int, map[string]string, []byte) {
	no := func(r *refusal) (int, map[string]string, []byte) {
		header := maps.Clone(r.header)
		if header == nil {
			header = map[string]string{}
		}
		maps.Copy(header, ft.Header)
		return r.status, header, []byte(r.body)
	}
	odd := f.wire.odd
	if odd == nil {
		odd = func(status int) *refusal { return &refusal{status: status, body: "{}"} }
	}
	kind := orElse(f.wire.kind, "application/json")
	switch here, err := path.Match(f.wire.path, q.Path); {
	case !here || err != nil:
		return no(&refusal{status: http.StatusNotFound, body: "{}"})
	case q.Method != http.MethodPost:
		return no(odd(http.StatusMethodNotAllowed))
	case f.wire.key(q) != f.Key:
		return no(f.wire.deny(q))
	case !strings.EqualFold(q.Header.Get("Content-Type"), kind):
		return no(odd(http.StatusUnsupportedMediaType))
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
	if !slices.ContainsFunc(c.texts, func(s string) bool { return strings.Contains(s, ft.Word) }) {
		ft = Fault{}
	}
	switch {
	case bad != nil:
		return no(bad)
	case ft.Status != 0:
		return no(&refusal{status: ft.Status, body: ft.Body})
	case f.MaxTexts > 0 && len(c.texts) > f.MaxTexts || f.MaxChars > 0 && q.Chars > f.MaxChars ||
		f.MaxBody > 0 && len(q.Body) > f.MaxBody:
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
	right := &refusal{status: http.StatusOK, body: string(f.wire.write(f, c, out, ft)) + ft.Tail}
	if f.wire.head != nil {
		right.header = f.wire.head(bill)
	}
	return no(right)
}

// bill returns the billed characters of one text of c.
func (f *Fake) bill(c call, text string) int64 {
	if f.wire.meter != nil {
		text = f.wire.meter(c, text)
	}
	return f.Unit.Count(text)
}

// send writes as much of an answer as ft allows.
func send(w http.ResponseWriter, r *http.Request, status int, answer []byte, ft Fault) {
	if ft.Drip {
		for i := 0; r.Context().Err() == nil; i = min(i+1, len(answer)-2) { // the last character is never sent
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
	panic(http.ErrAbortHandler) // makes net/http break the connection
}

// flood writes n bytes of an endless JSON string, or as many as the client reads.
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
