package aggregator

import (
	"context"
	"errors"
	"net/http"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
	"github.com/nashra/nashra/feeds/parse"
)

// Get fetches the document of s at address. Where that is a page of YouTube, it fetches the feed of the
// channel that the page is about instead, and where YouTube does not answer for the feed, the feed of the
// channel's uploads, which has the same items. Document.URL is then the address of that feed. free is never
// nil and releases the memory reserved for the document.
func Get(ctx context.Context, c *fetch.Client, s feeds.Source, address string, v feeds.Validators, turn fetch.Turn,
) (doc feeds.Document, free func(), err error) {
	h := fetch.Headers(s)
	doc, free, err = c.Hold(ctx, address, h, v, turn)
	if !feeds.IsYouTube(s.URL) || s.Page.On() {
		return doc, free, err
	}
	if to := parse.Elsewhere(doc); err == nil && to != "" {
		free()
		address = to
		doc, free, err = c.Hold(ctx, address, h, feeds.Validators{}, turn)
	}
	var status *fetch.StatusError
	uploads := feeds.Uploads(address)
	if uploads == "" || !errors.As(err, &status) || status.Code != http.StatusNotFound && status.Code < 500 {
		return doc, free, err
	}
	if found, release, failed := c.Hold(ctx, uploads, h, feeds.Validators{}, turn); failed == nil {
		free()
		return found, release, nil
	}
	return doc, free, err
}
