package dedupe

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func sign(it feeds.Item) Signature { return Sign(it, arabic.Lexicon{}) }

func item(source, guid, title, body string) feeds.Item {
	return feeds.Item{SourceID: source, GUID: guid, URL: "https://" + source + ".example/" + guid,
		Text: feeds.Text{Lang: "ar", Title: title, Body: body}, Published: noon, Seen: noon}
}

// candidate is it as the lead of its own story.
func candidate(it feeds.Item, identical bool) Candidate {
	p := printing(it)
	return Candidate{Story: it.SourceID + it.GUID, Identical: identical, Alike: true, Lead: &p}
}

func printing(it feeds.Item) Printing { return Printing{it.SourceID, it.When(), it.Seen, sign(it)} }

const launch = `<p>أعلنت شركة شاومي خلال مؤتمر صحفي في دبي عن هاتف جديد بشاشة منحنية وبطارية تدوم يومين، مع شحن ` +
	`لاسلكي سريع ومعالج حديث من كوالكوم.</p>`

func TestBinaryKeepsAll(t *testing.T) {
	for _, it := range []feeds.Item{
		{},
		item("a", "1", "آيفون 17 برو بسعر 1489 دولارا في مصر", launch),
		item("a", "1", "عاجل", ""),
	} {
		want := sign(it)
		b, err := want.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var got Signature
		if err := got.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		for n := range b {
			if new(Signature).UnmarshalBinary(b[:n]) == nil {
				t.Errorf("%d bytes of %d were taken for a signature", n, len(b))
			}
		}
	}
}

func TestTitlesInConflict(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"آبل تطلق iOS 18.3", "آبل تطلق iOS 18.3.1", true},
		{"سعر Galaxy S25", "سعر Galaxy S25 Edge", true},
		{"سعر جالاكسي إس 25 ألترا", "سعر Galaxy S25 Ultra", false},
		{"iOS 18.4 بيتا 2", "iOS 18.4 بيتا 3", true},
		{"iOS 18.4 بيتا 2", "iOS 18.4 Beta 2", false},
		{"الثغرة CVE-2025-2783", "الثغرة CVE-2025-2784", true},
		{"هاتف من الجيل 12", "هاتف من الجيل 14", true},
		{"آيفون 17 برو", "iPhone 17 Pro Max", true},
		{"سعر الهاتف في مصر", "سعر الهاتف في السعودية", true},
		{"سعر الهاتف في مصر", "سعر الهاتف", false},
		{"أسعار الذهب اليوم الأحد", "أسعار الذهب اليوم الاثنين", true},
		{"أسعار الذهب 23 نوفمبر", "أسعار الذهب ٢٤ نوفمبر", true},
		{"أحد أكبر الهجمات", "أكبر الهجمات", false},
		{"Windows 11", "ويندوز 11", false},
		{"آيباد إير الجديد", "آيباد برو الجديد", true},
		{"آيباد برو الجديد", "iPad Pro", false},
		{"نجاح الرحلة التجريبية العاشرة", "نجاح الرحلة الحادية عشرة", true},
		{"نجاح الرحلة التجريبية الحادية عشرة", "SpaceX completes 11th Starship test flight", false},
		{"الرحلة العاشرة", "SpaceX completes 11th Starship test flight", true},
		{"معالج من الجيل الرابع عشر", "معالج من الجيل 14", false},
		{"معالج من الجيل الثاني عشر", "معالج من الجيل 14", true},
		{"إطلاق شبكة الجيل الخامس", "إطلاق شبكة الجيل 12", false}, // 5G
		{"للمرة الثالثة", "للمرة الرابعة", false},                 // of nothing that is known to be numbered
	} {
		a, b := sign(feeds.Item{Text: feeds.Text{Title: c.a}}), sign(feeds.Item{Text: feeds.Text{Title: c.b}})
		if got := conflict(a.marks, b.marks, false) != ""; got != c.want {
			t.Errorf("%q, %q: conflict %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestDecideIsTheSameInAnyOrder(t *testing.T) {
	it := item("z", "0", "عاجل: شاومي تكشف عن هاتفها الجديد", launch)
	var near []Candidate
	for _, s := range []string{"c", "a", "b", "d"} {
		c := candidate(item(s, "1", "شاومي تكشف عن هاتفها الجديد", launch), false)
		if s == "d" {
			c.Lead.When = noon.Add(time.Hour)
		}
		near = append(near, c)
	}
	for range 20 {
		rand.Shuffle(len(near), func(i, j int) { near[i], near[j] = near[j], near[i] })
		if got := Decide(printing(it), near); got.Story != "a1" {
			t.Fatalf("%+v", got)
		}
	}
	late := candidate(item("e", "1", "شاومي", ""), true) // identity is before any likeness
	if got := Decide(printing(it), append(near, late)); got.Story != "e1" {
		t.Errorf("%+v", got)
	}
}

func TestLongTextsAreComparedBySample(t *testing.T) {
	var words []string
	for i := range 3000 {
		word := strings.Repeat(string(rune('ا'+i%26)), 3) + string(rune('ب'+i/26%20)) + string(rune('ت'+i/520))
		words = append(words, word)
	}
	a, b := item("a", "1", "مقال", strings.Join(words, " ")), item("b", "1", "مقال", strings.Join(words[:2800], " "))
	c := item("c", "1", "مقال", strings.Join(words[:1500], " "))
	x, y, z := sign(a), sign(b), sign(c)
	if l := liken(&x, &y); l.jaccard < .85 || l.contained < .98 {
		t.Errorf("nearly the same: %v", l)
	}
	if l := liken(&x, &z); l.jaccard < .38 || l.jaccard > .62 || l.contained < .95 {
		t.Errorf("half of it: %v", l)
	}
}

func FuzzSignature(f *testing.F) {
	good, _ := sign(item("a", "1", "آيفون 17 برو بسعر 1489 دولارا في مصر", launch)).MarshalBinary()
	f.Add(good)
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	p := printing(item("b", "2", "آيفون 17 برو بسعر 1489 دولارا", launch))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s Signature
		if s.UnmarshalBinary(b) != nil {
			return
		}
		out, _ := s.MarshalBinary()
		var again Signature
		if err := again.UnmarshalBinary(out); err != nil || !reflect.DeepEqual(s, again) {
			t.Fatalf("read back: %v", err)
		}
		q := Printing{When: noon, Seen: noon, Signature: s}
		near := []Candidate{{Story: "x", Lead: &q}, {Story: "y", Identical: true, Lead: &p, Alike: true,
			Texts: []*Printing{&q}}}
		Decide(p, near)
		Apart(p, near)
		NewShelf([]Printing{q}).Place(0, "x", true, false)
	})
}

