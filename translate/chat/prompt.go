package chat

import (
	"bytes"
	_ "embed" // the prompt
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/nashra/nashra/translate"
)

// request is the body of a call, with the fields of all dialects.
type request struct {
	Model               string    `json:"model"`
	Messages            []message `json:"messages"`
	Stream              bool      `json:"stream"` // some gateways stream unless told not to
	ResponseFormat      any       `json:"response_format,omitempty"`
	MaxTokens           int       `json:"max_tokens,omitempty"`
	MaxCompletionTokens int       `json:"max_completion_tokens,omitempty"`
	ReasoningEffort     string    `json:"reasoning_effort,omitempty"`
	Thinking            *thinking `json:"thinking,omitempty"`
	Temperature         *float64  `json:"temperature,omitempty"`
	Seed                int       `json:"seed,omitempty"`

	renamed bool // the ceiling has its other name
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type thinking struct {
	Type string `json:"type"`
}

// document is the user message: the text to translate and its context.
type document struct {
	Title    string     `json:"title,omitempty"` // of the article
	Previous []entry    `json:"previous,omitempty"`
	Glossary []entry    `json:"glossary,omitempty"`
	Segments []numbered `json:"segments"`
}

type entry struct {
	From string `json:"from"`
	To   string `json:"to,omitempty"`
}

type numbered struct {
	ID int    `json:"id"`
	T  string `json:"t"`
}

//go:embed prompt.txt
var instructions string // the constant start of prompts, which services can cache; raise ID's revision with it

// schema is the form of the answer, for services that enforce one.
const schema = `{"type":"json_schema","json_schema":{"name":"translation","strict":true,"schema":{` +
	`"type":"object","properties":{"segments":{"type":"array","items":{"type":"object",` +
	`"properties":{"id":{"type":"integer"},"t":{"type":"string"}},` +
	`"required":["id","t"],"additionalProperties":false}}},` +
	`"required":["segments"],"additionalProperties":false}}}`

// anyJSON is the form of the answer for the others.
var anyJSON = map[string]string{"type": "json_object"}

// request returns the body of a call without what is left out.
func (e *Engine) request(r translate.Request, left []spare) (request, error) {
	doc := document{Title: r.Context}
	size := 0
	for _, p := range r.Previous {
		doc.Previous = append(doc.Previous, entry{p.Source, p.Target})
	}
	for _, t := range r.Terms {
		doc.Glossary = append(doc.Glossary, entry(t))
	}
	for i, s := range r.Segments {
		doc.Segments = append(doc.Segments, numbered{i + 1, s})
		size += utf8.RuneCountInString(s)
	}
	user, err := encode(doc)
	if err != nil {
		return request{}, err
	}
	system := fmt.Sprintf(strings.TrimSpace(instructions), english(r.Pair.From), english(r.Pair.To))
	out := request{Model: e.cfg.Model, Messages: []message{{"system", system}, {"user", string(user)}}}
	out.ResponseFormat = anyJSON
	if e.dialect.schema {
		out.ResponseFormat = json.RawMessage(schema)
	}
	out.MaxTokens = ceiling(size, len(r.Segments), e.cfg.Reasoning)
	if e.dialect.completed {
		out.MaxTokens, out.MaxCompletionTokens = 0, out.MaxTokens
	}
	e.dialect.thinking(&out, e.cfg.Model, e.cfg.Reasoning)
	for _, s := range left {
		s.leave(&out)
	}
	if r.Again { // at temperature 0 the answer would be the same
		out.Temperature, out.Seed = nil, 0
	}
	return out, nil
}

// ceiling returns twice the tokens expected of an answer, plus room for reasoning. Measured with
// o200k: 0.243 tokens of English for a character of Arabic, 10 for a segment's JSON.
func ceiling(runes, segments int, effort string) int {
	n := 64 + 2*(runes*28/100+10*segments)
	if !off(effort) {
		n += thinkingTokens
	}
	return n
}

// thinkingTokens is the room for reasoning in a ceiling.
const thinkingTokens = 8192

// english returns the name of Arabic or English. Models know other languages by their tags; a table
// of all names takes 2.3 MB.
func english(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if name, ok := map[string]string{"ar": "Arabic", "en": "English"}[base]; ok {
		return name
	}
	return tag
}

// encode returns v as JSON with <, > and & unescaped: models read that better, and it costs less.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}
