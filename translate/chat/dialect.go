package chat

import (
	"cmp"
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

// dialect is how one vendor's protocol differs from the others'.
type dialect struct {
	path      string // of the API on a bare host
	size      int    // runes a call, at most
	parallel  int
	timeout   time.Duration
	free      bool
	schema    bool                                   // response_format takes a JSON schema; otherwise json_object
	completed bool                                   // the ceiling is max_completion_tokens; otherwise max_tokens
	thinking  func(r *request, model, effort string) // turns reasoning on if effort asks for it, else off
}

// Runes a call.
const (
	hostedSize = 4000 // long enough to give context, short enough to be finished
	ollamaSize = 1200 // fits the 4,096 tokens to which Ollama silently cuts a prompt on small machines
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
		return dialect{path: "/v1", size: ollamaSize, parallel: 1, timeout: ownTimeout, free: true, schema: true,
			thinking: ollamaThinking}
	}
	return dialect{path: "/v1", size: hostedSize, parallel: 4, timeout: hostedTimeout, schema: true, completed: true,
		thinking: openaiThinking}
}

func off(effort string) bool { return effort == "" || effort == "none" }

// openaiThinking sets reasoning_effort. Models before gpt-5 reject that field; later ones may
// reject a temperature.
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

// deepseekThinking sets thinking explicitly: DeepSeek reasons unless told not to.
func deepseekThinking(r *request, _, effort string) {
	r.Thinking, r.ReasoningEffort = &thinking{"enabled"}, effort
	if off(effort) {
		r.Thinking.Type, r.ReasoningEffort = "disabled", ""
		r.Temperature = new(float64)
	}
}

// ollamaThinking sets reasoning_effort, since Ollama's models reason unless told not to. The fixed
// seed makes answers repeatable.
func ollamaThinking(r *request, _, effort string) {
	r.Temperature, r.Seed, r.ReasoningEffort = new(float64), 1, cmp.Or(effort, "none")
}
