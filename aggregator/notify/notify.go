// Package notify tells services that the operator chose of new stories: a Sender sends one message
// with one request. It knows ntfy, Telegram, Discord, Slack, Matrix, SMTP and webhooks.
package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/nashra/nashra/feeds"
)

// Message is what a target is told. Services shorten what is too long for them.
type Message struct {
	ID      string    // of letters, digits, _ and -; the same at each try, so that a receiver can tell repeats
	Type    string    // of the event, for webhooks: story, digest, more, test
	Title   string    // on one line
	Text    string    // plain, may have several lines; empty: none
	URL     string    // http or https; empty: none
	Time    time.Time // when it came to be
	Payload any       // what the JSON of a webhook has as data; nil: title, text and url
}

// Dial connects to host:port, where HTTP is not what is spoken.
type Dial func(ctx context.Context, address string) (net.Conn, error)

// Sender sends messages to one target. It is safe for concurrent use.
type Sender struct {
	host    string // named in errors
	carrier carrier
	client  *http.Client
	dial    Dial
	secrets []string // must not stand in errors
}

// carrier sends a message in the way of one service.
type carrier interface {
	send(ctx context.Context, s *Sender, m Message) error
}

// sendTime limits one Send. Standard Webhooks asks senders to wait 15 to 30 seconds for an answer.
const sendTime = 15 * time.Second

// NewSender makes the sender of a target. It does not follow redirects, whatever the client does. The
// error is a *Mistake.
func NewSender(t feeds.Target, c *http.Client, dial Dial) (*Sender, error) {
	a, carrier, err := open(t)
	if err != nil {
		return nil, err
	}
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Sender{a.name, carrier, &own, dial, a.secrets()}, nil
}

// Check returns what is wrong with the address and the secret of a target, or nil. It asks nobody.
func Check(t feeds.Target) *Mistake {
	_, _, err := open(t)
	return err
}

// moments is how often one Send waits for a service that asks to wait no longer than ctx allows. Discord
// takes five messages in two seconds, and Slack one a second.
const moments = 3

// Send sends m once, unless the service asks to wait a moment. The error is an *Error, without secrets, and
// begins with the service's host.
func (s *Sender) Send(ctx context.Context, m Message) error {
	ctx, cancel := context.WithTimeoutCause(ctx, sendTime, errSlow)
	defer cancel()
	m.Title = oneLine(m.Title)
	m.Text = feeds.Legal(m.Text)
	for tries := 0; ; tries++ {
		err := s.carrier.send(ctx, s, m)
		var e *Error
		if !errors.As(err, &e) || e.RetryAfter == 0 || tries == moments || !sleep(ctx, e.RetryAfter) {
			return err
		}
	}
}

// sleep waits for d, and reports whether it did. It does not begin if less than half of the time of ctx would
// be left.
func sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < 2*d {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// data returns what a webhook's JSON says of m.
func (m Message) data() (json.RawMessage, error) {
	if m.Payload != nil {
		return json.Marshal(m.Payload)
	}
	return json.Marshal(struct {
		Title string `json:"title"`
		Text  string `json:"text,omitempty"`
		URL   string `json:"url,omitempty"`
	}{m.Title, m.Text, m.URL})
}

// Test returns a message that shows that a target is reached, with an id of its own.
func Test(id string, now time.Time) Message {
	return Message{ID: "test-" + cmp.Or(id, "target") + "-" + strconv.FormatInt(now.UnixMilli(), 10), Type: "test",
		Title: "nashra reaches you · نشرة تصلك",
		Text:  "New stories of the channel will arrive here. ستصلك الأخبار الجديدة هنا.", Time: now}
}
