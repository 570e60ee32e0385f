package aggregator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/storetest"
	"github.com/nashra/nashra/feeds"
)

// daily is a digest channel whose day ends at ten.
func daily() feeds.Channel {
	return feeds.Channel{ID: "daily", Title: map[string]string{"en": "The day"}, Limit: 30, Titles: "both",
		Digest: feeds.Schedule{Cron: "0 10 * * *", Timezone: "UTC", Top: 20, MinOutlets: 1}}
}

// pieces are headlines and texts of which none is like another.
var pieces = map[string][2]string{
	"a1":  {"سامسونج تؤجل إطلاق ساعتها الدائرية", "قررت الشركة الكورية تأخير موعد الساعة بسبب نقص الرقاقات في المصانع"},
	"a2":  {"المغرب يفتح أول مركز بيانات بالطاقة الشمسية", "يقع المركز قرب ورزازات ويستوعب ألفي خادم ويبرد بماء البحر"},
	"b1":  {"متصفح فايرفوكس يحجب النوافذ المنبثقة تلقائيا", "يصل التحديث إلى الحواسيب أولا ثم إلى الهواتف خلال الصيف"},
	"c0":  {"باحثون في القاهرة يطورون بطارية من الرمل", "تحتفظ البطارية بشحنتها شهرا كاملا وتصنع من مواد محلية رخيصة"},
	"d1":  {"لعبة تراثية سعودية تتصدر متاجر التطبيقات", "حملها مليون لاعب في أسبوع وترجمت حواراتها إلى تسع لغات"},
	"e1":  {"اختراق يكشف سجلات مرضى مستشفى في بيروت", "طلب المهاجمون فدية بالعملات الرقمية وأعلنت الوزارة فتح تحقيق"},
	"b9":  {"دبي تجرب سيارات أجرة بلا سائق في المطار", "تسير السيارات على مسار مخصص بسرعة لا تتجاوز ستين كيلومترا"},
	"b18": {"عمان تطلق قمرا صناعيا لمراقبة المحاصيل", "يدور القمر على ارتفاع خمسمئة كيلومتر ويرسل صورا كل ثلاث ساعات"},
	"b24": {"هواة يصلحون حاسوب أتاري من الثمانينيات", "استعان الفريق بمخططات ورقية وطابعة ثلاثية الأبعاد"},
	"b25": {"تونس تعتمد الهوية الرقمية في البريد", "يستخدم المواطنون رمزا سريا بدلا من الطوابير لاستلام الطرود"},
	"b26": {"سماعات جديدة تترجم المحادثات فورا", "تدعم السماعات أربعين لغة وتعمل دون اتصال وتباع بمئتي دولار"},
	"b27": {"إنتل تغلق مصنعها القديم في أريزونا", "ينتقل العمال إلى خط إنتاج أحدث بدقة تصنيع أصغر وتكاليف أقل"},
}

// newsAt returns one of pieces as an item of a day of November 2026.
func newsAt(id string, day int) string {
	text := article(id, pieces[id][0], pieces[id][1], "")
	return strings.ReplaceAll(text, "Tue, 24 Nov", fmt.Sprintf("%02d Nov", day))
}

// entries returns the published entries of the digest channel, the newest first, as "id title: stories".
func (r *rig) entries(t *testing.T) (ids, titles []string) {
	t.Helper()
	var f struct {
		Items []struct{ ID, Title string }
	}
	if err := json.Unmarshal([]byte(r.files(t)["daily.json"]), &f); err != nil {
		t.Fatal(err)
	}
	for _, it := range f.Items {
		ids, titles = append(ids, it.ID), append(titles, it.Title)
	}
	return ids, titles
}

