package notify

import (
	"context"
	"encoding/base64"
	"errors"
	"html"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/feeds"
)

// targets are addresses that the fakes accept.
var targets = map[string]string{
	"ntfy":        "ntfy://:" + ntfySecret + "@ntfy.example/news?priority=high&tags=newspaper&cache=no",
	"telegram":    "telegram://" + telegramSecret + "@telegram?chats=@news:7&preview=no",
	"discord":     "discord://" + discordSecret + "@693853386302554172?username=nashra",
	"slack":       "slack://hook:" + strings.ReplaceAll(slackSecret, "/", "-") + "@webhook",
	"slack older": "slack://" + slackSecret,
	"slack bot":   "slack://xoxb:" + strings.TrimPrefix(slackBotSecret, "xoxb-") + "@C001CH4NN3L",
	"matrix":      "matrix://nashra:correct%20horse@matrix.example/?rooms=news:matrix.example",
	"matrix id":   "matrix://:syt_always@matrix.example/?rooms=!room:matrix.example",
}

func newFake(t *testing.T) *fake { return &fake{t: t, agreed: map[string]bool{}} }

// TestServicesAccept has each service accept ordinary and extreme messages, and checks what readers see.
func TestServicesAccept(t *testing.T) {
	long := strings.Repeat("خبر جديد 👩‍💻 & <b> * _ ", 5000)
	for name, address := range targets {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			s := sender(t, feeds.Target{URL: address}, f.client())
			for id, m := range map[string]Message{
				"markup":    story(),
				"title":     {Title: "العنوان وحده"},
				"long text": {Title: "title", Text: long, URL: "https://news.example/1"},
				"long all":  {Title: long, Text: long, URL: "https://news.example/" + strings.Repeat("a", 900)},
				"long URL":  {Title: "title", Text: "text", URL: "https://news.example/" + strings.Repeat("a", 9000)},
				"control":   {Title: "a\x00b\r\n\u202ec", Text: "one\r\ntwo\x07"},
				"bytes":     {Title: "a\xff\xfeb", Text: "c\xff"},
			} {
				m.ID, m.Time = strings.ReplaceAll(id, " ", "-"), time.Now()
				before := len(f.got)
				if err := s.Send(t.Context(), m); err != nil {
					t.Fatalf("%s: %v", id, err)
				}
				if len(f.got) != before+1 {
					t.Fatalf("%s: accepted %d", id, len(f.got)-before)
				}
				seen := shown(f.got[before])
				if !utf8.ValidString(seen) || strings.ContainsAny(seen, "\x00\x07\u202e") {
					t.Errorf("%s: shows %q", id, seen)
				}
				if id == "markup" {
					for _, want := range []string{m.Title, "AITnews, Tech-WD", "@everyone #tag", m.URL} {
						if !strings.Contains(seen, want) {
							t.Errorf("%q is not in %q", want, seen)
						}
					}
				}
				if id == "long text" && (!strings.Contains(seen, "…") || !strings.HasPrefix(seen, "title")) {
					t.Errorf("%s: %.40q", id, seen)
				}
				if strings.Contains(seen, "👩\u200d…") || strings.Contains(seen, "👩…") {
					t.Error("cut within a grapheme")
				}
			}
		})
	}
}

// shown returns what readers see of a message that a fake accepted.
func shown(v map[string]any) string {
	switch {
	case v["content"] != nil: // Discord: a backslash before punctuation is not shown, ** is bold
		text := strings.ReplaceAll(str(v["content"]), `\*`, "\x01")
		text = strings.ReplaceAll(text, "**", "")
		var b strings.Builder
		for i := 0; i < len(text); i++ {
			if text[i] == '\\' && i+1 < len(text) {
				i++
			}
			b.WriteByte(text[i])
		}
		return strings.ReplaceAll(b.String(), "\x01", "*")
	case v["visible"] != nil:
		return str(v["visible"])
	case v["formatted_body"] != nil:
		return str(v["body"])
	case v["mrkdwn"] != nil:
		return html.UnescapeString(str(v["text"]))
	}
	return lines(str(v["title"]), str(v["message"]), str(v["click"]))
}

