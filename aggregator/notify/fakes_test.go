package notify

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// fake stands for a service: it has what its documentation says that it accepts, and refuses what that
// says it refuses.
type fake struct {
	t      *testing.T
	mu     sync.Mutex
	got    []map[string]any // what was accepted
	agreed map[string]bool  // Matrix: transactions that were accepted
	tokens int              // Matrix: log-ins
	joined bool             // Matrix: the user is in the room
	barred bool             // Matrix: nobody invited the user
	busy   bool             // the next request comes too early
}

// The secrets of the targets that the fakes know.
const (
	telegramSecret = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	discordSecret  = "W3dE2OZz4C13-zuHfDOoC7BqTW288s"
	slackSecret    = "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
	slackBotSecret = "xoxb-123456789012-1234567890123-4mt0t4l1YL3g1T5L4cK70k3N"
	ntfySecret     = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
	matrixSecret   = "correct horse"
)

// client returns a client whose requests to any host come to the fake.
func (f *fake) client() *http.Client {
	srv := httptest.NewServer(f)
	f.t.Cleanup(srv.Close)
	to, err := url.Parse(srv.URL)
	if err != nil {
		f.t.Fatal(err)
	}
	return &http.Client{Transport: rerouted{to, srv.Client().Transport}}
}

type rerouted struct {
	to   *url.URL
	base http.RoundTripper
}

func (r rerouted) RoundTrip(req *http.Request) (*http.Response, error) {
	other := req.Clone(req.Context())
	other.Host = req.URL.Host
	other.URL.Scheme, other.URL.Host = r.to.Scheme, r.to.Host
	return r.base.RoundTrip(other)
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var v map[string]any
	body, _ := io.ReadAll(r.Body)
	if len(body) > 0 {
		if err := json.Unmarshal(body, &v); err != nil {
			f.t.Errorf("%s: %v", r.URL.Path, err)
		}
		if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
			f.t.Errorf("%s: content type %s", r.URL.Path, kind)
		}
	}
	switch r.Host {
	case "api.telegram.org":
		f.telegram(w, r, v)
	case "discord.com":
		f.discord(w, r, v)
	case "hooks.slack.com":
		f.slackHook(w, r, v)
	case "slack.com":
		f.slackBot(w, r, v)
	case "ntfy.example":
		f.ntfy(w, r, v)
	case "matrix.example":
		f.matrix(w, r, v)
	default:
		f.t.Errorf("request to %s", r.Host)
	}
}

// say answers with JSON.
func say(w http.ResponseWriter, code int, format string, args ...any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	fmt.Fprintf(w, format, args...)
}

func str(v any) string { s, _ := v.(string); return s }

// tag fits what Telegram's HTML may have.
var tag = regexp.MustCompile(`</?(b|strong|i|em|u|s|a|code|pre|blockquote)( [^<>]*)?>`)

// telegram is after https://core.telegram.org/bots/api: making requests, sendMessage, HTML style.
func (f *fake) telegram(w http.ResponseWriter, r *http.Request, v map[string]any) {
	refuse := func(code int, format string, args ...any) {
		say(w, code, `{"ok":false,"error_code":%d,"description":"%s"}`, code, fmt.Sprintf(format, args...))
	}
	text := str(v["text"])
	visible := html.UnescapeString(tag.ReplaceAllString(text, ""))
	switch {
	case r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/sendMessage"):
		refuse(404, "Not Found")
	case r.URL.Path != "/bot"+telegramSecret+"/sendMessage":
		refuse(401, "Unauthorized")
	case f.busy:
		f.busy = false
		w.Header().Set("Content-Type", "application/json")
		say(w, 429, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35",`+
			`"parameters":{"retry_after":35}}`)
	case v["chat_id"] == "-100":
		say(w, 400,
			`{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat",`+
				`"parameters":{"migrate_to_chat_id":-1001557912345}}`)
	case v["chat_id"] == "@left":
		refuse(403, "Forbidden: bot is not a member of the channel chat")
	case v["chat_id"] != "@news":
		refuse(400, "Bad Request: chat not found")
	case strings.TrimSpace(visible) == "":
		refuse(400, "Bad Request: message text is empty")
	case v["parse_mode"] == "HTML" && strings.Contains(tag.ReplaceAllString(text, ""), "<"):
		refuse(400, "Bad Request: can't parse entities: Unsupported start tag")
	case inUnits(visible) > 4096:
		refuse(400, "Bad Request: message is too long")
	default:
		v["visible"] = visible
		f.got = append(f.got, v)
		say(w, 200, `{"ok":true,"result":{"message_id":%d}}`, len(f.got))
	}
}

