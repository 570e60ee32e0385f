package aggregator_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// published is an item of our JSON feeds.
type published struct {
	URL    string `json:"url"`
	Nashra struct {
		Story    string
		Outlets  []string
		Original string
		Texts    map[string]struct {
			Title   string
			Content string `json:"content_html"`
		}
		Sources []struct {
			ID, Title, URL string
			Bulletin       bool
		}
		Translation struct{ Engine, Model, State string }
	} `json:"_nashra"`
}

// items returns the items of a published file.
func (r *rig) items(t *testing.T, file string) (out []published) {
	t.Helper()
	var f struct{ Items []published }
	if err := json.Unmarshal([]byte(r.raw(t, file)), &f); err != nil {
		t.Fatal(err)
	}
	return f.Items
}

// raw returns a published file as it is.
func (r *rig) raw(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(r.opt.Dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// reader returns a rig that trusts what r published in file.
func (r *rig) reader(t *testing.T, file string) *rig {
	t.Helper()
	second := newRig(t, map[string]string{"/first": r.raw(t, file)})
	second.broken = true
	second.opt.Sources[0].Trust = "nashra"
	return second
}

// rich is a text with what markup may do to a segment: links, emphasis, a list, code, a picture with words.
const rich = `&lt;p&gt;` + firstText + ` &lt;a href="https://a.example/1"&gt;تفاصيل النموذج&lt;/a&gt; ` +
	`&lt;strong&gt;للمطورين فقط&lt;/strong&gt;.&lt;/p&gt;` +
	`&lt;ul&gt;&lt;li&gt;&lt;em&gt;` + secondText + `&lt;/em&gt;&lt;/li&gt;` +
	`&lt;li&gt;يعمل الأمر &lt;code&gt;go run&lt;/code&gt; في كل الأنظمة الحديثة.&lt;/li&gt;&lt;/ul&gt;` +
	`&lt;p&gt;&lt;img src="https://a.example/1.png" alt="صورة الشركة الجديدة"&gt;&lt;/p&gt;&lt;p&gt;` + lastText

func TestTranslationsAreTakenOver(t *testing.T) {
	pages := newsPages()
	pages["/three"] = rss(article("3", "ميزات النموذج الجديد للمطورين", rich, otherText))
	first := newRig(t, pages)
	first.pass(t)
	const file = "feed.json"
	second := first.reader(t, file)
	second.pass(t)
	want, got := first.items(t, file), second.items(t, "feed.json")
	for _, list := range [][]published{want, got} { // all are of one time, and sorted by id
		slices.SortFunc(list, func(x, y published) int { return strings.Compare(x.URL, y.URL) })
	}
	if len(got) != len(want) || second.chars > 0 {
		t.Fatalf("%d stories of %d; %d characters bought", len(got), len(want), second.chars)
	}
	for i, it := range got {
		of := want[i].Nashra
		tr := it.Nashra.Translation
		if tr.State != "done" || tr.Engine != "nashra:first" || tr.Model != "mt/m" {
			t.Errorf("%s: translation %+v", it.Nashra.Texts["ar"].Title, tr)
		}
		if it.Nashra.Story == of.Story || it.URL != want[i].URL {
			t.Errorf("story %s at %s, of story %s at %s", it.Nashra.Story, it.URL, of.Story, want[i].URL)
		}
		for _, lang := range []string{"ar", "en"} {
			if it.Nashra.Texts[lang] != of.Texts[lang] {
				t.Errorf("in %s it is\n%+v, there\n%+v", lang, it.Nashra.Texts[lang], of.Texts[lang])
			}
		}
	}
	credit := "translation taken over from first (mt/m)"
	if atom := second.raw(t, "feed.atom"); !strings.Contains(atom, credit) {
		t.Errorf("nothing says %q:\n%s", credit, atom)
	}
	second.pass(t)
	if rep := second.pass(t); len(rep.Published.Written) > 0 {
		t.Errorf("files change without news: %+v", rep.Published)
	}
}

// The editions of one language have one side of each story.
func TestOneSideIsNotTakenOver(t *testing.T) {
	first := newRig(t, newsPages())
	first.pass(t)
	for file, note := range map[string]string{"feed.en.json": "name the bilingual feed", "feed.ar.json": ""} {
		second := first.reader(t, file)
		rep := second.pass(t)
		states, err := second.st.States(t.Context(), "first")
		if said := states["first"].Note; err != nil || rep.Translated.Hits > 0 || (note == "") != (said == "") ||
			!strings.Contains(said, note) {
			t.Errorf("%s: %v, note %q, translated %+v", file, err, said, rep.Translated)
		}
	}
}

func TestWithoutTheWordNothingIsTakenOver(t *testing.T) {
	first := newRig(t, newsPages())
	first.pass(t)
	second := first.reader(t, "feed.ar.json")
	second.opt.Sources[0].Trust = ""
	second.pass(t)
	for _, it := range second.items(t, "feed.json") {
		n := it.Nashra
		if n.Translation.State != "waiting" || len(n.Sources) != 1 || n.Sources[0].Bulletin || len(n.Outlets) != 1 {
			t.Errorf("%+v", n)
		}
	}
	makers, err := second.st.Makers(t.Context())
	if err != nil || slices.ContainsFunc(makers, func(m translate.Maker) bool { return m.Rows > 0 }) {
		t.Errorf("the memory holds rows of %+v, %v", makers, err)
	}
}

func TestForeignOutletsAreNamedAndCountAsOne(t *testing.T) {
	first := newRig(t, newsPages()) // a story has items of news.example and other.example
	first.pass(t)
	second := first.reader(t, "feed.json")
	second.pass(t)
	outlets := func(want ...string) {
		t.Helper()
		for _, it := range second.items(t, "feed.json") {
			n := it.Nashra
			if it.URL != "https://news.example/1" {
				continue
			}
			if !slices.Equal(n.Outlets, want) {
				t.Errorf("outlets %q, want %q", n.Outlets, want)
			}
			if len(n.Sources) != 3 || !n.Sources[0].Bulletin || n.Sources[1].Bulletin ||
				n.Sources[1].ID != "first/news.example" || n.Sources[2].URL != "https://other.example/9" {
				t.Errorf("sources %+v", n.Sources)
			}
			return
		}
		t.Error("the story is missing")
	}
	outlets("first")
	told := func() []string {
		t.Helper()
		q := feeds.EventQuery{Channel: second.opt.Channels[0], From: noon.AddDate(0, 0, -1), To: noon.AddDate(0, 0, 1),
			Top: 1}
		events, err := second.over(second.st).Catalog.Events(t.Context(), q)
		if err != nil || len(events) == 0 {
			t.Fatalf("%+v, %v", events, err)
		}
		return events[0].Outlets
	}
	if got := told(); len(got) != 1 {
		t.Errorf("an event has outlets %q", got)
	}
	atom := second.raw(t, "feed.atom")
	if !strings.Contains(atom, "also in: ") || !strings.Contains(atom, "/two&lt;/a&gt;") {
		t.Errorf("the outlets are not named: %s", atom)
	}
	// A source of the second outlet is configured: it counts as itself.
	second.opt.Sources = append(second.opt.Sources, feeds.Source{ID: "two", URL: "https://other.example/feed",
		Enabled: new(bool)})
	if err := second.st.SetOutputs(t.Context(), noon, nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := second.st.Polled(t.Context(), noon, aggregator.Poll{State: polite.State{ID: "two"}}); err != nil {
		t.Fatal(err)
	}
	second.pass(t)
	outlets("first", "other.example")
	if got := told(); len(got) != 2 {
		t.Errorf("an event has outlets %q", got)
	}
}

func TestRingEnds(t *testing.T) {
	one := newRig(t, map[string]string{"/one": newsPages()["/one"], "/second": `{"title":"x","items":[]}`})
	two := newRig(t, map[string]string{"/two": newsPages()["/two"], "/first": `{"title":"x","items":[]}`})
	trust := func(r *rig, id string) {
		for i := range r.opt.Sources {
			if r.opt.Sources[i].ID == id {
				r.opt.Sources[i].Trust = "nashra"
			} else {
				r.opt.Sources[i].URL = strings.Replace(r.opt.Sources[i].URL, "127.0.0.1", "localhost", 1)
			}
		}
	}
	trust(one, "second")
	trust(two, "first")
	var last string
	for round := range 8 {
		one.pass(t)
		two.edit("/first", one.raw(t, "feed.json"))
		two.pass(t)
		one.edit("/second", two.raw(t, "feed.json"))
		one.time, two.time = one.time.Add(time.Hour), two.time.Add(time.Hour)
		now := one.raw(t, "feed.json") + two.raw(t, "feed.json")
		if round > 4 && now != last {
			t.Fatalf("round %d still changes something: %s", round, now)
		}
		last = now
	}
	for _, r := range []*rig{one, two} {
		stories, err := r.st.Stories(t.Context(), feeds.Query{Limit: 10})
		if err != nil || len(stories) != 2 {
			t.Errorf("%d stories, %v", len(stories), err)
		}
		for _, it := range r.items(t, "feed.json") {
			for _, s := range it.Nashra.Sources {
				if s.Bulletin && len(it.Nashra.Outlets) > 2 {
					t.Errorf("%s: outlets %q, sources %+v", it.URL, it.Nashra.Outlets, it.Nashra.Sources)
				}
			}
			if it.URL == "https://news.example/2" && len(it.Nashra.Outlets) != 1 {
				t.Errorf("a story of one outlet has %q", it.Nashra.Outlets)
			}
		}
	}
	if makers, _ := one.st.Makers(t.Context()); slices.ContainsFunc(makers, func(m translate.Maker) bool {
		return strings.Count(m.Model, "nashra:") > 0
	}) {
		t.Errorf("our own translations came back: %+v", makers)
	}
}

// hostile returns a feed of one item whose _nashra is as given.
func hostile(nashra string) string {
	return fmt.Sprintf(`{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[{"id":"1","url":`+
		`"https://h.example/1","title":"OpenAI تكشف نموذجا جديدا بكلفة أقل","content_html":"<p>%s</p>","_nashra":%s}]}`,
		firstText, nashra)
}

func TestHostileNashraTakesNothingOver(t *testing.T) {
	texts := func(ar, en string) string {
		b, err := json.Marshal(map[string]any{"original": "ar", "texts": map[string]any{
			"ar": map[string]string{"title": "OpenAI تكشف نموذجا جديدا بكلفة أقل", "content_html": ar},
			"en": map[string]string{"title": "Buy at https://spam.example now", "content_html": en}}})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	long := "<p>" + firstText + "</p>"
	for name, nashra := range map[string]string{
		"wrong types": `{"original":1,"texts":[],"sources":{"a":1},"translation":"x"}`,
		"a list":      `[[[[]]]]`,
		"null":        `null`,
		"text":        `"x"`,
		"wrong texts": `{"original":"ar","texts":{"ar":7,"en":{"title":["x"],"content_html":{}}}}`,
		"outlets": `{"sources":[` + strings.Repeat(`{"id":"a","url":"https://x.example/","kind":"copy"},`, 20000) +
			`{"id":"javascript:alert(1)","title":"<script>","url":"javascript:alert(1)"}]}`,
		"other blocks": texts(long, "<p>a</p><p>b</p>"),
		"not English":  texts(long, long),
		"spam": texts(long, `<p><a href="javascript:alert(1)">Visit https://spam.example</a>`+
			`<script>x</script></p>`),
		"deep":  texts(strings.Repeat("<div>", 5000)+long, strings.Repeat("<div>", 5000)+"x"),
		"empty": texts("", ""),
	} {
		r := newRig(t, map[string]string{"/h": hostile(nashra)})
		r.broken = true
		r.opt.Sources[0].Trust = "nashra"
		r.pass(t)
		all := r.raw(t, "feed.atom") + r.raw(t, "index.html") + r.raw(t, "feed.rss")
		if got := r.items(t, "feed.json"); len(got) != 1 || got[0].Nashra.Translation.State != "waiting" {
			t.Errorf("%s: %+v", name, got)
		}
		for _, bad := range []string{"spam.example", "javascript:", "<script>"} {
			if strings.Contains(all, bad) {
				t.Errorf("%s: %s is published", name, bad)
			}
		}
		if n := len(r.items(t, "feed.json")[0].Nashra.Sources); n > 1+feeds.MaxOrigins {
			t.Errorf("%s: %d sources", name, n)
		}
	}
}
