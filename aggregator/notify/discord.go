package notify

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// discord executes a webhook (https://discord.com/developers/docs/resources/webhook#execute-webhook).
type discord struct {
	url          string
	name, avatar string // instead of the webhook's own
}

const (
	discordHost  = "discord.com"
	discordUnits = 2000 // of content
)

// discordWebhook fits the id and the token of a webhook.
var discordWebhook = regexp.MustCompile(`^[0-9]+/[A-Za-z0-9_-]+$`)

func openDiscord(a *address) (carrier, *Mistake) {
	hook := a.Host + "/" + a.User.Username()
	a.name = discordHost
	if !discordWebhook.MatchString(hook) || strings.Trim(a.Path, "/") != "" {
		return nil, &Mistake{Key: "url", Problem: "has no id and token of a webhook"}
	}
	query := url.Values{"wait": {"true"}} // for an answer that says whether the message is there
	if thread := a.param("thread_id"); thread != "" {
		query.Set("thread_id", thread)
	}
	return &discord{"https://" + discordHost + "/api/webhooks/" + hook + "?" + query.Encode(),
		a.param("username"), a.param("avatar", "avatarurl")}, nil
}

// discordMarkup fits what Discord takes for markup or mentions, and addresses, where nothing is escaped.
var discordMarkup = regexp.MustCompile("https?://\\S+|[\\\\*_~`|>#<\\[\\]()]")

func escapeDiscord(s string) string {
	return discordMarkup.ReplaceAllStringFunc(s, func(found string) string {
		if len(found) > 1 {
			return found
		}
		return `\` + found
	})
}

// sizeDiscord counts what is escaped twice, in addresses too.
func sizeDiscord(s string) int {
	return inUnits(s) + strings.Count(strings.Map(func(r rune) rune {
		if strings.ContainsRune("\\*_~`|>#<[]()", r) {
			return '*'
		}
		return ' '
	}, s), "*")
}

func (d *discord) send(ctx context.Context, s *Sender, m Message) error {
	title, text, link := parts(m, discordUnits-len("****"), sizeDiscord)
	type mentions struct {
		Parse []string `json:"parse"`
	}
	a, err := s.ask(ctx, http.MethodPost, d.url, struct {
		Content  string   `json:"content"`
		Name     string   `json:"username,omitempty"`
		Avatar   string   `json:"avatar_url,omitempty"`
		Mentions mentions `json:"allowed_mentions"`
	}{lines("**"+escapeDiscord(title)+"**", escapeDiscord(text), link), d.name, d.avatar, mentions{[]string{}}}, nil)
	if err != nil || a.ok() {
		return err
	}
	var said struct {
		Message string
		Wait    float64 `json:"retry_after"` // seconds
		Code    int
	}
	a.into(&said)
	e := s.refused(a, said.Message)
	e.RetryAfter = max(e.RetryAfter, atMostADay(said.Wait*float64(time.Second)))
	switch said.Code {
	case 50006, 50035: // an empty message, an invalid body
		e.Final = true
	case 10015, 50027: // an unknown webhook, a wrong token
		e.Target, e.Hint = true, "make a new webhook in the channel's settings, and write it as the target's url"
	case 10003, 220001: // an unknown thread, none in a forum
		e.Target, e.Hint = true, "check thread_id in the target's url: a forum needs one"
	}
	return e
}
