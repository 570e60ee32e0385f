package config

import (
	"fmt"
	"strings"
	"testing"
)

// manySources returns a config of n sources, as AddSources writes them or as people do, and of the
// 197 channels that Kagi's list of feeds would make.
func manySources(n int, byHand bool) []byte {
	entry := "  - {url: \"https://host%d.example.com/feed/%d\", id: \"f%d\", title: \"Outlet %d\", tags: [\"t%d\"]}\n"
	if byHand {
		entry = "  - url: https://host%d.example.com/feed/%d\n    id: f%d\n    title: Outlet %d\n    tags: [t%d]\n" +
			"    timezone: Africa/Cairo\n"
	}
	var b strings.Builder
	b.WriteString("sources:\n")
	for i := range n {
		fmt.Fprintf(&b, entry, i/2, i, i, i, i%197)
	}
	b.WriteString("channels:\n")
	for i := range 197 {
		fmt.Fprintf(&b, "  - {id: c%d, tags: [t%d], sources: [f%d]}\n", i, i, n-1)
	}
	return []byte(b.String())
}

// Ten thousand sources are within the limits on files.
func TestTenThousandSourcesAreRead(t *testing.T) {
	for _, byHand := range []bool{false, true} {
		text := manySources(10_104, byHand)
		c, err := parse("many.yaml", text, none)
		if err != nil || len(c.Sources) != 10_104 || c.Sources[10_103].ID != "f10103" || len(text) > maxFileBytes {
			t.Errorf("by hand %t: %d bytes: %v", byHand, len(text), err)
		}
	}
}

func BenchmarkManySources(b *testing.B) {
	for _, byHand := range []bool{false, true} {
		text := manySources(10_000, byHand)
		b.Run(fmt.Sprintf("byHand=%t", byHand), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parse("many.yaml", text, none); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
