package publish

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// Out is what a channel shows whose pages are written.
type Out struct {
	Stories []feeds.Listed // of a channel of stories: those of the English edition
	Digests []feeds.Digest // of a digest channel
	Next    time.Time      // when there may be more without another publishing; zero: never
}

// Out returns what a channel, by its id, shows and has published.
func (c *Catalog) Out(ctx context.Context, channel string) (out Out, err error) {
	i := slices.IndexFunc(c.Channels, func(ch feeds.Channel) bool { return ch.ID == channel })
	if i < 0 {
		return out, nil
	}
	files, err := c.Store.Outputs(ctx)
	if err != nil {
		return out, fmt.Errorf("read the list of published files: %w", err)
	}
	written := func(path string) bool { return files[path].Sum != [32]byte{} }
	list, err := c.list(ctx, c.Channels[i], files)
	if err != nil {
		return out, err
	}
	for _, d := range list.digests {
		until, err := c.waitsFor(ctx, c.Channels[i], d)
		if err != nil {
			return out, err
		}
		out.Next = polite.Sooner(out.Next, until)
		if written(d.Path()) && until.IsZero() {
			out.Digests = append(out.Digests, d)
		}
	}
	if c.Channels[i].Digest.On() {
		return out, nil
	}
	for _, l := range list.in(feeds.English) {
		if written(feeds.StoryPath(l.ID)) {
			out.Stories = append(out.Stories, l)
		}
	}
	return out, nil
}

// waitsFor returns until when a message on d waits for the headlines of its events; zero: it does not.
func (c *Catalog) waitsFor(ctx context.Context, ch feeds.Channel, d feeds.Digest) (until time.Time, err error) {
	end := d.At.Add(ch.Wait)
	if !c.Hold || !end.After(c.Now()) {
		return until, nil
	}
	var heads []feeds.Listed
	for _, e := range d.Events {
		heads = append(heads, feeds.Listed{ID: e.Stories[0]})
	}
	return until, c.each(ctx, heads, func(s feeds.Story) error {
		if c.prepared(s).Translation.State == feeds.Waiting {
			until = end
		}
		return nil
	})
}

// Filter returns whether words and /regular expressions/ allow a story: see feeds.Channel.
func Filter(include, exclude []string) (func(feeds.Story) bool, error) {
	return filter(feeds.Channel{Include: include, Exclude: exclude}, nil)
}
