package render

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

// BenchmarkNineFiles writes a channel of 100 stories in both languages, each copied once: summaries
// of two paragraphs (a bilingual file of 350 KB), and whole articles of eight (710 KB).
func BenchmarkNineFiles(b *testing.B) {
	for _, paragraphs := range []int{2, 8} {
		b.Run(fmt.Sprintf("paragraphs=%d", paragraphs), func(b *testing.B) { benchNineFiles(b, paragraphs) })
	}
}

func benchNineFiles(b *testing.B, paragraphs int) {
	site, ch, shelf := shelf()
	var stories []feeds.Story
	for i := range 100 {
		s := shelf[0]
		s.ID = fmt.Sprintf("%016x", i)
		s.Body = strings.Repeat(
			"<p>أعلنت الشركة عن <a href=\"https://a.example/\">نموذج جديد</a> للاستدلال يعمل بكلفة أقل بنسبة 63% "+
				"من سابقه ويتاح للمطورين ابتداء من اليوم، وقالت إنه يتفوق في اختبارات الرياضيات والبرمجة.</p>",
			paragraphs,
		)
		s.Translation.Body = strings.Repeat(
			"<p>The company announced <a href=\"https://a.example/\">a new model</a> for reasoning that runs at "+
				"a cost 63% below its predecessor's and is open to developers from today.</p>",
			paragraphs,
		)
		stories = append(stories, s)
	}
	for b.Loop() {
		var first counter
		w := NewWriter(site, ch, listed(stories))
		for _, e := range feeds.Editions {
			for _, f := range feeds.Formats {
				n := new(counter)
				if e == feeds.Bilingual && f == feeds.Atom {
					n = &first
				}
				if err := w.Begin(n, e, f); err != nil {
					b.Fatal(err)
				}
			}
		}
		fill(b, w, stories)
		b.SetBytes(int64(first))
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
