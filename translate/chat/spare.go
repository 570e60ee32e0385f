package chat

import (
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/nashra/nashra/translate"
)

// spare is something in a request that it can do without.
type spare struct {
	named   *regexp.Regexp // how services name it when they refuse it, in lower case
	because *regexp.Regexp // what else a refusal must say; nil: nothing
	sent    func(*request) bool
	leave   func(*request) // leaves it out, or replaces it
}

var (
	effort = regexp.MustCompile(`reasoning|thinking|effort|valid levels`)
	// refusals of a value; others are of the field
	badValue = regexp.MustCompile(`supported (values?|types?|levels?)\b|valid (values?|levels?)\b|` +
		`invalid [a-z_ ]*value|must be|one of|should be|only works`)
	// refusals that do not say which field they mean
	strange = regexp.MustCompile(`extra (inputs?|fields?|parameters?)|additional propert|` +
		`(unknown|unsupported|unrecognized|unexpected) [a-z ]*(fields?|parameters?|arguments?|propert)`)
)

// spares lists all, the likeliest meaning of a refusal first.
var spares = []spare{
	{effort, badValue, func(r *request) bool { return r.ReasoningEffort != "" && r.ReasoningEffort != "low" },
		func(r *request) {
			if r.ReasoningEffort == "none" { // the model always reasons, and the ceiling has no room for it yet
				r.MaxTokens += min(r.MaxTokens, 1) * thinkingTokens
				r.MaxCompletionTokens += min(r.MaxCompletionTokens, 1) * thinkingTokens
			}
			r.ReasoningEffort = "low"
		}},
	{effort, nil, func(r *request) bool { return r.ReasoningEffort != "" },
		func(r *request) {
			if r.ReasoningEffort == "none" { // a model that does not reason takes a temperature
				r.Temperature = new(float64)
			}
			r.ReasoningEffort = ""
		}},
	{effort, nil, func(r *request) bool { return r.Thinking != nil }, func(r *request) { r.Thinking = nil }},
	{regexp.MustCompile(`temperature`), nil, func(r *request) bool { return r.Temperature != nil },
		func(r *request) { r.Temperature = nil }},
	{regexp.MustCompile(`seed`), nil, func(r *request) bool { return r.Seed != 0 }, func(r *request) { r.Seed = 0 }},
	{regexp.MustCompile(`response.format|json_(schema|object)|structured output`), nil, hasFormat, lesserFormat},
	{regexp.MustCompile(`max_(completion_)?tokens`), nil, hasName, otherName},
	{strange, nil,
		func(r *request) bool {
			return r.ReasoningEffort != "" || r.Thinking != nil || r.Temperature != nil || r.Seed != 0
		},
		func(r *request) { r.ReasoningEffort, r.Thinking, r.Temperature, r.Seed = "", nil, nil, 0 }},
	{strange, nil, func(r *request) bool { return hasName(r) && r.MaxCompletionTokens > 0 }, otherName},
	{strange, nil, hasFormat, lesserFormat},
}

func hasFormat(r *request) bool { return r.ResponseFormat != nil }

// lesserFormat asks for any JSON instead of a schema, or for no form.
func lesserFormat(r *request) {
	if _, ok := r.ResponseFormat.(json.RawMessage); ok {
		r.ResponseFormat = anyJSON
	} else {
		r.ResponseFormat = nil
	}
}

func hasName(r *request) bool { return !r.renamed }

// otherName gives the ceiling its other name.
func otherName(r *request) {
	r.MaxTokens, r.MaxCompletionTokens, r.renamed = r.MaxCompletionTokens, r.MaxTokens, true
}

// giveUp reports whether a call can be made again without what the service has refused of q, and
// remembers that for all further calls.
func (e *Engine) giveUp(q request, a translate.Answer) bool {
	if a.Status != http.StatusBadRequest && a.Status != http.StatusUnprocessableEntity {
		return false
	}
	_, said := reason(a.Body)
	for _, s := range spares {
		if s.sent(&q) && s.named.MatchString(said) && (s.because == nil || s.because.MatchString(said)) {
			e.mu.Lock()
			defer e.mu.Unlock()
			if len(e.left) == q.left { // otherwise another call has learnt something meanwhile
				e.left = append(e.left, s)
			}
			return true
		}
	}
	return false
}
