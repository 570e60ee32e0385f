package fleet_test

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/notify"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/storetest"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/libre"
)

// TestMain runs the tests or, in a child process, a member.
func TestMain(m *testing.M) {
	if text := os.Getenv("NASHRA_TEST_MEMBER"); text != "" {
		var s spec
		err := json.Unmarshal([]byte(text), &s)
		if err == nil {
			ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
			defer stop()
			err = s.run(ctx)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	// these tests mostly wait for processes and timeouts: run more of them than there are
	// processors
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	code := storetest.Main(m)
	if program.dir != "" {
		os.RemoveAll(program.dir)
	}
	os.Exit(code)
}

// shown is how many stories the only channel shows, and so how many are translated.
const shown = 100

// spec describes a member.
type spec struct {
	Name, Store, Dir     string
	Farms                []string // their addresses
	Feeds                int      // of each
	Concurrency, PerHost int
	Engine               string // address of a LibreTranslate server; empty: nothing is translated
	Schedule             string // empty: hourly
	FullText             string // of all sources
	Hook                 string // is told of the stories of the channel; empty: nobody is
	Tick, Rescue         time.Duration
}

func (s spec) run(ctx context.Context) error {
	st, err := store.Open(ctx, s.Store)
	if err != nil {
		return err
	}
	defer st.Close()
	st.Place = s.Name
	a, err := s.aggregator(st)
	if err != nil {
		return err
	}
	pool, err := fleet.Open(ctx, s.Store)
	if err != nil {
		return err
	}
	defer pool.Close()
	enter := func(ctx context.Context) (func(), error) { return st.Share(ctx, time.Minute) }
	return fleet.Run(ctx, a, pool, fleet.Options{Name: s.Name, Tick: s.Tick, Rescue: s.Rescue, Enter: enter})
}

func (s spec) aggregator(st *store.Store) (*aggregator.Aggregator, error) {
	client, err := fetch.New(fetch.Options{Timeout: 10 * time.Second, MaxBody: 15 << 20, AllowPrivate: true,
		Version: "fleet", PerHost: s.PerHost})
	if err != nil {
		return nil, err
	}
	schedule, err := cron.ParseStandard(cmp.Or(s.Schedule, "@hourly"))
	if err != nil {
		return nil, err
	}
	o := aggregator.Options{Store: st, Client: client, Pair: translate.Pair{From: "ar", To: "en"}, Dir: s.Dir,
		Schedule: schedule, Hold: true,
		Concurrency: s.Concurrency, PerHost: s.PerHost, Retention: 180 * 24 * time.Hour, Sources: s.sources(),
		Channels: []feeds.Channel{{ID: "feed", Title: map[string]string{"en": "News"}, Limit: shown, Wait: time.Minute},
			{ID: "daily", Limit: 30, Digest: feeds.Schedule{Cron: "@daily", Timezone: "UTC", Top: 20}}},
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})).With("member",
			s.Name)}
	if s.Hook != "" {
		to := feeds.Target{ID: "hook", URL: s.Hook, Channel: "feed"}
		sender, err := notify.NewSender(to, client.Notifier(), client.Dial)
		if err != nil {
			return nil, err
		}
		o.Targets, o.Senders = []feeds.Target{to}, map[string]*notify.Sender{to.ID: sender}
	}
	if s.Engine != "" {
		e := hasty{libre.New(translate.Settings{Name: "libre", URL: s.Engine}, http.DefaultClient)}
		o.Translator = translate.New(st, translate.Options{Titles: []translate.Engine{e}, Log: o.Log})
	}
	return aggregator.New(o), nil
}

// hasty counts as a paid engine and times out soon, so that a test can wait until what a dead
// process was buying is free.
type hasty struct{ *libre.Engine }

func (h hasty) Limits() translate.Limits {
	l := h.Engine.Limits()
	l.Free, l.Timeout = false, 10*time.Second
	return l
}

func (s spec) sources() (out []feeds.Source) {
	for f, farm := range s.Farms {
		for i := range s.Feeds {
			out = append(out, feeds.Source{ID: fmt.Sprintf("s%d-%d", f, i), URL: fmt.Sprintf("%s/f/%d", farm, i),
				FullText: s.FullText})
		}
	}
	return out
}

// start starts a member as a process, which is killed when the test ends.
func (s spec) start(t testing.TB) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "NASHRA_TEST_MEMBER="+string(text))
	log, err := os.Create(filepath.Join(t.TempDir(), s.Name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if out, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("%s", out)
		}
		log.Close()
	})
	return cmd
}

// program is the farm's program, built once.
var program struct {
	sync.Once
	dir, path string
	err       error
}

// startFarm starts a farm of n feeds as a process until the test ends, and returns its address.
func startFarm(t testing.TB, n int, args ...string) string {
	t.Helper()
	program.Do(func() {
		if program.dir, program.err = os.MkdirTemp("", "nashra-farm-"); program.err != nil {
			return
		}
		program.path = filepath.Join(program.dir, "feedfarm")
		var out []byte
		if out, program.err = exec.Command("go", "build", "-o", program.path,
			"../../cmd/feedfarm").CombinedOutput(); program.err != nil {
			program.err = fmt.Errorf("%w\n%s", program.err, out)
		}
	})
	if program.err != nil {
		t.Fatal(program.err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	cmd := exec.Command(program.path, append([]string{"serve", "-addr", addr, "-n", strconv.Itoa(n)}, args...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	until(t, "the farm answers", func() bool {
		resp, err := http.Get("http://" + addr + "/ctl/stats")
		if err == nil {
			resp.Body.Close()
		}
		return err == nil
	})
	return "http://" + addr
}

// counters is what a farm counts.
type counters struct {
	Clients     map[string]map[string]int `json:"clients"`
	Translation struct {
		ByAPI map[string]map[string]int `json:"by_api"`
	} `json:"translation"`
}

func (c counters) of(name string) int {
	for client, counts := range c.Clients {
		if strings.HasPrefix(client, "nashra") {
			return counts[name]
		}
	}
	return 0
}

func get(t testing.TB, address string, into any) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

func asked(t testing.TB, farms []string, name string) (n int) {
	t.Helper()
	for _, f := range farms {
		var c counters
		get(t, f+"/ctl/stats", &c)
		n += c.of(name)
	}
	return n
}

// patience is the longest that a member's work may take after a kill, on a busy machine.
const patience = 5 * time.Minute

// until waits until a condition holds.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %v it does not hold that %s", patience, what)
		}
	}
}

// database opens the store's database.
func database(t testing.TB, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func number(t testing.TB, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func text(t testing.TB, db *sql.DB, query string) (s string) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

// files returns the contents of a directory, by name.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		if strings.HasPrefix(d.Name(), ".") || errors.Is(err, fs.ErrNotExist) { // about to be renamed
			return nil
		}
		out[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func same(a, b map[string]string) bool { return len(a) > 0 && maps.Equal(a, b) }

// long skips a long test. Its name must end in Long, by which .ci/run selects it.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv("NASHRA_TEST_LONG") == "" {
		t.Skip("takes long: set NASHRA_TEST_LONG=1 to run it")
	}
}