// discord is after https://discord.com/developers/docs: execute webhook, rate limits, opcodes.
func (f *fake) discord(w http.ResponseWriter, r *http.Request, v map[string]any) {
	refuse := func(status, code int, message string) {
		say(w, status, `{"message":"%s","code":%d}`, message, code)
	}
	id, token, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/webhooks/"), "/")
	content := str(v["content"])
	switch {
	case id != "693853386302554172":
		refuse(404, 10015, "Unknown Webhook")
	case token != discordSecret:
		refuse(401, 50027, "Invalid Webhook Token")
	case f.busy:
		f.busy = false
		w.Header().Set("Retry-After", "65")
		say(w, 429, `{"message":"You are being rate limited.","retry_after":64.57,"global":false}`)
	case r.URL.Query().Get("thread_id") == "1":
		refuse(404, 10003, "Unknown Channel")
	case content == "":
		refuse(400, 50006, "Cannot send an empty message")
	case inUnits(content) > 2000 || len(str(v["username"])) > 80:
		refuse(400, 50035, "Invalid Form Body")
	case r.URL.Query().Get("wait") != "true":
		f.got = append(f.got, v)
		w.WriteHeader(204)
	default:
		f.got = append(f.got, v)
		say(w, 200, `{"id":"1"}`)
	}
}

// slackHook is after https://docs.slack.dev: incoming webhooks, their errors, rate limits.
func (f *fake) slackHook(w http.ResponseWriter, r *http.Request, v map[string]any) {
	refuse := func(code int, word string) { w.WriteHeader(code); io.WriteString(w, word) }
	switch token := strings.TrimPrefix(r.URL.Path, "/services/"); {
	case strings.HasPrefix(token, "T00000001"):
		refuse(410, "channel_is_archived")
	case token != slackSecret:
		refuse(404, "no_service")
	case f.busy:
		f.busy = false
		w.Header().Set("Retry-After", "30")
		refuse(429, "rate_limited")
	case str(v["text"]) == "":
		refuse(400, "no_text")
	default:
		f.got = append(f.got, v)
		io.WriteString(w, "ok")
	}
}

// slackBot is after chat.postMessage: errors have the status 200.
func (f *fake) slackBot(w http.ResponseWriter, r *http.Request, v map[string]any) {
	refuse := func(word string) { say(w, 200, `{"ok":false,"error":"%s"}`, word) }
	switch {
	case r.URL.Path != "/api/chat.postMessage" || r.Method != http.MethodPost:
		refuse("unknown_method")
	case r.Header.Get("Authorization") != "Bearer "+slackBotSecret:
		refuse("invalid_auth")
	case v["channel"] != "C001CH4NN3L":
		refuse("channel_not_found")
	case str(v["text"]) == "":
		refuse("no_text")
	case len([]rune(str(v["text"]))) > 40_000:
		refuse("msg_too_long")
	default:
		f.got = append(f.got, v)
		say(w, 200, `{"ok":true}`)
	}
}