// stored returns the digests of the channel, the oldest first, as "day: headline's outlets".
func (r *rig) stored(t *testing.T) (out []string) {
	t.Helper()
	list, err := r.st.Digests(t.Context(), "daily", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range slices.Backward(list) {
		line := d.To.Format("02") + ":"
		for _, e := range d.Events {
			s, err := r.st.Stories(t.Context(), feeds.Query{IDs: e.Stories[:1], Limit: 1})
			if err != nil || len(s) != 1 {
				t.Fatal(s, err)
			}
			line += " " + s[0].Items[0].GUID
		}
		out = append(out, line)
	}
	return out
}

func (r *rig) edit(path, document string) {
	r.publisher.mu.Lock()
	defer r.publisher.mu.Unlock()
	r.pages[path] = document
}

func TestADigestIsWrittenForEachPeriod(t *testing.T) {
	r := newRig(t, map[string]string{"/one": rss(newsAt("a1", 23), newsAt("b1", 24), newsAt("c0", 22)), "/two": rss()})
	r.opt.Channels = append(r.opt.Channels, daily())
	check := func(what string, want ...string) {
		t.Helper()
		if got := r.stored(t); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	rep := r.pass(t)
	// a1 is of the day before, which no digest has. b1 was published in the closed period.
	check("the first digest counts by publication", "24: b1")
	if n := len(rep.Digested.Written); n != 1 {
		t.Errorf("%d are reported", n)
	}
	ids, titles := r.entries(t)
	if len(ids) != 1 || !strings.HasPrefix(titles[0], "23–24 November 2026: ") {
		t.Errorf("%q", titles)
	}
	if rep := r.pass(t); len(rep.Digested.Written)+len(rep.Published.Written) > 0 {
		t.Errorf("the second pass writes %v, %q", rep.Digested.Written, rep.Published.Written)
	}
	// What the first digest saw counts as published; what comes later as seen.
	r.time = noon.Add(3 * time.Hour)
	r.edit("/two", rss(newsAt("d1", 24), newsAt("e1", 23)))
	r.pass(t)
	r.time = noon.AddDate(0, 0, 1)
	r.edit("/one", rss(newsAt("a2", 25)))
	r.pass(t)
	check("the second counts what came since", "24: b1", "25: d1 e1")
	r.time = noon.AddDate(0, 0, 2)
	r.pass(t)
	check("the third has what the pass after the second brought", "24: b1", "25: d1 e1", "26: a2")
	later, _ := r.entries(t)
	if len(later) != 3 || later[2] != ids[0] {
		t.Errorf("ids %q, at first %q", later, ids)
	}
	r.time = noon.AddDate(0, 0, 4)
	r.pass(t)
	check("a period without stories has no entry", "24: b1", "25: d1 e1", "26: a2")
}

// A first digest waits until sources are heard: one without a network would be empty.
func TestAFirstDigestWaitsForSources(t *testing.T) {
	r := newRig(t, map[string]string{"/one": rss(newsAt("b1", 24)), "/two": rss(newsAt("e1", 24))})
	r.opt.Channels = append(r.opt.Channels, daily())
	r.status["/one"], r.status["/two"] = http.StatusBadGateway, http.StatusBadGateway
	a := r.over(r.st)
	wants := func(what string, n int) {
		t.Helper()
		if got := len(r.stored(t)); got != n {
			t.Errorf("%s: %d digests", what, got)
		}
	}
	r.pass(t)
	wants("all failed", 0)
	r.status["/one"] = 0
	if _, err := a.Poll(t.Context(), func(aggregator.Poll, error) {}, true, "one"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Group(t.Context()); err != nil {
		t.Fatal(err)
	}
	d, err := a.Digest(t.Context())
	if err != nil || !d.Next.After(r.time) {
		t.Errorf("next at %v, %v", d.Next, err)
	}
	wants("one failed, one was heard", 1)
}

func TestMissedDigestsAreWritten(t *testing.T) {
	for name, without := range map[string]bool{"a month away": false, "the channel was removed and returns": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, map[string]string{"/one": rss(newsAt("a1", 24))})
			with := append(r.opt.Channels, daily())
			r.opt.Channels = with
			r.pass(t)
			if without {
				r.opt.Channels = with[:1]
			}
			for day := 1; day < 28; day++ { // polled and grouped by passes without the digest, or by none
				r.time = noon.AddDate(0, 0, day)
				if day%9 == 0 || day > 23 {
					at := r.time.Add(-4 * time.Hour)
					text := newsAt(fmt.Sprintf("b%d", day), 24)
					text = strings.ReplaceAll(text, "24 Nov 2026", at.Format("02 Jan 2006"))
					r.edit("/one", rss(text))
					a := r.over(r.st)
					if _, err := a.Poll(t.Context(), func(aggregator.Poll, error) {}, true, "one"); err != nil {
						t.Fatal(err)
					}
					if _, err := a.Group(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			r.opt.Channels = with
			r.time = noon.AddDate(0, 0, 28)
			if n := len(r.pass(t).Digested.Written); n != 4 {
				t.Errorf("%d are written", n)
			}
			want := []string{"24: a1", "19: b24", "20: b25", "21: b26", "22: b27"}
			if got := r.stored(t); !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func TestAWrittenDigestStays(t *testing.T) {
	r := newRig(t, newsPages())
	r.opt.Channels = append(r.opt.Channels, daily())
	r.opt.Sources[1].Outlet = "second"
	r.broken = true
	r.pass(t)
	digest := func() map[string]string {
		out := map[string]string{}
		for name, text := range r.files(t) {
			if strings.HasPrefix(name, "daily") || strings.HasPrefix(name, "digests/") {
				out[name] = text
			}
		}
		return out
	}
	waiting := digest()
	en := waiting["daily.en.atom"]
	if !strings.Contains(en, "[not translated]") || !strings.Contains(en, "2 outlets") {
		t.Fatalf("%s", en)
	}
	ids, _ := r.entries(t)
	r.broken = false
	r.time = noon.Add(time.Hour)
	r.pass(t)
	translated := digest()
	en = translated["daily.en.atom"]
	if now, _ := r.entries(t); !slices.Equal(now, ids) || strings.Contains(en, "[not translated]") {
		t.Errorf("%q, at first %q\n%s", now, ids, en)
	}
	// another outlet joins later, and one outlet reports something new
	r.opt.Sources = append(r.opt.Sources, feeds.Source{ID: "three", URL: r.URL + "/three", Outlet: "third"})
	r.edit("/three", strings.ReplaceAll(rss(article("7", "نموذج جديد من OpenAI بكلفة أقل", firstText, secondText)),
		"news.example", "third.example"))
	r.time = noon.Add(2 * time.Hour)
	if rep := r.pass(t); rep.Grouped.Joined != 1 {
		t.Fatalf("%+v", rep.Grouped)
	}
	if after := digest(); !maps.Equal(after, translated) {
		t.Errorf("%d files change when an outlet joins", differ(after, translated))
	}
	list, err := r.st.Digests(t.Context(), "daily", 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range list[0].Events {
		if err := r.st.Hide(t.Context(), e.Stories[0]); err != nil {
			t.Fatal(err)
		}
		r.pass(t)
		left, _ := r.entries(t)
		if want := len(list[0].Events) - 1 - i; len(left) != min(want, 1) {
			t.Errorf("%d entries after story %d was hidden", len(left), i+1)
		}
		if strings.Contains(fmt.Sprint(r.files(t)), e.Stories[0]) {
			t.Errorf("hidden story %d is in files", i+1)
		}
	}
	for name := range digest() {
		if strings.HasPrefix(name, "digests/") {
			t.Errorf("%s stays without a story", name)
		}
	}
}

// Both databases give the same digests, byte for byte.
func TestDigestsAreTheSameOnBothDatabases(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts PostgreSQL")
	}
	written := func(address string) map[string]string {
		r := newRig(t, newsPages())
		r.opt.Channels = append(r.opt.Channels, daily())
		r.opt.Sources[1].Outlet = "second"
		if address != "" {
			st, err := store.Open(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			defer st.Close()
			r.st = st
		}
		for day := range 3 {
			r.time = noon.AddDate(0, 0, day)
			r.pass(t)
			r.edit("/one", rss(newsAt([]string{"a1", "b1", "e1"}[day], 24+day), newsAt("d1", 24+day)))
		}
		return r.files(t)
	}
	sqlite, postgres := written(""), written(storetest.Postgres(t))
	if len(sqlite) < 20 || !maps.Equal(sqlite, postgres) {
		t.Errorf("%d files, %d differ", len(sqlite), differ(sqlite, postgres))
	}
}
