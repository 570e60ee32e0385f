package notify

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// slack posts through an incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)
// or as a bot (https://docs.slack.dev/reference/methods/chat.postMessage).
type slack struct {
	url     string
	channel string // a bot's
	token   string // a bot's
}

const (
	slackBot   = "https://slack.com/api/chat.postMessage"
	slackHook  = "https://hooks.slack.com/services/"
	slackUnits = 4000 // of text; Slack asks for no more, and cuts at 40,000
)

var (
	slackBotToken  = regexp.MustCompile(`^xox[bp]-[A-Za-z0-9-]{8,}$`)
	slackHookToken = regexp.MustCompile(`^[A-Z0-9]{9,}/[A-Z0-9]{9,}/[A-Za-z0-9]{16,}$`)
	slackChannel   = regexp.MustCompile(`^[A-Za-z0-9._#-]+$`)
)

func openSlack(a *address) (carrier, *Mistake) {
	kind, token := a.User.Username(), a.password
	path := strings.Trim(a.Path, "/")
	host := a.Hostname()
	if path != "" { // slack://A/B/C, the older form
		kind, token = "hook", host+"/"+path
	}
	a.name = "slack.com"
	switch kind {
	case "hook":
		token = strings.NewReplacer("-", "/", ",", "/").Replace(token)
		a.name = "hooks.slack.com"
		if slackHookToken.MatchString(token) {
			return &slack{url: slackHook + token}, nil
		}
	case "xoxb", "xoxp":
		if token = kind + "-" + token; slackBotToken.MatchString(token) && slackChannel.MatchString(host) {
			return &slack{slackBot, host, token}, nil
		}
	}
	return nil, &Mistake{Key: "url", Problem: "has no token of a webhook or a bot"}
}

const (
	slackRenew  = "make a new token or webhook in the app's settings, and write it into the target's url"
	slackInvite = "invite the app into the channel, with the scope chat:write, or name another channel"
)

// slackHints say what the operator can do about Slack's errors.
var slackHints = map[string]string{
	"invalid_auth": slackRenew, "not_authed": slackRenew, "token_revoked": slackRenew, "token_expired": slackRenew,
	"account_inactive": slackRenew, "invalid_token": slackRenew, "no_service": slackRenew, "no_team": slackRenew,
	"no_active_hooks": slackRenew, "channel_not_found": slackInvite, "not_in_channel": slackInvite,
	"is_archived":         slackInvite,
	"channel_is_archived": slackInvite, "restricted_action": slackInvite, "action_prohibited": slackInvite,
	"missing_scope": slackInvite,
}

// slackEscaper escapes what Slack's text has to have escaped.
var slackEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (k *slack) send(ctx context.Context, s *Sender, m Message) error {
	title, text, link := parts(m, slackUnits, func(s string) int { return inUnits(slackEscaper.Replace(s)) })
	header := http.Header{}
	if k.token != "" {
		header = bearer(k.token)
	}
	a, err := s.ask(ctx, http.MethodPost, k.url, struct {
		Channel string `json:"channel,omitempty"`
		Text    string `json:"text"`
		Markup  bool   `json:"mrkdwn"` // has no escapes, so that * in a headline would be markup
	}{k.channel, slackEscaper.Replace(lines(title, text, link)), false}, header)
	if err != nil {
		return err
	}
	said := struct {
		OK    bool
		Error string
	}{OK: k.token == "", Error: string(a.body)} // a webhook answers with a word
	if k.token != "" {
		said.Error = ""
		a.into(&said)
	}
	if a.ok() && said.OK {
		return nil
	}
	e := s.refused(a, said.Error)
	e.Hint = slackHints[said.Error]
	e.Final = slices.Contains([]string{"msg_too_long", "no_text", "invalid_payload"}, said.Error)
	e.Target = !e.Final
	return e
}
