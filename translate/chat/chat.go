// Package chat is the engine for services with OpenAI's chat-completions wire: OpenAI, DeepSeek, Ollama and their like.
package chat

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/nashra/nashra/translate"
)

// Type describes the engine type.
func Type() translate.EngineType {
	return translate.EngineType{
		Name:     "chat",
		Needs:    []string{"url", "model"},
		Dialects: []string{openai, deepseek, ollama},
		Address:  func(s translate.Settings) string { return s.URL },
		New: func(_ context.Context, s translate.Settings, hc *http.Client) (translate.Engine, error) {
			return New(s, hc), nil
		},
	}
}

// Engine speaks to one service about one model.
type Engine struct {
	cfg     translate.Settings
	dialect dialect
	address string
	wire    translate.Wire
}

// New returns an Engine that calls through hc. It uses URL, to which /chat/completions is added (a bare host also gets the /v1 that
// OpenAI and Ollama have), Model, Key, Dialect and Reasoning.
func New(cfg translate.Settings, hc *http.Client) *Engine {
	d := dialectOf(cfg)
	address := strings.TrimSuffix(cfg.URL, "/")
	if u, err := url.Parse(address); err == nil && u.Path == "" {
		address += d.path
	}
	return &Engine{cfg, d, address + "/chat/completions", translate.NewWire(cfg.Name, cfg.Key, hc)}
}

// ID names the engine; the revision is that of the prompt.
func (e *Engine) ID() translate.Identity {
	return translate.Identity{Engine: e.cfg.Name, Model: e.cfg.Model, Revision: "prompt-2"}
}

// Limits are our own: models hold far more, but translate less well and end early when given long lists.
func (e *Engine) Limits() translate.Limits {
	return translate.Limits{
		Segments: 25,
		Size:     e.dialect.size,
		Unit:     translate.Runes,
		Codec:    translate.Tagged,
		Terms:    true,
		Context:  true,
		Free:     e.dialect.free,
		Parallel: e.dialect.parallel,
		Timeout:  e.dialect.timeout,
		Most:     e.most,
	}
}

// most is what a call may cost at worst: no service makes more tokens of a text than it has bytes, nor more of an answer than its
// ceiling allows.
func (e *Engine) most(r translate.Request) (u translate.Usage) {
	for _, s := range r.Segments {
		u.Chars += translate.Runes.Count(s)
	}
	q, err := e.request(r)
	if err != nil { // and then there will be no call
		return u
	}
	for _, m := range q.Messages {
		u.In += int64(len(m.Content)) + messageTokens
	}
	if e.dialect.schema {
		u.In += int64(len(schema))
	}
	u.Out = int64(max(q.MaxTokens, q.MaxCompletionTokens))
	return u
}

// messageTokens are added by services around a message, at most: they count about four.
const messageTokens = 16

// Translate makes one call. Segments that the model leaves out, or answers twice, come back empty.
func (e *Engine) Translate(ctx context.Context, r translate.Request) (translate.Response, error) {
	q, err := e.request(r)
	if err != nil {
		return translate.Response{}, e.wire.Broken(err, false)
	}
	body, err := encode(q)
	if err != nil {
		return translate.Response{}, e.wire.Broken(err, false)
	}
	header := http.Header{}
	if e.cfg.Key != "" {
		header.Set("Authorization", "Bearer "+e.cfg.Key)
	}
	got, err := e.wire.Post(ctx, e.address, header, body)
	if err != nil {
		return translate.Response{}, err
	}
	if got.Status != http.StatusOK {
		return translate.Response{}, e.refusal(got)
	}
	var c completion
	if err := json.Unmarshal(got.Body, &c); err != nil || len(c.Choices) == 0 {
		return translate.Response{}, e.wire.Useless(translate.Malformed, "no JSON of the expected form")
	}
	choice := c.Choices[0]
	switch {
	case choice.FinishReason == "length":
		return translate.Response{}, e.wire.Useless(translate.Truncated, "length")
	case choice.FinishReason == "content_filter":
		return translate.Response{}, e.wire.Useless(translate.Refused, "content_filter")
	case choice.FinishReason == "insufficient_system_resource": // DeepSeek's overload in the midst of an answer
		return translate.Response{}, e.wire.Useless(translate.Transient, choice.FinishReason)
	case choice.Message.Refusal != "":
		return translate.Response{}, e.wire.Useless(translate.Refused, "refusal")
	case strings.TrimSpace(choice.Message.Content) == "":
		return translate.Response{}, e.wire.Useless(translate.Malformed, "blank answer")
	}
	texts, ok := read(choice.Message.Content, len(r.Segments))
	if !ok {
		return translate.Response{}, e.wire.Useless(translate.Malformed, "content of another form than asked for")
	}
	return translate.Response{Texts: texts, Model: c.Model, Billed: translate.Usage{In: c.Usage.Prompt, Out: c.Usage.Completion}}, nil
}

