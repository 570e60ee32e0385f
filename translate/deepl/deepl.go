// Package deepl is the engine for DeepL's API v2, and for MTranServer, which speaks it in part.
package deepl

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nashra/nashra/translate"
)

// Type describes the engine type.
func Type() translate.EngineType {
	return translate.EngineType{
		Name:            "deepl",
		NeedsWithoutURL: []string{"key"}, // a server of one's own may want none
		Dialects:        []string{vendor, mtranserver},
		Address:         func(s translate.Settings) string { return cmp.Or(s.URL, host(s.Key)) },
		New: func(_ context.Context, s translate.Settings, hc *http.Client) (translate.Engine, error) {
			return New(s, hc), nil
		},
	}
}

// The names of the dialects.
const (
	vendor      = "deepl"
	mtranserver = "mtranserver"
)

// Engine speaks to one account, or one server.
type Engine struct {
	cfg     translate.Settings
	address string
	own     bool // an MTranServer
	wire    translate.Wire
}

// New returns an Engine that calls through hc. Without a URL it calls DeepL's host for the key; a
// bare host gets the path /v2/translate. Model is DeepL's model_type, Glossary a glossary's id.
func New(cfg translate.Settings, hc *http.Client) *Engine {
	e := &Engine{cfg: cfg, wire: translate.NewWire(cfg.Name, cfg.Key, hc)}
	e.address = cmp.Or(strings.TrimSuffix(cfg.URL, "/"), host(cfg.Key))
	e.own = cfg.Dialect == mtranserver || cfg.Dialect == "" && strings.HasSuffix(e.address, ownPath)
	if u, err := url.Parse(e.address); err == nil && u.Path == "" {
		e.address += map[bool]string{false: "/v2/translate", true: ownPath}[e.own]
	}
	return e
}

// ownPath is the path at which an MTranServer speaks DeepL's protocol.
const ownPath = "/deepl"

// host returns the address that serves the account of key. The keys of free accounts end in :fx.
func host(key string) string {
	if strings.HasSuffix(key, ":fx") {
		return "https://api-free.deepl.com"
	}
	return "https://api.deepl.com"
}

// ID names the engine; the revision is that of the codec, and names the account's glossary.
func (e *Engine) ID() translate.Identity {
	id := translate.Identity{Engine: e.cfg.Name, Model: e.cfg.Model, Revision: "xml-1"}
	if e.own {
		id.Revision = "html-1"
	}
	if e.cfg.Glossary != "" {
		id.Revision += ", glossary " + e.cfg.Glossary
	}
	return id
}

// Limits are DeepL's: 50 texts and 128 KiB, which 20,000 code points of any script stay below. Some
// accounts are refused at 50 calls a second. An MTranServer has no limits but its machine's.
func (e *Engine) Limits() translate.Limits {
	if e.own {
		return translate.Limits{Segments: 50, Size: 10_000, Unit: translate.Runes, Codec: translate.HTML, Mixed: true,
			Free: true, Parallel: 2, Timeout: 5 * time.Minute}
	}
	return translate.Limits{Segments: 50, Size: 20_000, Unit: translate.Runes, Codec: translate.XML, Mixed: true,
		Context: true, Parallel: 4, PerSecond: 10, Timeout: 30 * time.Second}
}

type request struct {
	Text            []string `json:"text"`
	Source          string   `json:"source_lang"` // glossaries need it, and DeepL misreads short headlines without it
	Target          string   `json:"target_lang"`
	Context         string   `json:"context,omitempty"`
	ModelType       string   `json:"model_type,omitempty"`
	Glossary        string   `json:"glossary_id,omitempty"`
	TagHandling     string   `json:"tag_handling,omitempty"`
	TagVersion      string   `json:"tag_handling_version,omitempty"`
	Outline         *bool    `json:"outline_detection,omitempty"`
	NonSplitting    []string `json:"non_splitting_tags,omitempty"`
	ShowBilledChars bool     `json:"show_billed_characters,omitempty"`
}

