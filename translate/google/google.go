// Package google is the engine for Google Cloud Translation: v3 with credentials, v2 with an API
// key.
package google

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nashra/nashra/translate"
)

// host serves v2.
const host = "https://translation.googleapis.com"

// TypeName is the type of the engine's entries in the config file.
const TypeName = "google"

// Type describes the engine type.
func Type() translate.EngineType {
	return translate.EngineType{
		Name:    TypeName,
		Address: func(s translate.Settings) string { return cmp.Or(s.URL, host) },
		New: func(ctx context.Context, s translate.Settings, hc *http.Client) (translate.Engine, error) {
			return New(ctx, s, hc)
		},
	}
}

// Engine speaks to one project of Google Cloud Translation. With a Key it speaks v2, otherwise v3 with
// Credentials or those that the machine has by default. v3 also uses Project (empty: the credentials' own),
// Location (empty: that of a Glossary or Model with a full name, else global) and Glossary, which is an id in
// the project and location or a full name. An empty Model is Google's choice, nmt; v3 takes "general/nmt" or
// a full name.
type Engine struct {
	cfg      translate.Settings
	advanced *advanced // nil: v2
	wire     translate.Wire
}

// New returns an Engine that calls through hc and follows no redirect. It fails if there are no readable
// credentials; it makes no call.
func New(ctx context.Context, cfg translate.Settings, hc *http.Client) (e *Engine, err error) {
	e = &Engine{cfg: cfg, wire: translate.NewWire(cfg.Name, cfg.Key, hc)}
	switch {
	case cfg.Key == "":
		e.advanced, err = newAdvanced(ctx, cfg, hc)
	case cfg.Glossary != "":
		err = errors.New("a glossary needs credentials: v2, which takes a key, has no glossaries")
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

// Limits are Google's 128 strings (v3: 1,024) a request, and below its 100 KB (v3: 30,000 code points):
// it advises at most 5,000 code points.
func (e *Engine) Limits() translate.Limits {
	segments := 1024
	if e.advanced == nil {
		segments = 128
	}
	return translate.Limits{
		Segments:  segments,
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
func (e *Engine) Translate(ctx context.Context, r translate.Request) (res translate.Response, err error) {
	if e.advanced == nil {
		res, err = e.basic(ctx, r)
	} else {
		var sent atomic.Bool
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
		if res, err = e.advanced.translate(ctx, r); err != nil {
			err = e.failure(err, sent.Load())
		}
	}
	if err == nil && len(res.Texts) != len(r.Segments) {
		err = e.wire.Miscounted(len(res.Texts), len(r.Segments))
	}
	if err != nil {
		return translate.Response{}, err
	}
	return res, nil
}

// basic makes one call of v2.
func (e *Engine) basic(ctx context.Context, r translate.Request) (res translate.Response, err error) {
	question := struct {
		Q      []string `json:"q"`
		Source string   `json:"source"`
		Target string   `json:"target"`
		Format string   `json:"format"`
		Model  string   `json:"model,omitempty"`
	}{r.Segments, r.Pair.From, r.Pair.To, form(r.Codec, "text", "html"), e.cfg.Model}
	var answer struct {
		Data struct {
			Translations []struct {
				Text  string `json:"translatedText"`
				Model string `json:"model"`
			} `json:"translations"`
		} `json:"data"`
	}
	address := strings.TrimSuffix(cmp.Or(e.cfg.URL, host), "/") + "/language/translate/v2"
	_, err = e.wire.Ask(ctx, address, http.Header{"X-Goog-Api-Key": {e.cfg.Key}}, question, &answer, e.basicRefusal)
	for _, t := range answer.Data.Translations {
		res.Texts = append(res.Texts, t.Text)
		res.Model = t.Model
	}
	return res, err
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

// transport signs the requests of Google's client and caps their answers.
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
	if err != nil {
		return nil, err
	}
	res.Body = http.MaxBytesReader(nil, res.Body, maxAnswer)
	if res.StatusCode != http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	a := translate.Answer{Status: res.StatusCode, Body: data}
	if err == nil && a.Page() {
		err = errPage
	}
	if err != nil {
		return nil, err
	}
	res.StatusCode, res.Body = a.Failed(), io.NopCloser(bytes.NewReader(data))
	return res, nil
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
