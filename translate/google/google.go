// Package google is the engine for Google Cloud Translation: v3 with credentials, v2 with an API
// key.
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

// Engine speaks to one project of Google Cloud Translation. With a Key it speaks v2, otherwise v3 with
// Credentials or those that the machine has by default. v3 also uses Project (empty: the credentials' own),
// Location (empty: global) and Glossary, which is an id in the project and location or a full name. An
// empty Model is Google's choice, nmt; v3 takes "general/nmt" or a full name.
type Engine struct {
	cfg  translate.Settings
	api  api
	wire translate.Wire // makes the errors; Google's client makes the calls
}

// api is one version of the API. Its errors are those of Google's client.
type api interface {
	translate(ctx context.Context, r translate.Request) (translate.Response, error)
	maxStrings() int // a call
}

// New returns an Engine that calls through hc and follows no redirect. It fails if there are no readable
// credentials; it makes no call.
func New(ctx context.Context, cfg translate.Settings, hc *http.Client) (e *Engine, err error) {
	e = &Engine{cfg: cfg, wire: translate.NewWire(cfg.Name, cfg.Key, hc)}
	switch {
	case cfg.Key == "":
		e.api, err = newV3(ctx, cfg, hc)
	case cfg.Glossary != "":
		err = errors.New("a glossary needs credentials: v2, which takes a key, has no glossaries")
	default:
		e.api, err = newV2(ctx, cfg, hc)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// ID names the engine; the revision is that of the codec, and names the account's glossary.
func (e *Engine) ID() translate.Identity {
	id := translate.Identity{Engine: e.cfg.Name, Model: e.cfg.Model, Revision: "html-1"}
	if e.cfg.Glossary != "" {
		id.Revision += ", glossary " + e.cfg.Glossary
	}
	return id
}

// Limits are below Google's 30,000 code points a request; it advises at most 5,000.
func (e *Engine) Limits() translate.Limits {
	return translate.Limits{
		Segments:  e.api.maxStrings(),
		Size:      4500,
		Unit:      translate.Runes,
		Codec:     translate.HTML,
		Mixed:     true,
		Parallel:  4,
		Timeout:   30 * time.Second,
		PerMinute: 6_000_000, // the default of a project
	}
}

// Translate makes one call.
func (e *Engine) Translate(ctx context.Context, r translate.Request) (translate.Response, error) {
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	res, err := e.api.translate(ctx, r)
	if err != nil {
		return translate.Response{}, e.failure(err, sent.Load())
	}
	if len(res.Texts) != len(r.Segments) {
		return translate.Response{}, e.wire.Miscounted(len(res.Texts), len(r.Segments))
	}
	return res, nil
}

// form returns text or html, the API's names of the two forms, as c is plain or not.
func form(c translate.Codec, text, html string) string {
	if c == translate.Plain {
		return text
	}
	return html
}

// maxAnswer is the most of an answer that is read, in bytes: over fifty times the largest call's.
const maxAnswer = 4 << 20

// transport signs requests and caps answers. It puts keys into headers: Google's clients would put
// an API key into the address, and so into errors.
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

// client returns hc with a signature on every request.
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
