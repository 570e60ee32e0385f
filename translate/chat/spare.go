package chat

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"

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
	{effort, badValue, isHigher, lower},
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
	// Gemini of reasoning_effort none: buxuku/SmartSub issue 439
	{regexp.MustCompile(`contains an invalid argument`), nil, isHigher, lower},
}

func isHigher(r *request) bool { return r.ReasoningEffort != "" && r.ReasoningEffort != "low" }

// lower asks a model that always reasons for little of it.
func lower(r *request) {
	if r.ReasoningEffort == "none" { // the ceiling has no room for it yet
		r.MaxTokens += min(r.MaxTokens, 1) * thinkingTokens
		r.MaxCompletionTokens += min(r.MaxCompletionTokens, 1) * thinkingTokens
	}
	r.ReasoningEffort = "low"
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

// refused returns what the service has refused of r and r can do without, or nil.
func (r *request) refused(a translate.Answer) *spare {
	if a.Status != http.StatusBadRequest && a.Status != http.StatusUnprocessableEntity {
		return nil
	}
	_, said := reason(a.Body)
	named := false // a field that is not sent, so that none is meant without its name
	for i := range spares {
		s := &spares[i]
		fits := s.named.MatchString(said) && (s.because == nil || s.because.MatchString(said))
		if fits && s.sent(r) && (s.named != strange || !named) {
			return s
		}
		named = named || fits && s.named != strange
	}
	return nil
}

// known returns what the service is known to refuse.
func (e *Engine) known() []spare {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.left)
}

// learn remembers what was left out of a call that the service took.
func (e *Engine) learn(left []spare) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(left) > len(e.left) {
		e.left = left
	}
}
