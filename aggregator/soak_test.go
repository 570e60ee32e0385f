//go:build unix

package aggregator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
)

// Over a fortnight of 200 sources, passes get no slower once retention is at work, and memory and
// the store do not grow. NASHRA_SOAK=1 polls every hour instead of every twelve.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("a fortnight takes some seconds")
	}
	const sources, kept, span = 200, 6, 14 * 24 * time.Hour
	every := 12 * time.Hour
	if os.Getenv("NASHRA_SOAK") != "" {
		every = time.Hour
	}
	r := newRig(t, nil)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var source int
		if _, err := fmt.Sscanf(req.URL.Path, "/s%d", &source); err != nil {
			http.NotFound(w, req)
			return
		}
		day := int(r.time.Sub(noon) / (24 * time.Hour))
		if (source+day)%10 == 0 {
			http.Error(w, "not today", http.StatusInternalServerError)
			return
		}
		last := sources + int(r.time.Add(time.Duration(source)*time.Minute).Sub(noon)/(24*time.Hour))
		tag := fmt.Sprintf(`"%d-%d"`, source, last)
		if w.Header().Set("ETag", tag); req.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Date", r.time.Format(http.TimeFormat))
		fmt.Fprint(w, rss(soakNews(source, last, kept)...))
	}))
	t.Cleanup(srv.Close)
	var err error
	if r.opt.Client, err = fetch.New(fetch.Options{Timeout: 5 * time.Second, MaxBody: 1 << 20, AllowPrivate: true,
		Version: "test", PerHost: 8,
		Now: func() time.Time { return r.time }}); err != nil {
		t.Fatal(err)
	}
	for i := range sources {
		r.opt.Sources = append(r.opt.Sources, feeds.Source{ID: fmt.Sprint("s", i),
			URL: fmt.Sprintf("%s/s%d", srv.URL, i)})
	}
	r.opt.Concurrency, r.opt.PerHost, r.opt.Retention, r.opt.Channels[0].Limit = 8, 8, 24*time.Hour, 20
	a := r.over(r.st)
	var week [2]struct {
		cpu       time.Duration
		heap      uint64
		file, new int64
	}
	for at := time.Duration(0); at < span; at += every {
		r.time = noon.Add(at)
		begun := cpu(t)
		rep, err := a.Pass(t.Context(), false, nil, aggregator.Watch{})
		if err != nil {
			t.Fatal(err)
		}
		w := &week[at/(span/2)]
		if half := at % (span / 2); half >= 72*time.Hour { // the first days fill the store
			w.cpu += cpu(t) - begun
			w.new += int64(rep.Polled.New)
		}
		w.heap, w.file = heap(), size(t, filepath.Join(r.opt.Dir, "..", "nashra.db"))
	}
	first, second := week[0], week[1]
	t.Logf("a week's last four days: %v and %v of CPU, %d and %d items; at its end %.1f and %.1f MB of heap, %.1f "+
		"and %.1f MB of store", first.cpu, second.cpu, first.new,
		second.new, float64(first.heap)/1e6, float64(second.heap)/1e6,
		float64(first.file)/1e6, float64(second.file)/1e6)
	if first.new < 3*sources || second.new < 3*sources || first.new > 5*sources {
		t.Errorf("%d and %d items came in four days from %d sources", first.new, second.new, sources)
	}
	if second.cpu > first.cpu*3/2 { // on a shared machine CPU time varies by a quarter
		t.Errorf("passes came to cost more: %v of CPU, then %v", first.cpu, second.cpu)
	}
	if second.heap > first.heap+first.heap/5+1e6 || second.file > first.file+first.file/5 {
		t.Errorf("heap %d, then %d bytes; store %d, then %d", first.heap, second.heap, first.file, second.file)
	}
}

// soakNews returns a source's newest items, in other words each day, so that each is a story.
func soakNews(source, last, n int) (items []string) {
	words := []string{"هاتف", "حاسوب", "معالج", "شاشة", "بطارية", "متصفح", "تطبيق", "روبوت", "سيارة", "طائرة",
		"كاميرا", "ساعة", "سماعة", "خادم", "قمر", "شبكة", "لعبة"}
	for k := last; k > last-n; k-- {
		word := func(i int) string { return words[(source*7+k*(i+3)+i*source)%len(words)] }
		id := fmt.Sprintf("%d-%d", source, k)
		items = append(items, article(id, fmt.Sprintf("%s %s جديد من شركة رقم %d في عام %d", word(1), word(2), source,
			1000+k),
			fmt.Sprintf("قالت الشركة %d إن %s و%s و%s ستباع بسعر %d دولار.", source*1000+k, word(3), word(4), word(5),
				100+source+k), lastText))
	}
	return items
}

// cpu returns the CPU time of this process.
func cpu(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// heap returns the heap in use after a collection.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func size(t *testing.T, name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
