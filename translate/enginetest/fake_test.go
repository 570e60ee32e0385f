package enginetest

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate/segment"
)

func TestReferenceIsServedWithItsCodes(t *testing.T) {
	f := NewLibre(t)
	f.Reference = map[string]string{"أعلنت أبل & شركاؤها": "Apple & partners said", "خبر": "News"}
	for neutral, want := range map[string]string{
		"أعلنت <g1>أبل</g1> &amp; <x2/>شركاؤها": "<g1>Apple</g1> &amp;<x2/> partners said",
		"<g1><g2>خبر</g2></g1><x3/>":            "<g2><g1>News</g1></g2><x3/>", // more codes than words
		"خبر":                                   "News",
	} {
		for _, codec := range []segment.Codec{segment.HTML, segment.Tagged} {
			got := segment.Decode(f.translate(segment.Encode(neutral, codec), codec), codec)
			if got != want || segment.Verify(neutral, got) != nil {
				t.Errorf("codec %d: %q became %q, want %q: %v", codec, neutral, got, want, segment.Verify(neutral, got))
			}
		}
	}
}

// A fake refuses what its service refuses, and bills nothing for it.
func TestFakesAreStrict(t *testing.T) {
	const flat = `{"q":["خبر"],"source":"ar","target":"en","format":"text"}`
	const azureType = "application/json; charset=UTF-8"
	good := `{"q":["خبر"],"source":"ar","target":"en","format":"text","api_key":"libre-SECRET-key"}`
	for name, c := range map[string]struct {
		fake                     func(testing.TB) *Fake
		method, path, kind, body string
		key                      string
		want                     int
	}{
		"libre, right":        {NewLibre, "POST", "/translate", "application/json", good, "", 200},
		"libre, no key":       {NewLibre, "POST", "/translate", "application/json", flat, "", 400},
		"libre, another path": {NewLibre, "POST", "/translate/", "application/json", good, "", 404},
		"libre, GET":          {NewLibre, "GET", "/translate", "application/json", good, "", 405},
		"libre, plain text":   {NewLibre, "POST", "/translate", "text/plain", good, "", 400},
		"libre, unknown field": {NewLibre, "POST", "/translate", "application/json",
			strings.Replace(good, "{", `{"x":1,`, 1), "", 400},
		"v2, right": {NewGoogleV2, "POST", "/language/translate/v2", "application/json", flat,
			"google-SECRET-key", 200},
		"v2, key in the address": {NewGoogleV2, "POST", "/language/translate/v2?key=google-SECRET-key",
			"application/json", flat, "", 403},
		"v2, unknown field": {NewGoogleV2, "POST", "/language/translate/v2", "application/json", good,
			"google-SECRET-key", 400},
		"v2, an envelope": {NewGoogleV2, "POST", "/language/translate/v2", "application/json",
			`{"data":` + flat + `}`, "google-SECRET-key", 400},
		"v2, a form": {NewGoogleV2, "POST", "/language/translate/v2", "application/x-www-form-urlencoded",
			"q=%D8%AE%D8%A8%D8%B1&source=ar&target=en", "google-SECRET-key", 400},
		"v2, a format that it lacks": {NewGoogleV2, "POST", "/language/translate/v2", "application/json",
			strings.Replace(flat, "text", "markdown", 1), "google-SECRET-key", 400},
		"v3, no token": {NewGoogleV3, "POST", "/v3/projects/demo-project/locations/global:translateText",
			"application/json", "{}", "", 401},
		"DeepL, right": {NewDeepL, "POST", "/v2/translate", "application/json",
			`{"text":["خبر"],"source_lang":"AR","target_lang":"EN-US"}`, "deepl-SECRET-key:fx", 200},
		"DeepL, an open element": {NewDeepL, "POST", "/v2/translate", "application/json",
			`{"text":["<b>خبر"],"source_lang":"AR","target_lang":"EN-US","tag_handling":"xml"}`, "deepl-SECRET-key:fx",
			400},
		"DeepL, an HTML entity": {NewDeepL, "POST", "/v2/translate", "application/json",
			`{"text":["<t>&nbsp;</t>"],"source_lang":"AR","target_lang":"EN-US","tag_handling":"xml"}`,
			"deepl-SECRET-key:fx", 400},
		"DeepL, a bare target": {NewDeepL, "POST", "/v2/translate", "application/json",
			`{"text":["خبر"],"source_lang":"AR","target_lang":"EN"}`, "deepl-SECRET-key:fx", 400},
		"DeepL, key in the body": {NewDeepL, "POST", "/v2/translate", "application/json",
			`{"text":["خبر"],"source_lang":"AR","target_lang":"EN-US","auth_key":"deepl-SECRET-key:fx"}`, "", 403},
		"DeepL, a query": {NewDeepL, "POST", "/v2/translate?target_lang=EN-US", "application/json",
			`{"text":["خبر"],"source_lang":"AR","target_lang":"EN-US"}`, "deepl-SECRET-key:fx", 400},
		"DeepL, a model that it lacks": {NewDeepL, "POST", "/v2/translate", "application/json",
			`{"text":["خبر"],"source_lang":"AR","target_lang":"EN-US","model_type":"best"}`,
			"deepl-SECRET-key:fx", 400},
		"MTranServer, plain text": {NewMTranServer, "POST", "/deepl", "text/plain",
			`{"text":["خبر"],"source_lang":"AR","target_lang":"EN"}`, "mtran-SECRET-token", 500},
		"MTranServer, a field that it never reads": {NewMTranServer, "POST", "/deepl", "application/json",
			`{"text":["خبر"],"source_lang":"AR","target_lang":"EN","context":"x"}`, "mtran-SECRET-token", 500},
		"MTranServer, right": {NewMTranServer, "POST", "/deepl", "application/json",
			`{"text":["خبر"],"source_lang":"AR","target_lang":"EN"}`, "mtran-SECRET-token", 200},
		"Azure, right": {NewAzure, "POST", "/translate?api-version=3.0&from=ar&to=en", azureType,
			`[{"Text":"خبر"}]`, "azure-SECRET-key", 200},
		"Azure, no charset": {NewAzure, "POST", "/translate?api-version=3.0&from=ar&to=en", "application/json",
			`[{"Text":"خبر"}]`, "azure-SECRET-key", 415},
		"Azure, GET": {NewAzure, "GET", "/translate?api-version=3.0&from=ar&to=en", azureType,
			`[{"Text":"خبر"}]`, "azure-SECRET-key", 405},
		"Azure, no version": {NewAzure, "POST", "/translate?from=ar&to=en", azureType,
			`[{"Text":"خبر"}]`, "azure-SECRET-key", 400},
		"Azure, an object": {NewAzure, "POST", "/translate?api-version=3.0&from=ar&to=en", azureType,
			`{"Text":"خبر"}`, "azure-SECRET-key", 400},
		"Azure, unknown query": {NewAzure, "POST", "/translate?api-version=3.0&from=ar&to=en&x=1",
			azureType, `[{"Text":"خبر"}]`, "azure-SECRET-key", 400},
		"DeepSeek, no key": {NewDeepSeek, "POST", "/chat/completions", "application/json", "{}", "", 401},
		"Ollama, no seed": {NewOllama, "POST", "/v1/chat/completions", "application/json",
			`{"model":"m","max_tokens":9}`, "", 400},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.fake(t)
			req, err := http.NewRequestWithContext(t.Context(), c.method, f.URL+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", c.kind)
			for name, value := range map[string]string{"X-Goog-Api-Key": c.key, "Authorization": "DeepL-Auth-Key " +
				c.key,
				"Ocp-Apim-Subscription-Key": c.key, "Ocp-Apim-Subscription-Region": Region} {
				if c.key != "" {
					req.Header.Set(name, value)
				}
			}
			res, err := f.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != c.want || err != nil {
				t.Errorf("status %d, want %d: %s %v", res.StatusCode, c.want, body, err)
			}
			if billed := f.Billed(); (billed == 3) != (c.want == 200) {
				t.Errorf("billed %d", billed)
			}
		})
	}
}
