package publish

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// heldBack reports whether s is kept from ch's readers, and until when at most; zero: until it is
// translated. Stories in published are never held back.
func (c *Catalog) heldBack(ch feeds.Channel, s feeds.Story, published map[string][32]byte) (until time.Time,
	held bool) {
	if c.Unseen(s) {
		return until, true
	}
	if !c.Hold || ch.Wait <= 0 {
		return until, false
	}
	if _, out := published[feeds.StoryPath(s.ID)]; out {
		return until, false
	}
	until = firstSeen(s).Add(ch.Wait)
	return until, until.After(c.Now()) && c.prepared(s).Translation.State == feeds.Waiting
}

// published returns the list of published files, if heldBack needs it.
func (c *Catalog) published(ctx context.Context) (map[string][32]byte, error) {
	if !c.Hold && !c.withholds() {
		return nil, nil
	}
	files, err := c.Store.Outputs(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the list of published files: %w", err)
	}
	return files, nil
}

// storyIDs returns the stories that have a page among the files.
func storyIDs(published map[string][32]byte) (ids []string) {
	for name := range published {
		if id := strings.TrimSuffix(path.Base(name), ".html"); name == feeds.StoryPath(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// firstSeen returns when the first item of s was seen.
func firstSeen(s feeds.Story) time.Time {
	first := s.Items[0].Seen
	for _, m := range s.Items[1:] {
		first = polite.Earliest(first, m.Seen)
	}
	return first
}
