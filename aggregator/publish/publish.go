package publish

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"
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

// Output is what is known of a published file.
type Output struct {
	Sum      [32]byte  // of its bytes; zero: it may be missing
	Made     [32]byte  // of what it was made from; zero: unknown
	Size     int64     // with Modified tells whether others changed the file
	Modified int64     // Unix nanoseconds
	Waiting  bool      // the page of a story that is not fully translated
	Kept     time.Time // since when the page's story is no longer among the newest; zero: it is
}

// everything is the key, in the list of published files, of the last complete publishing: what it
// was Made from, when (Kept), and until when that holds (Modified); 0: until something changes.
const everything = ""

// Publisher writes the stories of a Catalog to files, and notifies the hub.
type Publisher struct {
	*Catalog
	hub   *hub
	basis func() []byte // hash of what all files are made from
}

// NewPublisher returns a Publisher.
func NewPublisher(c *Catalog) *Publisher {
	return &Publisher{c, &hub{topics: map[string]bool{}}, sync.OnceValue(c.basis)}
}

// basis hashes the program and the config.
func (c *Catalog) basis() []byte {
	terms := ""
	if c.Translator != nil {
		terms = c.Translator.Sum()
	}
	h := sha256.New()
	enc := json.NewEncoder(h)
	err := enc.Encode([]any{Program(), c.URL, c.Hub, c.OnBudget, c.Pair, c.Translator != nil, terms, c.Channels})
	for _, s := range c.Sources { // one by one, to save memory
		err = errors.Join(err, enc.Encode(s))
	}
	if err != nil {
		panic(err) // texts and numbers can always be encoded
	}
	return h.Sum(nil)
}

// Program identifies this build of the program: by its version, or else by its file.
func Program() string {
	info, ok := debug.ReadBuildInfo()
	if v := info.Main.Version; ok && v != "" && v != "(devel)" && !strings.HasSuffix(v, "+dirty") {
		return v
	}
	name, err := os.Executable()
	if err == nil {
		var file os.FileInfo
		if file, err = os.Stat(name); err == nil {
			return fmt.Sprint(file.Size(), file.ModTime().UnixNano())
		}
	}
	return time.Now().String() // unknown: all is made again
}

// made hashes what a file is made from, apart from the basis.
func (p *Publisher) made(what ...any) [32]byte {
	return sha256.Sum256(fmt.Appendln(p.basis(), what...))
}

// Publish writes all channels and the pages. It makes only files that show a change or that others
// changed, and removes only its own. If nothing changed, it reads no story.
func (p *Publisher) Publish(ctx context.Context) (Report, error) {
	old, err := p.Store.Outputs(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read the list of published files: %w", err)
	}
	changes, err := p.Store.Changes(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read the number of changes: %w", err)
	}
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return Report{}, fmt.Errorf("make the publish folder: %w", err)
	}
	root, err := os.OpenRoot(p.Dir)
	if err != nil {
		return Report{}, fmt.Errorf("open the publish folder: %w", err)
	}
	defer root.Close()
	r := newRun(p, root, old)
	all := p.made(changes, p.Keep)
	if r.holds(all) {
		return counted(old), nil
	}
	if r.plan, err = p.plan(ctx, r.at, old); err != nil {
		return Report{}, err
	}
	res := Report{Counted: true, Stories: len(r.shown), Next: r.next}
	if res.Awaited, err = p.awaited(ctx, root, r.silent); err != nil || len(res.Awaited) > 0 {
		return res, err
	}
	if err := r.announce(ctx); err != nil {
		return res, err
	}
	err = r.write(ctx)
	if res.Written = r.written; err != nil {
		return res, fmt.Errorf("publish in %s: %w", p.Dir, err)
	}
	if res.Removed, err = r.remove(); err != nil {
		return res, fmt.Errorf("remove from %s: %w", p.Dir, err)
	}
	if err := r.conclude(ctx, all); err != nil {
		return res, err
	}
	p.ping(res.Written)
	counts := counted(r.now)
	res.Stories, res.Waiting = counts.Stories, counts.Waiting
	return res, nil
}

// conclude stores what changed in the list of files. made is what all was made from.
func (r *run) conclude(ctx context.Context, made [32]byte) error {
	last := Output{Made: made, Kept: r.at}
	if !r.until.IsZero() {
		last.Modified = r.until.UnixNano()
	}
	if !r.next.IsZero() { // stories are held back: look again
		last.Made = [32]byte{}
	}
	put := map[string]Output{}
	for name, o := range r.now {
		if r.old[name] != o {
			put[name] = o
		}
	}
	var gone []string
	for _, names := range []iter.Seq[string]{maps.Keys(r.old), maps.Keys(r.files)} {
		for name := range names {
			if _, still := r.now[name]; !still && name != everything {
				gone = append(gone, name)
			}
		}
	}
	if was := r.old[everything]; was.Made != last.Made || was.Modified != last.Modified || was.Kept.After(r.at) {
		put[everything] = last
	}
	return r.list(ctx, put, gone)
}

// counted counts the stories that have a page among the files.
func counted(files map[string]Output) (res Report) {
	res.Counted = true
	for name, o := range files {
		if storyOf(name) == "" || !o.Kept.IsZero() {
			continue
		}
		if res.Stories++; o.Waiting {
			res.Waiting++
		}
	}
	return res
}
