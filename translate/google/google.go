// Package google is the engine for Google Cloud Translation: v3 with credentials, v2 with an API key.
package google

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/nashra/nashra/translate"
)

// Type describes the engine type.
func Type() translate.EngineType {
	return translate.EngineType{
		Name:    "google",
		Address: func(s translate.Settings) string { return cmp.Or(s.URL, "https://translation.googleapis.com") },
		New: func(ctx context.Context, s translate.Settings, hc *http.Client) (translate.Engine, error) {
			return New(ctx, s, hc)
		},
	}
}

// Engine speaks to one project of Google Cloud Translation.
type Engine struct {
	cfg  translate.Settings
	wire wire
}

// wire is one version of the API. Its error is as Google's client gives it.
type wire interface {
	translate(ctx context.Context, r translate.Request) (translate.Response, error)
	strings() int // most a call
}

// New returns an Engine that calls through hc and follows no redirect. With a Key it speaks v2; else v3 with Credentials, or with those
// that the machine has by default. v3 also uses Project (empty: the credentials' own), Location (empty: global) and Glossary, an id in
// the project and location or a whole name. Model is empty for Google's choice, nmt; v3 takes "general/nmt" or a whole name.
// New makes no call; it fails if there are no credentials or they cannot be read.
func New(ctx context.Context, cfg translate.Settings, hc *http.Client) (*Engine, error) {
	var err error
	e := &Engine{cfg: cfg}
	if cfg.Key != "" {
		if cfg.Glossary != "" {
			return nil, errors.New("a glossary needs credentials: v2, with a key, has none")
		}
		e.wire, err = newV2(ctx, cfg, hc)
	} else {
		e.wire, err = newV3(ctx, cfg, hc)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// ID names the engine; the revision is that of the codec, and names the glossary that Google adds.
func (e *Engine) ID() translate.Identity {
	id := translate.Identity{Engine: e.cfg.Name, Model: e.cfg.Model, Revision: "html-1"}
	if e.cfg.Glossary != "" {
		id.Revision += ", glossary " + e.cfg.Glossary
	}
	return id
}

// Limits are within Google's: 30,000 code points a request, of which it advises to use no more than 5,000.
func (e *Engine) Limits() translate.Limits {
	return translate.Limits{
		Segments:  e.wire.strings(),
		Size:      4500,
		Unit:      translate.Runes,
		Codec:     translate.HTML,
		Mixed:     true,
		Parallel:  4,
		Timeout:   30 * time.Second,
		PerMinute: 6_000_000, // what a project has by default
	}
}

// Translate makes one call.
func (e *Engine) Translate(ctx context.Context, r translate.Request) (translate.Response, error) {
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	res, err := e.wire.translate(ctx, r)
	if err != nil {
		return translate.Response{}, e.failure(err, sent.Load())
	}
	if len(res.Texts) != len(r.Segments) {
		return translate.Response{}, &translate.Error{Kind: translate.Malformed, Engine: e.cfg.Name, Status: http.StatusOK,
			Code: "another number of texts than was sent", Billed: true}
	}
	return res, nil
}

// form is what a version of the API calls the form of text that c is.
func form(c translate.Codec, text, html string) string {
	if c == translate.Plain {
		return text
	}
	return html
}

// maxAnswer is the most of an answer that is read, in bytes: over fifty times the largest call.
const maxAnswer = 4 << 20

// transport signs requests on their way and caps what comes back. Keys travel in headers alone: Google's clients would write an API
// key into the address, and so into errors.
type transport struct {
	next http.RoundTripper
	sign func(*http.Request) error
}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if err := t.sign(r); err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	res, err := t.next.RoundTrip(r)
	if err == nil {
		res.Body = http.MaxBytesReader(nil, res.Body, maxAnswer)
	}
	return res, err
}

// client is hc with a signature on every request.
func client(hc *http.Client, sign func(*http.Request) error) *http.Client {
	signed := *hc
	next := hc.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	signed.Transport = transport{next, sign}
	signed.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &signed
}
