package dedupe_test

import (
	"reflect"
	"testing"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// TestGist holds that Gists, also when encoded and decoded, rule out most candidates that Decide rejects,
// and no others.
func TestGist(t *testing.T) {
	var all []feeds.Item
	for _, it := range farm(t, 40) {
		all = append(all, it.Item)
	}
	for _, l := range append(read(t, "testdata/labelled.jsonl"), read(t, "testdata/later.jsonl")...) {
		all = append(all, l.item())
	}
	printings := make([]dedupe.Printing, len(all))
	var x dedupe.Index
	for i, it := range all {
		printings[i] = printing(it)
		x.Insert(dedupe.File(printings[i]))
	}
	var kept dedupe.Gist // used again, as the store does
	found, apart, worth := 0, 0, 0
	for i, it := range all {
		f := dedupe.File(printings[i])
		b, _ := f.Gist.AppendBinary([]byte("before"))
		left, err := kept.Read(append(b, "after"...)[len("before"):])
		if err != nil || string(left) != "after" {
			t.Fatalf("%q is left, %v", left, err)
		}
		again, _ := kept.AppendBinary([]byte("before"))
		if !reflect.DeepEqual(again, b) {
			t.Fatalf("kept as %x, then as %x", b, again)
		}
		for n := len("before"); n < len(b); n++ {
			if _, err := new(dedupe.Gist).Read(b[len("before"):n]); err == nil {
				t.Fatalf("%d of %d bytes are read", n, len(b))
			}
		}
		f.Gist = kept
		for _, n := range x.Near(f) {
			found++
			other := all[n.Number]
			c := dedupe.Candidate{Hit: dedupe.Hit{Story: "other"}, Printing: printings[n.Number]}
			switch w := dedupe.Worth(printings[i], c); {
			case w && n.Apart:
				t.Fatalf("%q and %q are parted", it.Title, other.Title)
			case n.Apart:
				apart++
			case w:
				worth++
			}
		}
	}
	t.Logf("%d pairs found, %d parted, %d worth comparing", found, apart, worth)
	if worth < 100 || apart < (found-worth)*95/100 {
		t.Errorf("of %d pairs %d are parted, and %d worth comparing", found, apart, worth)
	}
}
