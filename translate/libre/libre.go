// Package libre is the engine for a LibreTranslate server.
package libre

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/nashra/nashra/translate"
)

// Config of an Engine.
type Config struct {
	Name string // in the config file
	URL  string // of the server, without /translate
	Key  string // empty: the server wants none
}

// Engine speaks to one LibreTranslate server.
type Engine struct {
	cfg Config
	hc  *http.Client
}

// New returns an Engine that asks through hc; it follows no redirect, whatever hc would.
func New(cfg Config, hc *http.Client) *Engine {
	still := *hc
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Engine{cfg, &still}
}

// ID names the engine; the revision is that of the codec.
func (e *Engine) ID() translate.Identity {
	return translate.Identity{Engine: e.cfg.Name, Revision: "html-1"}
}

// Limits are our own: a server sets none unless its operator does, and then says so by a refusal that halves the call.
func (e *Engine) Limits() translate.Limits {
	return translate.Limits{
		Segments: 50,     // a request of the size of an article, so that a failure costs no more
		Size:     10_000, // about half a minute of work for a server without a GPU
		Unit:     translate.Runes,
		Codec:    translate.HTML,
		Mixed:    true,
		Literal:  true, // the server unescapes its whole HTML answer: text that looks like markup would become markup
		Free:     true,
		Parallel: 2,
		Timeout:  5 * time.Minute, // on a small machine
	}
}

type request struct {
	Q      []string `json:"q"`
	Source string   `json:"source"`
	Target string   `json:"target"`
	Format string   `json:"format"`
	APIKey string   `json:"api_key,omitempty"`
}

// Translate makes one call.
func (e *Engine) Translate(ctx context.Context, r translate.Request) (translate.Response, error) {
	format := "html"
	if r.Codec == translate.Plain {
		format = "text"
	}
	data, err := e.post(ctx, request{r.Segments, r.Pair.From, r.Pair.To, format, e.cfg.Key})
	if err != nil {
		return translate.Response{}, err
	}
	var answer struct {
		TranslatedText []string `json:"translatedText"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return translate.Response{}, e.fail(translate.Malformed, "no JSON of the expected form")
	}
	if len(answer.TranslatedText) != len(r.Segments) {
		return translate.Response{}, e.fail(translate.Malformed, "another number of texts than was sent")
	}
	return translate.Response{Texts: answer.TranslatedText}, nil
}

// fail is an answer of status 200 that is of no use. Nothing is billed here, yet the server has worked.
func (e *Engine) fail(k translate.Kind, code string) error {
	return &translate.Error{Kind: k, Engine: e.cfg.Name, Status: http.StatusOK, Code: code, Billed: true}
}

// refusal reads an answer of another status. The server's words stay here: only what they mean goes on.
func (e *Engine) refusal(res *http.Response, data []byte) error {
	var body struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(data, &body) // a proxy's error page is no JSON: the status says enough
	said := strings.ToLower(body.Error)
	err := &translate.Error{Engine: e.cfg.Name, Status: res.StatusCode, RetryAfter: retryAfter(res.Header)}
	switch s := res.StatusCode; {
	case s == http.StatusTooManyRequests || s == http.StatusForbidden && strings.Contains(said, "too many"):
		err.Kind, err.Code = translate.Transient, "too many requests"
	case s == http.StatusUnauthorized || s == http.StatusForbidden || s == http.StatusBadRequest && strings.Contains(said, "api key"):
		err.Kind = translate.Auth
	case s == http.StatusRequestEntityTooLarge || s == http.StatusBadRequest && strings.Contains(said, "limit"):
		err.Kind = translate.TooLarge
	case s >= 500 || s == http.StatusRequestTimeout:
		err.Kind, err.Billed = translate.Transient, ambiguous(s)
	case s >= 300 && s < 400:
		err.Kind, err.Code = translate.Unsupported, "redirected"
	default:
		err.Kind = translate.Unsupported
	}
	return err
}
