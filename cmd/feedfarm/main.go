// Command feedfarm serves a deterministic farm of Arabic tech feeds and fake translation services on loopback, for measuring and
// examining feed aggregators. README.md has its addresses and flags.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

type config struct {
	addr, base, mix, brokenKinds, truth                   string
	n, itemsMin, itemsMax                                 int
	seed                                                  uint64
	dup, changed, cp1256, gzip, novalidator, broken, slow float64
	slowFor, hangFor, rtt                                 time.Duration
	tr                                                    trConfig
}

type feed struct {
	id, count, added int         // entries added+count-1 … added are served
	edited           map[int]int // entry -> number of corrections
	format, fault    string
	cp1256, gzip     bool
	hasETag, hasDate bool
	mu               sync.RWMutex
	doc              document
}

type document struct {
	body, gz    []byte
	ctype, etag string
	modified    time.Time
}

type farm struct {
	cfg         config
	pool, round int // pool: number of stories shared between feeds
	feeds       []*feed
	turn        sync.Mutex // held while a round begins or is told of
	mu          sync.Mutex
	stats       map[string]map[string]int
	seen        map[string]bool
	tr          *translator
}

func newFarm(c config) *farm {
	fm := &farm{cfg: c, tr: &translator{cfg: c.tr}}
	fm.resetStats()
	fm.pool = max(1, int(float64(c.n*(c.itemsMin+c.itemsMax)/2)*c.dup/5))
	var formats []string // each as often as its weight
	for _, p := range strings.Split(c.mix, ",") {
		k, v, _ := strings.Cut(p, "=")
		w, _ := strconv.Atoi(v)
		formats = append(formats, slices.Repeat([]string{k}, w)...)
	}
	for i := range c.n {
		r := newRng(c.seed, 0xfeed, uint64(i))
		fd := &feed{id: i, count: c.itemsMin + r.n(c.itemsMax-c.itemsMin+1), edited: map[int]int{}, format: r.pick(formats)}
		fd.doc.modified = epoch
		fd.cp1256 = r.f() < c.cp1256 && fd.format != "json"
		fd.gzip = r.f() < c.gzip
		v := r.f() - c.novalidator // none | ETag only | Last-Modified only | both
		fd.hasETag, fd.hasDate = v >= 0 && v < 0.1 || v >= 0.2, v >= 0.1
		if v := r.f(); v < c.broken {
			fd.fault = r.pick(strings.Split(c.brokenKinds, ","))
		} else if v < c.broken+c.slow {
			fd.fault = "slow"
		}
		fm.feeds = append(fm.feeds, fd)
	}
	fm.renderAll(fm.feeds)
	return fm
}

func (fm *farm) resetStats() {
	fm.mu.Lock()
	fm.stats, fm.seen = map[string]map[string]int{}, map[string]bool{}
	fm.mu.Unlock()
	fm.tr.reset()
}

func (fm *farm) items(fd *feed) (out []item) {
	for seq := fd.count + fd.added - 1; seq >= fd.added; seq-- {
		it := fm.makeItem(fd.id, seq, fd.count)
		if rev := fd.edited[seq]; rev > 0 {
			it.title += fmt.Sprintf(" (محدّث %d)", rev)
		}
		out = append(out, it)
	}
	return out
}

func (fm *farm) renderAll(feeds []*feed) {
	var wg sync.WaitGroup
	work := make(chan *feed)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for fd := range work {
				d := document{modified: epoch.Add(time.Duration(fm.round) * time.Hour)}
				d.body, d.ctype = fm.render(fd, fm.items(fd))
				if fd.gzip {
					var b bytes.Buffer
					w := gzip.NewWriter(&b)
					w.Write(d.body)
					w.Close()
					d.gz = b.Bytes()
				}
				h := fnv.New64a()
				h.Write(d.body)
				d.etag = fmt.Sprintf(`"%016x"`, h.Sum64())
				fd.mu.Lock()
				fd.doc = d
				fd.mu.Unlock()
			}
		})
	}
	for _, fd := range feeds {
		work <- fd
	}
	close(work)
	wg.Wait()
}

