// Command feedfarm serves a deterministic farm of Arabic tech feeds and fake translation services
// on loopback, to measure and test feed aggregators. README.md lists its addresses and flags.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

type config struct {
	addr, base, mix, brokenKinds, truth                   string
	n, hosts, itemsMin, itemsMax                          int
	clock                                                 bool
	seed                                                  uint64
	dup, changed, cp1256, gzip, novalidator, broken, slow float64
	slowFor, hangFor, rtt                                 time.Duration
	tr                                                    translation
}

func (c *config) flags(fs *flag.FlagSet) {
	fs.StringVar(&c.addr, "addr", "127.0.0.1:8900", "loopback address to listen on")
	fs.StringVar(&c.base, "base", "", "URL prefix in feeds (default http://ADDR)")
	fs.IntVar(&c.n, "n", 1000, "number of feeds")
	fs.IntVar(&c.hosts, "hosts", 0, "number of hosts, addresses 127.1.0.1 and following; 0: all feeds are on -addr")
	fs.BoolVar(&c.clock, "clock", false, "publish entries by a clock that /ctl/clock sets")
	fs.BoolFunc("kagi", "use the shape of Kagi's list; flags that follow change it", func(string) error {
		for name, value := range kagi {
			if err := fs.Set(name, value); err != nil {
				return err
			}
		}
		return nil
	})
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
	fmt.Fprintf(os.Stderr, "%d feeds, %d entries, %.1f MB, %d shared stories, made in %.1fs\n", c.n, items,
		float64(total)/1e6, fm.pool, time.Since(start).Seconds())
	if c.truth != "" {
		if err := os.WriteFile(c.truth, fm.truth(), 0o644); err != nil {
			return err
		}
	}
	if cmd == "dump" {
		return fm.dump(*dir)
	}
	fmt.Fprintf(os.Stderr, "listening on http://%s\n", c.addr)
	return fm.serve()
}

// dump writes each feed's document to a file in dir.
func (fm *farm) dump(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, fd := range fm.feeds {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.%s", fd.id, fd.format)), fd.doc.body,
			0o644); err != nil {
			return err
		}
	}
	return nil
}
