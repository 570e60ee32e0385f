package enginetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

// NewOpenAI starts a service that behaves like OpenAI's for reasoning models. Written from
// platform.openai.com/docs: api-reference/chat/create (fields), guides/structured-outputs (what a strict
// schema must have, refusals), guides/reasoning (efforts, no temperature), guides/error-codes and
// guides/rate-limits.
func NewOpenAI(t testing.TB) *Fake {
	return start(t, &Fake{Key: "openai-SECRET-key", MaxChars: 50_000, Reported: "gpt-6-luna-2026-09-01",
		wire: chatWire("/v1/chat/completions", openaiRules, nil, []row{
			{"rate", chatFault(429, "rate_limit_exceeded", "Rate limit reached"), translate.Transient, 0, false},
			{"rate, to the millisecond", withHeader(chatFault(429, "slow_down", "Slow down"), "Retry-After-Ms",
				"1500"), translate.Transient, 1500 * time.Millisecond, false},
			{"empty account", chatFault(429, "insufficient_quota", "You exceeded your current quota"),
				translate.Quota, 0, false},
			{"credit", chatFault(429, "credit_balance_exhausted", "Add credits"), translate.Quota, 0, false},
			{"own spend limit", chatFault(400, "billing_hard_limit_reached", "Billing hard limit has been reached"),
				translate.Quota, 0, false},
			{"overloaded", chatFault(503, "server_error", "The engine is currently overloaded"),
				translate.Transient, 0, false},
			{"gateway", Fault{Status: 502, Body: "<html>Bad gateway</html>"}, translate.Transient, 0, true},
			{"too long",
				chatFault(400, "context_length_exceeded", "This model's maximum context length is 4096 tokens"),
				translate.TooLarge, 0, false},
			{"wrong key", chatFault(401, "invalid_api_key", "Incorrect API key provided: openai-SECRET-key"),
				translate.Auth, 0, false},
			{"unknown model", chatFault(404, "model_not_found", "The model does not exist"),
				translate.Unsupported, 0, false},
			{"cut at the ceiling", Fault{Finish: "length"}, translate.Truncated, 0, true},
			{"filtered", Fault{Finish: "content_filter"}, translate.Refused, 0, true},
			{"refused", Fault{Refuse: "I'm sorry, I can't help with that."}, translate.Refused, 0, true},
			{"unknown ids", Fault{Say: func(string) string { return `{"segments":[{"id":900,"t":"x"}]}` }},
				translate.Malformed, 0, true},
			{"not JSON", Fault{Say: func(string) string { return "Here is the translation: hello" }},
				translate.Malformed, 0, true},
		})})
}

// NewDeepSeek starts a service that behaves like DeepSeek: it sends blank lines while a call is
// queued, and reasons unless told not to. Written from api-docs.deepseek.com: api/create-chat-completion
// (fields, finish reasons), guides/json_mode ("json" in the prompt, blank contents), guides/thinking_mode,
// quick_start/rate_limit (blank lines) and quick_start/error_codes.
func NewDeepSeek(t testing.TB) *Fake {
	f := start(t, &Fake{Key: "deepseek-SECRET-key", MaxChars: 50_000, Reported: "deepseek-v4.1-flash",
		wire: chatWire("/chat/completions", deepseekRules, nil, []row{
			{"no balance", chatFault(402, "invalid_request_error", "Insufficient Balance"), translate.Quota, 0, false},
			{"too many at once", chatFault(429, "", "Rate limit reached"), translate.Transient, 0, false},
			{"overloaded", chatFault(503, "service_unavailable", "Service overloaded"), translate.Transient, 0, false},
			{"a crash", chatFault(500, "", "Server error"), translate.Transient, 0, false},
			{"bad parameters", chatFault(422, "invalid_request_error", "Invalid parameters"),
				translate.Unsupported, 0, false},
			{"blank content", Fault{Say: func(string) string { return "  \n   " }}, translate.Malformed, 0, true},
			{"cut at the ceiling", Fault{Finish: "length"}, translate.Truncated, 0, true},
			{"out of machines", Fault{Finish: "insufficient_system_resource"}, translate.Transient, 0, true},
		})})
	f.wire.write = blankLines(f.wire.write)
	return f
}

// NewOllama starts a service that behaves like Ollama with a model that cannot reason: no key, thoughts
// and fences in the answer. Written from docs.ollama.com/api/openai-compatibility (fields) and, for what
// that page leaves out, github.com/ollama/ollama: openai/openai.go (efforts) and server/routes.go (errors).
func NewOllama(t testing.TB) *Fake {
	return start(t, &Fake{wire: chatWire("/v1/chat/completions", ollamaRules, ollamaTalk, []row{
		{"unknown model", chatFault(404, "not_found_error", `model "x" not found, try pulling it first`),
			translate.Unsupported, 0, false},
		{"out of memory", chatFault(500, "api_error", "model requires more system memory"),
			translate.Transient, 0, false},
		{"busy", chatFault(503, "api_error", "server busy, please try again. maximum pending requests exceeded"),
			translate.Transient, 0, false},
		{"unfinished thoughts", Fault{Say: func(string) string { return "<think>What might this mean? {" }},
			translate.Malformed, 0, true},
		{"chatter", Fault{Say: func(string) string { return "I would be happy to translate that for you!" }},
			translate.Malformed, 0, true},
	})})
}