// advance starts the next round: share of the feeds get one to three new entries
// on top, or, one in five of them, a corrected title on the newest entry.
func (fm *farm) advance(share float64) map[string]int {
	fm.turn.Lock()
	defer fm.turn.Unlock()
	fm.mu.Lock()
	fm.round++
	fm.mu.Unlock()
	var todo []*feed
	out := map[string]int{"round": fm.round}
	for _, fd := range fm.feeds {
		r := newRng(fm.cfg.seed, 0x30d, uint64(fm.round), uint64(fd.id))
		if r.f() >= share {
			continue
		}
		if r.n(5) == 0 {
			fd.edited[fd.count+fd.added-1]++
			out["edited_items"]++
		} else {
			k := 1 + r.n(3)
			fd.added += k
			out["new_items"] += k
		}
		todo = append(todo, fd)
	}
	fm.renderAll(todo)
	out["changed_feeds"] = len(todo)
	return out
}

// truth lists every entry now served with the id of the story it tells.
func (fm *farm) truth() []byte {
	fm.turn.Lock()
	defer fm.turn.Unlock()
	var rows []map[string]any
	for _, fd := range fm.feeds {
		for _, it := range fm.items(fd) {
			rows = append(rows, map[string]any{"feed": fd.id, "guid": it.guid, "link": it.link, "cluster": it.cluster, "kind": it.kind})
		}
	}
	b, _ := json.Marshal(rows)
	return bytes.ReplaceAll(b, []byte("},{"), []byte("},\n{"))
}

// count adds to the counters of the client that sent r.
func (fm *farm) count(r *http.Request, add map[string]int) {
	name, _, _ := strings.Cut(r.UserAgent(), " ")
	if strings.Contains(strings.ToLower(r.UserAgent()), "miniflux") {
		name = "Miniflux"
	}
	fm.mu.Lock()
	defer fm.mu.Unlock()
	st := fm.stats[name]
	if st == nil {
		st = map[string]int{}
		fm.stats[name] = st
	}
	for k, v := range add {
		st[k] += v
	}
	st["max_in_flight"] = max(st["max_in_flight"], st["in_flight"])
	if key := name + r.URL.Path; add["feed_requests"] > 0 {
		st["asked_again"] += one(fm.seen[key])
		fm.seen[key] = true
	}
}

func one(b bool) int { return map[bool]int{true: 1}[b] }

func (fm *farm) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /f/{id}", fm.serveFeed)
	mux.HandleFunc("POST /ctl/round", func(w http.ResponseWriter, r *http.Request) {
		sendJSON(w, fm.advance(fm.cfg.changed))
	})
	mux.HandleFunc("POST /ctl/reset", func(w http.ResponseWriter, r *http.Request) { fm.resetStats() })
	mux.HandleFunc("GET /ctl/stats", func(w http.ResponseWriter, r *http.Request) {
		fm.mu.Lock()
		defer fm.mu.Unlock()
		sendJSON(w, map[string]any{"round": fm.round, "clients": fm.stats, "translation": fm.tr.report()})
	})
	mux.HandleFunc("GET /ctl/truth", func(w http.ResponseWriter, r *http.Request) { w.Write(fm.truth()) })
	mux.HandleFunc("GET /urls", func(w http.ResponseWriter, r *http.Request) { // URL, format, fault
		for i, fd := range fm.feeds {
			fmt.Fprintf(w, "%s/f/%d%s\n", fm.cfg.base, i, map[bool]string{true: "\t" + fd.format + "\t" + fd.fault}[r.FormValue("long") != ""])
		}
	})
	mux.HandleFunc("GET /opml", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `<?xml version="1.0" encoding="utf-8"?><opml version="2.0"><head><title>farm</title></head><body>`+"\n")
		for i := range fm.feeds {
			fmt.Fprintf(w, `<outline type="rss" text="feed %d" title="feed %d" xmlUrl="%s/f/%d" htmlUrl="%s/s/%d"/>`+"\n", i, i, fm.cfg.base, i, fm.cfg.base, i)
		}
		fmt.Fprint(w, "</body></opml>\n")
	})
	fm.tr.routes(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { // site pages, articles, favicons, images
		kind, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		fm.count(r, map[string]int{"requests": 1, "side_" + kind: 1})
		if kind != "s" && kind != "i" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><html lang=ar dir=rtl><title>موقع</title><p>صفحة")
	})
	return mux
}

