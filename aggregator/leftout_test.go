package aggregator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
)

// titles returns the titles of all stories, sorted.
func (r *rig) titles(t testing.TB) (out []string) {
	t.Helper()
	list, err := r.st.Stories(t.Context(), feeds.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		out = append(out, s.Title)
	}
	slices.Sort(out)
	return out
}

// entryOf is an RSS item of its own, published n minutes after eight.
func entryOf(id, title string, n int) string {
	return fmt.Sprintf("<item><title>%[1]s</title><link>https://news.example/%[2]s</link><guid>%[2]s</guid>"+
		"<category>صنف%[2]s</category><pubDate>Tue, 24 Nov 2026 08:%02[3]d:00 GMT</pubDate>"+
		"<description>&lt;p class=\"k%[2]s\"&gt;نص %[1]s %[2]s وحده&lt;/p&gt;</description></item>", title, id, n)
}

func TestRulesChooseWhatBecomesAStory(t *testing.T) {
	items := []string{entryOf("a", "حاسوب رخيص", 1), entryOf("b", "إعلان ممول", 2), entryOf("c", "هاتف قديم", 3)}
	for name, c := range map[string]struct {
		source feeds.Source
		want   string
		left   int
	}{
		"no rule":     {feeds.Source{}, "إعلان ممول,حاسوب رخيص,هاتف قديم", 0},
		"exclude":     {feeds.Source{Exclude: []string{"اعلان"}}, "حاسوب رخيص,هاتف قديم", 1},
		"include":     {feeds.Source{Include: []string{"/حاسوب|هاتف/"}}, "حاسوب رخيص,هاتف قديم", 1},
		"by text":     {feeds.Source{Exclude: []string{"a وحده"}}, "إعلان ممول,هاتف قديم", 1},
		"by category": {feeds.Source{Include: []string{"صنفa"}}, "حاسوب رخيص", 2},
		"not by markup": {feeds.Source{Exclude: []string{"class", "ka", "/<p/"}},
			"إعلان ممول,حاسوب رخيص,هاتف قديم", 0},
		"max, newest first":   {feeds.Source{Max: 2}, "إعلان ممول,هاتف قديم", 1},
		"max of what is left": {feeds.Source{Max: 1, Exclude: []string{"هاتف"}}, "إعلان ممول", 2},
		"max beyond all":      {feeds.Source{Max: 9}, "إعلان ممول,حاسوب رخيص,هاتف قديم", 0},
		"nothing":             {feeds.Source{Include: []string{"لا شيء"}}, "", 3},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, map[string]string{"/one": rss(items...)})
			c.source.ID, c.source.URL = "one", r.opt.Sources[0].URL
			r.opt.Sources[0] = c.source
			rep := r.pass(t)
			if got := strings.Join(r.titles(t), ","); got != c.want {
				t.Errorf("stories: %s, want %s", got, c.want)
			}
			if rep.Polled.New != 3 || rep.Polled.LeftOut != c.left {
				t.Errorf("polled: %+v", rep.Polled.Arrived)
			}
		})
	}
}

func TestWhatIsLeftOutStaysSo(t *testing.T) {
	r := newRig(t, map[string]string{"/one": rss(entryOf("a", "خبر أول", 1), entryOf("b", "إعلان ثان", 2))})
	src := &r.opt.Sources[0]
	src.Exclude = []string{"إعلان"}
	r.pass(t)
	again := func(page string) aggregator.Report {
		t.Helper()
		r.pages["/one"], r.time = page, r.time.Add(time.Hour)
		return r.pass(t)
	}
	src.Exclude = nil
	again(rss(entryOf("a", "خبر أول", 1), entryOf("b", "خبر ثان", 2)))
	if got := r.titles(t); !slices.Equal(got, []string{"خبر أول"}) {
		t.Errorf("without the rule: %v", got)
	}
	src.Max = 1
	rep := again(rss(entryOf("a", "خبر معدل", 1), entryOf("b", "خبر ثان", 2), entryOf("c", "خبر ثالث", 3),
		entryOf("d", "خبر رابع", 4)))
	if got := r.titles(t); !slices.Equal(got, []string{"خبر رابع", "خبر معدل"}) || rep.Polled.LeftOut != 1 {
		t.Errorf("with max: %v, %+v", got, rep.Polled.Arrived)
	}
	src.Include = []string{"لا شيء"} // stories that are there stay
	again(rss(entryOf("a", "خبر معدل ثانية", 1)))
	if got := r.titles(t); !slices.Equal(got, []string{"خبر رابع", "خبر معدل ثانية"}) {
		t.Errorf("with a later rule: %v", got)
	}
}