type chatRequest struct {
	Model    string `json:"model"`
	Messages []struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	} `json:"messages"`
	Stream         bool `json:"stream"`
	ResponseFormat struct {
		Type   string `json:"type"`
		Schema struct {
			Name   string     `json:"name"`
			Strict bool       `json:"strict"`
			Schema jsonSchema `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
	MaxTokens           *int     `json:"max_tokens"`
	MaxCompletionTokens *int     `json:"max_completion_tokens"`
	ReasoningEffort     string   `json:"reasoning_effort"`
	Temperature         *float64 `json:"temperature"`
	Seed                *int     `json:"seed"`
	Thinking            *struct {
		Type string `json:"type"`
	} `json:"thinking"`
}

// chatWire is the protocol that the dialects share. rules returns what a dialect refuses; talk
// wraps the answers as its models do.
func chatWire(path string, rules func(chatRequest) string, talk func(string) string, rows []row) wire {
	return wire{
		path: path,
		key:  func(q *Request) string { return strings.TrimPrefix(q.Header.Get("Authorization"), "Bearer ") },
		read: func(f *Fake, q *Request) (call, *refusal) {
			rules := rules
			if f.forbids != nil { // another vendor's service
				var fields map[string]any
				_ = json.Unmarshal(q.Body, &fields) // chatRead reports what is not JSON
				if bad := f.forbids(fields); bad != nil {
					return call{}, bad
				}
				rules = func(chatRequest) string { return "" }
			}
			c, err := chatRead(q.Body, rules)
			if err != nil {
				return c, &refusal{status: 400, body: chatFault(400, "unsupported_parameter", err.Error()).Body}
			}
			return c, nil
		},
		write: func(_ *Fake, c call, texts []string, ft Fault) []byte { return chatWrite(c, texts, ft, talk) },
		large: func(*Fake) *refusal {
			return &refusal{status: 400, body: chatFault(400, "context_length_exceeded", "maximum context length").Body}
		},
		deny: func(*Request) *refusal {
			return &refusal{status: 401, body: chatFault(401, "invalid_api_key", "Incorrect API key").Body}
		},
		rows: rows,
	}
}

func chatFault(status int, code, message string) Fault {
	body := map[string]any{"message": message, "type": "error", "param": nil, "code": nil}
	if code != "" {
		body["code"] = code
	}
	return Fault{Status: status, Body: string(mustJSON(map[string]any{"error": body}))}
}

func chatRead(body []byte, rules func(chatRequest) string) (call, error) {
	c := call{codec: segment.Tagged}
	var q chatRequest
	if err := strict(body, &q); err != nil {
		return c, err
	}
	if bad := rules(q); bad != "" {
		return c, fmt.Errorf("%s", bad)
	}
	if len(q.Messages) != 2 || q.Messages[0].Role != "system" || q.Messages[1].Role != "user" {
		return c, fmt.Errorf("messages: a system's and a user's are expected")
	}
	var doc struct {
		Title    string              `json:"title"`
		Previous []map[string]string `json:"previous"`
		Glossary []map[string]string `json:"glossary"`
		Segments []struct {
			ID int    `json:"id"`
			T  string `json:"t"`
		} `json:"segments"`
	}
	if err := strict([]byte(q.Messages[1].Content), &doc); err != nil {
		return c, fmt.Errorf("the model cannot make sense of it: %w", err)
	}
	c.model, c.thinks = q.Model, q.Thinking == nil || q.Thinking.Type != "disabled"
	for _, s := range doc.Segments {
		c.ids, c.texts = append(c.ids, s.ID), append(c.texts, s.T)
	}
	return c, nil
}

// jsonSchema is the part of a schema that strict mode looks at.
type jsonSchema struct {
	Type       string                `json:"type"`
	Properties map[string]jsonSchema `json:"properties"`
	Items      *jsonSchema           `json:"items"`
	Required   []string              `json:"required"`
	Additional *bool                 `json:"additionalProperties"`
}

// strict reports whether all objects close their lists of fields and require all of them.
func (s jsonSchema) strict() bool {
	if s.Type == "object" && (s.Additional == nil || *s.Additional || len(s.Required) != len(s.Properties)) {
		return false
	}
	for _, p := range s.Properties {
		if !p.strict() {
			return false
		}
	}
	return s.Type != "" && (s.Items == nil || s.Items.strict())
}

func (q chatRequest) says(word string) bool {
	for _, m := range q.Messages {
		if strings.Contains(m.Content, word) {
			return true
		}
	}
	return false
}

func openaiRules(q chatRequest) string {
	switch {
	case q.MaxTokens != nil:
		return "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' " +
			"instead."
	case q.Temperature != nil:
		return "Unsupported value: 'temperature' does not support 0 with this model."
	case q.Thinking != nil:
		return "Unknown parameter: 'thinking'."
	case !listed(q.ReasoningEffort, "none", "minimal", "low", "medium", "high", "xhigh"):
		return "Invalid value for 'reasoning_effort'."
	case !listed(q.ResponseFormat.Type, "text", "json_object", "json_schema"):
		return "Invalid value for 'response_format.type'."
	case q.ResponseFormat.Type == "json_object" && !q.says("json"):
		return "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
	case q.ResponseFormat.Type == "json_schema" && (q.ResponseFormat.Schema.Name == "" ||
		q.ResponseFormat.Schema.Strict && !q.ResponseFormat.Schema.Schema.strict()):
		return "Invalid schema for response_format: 'additionalProperties' is required to be supplied and to be false."
	}
	return ""
}

func deepseekRules(q chatRequest) string {
	switch {
	case !listed(q.ResponseFormat.Type, "text", "json_object"):
		return "This response_format type is unavailable now"
	case q.ResponseFormat.Type == "json_object" && !q.says("json"):
		return "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'."
	case q.MaxCompletionTokens != nil || q.Seed != nil:
		return "no such field"
	case q.Thinking != nil && !listed(q.Thinking.Type, "enabled", "disabled"):
		return "thinking.type: unknown variant"
	}
	return ""
}

func ollamaRules(q chatRequest) string {
	switch {
	case q.MaxCompletionTokens != nil || q.Thinking != nil:
		return "no such field"
	case !listed(q.ReasoningEffort, "high", "medium", "low", "none"):
		return `invalid reasoning value (must be "high", "medium", "low", or "none")`
	case q.ReasoningEffort != "" && q.ReasoningEffort != "none":
		return `"x" does not support thinking`
	}
	return ""
}

// ollamaTalk wraps answers as small models do.
func ollamaTalk(content string) string {
	return "<think>\nThe user wants {JSON}. I will write it.\n</think>\n\n```json\n" + content +
		"\n```\nI hope this helps!"
}

// blankLines is what DeepSeek sends before the JSON while a call is queued.
func blankLines(write func(*Fake, call, []string, Fault) []byte) func(*Fake, call, []string, Fault) []byte {
	return func(f *Fake, c call, texts []string, ft Fault) []byte {
		return append([]byte("\n\n\n"), write(f, c, texts, ft)...)
	}
}

func chatWrite(c call, texts []string, ft Fault, talk func(string) string) []byte {
	type numbered struct {
		ID int    `json:"id"`
		T  string `json:"t"`
	}
	out := []numbered{}
	for i, s := range texts {
		id := i + 1
		if i < len(c.ids) {
			id = c.ids[i]
		}
		out = append(out, numbered{id, s})
	}
	content := string(mustJSON(map[string]any{"segments": out}))
	if ft.Say != nil {
		content = ft.Say(content)
	} else if talk != nil {
		content = talk(content)
	}
	if ft.Finish == "length" && !ft.Whole {
		content = content[:len(content)/2]
	}
	message := map[string]any{"role": "assistant", "content": content}
	if ft.Parts {
		message["content"] = []any{
			map[string]any{"type": "thinking", "thinking": []any{map[string]string{"type": "text", "text": "{"}}},
			map[string]string{"type": "text", "text": content[:len(content)/2]},
			map[string]string{"type": "text", "text": content[len(content)/2:]}}
	}
	if ft.JSON {
		message["content"] = json.RawMessage(content)
	}
	if c.thinks {
		message["reasoning_content"] = `{"segments":[{"id":1,"t":"a thought"}]}`
	}
	if ft.Refuse != "" {
		message["content"], message["refusal"] = nil, ft.Refuse
	}
	if ft.Stream {
		return chatStream(c.model, content)
	}
	return mustJSON(map[string]any{"id": "chatcmpl-1", "object": "chat.completion", "created": 1795500000,
		"model":   c.model,
		"choices": []any{map[string]any{"index": 0, "finish_reason": orElse(ft.Finish, "stop"), "message": message}},
		"usage": map[string]int{"prompt_tokens": len(texts) * 100,
			"completion_tokens": utf8.RuneCountInString(content) / 4}})
}

// chatStream sends content as the events of a stream, some letters each, and the usage in the last.
func chatStream(model, content string) []byte {
	var out strings.Builder
	event := func(row map[string]any) {
		row["object"], row["model"] = "chat.completion.chunk", model
		fmt.Fprintf(&out, "data: %s\n\n", mustJSON(row))
	}
	for part := range slices.Chunk([]rune(content), 7) {
		event(map[string]any{"choices": []any{map[string]any{"index": 0, "finish_reason": nil,
			"delta": map[string]string{"content": string(part)}}}})
	}
	event(
		map[string]any{
			"choices": []any{map[string]any{"index": 0, "finish_reason": "stop", "delta": map[string]any{}}},
		},
	)
	event(map[string]any{"choices": []any{}, "usage": map[string]int{"prompt_tokens": 100, "completion_tokens": 9}})
	return []byte(": keep-alive\n\n" + out.String() + "data: [DONE]\n\n")
}
