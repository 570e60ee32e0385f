package dedupe_test

import (
	"fmt"
	"strconv"
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

const launch = `<p>أعلنت شركة شاومي خلال مؤتمر صحفي في دبي عن هاتف جديد بشاشة منحنية وبطارية تدوم يومين، مع شحن ` +
	`لاسلكي سريع ومعالج حديث من كوالكوم.</p>`

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
		{"posted twice by its own outlet", func(it *feeds.Item) { it.SourceID = "aitech" }, feeds.Update,
			"identity: same words"},
		{"posted again by its own outlet", func(it *feeds.Item) {
			it.SourceID, it.Published = "aitech", noon.Add(49*time.Hour)
		}, feeds.Lead, ""},
		{"with another title by its own outlet", func(it *feeds.Item) {
			it.SourceID, it.Title = "aitech", "شاومي تكشف رسميا عن هاتفها"
		}, feeds.Update, "copy: likeness 0."},
		{"headline marked urgent", func(it *feeds.Item) {
			it.Title = "عاجل: " + it.Title
		}, feeds.Copy, "copy: likeness 0.9"},
		{"in English", func(it *feeds.Item) { it.Lang = "en" }, feeds.Lead, ""},
		{"four days later", func(it *feeds.Item) {
			it.Published = noon.Add(96 * time.Hour)
			it.Title = "بالصور: " + it.Title
		}, feeds.Lead, ""},
		{"the same words four days later", func(it *feeds.Item) {
			it.Published = noon.Add(96 * time.Hour)
		}, feeds.Copy, "identity: same words"},
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
		if got := made[1]; got.kind != c.want || !strings.HasPrefix(got.why, c.why) ||
			(made[0].story == got.story) != (c.want != feeds.Lead) {
			t.Errorf("%s: %+v, want %q %q", c.name, got, c.want, c.why)
		}
	}
}

func TestBareHeadlinesStayApart(t *testing.T) {
	items := []feeds.Item{
		item("a", "1", "عاجل", ""), item("b", "1", "عاجل", ""), // may be any news
		item("a", "2", "خبر عاجل", ""), item("b", "2", "خبر عاجل", ""),
		item("a", "3", "", ""), item("b", "3", "", ""),
		item("a", "4", "تعطل واتساب في مصر والعراق", ""), // too short for a cosine
		item("b", "4", "تعطل واتساب في مصر", ""),
		// An address of a whole site identifies no item.
		{SourceID: "a", GUID: "5", URL: "https://a.example/", Seen: noon, Text: feeds.Text{Lang: "ar", Title: "واحد"}},
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
	same := []feeds.Item{item("a", "7", "تعطل واتساب في مصر والعراق", ""), item("b", "7", "تعطّل «واتساب» في مصر "+
		"والعراق!", "")}
	if p := group(t, same); p[0].story != p[1].story {
		t.Error("equal short texts stayed apart")
	}
	same[1].Published = noon.Add(96 * time.Hour)
	if p := group(t, same); p[0].story == p[1].story {
		t.Error("the same short headline days later was taken for the same news")
	}
}

// Stories that are only called the same stay apart, whatever the length of their titles and texts.
func TestSameTitlesOfOtherStoriesStayApart(t *testing.T) {
	texts := []string{launch, "تفاصيل الخبر في النسخة الورقية غدا", "شاهد المقطع كاملا على قناتنا الليلة",
		`<p>استدعت شركة السيارات ثلاثين ألف سيارة كهربائية في أوروبا لإصلاح خلل في المكابح، وقالت إن أحدا لم ` +
			`يصب، وإن الإصلاح مجاني لدى الوكلاء.</p>`,
		`<p>حصلت شركة ناشئة في عمّان على تمويل لتوسيع منصتها التعليمية، وتنوي توظيف خمسين مهندسا وافتتاح مكتب في ` +
			`الرياض قبل الصيف.</p>`}
	var items []feeds.Item
	for i, title := range []string{"", "واتساب", "أخبار اليوم", "نشرة الأخبار: أبرز ما حدث هذا الأسبوع في عالم " +
		"الهواتف والسيارات والبرامج والألعاب"} {
		for j, text := range texts {
			items = append(items, item([]string{"a", "b", "c"}[j%3], fmt.Sprint(i, "-", j), title, text))
		}
	}
	first := map[string]int{}
	for i, p := range group(t, items) {
		if j, ok := first[p.story]; !ok {
			first[p.story] = i
		} else if items[i].Body != items[j].Body {
			t.Errorf("%q, %.60q joined %q, %.60q: %s",
				items[i].Title, items[i].Body, items[j].Title, items[j].Body, p.why)
		}
		if len(p.linked) > 0 {
			t.Errorf("%q, %.60q is linked: %v", items[i].Title, items[i].Body, p.linked)
		}
	}
}

// A flood of one text is one story, whether its outlets are many or one.
func TestAFloodIsOneStory(t *testing.T) {
	const many = 600
	var items []feeds.Item
	for i := range many {
		source := "a"
		if i%2 == 0 {
			source = "s" + strconv.Itoa(i)
		}
		items = append(items, item(source, strconv.Itoa(i), "شاومي تكشف عن هاتفها الجديد", launch))
	}
	items = append(items, item("z", "other", "ثغرة في متصفح كروم", "اكتشف باحثون ثغرة خطيرة في متصفح كروم تتيح "+
		"للمهاجمين سرقة كلمات السر من الحواسيب"))
	stories := map[string]bool{}
	for _, p := range group(t, items) {
		stories[p.story] = true
	}
	delete(stories, "") // of one outlet's printings some are not read
	if len(stories) != 2 {
		t.Errorf("%d stories, want two", len(stories))
	}
}

// An English item is no other outlet's translation, even under its address; it may report the same event.
func TestEnglishIsLinkedAndNeverFolded(t *testing.T) {
	arabic := item("aitech", "1", "أنثروبيك تجمع 13 مليار دولار بتقييم 183 مليارا", `<p>أعلنت أنثروبيك مطورة `+
		`Claude جولة تمويل قيمتها 13 مليار دولار بقيادة Iconiq، فبلغ تقييمها 183 مليار دولار.</p>`)
	english := item("press", "2", "Anthropic raises $13 billion at $183 billion valuation", `<p>Anthropic, maker `+
		`of Claude, raised $13 billion in a round led by Iconiq at a valuation of $183 billion.</p>`)
	english.Lang = "en"
	mixed := arabic // words, address and all, said to be English
	mixed.SourceID, mixed.GUID, mixed.Lang = "mixed", "3", "en"
	same := english
	same.SourceID, same.GUID, same.URL = "other", "4", arabic.URL
	for name, others := range map[string][]feeds.Item{
		"first": {arabic, english, same, mixed},
		"last":  {english, same, mixed, arabic},
	} {
		for i := range others {
			others[i].Published = noon.Add(time.Duration(i) * time.Minute)
		}
		made := map[string]placed{}
		for i, p := range group(t, others) {
			made[others[i].SourceID] = p
		}
		for _, source := range []string{"press", "other", "mixed"} {
			if made[source].story == made["aitech"].story {
				t.Errorf("Arabic %s: the item of %s is folded: %+v", name, source, made[source])
			}
		}
		if why := made["press"].linked[made["aitech"].story]; !strings.HasPrefix(why, "event: "+
			"") || !strings.Contains(why, "anthropic") || !strings.Contains(why, "13000000000") {
			t.Errorf("Arabic %s: linked by %q", name, why)
		}
		if made["other"].story != made["press"].story {
			t.Errorf("Arabic %s: two printings in English stay apart: %+v", name, made["other"])
		}
	}
}