// A moved key makes no new item.
func TestMaxCountsNewItemsOnly(t *testing.T) {
	r := newRig(t, map[string]string{"/one": rss(entryOf("a", "خبر أول", 1))})
	r.opt.Sources[0].Max = 1
	r.pass(t)
	moved := strings.Replace(entryOf("a", "خبر أول", 1), "<guid>a</guid>", "<guid>z</guid>", 1)
	r.pages["/one"], r.time = rss(moved, entryOf("b", "خبر ثان", 0)), r.time.Add(time.Hour)
	rep := r.pass(t)
	if got := r.titles(t); len(got) != 2 || rep.Polled.LeftOut != 0 {
		t.Errorf("%v, %+v", got, rep.Polled.Arrived)
	}
}

func TestTextsAreReplacedAtTheNextPublishing(t *testing.T) {
	page := rss(article("1", "جوجل تطلق نموذجا جديدا - موقع التقنية", firstText, secondText))
	copied := rss(article("2", "جوجل تطلق نموذجا جديدا", firstText, secondText))
	r := newRig(t, map[string]string{"/one": page, "/two": copied})
	for i := range r.opt.Sources {
		r.opt.Sources[i].Replace = []feeds.Replacement{{From: "جوجل", To: "غوغل"}}
	}
	r.opt.Sources[0].Replace = append(r.opt.Sources[0].Replace, feeds.Replacement{From: "- موقع التقنية"},
		feeds.Replacement{From: "OpenAI", To: `<img src=x onerror=alert(1)>`})
	r.opt.Channels[0].Exclude = []string{"موقع التقنية"}
	r.pass(t)
	shown := func() string {
		t.Helper()
		return r.files(t)["feed.atom"]
	}
	first := shown()
	if !strings.Contains(first, "غوغل تطلق نموذجا جديدا") || strings.Contains(first, "جوجل") ||
		strings.Contains(first, "موقع التقنية") || strings.Contains(first, "<img src") ||
		strings.Contains(first, "&lt;img src") || !strings.Contains(first, "&amp;lt;img src=x onerror") {
		t.Errorf("published:\n%s", first)
	}
	if got := r.titles(t); !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "جوجل") }) {
		t.Errorf("stored: %v", got)
	}
	for i := range r.opt.Sources {
		r.opt.Sources[i].Replace = nil
	}
	r.opt.Channels[0].Exclude = nil
	r.time = r.time.Add(time.Hour)
	r.pass(t) // the documents are unchanged
	if got := shown(); !strings.Contains(got, "جوجل") || strings.Contains(got, "غوغل") {
		t.Errorf("without the rules:\n%s", got)
	}
}

// Stored texts have no classes any more, so items in the document are read anew for other selectors.
func TestDroppedPartsAreLeftOutOfItemsInTheFeed(t *testing.T) {
	body := `&lt;p class="lead"&gt;` + firstText + `&lt;/p&gt;` +
		`&lt;div class="more"&gt;صور من المعرض الكبير في المدينة&lt;/div&gt;`
	page := rss("<item><title>خبر</title><guid>1</guid><link>https://news.example/1</link><description>" + body +
		"</description></item>")
	r := newRig(t, map[string]string{"/one": page})
	r.header["/one"] = http.Header{"Etag": {`"1"`}}
	src := &r.opt.Sources[0]
	for i, c := range []struct {
		drop []string
		want string // of the classes in the text
	}{
		{nil, "lead more"}, {[]string{".more"}, "lead"}, {[]string{".more"}, "lead"},
		{[]string{".lead", ".none"}, "more"}, {[]string{"*"}, ""}, {nil, "lead more"},
	} {
		src.Drop = c.drop
		rep := r.pass(t)
		list, err := r.st.Stories(t.Context(), feeds.Query{Limit: 2})
		if err != nil || len(list) != 1 || len(rep.Polled.Errors) != 0 {
			t.Fatal(list, err, rep.Polled.Errors)
		}
		got := ""
		for _, part := range [][2]string{{"lead", "OpenAI"}, {"more", "المعرض"}} {
			if strings.Contains(list[0].Main(), part[1]) {
				got = strings.TrimSpace(got + " " + part[0])
			}
		}
		if got != c.want || list[0].Title != "خبر" {
			t.Errorf("%d: drop %q leaves %q of %s, want %q", i, c.drop, got, list[0].Main(), c.want)
		}
		r.time = r.time.Add(time.Hour)
	}
}
