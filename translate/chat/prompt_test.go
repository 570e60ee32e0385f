package chat

import (
	"net/http"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate"
)

// A word of the text may only look like a term, so that a model must be free to know better.
func TestTermsAreSuggestions(t *testing.T) {
	e := New(translate.Settings{Name: "m", URL: "http://127.0.0.1", Model: "m"}, http.DefaultClient)
	q, err := e.request(translate.Request{Segments: []string{"خادم"},
		Terms: []translate.Term{{From: "خادم", To: "server"}}}, nil)
	if err != nil || !strings.Contains(q.Messages[0].Content, "ignore it where the word means something else") ||
		!strings.Contains(q.Messages[1].Content, `"glossary":[{"from":"خادم","to":"server"}]`) {
		t.Errorf("%v: %v", q.Messages, err)
	}
}
