package enginetest

import (
	"context"
	"crypto/rsa"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

func (s suite) refusals(t *testing.T) {
	rows := s.fake(t).wire.rows
	if len(rows) == 0 {
		t.Fatal("no rows")
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			f, e := s.start(t)
			f.Fault(1, r.fault)
			_, err := e.Translate(within(t), ask(e, segment.Plain, "خبر"))
			failure := failed(t, f, e, err, r.kind)
			if failure.RetryAfter != r.wait {
				t.Errorf("wait %v, want %v", failure.RetryAfter, r.wait)
			}
			if failure.Billed != r.billed {
				t.Errorf("billed %v, want %v", failure.Billed, r.billed)
			}
			if want := r.fault.Status; want != 0 && failure.Status != want {
				t.Errorf("status %d, want %d", failure.Status, want)
			}
			once(t, f)
		})
	}
}

// gateways checks that the status alone decides when a gateway fails, since it does not use the
// service's errors.
func (s suite) gateways(t *testing.T) {
	for status, want := range map[int]struct {
		kind   translate.Kind
		billed bool // the service may have done the work
	}{
		401: {translate.Auth, false}, 403: {translate.Auth, false}, 408: {translate.Transient, true},
		413: {translate.TooLarge, false},
		429: {translate.Transient, false}, 500: {translate.Transient, false}, 502: {translate.Transient, true},
		503: {translate.Transient, false},
		504: {translate.Transient, true}, 404: {translate.Unsupported, false},
	} {
		for _, body := range []string{"<html><head><title>SECRET</title></head></html>", " "} {
			f, e := s.start(t)
			f.Fault(1, Fault{Status: status, Body: body, Header: map[string]string{"Content-Type": "text/html",
				"Retry-After": "5"}})
			_, err := e.Translate(within(t), ask(e, segment.Plain, "خبر"))
			failure := failed(t, f, e, err, want.kind)
			if failure.Billed != want.billed || failure.Status != status || failure.RetryAfter != 5*time.Second ||
				strings.Contains(err.Error(), "SECRET") {
				t.Errorf("status %d: billed %v, after %v: %v", status, failure.Billed, failure.RetryAfter, err)
			}
			once(t, f)
		}
	}
}

func (s suite) date(t *testing.T) {
	f, e := s.start(t)
	f.Fault(1,
		Fault{Status: 503,
			Header: map[string]string{"Retry-After": time.Now().Add(40 * time.Second).UTC().Format(http.TimeFormat)}})
	_, err := e.Translate(within(t), ask(e, segment.Plain, "خبر"))
	if w := failed(t, f, e, err, translate.Transient).RetryAfter; w < 30*time.Second || w > 40*time.Second {
		t.Errorf("wait %v, want about 40 s", w)
	}
}

func (s suite) wrongKey(t *testing.T) {
	f, e := s.start(t)
	if f.Key == "" {
		t.Skip("the service wants no key")
	}
	right := f.Key
	if f.Credentials == "" {
		f.Key = "another"
	} else {
		f.signer = &rsa.PublicKey{N: f.signer.N, E: 3} // the sign-in service refuses
	}
	_, err := e.Translate(within(t), ask(e, segment.Plain, "خبر"))
	_ = failed(t, f, e, err, translate.Auth)
	if strings.Contains(err.Error(), right) {
		t.Errorf("the key is in %v", err)
	}
}

// counts checks that an answer with another number of texts is unusable.
func (s suite) counts(t *testing.T) {
	for name, change := range map[string]func([]string) []string{
		"one fewer":  func(x []string) []string { return x[:len(x)-1] },
		"one more":   func(x []string) []string { return append(x, "extra") },
		"one of all": func(x []string) []string { return []string{strings.Join(x, ",")} }, // DeepL/deepl-node issue 66
	} {
		f, e := s.start(t)
		f.Fault(1, Fault{Texts: change})
		_, err := e.Translate(within(t), ask(e, segment.Plain, "خبر", "نبأ", "سبق"))
		kind := translate.Miscounted
		if e.Limits().Codec == segment.Tagged {
			kind = translate.Malformed
		}
		if failure := failed(t, f, e, err, kind); !failure.Billed {
			t.Errorf("%s: not billed", name)
		}
	}
}

