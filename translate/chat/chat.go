// Package chat is the engine for services with OpenAI's chat-completions wire: OpenAI, DeepSeek,
// Ollama and their like.
package chat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
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

	mu   sync.Mutex
	left []spare // what the service has refused
}

// New returns an Engine that calls through hc. It adds /chat/completions to the URL; a bare host
// also gets the /v1 that OpenAI and Ollama have.
func New(cfg translate.Settings, hc *http.Client) *Engine {
	d := dialectOf(cfg)
	address := strings.TrimSuffix(cfg.URL, "/")
	if u, err := url.Parse(address); err == nil && u.Path == "" {
		address += d.path
	}
	return &Engine{cfg: cfg, dialect: d, address: address + "/chat/completions",
		wire: translate.NewWire(cfg.Name, cfg.Key, hc)}
}

// ID names the engine; the revision is that of the prompt.
func (e *Engine) ID() translate.Identity {
	return translate.Identity{Engine: e.cfg.Name, Model: e.cfg.Model, Revision: "prompt-3"}
}

// Limits are our own: models hold far more, but they translate long lists less well and end them
// early.
func (e *Engine) Limits() translate.Limits {
	return translate.Limits{
		Segments: 25,
		Size:     e.dialect.size,
		Unit:     translate.Runes,
		Codec:    translate.Tagged,
		Terms:    true,
		Context:  true,
		Varies:   true,
		Free:     e.dialect.free,
		Parallel: e.dialect.parallel,
		Timeout:  e.dialect.timeout,
		Most:     e.most,
	}
}

