package store

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// grown returns the migrations in SQL with one more, as a later nashra has them.
func grown(t *testing.T, text string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{fmt.Sprintf("%04d_more.sql", newest+1): {Data: []byte("-- +goose Up\n" + text)}}
	ours, err := fs.Glob(migrations(), "*.sql")
	for _, name := range ours {
		files[name] = &fstest.MapFile{}
		files[name].Data, err = fs.ReadFile(migrations(), name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestStoreIsMigratedOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		fill1(t, st)
		st.Close()
		later := grown(t, `ALTER TABLE items ADD COLUMN more TEXT NOT NULL DEFAULT 'x';
			ALTER TABLE sources ADD COLUMN more TEXT;`)
		if before, _ := filepath.Glob(filepath.Dir(address) + "/*before*"); len(before) != 0 {
			t.Errorf("a new store is copied: %v", before)
		}
		for range 2 {
			st, err := open(t.Context(), address, later, remoteDisk)
			if err != nil {
				t.Fatal(err)
			}
			if n := count(t, st); n != 2 {
				t.Errorf("%d items after the migration", n)
			}
			defer st.Close()
		}

		want := fmt.Sprintf("was written by a newer nashra (schema %d, this one knows %d)", newest+1, newest)
		if st, err := Open(t.Context(), address); err == nil || !strings.Contains(err.Error(), want) || st != nil {
			t.Errorf("%v, want %q", err, want)
		}
		if st.path == "" {
			return
		}
		if n := count(t, opened(t, fmt.Sprintf("%s.before-%d", address, newest+1))); n != 2 {
			t.Errorf("the copy has %d items", n)
		}
		if left, _ := filepath.Glob(filepath.Dir(address) + "/*migrating*"); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

func TestFailedMigrationLeavesTheStoreAsItWas(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		fill1(t, st)
		broken := grown(t, "ALTER TABLE items ADD COLUMN more TEXT; ALTER TABLE none ADD COLUMN more TEXT;")
		if _, err := open(t.Context(), address, broken, remoteDisk); err == nil {
			t.Fatal("no error")
		}
		if n := count(t, opened(t, address)); n != 2 {
			t.Errorf("%d items", n)
		}
		if _, err := st.w.Exec("SELECT more FROM items"); err == nil {
			t.Error("half a migration stays")
		}
	})
}

// failsWith tests that err contains each of the words.
func failsWith(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("%v, want an error with %q", err, w)
		}
	}
}

// filled returns the bytes of a store with 300 items.
func filled(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "nashra.db")
	st := opened(t, path)
	p := poll()
	for i := range 300 {
		it := poll(strings.Repeat("g", i+1)).Items[0]
		it.Body = strings.Repeat("خبر ", 300)
		p.Items = append(p.Items, it)
	}
	if _, err := st.Polled(t.Context(), noon, p); err != nil {
		t.Fatal(err)
	}
	st.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDamagedFileIsNamed(t *testing.T) {
	whole := filled(t)
	for name, damage := range map[string]func() []byte{
		"text":           func() []byte { return []byte(strings.Repeat("this is no database\n", 100)) },
		"cut":            func() []byte { return whole[:len(whole)/2] },
		"cut within":     func() []byte { return whole[:5000] },
		"header flipped": func() []byte { return append([]byte{'X'}, whole[1:]...) },
		"pages lost":     func() []byte { return slices.Concat(whole[:4096], make([]byte, len(whole)-4096)) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "nashra.db")
			if err := os.WriteFile(path, damage(), 0o644); err != nil {
				t.Fatal(err)
			}
			st, err := Open(t.Context(), path)
			if err == nil { // the damage shows when items are read
				_, err = st.Ungrouped(t.Context(), 1000)
				st.Close()
			}
			failsWith(t, err, path, "put a backup in its place")
		})
	}
}

func TestOpenOtherFiles(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	fill1(t, opened(t, empty))

	other := filepath.Join(dir, "other.db")
	st, err := openSQLite(other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.w.Exec("CREATE TABLE bookmarks (url TEXT)"); err != nil {
		t.Fatal(err)
	}
	st.Close()
	before, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if after, err := os.ReadFile(other); err != nil || !bytes.Equal(before, after) {
			t.Errorf("another program's database was changed: %v", err)
		}
	}()
	_, err = Open(t.Context(), other)
	failsWith(t, err, other, "another program's database")
	missing := filepath.Join(dir, "no", "such", "folder.db")
	_, err = Open(t.Context(), missing)
	failsWith(t, err, missing, "folder")
	if _, err := Open(t.Context(), ""); err == nil {
		t.Error("a store without a name is opened")
	}
}

func TestCopy(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "نشرة ?.db"), filepath.Join(dir, "copy's.db")
	if err := Copy(t.Context(), from, to); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{from, to} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("copying nothing makes %s", path)
		}
	}
	st := opened(t, from)
	fill1(t, st)
	ctx, cancel := context.WithCancel(t.Context())
	writing := make(chan int)
	go func() { // the store is in use meanwhile
		n := 0
		for ; ctx.Err() == nil; n++ {
			_, err := st.Polled(context.Background(), noon.Add(time.Hour), poll("1", "2", time.Now().String()))
			if err != nil {
				t.Error(err)
			}
		}
		writing <- n
	}()
	for ctx.Err() == nil && count(t, st) < 4 {
		time.Sleep(time.Millisecond)
	}
	if err := Copy(t.Context(), from, to); err != nil {
		t.Error(err)
	}
	cancel()
	if n := <-writing; n == 0 {
		t.Error("nobody wrote")
	}
	copied := opened(t, to)
	n := count(t, copied)
	if n < 4 {
		t.Errorf("the copy has %d items, want 4 at least", n)
	}
	if _, err := copied.Polled(t.Context(), noon, poll("of the copy alone")); err != nil {
		t.Error(err)
	}
	items, err := st.Ungrouped(t.Context(), 10000)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		if it.GUID == "of the copy alone" {
			t.Error("writing to the copy writes to the store")
		}
	}
	err = Copy(t.Context(), "postgres://nashra:s3cret@db/nashra", to)
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("copying PostgreSQL: %v", err)
	}
}

func TestReadOnlyFolderIsNamed(t *testing.T) {
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("root, and every user of Windows, may write into a read-only folder")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "nashra.db")
	if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
}

// A full disk is an error with the file's name. Nothing is half stored, and the same poll is stored
// when there is space again.
func TestFullDisk(t *testing.T) {
	address := databases["SQLite"](t)
	st, ctx := opened(t, address), t.Context()
	if _, err := st.Polled(ctx, noon, poll("1")); err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) { // as SQLite meets the end of the disk: SQLITE_FULL
		t.Helper()
		if _, err := st.w.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // SQLite takes the present size if that is more
	var guids []string
	for i := range 2000 {
		guids = append(guids, fmt.Sprint("item ", i))
	}
	_, err := st.Polled(ctx, noon, poll(guids...))
	failsWith(t, err, address, "disk is full")
	if n, _, err := st.Loose(ctx); n != 1 || err != nil {
		t.Errorf("%d items were stored of a poll that failed; %v", n, err)
	}
	limit(1 << 30)
	if n, err := st.Polled(ctx, noon, poll(guids...)); n.New != 2000 || err != nil {
		t.Errorf("with space again: %+v, %v", n, err)
	}
}
