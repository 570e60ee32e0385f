// Package google is the engine for Google Cloud Translation: v3 with credentials, v2 with an API key.
package google

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/nashra/nashra/translate"
)

// Config of an Engine. Without a Key, Credentials are used, or where they are empty those that the machine has by default.
type Config struct {
	Name        string // in the config file
	Project     string // v3; empty: the one that the credentials name
	Location    string // v3; empty: global
	Model       string // empty: Google's choice, which is nmt; v3 takes "general/nmt" or a resource's whole name
	Glossary    string // v3; the id of one in the project and location, or its whole name; empty: none
	Key         string // of the API, for v2
	Credentials []byte // JSON of a service account or an authorised user
	Endpoint    string // scheme and host to ask instead of Google's; empty: Google's
}

// Engine speaks to one project of Google Cloud Translation.
type Engine struct {
	cfg  Config
	wire wire
}

// wire is one version of the API. Its error is as Google's client gives it.
type wire interface {
	translate(ctx context.Context, r translate.Request) (translate.Response, error)
	strings() int // most a call
}

// New returns an Engine that asks through hc; it follows no redirect, whatever hc would. An error means that there are no
// credentials, or none that can be read; it makes no call.
func New(ctx context.Context, cfg Config, hc *http.Client) (*Engine, error) {
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