// TestServicesAreAskedAsDocumented compares whole requests.
func TestServicesAreAskedAsDocumented(t *testing.T) {
	m := Message{ID: "1", Title: "عنوان & <خبر>", Text: "one\ntwo", URL: "https://news.example/1", Time: time.Now()}
	for name, want := range map[string]map[string]any{
		"ntfy": {"topic": "news", "title": "عنوان & <خبر>", "message": "one\ntwo", "priority": 4.0,
			"tags": []any{"newspaper"}, "click": "https://news.example/1", "cache": "no"},
		"telegram": {"chat_id": "@news", "message_thread_id": 7.0, "parse_mode": "HTML", "disable_notification": false,
			"link_preview_options": map[string]any{"is_disabled": true},
			"visible":              "عنوان & <خبر>\none\ntwo\nhttps://news.example/1",
			"text":                 "<b>عنوان &amp; &lt;خبر&gt;</b>\none\ntwo\nhttps://news.example/1"},
		"discord": {"content": "**عنوان & \\<خبر\\>**\none\ntwo\nhttps://news.example/1", "username": "nashra",
			"allowed_mentions": map[string]any{"parse": []any{}}},
		"slack": {"text": "عنوان &amp; &lt;خبر&gt;\none\ntwo\nhttps://news.example/1", "mrkdwn": false},
		"slack bot": {"channel": "C001CH4NN3L", "text": "عنوان &amp; &lt;خبر&gt;\none\ntwo\nhttps://news.example/1",
			"mrkdwn": false},
		"matrix": {"msgtype": "m.text", "format": "org.matrix.custom.html",
			"body": "عنوان & <خبر>\none\ntwo\nhttps://news.example/1",
			"formatted_body": `<strong><a href="https://news.example/1">عنوان &amp; &lt;خبر&gt;</a></strong>` +
				"<br>one<br>two"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			if err := sender(t, feeds.Target{URL: targets[name]}, f.client()).Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			got, _ := encode(f.got[0])
			expected, _ := encode(want)
			if string(got) != string(expected) {
				t.Errorf("got  %s\nwant %s", got, expected)
			}
		})
	}
}

// TestServicesRefuse has each service refuse what it refuses, with one line that says so and what to do.
func TestServicesRefuse(t *testing.T) {
	replaced := func(name, old, now string) string { return strings.Replace(targets[name], old, now, 1) }
	for _, c := range []struct{ name, address, want, hint string }{
		{"ntfy token", replaced("ntfy", ntfySecret, "tk_wrong"),
			"ntfy.example: status 401 (Unauthorized): unauthorized", "token"},
		{"ntfy topic", replaced("ntfy", "/news", "/other"), "ntfy.example: status 403 (Forbidden): forbidden",
			"may write there"},
		{"telegram token", replaced("telegram", telegramSecret, "1:wrong"),
			"api.telegram.org: status 401 (Unauthorized): Unauthorized", "token"},
		{"telegram chat", replaced("telegram", "@news", "@nobody"),
			"api.telegram.org: status 400 (Bad Request): Bad Request: chat not found", "chats"},
		{"telegram left", replaced("telegram", "@news", "@left"),
			"api.telegram.org: status 403 (Forbidden): Forbidden: bot is not a member of the channel chat",
			"administrator"},
		{"telegram moved", replaced("telegram", "@news:7", "-100"),
			"api.telegram.org: status 400 (Bad Request): Bad Request: group chat was upgraded to a supergroup chat",
			"-1001557912345"},
		{"discord token", replaced("discord", discordSecret, "wrong-token"),
			"discord.com: status 401 (Unauthorized): Invalid Webhook Token", "new webhook"},
		{"discord id", replaced("discord", "693853386302554172", "1"),
			"discord.com: status 404 (Not Found): Unknown Webhook",
			"new webhook"},
		{"discord thread", targets["discord"] + "&thread_id=1",
			"discord.com: status 404 (Not Found): Unknown Channel", "thread_id"},
		{"slack token", replaced("slack older", "T00000000", "T00000002"),
			"hooks.slack.com: status 404 (Not Found): no_service", "webhook"},
		{"slack archived", replaced("slack older", "T00000000", "T00000001"),
			"hooks.slack.com: status 410 (Gone): channel_is_archived", "channel"},
		{"slack bot token", replaced("slack bot", "4mt0t4l1", "4mt0t4l2"), "slack.com: refused: invalid_auth", "token"},
		{"slack bot channel", replaced("slack bot", "C001CH4NN3L", "C002"), "slack.com: refused: channel_not_found",
			"channel"},
		{"matrix password", replaced("matrix", "horse", "cow"),
			"matrix.example: status 403 (Forbidden): M_FORBIDDEN Invalid username or password", "password"},
		{"matrix token", replaced("matrix id", "syt_always", "syt_wrong"),
			"matrix.example: status 401 (Unauthorized): M_UNKNOWN_TOKEN Unrecognised access token", "token"},
		{"matrix alias", replaced("matrix", "=news", "=other"),
			"matrix.example: status 404 (Not Found): M_NOT_FOUND Room alias not found", "rooms"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := sender(t, feeds.Target{URL: c.address}, newFake(t).client()).Send(t.Context(), story())
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%v", err)
			}
			if e.Error() != c.want || !strings.Contains(e.Hint, c.hint) {
				t.Errorf("%q, hint %q", e, e.Hint)
			}
			if e.Final || !e.Target {
				t.Errorf("final %v, target %v", e.Final, e.Target)
			}
		})
	}
}

