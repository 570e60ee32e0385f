package main

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"strconv"
	"time"
)

// A farm with a clock (-clock) publishes entries by it, each feed at an interval of its own, and
// renders a feed when it is asked for. /ctl/clock sets the clock.

// categories is how many categories Kagi's list of small feeds has.
const categories = 197

// kagi has the shape of Kagi's list: 10,104 feeds, a tenth failing, about two on each host.
var kagi = map[string]string{"n": "10104", "hosts": "5052", "clock": "true", "broken": "0.1",
	"broken-kinds": "404,410,500,hang,reset,moved,html,truncated", "hang-for": "50ms",
	"items-min": "5", "items-max": "15"}

// interval returns the time between two entries of feed f: between 20 minutes and two weeks, as
// many in each octave, so that an average feed has ten a day.
func (fm *farm) interval(f int) time.Duration {
	const least, most = 20 * time.Minute, 14 * 24 * time.Hour
	octaves := newRng(fm.cfg.seed, 0xda1, uint64(f)).f() * math.Log2(float64(most)/float64(least))
	return time.Duration(float64(least) * math.Exp2(octaves))
}

// published returns when entry seq of feed f is published, of those that the first round lacks.
func (fm *farm) published(f, seq, base int) time.Time {
	every := fm.interval(f)
	phase := time.Duration(newRng(fm.cfg.seed, 0xda2, uint64(f)).f() * float64(every))
	return epoch.Add(phase + time.Duration(seq-base)*every).Truncate(time.Second)
}

// catchUp renders a feed if it was not yet, or has published since.
func (fm *farm) catchUp(fd *feed) {
	if !fm.cfg.clock {
		return
	}
	now := epoch.Add(time.Duration(fm.now.Load()))
	fd.turn.Lock()
	defer fd.turn.Unlock()
	was := fd.added
	for !fm.published(fd.id, fd.count+fd.added, fd.count).After(now) {
		fd.added++
	}
	if was < fd.added || fd.doc.body == nil {
		fm.render1(fd, now)
	}
}

// setClock sets the time to that many milliseconds after the epoch of the farm's entries.
func (fm *farm) setClock(w http.ResponseWriter, r *http.Request) {
	ms, err := strconv.ParseInt(r.FormValue("ms"), 10, 64)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fm.now.Store(int64(time.Duration(ms) * time.Millisecond))
}

// host returns the address of the host of feed f: -hosts of them share the feeds, on loopback
// addresses of their own.
func (fm *farm) host(f int) string {
	if fm.cfg.hosts == 0 {
		return fm.cfg.base
	}
	_, port, _ := net.SplitHostPort(fm.cfg.addr)
	h := f % fm.cfg.hosts
	return fmt.Sprintf("http://127.1.%d.%d:%s", h/250, 1+h%250, port)
}

// serve answers at -addr and at the addresses of all hosts.
func (fm *farm) serve() error {
	server := &http.Server{Handler: fm.handler(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error)
	for h := -1; h < fm.cfg.hosts; h++ {
		at := fm.cfg.addr
		if h >= 0 {
			at = fm.host(h)[len("http://"):]
		}
		ln, err := net.Listen("tcp", at)
		if err != nil {
			return errors.Join(err, server.Close())
		}
		go func() { failed <- server.Serve(ln) }()
	}
	return <-failed
}