func (e *Engine) request(r translate.Request) request {
	q := request{Text: r.Segments, Source: base(r.Pair.From), Target: strings.ToUpper(r.Pair.To)}
	if e.own {
		q.Target = base(r.Pair.To)
		if r.Codec != translate.Plain {
			q.TagHandling = "html"
		}
		return q
	}
	// DeepL deprecates the bare codes.
	q.Target = cmp.Or(map[string]string{"EN": "EN-US", "PT": "PT-PT"}[q.Target], q.Target)
	q.Context, q.ModelType, q.Glossary, q.ShowBilledChars = around(r), e.cfg.Model, e.cfg.Glossary, true
	if r.Codec != translate.Plain {
		q.TagHandling, q.TagVersion, q.Outline, q.NonSplitting = "xml", "v2", new(bool), []string{"g", "x"}
		q.Context = element(q.Context)
	}
	return q
}

// around returns the context that DeepL reads but neither translates nor bills: the headline and
// the text before.
func around(r translate.Request) string {
	var lines []string
	if r.Context != "" {
		lines = append(lines, r.Context)
	}
	for _, p := range r.Previous {
		lines = append(lines, p.Source)
	}
	return strings.Join(lines, "\n")
}

// element returns plain text as an XML element: DeepL parses the context as it parses the texts.
func element(text string) string {
	if text == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString("<t>")
	_ = xml.EscapeText(&b, []byte(text)) // a Builder never fails
	b.WriteString("</t>")
	return b.String()
}

// base returns a language without its region, as DeepL names source languages.
func base(tag string) string {
	lang, _, _ := strings.Cut(tag, "-")
	return strings.ToUpper(lang)
}

// Translate makes one call.
func (e *Engine) Translate(ctx context.Context, r translate.Request) (res translate.Response, err error) {
	header := http.Header{}
	if e.cfg.Key != "" {
		header.Set("Authorization", "DeepL-Auth-Key "+e.cfg.Key)
	}
	var answer struct {
		Translations []struct {
			Text   string `json:"text"`
			Billed int64  `json:"billed_characters"`
			Model  string `json:"model_type_used"`
		} `json:"translations"`
	}
	if _, err := e.wire.Ask(ctx, e.address, header, e.request(r), &answer, e.refusal); err != nil {
		return res, err
	}
	if len(answer.Translations) != len(r.Segments) {
		return res, e.wire.Miscounted(len(answer.Translations), len(r.Segments))
	}
	for _, t := range answer.Translations {
		res.Texts = append(res.Texts, t.Text)
		res.Billed.Chars += max(t.Billed, 0)
		res.Model = t.Model
	}
	return res, nil
}

// statusQuota is DeepL's own status: the characters of the billing period are used up.
const statusQuota = 456

// refusal classifies an answer of another status than 200. The service's own text goes no further.
func (e *Engine) refusal(a translate.Answer) *translate.Error {
	var body struct {
		Message string `json:"message"`
		Detail  string `json:"detail"`
	}
	_ = json.Unmarshal(a.Body, &body) // most refusals have no body
	said := strings.ToLower(body.Message + " " + body.Detail)
	err := e.wire.Refusal(a)
	switch s := a.Status; {
	case s == statusQuota:
		err.Kind = translate.Quota
	case s == http.StatusForbidden && strings.Contains(said, "endpoint"):
		err.Code = "wrong host for this key"
	case s == http.StatusBadRequest && strings.Contains(said, "tag handling"):
		// One text of the call is at fault. It is sent again without codes.
		err.Kind, err.Code = translate.Malformed, "tag handling"
	case s == http.StatusBadRequest && strings.Contains(said, "too many"):
		err.Kind = translate.TooLarge
	case s == http.StatusBadRequest && strings.Contains(said, "_lang"):
		err.Code = "language not supported"
	case s == http.StatusBadRequest && strings.Contains(said, "glossary"):
		err.Code = "glossary"
	}
	return err
}
