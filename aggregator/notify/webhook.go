package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// webhook posts JSON as Standard Webhooks 1.0 has it, signed if there is a key.
type webhook struct {
	url *url.URL
	key []byte
}

// vendors are hosts whose webhooks refuse our JSON, and how their targets are written.
var vendors = map[string]string{
	"discord.com":      "write discord://token@webhookid for https://discord.com/api/webhooks/webhookid/token",
	"discordapp.com":   "write discord://token@webhookid for https://discordapp.com/api/webhooks/webhookid/token",
	"hooks.slack.com":  "write slack://hook:A-B-C@webhook for https://hooks.slack.com/services/A/B/C",
	"api.telegram.org": "write telegram://123456:token@telegram?chats=@channel for …/bot123456:token",
	"ntfy.sh":          "write ntfy://ntfy.sh/topic",
}

// secretPrefix marks keys in base64.
const secretPrefix = "whsec_"

func openWebhook(a *address) (carrier, *Mistake) {
	if !a.bare() {
		return nil, &Mistake{Key: "url", Problem: "is not an address"}
	}
	if hint := vendors[strings.TrimPrefix(strings.ToLower(a.Hostname()), "www.")]; hint != "" {
		return nil, &Mistake{"url", "is a service that takes no webhooks of this form", hint}
	}
	encoded, ok := strings.CutPrefix(a.secret, secretPrefix)
	if !ok {
		return webhook{a.URL, []byte(a.secret)}, nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) == 0 {
		return nil, &Mistake{"secret", "begins with whsec_, and base64 does not follow",
			"write whsec_ and what openssl rand -base64 32 prints, or any text without whsec_"}
	}
	return webhook{a.URL, key}, nil
}

func (w webhook) send(ctx context.Context, s *Sender, m Message) error {
	data, err := m.data()
	if err != nil {
		return &Error{Final: true, text: s.host + ": the message is no JSON", cause: err}
	}
	body, err := encode(struct {
		Type      string          `json:"type"`
		Timestamp time.Time       `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}{m.Type, m.Time.UTC(), data})
	if err != nil {
		return &Error{Final: true, text: s.host + ": the message is no JSON", cause: err}
	}
	a, err := s.askRaw(ctx, http.MethodPost, w.url.String(), body, w.headers(m.ID, time.Now(), body))
	if err != nil {
		return err
	}
	if !a.ok() {
		return s.refused(a, "") // what a webhook says is for its own log
	}
	return nil
}

// headers returns the headers of Standard Webhooks for a try at a time.
func (w webhook) headers(id string, now time.Time, body []byte) http.Header {
	at := strconv.FormatInt(now.Unix(), 10)
	h := http.Header{}
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", at)
	if len(w.key) > 0 {
		mac := hmac.New(sha256.New, w.key)
		mac.Write([]byte(id + "." + at + "."))
		mac.Write(body)
		h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return h
}
