package enginetest

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

// Region is the region of the fake Azure resource.
const Region = "westeurope"

// NewAzure starts Azure Translator 3.0 for a resource in Region. It takes 1,000 texts and 50,000
// UTF-16 units a request and bills markup. Written from learn.microsoft.com/azure/ai-services/translator:
// text-translation/reference/v3/translate (query, headers, body), …/reference/authentication (key and
// region), …/reference/status-response-codes (the six-digit codes) and service-limits.
func NewAzure(t testing.TB) *Fake {
	return start(t, &Fake{Key: "azure-SECRET-key", Unit: translate.UTF16, MaxTexts: 1000, MaxChars: 50_000, wire: wire{
		path: "/translate",
		kind: "application/json; charset=UTF-8",
		key: func(q *Request) string {
			if q.Header.Get("Ocp-Apim-Subscription-Region") != Region {
				return "" // the key belongs to another resource
			}
			return q.Header.Get("Ocp-Apim-Subscription-Key")
		},
		read:  azureRead,
		write: azureWrite,
		head: func(billed int64) map[string]string {
			return map[string]string{"X-Metered-Usage": strconv.FormatInt(billed, 10), "X-Requestid": "11111111-2222",
				"X-Mt-System": "Team"}
		},
		large: func(f *Fake) *refusal { return azureRefusal(400077, "The maximum request size has been exceeded.") },
		odd: func(status int) *refusal {
			return azureRefusal(status*1000, map[int]string{
				405: "The request method is not supported for the requested resource.",
				415: "The Content-Type header is missing or invalid.",
			}[status])
		},
		deny: func(*Request) *refusal {
			return azureRefusal(401000, "The request is not authorized because credentials are missing or invalid.")
		},
		rows: []row{
			{"wrong key",
				azureFault(401000, "The request is not authorized because credentials are missing or invalid."),
				translate.Auth, 0, false},
			{"wrong key, says the gateway",
				gatewayFault(401, "Access denied due to invalid subscription key or wrong API endpoint."),
				translate.Auth, 0, false},
			{"a key for speech", azureFault(401015, "The credentials provided are for the Speech API."),
				translate.Auth, 0, false},
			{"not allowed", azureFault(403000, "The operation is not allowed."), translate.Auth, 0, false},
			{"free quota",
				azureFault(403001,
					"The operation isn't allowed because the subscription has exceeded its free quota."),
				translate.Quota, 0, false},
			{"free quota, says the gateway",
				gatewayFault(403,
					"Out of call volume quota for TextTranslation F0 pricing tier. Please retry after 15 days."),
				translate.Quota, 0, false},
			{"rate", azureFault(429000,
				"The server rejected the request because the client has exceeded request limits."),
				translate.Transient, 0, false},
			{"a minute's characters",
				azureFault(429001, "The server rejected the request because the client has exceeded request limits."),
				translate.Transient, 0, false},
			{"an hour's characters",
				azureFault(429002, "The server rejected the request because the client has exceeded request limits."),
				translate.Transient, 0, false},
			{"rate, says the gateway",
				withHeader(gatewayFault(429, "Requests have exceeded rate limit of your current F0 pricing tier."),
					"Retry-After", "1"), translate.Transient, time.Second, false},
			{"a custom system not loaded", azureFault(408001, "The translation system requested is being prepared."),
				translate.Transient, 0, false},
			{"slow to come", azureFault(408002, "Request timed out waiting on incoming stream."),
				translate.Transient, 0, true},
			{"too long a text", azureFault(400050, "The input text is too long."), translate.TooLarge, 0, false},
			{"too many texts", azureFault(400072, "The array of input text has too many elements."),
				translate.TooLarge, 0, false},
			{"too large", azureFault(400077, "The maximum request size has been exceeded."),
				translate.TooLarge, 0, false},
			{"unknown language", azureFault(400036, "The target language is not valid."),
				translate.Unsupported, 0, false},
			{"no such category", azureFault(400002, "The category parameter is not valid."),
				translate.Unsupported, 0, false},
			{"a crash", azureFault(500000, "An unexpected error occurred."), translate.Transient, 0, false},
			{"unavailable", azureFault(503000, "Service is temporarily unavailable."), translate.Transient, 0, false},
		},
	}})
}

// the service's codes start with the status
func azureRefusal(code int, message string) *refusal {
	return &refusal{status: code / 1000,
		body: string(mustJSON(map[string]any{"error": map[string]any{"code": code, "message": message}}))}
}

func azureFault(code int, message string) Fault {
	r := azureRefusal(code, message)
	return Fault{Status: r.status, Body: r.body}
}

// gatewayFault is the error format of the gateway in front of the service.
func gatewayFault(status int, message string) Fault {
	return Fault{Status: status,
		Body: string(mustJSON(map[string]any{"error": map[string]string{"code": strconv.Itoa(status),
			"message": message}}))}
}

func azureRead(_ *Fake, q *Request) (call, *refusal) {
	query, err := url.ParseQuery(q.Query)
	known := []string{"api-version", "from", "to", "textType", "category", "profanityAction", "profanityMarker",
		"includeAlignment", "includeSentenceLength", "suggestedFrom", "fromScript", "toScript", "allowFallback"}
	for _, name := range slices.Collect(maps.Keys(query)) {
		if !slices.Contains(known, name) || len(query[name]) != 1 {
			return call{}, azureRefusal(400000, "One of the request inputs is not valid.")
		}
	}
	var body []struct{ Text string }
	switch bad := strict(q.Body, &body); {
	case err != nil || query.Get("api-version") != "3.0":
		return call{}, azureRefusal(400021, "The API version parameter is missing or invalid.")
	case query.Get("from") != "ar":
		return call{}, azureRefusal(400035, "The source language is not valid.")
	case query.Get("to") != "en":
		return call{}, azureRefusal(400036, "The target language is not valid.")
	case bad != nil:
		return call{}, azureRefusal(400074, "The body of the request is not valid JSON.")
	}
	c := call{to: query.Get("to")}
	switch query.Get("textType") {
	case "html":
		c.codec = segment.HTML
	case "", "plain":
	default:
		return call{}, azureRefusal(400071, "The value is not valid for TextType.")
	}
	for _, t := range body {
		c.texts = append(c.texts, t.Text)
	}
	return c, nil
}

func azureWrite(_ *Fake, c call, texts []string, _ Fault) []byte {
	rows := []any{}
	for _, s := range texts {
		rows = append(rows, map[string]any{"translations": []any{map[string]string{"text": s, "to": c.to}}})
	}
	return mustJSON(rows)
}
