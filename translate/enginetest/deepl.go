package enginetest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

// NewDeepL starts DeepL's API v2. It takes 50 texts and 128 KiB a request, parses XML strictly and
// does not bill markup. Written from developers.deepl.com: api-reference/translate and its openapi.yaml
// (github.com/DeepLcom/openapi: fields, what an answer holds only when asked), docs/resources/usage-limits
// (128 KiB), docs/best-practices/pre-production-checklist (JSON, nothing in the query) and …/error-handling,
// docs/xml-and-html-handling/tag-handling-v2 (strict parsing), docs/translate/translating-xml (texts need no
// root element); the words of its other errors are those of github.com/DeepLcom/deepl-mock.
func NewDeepL(t testing.TB) *Fake {
	return start(t, &Fake{Key: "deepl-SECRET-key:fx", MaxTexts: 50, MaxBody: 128 << 10,
		wire: wire{
			path:  "/v2/translate",
			key:   deeplKey,
			read:  deeplRead,
			write: deeplWrite,
			meter: func(c call, text string) string { return segment.Plaintext(segment.Decode(text, c.codec)) },
			large: func(*Fake) *refusal { return &refusal{status: 413} },
			deny:  func(*Request) *refusal { return &refusal{status: 403} },
			rows: []row{
				{"wrong key", Fault{Status: 403}, translate.Auth, 0, false},
				{"a free key at the paid host", deeplFault(403, "Wrong endpoint. Use https://api-free.deepl.com"),
					translate.Auth, 0, false},
				{"too many requests", Fault{Status: 429}, translate.Transient, 0, false},
				{"too many requests, seconds", withHeader(Fault{Status: 429}, "Retry-After", "3"),
					translate.Transient, 3 * time.Second, false},
				{"too many requests, the other status", Fault{Status: 529}, translate.Transient, 0, false},
				{"characters used up", deeplFault(456, "Quota for this billing period has been exceeded."),
					translate.Quota, 0, false},
				{"too large", Fault{Status: 413}, translate.TooLarge, 0, false},
				{"too long an address", Fault{Status: 414}, translate.TooLarge, 0, false},
				{"too many texts", deeplFault(400, "Too many texts in request"), translate.TooLarge, 0, false},
				{"XML it cannot read", Fault{Status: 400, Body: unparsed}, translate.Malformed, 0, false},
				{"unknown language", deeplFault(400, "Value for 'target_lang' not supported."),
					translate.Unsupported, 0, false},
				{"unknown glossary", deeplFault(404, "No dictionary found for language pair"),
					translate.Unsupported, 0, false},
				{"a crash", Fault{Status: 500}, translate.Transient, 0, false},
				{"unavailable", deeplFault(503, "Service unavailable"), translate.Transient, 0, false},
				{"a gateway that waited", Fault{Status: 504, Body: "<html>upstream request timeout</html>"},
					translate.Transient, 0, true},
			},
		}})
}

// unparsed is DeepL's answer to XML that is not well-formed.
const unparsed = `{"Message": "Tag handling parsing failed, please check input."}`

func deeplFault(status int, message string) Fault {
	return Fault{Status: status, Body: string(mustJSON(map[string]string{"message": message}))}
}

func deeplKey(q *Request) string {
	key, ok := strings.CutPrefix(q.Header.Get("Authorization"), "DeepL-Auth-Key ")
	if !ok {
		return ""
	}
	return key
}

// deeplRequest has the documented fields.
type deeplRequest struct {
	Text         []string `json:"text"`
	Source       string   `json:"source_lang"`
	Target       string   `json:"target_lang"`
	Context      string   `json:"context"`
	ModelType    string   `json:"model_type"`
	Glossary     string   `json:"glossary_id"`
	Formality    string   `json:"formality"`
	TagHandling  string   `json:"tag_handling"`
	TagVersion   string   `json:"tag_handling_version"`
	Outline      *bool    `json:"outline_detection"`
	Formatting   bool     `json:"preserve_formatting"`
	NonSplitting []string `json:"non_splitting_tags"`
	Splitting    []string `json:"splitting_tags"`
	Ignore       []string `json:"ignore_tags"`
	ShowBilled   bool     `json:"show_billed_characters"`
	Sentences    string   `json:"split_sentences"`
}

// listed reports whether a field holds one of the documented values, or is left out.
func listed(value string, documented ...string) bool {
	return value == "" || slices.Contains(documented, value)
}

