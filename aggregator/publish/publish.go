package publish

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
)

// Report is the outcome of one Publish call.
type Report struct {
	Counted bool     // Stories and Waiting are known
	Stories int      // shown, each counted once
	Waiting int      // of Stories: not yet fully translated
	Written []string // new or changed files, sorted
	Removed []string // deleted files, sorted
	// sources missing from a new store: nothing is published until they have been polled
	Awaited []string
	// when a story is to be shown that is held back for its translation; zero: none is
	Next time.Time
}

// Publisher writes the stories of a Catalog to files, and notifies the hub.
type Publisher struct {
	*Catalog
	hub *hub
}

// NewPublisher returns a Publisher.
func NewPublisher(c *Catalog) *Publisher { return &Publisher{c, &hub{topics: map[string]bool{}}} }

// Publish writes all channels and the pages. It writes only files that changed, and removes only
// files that it published earlier. If nothing changed, it renders nothing.
func (p *Publisher) Publish(ctx context.Context) (Report, error) {
	old, err := p.Store.Outputs(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read the list of published files: %w", err)
	}
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return Report{}, fmt.Errorf("make the publish folder: %w", err)
	}
	root, err := os.OpenRoot(p.Dir)
	if err != nil {
		return Report{}, fmt.Errorf("open the publish folder: %w", err)
	}
	defer root.Close()
	sh, err := p.shelf(ctx, old)
	if err != nil {
		return Report{}, err
	}
	res := sh.counted()
	if res.Awaited, err = p.awaited(ctx, root, sh.silent); err != nil || len(res.Awaited) > 0 {
		return res, err
	}
	made, known := sh.fingerprint()
	if known && old[madeFrom] == made && whole(root, old) {
		return res, nil
	}
	files, err := sh.render()
	if err != nil {
		return res, err
	}
	now := map[string][32]byte{madeFrom: made}
	for name, body := range files {
		now[name] = sha256.Sum256(body)
	}
	for _, ch := range sh.channels {
		for _, e := range feeds.Editions {
			for _, f := range feeds.Formats {
				now[feeds.Path(ch.ID, e, f)] = [32]byte{}
			}
		}
	}
	if err := p.list(ctx, old, now); err != nil {
		return res, err
	}
	if res.Written, err = replaceAll(root, files); err != nil {
		return res, fmt.Errorf("publish in %s: %w", p.Dir, err)
	}
	for n, ch := range sh.channels {
		sums, written, err := p.writeFeeds(ctx, root, sh.where, ch, listing(sh.stories[n]))
		res.Written = append(res.Written, written...)
		if err != nil {
			return res, fmt.Errorf("publish in %s: %w", p.Dir, err)
		}
		maps.Copy(now, sums)
	}
	slices.Sort(res.Written)
	if res.Removed, err = remove(root, old, now); err != nil {
		return res, fmt.Errorf("remove from %s: %w", p.Dir, err)
	}
	if !maps.Equal(now, old) {
		if err := p.Store.SetOutputs(ctx, p.Now(), now); err != nil {
			return res, fmt.Errorf("store the list of published files: %w", err)
		}
	}
	p.ping(res.Written)
	return res, nil
}

// madeFrom is the key of the fingerprint in the list of published files.
const madeFrom = ""

// list adds new files to the stored list before they are written, so that after a crash they are
// known as ours.
func (p *Publisher) list(ctx context.Context, old, now map[string][32]byte) error {
	all := maps.Clone(old)
	for name := range now {
		if _, known := all[name]; !known {
			all[name] = [32]byte{}
		}
	}
	if len(all) == len(old) {
		return nil
	}
	if err := p.Store.SetOutputs(ctx, p.Now(), all); err != nil {
		return fmt.Errorf("store the list of published files: %w", err)
	}
	return nil
}

// shelf is what is to be published.
type shelf struct {
	where    feeds.Site
	silent   map[string]bool // ids of sources never heard in this store
	channels []feeds.Channel
	stories  [][]feeds.Story // by channel, prepared
	all      []feeds.Story   // each once, newest first
	next     time.Time       // see Report.Next
}

// shelf reads the stories to publish. published is the list of published files.
func (p *Publisher) shelf(ctx context.Context, published map[string][32]byte) (sh shelf, err error) {
	states, err := p.states(ctx)
	if err != nil {
		return sh, err
	}
	sh.where, sh.silent = p.siteOf(states), p.silent(states)
	sh.channels = p.Channels
	all := map[string]feeds.Story{}
	for _, ch := range p.Channels {
		list, err := p.stories(ctx, ch, published)
		if err != nil {
			return sh, err
		}
		sh.next = polite.Sooner(sh.next, list.next)
		p.prepare(sh.where, list.shown)
		for _, s := range list.shown {
			all[s.ID] = s
		}
		sh.stories = append(sh.stories, list.shown)
	}
	sh.all = slices.SortedFunc(maps.Values(all), newestFirst)
	return sh, nil
}

func (sh shelf) counted() (res Report) {
	res.Counted, res.Stories, res.Next = true, len(sh.all), sh.next
	for _, s := range sh.all {
		if st := s.Translation.State; st == feeds.Waiting || st == feeds.Partial {
			res.Waiting++
		}
	}
	return res
}

// fingerprint hashes what files are made from: stories, settings and the program. known is false if
// the program file cannot be read.
func (sh shelf) fingerprint() (sum [32]byte, known bool) {
	exe, err := os.Executable()
	if err != nil {
		return sum, false
	}
	info, err := os.Stat(exe)
	if err != nil {
		return sum, false
	}
	h := sha256.New()
	enc := json.NewEncoder(h)
	enc.SetEscapeHTML(false)
	where := sh.where
	where.Sources = nil // encoded one by one below, to save memory
	err = enc.Encode([]any{info.Size(), info.ModTime().UnixNano(), where, sh.channels})
	for _, list := range sh.stories {
		err = errors.Join(err, enc.Encode(idsOf(list)))
	}
	for _, s := range sh.all {
		s.Items = slices.Clone(s.Items)
		s.Items[0].Summary, s.Items[0].Body = "", "" // the same as the story's
		err = errors.Join(err, enc.Encode(s))
	}
	for _, id := range slices.Sorted(maps.Keys(sh.where.Sources)) {
		src := sh.where.Sources[id]
		err = errors.Join(err, enc.Encode(src), enc.Encode(src.Site)) // left out of its JSON
	}
	if err != nil {
		return sum, false
	}
	h.Sum(sum[:0])
	return sum, true
}

// render renders all pages in memory.
func (sh shelf) render() (map[string][]byte, error) {
	files, err := site.NewBook(sh.where, sh.channels, sh.all).Files()
	if err != nil {
		return nil, fmt.Errorf("write the pages: %w", err)
	}
	return files, nil
}

// listing returns stories as lists have them.
func listing(stories []feeds.Story) (out []feeds.Listed) {
	for _, s := range stories {
		out = append(out, feeds.Listed{ID: s.ID, Lang: s.Lang, Published: s.Published, Updated: s.Updated})
	}
	return out
}
