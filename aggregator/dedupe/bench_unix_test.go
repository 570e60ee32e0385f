//go:build unix

package dedupe_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/translate/arabic"
)

// cpu is what this process has used: the collector's work counts.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSign signs the entries of a farm.
func BenchmarkSign(b *testing.B) {
	items := farm(b, 60)
	bytes, stored := 0, 0
	for _, it := range items {
		sig, _ := dedupe.Sign(it.Item, arabic.Lexicon{}).MarshalBinary()
		bytes, stored = bytes+len(it.Title)+len(it.Main()), stored+len(sig)
	}
	b.ReportAllocs()
	begun := cpu(b)
	n := 0
	for b.Loop() {
		dedupe.Sign(items[n%len(items)].Item, arabic.Lexicon{})
		n++
	}
	used := (cpu(b) - begun).Seconds()
	b.ReportMetric(float64(n)/used, "items/CPU-s")
	b.ReportMetric(float64(bytes)/float64(len(items))*float64(n)/used/1e6, "MB/CPU-s")
	b.ReportMetric(float64(stored)/float64(len(items)), "stored-B/item")
}

// BenchmarkNear asks an index of a farm's entries for those near each of them.
func BenchmarkNear(b *testing.B) {
	var all []dedupe.Keys
	for _, it := range farm(b, 60) {
		p := printing(it.Item)
		all = append(all, p.Signature.Keys())
	}
	index := dedupe.NewIndex(all)
	for i, keys := range all {
		index.Insert(int64(i), keys)
	}
	b.ReportAllocs()
	begun := cpu(b)
	n, found := 0, 0
	for b.Loop() {
		found += len(index.Near(all[n%len(all)]))
		n++
	}
	b.ReportMetric(float64(n)/(cpu(b)-begun).Seconds(), "asks/CPU-s")
	b.ReportMetric(float64(found)/float64(n), "found/ask")
}
