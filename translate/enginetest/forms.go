package enginetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest/english"
	"github.com/nashra/nashra/translate/segment"
)

// entries are the segments of a chat model's right answer.
type entries []struct {
	ID int    `json:"id"`
	T  string `json:"t"`
}

// said returns a Fault that says the right segments in another form.
func said(form func(entries) any) Fault {
	return Fault{Say: func(content string) string {
		var right struct{ Segments entries }
		if err := json.Unmarshal([]byte(content), &right); err != nil {
			panic(err) // of our own
		}
		switch v := form(right.Segments).(type) {
		case string:
			return v
		default:
			return string(mustJSON(v))
		}
	}}
}

// told returns a Fault that puts words around the right content.
func told(before, after string) Fault {
	return Fault{Say: func(content string) string { return before + content + after }}
}

// answerForms are the forms in which models and gateways give right answers, as public reports show.
var answerForms = map[string]Fault{
	"thoughts without a begin":  told("Let me see {a draft}: {\"segments\":[{\"id\":1,\"t\":\"x\"}]}\n</think>\n", ""),
	"a fence and a note":        told("Here it is:\n```json\n", "\n```\nNote: {names} and [links] are kept."),
	"a channel of gpt-oss":      told(`<|channel|>analysis<|message|>{"1":"x"}<|channel|>final<|message|>`, ""),
	"parts":                     {Parts: true},
	"JSON in place of a string": {JSON: true, Say: func(s string) string { return s }},
	"a stream, unasked":         {Stream: true},
	"the end mark of a stream":  {Tail: "\n\ndata: [DONE]\n\n"},
	"no last brackets":          {Say: func(s string) string { return strings.TrimSuffix(s, "]}") }},
	"commas before the end":     {Say: func(s string) string { return strings.Replace(s, "]}", ",],}", 1) }},
	"raw line breaks":           {Say: func(s string) string { return strings.ReplaceAll(s, `"t":"`, "\"t\":\"\n") }},
	"whole at the ceiling":      {Finish: "length", Whole: true},
	"a bare list":               said(func(in entries) any { return in }),
	"a wrapped list": said(
		func(in entries) any { return map[string]any{"result": map[string]any{"x": in}} },
	),
	"texts by id":                said(func(in entries) any { return in.byID(0) }),
	"texts by id, in segments":   said(func(in entries) any { return map[string]any{"segments": in.byID(0)} }),
	"other names of the fields":  said(func(in entries) any { return in.as("index", "translation") }),
	"ids as strings":             said(func(in entries) any { return in.as("id", "text", "%d") }),
	"every id twice, once empty": said(func(in entries) any { return append(in.blank(), in...) }),
	"a line for each":            said(func(in entries) any { return in.lines() }),
	"the question, then the answer": said(func(in entries) any {
		return `{"segments":[{"id":1,"t":"خبر عاجل"},{"id":2,"t":"نبأ"}]}` + string(mustJSON(in))
	}),
}

// brokenForms are answers that leave a choice, or no text.
var brokenForms = map[string]Fault{
	"ids from zero":             said(func(in entries) any { return in.byID(-1) }),
	"two joined, the last gone": said(func(in entries) any { return in[:len(in)-1] }),
	"one more":                  said(func(in entries) any { return append(in, entries{{3, "x"}}...) }),
	"no ids":                    said(func(in entries) any { return []string{in[0].T, in[1].T} }),
	"two answers":               said(func(in entries) any { return string(mustJSON(in)) + `{"1":"x","2":"y"}` }),
	"a draft alone":             told("", "</think>"),
	"cut off":                   {Say: func(s string) string { return s[:len(s)*4/5] }},
	"a loose quotation mark":    {Say: func(s string) string { return strings.Replace(s, `"t":"`, `"t":"a "b" `, 1) }},
	"a numbered list":           said(func(in entries) any { return "1. " + in[0].T + "\n2. " + in[1].T }),
}

func (in entries) byID(shift int) map[string]string {
	out := map[string]string{}
	for _, s := range in {
		out[fmt.Sprint(s.ID+shift)] = s.T
	}
	return out
}

// as returns the entries with other names of the fields, and with the ids as numbers or in a format.
func (in entries) as(id, text string, format ...string) (out []map[string]any) {
	for _, s := range in {
		row := map[string]any{id: s.ID, text: s.T}
		if len(format) > 0 {
			row[id] = fmt.Sprintf(format[0], s.ID)
		}
		out = append(out, row)
	}
	return out
}

func (in entries) blank() entries {
	out := slices.Clone(in)
	for i := range out {
		out[i].T = ""
	}
	return out
}

func (in entries) lines() string {
	var out strings.Builder
	for _, s := range in {
		fmt.Fprintf(&out, "%s\n", mustJSON(s))
	}
	return out.String()
}

