package enginetest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

// Glossary is the id of the glossary of the fake Google v3.
const Glossary = "projects/" + Project + "/locations/us-central1/glossaries/tech"

// Project is the project of the fake Google v3 and its credentials.
const Project = "demo-project"

// NewGoogleV2 starts Cloud Translation Basic with an API key. It takes 128 texts and 100 KB a request.
// Written from docs.cloud.google.com/translate: docs/basic/translating-text (a bare body of JSON by POST,
// 128 segments), docs/reference/rest/v2/translate (fields of the request and the answer), quotas (100 KB,
// the two kinds of 403), troubleshooting (style on tags), and from
// docs.cloud.google.com/docs/authentication/api-keys-use (X-Goog-Api-Key).
func NewGoogleV2(t testing.TB) *Fake {
	return start(t, &Fake{Key: "google-SECRET-key", MaxTexts: 128, MaxBody: 100_000, wire: wire{
		path:  "/language/translate/v2",
		key:   func(q *Request) string { return q.Header.Get("X-Goog-Api-Key") },
		read:  v2Read,
		write: v2Write,
		large: func(*Fake) *refusal {
			return v2Refusal(400, "invalid", "Request payload size exceeds the limit: 100000 bytes.")
		},
		deny: func(q *Request) *refusal {
			if q.Header.Get("X-Goog-Api-Key") == "" {
				return v2Refusal(403, "forbidden", "Method doesn't allow unregistered callers (callers without "+
					"established identity). Please use API Key or other form of API consumer identity.")
			}
			return v2Refusal(400, "badRequest", "API key not valid. Please pass a valid API key.")
		},
		odd: func(status int) *refusal {
			if status == http.StatusUnsupportedMediaType { // whatever its label, a body is read as JSON
				return v2Refusal(400, "badRequest", "Invalid JSON payload received. Unexpected token.")
			}
			return v2Refusal(status, "httpMethodNotAllowed", "The HTTP method is not supported for this URL.")
		},
		rows: []row{
			{"user rate limit", v2Fault(403, "userRateLimitExceeded", "User Rate Limit Exceeded"),
				translate.Transient, 0, false},
			{"daily limit", v2Fault(403, "dailyLimitExceeded", "Daily Limit Exceeded"), translate.Quota, 0, false},
			{"not allowed",
				v2Fault(403, "forbidden",
					"Cloud Translation API has not been used in project 1 before or it is disabled."),
				translate.Auth, 0, false},
			{"wrong key", v2Fault(400, "badRequest", "API key not valid. Please pass a valid API key."),
				translate.Auth, 0, false},
			{"too many texts", v2Fault(400, "invalid", "Too many text segments"), translate.TooLarge, 0, false},
			{"too large a body",
				Fault{Status: 413, Body: "<html><title>Error 413 (Request Entity Too Large)!!1</title></html>"},
				translate.TooLarge, 0, false},
			{"bad language pair", v2Fault(400, "invalid", "Bad language pair: ar|xx"), translate.Unsupported, 0, false},
			{"too many requests, seconds", withHeader(v2Fault(429, "rateLimitExceeded", "Rate Limit Exceeded"),
				"Retry-After", "9"), translate.Transient, 9 * time.Second, false},
			{"back end", v2Fault(500, "backendError", "Backend Error"), translate.Transient, 0, false},
			{"unavailable", v2Fault(503, "backendError", "The service is currently unavailable."),
				translate.Transient, 0, false},
			{"gateway", Fault{Status: 502, Body: "<html>Error 502 (Server Error)!!1</html>"},
				translate.Transient, 0, true},
		},
	}})
}

// v2 errors name their reason in errors[].
func v2Refusal(status int, reason, message string) *refusal {
	return &refusal{status: status,
		body: string(mustJSON(map[string]any{"error": map[string]any{"code": status, "message": message,
			"errors": []any{map[string]string{"message": message, "domain": "global", "reason": reason}}}}))}
}

func v2Fault(status int, reason, message string) Fault {
	return Fault{Status: status, Body: v2Refusal(status, reason, message).body}
}

func withHeader(ft Fault, key, value string) Fault {
	ft.Header = map[string]string{key: value}
	return ft
}

func v2Read(_ *Fake, q *Request) (call, *refusal) {
	var body struct {
		Q      []string `json:"q"`
		Source string   `json:"source"`
		Target string   `json:"target"`
		Format string   `json:"format"`
		Model  string   `json:"model"`
	}
	switch err := strict(q.Body, &body); {
	case err != nil:
		return call{}, v2Refusal(400, "badRequest", "Invalid JSON payload received. "+err.Error())
	case len(body.Q) == 0:
		return call{}, v2Refusal(400, "required", "Required Text")
	case body.Source != "ar" || body.Target != "en":
		return call{}, v2Refusal(400, "invalid", "Bad language pair: "+body.Source+"|"+body.Target)
	case body.Format != "" && body.Format != "html" && body.Format != "text",
		body.Model != "" && body.Model != "nmt" && body.Model != "base" && !strings.HasPrefix(body.Model, "projects/"):
		return call{}, v2Refusal(400, "invalid", "Invalid Value")
	}
	c := call{texts: body.Q, codec: segment.HTML, model: body.Model} // HTML is the default
	if body.Format == "text" {
		c.codec = segment.Plain
	}
	return c, nil
}