// completion is what is read of an answer; a model's reasoning is not.
type completion struct {
	Model   string `json:"model"`
	Choices []struct {
		FinishReason string `json:"finish_reason"`
		Message      struct {
			Content string `json:"content"`
			Refusal string `json:"refusal"`
		} `json:"message"`
	} `json:"choices"`
	Usage struct {
		Prompt     int64 `json:"prompt_tokens"`     // those of the cache among them
		Completion int64 `json:"completion_tokens"` // and those of thoughts
	} `json:"usage"`
}

// read finds the n translations in a model's content: the outermost JSON object, whatever thoughts, fences and politeness stand
// around it. It reports false where there is none, or no id of ours in it.
func read(content string, n int) ([]string, bool) {
	content = strings.TrimSpace(content)
	if strings.HasPrefix(content, "<think>") {
		_, after, ended := strings.Cut(content, "</think>")
		if !ended {
			return nil, false
		}
		content = after
	}
	from, to := strings.IndexByte(content, '{'), strings.LastIndexByte(content, '}')
	if from < 0 || to < from {
		return nil, false
	}
	var answer struct {
		Segments []struct {
			ID   json.Number `json:"id"` // some models write numbers as strings: Number reads both
			Text string      `json:"t"`
		} `json:"segments"`
	}
	if json.Unmarshal([]byte(content[from:to+1]), &answer) != nil {
		return nil, false
	}
	texts, times, known := make([]string, n), make([]int, n), false
	for _, s := range answer.Segments {
		id, err := s.ID.Int64()
		if err != nil || id < 1 || id > int64(n) {
			continue
		}
		known = true
		texts[id-1] = s.Text
		if times[id-1]++; times[id-1] > 1 {
			texts[id-1] = "" // which of them is the translation is anybody's guess
		}
	}
	return texts, known
}

// Codes and words by which services say that an account is empty, or a request too long.
var (
	spent   = regexp.MustCompile(`insufficient_quota|credit_balance|billing|spend|insufficient balance`)
	tooLong = regexp.MustCompile(`context_length_exceeded|context length|maximum context|context window|too long|too large`)
)

// refusal reads an answer of another status. The service's words stay here: a code goes on, and what they mean.
func (e *Engine) refusal(a translate.Answer) *translate.Error {
	code, said := reason(a.Body)
	err := e.wire.Refusal(a)
	if word := e.wire.Word(code); word != "" && err.Code == "" {
		err.Code = word
	}
	switch s := a.Status; {
	case s == http.StatusPaymentRequired || s == http.StatusTooManyRequests && spent.MatchString(said) || spent.MatchString(strings.ToLower(code)):
		err.Kind = translate.Quota
	case s == http.StatusConflict:
		err.Kind = translate.Transient
	case s == http.StatusBadRequest && tooLong.MatchString(said):
		err.Kind = translate.TooLarge
	case s == http.StatusBadRequest && strings.Contains(said, "content_filter"):
		err.Kind = translate.Refused
	}
	return err
}

// reason is the code of an error answer, or its type, and all its words in small letters for matching.
func reason(data []byte) (code, said string) {
	var body struct {
		Error struct {
			Code any    `json:"code"` // a string, a number or null
			Type string `json:"type"`
		} `json:"error"`
	}
	_ = json.Unmarshal(data, &body) // a proxy's error page is no JSON, nor is every service's error an object
	code, _ = body.Error.Code.(string)
	if code == "" {
		code = body.Error.Type
	}
	return code, strings.ToLower(string(data[:min(len(data), 8<<10)]))
}

// of one call: a service that takes longer has lost it. DeepSeek keeps calls in a queue, an own machine may load the model first.
const (
	hostedTimeout = 2 * time.Minute
	ownTimeout    = 5 * time.Minute
)
