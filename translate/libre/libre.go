// Package libre is the engine for a LibreTranslate server.
package libre

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/translate"
)

// Type describes the engine type.
func Type() translate.EngineType {
	return translate.EngineType{
		Name:    "libretranslate",
		Needs:   []string{"url"},
		Address: func(s translate.Settings) string { return s.URL },
		New: func(_ context.Context, s translate.Settings, hc *http.Client) (translate.Engine, error) {
			return New(s, hc), nil
		},
	}
}

// Engine speaks to one LibreTranslate server.
type Engine struct {
	cfg  translate.Settings
	wire translate.Wire
}

// New returns an Engine that calls through hc. It uses URL, the server's address without
// /translate, and Key.
func New(cfg translate.Settings, hc *http.Client) *Engine {
	return &Engine{cfg, translate.NewWire(cfg.Name, cfg.Key, hc)}
}

// ID names the engine; the revision is that of the codec.
func (e *Engine) ID() translate.Identity {
	return translate.Identity{Engine: e.cfg.Name, Revision: "html-1"}
}

// Limits are our own. A server has none unless its operator sets them, and then it refuses a call,
// which is halved.
func (e *Engine) Limits() translate.Limits {
	return translate.Limits{
		Segments: 50,     // about an article: a failed call costs no more than that
		Size:     10_000, // about half a minute of work for a server without a GPU
		Unit:     translate.Runes,
		Codec:    translate.HTML,
		Mixed:    true,
		Literal:  true, // the server unescapes its HTML answer, so text that looks like markup would become markup
		Free:     true,
		Parallel: 2,
		Timeout:  5 * time.Minute, // for a small machine
	}
}

type request struct {
	Q      []string `json:"q"`
	Source string   `json:"source"`
	Target string   `json:"target"`
	Format string   `json:"format"`
	APIKey string   `json:"api_key,omitempty"`
}

// texts is a list of texts, or one text that is no list: some servers send that.
type texts []string

func (t *texts) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) != nil {
		return json.Unmarshal(b, (*[]string)(t))
	}
	*t = texts{one}
	return nil
}

// Translate makes one call.
func (e *Engine) Translate(ctx context.Context, r translate.Request) (translate.Response, error) {
	format := "html"
	if r.Codec == translate.Plain {
		format = "text"
	}
	segments := slices.Clone(r.Segments)
	for i, s := range segments {
		if r.Codec == translate.Plain && html.UnescapeString(s) != s {
			segments[i] = strings.ReplaceAll(s, "&", "&amp;") // the server unescapes its answers, in text too
		}
	}
	question := request{segments, r.Pair.From, r.Pair.To, format, e.cfg.Key}
	var answer struct {
		TranslatedText texts `json:"translatedText"`
	}
	address := strings.TrimSuffix(e.cfg.URL, "/") + "/translate"
	if _, err := e.wire.Ask(ctx, address, nil, question, &answer, e.refusal); err != nil {
		return translate.Response{}, err
	}
	if len(answer.TranslatedText) != len(r.Segments) {
		return translate.Response{}, e.wire.Miscounted(len(answer.TranslatedText), len(r.Segments))
	}
	return translate.Response{Texts: answer.TranslatedText}, nil
}

// refusal classifies an answer of another status than 200. The server's own text goes no further.
func (e *Engine) refusal(a translate.Answer) *translate.Error {
	var body struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(a.Body, &body) // a proxy's error page is not JSON: the status says enough
	said := strings.ToLower(body.Error)
	err := e.wire.Refusal(a)
	switch {
	case a.Status == http.StatusTooManyRequests,
		a.Status == http.StatusForbidden && strings.Contains(said, "too many"):
		err.Kind, err.Code = translate.Transient, "too many requests"
	case a.Status == http.StatusBadRequest && strings.Contains(said, "api key"):
		err.Kind = translate.Auth
	case a.Status == http.StatusBadRequest && strings.Contains(said, "limit"):
		err.Kind = translate.TooLarge
	case a.Status == http.StatusBadRequest && strings.Contains(said, "not supported"):
		err.Code = "language not supported"
	}
	return err
}