// ntfy is after https://docs.ntfy.sh/publish: publish as JSON, authentication, limitations.
func (f *fake) ntfy(w http.ResponseWriter, r *http.Request, v map[string]any) {
	refuse := func(status, code int, word string) {
		say(w, status, `{"code":%d,"http":%d,"error":"%s","link":"https://ntfy.sh/docs/publish/"}`, code, status, word)
	}
	_, password, _ := r.BasicAuth()
	priority, _ := v["priority"].(float64)
	switch {
	case r.URL.Path != "/":
		refuse(404, 40401, "page not found")
	case password != ntfySecret:
		refuse(401, 40101, "unauthorized")
	case str(v["topic"]) != "news":
		refuse(403, 40301, "forbidden")
	case f.busy:
		f.busy = false
		refuse(429, 42901, "limit reached: too many requests")
	case priority < 1 || priority > 5:
		refuse(400, 40007, "invalid request: priority invalid")
	case len(str(v["message"])) > 4096:
		refuse(413, 41301, "attachment too large, or bandwidth limit reached")
	case str(v["message"]) == "":
		f.t.Error("ntfy would show \"triggered\"")
	default:
		v["cache"] = r.Header.Get("Cache")
		f.got = append(f.got, v)
		say(w, 200, `{"id":"1","event":"message"}`)
	}
}

// matrix is after https://spec.matrix.org/v1.13/client-server-api: login, directory, join, send.
func (f *fake) matrix(w http.ResponseWriter, r *http.Request, v map[string]any) {
	refuse := func(status int, code, text string) { say(w, status, `{"errcode":"%s","error":"%s"}`, code, text) }
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/_matrix/client/v3/")
	const room = "%21room:matrix.example"
	token := fmt.Sprintf("Bearer token-%d", f.tokens)
	switch {
	case path == "login" && r.Method == http.MethodPost:
		who, _ := v["identifier"].(map[string]any)
		if v["type"] != "m.login.password" || who["user"] != "nashra" || v["password"] != matrixSecret {
			refuse(403, "M_FORBIDDEN", "Invalid username or password")
			return
		}
		f.tokens++
		say(w, 200, `{"access_token":"token-%d","device_id":"%s"}`, f.tokens, v["device_id"])
	case r.Header.Get("Authorization") != token && r.Header.Get("Authorization") != "Bearer syt_always":
		refuse(401, "M_UNKNOWN_TOKEN", "Unrecognised access token")
	case strings.HasPrefix(path, "directory/room/"):
		if path != "directory/room/%23news:matrix.example" {
			refuse(404, "M_NOT_FOUND", "Room alias not found")
			return
		}
		say(w, 200, `{"room_id":"!room:matrix.example","servers":["matrix.example"]}`)
	case strings.HasPrefix(path, "join/"):
		if f.barred {
			refuse(403, "M_FORBIDDEN", "You are not invited to this room: !room:matrix.example")
			return
		}
		f.joined = true
		say(w, 200, `{"room_id":"!room:matrix.example"}`)
	case !strings.HasPrefix(path, "rooms/"+room+"/send/m.room.message/") || r.Method != http.MethodPut:
		refuse(404, "M_UNRECOGNIZED", "Unrecognized request")
	case !f.joined:
		refuse(403, "M_FORBIDDEN", "User @nashra:matrix.example not in room !room:matrix.example")
	case f.busy:
		f.busy = false
		say(w, 429, `{"errcode":"M_LIMIT_EXCEEDED","error":"Too Many Requests","retry_after_ms":2000}`)
	case len(fmt.Sprint(v)) > 65536:
		refuse(413, "M_TOO_LARGE", "event too large")
	default:
		if id := path[strings.LastIndex(path, "/")+1:]; !f.agreed[id] {
			f.agreed[id] = true
			f.got = append(f.got, v)
		}
		say(w, 200, `{"event_id":"$1"}`)
	}
}

// echo answers with the request, in each form that errors of services have.
type echo struct{}

func (echo) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	all, _ := json.Marshal(fmt.Sprint(r.URL, r.Header, string(body)))
	w := httptest.NewRecorder()
	say(w, 400, `{"ok":false,"description":%s,"message":%s,"error":%s,"errcode":%s}`, all, all, all, all)
	return w.Result(), nil
}

// repeater fails with an error that repeats the request.
type repeater struct{}

func (repeater) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("dial %s with %v", r.URL, r.Header)
}
