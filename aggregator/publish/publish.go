package publish

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/nashra/nashra/feeds"
)

// Report is the outcome of one Publish call.
type Report struct {
	Counted bool     // Stories and Waiting are known
	Stories int      // shown, each counted once
	Waiting int      // of Stories: not yet fully translated
	Beyond  int      // the limits of the channels; see Catalog.Beyond, which Publish does not call
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

// everything is the key, in the list of published files, of what the last publishing was Made from;
// zero: it changes with time.
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
	err := enc.Encode([]any{Program(), c.URL, c.Hub, c.Web, c.OnBudget, c.Pair, c.Translator != nil, terms, c.Channels,
		c.Tags})
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

// made hashes what a file is made from, apart from the basis: stories and anything else.
func (p *Publisher) made(stories []feeds.Listed, what ...any) (sum [32]byte) {
	h := sha256.New()
	h.Write(p.basis())
	fmt.Fprintln(h, what...)
	for _, l := range stories {
		fmt.Fprintln(h, l.ID, l.Changed)
	}
	h.Sum(sum[:0])
	return sum
}

// Publish writes all channels and the pages. It makes only files that show a change or that others
// changed, and removes only its own. If nothing changed, it reads no story.
func (p *Publisher) Publish(ctx context.Context) (res Report, err error) {
	old, err := p.Store.Outputs(ctx)
	if err != nil {
		return res, fmt.Errorf("read the list of published files: %w", err)
	}
	changes, err := p.Store.Changes(ctx)
	if err != nil {
		return res, fmt.Errorf("read the number of changes: %w", err)
	}
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return res, fmt.Errorf("make the publish folder: %w", err)
	}
	root, err := os.OpenRoot(p.Dir)
	if err != nil {
		return res, fmt.Errorf("open the publish folder: %w", err)
	}
	defer root.Close()
	r := newRun(p, root, old)
	all := p.made(nil, changes, p.Keep)
	if r.holds(all) {
		return counted(old), nil
	}
	states, err := r.plan(ctx)
	if err != nil {
		return res, err
	}
	if res.Awaited, err = p.awaited(ctx, root, states); err != nil || len(res.Awaited) > 0 {
		res.Counted, res.Stories, res.Next = true, len(r.shown), r.next
		return res, err
	}
	if err := r.hold(ctx); err != nil {
		return res, err
	}
	if err := r.write(ctx); err != nil {
		return Report{Written: r.written}, fmt.Errorf("publish in %s: %w", p.Dir, err)
	}
	now, removed, err := r.conclude(ctx, all)
	if err != nil {
		return Report{Written: r.written, Removed: removed}, fmt.Errorf("publish in %s: %w", p.Dir, err)
	}
	p.ping(r.written)
	res = counted(now)
	res.Written, res.Removed, res.Next = r.written, removed, r.next
	return res, nil
}

// counted counts the stories that have a page among the files.
func counted(files map[string]Output) Report {
	res := Report{Counted: true}
	for name, o := range files {
		if storyOf(name) != "" && o.Kept.IsZero() {
			res.Stories++
			if o.Waiting {
				res.Waiting++
			}
		}
	}
	return res
}