func (c *config) flags(fs *flag.FlagSet) {
	fs.StringVar(&c.addr, "addr", "127.0.0.1:8900", "loopback address to listen on")
	fs.StringVar(&c.base, "base", "", "URL prefix in feeds (default http://ADDR)")
	fs.IntVar(&c.n, "n", 1000, "number of feeds")
	fs.Uint64Var(&c.seed, "seed", 1, "seed of all content")
	fs.StringVar(&c.mix, "mix", "rss=60,atom=25,rdf=8,json=7", "formats and their weights")
	fs.IntVar(&c.itemsMin, "items-min", 20, "fewest entries in a feed")
	fs.IntVar(&c.itemsMax, "items-max", 40, "most entries in a feed")
	fs.Float64Var(&c.dup, "dup", 0.4, "share of entries telling a story other feeds tell too")
	fs.Float64Var(&c.changed, "changed", 0.05, "share of feeds changed by POST /ctl/round")
	fs.Float64Var(&c.cp1256, "cp1256", 0.1, "share of XML feeds in windows-1256")
	fs.Float64Var(&c.gzip, "gzip", 0.5, "share of feeds sent gzipped to clients that accept it")
	fs.Float64Var(&c.novalidator, "novalidator", 0.05, "share of feeds without ETag and Last-Modified")
	fs.Float64Var(&c.broken, "broken", 0, "share of feeds with a fault")
	fs.StringVar(&c.brokenKinds, "broken-kinds", "hang,500,404,truncated,loop,html,reset", "faults to choose from")
	fs.Float64Var(&c.slow, "slow", 0, "share of feeds that trickle")
	fs.DurationVar(&c.slowFor, "slow-for", 5*time.Second, "time a trickling feed takes")
	fs.DurationVar(&c.hangFor, "hang-for", 2*time.Minute, "longest time a hanging feed holds the connection")
	fs.DurationVar(&c.rtt, "rtt", 0, "delay before every feed answer")
	fs.StringVar(&c.truth, "truth", "", "write the ground truth of round 0 to this file")
	c.tr.flags(fs)
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "feedfarm:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	cmd := "serve"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		cmd, args = args[0], args[1:]
	}
	if cmd != "serve" && cmd != "dump" && cmd != "floor" {
		return fmt.Errorf("unknown command %q: serve, dump or floor", cmd)
	}
	var c config
	fs := flag.NewFlagSet("feedfarm "+cmd, flag.ExitOnError)
	c.flags(fs)
	dir := fs.String("dir", "", "dump: directory to write the feeds to")
	keep := fs.String("keep", "", "floor: file to keep validators in")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if c.base == "" {
		c.base = "http://" + c.addr
	}
	host, _, err := net.SplitHostPort(c.addr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return errors.New("-addr must be a loopback IP address and a port")
	}
	if cmd == "floor" {
		return floor("http://"+c.addr, *keep)
	}
	start, total, items := time.Now(), 0, 0
	fm := newFarm(c)
	for _, fd := range fm.feeds {
		total, items = total+len(fd.doc.body), items+fd.count
	}
	fmt.Fprintf(os.Stderr, "%d feeds, %d entries, %.1f MB, %d shared stories, made in %.1fs\n", c.n, items, float64(total)/1e6, fm.pool, time.Since(start).Seconds())
	if c.truth != "" {
		if err := os.WriteFile(c.truth, fm.truth(), 0o644); err != nil {
			return err
		}
	}
	if cmd == "dump" {
		return fm.dump(*dir)
	}
	fmt.Fprintf(os.Stderr, "listening on http://%s\n", c.addr)
	server := &http.Server{Addr: c.addr, Handler: fm.handler(), ReadHeaderTimeout: 10 * time.Second}
	return server.ListenAndServe()
}

// dump writes each feed's document to a file in dir.
func (fm *farm) dump(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, fd := range fm.feeds {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.%s", fd.id, fd.format)), fd.doc.body, 0o644); err != nil {
			return err
		}
	}
	return nil
}
