package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// writers is how many files are written at once, as each waits for the disk.
const writers = 8

// run is one publishing.
type run struct {
	*Publisher
	plan
	root   *os.Root
	at     time.Time
	old    map[string]Output // the files that were listed before
	intact map[string]Output // those of old that are as they were written

	group   *errgroup.Group // writes
	mu      sync.Mutex
	now     map[string]Output // the files to list
	written []string
	folders map[string]bool // with written files
}

func newRun(p *Publisher, root *os.Root, old map[string]Output) *run {
	r := &run{Publisher: p, root: root, at: p.Now(), old: old, intact: map[string]Output{}, now: map[string]Output{},
		folders: map[string]bool{}}
	for name, o := range old {
		if now, ok := intact(root, name, o); ok && name != everything {
			r.intact[name] = now
		}
	}
	return r
}

// holds reports whether the last complete publishing was made from the same, and still stands.
func (r *run) holds(made [32]byte) bool {
	last, ok := r.old[everything]
	if !ok || last.Made != made || r.at.Before(last.Kept) || last.Modified > 0 && r.at.UnixNano() > last.Modified {
		return false
	}
	for name, o := range r.old {
		if name != everything && (r.intact[name] != o || !o.Kept.IsZero() && !r.at.Before(o.Kept.Add(r.Keep))) {
			return false
		}
	}
	return true
}

// lacks reports whether a file is to be made.
func (r *run) lacks(name string) bool {
	o, ok := r.intact[name]
	return !ok || o.Made != r.files[name]
}

// announce lists new files before they are written, so that after a crash they are known as ours.
func (r *run) announce(ctx context.Context) error {
	put := map[string]Output{}
	for name := range r.files {
		if r.old[name] == (Output{}) {
			put[name] = Output{}
		}
	}
	return r.list(ctx, put, nil)
}

// list changes the stored list of files.
func (r *run) list(ctx context.Context, put map[string]Output, gone []string) error {
	if len(put)+len(gone) == 0 {
		return nil
	}
	if err := r.Store.SetOutputs(ctx, r.at, put, gone); err != nil {
		return fmt.Errorf("store the list of published files: %w", err)
	}
	return nil
}

// put writes a file in the background. o says what else is known of it.
func (r *run) put(name string, o Output, write func(io.Writer) error) {
	r.group.Go(func() error {
		d, err := newDraft(r.root, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := write(d); err != nil {
			d.drop()
			return fmt.Errorf("%s: %w", name, err)
		}
		return r.finish(d, o)
	})
}

// finish puts a draft in its place and lists it.
func (r *run) finish(d *draft, o Output) error {
	is, replaced, err := d.finish()
	if err != nil {
		return fmt.Errorf("%s: %w", d.name, err)
	}
	o.Sum, o.Size, o.Modified, o.Made = is.Sum, is.Size, is.Modified, r.files[d.name]
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now[d.name] = o
	if replaced {
		r.written = append(r.written, d.name)
		r.folders[path.Dir(d.name)] = true
	}
	return nil
}

// remove deletes the files that are no longer listed, and returns their names, sorted.
func (r *run) remove() (removed []string, err error) {
	for name := range r.old {
		if _, still := r.now[name]; still || name == everything {
			continue
		}
		if err := r.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, err
		}
		_ = r.root.Remove(beside(name)) // left by a crash
		removed = append(removed, name)
	}
	slices.Sort(removed)
	return removed, nil
}

// syncDir makes the renames in dir durable. Some systems cannot sync a directory, and need not.
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
