//go:build linux

package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/store"
)

// times is how often a test repeats what it does at random: NASHRA_TEST_CRASHES, or usual if that
// is not set.
func times(t *testing.T, usual int) int {
	t.Helper()
	s := os.Getenv("NASHRA_TEST_CRASHES")
	if s == "" {
		return usual
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// plant is the program with a farm, and a paid engine with a budget.
type plant struct {
	program, farm, config, dir string
	ever                       map[string]bool // every entry ever served, as "feed guid"
	current                    map[string]bool // links of the entries served now
}

const (
	plantFeeds  = 12
	plantShown  = 60 // entries that the channel shows; the farm has more
	plantBudget = 100_000_000
)

func newPlant(t *testing.T, more string, flags ...string) *plant {
	t.Helper()
	bin := build(t)
	p := &plant{program: filepath.Join(bin, "nashra"), ever: map[string]bool{}}
	p.farm = startFarm(t, filepath.Join(bin, "feedfarm"), plantFeeds,
		append([]string{"-items-min", "4", "-items-max", "8", "-changed", "0.4"}, flags...)...)
	p.config = farmConfig(t, p.farm, plantFeeds,
		fmt.Sprintf("translate: {engines: [google], budget: {month: %d}}\n"+
			"channels: [{id: feed, limit: %d}, {id: daily, digest: {schedule: '@daily'}}]\n"+
			"engines:\n  google: {type: google, url: %s, key: AIzaFarm}\n%s", plantBudget, plantShown, p.farm, more))
	p.dir = filepath.Dir(p.config)
	p.look(t)
	return p
}

// look records what the farm serves now.
func (p *plant) look(t *testing.T) {
	t.Helper()
	var rows []struct {
		Feed int    `json:"feed"`
		GUID string `json:"guid"`
		Link string `json:"link"`
	}
	ask(t, "GET", p.farm+"/ctl/truth", &rows)
	p.current = map[string]bool{}
	for _, r := range rows {
		p.current[r.Link] = true
		p.ever[fmt.Sprintf("f%d %s", r.Feed, r.GUID)] = true
	}
}

// turn starts the farm's next round.
func (p *plant) turn(t *testing.T) {
	t.Helper()
	ask(t, "POST", p.farm+"/ctl/round", nil)
	p.look(t)
}

func (p *plant) path(name string) string { return filepath.Join(p.dir, name) }

// command returns the program with its config, in a process group that a test may kill.
func (p *plant) command(args ...string) (*exec.Cmd, *lockedBuffer) {
	out := &lockedBuffer{}
	cmd := exec.Command(p.program, append(args, "-c", p.config)...)
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

// fetch runs a pass that must succeed, and returns its duration.
func (p *plant) fetch(t *testing.T) time.Duration {
	t.Helper()
	begun := time.Now()
	cmd, out := p.command("fetch", "--now")
	if err := cmd.Run(); err != nil {
		t.Fatalf("nashra fetch: %v\n%s", err, out.String())
	}
	return time.Since(begun)
}

// billed returns the counters of the farm's engines, by API.
func (p *plant) billed(t *testing.T) map[string]map[string]int64 {
	t.Helper()
	var stats struct {
		Translation struct {
			By map[string]map[string]int64 `json:"by_api"`
		} `json:"translation"`
	}
	ask(t, "GET", p.farm+"/ctl/stats", &stats)
	return stats.Translation.By
}

// paid returns the characters billed, and the segments and characters billed more than once.
func (p *plant) paid(t *testing.T) (chars, segments, again int64) {
	t.Helper()
	for _, api := range p.billed(t) {
		chars += api["chars_billed"]
		segments += api["segments_billed_again"]
		again += api["chars_billed_again"]
	}
	return chars, segments, again
}

// serves reports whether the farm still serves the first item of an entry.
func (p *plant) serves(s shown) bool { return p.current[s.Nashra.Sources[0].URL] }

// number returns the result of a query on the store.
func (p *plant) number(t *testing.T, question string) (n int64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+p.path("nashra.db")+"?_pragma=query_only(1)&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(question).Scan(&n); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	return n
}

// sound checks the store after a whole pass: every item ever served is in a story, once.
func (p *plant) sound(t *testing.T) {
	t.Helper()
	n, faults, err := store.Check(t.Context(), p.path("nashra.db"))
	if err != nil || len(faults) > 0 {
		t.Fatalf("the store: %v %v", faults, err)
	}
	if int(n.Items) != len(p.ever) {
		t.Fatalf("%d items are stored of %d that were served", n.Items, len(p.ever))
	}
	if loose := p.number(t, "SELECT COUNT(*) FROM items WHERE story IS NULL"); loose > 0 {
		t.Fatalf("%d items are in no story", loose)
	}
}

// shown is an entry of the bilingual JSON Feed.
type shown struct {
	ID        string    `json:"id"`
	Published time.Time `json:"date_published"`
	Nashra    struct {
		Story   string `json:"story"`
		Sources []struct {
			URL string `json:"url"`
		} `json:"sources"`
		Translation struct {
			State string `json:"state"`
		} `json:"translation"`
	} `json:"_nashra"`
}

// published checks that every published file in dir is whole, and returns the entries of feed.json,
// if there is one.
func published(dir string) (out []shown, err error) {
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && d.IsDir() || strings.HasPrefix(filepath.Base(name), ".") &&
			strings.HasSuffix(name, ".new") {
			return nil // removed meanwhile, or a temporary file
		}
		if err != nil {
			return err
		}
		body, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			err = whole(name, body)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return feed(dir, "feed")
}

// feed returns the entries of a channel's JSON Feed in dir, if there is one.
func feed(dir, channel string) ([]shown, error) {
	body, err := os.ReadFile(filepath.Join(dir, channel+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return entries(body)
}

// whole checks that a file or answer is complete and nothing follows it.
func whole(name string, body []byte) error {
	var err error
	switch filepath.Ext(name) {
	case ".json":
		err = json.Unmarshal(body, new(any))
	case ".atom", ".rss", ".opml", ".xml":
		d, depth, roots := xml.NewDecoder(bytes.NewReader(body)), 0, 0
		for tok, terr := d.Token(); !errors.Is(terr, io.EOF); tok, terr = d.Token() {
			if terr != nil {
				return fmt.Errorf("%s, %d bytes: %w", name, len(body), terr)
			}
			switch tok.(type) {
			case xml.StartElement:
				if depth++; depth == 1 {
					roots++
				}
			case xml.EndElement:
				depth--
			}
		}
		if roots != 1 || depth != 0 {
			err = fmt.Errorf("%d roots", roots)
		}
	case ".html":
		if !bytes.HasPrefix(bytes.ToLower(body), []byte("<!doctype html>")) ||
			!bytes.HasSuffix(bytes.TrimSpace(body), []byte("</html>")) {
			err = errors.New("no whole page")
		}
	default:
		if len(body) == 0 {
			err = errors.New("empty")
		}
	}
	if err != nil {
		return fmt.Errorf("%s, %d bytes: %w", name, len(body), err)
	}
	return nil
}

// entries parses a JSON Feed; a repeated id or item is an error.
func entries(body []byte) ([]shown, error) {
	var f struct {
		Items []shown `json:"items"`
	}
	if err := json.Unmarshal(body, &f); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, it := range f.Items {
		keys := []string{it.ID}
		for _, src := range it.Nashra.Sources {
			keys = append(keys, src.URL)
		}
		for _, k := range keys {
			if seen[k] {
				return nil, fmt.Errorf("%s is in the feed twice", k)
			}
			seen[k] = true
		}
	}
	return f.Items, nil
}

// missing returns the entries of was that are not in now, unless newer ones displaced them.
func missing(was, now []shown) (gone []string) {
	oldest := time.Time{}
	if len(now) >= plantShown {
		oldest = slices.MinFunc(now, func(a, b shown) int { return a.Published.Compare(b.Published) }).Published
	}
	for _, w := range was {
		if !slices.ContainsFunc(now, func(n shown) bool { return n.ID == w.ID }) && w.Published.After(oldest) {
			gone = append(gone, w.ID)
		}
	}
	return gone
}

// signalled reports whether a signal ended cmd.
func signalled(cmd *exec.Cmd, sig syscall.Signal) bool {
	ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && ws.Signaled() && ws.Signal() == sig
}