// most returns the most that a call may cost: no service makes more tokens of a text than it has
// bytes, nor more tokens of an answer than the call's ceiling.
func (e *Engine) most(r translate.Request) (u translate.Usage) {
	for _, s := range r.Segments {
		u.Chars += translate.Runes.Count(s)
	}
	q, err := e.request(r, e.known())
	if err != nil { // then Translate makes no call
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

// messageTokens is the most tokens that a service adds to a message. They count about four.
const messageTokens = 16

// Translate makes one call. If the service refuses a field that a call can do without, it asks at once again
// without it. If that helps, it leaves the field out of all further calls.
func (e *Engine) Translate(ctx context.Context, r translate.Request) (res translate.Response, err error) {
	header := http.Header{}
	if e.cfg.Key != "" {
		header.Set("Authorization", "Bearer "+e.cfg.Key)
	}
	var c completion
	most, left, again := 0, e.known(), true
	for again {
		q, err := e.request(r, left)
		if err != nil {
			return res, e.wire.Broken(err, false)
		}
		most = cmp.Or(most, q.MaxTokens+q.MaxCompletionTokens) // what the budget has allowed
		q.MaxTokens, q.MaxCompletionTokens = min(q.MaxTokens, most), min(q.MaxCompletionTokens, most)
		again = false
		_, err = e.wire.Ask(ctx, e.address, header, q, &c, func(a translate.Answer) *translate.Error {
			failure := e.refusal(a)
			if s := q.refused(a); s != nil && failure.Kind == translate.Unsupported {
				left, again = append(left, *s), true
			}
			return failure
		})
		if err != nil && !again {
			return res, err
		}
	}
	e.learn(left)
	if len(c.Choices) == 0 {
		return res, e.wire.UnexpectedJSON()
	}
	choice := c.Choices[0]
	texts, ok := read(choice.Message.Content, r.Segments)
	switch {
	case choice.FinishReason == "content_filter":
		return res, e.wire.Useless(translate.Refused, "content_filter")
	case choice.FinishReason == "insufficient_system_resource": // DeepSeek was overloaded in the middle of the answer
		return res, e.wire.Useless(translate.Transient, choice.FinishReason)
	case choice.Message.Refusal != "":
		return res, e.wire.Useless(translate.Refused, "refusal")
	case ok:
	case choice.FinishReason == "length":
		return res, e.wire.Useless(translate.Truncated, "length")
	case strings.TrimSpace(string(choice.Message.Content)) == "":
		return res, e.wire.Useless(translate.Malformed, "empty answer")
	default:
		return res, e.wire.Useless(translate.Malformed, "unexpected content")
	}
	billed := translate.Usage{In: c.Usage.Prompt, Out: c.Usage.Completion}
	return translate.Response{Texts: texts, Model: c.Model, Billed: billed}, nil
}

// completion is the part of an answer that we read. A model's reasoning is not part of it.
type completion struct {
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   struct {
		Prompt     int64 `json:"prompt_tokens"`     // includes cached tokens
		Completion int64 `json:"completion_tokens"` // includes reasoning
	} `json:"usage"`
}

type choice struct {
	FinishReason string `json:"finish_reason"`
	Message      said   `json:"message"`
	Delta        said   `json:"delta"` // of a stream
}

type said struct {
	Content content `json:"content"`
	Refusal string  `json:"refusal"`
}

// UnmarshalJSON reads an answer, or the events of a stream: some gateways stream unasked, others end their
// answer as a stream ends.
func (c *completion) UnmarshalJSON(body []byte) error {
	type event completion
	if body = bytes.TrimSpace(body); bytes.HasPrefix(body, []byte("{")) {
		return json.NewDecoder(bytes.NewReader(body)).Decode((*event)(c))
	}
	c.Choices = []choice{{}}
	for line := range bytes.Lines(body) {
		data, ok := bytes.CutPrefix(line, []byte("data:"))
		if data = bytes.TrimSpace(data); !ok || string(data) == "[DONE]" {
			continue
		}
		var e event
		if err := json.Unmarshal(data, &e); err != nil {
			return err
		}
		c.Model = cmp.Or(e.Model, c.Model)
		c.Usage.Prompt = max(e.Usage.Prompt, c.Usage.Prompt)
		c.Usage.Completion = max(e.Usage.Completion, c.Usage.Completion)
		for _, part := range e.Choices {
			whole := &c.Choices[0]
			whole.Message.Content += part.Delta.Content + part.Message.Content
			whole.Message.Refusal += part.Delta.Refusal + part.Message.Refusal
			whole.FinishReason = cmp.Or(part.FinishReason, whole.FinishReason)
		}
	}
	if c.Choices[0] == (choice{}) {
		return errors.New("neither an answer nor a stream")
	}
	return nil
}

// Codes and words by which services say that an account is empty or a request too long.
var (
	spent   = regexp.MustCompile(`insufficient_quota|credit_balance|billing|spend|insufficient balance`)
	tooLong = regexp.MustCompile(`context_length_exceeded|context length|maximum context|context window|` +
		`too long|too large`)
)

// refusal classifies an answer of another status than 200. Of the service's own text it passes on
// the code alone.
func (e *Engine) refusal(a translate.Answer) *translate.Error {
	code, said := reason(a.Body)
	err := e.wire.Refusal(a)
	if err.Code == "" {
		err.Code = e.wire.Word(code)
	}
	switch s := a.Status; {
	case s == http.StatusPaymentRequired,
		s == http.StatusTooManyRequests && spent.MatchString(said),
		spent.MatchString(strings.ToLower(code)):
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

// reason returns the code of an error answer, or else its type, and the start of the answer in
// lower case.
func reason(data []byte) (code, said string) {
	var body struct {
		Error struct {
			Code any    `json:"code"` // a string, a number or null
			Type string `json:"type"`
		} `json:"error"`
	}
	_ = json.Unmarshal(data, &body) // proxies answer HTML, and some services' error is not an object
	code, _ = body.Error.Code.(string)
	return cmp.Or(code, body.Error.Type), strings.ToLower(string(data[:min(len(data), 8<<10)]))
}

// Timeouts of a call. DeepSeek queues calls; a machine of one's own may have to load the model
// first.
const (
	hostedTimeout = 2 * time.Minute
	ownTimeout    = 5 * time.Minute
)
