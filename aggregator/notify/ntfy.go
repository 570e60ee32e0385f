package notify

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ntfy publishes JSON to a topic (https://docs.ntfy.sh/publish/).
type ntfy struct {
	server   string // with a slash at its end
	user     *url.Userinfo
	topic    string
	priority int // 1 to 5
	tags     []string
	icon     string
	header   map[string]string
}

const (
	ntfyTopic = `^[-_A-Za-z0-9]{1,64}$` // topicRegex of ntfy's server
	ntfyBytes = 4096                    // message-size-limit's default
)

// ntfyPriorities are the names of the priorities 1 to 5; max is also called urgent.
var ntfyPriorities = []string{"min", "low", "default", "high", "max"}

func openNtfy(a *address) (carrier, *Mistake) {
	topic := strings.Trim(a.Path, "/")
	if !a.bare() || !regexp.MustCompile(ntfyTopic).MatchString(topic) {
		return nil, &Mistake{Key: "url", Problem: "names no server and topic (a-z, 0-9, _ and -, at most 64)"}
	}
	n := &ntfy{user: a.User, topic: topic, priority: 3, icon: a.param("icon"), header: map[string]string{}}
	server := a.base()
	switch a.param("scheme") {
	case "http":
		server.Scheme = "http"
	case "https", "":
	default:
		return nil, &Mistake{"url", "has a scheme that is not http or https", "write ?scheme=http"}
	}
	n.server = server.String() + "/"
	if p := strings.ToLower(a.param("priority")); p != "" {
		n.priority = 1 + slices.Index(ntfyPriorities, strings.Replace(p, "urgent", "max", 1))
		if number, err := strconv.Atoi(p); err == nil {
			n.priority = number
		}
	}
	if n.priority < 1 || n.priority > 5 {
		return nil, &Mistake{"url", "has a priority that is none",
			"write priority=1 to 5, or " + strings.Join(ntfyPriorities, ", ")}
	}
	if tags := a.param("tags"); tags != "" {
		n.tags = strings.Split(tags, ",")
	}
	for _, name := range []string{"cache", "firebase"} {
		if !a.flag(name, true) {
			n.header[http.CanonicalHeaderKey(name)] = "no"
		}
	}
	return n, nil
}

func (n *ntfy) send(ctx context.Context, s *Sender, m Message) error {
	title, text, link := parts(m, ntfyBytes, inBytes)
	header := basic(n.user)
	for key, value := range n.header {
		header.Set(key, value)
	}
	if text == "" { // a message of its own has to be there: else ntfy writes "triggered"
		title, text = "", title
	}
	a, err := s.ask(ctx, http.MethodPost, n.server, struct {
		Topic    string   `json:"topic"`
		Title    string   `json:"title,omitempty"`
		Message  string   `json:"message"`
		Priority int      `json:"priority"`
		Tags     []string `json:"tags,omitempty"`
		Click    string   `json:"click,omitempty"`
		Icon     string   `json:"icon,omitempty"`
	}{n.topic, title, text, n.priority, n.tags, link, n.icon}, header)
	if err != nil || a.ok() {
		return err
	}
	var said struct{ Error string }
	a.into(&said)
	return s.refused(a, said.Error)
}
