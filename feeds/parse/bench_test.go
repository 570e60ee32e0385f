//go:build unix

package parse

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// farmFeeds is the size of the farm, unless NASHRA_BENCH_FEEDS is set. 200 are 20 MB, about what a
// round holds in memory: with more, the garbage collector would have too little to do.
const farmFeeds = 200

// BenchmarkFarm parses the documents of cmd/feedfarm and prints megabytes per CPU second, garbage
// collection included, of Feed and of each of its parts. What Feed costs beyond them is the rest.
func BenchmarkFarm(b *testing.B) {
	docs, bytes := farmDocuments(b)
	parts := farmParts(b, docs)
	least := make([]time.Duration, len(parts)) // CPU time of the best round: other processes only add
	for b.Loop() {
		for i, p := range parts {
			since := cpuTime(b)
			for n := range docs {
				p.run(n)
			}
			if spent := cpuTime(b) - since; least[i] == 0 || spent < least[i] {
				least[i] = spent
			}
		}
	}
	rest := least[0]
	for _, d := range least[1:] {
		rest -= d
	}
	fmt.Printf(
		"\n%d documents, %.1f MB\n%-9s %8s %12s %6s\n",
		len(docs),
		float64(bytes)/1e6,
		"part",
		"CPU s",
		"MB per CPU s",
		"share",
	)
	row := func(name string, d time.Duration) {
		fmt.Printf(
			"%-9s %8.3f %12.1f %5.0f%%\n",
			name,
			d.Seconds(),
			float64(bytes)/1e6/d.Seconds(),
			100*float64(d)/float64(least[0]),
		)
	}
	for i, p := range parts {
		row(p.name, least[i])
	}
	row("rest", rest)
	b.ReportMetric(float64(bytes)/1e6/least[0].Seconds(), "MB/CPU-s")
}

// part is a step of parsing; run does it to the document with the given number.
type part struct {
	name string
	run  func(int)
}

// farmParts are Feed and the steps that it consists of, each on the result of the step before.
func farmParts(b *testing.B, docs []feeds.Document) []part {
	plain, xml := make([][]byte, len(docs)), make([][]byte, len(docs))
	type fragment struct{ html, base string }
	texts := make([][]fragment, len(docs))
	for i, d := range docs {
		text, _, _ := decode(d.Body, d.ContentType)
		plain[i] = bytes.TrimSpace(text)
		xml[i] = plain[i]
		var s scan
		if plain[i][0] == '<' {
			var err error
			if s, err = scanXML(plain[i], nil); err != nil {
				b.Fatal(err)
			}
			xml[i] = s.lean
		}
		f, err := gofeed.NewParser().Parse(bytes.NewReader(xml[i]))
		if err != nil {
			b.Fatal(err)
		}
		for _, it := range f.Items {
			texts[i] = append(texts[i], fragment{s.text(cmp.Or(it.Content, it.Description)).html(), it.Link})
		}
	}
	return []part{
		{"Feed", func(i int) {
			if _, err := Feed(feeds.Source{ID: "farm"}, docs[i]); err != nil {
				b.Fatal(err)
			}
		}},
		{"charset", func(i int) { decode(docs[i].Body, docs[i].ContentType) }},
		{"pre-scan", func(i int) {
			if _, err := scanXML(plain[i], nil); err != nil {
				b.Fatal(err)
			}
		}},
		{"gofeed", func(i int) {
			if _, err := gofeed.NewParser().Parse(bytes.NewReader(xml[i])); err != nil {
				b.Fatal(err)
			}
		}},
		{"sanitise", func(i int) {
			for _, t := range texts[i] {
				sanitize.HTML(t.html, t.base)
			}
		}},
	}
}

// farmDocuments returns the feeds of the farm, and their length in bytes.
func farmDocuments(b *testing.B) (docs []feeds.Document, length int) {
	n := farmFeeds
	if s := os.Getenv("NASHRA_BENCH_FEEDS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	dir := b.TempDir()
	if out, err := exec.Command("go", "run", "../../cmd/feedfarm", "dump", "-n", strconv.Itoa(n), "-dir", dir).
		CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != n {
		b.Fatalf("%d documents: %v", len(names), err)
	}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		docs, length = append(docs, feeds.Document{Base: "https://farm.example/", Body: body, At: at}), length+len(body)
	}
	return docs, length
}

// cpuTime returns the CPU time that this process has used.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
