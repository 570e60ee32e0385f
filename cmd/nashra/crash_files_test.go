//go:build linux

package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// harms are kinds of damage: each returns the damaged contents of a file.
func harms(rng *rand.Rand, flips int) map[string]func(was []byte) []byte {
	out := map[string]func([]byte) []byte{
		"emptied":   func([]byte) []byte { return nil },
		"cut":       func(was []byte) []byte { return was[:len(was)/2] },
		"cut short": func(was []byte) []byte { return was[:len(was)-min(len(was), 1+rng.IntN(4096))] },
		"cut long":  func(was []byte) []byte { return was[:min(len(was), 5000)] },
		"text":      func([]byte) []byte { return []byte(strings.Repeat("this is something else\n", 400)) },
		"head lost": func(was []byte) []byte {
			return append(make([]byte, min(100, len(was))),
				was[min(100, len(was)):]...)
		},
		"page lost": func(was []byte) []byte {
			at := rng.IntN(max(1, len(was)/4096)) * 4096
			return slices.Concat(was[:at], make([]byte, min(4096, len(was)-at)), was[min(len(was), at+4096):])
		},
		"tail lost": func(was []byte) []byte {
			return append(slices.Clone(was[:len(was)/2]), make([]byte, len(was)-len(was)/2)...)
		},
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

// TestDamagedFiles damages each file that the program keeps, between two passes. The program goes
// on or fails with an error that names the file. No entry is lost or doubled.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	damagedFiles(t, 1, "cut", "page lost", "deleted", "another program's", "untouched")
}

func TestDamagedFilesLong(t *testing.T) {
	long(t)
	t.Parallel()
	damagedFiles(t, times(t, 8))
}

// damagedFiles tries all kinds of damage and so many flipped bits. If kinds are named, it tries
// only these, and only cut for files other than the database.
func damagedFiles(t *testing.T, flips int, only ...string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(9, 9))
	p := newPlant(t, "", "-tr-latency", "0", "-tr-per-kchar", "0", "-changed", "1")
	p.fetch(t)
	older, err := os.ReadFile(p.path("nashra.db"))
	if err != nil {
		t.Fatal(err)
	}
	unwritten := p.killedWriting(t)
	p.fetch(t)
	p.sound(t)
	base := t.TempDir()
	if err := os.CopyFS(base, os.DirFS(p.dir)); err != nil {
		t.Fatal(err)
	}
	was, err := published(p.path("public"))
	if err != nil {
		t.Fatal(err)
	}
	// if nothing of the store can be read, entries that the sources no longer serve are lost
	current := slices.DeleteFunc(slices.Clone(was), func(s shown) bool { return !p.serves(s) })
	if len(current) == 0 || len(current) == len(was) {
		t.Fatalf("the farm serves %d of %d published entries: some are wanted, and not all", len(current), len(was))
	}
	files := map[string]string{"nashra.db": base, "nashra.db with a log": unwritten, "nashra.db-wal": unwritten,
		"nashra.db-shm": unwritten, "nashra.db.pass": base,
		"public/feed.json": base, "public/feed.atom": base, "public/feed.en.rss": base, "public/index.html": base}
	more := map[string]func([]byte) []byte{
		"an older copy":     func([]byte) []byte { return older },
		"deleted":           nil,
		"another program's": func([]byte) []byte { return another(t) },
		"untouched":         func(was []byte) []byte { return was },
		"another's, and torn": func([]byte) []byte {
			b := another(t)
			return append(b[:4096:4096],
				make([]byte, 4096)...)
		},
	}
	for file, from := range files {
		all := harms(rng, flips)
		maps.Copy(all, more)
		if file == "nashra.db with a log" { // the log is replayed into any file that is opened
			maps.DeleteFunc(all, func(how string, _ func([]byte) []byte) bool {
				return strings.HasPrefix(how,
					"another")
			})
		}
		if len(only) > 0 {
			maps.DeleteFunc(all, func(how string, _ func([]byte) []byte) bool {
				return !slices.Contains(only, how) || file != "nashra.db" && how != "cut"
			})
		}
		name, _, _ := strings.Cut(file, " ")
		for how, harm := range all {
			t.Run(file+"/"+how, func(t *testing.T) { p.harmed(t, from, name, how, harm, was, current) })
		}
	}
}

