package aggregator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
)

// Published is what publishing came to.
type Published struct {
	Stories int      // shown, each counted once
	Waiting int      // of these, without a whole translation
	Written []string // files that are new or changed, sorted
	Removed []string // files of channels that are no more, sorted
}

// Publish writes every channel in every edition and format, and the page. A file whose bytes are the same is left alone; what was
// published before and is no longer is removed, and nothing else ever is. It stores nothing but the list of files.
func (a *Aggregator) Publish(ctx context.Context) (Published, error) {
	var res Published
	files, err := a.render(ctx, &res)
	if err != nil {
		return res, err
	}
	old, err := a.Store.Outputs(ctx)
	if err != nil {
		return res, fmt.Errorf("read the list of published files: %w", err)
	}
	if err := os.MkdirAll(a.Dir, 0o755); err != nil {
		return res, fmt.Errorf("make the publish folder: %w", err)
	}
	root, err := os.OpenRoot(a.Dir)
	if err != nil {
		return res, fmt.Errorf("open the publish folder: %w", err)
	}
	defer root.Close()
	now := map[string][32]byte{}
	for name, body := range files {
		now[name] = sha256.Sum256(body)
		if have, err := root.ReadFile(name); err == nil && bytes.Equal(have, body) {
			continue
		}
		if err := replace(root, name, body); err != nil {
			return res, fmt.Errorf("publish %s: %w", path.Join(a.Dir, name), err)
		}
		res.Written = append(res.Written, name)
	}
	for name := range old {
		if _, still := now[name]; still {
			continue
		}
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return res, fmt.Errorf("remove %s: %w", path.Join(a.Dir, name), err)
		}
		res.Removed = append(res.Removed, name)
	}
	slices.Sort(res.Written)
	slices.Sort(res.Removed)
	if len(res.Written)+len(res.Removed) > 0 || len(now) != len(old) {
		if err := a.Store.SetOutputs(ctx, now); err != nil {
			return res, fmt.Errorf("store the list of published files: %w", err)
		}
	}
	return res, nil
}

// render makes all files in memory, and counts in res what they show.
func (a *Aggregator) render(ctx context.Context, res *Published) (files map[string][]byte, err error) {
	where, err := a.site(ctx)
	if err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	all := map[string]feeds.Story{}
	for _, ch := range a.Channels {
		stories, err := a.stories(ctx, ch)
		if err != nil {
			return nil, err
		}
		stories = slices.DeleteFunc(stories, a.unseen)
		for i, s := range stories {
			stories[i] = a.prepared(s)
			all[s.ID] = stories[i]
			a.terms(where.Terms, s.Items[0].Categories)
		}
		for i, edition := range feeds.RenderAll(where, ch, stories) {
			for _, f := range feeds.Formats {
				var buf bytes.Buffer
				if err := edition.Write(&buf, f); err != nil {
					return nil, fmt.Errorf("write channel %s: %w", ch.ID, err)
				}
				files[feeds.Path(ch.ID, feeds.Editions[i], f)] = buf.Bytes()
			}
		}
	}
	list := make([]feeds.Story, 0, len(all))
	for _, s := range all {
		list = append(list, s)
		if st := s.Translation.State; st == feeds.Waiting || st == feeds.Partial {
			res.Waiting++
		}
	}
	res.Stories = len(list)
	slices.SortFunc(list, newestFirst)
	var page bytes.Buffer
	if err := site.Index(&page, where, a.Channels, list); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	files["index.html"] = page.Bytes()
	return files, nil
}

// terms adds to known the English of the categories that the glossary has.
func (a *Aggregator) terms(known map[string]string, categories []string) {
	if a.Translator == nil {
		return
	}
	for _, c := range categories {
		if en := a.Translator.Glossary.English(c); en != "" {
			known[c] = en
		}
	}
}

// prepared is s as it is shown: no more text than its source's policy allows, and no English that was made from other Arabic.
func (a *Aggregator) prepared(s feeds.Story) feeds.Story {
	s = a.republished(s)
	switch {
	case s.Translation.State != "" && s.Translation.Source == s.Hash():
	case a.translatable(s):
		s.Translation = feeds.Translation{State: feeds.Waiting}
	default:
		s.Translation = feeds.Translation{State: feeds.None}
	}
	return s
}

// replace writes body beside name, syncs and renames it: a reader sees the old or the new file, never a mixture.
func replace(root *os.Root, name string, body []byte) error {
	tmp := "." + name + ".new"
	f, err := root.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = root.Rename(tmp, name)
	}
	if err != nil {
		_ = root.Remove(tmp) // nothing half-written stays behind
		return err
	}
	return syncDir(root)
}

// syncDir makes the rename last; some systems cannot sync a folder, and need not.
func syncDir(root *os.Root) error {
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}
