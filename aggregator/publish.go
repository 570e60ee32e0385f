package aggregator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
	"github.com/nashra/nashra/feeds/site"
)

// Published is what publishing came to.
type Published struct {
	Stories int       // shown, each counted once
	Waiting int       // of these, without a whole translation
	Written []string  // files that are new or changed, sorted
	Removed []string  // files of channels that are no more, sorted
	Awaited []string  // sources that the store, begun anew, has yet to hear: until it has, what is published stays as it is
	Next    time.Time // when a story that is held back for its translation is to be shown whatever comes; zero: none is
}

// Publish writes every channel in every edition and format, and the pages. A file whose bytes are the same is left alone; what was
// published before and is no longer is removed, and nothing else ever is. It stores nothing but the list of files, with what they
// were made from: where that is the same and the files are whole, nothing is made again.
func (a *Aggregator) Publish(ctx context.Context) (Published, error) {
	old, err := a.Store.Outputs(ctx)
	if err != nil {
		return Published{}, fmt.Errorf("read the list of published files: %w", err)
	}
	if err := os.MkdirAll(a.Dir, 0o755); err != nil {
		return Published{}, fmt.Errorf("make the publish folder: %w", err)
	}
	root, err := os.OpenRoot(a.Dir)
	if err != nil {
		return Published{}, fmt.Errorf("open the publish folder: %w", err)
	}
	defer root.Close()
	var intact bool
	var look sync.WaitGroup // while the stories are read: after them it is a tenth of a pass with nothing due
	look.Go(func() { intact = whole(root, old) })
	defer look.Wait()
	sh, err := a.shelf(ctx, old)
	if err != nil {
		return Published{}, err
	}
	res := sh.counted()
	if res.Awaited, err = a.awaited(ctx, root, sh.silent); err != nil || len(res.Awaited) > 0 {
		return res, err
	}
	made, known := sh.fingerprint()
	if look.Wait(); known && old[madeFrom] == made && intact {
		return res, nil
	}
	files, err := sh.render()
	if err != nil {
		return res, err
	}
	if err := a.list(ctx, old, files); err != nil {
		return res, err
	}
	if res.Written, err = replaceAll(root, files); err != nil {
		return res, fmt.Errorf("publish in %s: %w", a.Dir, err)
	}
	if res.Removed, err = remove(root, old, files); err != nil {
		return res, fmt.Errorf("remove from %s: %w", a.Dir, err)
	}
	now := map[string][32]byte{madeFrom: made}
	for name, body := range files {
		now[name] = sha256.Sum256(body)
	}
	if !maps.Equal(now, old) {
		if err := a.Store.SetOutputs(ctx, a.now(), now); err != nil {
			return res, fmt.Errorf("store the list of published files: %w", err)
		}
	}
	a.ping(res.Written)
	return res, nil
}

// madeFrom is no file: in the list of files it stands for what they were made from.
const madeFrom = ""

// list puts files that are new on the list before they are written: whatever happens then, they are known for ours.
func (a *Aggregator) list(ctx context.Context, old map[string][32]byte, files map[string][]byte) error {
	all := maps.Clone(old)
	for name := range files {
		if _, known := all[name]; !known {
			all[name] = [32]byte{}
		}
	}
	if len(all) == len(old) {
		return nil
	}
	if err := a.Store.SetOutputs(ctx, a.now(), all); err != nil {
		return fmt.Errorf("store the list of published files: %w", err)
	}
	return nil
}

// whole says whether all listed files stand there as they were written.
func whole(root *os.Root, listed map[string][32]byte) bool {
	for name, sum := range listed {
		if name == madeFrom {
			continue
		}
		if is, err := digest(root, name); err != nil || is != sum {
			return false
		}
	}
	return true
}

// digest is the SHA-256 of a file, which is never in memory whole: the list of ten thousand sources is megabytes.
func digest(root *os.Root, name string) (sum [32]byte, err error) {
	f, err := root.Open(name)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	return sum, nil
}

// shelf is what is to be published.
type shelf struct {
	where    feeds.Site
	silent   map[string]bool // ids of sources that the store has yet to hear
	channels []feeds.Channel
	stories  [][]feeds.Story // of each channel, as they are shown
	all      []feeds.Story   // each once, newest first
	next     time.Time       // see Published
}

