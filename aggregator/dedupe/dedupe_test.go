package dedupe

import (
	"encoding/binary"
	"math/rand/v2"
	"reflect"
	"slices"
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
	return Candidate{Hit: Hit{Story: it.SourceID + it.GUID, Identical: identical}, Printing: printing(it)}
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

func TestNumbers(t *testing.T) {
	for in, want := range map[string][]float64{
		"٦ ملايين دولار":                     {6e6},
		"6 مليون، 16,000 شريحة و٢٫٧٨٨ مليون": {16000, 2.788e6, 6e6},
		"منذ عام 2019":                       nil,
		"بسعر 2019 دولارا":                   {2019},
		"يوم 23 نوفمبر":                      nil,
		"17% و١٧٪":                           {17},
		"بـ10 غيغابايت و64غيغابايت و16GB":    {10, 16, 64},
		"iOS 18.3.1":                         nil,
		"الرحلة الحادية عشرة":                {11},
		"the 11th test flight":               {11},
		"165 إطارا في الثانية":               {165},
		"الجيل الخامس":                       nil,
	} {
		if got := sign(feeds.Item{Text: feeds.Text{Title: in}}).numbers; !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, want %v", in, got, want)
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
		if got := conflict(a.marks, b.marks) != ""; got != c.want {
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
			c.When = noon.Add(time.Hour)
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
	if got := cosine(&x, &y); got < 0.93 || got > 1 {
		t.Errorf("nearly the same: %v", got)
	}
	if got := cosine(&x, &z); got < 0.62 || got > 0.80 {
		t.Errorf("half of it: %v, want about 0.71", got)
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
		Decide(p, []Candidate{{Hit{Story: "x"}, Printing{When: noon, Seen: noon, Signature: s}},
			{Hit{Story: "y", Identical: true}, Printing{When: noon, Signature: s}}})
	})
}

// FuzzGist reads what may stand in an index that was damaged.
func FuzzGist(f *testing.F) {
	filed := File(printing(item("a", "1", "آيفون 17 برو بسعر 1489 دولارا في مصر", launch)))
	good, _ := filed.Gist.AppendBinary(nil)
	f.Add(good)
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add(binary.AppendUvarint(make([]byte, 8+3+4+9*len(sketch{})+2), 1<<62)) // marks whose bytes overflow
	var x Index
	x.Insert(filed)
	f.Fuzz(func(t *testing.T, b []byte) {
		other := filed
		other.Gist = Gist{}
		if _, err := other.Gist.Read(b); err != nil {
			return
		}
		out, _ := other.Gist.AppendBinary(nil)
		if left, err := new(Gist).Read(out); err != nil || len(left) > 0 {
			t.Fatalf("read back: %d bytes left, %v", len(left), err)
		}
		x.Near(other)
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

func TestVersionsBelongToTheirProducts(t *testing.T) {
	mac := sign(item("a", "1", "آبل تطلق macOS 26.1", ""))
	phone := sign(item("b", "1", "آبل تطرح iOS 26.1", ""))
	again := sign(item("c", "1", "تحديث iOS 26.1 من آبل", ""))
	if e := mac.evidence(&phone); sharedNames(&mac, &phone) != "; names apple" || e.names != 1 || e.counts > 0 {
		t.Errorf("macOS 26.1 and iOS 26.1 share %s", e.told(&mac, &phone))
	}
	if e := phone.evidence(&again); sharedNames(&phone, &again) != "; names apple, ios, ios 26.1" || e.names != 3 {
		t.Errorf("two reports on iOS 26.1 share %s", e.told(&phone, &again))
	}
}

func TestPricesAreAmounts(t *testing.T) {
	for title, want := range map[string][]float64{
		"Galaxy XR arrives at $1,799":              {1799},
		"بسعر 1099$":                               {1099},
		"بسعر ١٬٠٩٩ دولارا":                        {1099},
		"Nvidia reports $57 billion, up 62%":       {57e9},
		"€2000 for 12 models":                      {2000},
		"A $ sign, 12 models and $nothing in 2026": nil,
	} {
		if got := sign(item("a", "1", title, "")).amounts; !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", title, got, want)
		}
	}
}
