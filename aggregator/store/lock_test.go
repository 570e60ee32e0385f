package store

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store/storetest"
	"github.com/nashra/nashra/feeds"
)

// hold is what this test binary does as a child process: it holds the pass of a store until it is
// killed.
func hold(address string) {
	st, err := Open(context.Background(), address)
	if err == nil {
		_, err = st.Pass(context.Background(), 0)
	}
	fmt.Println(err)
	time.Sleep(time.Minute)
	os.Exit(1)
}

// holder starts a process that holds the pass.
func holder(t *testing.T, address string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "NASHRA_TEST_HOLD="+address)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "<nil>\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	return cmd
}

func TestPassHeldByAnotherProcess(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		cmd := holder(t, address)
		want := "another nashra is at work"
		if st.path != "" {
			want = fmt.Sprintf("another nashra (pid %d) is at work", cmd.Process.Pid)
		}
		begun := time.Now()
		if _, err := st.Pass(t.Context(), 200*time.Millisecond); err == nil || err.Error() != want {
			t.Errorf("%v, want %q", err, want)
		}
		if waited := time.Since(begun); waited < 200*time.Millisecond {
			t.Errorf("gave up after %v", waited)
		}
		fill1(t, st) // reading and writing go on
		if n := count(t, st); n != 2 {
			t.Errorf("%d items", n)
		}

		go func() {
			time.Sleep(100 * time.Millisecond)
			cmd.Process.Kill()
		}()
		release, err := st.Pass(t.Context(), 20*time.Second)
		if err != nil {
			t.Fatalf("after the holder was killed: %v", err)
		}
		release()
	})
}