func deeplRead(_ *Fake, q *Request) (call, *refusal) {
	no := func(format string, args ...any) (call, *refusal) {
		return call{}, &refusal{status: 400, body: deeplFault(400, fmt.Sprintf(format, args...)).Body}
	}
	var body deeplRequest
	switch err := strict(q.Body, &body); {
	case q.Query != "":
		return no("Query parameters are not supported.")
	case err != nil:
		return no("Bad request. Reason: %v", err)
	case len(body.Text) == 0:
		return no("Parameter 'text' not specified.")
	case body.Glossary != "" && body.Source == "":
		return no("Use of a glossary requires the source_lang parameter to be specified")
	case body.Source != "AR":
		return no("Value for 'source_lang' not supported.")
	case body.Target != "EN-US":
		return no("Value for 'target_lang' not supported.")
	case !listed(body.TagHandling, "xml", "html") || !listed(body.TagVersion, "v1", "v2"):
		return no("Value for 'tag_handling' not supported.")
	case !listed(body.Sentences, "0", "1", "nonewlines"):
		return no("Value for 'split_sentences' not supported.")
	case !listed(body.ModelType, "latency_optimized", "quality_optimized", "prefer_quality_optimized"):
		return no("Value for 'model_type' not supported.")
	}
	c := call{texts: body.Text, model: body.ModelType, shows: body.ShowBilled}
	if body.TagHandling == "html" {
		c.codec = segment.HTML
	}
	if body.TagHandling == "xml" {
		c.codec = segment.XML
		for _, s := range append([]string{body.Context}, body.Text...) {
			if err := wellFormed(s); err != nil && s != "" {
				return call{}, &refusal{status: 400, body: unparsed}
			}
		}
	}
	return c, nil
}

// wellFormed parses as strictly as DeepL's second parser: every tag closed, five entities.
func wellFormed(s string) error {
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func deeplWrite(f *Fake, c call, texts []string, _ Fault) []byte {
	rows := []map[string]any{}
	for i, s := range texts {
		row := map[string]any{"detected_source_language": "AR", "text": s}
		if c.model != "" {
			row["model_type_used"] = c.model
		}
		if c.shows && i < len(c.texts) {
			row["billed_characters"] = f.bill(c, c.texts[i])
		}
		rows = append(rows, row)
	}
	return mustJSON(map[string]any{"translations": rows})
}

// NewMTranServer starts an MTranServer that wants a token. It speaks DeepL's format at another
// path, with HTML, languages without regions and its own error text. Written from its source
// (github.com/xxnuo/MTranServer: src/handlers/deepl.ts, src/server/index.ts, src/middleware), since
// docs/API_en.md leaves this path out: four fields are read, a body has at most Express's 100 KiB, and
// whatever breaks, also a body too large or without its label, is a 500.
func NewMTranServer(t testing.TB) *Fake {
	fault := func(status int, words string) Fault {
		return Fault{Status: status, Body: string(mustJSON(map[string]string{"error": words}))}
	}
	broken := func(int) *refusal {
		return &refusal{status: 500, body: fault(500, "Translation failed: TypeError").Body}
	}
	return start(t, &Fake{Key: "mtran-SECRET-token", MaxBody: 100 << 10, wire: wire{
		path: "/deepl",
		key:  deeplKey,
		read: func(_ *Fake, q *Request) (call, *refusal) {
			var body struct {
				Text   []string `json:"text"`
				Source string   `json:"source_lang"`
				Target string   `json:"target_lang"`
				Tags   string   `json:"tag_handling"`
			}
			switch err := strict(q.Body, &body); {
			case err != nil || body.Source != "AR" || body.Target != "EN":
				return call{}, broken(500)
			case len(body.Text) == 0:
				return call{},
					&refusal{status: 400, body: fault(400, "Missing required fields: text, target_lang").Body}
			}
			c := call{texts: body.Text}
			if body.Tags == "html" || body.Tags == "xml" {
				c.codec = segment.HTML
			}
			return c, nil
		},
		write: func(_ *Fake, _ call, texts []string, _ Fault) []byte {
			rows := []map[string]string{}
			for _, s := range texts {
				rows = append(rows, map[string]string{"detected_source_language": "AR", "text": s})
			}
			return mustJSON(map[string]any{"translations": rows})
		},
		large: func(*Fake) *refusal { return &refusal{status: 500, body: fault(500, "Internal Server Error").Body} },
		odd: func(status int) *refusal {
			if status == http.StatusMethodNotAllowed {
				return &refusal{status: 404, body: "404"}
			}
			return broken(status)
		},
		deny: func(*Request) *refusal { return &refusal{status: 401, body: fault(401, "Unauthorized").Body} },
		rows: []row{
			{"wrong token", fault(401, "Unauthorized"), translate.Auth, 0, false},
			{"a field missing", fault(400, "Missing required fields: text, target_lang"),
				translate.Unsupported, 0, false},
			{"a model that is not there", fault(500, "Translation failed: Error: no model for ar-en"),
				translate.Transient, 0, false},
			{"too much for the proxy before it", Fault{Status: 413, Body: "request entity too large"},
				translate.TooLarge, 0, false},
		},
	}})
}
