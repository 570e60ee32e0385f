package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var errStopped = errors.New("rolled back")

// newest is the newest schema.
var newest = func() int64 {
	files, err := fs.Glob(migrations(), "*.sql")
	if err != nil {
		panic(err)
	}
	n, err := strconv.ParseInt(files[len(files)-1][:4], 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}()

// before returns where the store at path is copied to before it is brought to the newest schema.
func before(path string) string { return fmt.Sprintf("%s.before-%d", path, newest) }

// image copies the file at path and its log, as a process that is killed now would leave them.
func image(t *testing.T, path string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "nashra.db")
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + end)
		if err == nil {
			err = os.WriteFile(to+end, b, 0o644)
		}
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return to
}

// After a kill at any statement of the migration the next Open brings the store forward.
func TestKillsWhileBroughtForwardLoseNothing(t *testing.T) {
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("it runs in one goroutine")
	}
	path, ctx := unpacked(t, layoutFiles(t)[0]), t.Context()
	was := heldIn(t, path)
	st, err := openAsIs(path)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	// With a small cache, changes are in the log before they are committed.
	if _, err := st.w.Exec("PRAGMA cache_size = 3"); err != nil {
		t.Fatal(err)
	}
	killed := 0
	survives := func() {
		t.Helper()
		killed++
		left := image(t, path)
		for _, name := range []string{before(left), before(left) + ".new", left + ".migrating"} {
			if err := os.WriteFile(name, []byte("of one that was killed"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		opened(t, left).Close()
		same(t, "held", heldIn(t, left), was)
		if n, faults, err := Check(ctx, left); err != nil || faults != nil || n.Schema != newest {
			t.Errorf("check: %+v, %v, %v", n, faults, err)
		}
	}
	err = st.write(ctx, func(tx transaction) error {
		statements, err := st.dialect.pending(ctx, tx)
		if err != nil {
			return err
		}
		for _, q := range statements {
			if err := tx.run(ctx, q); err != nil {
				return err
			}
			survives()
		}
		return errStopped
	})
	if !errors.Is(err, errStopped) || killed < 40 {
		t.Errorf("killed %d times; %v", killed, err)
	}
	survives()
}

func TestCheckReportsEachDifferenceOfLayout(t *testing.T) {
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("it runs in one goroutine")
	}
	for _, c := range []struct{ do, want string }{
		{"DROP INDEX items_story", "index items_story ON items (story, source) WHERE story IS NOT NULL is missing"},
		{"CREATE INDEX mine ON items (seen)", "index mine ON items (seen) is not of schema " + fmt.Sprint(newest)},
		{"ALTER TABLE sources DROP COLUMN clock", "column sources.clock BIGINT NOT NULL is missing"},
		{"ALTER TABLE texts ADD COLUMN more TEXT", "column texts.more TEXT is not of schema " + fmt.Sprint(newest)},
		{"DROP TABLE claims", "table claims is missing"},
		{"CREATE TABLE mine (x TEXT)", ""},
	} {
		everywhere(t, func(t *testing.T, address string) {
			st := opened(t, address)
			if _, err := st.w.Exec(c.do); err != nil {
				t.Fatal(err)
			}
			_, faults, err := Check(t.Context(), address)
			if got := strings.Join(faults, "; "); err != nil || got != c.want {
				t.Errorf("%s: %q, %v, want %q", c.do, got, err, c.want)
			}
		})
	}
}

// A column that every layout of schema 1 has cannot be filled.
func TestCheckReportsColumnThatEveryLayoutHas(t *testing.T) {
	path := unpacked(t, layoutFiles(t)[4])
	st, err := openAsIs(path)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if _, err := st.w.Exec("ALTER TABLE memory DROP COLUMN role"); err != nil {
		t.Fatal(err)
	}
	const want = "column memory.role is missing, which stores of every layout have"
	if _, faults, err := Check(t.Context(), path); err != nil || !slices.Equal(faults, []string{want}) {
		t.Errorf("check: %q, %v, want %q", faults, err, want)
	}
	if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("open: %v, want %q", err, want)
	}
}

func TestOldCopiesAreRemoved(t *testing.T) {
	path := unpacked(t, layoutFiles(t)[0])
	st := opened(t, path)
	for _, c := range []struct {
		days int
		kept bool
	}{{0, true}, {29, true}, {31, false}} {
		made := time.Now().AddDate(0, 0, -c.days)
		if err := os.Chtimes(before(path), made, made); err != nil {
			t.Fatal(err)
		}
		release, err := st.Pass(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		release()
		if _, err := os.Stat(before(path)); (err == nil) != c.kept {
			t.Errorf("after %d days: %v, want it kept: %v", c.days, err, c.kept)
		}
	}
}