func TestAloneIsRefusedBesideAPassOrADaemon(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		pass, err := st.Pass(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Alone(t.Context(), address); err == nil {
			t.Error("alone beside a pass")
		}
		pass()
		serving, err := st.Serving()
		if err != nil {
			t.Fatal(err)
		}
		release, err := Alone(t.Context(), address)
		if alone := err == nil; alone != st.Shared() { // daemons on PostgreSQL hold no lock between steps
			t.Errorf("beside a daemon: %v", err)
		}
		serving()
		if err != nil {
			release, err = Alone(t.Context(), address)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.Pass(t.Context(), 0); err == nil {
			t.Error("a pass began beside it")
		}
		release()
		if pass, err = st.Pass(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		pass()
	})
}

func TestOpenExistingMakesNoFile(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // one beside the other
		st, err := OpenExisting(t.Context(), filepath.Join(dir, "nashra.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		if list, err := st.Stories(t.Context(), feeds.Query{Limit: 1}); err != nil || len(list) > 0 {
			t.Errorf("%v, %v", list, err)
		}
		if st.Shared() {
			t.Error("several processes may not serve it")
		}
		fill1(t, st)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("%v, %v", files, err)
	}
}

func TestPassReleased(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		a, b := opened(t, address), opened(t, address)
		for range 3 { // a connection that is given back must not keep the lock
			release, err := a.Pass(t.Context(), 20*time.Second) // a server ends a session a moment after its client did
			if err != nil {
				t.Fatal(err)
			}
			for _, st := range []*Store{a, b} {
				if _, err := st.Pass(t.Context(), 0); err == nil || !strings.HasPrefix(err.Error(), "another nashra") {
					t.Errorf("two passes at once: %v", err)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			if _, err := b.Pass(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a context that ends: %v", err)
			}
			cancel()
			release()
			// PostgreSQL may grant a cancelled query the lock, until it sees that the client is
			// gone.
			if release, err = b.Pass(t.Context(), 5*time.Second); err != nil {
				t.Fatalf("after release: %v", err)
			}
			release()
		}
	})
}

func TestShare(t *testing.T) {
	address := storetest.Postgres(t)
	a, b, alone := opened(t, address), opened(t, address), opened(t, address)
	var release []func()
	for _, st := range []*Store{a, b} {
		r, err := st.Share(t.Context(), 0)
		if err != nil {
			t.Fatalf("two that share: %v", err)
		}
		release = append(release, r)
		if _, err := alone.Pass(
			t.Context(),
			0,
		); err == nil ||
			!strings.HasPrefix(err.Error(), "the members of a fleet are in the middle") {
			t.Errorf("a pass beside those who share: %v", err)
		}
	}
	for _, r := range release {
		r()
	}
	r, err := alone.Pass(t.Context(), 0)
	if err != nil {
		t.Fatalf("after those who shared: %v", err)
	}
	defer r()
	if _, err := a.Share(t.Context(), 0); err == nil {
		t.Error("one shares what another has alone")
	}
}

// A waiting pass goes next, even if shared steps overlap without a gap.
func TestWaitingPassGoesBeforeSharedSteps(t *testing.T) {
	address := storetest.Postgres(t)
	busy, alone := opened(t, address), opened(t, address)
	ctx, stop := context.WithCancel(t.Context())
	var steps sync.WaitGroup
	var begun atomic.Int64
	for i := range 4 {
		steps.Go(func() {
			for time.Sleep(time.Duration(i) * 25 * time.Millisecond); ctx.Err() == nil; {
				leave, err := busy.Share(ctx, time.Minute)
				if err != nil {
					if ctx.Err() == nil {
						t.Error(err)
					}
					return
				}
				begun.Add(1)
				time.Sleep(100 * time.Millisecond)
				leave()
			}
		})
	}
	for begun.Load() < 8 {
		time.Sleep(time.Millisecond)
	}
	release, err := alone.Pass(t.Context(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	was := begun.Load()
	time.Sleep(300 * time.Millisecond)
	if now := begun.Load(); now != was {
		t.Errorf("%d steps began beside a pass", now-was)
	}
	release()
	for begun.Load() == was {
		time.Sleep(time.Millisecond)
	}
	stop()
	steps.Wait()
}

// Each place has its own list of files. A new place starts with the files of the others, and an old
// list expires.
func TestEachPlaceListsItsFiles(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		a, b := opened(t, address), opened(t, address)
		a.Place, b.Place = "a", "b"
		mine := map[string]aggregator.Output{"": {Size: 9}, "feed.atom": {Size: 1}, "stories/1.html": {Size: 2}}
		if err := a.SetOutputs(t.Context(), noon, mine, nil); err != nil {
			t.Fatal(err)
		}
		got, err := b.Outputs(t.Context())
		want := map[string]aggregator.Output{"feed.atom": {}, "stories/1.html": {}}
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("in a new place: %v, %v", got, err)
		}
		theirs := map[string]aggregator.Output{"feed.atom": {Size: 3}}
		if err := b.SetOutputs(t.Context(), noon.Add(time.Hour), theirs, nil); err != nil {
			t.Fatal(err)
		}
		got, err = b.Outputs(t.Context())
		if err != nil || !maps.Equal(got, theirs) {
			t.Errorf("in its place: %v, %v", got, err)
		}
		if got, err = a.Outputs(t.Context()); err != nil || !maps.Equal(got, mine) {
			t.Errorf("in the other: %v, %v", got, err)
		}
		again := map[string]aggregator.Output{"index.html": {Size: 4}} // the list is as new as its newest file
		if err := a.SetOutputs(t.Context(), noon.Add(30*time.Minute), again, nil); err != nil {
			t.Fatal(err)
		}
		for _, left := range []struct {
			before time.Time
			places string
		}{{noon.Add(time.Minute), "a b"}, {noon.Add(time.Hour), "b"}, {noon.Add(2 * time.Hour), "b"}} {
			if _, err := b.Expire(t.Context(), left.before, nil); err != nil {
				t.Fatal(err)
			}
			var places []string
			err := b.read(t.Context(), func(tx transaction) error {
				return tx.each(t.Context(), func(rows *sql.Rows) error {
					var place string
					err := rows.Scan(&place)
					places = append(places, place)
					return err
				}, "SELECT DISTINCT place FROM outputs ORDER BY place")
			})
			if got := strings.Join(places, " "); err != nil || got != left.places {
				t.Errorf(
					"after what was published before %v is forgotten: %q, want %q (%v)",
					left.before,
					got,
					left.places,
					err,
				)
			}
		}
	})
}

// Each place has its own outcome of publishing. Where nobody tries any more is forgotten.
func TestEachPlaceIsKnownToFail(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		a, b := opened(t, address), opened(t, address)
		a.Place, b.Place = "a", "b"
		known := func(want string) {
			t.Helper()
			list, err := b.Unpublished(t.Context())
			got := ""
			for _, u := range list {
				got += fmt.Sprint(u.Place, u.Ours, " ")
			}
			if err != nil || got != want {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		}
		for _, st := range []*Store{a, b} {
			if err := st.SetPublished(t.Context(), noon, "disk full"); err != nil {
				t.Fatal(err)
			}
		}
		known("btrue afalse ")
		if _, err := b.Expire(t.Context(), noon.Add(time.Minute), nil); err != nil {
			t.Fatal(err)
		}
		known("btrue ")
		if err := b.SetPublished(t.Context(), noon, ""); err != nil {
			t.Fatal(err)
		}
		known("")
	})
}