// shelf reads it; published are the files there already.
func (a *Aggregator) shelf(ctx context.Context, published map[string][32]byte) (sh shelf, err error) {
	memos, err := a.memos(ctx)
	if err != nil {
		return sh, err
	}
	sh.where, sh.silent = a.siteOf(memos), a.silent(memos)
	sh.channels = a.Channels
	all := map[string]feeds.Story{}
	for _, ch := range a.Channels {
		list, err := a.stories(ctx, ch, published)
		if err != nil {
			return sh, err
		}
		sh.next = sooner(sh.next, list.next)
		a.prepare(sh.where, list.shown)
		for _, s := range list.shown {
			all[s.ID] = s
		}
		sh.stories = append(sh.stories, list.shown)
	}
	sh.all = slices.SortedFunc(maps.Values(all), newestFirst)
	return sh, nil
}

func (sh shelf) counted() (res Published) {
	res.Stories, res.Next = len(sh.all), sh.next
	for _, s := range sh.all {
		if st := s.Translation.State; st == feeds.Waiting || st == feeds.Partial {
			res.Waiting++
		}
	}
	return res
}

// fingerprint tells what files are made from: stories and settings, and the program that makes them. Not known where the program
// cannot be told.
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
	where.Sources = nil // told one by one, as stories are: ten thousand at once take megabytes
	err = enc.Encode([]any{info.Size(), info.ModTime().UnixNano(), where, sh.channels})
	for _, list := range sh.stories {
		err = errors.Join(err, enc.Encode(idsOf(list)))
	}
	for _, s := range sh.all {
		s.Items = slices.Clone(s.Items)
		s.Items[0].Summary, s.Items[0].Body = "", "" // the story has them
		err = errors.Join(err, enc.Encode(s))
	}
	for _, id := range slices.Sorted(maps.Keys(sh.where.Sources)) {
		src := sh.where.Sources[id]
		err = errors.Join(err, enc.Encode(src), enc.Encode(src.Site)) // which its JSON leaves out
	}
	if err != nil {
		return sum, false
	}
	h.Sum(sum[:0])
	return sum, true
}

// render makes all files in memory.
func (sh shelf) render() (map[string][]byte, error) {
	files, err := site.NewBook(sh.where, sh.channels, sh.all).Files()
	if err != nil {
		return nil, fmt.Errorf("write the pages: %w", err)
	}
	for n, ch := range sh.channels {
		for i, edition := range render.Editions(sh.where, ch, sh.stories[n]) {
			for _, f := range feeds.Formats {
				var buf bytes.Buffer
				if err := edition.Write(&buf, f); err != nil {
					return nil, fmt.Errorf("write channel %s: %w", ch.ID, err)
				}
				files[feeds.Path(ch.ID, feeds.Editions[i], f)] = buf.Bytes()
			}
		}
	}
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

// writers is how many files are written at a time: each waits for the disk.
const writers = 8

// replaceAll writes the files that are not there as they are, and returns their names, sorted.
func replaceAll(root *os.Root, files map[string][]byte) (written []string, err error) {
	var mu sync.Mutex
	folders := map[string]bool{}
	var g errgroup.Group
	g.SetLimit(writers)
	for name, body := range files {
		g.Go(func() error {
			if have, err := root.ReadFile(name); err == nil && bytes.Equal(have, body) {
				return nil
			}
			if err := replace(root, name, body); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			written = append(written, name)
			folders[path.Dir(name)] = true
			return nil
		})
	}
	err = g.Wait()
	for dir := range folders { // whatever failed: what was renamed is to last
		err = errors.Join(err, syncDir(root, dir))
	}
	slices.Sort(written)
	return written, err
}

// remove removes the listed files that are not among files, and returns their names, sorted.
func remove(root *os.Root, listed map[string][32]byte, files map[string][]byte) (removed []string, err error) {
	for name := range listed {
		if _, still := files[name]; still || name == madeFrom {
			continue
		}
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, err
		}
		_ = root.Remove(beside(name)) // of a program that died
		removed = append(removed, name)
	}
	slices.Sort(removed)
	return removed, nil
}

// beside is where name is written before it is renamed.
func beside(name string) string { return path.Join(path.Dir(name), "."+path.Base(name)+".new") }

// replace writes body beside name, syncs and renames it: a reader sees the old or the new file, never a mixture.
func replace(root *os.Root, name string, body []byte) error {
	tmp := beside(name)
	if dir := path.Dir(name); dir != "." {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
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
	}
	return err
}

// syncDir makes the renames in dir last; some systems cannot sync a folder, and need not.
func syncDir(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}
