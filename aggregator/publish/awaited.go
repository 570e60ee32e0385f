package publish

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// hopeless is how many failures in a row end the waiting for a source: some sixteen hours with the
// back-off.
const hopeless = 7

// awaited returns the sources that never succeeded in this store, but still may, with published
// stories that the store does not know, as after a loss of the store. Writing the feeds without them
// would take these stories from readers.
func (c *Catalog) awaited(ctx context.Context, root *os.Root, states map[string]polite.State) ([]string, error) {
	silent := map[string]bool{}
	for _, s := range c.Sources {
		polled, st := s.On() && c.Twins[s.ID] == "", states[s.ID]
		if polled && st.Succeeded.IsZero() && !st.Gone && st.Failures < hopeless {
			silent[s.ID] = true
		}
	}
	if len(silent) == 0 {
		return nil, nil
	}
	theirs := map[string]string{} // stories begun by silent sources, by id
	for _, ch := range c.Channels {
		maps.Copy(theirs, begunBy(silent, root, feeds.Path(ch.ID, feeds.Bilingual, feeds.JSON)))
	}
	if len(theirs) == 0 {
		return nil, nil
	}
	known, err := c.Store.Stories(ctx, feeds.Query{IDs: slices.Sorted(maps.Keys(theirs)), Limit: len(theirs)})
	if err != nil {
		return nil, fmt.Errorf("read published stories: %w", err)
	}
	for _, s := range known {
		delete(theirs, s.ID)
	}
	return slices.Compact(slices.Sorted(maps.Values(theirs))), nil
}

// begunBy returns the stories in a published file whose lead is of one of sources, with the
// source's id. An unreadable file has none.
func begunBy(sources map[string]bool, root *os.Root, name string) map[string]string {
	var f struct {
		Items []struct {
			Nashra struct {
				Story   string `json:"story"`
				Sources []struct {
					ID string `json:"id"`
				} `json:"sources"`
			} `json:"_nashra"`
		} `json:"items"`
	}
	body, err := root.ReadFile(name)
	if err != nil || json.Unmarshal(body, &f) != nil {
		return nil
	}
	out := map[string]string{}
	for _, it := range f.Items {
		if n := it.Nashra; len(n.Sources) > 0 && sources[n.Sources[0].ID] { // the lead comes first
			out[n.Story] = n.Sources[0].ID
		}
	}
	return out
}
