package dedupe_test

import (
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

func TestAnotherItemUnderOneKey(t *testing.T) {
	stored := item("a", "1", "شاومي تكشف عن هاتفها الجديد", launch)
	const other = "<p>اكتشف باحثون ثغرة خطيرة في متصفح كروم تتيح للمهاجمين سرقة كلمات السر من الحواسيب المكتبية.</p>"
	for _, c := range []struct {
		what               string
		title, text, link  string
		days               int
		another, undatedly bool // with dates and without
	}{
		{"another title, text and date", "ثغرة في متصفح كروم", other, "", 1, true, true},
		{"a rewritten item of the same date", "ثغرة في متصفح كروم", other, "", 0, false, true},
		{"a headline edited", "شاومي تكشف عن هاتفها القابل للطي", other, "", 1, false, false},
		{"another headline over the same text", "مفاجأة من دبي", launch, "", 1, false, false},
		{"text added", "مباشر من دبي: مؤتمر صحفي", launch + other, "", 1, false, false},
		{"another number in a series", "شاومي تكشف عن هاتفها الجديد 15", launch + "<p>السعر 300</p>", "", 1, false,
			false},
		{"the same title over a new text", stored.Title, other, "", 1, false, false},
		{"the same title over a new text on another page", stored.Title, other, "https://a.example/2", 1, true, true},
		{"the same title and text on another page", stored.Title, launch, "https://a.example/2", 1, false, false},
	} {
		it := stored
		it.Title, it.Body, it.Published = c.title, c.text, noon.AddDate(0, 0, c.days)
		if c.link != "" {
			it.URL = c.link
		}
		if got := dedupe.Another(stored, it); got != c.another {
			t.Errorf("%s: %v", c.what, got)
		}
		if it.Published = (time.Time{}); dedupe.Another(stored, it) != c.undatedly {
			t.Errorf("%s, undated: %v", c.what, !c.undatedly)
		}
	}
	daily := func(day string, days int) feeds.Item {
		it := item("a", "1", "أسعار الذهب يوم "+day,
			"<p>هذه أسعار الذهب في الأسواق المحلية كما وردت صباح يوم "+day+".</p>")
		it.Published = noon.AddDate(0, 0, days)
		return it
	}
	if !dedupe.Another(daily("الخميس", 0), daily("الأربعاء", 6)) {
		t.Error("a daily item under one key is taken for an edit")
	}
}