// forms checks that a chat engine reads the right answer in whatever form, and throws away what
// leaves a choice.
func (s suite) forms(t *testing.T) {
	if _, e := s.start(t); e.Limits().Codec != segment.Tagged {
		t.Skip("no language model")
	}
	want := []string{english.Translate("خبر عاجل", false), english.Translate("نبأ", false)}
	for name, ft := range answerForms {
		f, e := s.start(t)
		f.Fault(1, ft)
		res, err := e.Translate(within(t), ask(e, segment.Plain, "خبر عاجل", "نبأ"))
		for i := range res.Texts {
			res.Texts[i] = strings.TrimSpace(res.Texts[i])
		}
		if err != nil || !slices.Equal(res.Texts, want) {
			t.Errorf("%s: got %q, want %q: %v", name, res.Texts, want, err)
		}
	}
	for name, ft := range brokenForms {
		t.Run(name, func(t *testing.T) {
			f, e := s.start(t)
			f.Fault(1, ft)
			_, err := e.Translate(within(t), ask(e, segment.Plain, "خبر عاجل", "نبأ"))
			_ = failed(t, f, e, err, translate.Malformed)
			once(t, f)
		})
	}
}

// forbid returns a rule that refuses fields, with the status and the message of some service.
func forbid(status int, message string, names ...string) func(map[string]any) *refusal {
	return func(fields map[string]any) *refusal {
		for _, name := range names {
			if _, ok := fields[name]; ok {
				return &refusal{status: status, body: strings.ReplaceAll(message, "NAME", name)}
			}
		}
		return nil
	}
}

// fieldRules are the refusals of fields that services do not document, as public reports show.
var fieldRules = map[string]func(map[string]any) *refusal{
	"an effort": forbid(400, `{"error":{"message":"Unsupported parameter: 'NAME' is not supported with this model.",`+
		`"type":"invalid_request_error","param":"NAME","code":"unsupported_parameter"}}`, "reasoning_effort"),
	"an effort, says a gateway": forbid(
		400,
		`{"message":"litellm.UnsupportedParamsError: together_ai does not support `+
			`parameters: ['NAME'], for model=x"}`,
		"reasoning_effort",
	),
	"the effort none": func(fields map[string]any) *refusal {
		if fields["reasoning_effort"] != "none" {
			return nil
		}
		return &refusal{
			status: 400,
			body: `{"error":{"message":"Unsupported value: 'reasoning_effort' does not support ` +
				`'none' with this model. Supported values are: 'minimal', 'low', 'medium', and 'high'."}}`,
		}
	},
	"the effort none, says another": func(fields map[string]any) *refusal {
		if fields["reasoning_effort"] != "none" {
			return nil
		}
		return &refusal{
			status: 400,
			body:   `{"error":{"message":"level \"none\" not supported, valid levels: low, high"}}`,
		}
	},
	"the effort none, without a word of it": func(fields map[string]any) *refusal {
		if fields["reasoning_effort"] != "none" {
			return nil
		}
		return &refusal{status: 400, body: `[{"error":{"code":400,"message":"Request contains an invalid argument.",` +
			`"status":"INVALID_ARGUMENT"}}]`}
	},
	"a model that always reasons": func(fields map[string]any) *refusal {
		if fields["reasoning_effort"] != "none" {
			return nil
		}
		return &refusal{
			status: 400,
			body: `[{"error":{"code":400,"message":"Budget 0 is invalid. This model only works ` +
				`in thinking mode.","status":"INVALID_ARGUMENT"}}]`,
		}
	},
	"extra fields, by name": forbid(422, `{"object":"error","message":{"detail":[{"type":"extra_forbidden",`+
		`"loc":["body","NAME"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error","code":null}`,
		"max_completion_tokens", "reasoning_effort", "thinking", "temperature", "seed", "response_format"),
	"extra fields, without a name": forbid(422, `{"detail":"Extra fields are not permitted"}`,
		"reasoning_effort", "thinking", "temperature", "seed"),
	"any but the oldest fields": forbid(422, `{"detail":"Extra inputs are not permitted"}`,
		"reasoning_effort", "thinking", "temperature", "seed", "response_format", "max_completion_tokens"),
	"a schema": func(fields map[string]any) *refusal {
		if format, _ := fields["response_format"].(map[string]any); format["type"] != "json_schema" {
			return nil
		}
		return &refusal{status: 400, body: `{"error":{"message":"This response_format type is unavailable now"}}`}
	},
	"any form of the answer": forbid(400, `{"error":"'NAME.type' must be 'text'"}`, "response_format"),
}

// refusedFields checks that a chat engine does without a field that its service refuses, and remembers it.
func (s suite) refusedFields(t *testing.T) {
	if _, e := s.start(t); e.Limits().Codec != segment.Tagged {
		t.Skip("no language model")
	}
	for name, rule := range fieldRules {
		f, e := s.start(t)
		f.forbids = rule
		for i := range 2 {
			before := len(f.Requests())
			if _, err := e.Translate(within(t), ask(e, segment.Plain, "خبر")); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if n := len(f.Requests()) - before; i == 1 && n != 1 {
				t.Errorf("%s: asked %d times though it knew", name, n)
			}
		}
		if n := len(f.Requests()); n > 10 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
}
