//go:build linux

package fleet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/storetest"
)

// Limits of CPU seconds for a thousand sources, the database's included, and of three members'
// polls to one's.
const (
	mostFirst     = 20
	mostUnchanged = 2
	leastScaling  = 2.2
)

// BenchmarkRounds polls a thousand sources twice with one member, all on one host and on fifty
// hosts, and fails above the limits.
func BenchmarkRounds(b *testing.B) {
	for _, hosts := range []int{1, 50} {
		b.Run(fmt.Sprintf("hosts=%d", hosts), func(b *testing.B) {
			for b.Loop() {
				rounds(b, hosts, 1000/hosts)
			}
		})
	}
}

func rounds(b *testing.B, hosts, feedsEach int) {
	c := storetest.NewCluster(b)
	made(b, c.Address)
	s := spec{Name: "one", Store: c.Address, Dir: b.TempDir(), Feeds: feedsEach, Concurrency: 64, PerHost: 64}
	for i := range hosts {
		s.Farms = append(s.Farms, startFarm(b, feedsEach, "-seed", strconv.Itoa(i+1)))
	}
	db := database(b, c.Address)
	postmaster, err := c.Process()
	if err != nil {
		b.Fatal(err)
	}
	sources := len(s.sources())
	dbWas := cpu(b, postmaster)
	began := time.Now()
	m := s.start(b)
	memberWas := time.Duration(0)
	fmt.Printf("\n%-10s %8s %8s %8s %8s %10s\n", "round", "wall s", "member", "database", "CPU s", "database MB")
	for _, round := range []string{"first", "unchanged"} {
		if round == "unchanged" {
			execute(b, db, "UPDATE sources SET due = 0, polled = 0")
			began = time.Now()
		}
		done := func(query string, want int) func() bool {
			// polling the database costs CPU time too
			return func() bool { time.Sleep(time.Second); return number(b, db, query) == want }
		}
		until(b, "all is polled", done("SELECT COUNT(*) FROM sources WHERE polled > 0", sources))
		until(b, "all is grouped", done("SELECT COUNT(*) FROM (SELECT FROM items WHERE story IS NULL LIMIT 1) AS "+
			"left_over", 0))
		wall := time.Since(began)
		if round == "first" {
			until(b, "it is published", func() bool {
				_,
					err := os.Stat(filepath.Join(s.Dir, "feed.atom"))
				return err == nil
			})
			wall = time.Since(began)
			time.Sleep(5 * time.Second) // for the last publishing
		}
		member, database := cpu(b, m.Process.Pid)-memberWas, cpu(b, postmaster)-dbWas
		memberWas, dbWas = memberWas+member, dbWas+database
		sum := (member + database).Seconds()
		fmt.Printf("%-10s %8.2f %8.2f %8.2f %8.2f %10.1f\n", round, wall.Seconds(), member.Seconds(),
			database.Seconds(), sum,
			float64(number(b, db, "SELECT pg_database_size(current_database())"))/1e6)
		b.ReportMetric(sum, round+"-cpu-s")
		if most := map[string]float64{"first": mostFirst, "unchanged": mostUnchanged}[round]; sum > most {
			b.Errorf("%s round: %.2f CPU seconds, at most %.0f are allowed", round, sum, most)
		}
	}
	m.Process.Signal(syscall.SIGTERM)
	m.Wait()
}

// BenchmarkMembers polls slow sources with one and with three members, and prints how many a
// minute.
func BenchmarkMembers(b *testing.B) {
	const hosts, feedsEach = 24, 60
	var farms []string
	for i := range hosts {
		farms = append(farms, startFarm(b, feedsEach, "-seed", strconv.Itoa(i+1), "-rtt", "200ms", "-items-min", "3",
			"-items-max", "5"))
	}
	for b.Loop() {
		rate := map[int]float64{}
		for _, members := range []int{1, 3} {
			c := storetest.NewCluster(b)
			made(b, c.Address)
			db := database(b, c.Address)
			var stops []func()
			for i := range members {
				cmd := spec{Name: fmt.Sprint("member", i+1), Store: c.Address, Dir: b.TempDir(), Farms: farms,
					Feeds: feedsEach, Concurrency: 8, PerHost: 2}.start(b)
				stops = append(stops, func() { cmd.Process.Signal(syscall.SIGTERM); cmd.Wait() })
			}
			until(b, "the members are at work", func() bool {
				return number(b, db,
					"SELECT COUNT(*) FROM sources") > 100
			})
			was, began := number(b, db, "SELECT COUNT(*) FROM sources"), time.Now()
			until(b, "most is polled", func() bool {
				return number(b, db,
					"SELECT COUNT(*) FROM sources") > hosts*feedsEach*2/3
			})
			rate[members] = float64(number(b, db, "SELECT COUNT(*) FROM sources")-was) / time.Since(began).Minutes()
			for _, stop := range stops {
				stop()
			}
		}
		fmt.Printf("\npolls a minute of sources that take 200 ms: one member %.0f, three %.0f: %.2f ×\n", rate[1],
			rate[3], rate[3]/rate[1])
		b.ReportMetric(rate[3]/rate[1], "×")
		if rate[3] < leastScaling*rate[1] {
			b.Errorf("three members poll %.2f × as much as one, at least %.1f × is promised", rate[3]/rate[1],
				leastScaling)
		}
	}
}

func made(b *testing.B, address string) {
	b.Helper()
	st, err := store.Open(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	st.Close()
}

// cpu returns the CPU time of a process and its children, dead and alive.
func cpu(b *testing.B, pid int) (sum time.Duration) {
	b.Helper()
	const tick = time.Second / 100 // USER_HZ of Linux
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // ended meanwhile
		}
		_, after, _ := strings.Cut(string(text), ") ") // state ppid …: man proc
		f := strings.Fields(after)
		own := filepath.Base(filepath.Dir(name)) == strconv.Itoa(pid)
		if !own && f[1] != strconv.Itoa(pid) {
			continue
		}
		for i, field := range f[11:15] { // utime stime cutime cstime
			if n, err := strconv.Atoi(field); err == nil && (i < 2 || own) {
				sum += time.Duration(n) * tick
			}
		}
	}
	return sum
}
