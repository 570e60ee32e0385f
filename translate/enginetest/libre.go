package enginetest

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

// NewLibre starts a LibreTranslate server that wants a key, with LT_BATCH_LIMIT=60 and
// LT_CHAR_LIMIT=20000. Written from docs.libretranslate.com/guides/api_usage (fields, a list in and out)
// and the server's source (github.com/LibreTranslate/LibreTranslate, libretranslate/app.py: limits, the
// words of its errors, and html.unescape on every answer). It is stricter than the newest versions, whose
// LT_CHAR_LIMIT is for each text.
func NewLibre(t testing.TB) *Fake {
	return start(t, &Fake{Key: "libre-SECRET-key", MaxTexts: 60, MaxChars: 20_000, wire: wire{
		path:  "/translate",
		key:   libreKey,
		read:  libreRead,
		write: libreWrite,
		large: func(f *Fake) *refusal {
			return &refusal{status: 400,
				body: fmt.Sprintf(`{"error":"Invalid request: request (%d) exceeds text limit (%d)"}`, f.MaxChars+1,
					f.MaxChars)}
		},
		odd: func(status int) *refusal {
			if status == http.StatusUnsupportedMediaType { // read as a form, which has no q
				return &refusal{status: 400, body: `{"error":"Invalid request: missing q parameter"}`}
			}
			return &refusal{status: status, body: "<title>405 Method Not Allowed</title>"}
		},
		deny: func(q *Request) *refusal {
			if libreKey(q) == "" {
				return &refusal{status: 400, body: `{"error":"Please contact the server operator to get an API key"}`}
			}
			return &refusal{status: 403, body: `{"error":"Invalid API key"}`}
		},
		rows: []row{
			{"slow down", Fault{Status: 429, Body: `{"error":"Slowdown: 80 per 1 minute"}`,
				Header: map[string]string{"Retry-After": "7"}}, translate.Transient, 7 * time.Second, false},
			{"a ban", Fault{Status: 403, Body: `{"error":"Too many request limits violations"}`},
				translate.Transient, 0, false},
			{"no key", Fault{Status: 400, Body: `{"error":"Please contact the server operator to get an API key"}`},
				translate.Auth, 0, false},
			{"a wrong key", Fault{Status: 403, Body: `{"error":"Invalid API key"}`}, translate.Auth, 0, false},
			{"too many texts",
				Fault{Status: 400, Body: `{"error":"Invalid request: Request (61) exceeds batch limit (60)"}`},
				translate.TooLarge, 0, false},
			{"no such language", Fault{Status: 400, Body: `{"error":"ar is not supported"}`},
				translate.Unsupported, 0, false},
			{"a crash", Fault{Status: 500, Body: `{"error":"Cannot translate text: list index out of range"}`},
				translate.Transient, 0, false},
			{"a proxy that waited too long", Fault{Status: 504, Body: `<html>504 Gateway Time-out</html>`},
				translate.Transient, 0, true},
		},
	}})
}

type libreRequest struct {
	Q            []string `json:"q"`
	Source       string   `json:"source"`
	Target       string   `json:"target"`
	Format       string   `json:"format"`
	Alternatives int      `json:"alternatives"`
	APIKey       string   `json:"api_key"`
}

func libreKey(q *Request) string {
	var body libreRequest
	if json.Unmarshal(q.Body, &body) != nil {
		return ""
	}
	return body.APIKey
}

func libreRead(_ *Fake, q *Request) (call, *refusal) {
	var body libreRequest
	no := func(words string) (call, *refusal) {
		return call{}, &refusal{
			status: http.StatusBadRequest,
			body:   string(mustJSON(map[string]string{"error": words})),
		}
	}
	switch err := strict(q.Body, &body); {
	case err != nil || len(body.Q) == 0:
		return no("Invalid request: missing q parameter")
	case body.Source != "ar":
		return no(body.Source + " is not supported")
	case body.Target != "en":
		return no(body.Target + " is not supported")
	case !listed(body.Format, "text", "html"):
		return no(body.Format + " format is not supported")
	}
	c := call{texts: body.Q}
	if body.Format == "html" {
		c.codec = segment.HTML
	}
	return c, nil
}

// libreWrite unescapes answers, as the server does: text that looked like markup becomes markup.
func libreWrite(_ *Fake, _ call, texts []string, _ Fault) []byte {
	for i := range texts {
		texts[i] = html.UnescapeString(texts[i])
	}
	return mustJSON(map[string]any{"translatedText": texts})
}
