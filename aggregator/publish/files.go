package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nashra/nashra/durable"
	"github.com/nashra/nashra/feeds"
)

// writers is how many files are written at once, as each waits for the disk.
const writers = 8

// run is one publishing.
type run struct {
	*Publisher
	root   *os.Root
	at     time.Time
	old    map[string]Output // the files that are listed in the store
	intact map[string]Output // those of old that are as they were written

	// the plan
	where         feeds.Site
	lists         []choice             // of the channels, then of the tags
	shown, newest []feeds.Listed       // by any channel or as an event, and the latest of the index, newest first
	inDigests     []feeds.Listed       // stories of digests, if other channels have stories
	covered       []feeds.Event        // events of the index
	told          []feeds.Listed       // stories of covered
	leaves        []leaf               // list pages
	dates         []time.Time          // newest first
	days          []day                // of dates
	asides        map[string]aside     // by story with a page
	since         map[string]time.Time // since when pages of stories that are no longer shown are kept
	files         map[string]*Output   // those to publish; without Sum: to be made
	next          time.Time            // see Report.Next

	group   *errgroup.Group // writes
	mu      sync.Mutex
	folders map[string]*os.Root // of files that were begun
	written []string

	todo int          // files to make
	done atomic.Int64 // of these, those that were made
}

func newRun(p *Publisher, root *os.Root, old map[string]Output) *run {
	r := &run{Publisher: p, root: root, at: p.Now(), old: old, intact: map[string]Output{},
		files: map[string]*Output{}, folders: map[string]*os.Root{}}
	for name, o := range old {
		if now, ok := intact(root, name, o); ok && name != everything {
			r.intact[name] = now
		}
	}
	return r
}

// holds reports whether the last publishing was made from the same, and still stands.
func (r *run) holds(made [32]byte) bool {
	for name, o := range r.old {
		over := !o.Kept.IsZero() && !r.at.Before(o.Kept.Add(r.Keep))
		if name != everything && (r.intact[name] != o || over) {
			return false
		}
	}
	return r.old[everything].Made == made
}

// lacks reports whether a file is to be made.
func (r *run) lacks(name string) bool {
	o := r.files[name]
	return o != nil && o.Sum == [32]byte{}
}

// write makes the files that are lacking. They are listed before, so that after a crash they are
// known as ours.
func (r *run) write(ctx context.Context) error {
	fresh := map[string]Output{}
	for name := range r.files {
		if _, listed := r.old[name]; !listed {
			fresh[name], r.old[name] = Output{}, Output{}
		}
	}
	if err := r.store(ctx, fresh, nil); err != nil {
		return err
	}
	for name := range r.files {
		if r.lacks(name) {
			r.todo++
		}
	}
	r.Progress(0, r.todo)
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	r.group = group
	err := r.pages(within)
	if werr := group.Wait(); werr != nil { // the cause, if pages was cancelled
		err = werr
	}
	for i, ch := range r.withTags() {
		if err == nil {
			err = r.channel(ctx, ch, r.lists[i])
		}
	}
	slices.Sort(r.written)
	changed := map[string]bool{}
	for _, name := range r.written {
		changed[path.Dir(name)] = true
	}
	for name, f := range r.folders { // also after an error: what was renamed must be durable
		if changed[name] {
			err = errors.Join(err, durable.Folder(f.Open(".")))
		}
		err = errors.Join(err, f.Close())
	}
	return err
}

// put writes a file in the background if it lacks.
func (r *run) put(name string, write func(io.Writer) error) {
	r.putAll([]string{name}, func(to []io.Writer) error { return write(to[0]) })
}

// putAll writes those files in the background that lack, all at once; to has nil for the others.
func (r *run) putAll(names []string, write func(to []io.Writer) error) {
	if !slices.ContainsFunc(names, r.lacks) {
		return
	}
	r.group.Go(func() (err error) {
		to, drafts := make([]io.Writer, len(names)), make([]*draft, 0, len(names))
		for i, name := range names {
			if !r.lacks(name) {
				continue
			}
			d, err := r.draft(name)
			if err != nil {
				return err
			}
			defer d.drop()
			to[i], drafts = d, append(drafts, d)
		}
		if err := write(to); err != nil {
			return fmt.Errorf("%s: %w", names[0], err)
		}
		for _, d := range drafts {
			err = cmp.Or(err, d.finish())
		}
		return err
	})
}

// conclude removes the files that are no longer wanted, and stores what changed in the list of files.
// made is what all was made from.
func (r *run) conclude(ctx context.Context, made [32]byte) (now map[string]Output, removed []string, err error) {
	windowed := slices.ContainsFunc(r.Channels, func(ch feeds.Channel) bool { return ch.Window > 0 })
	if windowed || !r.next.IsZero() { // time changes what is shown
		made = [32]byte{}
	}
	now, changed := map[string]Output{everything: {Made: made}}, map[string]Output{}
	for name, o := range r.files {
		if !r.lacks(name) { // its story is still there
			now[name] = *o
		}
	}
	for name, o := range now {
		if r.old[name] != o {
			changed[name] = o
		}
	}
	var gone []string
	for name := range r.old {
		if _, still := now[name]; still {
			continue
		}
		if err := r.root.Remove(name); err == nil {
			removed = append(removed, name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return now, removed, err
		}
		_ = r.root.Remove(beside(name)) // left by a crash
		gone = append(gone, name)
	}
	slices.Sort(removed)
	return now, removed, r.store(ctx, changed, gone)
}

// store changes the stored list of files.
func (r *run) store(ctx context.Context, put map[string]Output, gone []string) error {
	if len(put)+len(gone) == 0 {
		return nil
	}
	if err := r.Store.SetOutputs(ctx, r.at, put, gone); err != nil {
		return fmt.Errorf("store the list of published files: %w", err)
	}
	return nil
}
