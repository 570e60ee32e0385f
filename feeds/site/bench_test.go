package site

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

// BenchmarkFiles renders the pages of 100 stories of eight paragraphs in both languages.
func BenchmarkFiles(b *testing.B) {
	var stories []feeds.Story
	for i := range 100 {
		s := shelf()[1]
		s.ID = fmt.Sprintf("%016x", i)
		s.Published = s.Published.AddDate(0, 0, -i/20)
		s.Body = strings.Repeat("<p>أعلنت الشركة عن <a href=\"https://a.example/\">نموذج جديد</a> للاستدلال يعمل بكلفة أقل بنسبة 63% من سابقه ويتاح للمطورين ابتداء من اليوم، وقالت إنه يتفوق في اختبارات الرياضيات والبرمجة.</p>", 8)
		s.Translation.Body = strings.Repeat("<p>The company announced <a href=\"https://a.example/\">a new model</a> for reasoning that runs at a cost 63% below its predecessor's and is open to developers from today.</p>", 8)
		stories = append(stories, s)
	}
	for b.Loop() {
		if _, err := NewBook(place, []feeds.Channel{tech}, stories).Files(); err != nil {
			b.Fatal(err)
		}
	}
}
