package notify

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// telegram has a bot write to a chat (https://core.telegram.org/bots/api#sendmessage).
type telegram struct {
	token   string
	chat    string // @name, or a number
	thread  int    // of a group with topics; 0: none
	silent  bool
	preview bool
}

const (
	telegramHost  = "api.telegram.org"
	telegramUnits = 4096 // of a message's text, after entities are parsed
)

var (
	telegramToken = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)
	// A chat, with a thread of it as shoutrrr writes that.
	telegramChat = regexp.MustCompile(`^(@[A-Za-z0-9_]+|-?[0-9]+)(?::([0-9]+))?$`)
)

func openTelegram(a *address) (carrier, *Mistake) {
	a.name = telegramHost
	t := &telegram{token: a.User.Username() + ":" + a.password, silent: !a.flag("notification", true),
		preview: a.flag("preview", true)}
	if !telegramToken.MatchString(t.token) {
		return nil, &Mistake{Key: "url", Problem: "has no token of a bot"}
	}
	chat := a.param("chats", "channels")
	if strings.Contains(chat, ",") { // a message that reached one of them only could not be sent again
		return nil, &Mistake{"url", "names several chats", "write a target for each"}
	}
	found := telegramChat.FindStringSubmatch(chat)
	if found == nil {
		return nil, &Mistake{"url", "names no chat",
			"write ?chats=@channel, or the number of a chat as in ?chats=-1001234567890"}
	}
	t.chat = found[1]
	t.thread, _ = strconv.Atoi(found[2])
	return t, nil
}

// telegramEscaper escapes what the HTML of Telegram has to have escaped.
var telegramEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (t *telegram) send(ctx context.Context, s *Sender, m Message) error {
	title, text, link := parts(m, telegramUnits, inUnits)
	type preview struct {
		Off bool `json:"is_disabled"`
	}
	a, err := s.ask(ctx, http.MethodPost, "https://"+telegramHost+"/bot"+t.token+"/sendMessage", struct {
		Chat    string  `json:"chat_id"`
		Thread  int     `json:"message_thread_id,omitempty"`
		Text    string  `json:"text"`
		Mode    string  `json:"parse_mode"`
		Preview preview `json:"link_preview_options"`
		Silent  bool    `json:"disable_notification"`
	}{t.chat, t.thread, lines("<b>"+telegramEscaper.Replace(title)+"</b>", telegramEscaper.Replace(text),
		telegramEscaper.Replace(link)), "HTML", preview{!t.preview}, t.silent}, nil)
	if err != nil {
		return err
	}
	var said struct {
		OK          bool
		Description string
		Parameters  struct {
			Wait  int64 `json:"retry_after"` // seconds
			Moved int64 `json:"migrate_to_chat_id"`
		}
	}
	a.into(&said)
	if a.ok() && said.OK {
		return nil
	}
	e := s.refused(a, said.Description)
	e.RetryAfter = max(e.RetryAfter, atMostADay(float64(said.Parameters.Wait)*float64(time.Second)))
	has := func(text string) bool { return strings.Contains(said.Description, text) }
	switch {
	case said.Parameters.Moved != 0:
		e.Target, e.Hint = true, fmt.Sprintf("the group got another number: write ?chats=%d", said.Parameters.Moved)
	case a.code == http.StatusBadRequest && (has("too long") || has("parse entities") || has("text is empty")):
		e.Final = true
	case a.code == http.StatusBadRequest:
		e.Target, e.Hint = true, "check chats in the target's url, and that the bot is a member who may write there"
	case a.code == http.StatusForbidden:
		e.Hint = "let the bot into the chat again, as an administrator of a channel"
	case a.code == http.StatusNotFound: // what the API says to a token that is none
		e.Hint = hints[http.StatusUnauthorized]
	}
	return e
}

// atMostADay returns nanoseconds as a duration. A mistaken answer must not silence a target for longer.
func atMostADay(nanoseconds float64) time.Duration {
	return time.Duration(min(max(nanoseconds, 0), float64(24*time.Hour)))
}
