package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nashra/nashra/feeds"
)

// pingTime is how long a hub may take to answer. It fetches the feeds later.
const pingTime = 5 * time.Second

// maxPingAnswer is how many bytes of a hub's answer are read, so that the connection can be reused.
const maxPingAnswer = 64 << 10

// hub notifies a WebSub hub of changed feeds in the background. Notices that failed are sent again
// with the next change.
type hub struct {
	mu      sync.Mutex
	topics  map[string]bool // changed feeds to send
	telling bool
	idle    sync.WaitGroup
	err     error // of the last attempt
}

// ping notifies the hub of the feeds among the written files.
func (p *Publisher) ping(written []string) {
	if p.Hub == "" || p.URL == "" || p.HubClient == nil {
		return
	}
	h := p.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	news := false
	for _, name := range written {
		format := feeds.Format(strings.TrimPrefix(path.Ext(name), "."))
		if slices.Contains(feeds.Formats, format) && path.Dir(name) != "stories" { // those of stories name no hub
			h.topics[p.URL+name], news = true, true
		}
	}
	if news && !h.telling {
		h.telling = true
		h.idle.Go(p.tellHub)
	}
}

// tellHub sends notices until there are no more, or the hub fails.
func (p *Publisher) tellHub() {
	h := p.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.topics) > 0 {
		topics := slices.Sorted(maps.Keys(h.topics))
		clear(h.topics)
		h.mu.Unlock()
		err := p.post(topics)
		h.mu.Lock()
		if h.err = err; err != nil {
			for _, t := range topics {
				h.topics[t] = true
			}
			p.Log.Warn("cannot tell the hub what has changed", "error", err)
			break
		}
	}
	h.telling = false
}

// post sends a notice in the form of PubSubHubbub 0.4, section 7.1, as WebSub leaves the form open.
func (p *Publisher) post(topics []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), pingTime)
	defer cancel()
	form := url.Values{"hub.mode": {"publish"}, "hub.url": topics}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Hub, strings.NewReader(form.Encode()))
	if err != nil {
		return errors.New("publish.hub: unreadable address")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", "nashra")
	res, err := p.HubClient.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) { // drop the address, which may hold a secret
			err = u.Err
		}
		return fmt.Errorf("ping hub %s: %w", feeds.Redact(p.Hub), err)
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, maxPingAnswer)
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("ping hub %s: status %d", feeds.Redact(p.Hub), res.StatusCode)
	}
	return nil
}

// Pinged waits until the hub was notified, for a few seconds at most, and returns the error of the
// last attempt.
func (p *Publisher) Pinged() error {
	p.hub.idle.Wait()
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	return p.hub.err
}