func FuzzSign(f *testing.F) {
	f.Add("آيفون 17", launch)
	f.Add("25 25.", "<p>&#x;&;<")
	f.Fuzz(func(t *testing.T, title, body string) {
		s := sign(item("a", "1", title, body))
		b, _ := s.MarshalBinary()
		var got Signature
		if err := got.UnmarshalBinary(b); err != nil || !reflect.DeepEqual(got, s) {
			t.Fatalf("%v: got %+v, want %+v", err, got, s)
		}
	})
}

// long is about 1,500 letters of Arabic.
var long = strings.Repeat(launch, 3) + `<p>تقول الشركة إن تدريب نموذج V3، الذي أطلقته في ديسمبر الماضي، لم ` +
	`يكلفها أكثر من ٦ ملايين دولار واعتمد على نحو ٢٠٠٠ شريحة من إنفيديا، بينما صرّح سام ألتمان سابقًا بأن تدريب ` +
	`GPT-4 تجاوز ١٠٠ مليون دولار واحتاجت نماذج مماثلة إلى ما يزيد على ١٦٬٠٠٠ شريحة.</p>
<p>وتأتي هذه التطورات بعد أيام من إعلان مشروع Stargate الذي تصل استثماراته إلى ٥٠٠ مليار دولار، ما دفع محللين ` +
	`إلى التساؤل عن جدوى هذا الإنفاق.</p>
<p>وتكمن قوة الرواية الصينية في بساطتها، فالشركة التي تأسست عام ٢٠٢٣ في مدينة هانغتشو، والتي لا يزيد عدد موظفيها ` +
	`على ٢٠٠ شخص، تقول إنها عوّضت نقص الشرائح المتقدمة بحيل هندسية، منها تشغيل جزء صغير من النموذج مع كل سؤال، ` +
	`وتخزين الأرقام بدقة أقل، وتدريب النموذج على حل المسائل بالمحاولة والخطأ بدلًا من الأمثلة المكتوبة ` +
	`يدويًا، وهي أساليب معروفة في الأبحاث منذ سنوات، لكن أحدًا لم يجمعها من قبل بهذا الشكل وبهذه ` +
	`التكلفة، بحسب ما يقوله باحثون اطلعوا على الورقة التقنية التي نشرتها الشركة.</p>`

func BenchmarkDecide(b *testing.B) {
	p := printing(item("a", "1", "«ديب سيك» الصينية تربك وول ستريت وإنفيديا تدفع الثمن", long))
	near := []Candidate{candidate(item("b", "1", "ديب سيك تربك وول ستريت", long), false)}
	b.ReportAllocs()
	for b.Loop() {
		Decide(p, near)
	}
}

func TestPassageInCommonLinksWhatTellsTheSame(t *testing.T) {
	for _, c := range []struct {
		what string
		like likeness
		want bool
	}{
		{"background of another story", likeness{contained: .5, head: .2, open: .1}, false},
		{"with like headlines", likeness{contained: .5, head: .3}, true},
		{"with like beginnings", likeness{contained: .5, open: .3}, true},
		{"most of the shorter text", likeness{contained: .6}, true},
		{"too little of it", likeness{contained: .3, head: 1, open: 1}, false},
	} {
		if got := c.like.tells(); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}
