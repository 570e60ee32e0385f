package publish

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// mayWait reports whether ch may hold a story back for a while: what is in published was shown before.
func (c *Catalog) mayWait(ch feeds.Channel, id string, published map[string]Output) bool {
	_, out := published[feeds.StoryPath(id)]
	return c.Hold && ch.Wait > 0 && !out
}

// waits returns until when ch keeps s from its readers; zero: it does not.
func (c *Catalog) waits(ch feeds.Channel, s feeds.Story) (until time.Time) {
	until = firstSeen(s).Add(ch.Wait)
	if until.After(c.Now()) && c.prepared(s).Translation.State == feeds.Waiting {
		return until
	}
	return time.Time{}
}

// published returns the list of published files, if heldBack needs it.
func (c *Catalog) published(ctx context.Context) (map[string]Output, error) {
	untold := slices.ContainsFunc(c.Channels, func(ch feeds.Channel) bool { return ch.Untranslated == hold })
	if !c.Hold && !c.withholds() && !untold {
		return nil, nil
	}
	files, err := c.Store.Outputs(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the list of published files: %w", err)
	}
	return files, nil
}

// hold stores which stories English editions hold back from now on, and which they no longer do although
// their headlines are not translated: those were published, and stay.
func (r *run) hold(ctx context.Context) error {
	var begun, ended []string
	waits := map[string]bool{}
	for i, ch := range r.Channels {
		for _, l := range r.lists[i].untold {
			if ch.Untranslated == hold {
				waits[l.ID] = true
				if l.Held.IsZero() {
					begun = append(begun, l.ID)
				}
			}
		}
	}
	for _, list := range r.lists {
		for _, l := range list.english {
			if !l.Held.IsZero() && l.Titled.IsZero() && !waits[l.ID] {
				ended = append(ended, l.ID)
			}
		}
	}
	var err error
	if len(begun) > 0 {
		err = r.Store.Held(ctx, r.at, begun...)
	}
	if len(ended) > 0 {
		err = errors.Join(err, r.Store.Held(ctx, time.Time{}, ended...))
	}
	if err != nil {
		return fmt.Errorf("store which stories the English edition waits for: %w", err)
	}
	return nil
}

// newestIDs returns the stories among the newest that have a page among the files.
func newestIDs(published map[string]Output) (ids []string) {
	for name, o := range published {
		if id := storyOf(name); id != "" && o.Kept.IsZero() {
			ids = append(ids, id)
		}
	}
	return ids
}

// storyOf returns the story whose page is the file of that name, or "".
func storyOf(name string) string {
	if id := strings.TrimSuffix(path.Base(name), ".html"); name == feeds.StoryPath(id) {
		return id
	}
	return ""
}

// firstSeen returns when the first item of s was seen.
func firstSeen(s feeds.Story) time.Time {
	first := s.Items[0].Seen
	for _, m := range s.Items[1:] {
		first = polite.Earliest(first, m.Seen)
	}
	return first
}