// harmed restores the files, damages one and checks the passes after it.
func (p *plant) harmed(t *testing.T, from, file, how string, harm func([]byte) []byte, was, current []shown) {
	if err := restore(p.dir, from); err != nil {
		t.Fatal(err)
	}
	name := p.path(file)
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if harm == nil {
		err = os.Remove(name)
	} else {
		b = harm(b)
		err = os.WriteFile(name, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	begun := p.bought(t)
	cmd, out := p.command("fetch", "--now")
	err = cmd.Run()
	said := out.String()
	if strings.Contains(said, "panic") || strings.Contains(said, "goroutine ") {
		t.Fatalf("it panics:\n%s", said)
	}
	if err != nil && !strings.Contains(said, name) && !strings.Contains(said, p.path("nashra.db")) {
		t.Errorf("it stops and does not name the file:\n%s", said)
	}
	if foreign := file == "nashra.db" && strings.HasPrefix(how, "another"); foreign || err != nil {
		if after, rerr := os.ReadFile(name); !foreign || err == nil || rerr != nil || !bytes.Equal(after, b) {
			t.Errorf("another program's file is to be left alone, and all else to be mended: %v, %v\n%s", err, rerr,
				said)
		}
		p.keeps(t, was, said)
		return
	}
	p.keeps(t, current, said)
	checked, out := p.command("store", "check")
	unnoticed := checked.Run() != nil
	if unnoticed { // the pass did not read what is damaged
		if said := out.String(); !strings.Contains(said, p.path("nashra.db")) || !strings.Contains(said, "damaged") &&
			!strings.Contains(said, "faults") {
			t.Errorf("store check: %s", said)
		}
		if said := p.run(t, "store", "check", "--mend"); !strings.Contains(said, ": ok, ") ||
			!strings.Contains(said, "set aside as") {
			t.Errorf("store check --mend: %s", said)
		}
		p.fetch(t)
		p.keeps(t, current, said)
	}
	bought := p.bought(t)
	p.fetch(t)
	if p.bought(t) != bought {
		t.Error("a pass without news buys")
	}
	p.keeps(t, current, said)
	aside, _ := filepath.Glob(p.path("nashra.db.damaged-*[Z]"))
	t.Logf("set aside: %d, unnoticed: %v, segments bought: %d\n%s", len(aside), unnoticed, bought-begun, said)
	if how == "untouched" && (len(aside) > 0 || unnoticed) {
		t.Error("something is mended where nothing is wrong")
	}
}

// keeps fails if a published file is not whole or a wanted entry's source is in no entry. Stories
// that were lost may be grouped differently when they come again.
func (p *plant) keeps(t *testing.T, wanted []shown, said string) {
	t.Helper()
	now, err := published(p.path("public"))
	if err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	told := map[string]bool{}
	for _, s := range now {
		for _, src := range s.Nashra.Sources {
			told[src.URL] = true
		}
	}
	wanted = slices.DeleteFunc(slices.Clone(wanted), func(s shown) bool { return told[s.Nashra.Sources[0].URL] })
	if gone := missing(wanted, now); len(gone) > 0 {
		t.Errorf("%d of %d entries are gone from the feed\n%s", len(gone), len(wanted), said)
	}
}

// bought is how many segments the farm was asked to translate.
func (p *plant) bought(t *testing.T) int64 {
	t.Helper()
	return p.billed(t)["google-v2"]["segments"]
}

// killedWriting returns a copy of the folder after a pass was killed with commits in the
// write-ahead log.
func (p *plant) killedWriting(t *testing.T) string {
	t.Helper()
	before := t.TempDir()
	if err := os.CopyFS(before, os.DirFS(p.dir)); err != nil {
		t.Fatal(err)
	}
	p.turn(t)
	for delay := 50 * time.Millisecond; delay < 20*time.Second; delay += 50 * time.Millisecond {
		if err := restore(p.dir, before); err != nil {
			t.Fatal(err)
		}
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

// restore replaces the contents of dir by those of from.
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

// another returns the database of another program.
func another(t *testing.T) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "bookmarks.db")
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES " +
		"('https://example.com/')"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
