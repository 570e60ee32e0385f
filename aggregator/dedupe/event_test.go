package dedupe

import (
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// reports are of the same event, told independently.
var reports = [2][2]string{
	{"غرق قارب سياحي قبالة الإسكندرية وإنقاذ ركابه",
		"غرق قارب سياحي صباح أمس قبالة شاطئ الإسكندرية بعد اصطدامه بصخرة، " +
			"وأنقذ خفر السواحل جميع الركاب ونقلوا إلى المستشفى."},
	{"خفر السواحل ينقذ ركاب قارب سياحي في الإسكندرية",
		"تمكن خفر السواحل من إنقاذ ركاب قارب سياحي غرق قبالة الإسكندرية، " +
			"وقال ناج إن القارب اصطدم بصخرة قرب الشاطئ."},
}

func TestReportsOfOneEventAreLinked(t *testing.T) {
	a, b := reports[0], reports[1]
	for _, c := range []struct {
		what, title, body string
		apart             time.Duration
		want              bool
	}{
		{"the same event", b[0], b[1], time.Hour, true},
		{"days later", b[0], b[1], 6 * 24 * time.Hour, false},
		{"a follow-up", "عودة ركاب القارب السياحي الغارق في الإسكندرية", b[1], time.Hour, false},
		{"a preview", "ترقب إنقاذ ركاب قارب سياحي في الإسكندرية", b[1], time.Hour, false},
		{"condolences", "تعازي لركاب قارب سياحي في الإسكندرية", b[1], time.Hour, false},
		{"a short text", b[0], "شاهد المقطع", time.Hour, false},
		{"another beginning", a[0], "حصلت شركة ناشئة في عمّان على تمويل لتوسيع منصتها التعليمية وتنوي توظيف " +
			"خمسين مهندسا", time.Hour, false},
	} {
		x, y := sign(item("a", "1", a[0], a[1])), sign(item("b", "2", c.title, c.body))
		if got := sameEvent(&x, &y, c.apart).tier == event; got != c.want {
			t.Errorf("%s: linked %v (%s)", c.what, got, notEvent(&x, &y))
		}
	}
}

func TestPhasesOfOneEventAreApart(t *testing.T) {
	const funeral, match = "قائد النادي في جدة بحضور زملائه", "النجوم والشعلة على كأس المدينة"
	for _, c := range []struct {
		a, b  string
		apart bool
	}{
		{"تشييع " + funeral, "تعازي في وفاة " + funeral, true},
		{"تشييع " + funeral, "جنازة " + funeral, false},
		{"مواجهة " + match, "فوز مثير بعد مباراة " + match, true},
		{"ديربي " + match, "يلتقي فريقا " + match, false},
		{"فوز في ديربي " + match, "تغلب مثير بعد مباراة " + match, false},
		{"مواجهة " + match, "مباراة " + match, false},
	} {
		x, y := sign(item("a", "1", c.a, reports[0][1])), sign(item("b", "2", c.b, reports[0][1]))
		if got := otherNews(&x, &y); (got == "one follows up") != c.apart || otherNews(&y, &x) != got {
			t.Errorf("%q, %q: %q", c.a, c.b, got)
		}
	}
}

func TestEvidenceAddsUp(t *testing.T) {
	weak := evidence{cosine: .5, open: .4, rare: 3}
	for what, e := range map[string]evidence{
		"words":      {cosine: .6, open: .4, rare: 3},
		"beginnings": {cosine: .5, open: .6, rare: 3},
		"rare words": {cosine: .5, open: .4, rare: 6},
		"a name":     {cosine: .5, open: .4, rare: 3, rarity: unlisted},
	} {
		if weak.score(0) >= eventCut || e.score(0) < eventCut || e.score(24*time.Hour) >= e.score(0) {
			t.Errorf("%s: %.2f, %.2f, %.2f", what, weak.score(0), e.score(0), e.score(24*time.Hour))
		}
	}
}

func TestNumbersLinkOnlyWithNames(t *testing.T) {
	sides := func(title, body, lang string) Signature {
		it := item("a", "1", title, body)
		it.Lang = lang
		return sign(it)
	}
	a := sides("إنفيديا تشتري شركة ناشئة بمبلغ 730 مليون دولار", "قالت إنفيديا إنها ستدفع 730 مليون دولار نقدا.", "ar")
	b := sides("Nvidia to buy startup for $730 million", "Nvidia will pay $730 million in cash.", "en")
	c := sides("Airline orders jets for $730 million", "The airline will pay $730 million in cash.", "en")
	if m := sameEvent(&a, &b, time.Hour); m.tier != event || !strings.Contains(m.how, "nvidia") {
		t.Errorf("name and number: %+v; %s", m, notEvent(&a, &b))
	}
	if m := sameEvent(&a, &c, time.Hour); m.tier == event {
		t.Errorf("a number alone: %+v", m)
	}
}

func TestHeaviestTermsFindReports(t *testing.T) {
	x, y := sign(item("a", "1", reports[0][0], reports[0][1])), sign(item("b", "2", reports[1][0], reports[1][1]))
	keys := []Keys{x.Keys(), y.Keys()}
	index := NewIndex(keys)
	index.Insert(1, keys[0])
	if len(index.Near(keys[1])) != 1 {
		t.Errorf("not found: %v, %v", keys[0].Terms, keys[1].Terms)
	}
}

func TestLongTablesKeepFewTerms(t *testing.T) {
	s := sign(feeds.Item{Text: feeds.Text{Title: "جدول", Body: strings.Repeat("آيفون 17 بسعر 1489 دولارا، ", 20000)}})
	if len(s.terms) > mostTerms || len(s.names) > maxNames {
		t.Errorf("%d terms, %d names", len(s.terms), len(s.names))
	}
}
