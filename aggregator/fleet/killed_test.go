package fleet_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/storetest"
	"github.com/nashra/nashra/translate/enginetest/english"
)

// stuckNews is one story for each source, all different.
var stuckNews = map[string]string{"0": "هواوي تطلق هاتفا قابلا للطي في مصر",
	"1": "سامسونج تغلق مصنع الشاشات بعد حريق", "2": "علماء يكتشفون كوكبا يدور حول نجم قريب",
	"3": "مصرف الراجحي يعلن أرباح الربع الثالث", "4": "ثغرة أمنية تصيب خوادم البريد في " +
		"المستشفيات", "5": "سباق الدراجات الكهربائية يبدأ غدا بالدوحة"}

// sticky is a publisher and a LibreTranslate server. Its first request of one kind hangs until the
// client is gone.
type sticky struct {
	*httptest.Server
	kind string

	mu    sync.Mutex
	stuck bool
	asked map[string]int // feeds and articles by path, and texts, except those that hung
}

func newSticky(t *testing.T, kind string) *sticky {
	s := &sticky{kind: kind, asked: map[string]int{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *sticky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind, name, _ := strings.Cut(r.URL.Path[1:], "/")
	var texts struct{ Q []string }
	_ = json.NewDecoder(r.Body).Decode(&texts) // other requests have no body
	s.mu.Lock()
	hang := kind == s.kind && !s.stuck
	s.stuck = s.stuck || hang
	if hang {
		s.mu.Unlock()
		<-r.Context().Done()
		return
	}
	if len(texts.Q) == 0 && name != "" {
		s.asked[r.URL.Path]++
	}
	for _, q := range texts.Q {
		s.asked[q]++
	}
	s.mu.Unlock()
	switch kind {
	case "f":
		fmt.Fprintf(w, "<rss><channel><title>مصدر</title><item><title>%s</title><link>http://%s/a/%s</link></item>"+
			"</channel></rss>", stuckNews[name], r.Host, name)
	case "a":
		fmt.Fprintf(w, "<html lang=ar><body><article><h1>خبر</h1>%s</article>",
			strings.Repeat("<p>"+stuckNews[name]+"، وفيه من التفاصيل ما ليس في العنوان القصير الذي سبقه.</p>", 8))
	case "translate":
		for i, q := range texts.Q {
			texts.Q[i] = english.Translate(q, true)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"translatedText": texts.Q})
	default:
		http.NotFound(w, r)
	}
}

// again returns what was asked for more than once.
func (s *sticky) again() (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for what, n := range s.asked {
		if n > 1 {
			list = append(list, fmt.Sprintf("%s %d times", what, n))
		}
	}
	return list
}

// holder returns the process id of the member whose claim begins with one of names; 0: none.
func holder(t *testing.T, db *sql.DB, names ...string) int {
	t.Helper()
	for _, name := range names {
		var who string
		err := db.QueryRow(`SELECT COALESCE(MAX(a.application_name), '')
		FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted
			AND l.objid::bigint = hashtext(current_schema() || ' ' || $1)::bigint & 4294967295`, name).Scan(&who)
		if err != nil {
			t.Fatal(err)
		}
		if m := regexp.MustCompile(`-(\d+)-[0-9a-f]{8}$`).FindStringSubmatch(who); m != nil {
			pid, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	return 0
}

// killedStep is a step during which a member is killed.
type killedStep struct {
	step, hangs, locked string // a request that hangs, or a table that is locked
	claims              []string
	done                string // a query that returns 1 in the end
}

func TestKilledPolling(t *testing.T) {
	t.Parallel()
	killedAt(t, killedStep{step: "poll", hangs: "f"})
}

func TestKilledInOtherStepsLong(t *testing.T) {
	long(t)
	t.Parallel()
	for _, c := range []killedStep{
		{step: "tick", locked: "sources", claims: []string{"tick"}},
		{step: "group", locked: "filed", claims: []string{"group"}},
		{step: "article", hangs: "a", claims: []string{"article"}},
		{step: "digest", locked: "digests", claims: []string{"digest"},
			done: "SELECT (COUNT(*) > 0)::int FROM digests"},
		{step: "translate", hangs: "translate", claims: []string{"translate"}},
		{step: "retain", locked: "outputs", claims: []string{"retain"},
			done: "SELECT (COUNT(*) = 0)::int FROM outputs WHERE place = 'gone'"},
	} {
		t.Run(c.step, func(t *testing.T) {
			t.Parallel()
			killedAt(t, c)
		})
	}
}

// killedAt kills one of two members during a step. The other takes over within a minute and repeats
// only what was in flight.
func killedAt(t *testing.T, c killedStep) {
	t.Helper()
	const sources, soon = 6, 100 * time.Second // a minute, and time for a busy machine
	address := storetest.Postgres(t)
	st, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	st.Close()
	db, origin := database(t, address), newSticky(t, c.hangs)
	lanes := 2
	if c.step == "poll" {
		lanes = 1 // the holder is the one whose request hangs
		c.claims = []string{fmt.Sprintf("host %s 0", strings.TrimPrefix(origin.URL, "http://"))}
	}
	execute(t, db, "INSERT INTO outputs (place, path, sum, at) VALUES ('gone', 'feed.atom', '', 1)")
	unlock := func() {}
	if c.locked != "" {
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec("LOCK TABLE " + c.locked + " IN ACCESS EXCLUSIVE MODE"); err != nil {
			t.Fatal(err)
		}
		unlock = func() { tx.Rollback() }
	}
	members := map[int]*exec.Cmd{}
	for _, name := range []string{"one", "two"} {
		cmd := spec{Name: name, Store: address, Dir: t.TempDir(), Farms: []string{origin.URL}, Feeds: sources,
			Concurrency: 4, PerHost: lanes, FullText: "always",
			Engine: origin.URL, Tick: time.Second}.start(t)
		members[cmd.Process.Pid] = cmd
	}
	var at *exec.Cmd
	until(t, "a member is at the step", func() bool {
		origin.mu.Lock()
		stuck := origin.stuck || c.locked != ""
		origin.mu.Unlock()
		at = members[holder(t, db, c.claims...)]
		return stuck && at != nil
	})
	time.Sleep(time.Second)
	if err := at.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	unlock()
	left := func() (out []string) {
		for _, n := range []struct{ what, query string }{
			{"items", "SELECT COUNT(*) FROM items WHERE story IS NOT NULL"},
			{"articles", "SELECT COUNT(*) FROM articles WHERE again = 0"},
			{"translations", "SELECT COUNT(*) FROM translations WHERE state = 'done'"},
		} {
			if got := number(t, db, n.query); got != sources {
				out = append(out, fmt.Sprintf("%d %s", got, n.what))
			}
		}
		if c.done != "" && number(t, db, c.done) == 0 {
			out = append(out, "nothing old deleted")
		}
		return out
	}
	for ; len(left()) > 0; time.Sleep(100 * time.Millisecond) {
		if time.Since(killed) > soon {
			t.Fatalf("%v after the kill there are %q", soon, left())
		}
	}
	t.Logf("all is done %v after the kill", time.Since(killed).Round(time.Second))
	// what another worker of the dead member had asked for and not stored
	if again := origin.again(); len(again) > 1 {
		t.Errorf("asked for again: %q", again)
	}
}
