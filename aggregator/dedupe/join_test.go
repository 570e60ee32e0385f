package dedupe_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// item is one that was published and seen at noon.
func item(source, guid, title, body string) feeds.Item {
	return feeds.Item{SourceID: source, GUID: guid, URL: "https://" + source + ".example/" + guid,
		Text: feeds.Text{Lang: "ar", Title: title, Body: body}, Published: noon, Seen: noon}
}

const launch = `<p>أعلنت شركة شاومي خلال مؤتمر صحفي في دبي عن هاتف جديد بشاشة منحنية وبطارية تدوم يومين، مع شحن لاسلكي سريع ومعالج حديث من كوالكوم.</p>`

func TestDecide(t *testing.T) {
	first := item("aitech", "1", "شاومي تكشف عن هاتفها الجديد", launch)
	for _, c := range []struct {
		name string
		edit func(*feeds.Item)
		want feeds.Kind
		why  string // its start
	}{
		{"same words elsewhere", func(it *feeds.Item) {}, feeds.Copy, "identity: same words"},
		{"same address, other words", func(it *feeds.Item) {
			it.URL = "HTTPS://AITech.example:443/1?utm_source=rss#top"
			it.Title, it.Body = "عنوان آخر", "نص آخر لا يشبه الأول في شيء"
		}, feeds.Lead, ""}, // anyone may write another's address
		{"same address, a headline of it", func(it *feeds.Item) {
			it.URL = "HTTPS://AITech.example:443/1?utm_source=rss#top"
			it.Title, it.Body = "عبر موقع التقنية: شاومي تكشف عن هاتفها", ""
		}, feeds.Copy, "identity: same address"},
		{"edited by its own outlet", func(it *feeds.Item) {
			it.SourceID, it.Title = "aitech", "شاومي تكشف رسميا عن هاتفها"
		}, feeds.Update, "copy: cosine 0.9"},
		{"headline marked urgent", func(it *feeds.Item) { it.Title = "عاجل: " + it.Title }, feeds.Copy, "copy: cosine 0.9"},
		{"in English", func(it *feeds.Item) { it.Lang = "en" }, feeds.Lead, ""},
		{"four days later", func(it *feeds.Item) {
			it.Published = noon.Add(96 * time.Hour)
			it.Title = "بالصور: " + it.Title
		}, feeds.Lead, ""},
		{"the same words four days later", func(it *feeds.Item) { it.Published = noon.Add(96 * time.Hour) }, feeds.Copy, "identity: same words"},
		{"something else", func(it *feeds.Item) {
			it.Title, it.Body = "ثغرة في متصفح كروم", "اكتشف باحثون ثغرة خطيرة"
		}, feeds.Lead, ""},
	} {
		it := item("khabar", "2", first.Title, first.Body)
		c.edit(&it)
		made := group(t, []feeds.Item{first, it})
		if c.want == feeds.Update { // the later one leads
			made[0], made[1] = made[1], made[0]
		}
		if got := made[1]; got.kind != c.want || !strings.HasPrefix(got.why, c.why) || (made[0].story == got.story) != (c.want != feeds.Lead) {
			t.Errorf("%s: %+v, want %q %q", c.name, got, c.want, c.why)
		}
	}
}

func TestBareHeadlinesStayApart(t *testing.T) {
	items := []feeds.Item{
		item("a", "1", "عاجل", ""), item("b", "1", "عاجل", ""), // may be any news
		item("a", "2", "خبر عاجل", ""), item("b", "2", "خبر عاجل", ""),
		item("a", "3", "", ""), item("b", "3", "", ""),
		item("a", "4", "تعطل واتساب في مصر والعراق", ""), item("b", "4", "تعطل واتساب في مصر", ""), // too short to be alike
		{SourceID: "a", GUID: "5", URL: "https://a.example/", Seen: noon, Text: feeds.Text{Lang: "ar", Title: "واحد"}}, // the front page
		{SourceID: "a", GUID: "6", URL: "https://a.example", Seen: noon, Text: feeds.Text{Lang: "ar", Title: "اثنان"}},
	}
	all := group(t, items)
	seen := map[string]int{}
	for i, p := range all {
		if j, ok := seen[p.story]; ok {
			t.Errorf("%q joined %q", items[i].Title, items[j].Title)
		}
		seen[p.story] = i
	}
	same := []feeds.Item{item("a", "7", "تعطل واتساب في مصر والعراق", ""), item("b", "7", "تعطّل «واتساب» في مصر والعراق!", "")}
	if p := group(t, same); p[0].story != p[1].story {
		t.Error("equal short texts stayed apart")
	}
	same[1].Published = noon.Add(96 * time.Hour)
	if p := group(t, same); p[0].story == p[1].story {
		t.Error("the same short headline days later was taken for the same news")
	}
}
