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
// LT_CHAR_LIMIT=20000.
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
		deny: func() *refusal { return &refusal{status: 403, body: `{"error":"Invalid API key"}`} },
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
	if err := strict(q.Body, &body); err != nil || body.Source != "ar" || body.Target != "en" || len(body.Q) == 0 {
		return call{}, &refusal{status: http.StatusBadRequest, body: `{"error":"Invalid request"}`}
	}
	c := call{texts: body.Q}
	if body.Format == "html" {
		c.codec = segment.HTML
	}
	return c, nil
}

// libreWrite unescapes HTML answers, as the server does: text that looked like markup becomes
// markup.
func libreWrite(_ *Fake, c call, texts []string, _ Fault) []byte {
	if c.codec == segment.HTML {
		for i := range texts {
			texts[i] = html.UnescapeString(texts[i])
		}
	}
	return mustJSON(map[string]any{"translatedText": texts})
}
