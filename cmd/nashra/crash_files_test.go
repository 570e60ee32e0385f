//go:build linux

package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// harms are what may happen to a file: what it is afterwards, made of what it was.
func harms(rng *rand.Rand, flips int) map[string]func(was []byte) []byte {
	out := map[string]func([]byte) []byte{
		"emptied":   func([]byte) []byte { return nil },
		"cut":       func(was []byte) []byte { return was[:len(was)/2] },
		"cut short": func(was []byte) []byte { return was[:len(was)-min(len(was), 1+rng.IntN(4096))] },
		"cut long":  func(was []byte) []byte { return was[:min(len(was), 5000)] },
		"text":      func([]byte) []byte { return []byte(strings.Repeat("this is something else\n", 400)) },
		"head lost": func(was []byte) []byte { return append(make([]byte, min(100, len(was))), was[min(100, len(was)):]...) },
		"page lost": func(was []byte) []byte {
			at := rng.IntN(max(1, len(was)/4096)) * 4096
			return slices.Concat(was[:at], make([]byte, min(4096, len(was)-at)), was[min(len(was), at+4096):])
		},
		"tail lost": func(was []byte) []byte { return append(slices.Clone(was[:len(was)/2]), make([]byte, len(was)-len(was)/2)...) },
	}
	for i := range flips {
		out[fmt.Sprintf("flipped %d", i)] = func(was []byte) []byte {
			now := slices.Clone(was)
			if len(now) > 0 {
				now[rng.IntN(len(now))] ^= 1 << rng.IntN(8)
			}
			return now
		}
	}
	return out
}

// TestDamagedFiles damages each file that the program keeps, in many ways, between two passes. The program never panics; either it goes
// on, or it stops with an error that names the file. What is published stays whole and has every entry, each once; what was paid is
// bought again only where the damage took it.
func TestDamagedFiles(t *testing.T) {
	rng, flips := rand.New(rand.NewPCG(9, 9)), times(t, 8)
	p := newPlant(t, "", "-tr-latency", "0", "-tr-per-kchar", "0", "-changed", "1")
	p.fetch(t)
	older, err := os.ReadFile(p.path("nashra.db"))
	if err != nil {
		t.Fatal(err)
	}
	p.turn(t)
	p.fetch(t)
	p.sound(t)
	base := t.TempDir()
	if err := os.CopyFS(base, os.DirFS(p.dir)); err != nil {
		t.Fatal(err)
	}
	unwritten := p.killedWriting(t)
	if err := restore(p.dir, base); err != nil {
		t.Fatal(err)
	}
	was, err := published(p.path("public"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"nashra.db": base, "nashra.db with a log": unwritten, "nashra.db-wal": unwritten, "nashra.db-shm": unwritten, "nashra.db.pass": base,
		"public/feed.json": base, "public/feed.atom": base, "public/feed.en.rss": base, "public/index.html": base}
	more := map[string]func([]byte) []byte{
		"an older copy":       func([]byte) []byte { return older },
		"deleted":             nil,
		"another program's":   func([]byte) []byte { return another(t) },
		"untouched":           func(was []byte) []byte { return was },
		"another's, and torn": func([]byte) []byte { b := another(t); return append(b[:4096:4096], make([]byte, 4096)...) },
	}
	for file, from := range files {
		all := harms(rng, flips)
		if strings.HasPrefix(file, "public/") {
			all = harms(rng, 1)
		}
		for name, harm := range more {
			all[name] = harm
		}
		name, _, _ := strings.Cut(file, " ")
		for how, harm := range all {
			t.Run(file+"/"+how, func(t *testing.T) { p.harmed(t, from, name, how, harm, was) })
		}
	}
}

// harmed puts the files of from in place, does harm to one of them, and looks at the passes after it.
func (p *plant) harmed(t *testing.T, from, name, how string, harm func([]byte) []byte, was []shown) {
	if err := restore(p.dir, from); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(p.path(name))
	if err != nil {
		t.Fatal(err)
	}
	ours := true
	if harm == nil {
		err = os.Remove(p.path(name))
	} else {
		err = os.WriteFile(p.path(name), harm(bytes.Clone(before)), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if name == "nashra.db" && strings.HasPrefix(how, "another") {
		ours = false
	}
	harmed, _ := os.ReadFile(p.path(name))
	bought := p.bought(t)
	cmd, out := p.command("fetch", "--now")
	err = cmd.Run()
	said := out.String()
	if strings.Contains(said, "panic") || strings.Contains(said, "goroutine ") {
		t.Fatalf("it panics:\n%s", said)
	}
	switch {
	case err != nil && !strings.Contains(said, p.path(name)) && !strings.Contains(said, p.path("nashra.db")):
		t.Errorf("it stops and does not name the file:\n%s", said)
	case err != nil && ours && name != "nashra.db":
		t.Errorf("it stops:\n%s", said)
	}
	now, perr := published(p.path("public"))
	if perr != nil {
		t.Error(perr)
	}
	if gone := missing(was, now); len(gone) > 0 && !(strings.HasPrefix(name, "public/") && err != nil) {
		t.Errorf("%d of %d entries are gone from the feed; it said:\n%s", len(gone), len(was), said)
	}
	if after, rerr := os.ReadFile(p.path(name)); !ours && how == "another program's" && (err == nil || rerr != nil || !bytes.Equal(after, harmed)) {
		t.Errorf("another program's file was touched, or taken for ours: %v %v\n%s", err, rerr, said)
	}
	again := p.bought(t) - bought
	aside, _ := filepath.Glob(p.path("nashra.db.damaged-*"))
	t.Logf("exit %v; set aside: %d; %d segments bought; %d entries; %s", err, len(aside), again, len(now), firstLine(said))
	if err != nil {
		return
	}
	if out := p.run(t, "store", "check"); !strings.Contains(out, ": ok, ") {
		t.Errorf("store check: %s", out)
	}
	if after := p.bought(t); after != bought+again {
		t.Error("something is bought by looking")
	}
	p.fetch(t)
	if p.bought(t) != bought+again {
		t.Error("the pass after it buys again")
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// bought is how many segments the farm's engine was asked for.
func (p *plant) bought(t *testing.T) int64 {
	t.Helper()
	var stats struct {
		Translation struct {
			By map[string]map[string]int64 `json:"by_api"`
		} `json:"translation"`
	}
	ask(t, "GET", p.farm+"/ctl/stats", &stats)
	return stats.Translation.By["google-v2"]["segments"]
}

// killedWriting is a copy of the folder as a pass left it that was killed with commits in the log beside the database.
func (p *plant) killedWriting(t *testing.T) string {
	t.Helper()
	for delay := 20 * time.Millisecond; delay < 10*time.Second; delay += 20 * time.Millisecond {
		p.turn(t)
		cmd, _ := p.command("fetch", "--now")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(delay)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if info, err := os.Stat(p.path("nashra.db-wal")); err != nil || info.Size() < 100_000 {
			continue
		}
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(p.dir)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	t.Fatal("no kill left a log")
	return ""
}

// restore makes dir what from is.
func restore(dir, from string) error {
	old, err := os.ReadDir(dir)
	for _, e := range old {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	if err != nil {
		return err
	}
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(dir, rel), 0o755)
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, rel), b, 0o644)
	})
}

// another is the database of some other program.
func another(t *testing.T) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "bookmarks.db")
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('https://example.com/')"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