// rubbish checks answers of status 200 that make no sense.
func (s suite) rubbish(t *testing.T) {
	html := map[string]string{"Content-Type": "text/html"}
	for name, ft := range map[string]Fault{
		"HTML":     {Body: "<html><body>Please sign in to the hotel's network: SECRET</body></html>", Header: html},
		"garbage":  {Body: "\x00\x01\x02{{{"},
		"nothing":  {Body: " "},
		"null":     {Body: "null"},
		"no texts": {Body: "{}"},
		"numbers":  {Body: `{"translatedText":[1],"data":{"translations":[1]},"translations":[1],"choices":[1]}`},
		"too much": {Huge: 64 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			f, e := s.start(t)
			f.Fault(1, ft)
			_, err := e.Translate(within(t), ask(e, segment.Plain, "خبر"))
			// a page is not the service's, but any other answer may have been work
			if failure := failed(t, f, e, err, translate.Malformed); failure.Billed != (name != "HTML") {
				t.Errorf("billed %v", failure.Billed)
			}
			if strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "hotel") {
				t.Errorf("repeats the answer: %v", err)
			}
			if sent := f.Requests()[0].Sent; sent > 32<<20 { // the cap, plus socket buffers
				t.Errorf("took %d bytes of an answer", sent)
			}
			once(t, f)
		})
	}
}

func (s suite) brokenOff(t *testing.T) {
	f, e := s.start(t)
	f.Fault(1, Fault{Reset: true})
	_, err := e.Translate(within(t), ask(e, segment.Plain, "خبر"))
	if failure := failed(t, f, e, err, translate.Transient); !failure.Billed {
		t.Error("not billed, while the service has done its work")
	}
	once(t, f)
}

// redirect checks that the key goes to no other host.
func (s suite) redirect(t *testing.T) {
	var visits atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer other.Close()
	for _, status := range []int{302, 307, 308} {
		f, e := s.start(t)
		f.Fault(1, Fault{Status: status, Header: map[string]string{"Location": other.URL + "/elsewhere"}})
		_, err := e.Translate(within(t), ask(e, segment.Plain, "خبر"))
		_ = failed(t, f, e, err, translate.Unsupported)
		once(t, f)
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func (s suite) nobody(t *testing.T) {
	f, e := s.start(t)
	f.srv.Close()
	_, err := e.Translate(within(t), ask(e, segment.Plain, "خبر"))
	if failure := failed(t, f, e, err, translate.Transient); failure.Billed {
		t.Error("billed, though nothing was sent")
	}
}

// cancelled checks cancellation before the call, while it waits and during the answer.
func (s suite) cancelled(t *testing.T) {
	for name, ft := range map[string]*Fault{"before": nil, "waiting": {Hang: true}, "reading": {Stall: true}} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			f := s.fake(t)
			defer f.srv.Close()
			defer f.Client().CloseIdleConnections()
			e := s.engine(t, f)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if ft == nil {
				cancel()
			} else {
				f.Fault(1, *ft)
				go func() {
					for len(f.Requests()) == 0 && ctx.Err() == nil {
						time.Sleep(10 * time.Millisecond)
					}
					time.AfterFunc(100*time.Millisecond, cancel)
				}()
			}
			began := time.Now()
			_, err := e.Translate(ctx, ask(e, segment.Plain, "خبر"))
			failure := failed(t, f, e, err, translate.Transient)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("returned after %v", took)
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v is not %v", err, context.Canceled)
			}
			if failure.Billed != (ft != nil) {
				t.Errorf("billed %v", failure.Billed)
			}
		})
	}
}
