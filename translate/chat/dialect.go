package chat

import (
	"net/url"
	"strings"
	"time"

	"github.com/nashra/nashra/translate"
)

// The names of the dialects.
const (
	openai   = "openai"
	deepseek = "deepseek"
	ollama   = "ollama"
)

// dialect is how one vendor's wire departs from the others'.
type dialect struct {
	path      string // of the API on a bare host
	size      int    // most runes a call
	parallel  int
	timeout   time.Duration
	free      bool
	schema    bool                                   // response_format may be a JSON schema; else it is json_object
	completed bool                                   // the ceiling is max_completion_tokens; else max_tokens
	thinking  func(r *request, model, effort string) // turns reasoning off, or on where effort says so
}

// runes of a call: long enough to give context, short enough to be finished; and what fits into the 4,096 tokens that Ollama gives a
// model on small machines, past which it cuts the prompt without a word
const (
	hostedSize = 4000
	ollamaSize = 1200
)

func dialectOf(cfg translate.Settings) dialect {
	name := cfg.Dialect
	if u, err := url.Parse(cfg.URL); name == "" && err == nil {
		switch host := u.Hostname(); {
		case host == "api.deepseek.com":
			name = deepseek
		case u.Port() == "11434": // Ollama's own
			name = ollama
		}
	}
	switch name {
	case deepseek:
		return dialect{size: hostedSize, parallel: 4, timeout: hostedTimeout, thinking: deepseekThinking}
	case ollama:
		return dialect{path: "/v1", size: ollamaSize, parallel: 1, timeout: ownTimeout, free: true, schema: true, thinking: ollamaThinking}
	}
	return dialect{path: "/v1", size: hostedSize, parallel: 4, timeout: hostedTimeout, schema: true, completed: true, thinking: openaiThinking}
}

func off(effort string) bool { return effort == "" || effort == "none" }

// openaiThinking: models before gpt-5 know no reasoning and reject its field; later ones may reject a temperature.
func openaiThinking(r *request, model, effort string) {
	if off(effort) && strings.HasPrefix(model, "gpt-4") {
		r.Temperature = new(float64)
		return
	}
	if off(effort) {
		effort = "none"
	}
	r.ReasoningEffort = effort
}

// deepseekThinking: on unless turned off.
func deepseekThinking(r *request, _, effort string) {
	r.Thinking = &thinking{"enabled"}
	if off(effort) {
		r.Thinking.Type = "disabled"
		r.Temperature = new(float64)
	}
}

// ollamaThinking: many models have none, and then the field is an error. The seed is any, so that an answer can be had again.
func ollamaThinking(r *request, _, effort string) {
	r.Temperature, r.Seed = new(float64), 1
	if !off(effort) {
		r.ReasoningEffort = effort
	}
}