// TestServicesAskToWaitAMoment sends once more within a Send.
func TestServicesAskToWaitAMoment(t *testing.T) {
	f := newFake(t)
	f.busy = true
	begun := time.Now()
	if err := sender(t, feeds.Target{URL: targets["matrix"]}, f.client()).Send(t.Context(), story()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took < 2*time.Second || took > 10*time.Second || len(f.got) != 1 {
		t.Errorf("%d messages after %v", len(f.got), took)
	}
}

// TestServicesAskToWait reads how long services that are busy ask to wait; the next try is accepted.
func TestServicesAskToWait(t *testing.T) {
	for name, want := range map[string]time.Duration{"ntfy": 0, "telegram": 35 * time.Second,
		"discord": 65 * time.Second,
		"slack":   30 * time.Second, "matrix": 2 * time.Second} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.busy = true
			s := sender(t, feeds.Target{URL: targets[name]}, f.client())
			var e *Error
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // too short to wait
			defer cancel()
			if err := s.Send(ctx, story()); !errors.As(err, &e) || e.RetryAfter != want || e.Final || !e.Target {
				t.Fatalf("%#v", e)
			}
			if err := s.Send(t.Context(), story()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestMatrixRoomIsNamed has the server refuse a user whom nobody invited: its word for it is told.
func TestMatrixRoomIsNamed(t *testing.T) {
	f := newFake(t)
	f.barred = true
	var e *Error
	err := sender(t, feeds.Target{URL: targets["matrix"]}, f.client()).Send(t.Context(), story())
	if want := "matrix.example: status 403 (Forbidden): M_FORBIDDEN You are not invited to this room: " +
		"!room:matrix.example"; !errors.As(err, &e) || e.Error() != want || !strings.Contains(e.Hint, "invite") {
		t.Errorf("%v", err)
	}
}

// TestMatrixTakesAMessageOnce sends a message again after its token expired.
func TestMatrixTakesAMessageOnce(t *testing.T) {
	f := newFake(t)
	s := sender(t, feeds.Target{URL: targets["matrix"]}, f.client())
	for range 3 {
		if err := s.Send(t.Context(), story()); err != nil {
			t.Fatal(err)
		}
		f.tokens += 10 // the last token is no more
	}
	if len(f.got) != 1 {
		t.Errorf("%d messages", len(f.got))
	}
}

// TestErrorsRepeatNoSecret has servers answer with what they were sent.
func TestErrorsRepeatNoSecret(t *testing.T) {
	for name, address := range targets {
		f := newFake(t)
		c := f.client()
		c.Transport = echo{}
		err := sender(t, feeds.Target{URL: address}, c).Send(t.Context(), story())
		c.Transport = repeater{}
		err = errors.Join(err, sender(t, feeds.Target{URL: address}, c).Send(t.Context(), story()))
		for _, secret := range []string{telegramSecret, "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", discordSecret,
			slackSecret,
			"XXXXXXXXXXXXXXXXXXXXXXXX", slackBotSecret, "4mt0t4l1YL3g1T5L4cK70k3N", ntfySecret, matrixSecret,
			"syt_always",
			base64.StdEncoding.EncodeToString([]byte(":" + ntfySecret))} {
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
