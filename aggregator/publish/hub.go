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

// pingTime is how long a hub may take: it only notes what it is told, and asks for the feed later.
const pingTime = 5 * time.Second

// maxPingAnswer is how much of a hub's answer is read, in bytes, so that its connection can be used again.
const maxPingAnswer = 64 << 10

// hub tells a WebSub hub which feeds have changed, beside the work: a hub that fails or hangs delays nothing. What it did not take is told
// again with the next change.
type hub struct {
	mu      sync.Mutex
	topics  map[string]bool // to be told
	telling bool
	idle    sync.WaitGroup
	err     error // of the last try
}

// ping tells the hub of the feeds among the files that were written.
func (p *Publisher) ping(written []string) {
	if p.Hub == "" || p.URL == "" || p.HubClient == nil {
		return
	}
	h := p.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	news := false
	for _, name := range written {
		if slices.Contains(feeds.Formats, feeds.Format(strings.TrimPrefix(path.Ext(name), "."))) {
			h.topics[p.URL+name], news = true, true
		}
	}
	if !news || h.telling {
		return
	}
	h.telling = true
	h.idle.Go(func() { p.tellHub() })
}

// tellHub tells what there is to tell until nothing new has come, or the hub fails.
func (p *Publisher) tellHub() {
	h := p.hub
	for {
		h.mu.Lock()
		topics := slices.Sorted(maps.Keys(h.topics))
		if len(topics) == 0 {
			h.telling = false
			h.mu.Unlock()
			return
		}
		h.mu.Unlock()
		err := p.post(topics)
		h.mu.Lock()
		if h.err = err; err != nil {
			h.telling = false
			h.mu.Unlock()
			p.Log.Warn("cannot tell the hub what has changed", "error", err)
			return
		}
		for _, t := range topics {
			delete(h.topics, t)
		}
		h.mu.Unlock()
	}
}

// post is a publisher's notice to its hub: WebSub leaves its form open, and hubs take that of PubSubHubbub 0.4, section 7.1.
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
		if errors.As(err, &u) { // without the address, which may hold a secret
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

// Pinged waits until the hub was told what has changed, some seconds at most, and says whether it took it.
func (p *Publisher) Pinged() error {
	p.hub.idle.Wait()
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	return p.hub.err
}
