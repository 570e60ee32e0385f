//go:build unix

package translate_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/glossary"
)

// mostOverhead limits the CPU time of a segment without the engine: cutting, lookup, packing,
// checking, storing, assembling, sanitising.
const mostOverhead = 500 * time.Microsecond

// BenchmarkOverhead prints the CPU time of a segment over a real store with an instant engine: new,
// and when the memory has it.
func BenchmarkOverhead(b *testing.B) {
	terms, err := glossary.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	st := open(b)
	e := paid("mt", echo)
	e.limits.Segments, e.limits.Size = 128, 4500
	tr := translate.New(st, translate.Options{Titles: []translate.Engine{e}, Glossary: terms,
		Limits: []translate.Limit{{Chars: 1 << 40}}})
	var cpu [2]time.Duration
	segments := [2]int{}
	for round := 0; b.Loop(); round++ {
		in := newsPassages(b, round)
		for i := range cpu { // new, then remembered
			before := cpuTime()
			out, rep, err := tr.Translate(b.Context(), arEn, in)
			if err != nil {
				b.Fatal(err)
			}
			for _, p := range out {
				if p.Role == translate.Body {
					sanitize.HTML(p.Text, "")
				}
			}
			cpu[i] += cpuTime() - before
			segments[i] += rep.Segments
		}
		e.calls = nil
	}
	for i, name := range []string{"new", "remembered"} {
		each := cpu[i] / time.Duration(segments[i])
		b.ReportMetric(float64(each.Microseconds()), name+"-CPU-µs/segment")
		if each > mostOverhead {
			b.Errorf("a %s segment costs %v of CPU time besides the engine, want at most %v", name, each, mostOverhead)
		}
	}
}

// newsPassages returns the sample feeds' texts, each made new by a number.
func newsPassages(b *testing.B, round int) (in []translate.Passage) {
	f, err := os.Open("check/testdata/reference-en.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var p struct{ Item, Kind, Ar string }
		if err := json.Unmarshal(sc.Bytes(), &p); err != nil {
			b.Fatal(err)
		}
		text := fmt.Sprintf("%s %d", p.Ar, 1_000_000+round)
		if p.Kind == "title" {
			in = append(in, translate.Passage{Article: p.Item, Role: translate.Title, Text: text})
			continue
		}
		in = append(in, translate.Passage{Article: p.Item, Role: translate.Body, Text: `<p>` + html.EscapeString(text) +
			` <a href="https://news.example/">المصدر</a> <strong>هنا</strong></p>`})
	}
	return in
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
