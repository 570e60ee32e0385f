package chat

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/nashra/nashra/translate"
)

// step leaves out of a request, or replaces in it, what a service refuses.
type step string

// The steps, named by the field that they change.
const (
	lowEffort step = "reasoning_effort low" // of a model that cannot do without reasoning
	noEffort  step = "reasoning_effort"
	noSwitch  step = "thinking"
	noHeat    step = "temperature"
	noSeed    step = "seed"
	noSchema  step = "response_format"       // a schema, then any JSON, then none
	otherCap  step = "max_completion_tokens" // or max_tokens, its older name
	bare      step = "all"
)

// badValue fits refusals of a field's value. Others are of the field.
var badValue = regexp.MustCompile(`(un)?supported values?\b|invalid [a-z_ ]*value|must be|one of|should be|only works`)

// strange fits refusals that do not say which field is meant.
var strange = regexp.MustCompile(`extra (inputs?|fields?|parameters?)|additional propert|` +
	`(unknown|unsupported|unrecognized|unexpected) [a-z ]*(fields?|parameters?|arguments?|propert)`)

// giveUp reports whether a call can be made again without what the service has refused of q, and
// remembers that.
func (e *Engine) giveUp(q request, a translate.Answer) bool {
	_, said := reason(a.Body)
	if a.Status != http.StatusBadRequest && a.Status != http.StatusUnprocessableEntity {
		return false
	}
	s := q.refused(said)
	if s == "" {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.spare) == q.left { // otherwise another call has learnt something meanwhile
		e.spare = append(e.spare, s)
	}
	return true
}

// refused returns the step that answers a refusal of q, or "".
func (q *request) refused(said string) step {
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(said, w) {
				return true
			}
		}
		return false
	}
	switch {
	case q.ReasoningEffort != "" && has("reasoning", "thinking"):
		if q.ReasoningEffort != "low" && badValue.MatchString(said) {
			return lowEffort
		}
		return noEffort
	case q.Thinking != nil && has("thinking"):
		return noSwitch
	case q.Temperature != nil && has("temperature"):
		return noHeat
	case q.Seed != 0 && has("seed"):
		return noSeed
	case q.ResponseFormat != nil && has("response_format", "response format", "json_schema", "json_object",
		"structured output"):
		return noSchema
	case !q.renamed && (q.MaxTokens > 0 && has("max_tokens") || q.MaxCompletionTokens > 0 && has("max_completion_tokens")):
		return otherCap
	case strange.MatchString(said) && (q.ReasoningEffort != "" || q.Thinking != nil || q.Temperature != nil || q.Seed != 0):
		return bare
	}
	return ""
}

// leave changes q by s.
func (q *request) leave(s step) {
	q.left++
	switch s {
	case lowEffort:
		if q.ReasoningEffort == "none" { // then the ceiling has no room for it yet
			q.MaxTokens += min(q.MaxTokens, 1) * thinkingTokens
			q.MaxCompletionTokens += min(q.MaxCompletionTokens, 1) * thinkingTokens
		}
		q.ReasoningEffort = "low"
	case noEffort:
		if q.ReasoningEffort == "none" { // a model that does not reason takes a temperature
			q.Temperature = new(float64)
		}
		q.ReasoningEffort = ""
	case noSwitch:
		q.Thinking = nil
	case noHeat:
		q.Temperature = nil
	case noSeed:
		q.Seed = 0
	case noSchema:
		if _, ok := q.ResponseFormat.(json.RawMessage); ok {
			q.ResponseFormat = anyJSON
		} else {
			q.ResponseFormat = nil
		}
	case otherCap:
		q.MaxTokens, q.MaxCompletionTokens, q.renamed = q.MaxCompletionTokens, q.MaxTokens, true
	case bare:
		q.ReasoningEffort, q.Thinking, q.Temperature, q.Seed = "", nil, nil, 0
	}
}
