// Package azure is the engine for Azure Translator, text API 3.0.
package azure

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/nashra/nashra/translate"
)

// host serves all resources that have no address of their own.
const host = "https://api.cognitive.microsofttranslator.com"

// Type describes the engine type.
func Type() translate.EngineType {
	return translate.EngineType{
		Name:    "azure",
		Needs:   []string{"key"},
		Address: func(s translate.Settings) string { return cmp.Or(s.URL, host) },
		New: func(_ context.Context, s translate.Settings, hc *http.Client) (translate.Engine, error) {
			return New(s, hc), nil
		},
	}
}

// Engine speaks to one resource.
type Engine struct {
	cfg     translate.Settings
	address string
	wire    translate.Wire
}

// New returns an Engine that calls through hc. It uses URL, to which it adds /translate, Key,
// Region (empty: a global resource) and Model, the category of a custom system (empty: general).
func New(cfg translate.Settings, hc *http.Client) *Engine {
	address := strings.TrimSuffix(cmp.Or(cfg.URL, host), "/") + "/translate"
	return &Engine{cfg, address, translate.NewWire(cfg.Name, cfg.Key, hc)}
}

// ID names the engine; the revision is that of the codec.
func (e *Engine) ID() translate.Identity {
	return translate.Identity{Engine: e.cfg.Name, Model: e.cfg.Model, Revision: "html-1"}
}

// Limits are far below Azure's 1,000 texts and 50,000 UTF-16 units: it advises short calls, and
// long ones wait up to 15 s. The pace is the free tier F0's; S1 takes twenty times as much.
func (e *Engine) Limits() translate.Limits {
	return translate.Limits{
		Segments:  1000,
		Size:      10_000,
		Unit:      translate.UTF16,
		Codec:     translate.HTML,
		Mixed:     true,
		Parallel:  2,
		PerMinute: 33_300,
		Timeout:   30 * time.Second,
	}
}

type text struct {
	Text string `json:"Text"`
}

// Translate makes one call.
func (e *Engine) Translate(ctx context.Context, r translate.Request) (res translate.Response, err error) {
	query := url.Values{"api-version": {"3.0"}, "from": {r.Pair.From}, "to": {r.Pair.To}, "textType": {"html"}}
	if r.Codec == translate.Plain {
		query.Set("textType", "plain")
	}
	if e.cfg.Model != "" {
		query.Set("category", e.cfg.Model)
	}
	texts := make([]text, len(r.Segments))
	for i, s := range r.Segments {
		texts[i].Text = s
	}
	header := http.Header{"Ocp-Apim-Subscription-Key": {e.cfg.Key}, "Content-Type": {"application/json; charset=UTF-8"}}
	if e.cfg.Region != "" {
		header.Set("Ocp-Apim-Subscription-Region", e.cfg.Region)
	}
	var answer []struct {
		Translations []struct {
			Text string `json:"text"`
		} `json:"translations"`
	}
	got, err := e.wire.Ask(ctx, e.address+"?"+query.Encode(), header, texts, &answer, e.refusal)
	if err != nil {
		return res, err
	}
	if len(answer) != len(texts) {
		return res, e.wire.Miscounted(len(answer), len(texts))
	}
	for _, t := range answer {
		if len(t.Translations) != 1 { // one language was asked for
			return res, e.wire.Miscounted(len(t.Translations), 1)
		}
		res.Texts = append(res.Texts, t.Translations[0].Text)
	}
	if billed, err := strconv.ParseInt(got.Header.Get("X-Metered-Usage"), 10, 64); err == nil {
		res.Billed.Chars = max(billed, 0)
	}
	return res, nil
}

// Azure's own codes are the status and three more digits; the gateway before the service answers in
// words.
var (
	code     = regexp.MustCompile(`^[0-9]{3}(?:[0-9]{3})?$`)
	tooLarge = map[string]bool{"400050": true, "400072": true, "400077": true}
	pairs    = map[string]bool{"400019": true, "400023": true, "400035": true, "400036": true, "400075": true}
	spent    = regexp.MustCompile(`(?i)free quota|call volume quota|quota exceeded|out of quota`)
)

// refusal classifies an answer of another status than 200. Of the service's own text it passes on
// the code alone.
func (e *Engine) refusal(a translate.Answer) *translate.Error {
	var body struct {
		Error struct {
			Code    any    `json:"code"` // the service sends a number, its gateway a string
			Message string `json:"message"`
		} `json:"error"`
	}
	_ = json.Unmarshal(a.Body, &body) // a proxy's error page is not JSON: the status says enough
	err := e.wire.Refusal(a)
	said, _ := body.Error.Code.(string)
	if n, ok := body.Error.Code.(float64); ok {
		said = strconv.FormatFloat(n, 'f', -1, 64)
	}
	if code.MatchString(said) && err.Code == "" {
		err.Code = e.wire.Word(said)
	}
	switch {
	case said == "403001" || a.Status == http.StatusForbidden && spent.MatchString(body.Error.Message):
		err.Kind = translate.Quota
	case tooLarge[said]:
		err.Kind = translate.TooLarge
	case said == "408001": // a custom system is still loading, so nothing was translated
		err.Billed = false
	case pairs[said]:
		err.Code += ", language not supported"
	}
	return err
}
