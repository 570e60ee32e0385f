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

// hopeless is how many failures in a row a source has after which nobody waits for it any longer: with the back-off some sixteen hours.
const hopeless = 7

// silent are the ids of sources that the store has never heard, and that there is hope for.
func (c *Catalog) silent(states map[string]polite.State) map[string]bool {
	out := map[string]bool{}
	for _, s := range c.Sources {
		if st := states[s.ID]; s.On() && st.Succeeded.IsZero() && !st.Gone && st.Failures < hopeless {
			out[s.ID] = true
		}
	}
	return out
}

// awaited are those of the silent of which something is published that the store does not know, as it was lost or damaged and begun anew.
// Were the feeds written without them, readers would lose what they had.
func (c *Catalog) awaited(ctx context.Context, root *os.Root, silent map[string]bool) ([]string, error) {
	if len(silent) == 0 {
		return nil, nil
	}
	theirs := map[string]string{} // stories that the silent began, by id
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

// begunBy are the stories in a published file whose lead is one of sources', with its id. A file that cannot be read holds none.
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
		if n := it.Nashra; len(n.Sources) > 0 && sources[n.Sources[0].ID] { // the lead stands first
			out[n.Story] = n.Sources[0].ID
		}
	}
	return out
}