// v2Write escapes more than HTML needs, as Google does. It names the model only if asked for one.
func v2Write(_ *Fake, c call, texts []string, _ Fault) []byte {
	rows := []map[string]string{}
	for _, s := range texts {
		if c.codec == segment.HTML {
			s = turned(strings.ReplaceAll(s, "'", "&#39;"))
		}
		row := map[string]string{"translatedText": s}
		if c.model != "" {
			row["model"] = c.model
		}
		rows = append(rows, row)
	}
	return mustJSON(map[string]any{"data": map[string]any{"translations": rows}})
}

// NewGoogleV3 starts Cloud Translation Advanced and the sign-in service for its Credentials. It
// takes 1,024 texts and 30,000 code points a request, in the locations global and us-central1.
// Written from docs.cloud.google.com/translate: docs/reference/rest/v3/projects.locations/translateText
// (fields, 1,024 strings, glossaries and models of the location alone), quotas (30,000 code points),
// troubleshooting (style on tags), and from cloud.google.com/apis/design/errors (details).
// Google's client also sends the parent in the body.
func NewGoogleV3(t testing.TB) *Fake {
	retry := map[string]any{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "11.500s"}
	f := start(t, &Fake{Key: "google-SECRET-access-token", MaxTexts: 1024, MaxChars: 30_000, wire: wire{
		path:  "/v3/projects/" + Project + "/locations/*:translateText",
		key:   func(q *Request) string { return strings.TrimPrefix(q.Header.Get("Authorization"), "Bearer ") },
		read:  v3Read,
		write: v3Write,
		large: func(*Fake) *refusal {
			return &refusal{status: 400, body: v3Fault(400, "INVALID_ARGUMENT", "Text is too long.").Body}
		},
		deny: func(*Request) *refusal {
			return &refusal{status: 401,
				body: v3Fault(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.").Body}
		},
		rows: []row{
			{"rate, RetryInfo",
				v3Fault(429, "RESOURCE_EXHAUSTED",
					"Quota exceeded for quota metric 'v3 general model characters' and limit 'per minute'",
					info("RATE_LIMIT_EXCEEDED"), retry), translate.Transient, 11500 * time.Millisecond, false},
			{"day's quota",
				v3Fault(429, "RESOURCE_EXHAUSTED",
					"Quota exceeded for quota metric 'characters' and limit 'per day'"), translate.Quota, 0, false},
			{"daily limit", v3Fault(403, "PERMISSION_DENIED", "Daily Limit Exceeded"), translate.Quota, 0, false},
			{"user rate limit", v3Fault(403, "PERMISSION_DENIED", "User Rate Limit Exceeded"),
				translate.Transient, 0, false},
			{"no permission",
				v3Fault(403, "PERMISSION_DENIED", "Cloud IAM permission 'cloudtranslate.generalModels.predict' denied.",
					info("IAM_PERMISSION_DENIED")), translate.Auth, 0, false},
			{"old token", v3Fault(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.",
				info("ACCESS_TOKEN_EXPIRED")), translate.Auth, 0, false},
			{"too long", v3Fault(400, "INVALID_ARGUMENT", "Text is too long."), translate.TooLarge, 0, false},
			{"unknown language", v3Fault(400, "INVALID_ARGUMENT", "Target language is invalid."),
				translate.Unsupported, 0, false},
			{"no billing", v3Fault(403, "PERMISSION_DENIED", "This API method requires billing to be enabled.",
				info("BILLING_DISABLED")), translate.Auth, 0, false},
			{"unknown model", v3Fault(404, "NOT_FOUND", "Model not found"), translate.Unsupported, 0, false},
			{"unavailable", v3Fault(503, "UNAVAILABLE", "The service is currently unavailable."),
				translate.Transient, 0, false},
			{"deadline", v3Fault(504, "DEADLINE_EXCEEDED", "Deadline exceeded"), translate.Transient, 0, true},
		},
	}})
	key, err := rsa.GenerateKey(rand.Reader, 1024) // short, since each test makes one
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	f.signer = &key.PublicKey
	f.Credentials = string(mustJSON(map[string]string{"type": "service_account", "project_id": Project,
		"private_key_id": "1",
		"private_key":    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email":   "nashra@" + Project + ".invalid",
		"client_id":      "1", "token_uri": f.URL + "/token"}))
	return f
}

func info(reason string) map[string]any {
	return map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason,
		"domain": "googleapis.com"}
}

// v3 errors have details[] and no errors[].
func v3Fault(code int, status, message string, details ...map[string]any) Fault {
	return Fault{Status: code,
		Body: string(mustJSON(map[string]any{"error": map[string]any{"code": code, "message": message,
			"status": status, "details": details}}))}
}

func v3Read(_ *Fake, q *Request) (call, *refusal) {
	var body struct {
		Parent   string   `json:"parent"`
		Contents []string `json:"contents"`
		MIME     string   `json:"mimeType"`
		Source   string   `json:"sourceLanguageCode"`
		Target   string   `json:"targetLanguageCode"`
		Model    string   `json:"model"`
		Glossary *struct {
			Name       string `json:"glossary"`
			IgnoreCase bool   `json:"ignoreCase"`
		} `json:"glossaryConfig"`
	}
	no := func(code int, status, message string) (call, *refusal) {
		return call{}, &refusal{status: code, body: v3Fault(code, status, message).Body}
	}
	location := strings.TrimSuffix(path.Base(q.Path), ":translateText")
	there := func(name, kind string) bool {
		parts := strings.Split(name, "/")
		return len(parts) > 5 && parts[3] == location && parts[4] == kind
	}
	switch err := strict(q.Body, &body); {
	case err != nil || len(body.Contents) == 0:
		return no(400, "INVALID_ARGUMENT", "Invalid JSON payload received.")
	case location != "global" && location != "us-central1":
		return no(400, "INVALID_ARGUMENT", "Unsupported location '"+location+"'.")
	case body.Source != "ar" || body.Target != "en":
		return no(400, "INVALID_ARGUMENT", "Target language is invalid.")
	case body.MIME != "" && body.MIME != "text/plain" && body.MIME != "text/html":
		return no(400, "INVALID_ARGUMENT", "Invalid MIME type.")
	case body.Model != "" && !there(body.Model, "models"):
		return no(400, "INVALID_ARGUMENT", "Invalid model: another location.")
	case body.Glossary != nil && (location == "global" || !there(body.Glossary.Name, "glossaries")):
		return no(400, "INVALID_ARGUMENT", "Invalid glossary: another location.")
	case body.Glossary != nil && body.Glossary.Name != Glossary:
		return no(404, "NOT_FOUND", "Glossary not found.")
	}
	// HTML is the default
	c := call{texts: body.Contents, codec: segment.HTML, model: body.Model, glossary: body.Glossary != nil}
	if body.MIME == "text/plain" {
		c.codec = segment.Plain
	}
	return c, nil
}

var sentTag = regexp.MustCompile(`<(a|img) id=(\d+)>`)

// turned puts a style on every tag, as Google does when the direction changes.
func turned(s string) string {
	return sentTag.ReplaceAllString(s, `<$1 id="$2" style=";text-align:left;direction:ltr">`)
}

func v3Write(_ *Fake, c call, texts []string, _ Fault) []byte {
	rows := []map[string]string{}
	for _, s := range texts {
		if c.codec == segment.HTML {
			s = turned(s)
		}
		rows = append(rows,
			map[string]string{"translatedText": s,
				"model": orElse(c.model, "projects/1/locations/us-central1/models/general/nmt")})
	}
	answer := map[string]any{"translations": rows}
	if c.glossary { // in addition to the translations without it
		answer["glossaryTranslations"] = rows
		plain := []map[string]string{}
		for range rows {
			plain = append(plain, map[string]string{"translatedText": "without the glossary"})
		}
		answer["translations"] = plain
	}
	return mustJSON(answer)
}

// token returns the access token for an assertion that is signed with Credentials' key.
func (f *Fake) token(w http.ResponseWriter, body []byte) {
	if err := f.signed(body); err != nil {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// the client may have disconnected
	_, _ = w.Write(mustJSON(map[string]any{"access_token": f.Key, "token_type": "Bearer", "expires_in": 3600}))
}

func (f *Fake) signed(body []byte) error {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return err
	}
	parts := strings.Split(form.Get("assertion"), ".")
	if len(parts) != 3 || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		return fmt.Errorf("no assertion")
	}
	var claims struct{ Iss, Aud, Scope string }
	claim, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return err
	}
	if err := json.Unmarshal(claim, &claims); err != nil {
		return err
	}
	if claims.Aud != f.URL+"/token" ||
		!slices.Contains(strings.Fields(claims.Scope), "https://www.googleapis.com/auth/cloud-translation") {
		return fmt.Errorf("for another audience or scope")
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	return rsa.VerifyPKCS1v15(f.signer, crypto.SHA256, sum[:], sig)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
