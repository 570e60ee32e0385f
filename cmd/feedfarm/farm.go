package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// feed is one feed of the farm.
type feed struct {
	id, count, added int         // entries added to added+count-1 are served
	edited           map[int]int // number of corrections, by entry
	format, fault    string
	cp1256, gzip     bool
	hasETag, hasDate bool
	mu               sync.RWMutex
	doc              document
	turn             sync.Mutex // held while catchUp renders
}

// document is a rendered feed.
type document struct {
	body, gz    []byte
	ctype, etag string
	modified    time.Time
}

type farm struct {
	cfg   config
	pool  int // number of stories that feeds share
	feeds []*feed
	now   atomic.Int64 // the clock, nanoseconds after epoch
	turn  sync.Mutex   // held while a round begins or its truth is listed
	tr    *translator

	mu    sync.Mutex
	round int
	stats map[string]map[string]int // counters, by client
	seen  map[string]bool           // client and path
}

// newFarm makes the feeds of round 0.
func newFarm(c config) *farm {
	fm := &farm{cfg: c, tr: &translator{cfg: c.tr}}
	fm.resetStats()
	fm.pool = max(1, int(float64(c.n*(c.itemsMin+c.itemsMax)/2)*c.dup/5))
	var formats []string // each repeated by its weight
	for _, p := range strings.Split(c.mix, ",") {
		k, v, _ := strings.Cut(p, "=")
		w, _ := strconv.Atoi(v)
		formats = append(formats, slices.Repeat([]string{k}, w)...)
	}
	for i := range c.n {
		r := newRng(c.seed, 0xfeed, uint64(i))
		count := c.itemsMin + r.n(c.itemsMax-c.itemsMin+1)
		fd := &feed{id: i, count: count, edited: map[int]int{}, format: r.pick(formats)}
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
	if !c.clock {
		fm.renderAll(fm.feeds)
	}
	return fm
}

func (fm *farm) resetStats() {
	fm.mu.Lock()
	fm.stats, fm.seen = map[string]map[string]int{}, map[string]bool{}
	fm.mu.Unlock()
	fm.tr.reset()
}

// items returns the entries that a feed serves, newest first.
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

// renderAll renders feeds on all processors.
func (fm *farm) renderAll(feeds []*feed) {
	var wg sync.WaitGroup
	work := make(chan *feed)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for fd := range work {
				fm.render1(fd, epoch.Add(time.Duration(fm.round)*time.Hour))
			}
		})
	}
	for _, fd := range feeds {
		work <- fd
	}
	close(work)
	wg.Wait()
}

// render1 renders a feed that was modified at a time.
func (fm *farm) render1(fd *feed, modified time.Time) {
	d := document{modified: modified}
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

// advance starts the next round: a share of the feeds get one to three new entries or, in one case
// of five, a correction of the newest title. It returns the counts.
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

// truth lists every served entry with the id of its story.
func (fm *farm) truth() []byte {
	fm.turn.Lock()
	defer fm.turn.Unlock()
	var rows []map[string]any
	for _, fd := range fm.feeds {
		for _, it := range fm.items(fd) {
			rows = append(rows, map[string]any{
				"feed": fd.id, "guid": it.guid, "link": it.link, "cluster": it.cluster, "kind": it.kind})
		}
	}
	b, _ := json.Marshal(rows)
	return bytes.ReplaceAll(b, []byte("},{"), []byte("},\n{"))
}

// count adds changes to the counters of the client that sent r.
func (fm *farm) count(r *http.Request, changes map[string]int) {
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
	for k, v := range changes {
		st[k] += v
	}
	st["max_in_flight"] = max(st["max_in_flight"], st["in_flight"])
	if key := name + r.URL.Path; changes["feed_requests"] > 0 {
		st["asked_again"] += one(fm.seen[key])
		fm.seen[key] = true
	}
}

// one is 1 if b is true, else 0.
func one(b bool) int { return map[bool]int{true: 1}[b] }
