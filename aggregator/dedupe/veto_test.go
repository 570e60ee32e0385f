package dedupe

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

func TestConflictPartsLookAlikes(t *testing.T) {
	for _, c := range []struct{ a, textA, b, textB, want string }{
		{"القيادة تهنئ جامايكا بيوم استقلالها", "بعثت برقية تهنئة", "القيادة تهنئ النيجر بيوم استقلالها",
			"بعثت برقية تهنئة",
			"another place: jm, ne"},
		{"نون تبدأ التوصيل بالمسيرات في دبي", "", "نون تبدأ التوصيل بالمسيرات بالقاهرة", "", "another place: ae, eg"},
		{"خدمة جديدة في القاهرة", "", "خدمة جديدة في مصر", "", ""},
		{"شبكة الجيل الخامس تصل إلى الرياض", "", "شبكة الجيل الخامس تصل إلى جدة", "", "another place: sa, sa"},
		{"شبكة الجيل الخامس تصل إلى الرياض", "في الرياض وجدة", "شبكة الجيل الخامس تصل إلى جدة", "", ""},
		{"مصنع شرائح في كوريا الجنوبية", "", "مصنع شرائح في كوريا الشمالية", "", "another place: kr, kp"},
		{"انقطاع الإنترنت في السودان", "", "انقطاع الإنترنت في جنوب السودان", "", "another place: sd, ss"},
		{"انقطاع الإنترنت في النيجر", "", "انقطاع الإنترنت في نيجيريا", "", "another place: ne, ng"},
		{"غينيا تحظر تيك توك", "", "غينيا بيساو تحظر تيك توك", "", "another place: gn, gw"},
		{"الهند تفرض ضريبة رقمية", "قالت الحكومة الهندية", "ضريبة رقمية جديدة", "في الهند", ""},
		{"السعودية تطلق قمرا صناعيا", "", "المملكة تطلق قمرا صناعيا من أمريكا", "", ""},
		{"السعودية تطلق قمرا صناعيا", "من قاعدة أمريكية", "إطلاق قمر صناعي من أمريكا", "", ""},
		{"هواوي تفتح متجرا في عمان", "", "هواوي تفتح متجرا في الأردن", "", ""},
		{"عطل في الخدمة بعد المغرب بجدة", "", "عطل في الخدمة بجدة أمس", "", ""},
		{"دعم مالي للشركات الناشئة في لبنان", "", "دعم للشركات الناشئة في لبنان", "", ""},
		{"أبو ظبي تستضيف معرضا", "", "أبوظبي تستضيف معرضا", "", ""},
		{"Outage hits users in South Korea", "", "Outage hits users in North Korea", "", "another place: kr, kp"},
		{"ألمانيا تغرم آبل", "", "الاتحاد الأوروبي يغرم آبل", "غرمت ألمانيا", ""},

		{"بيع 33 ألف جهاز في يوم", "", "بيع 33,000 جهاز في يوم", "", ""},
		{"بيع ثلاثة وثلاثين ألف جهاز", "", "بيع 33 ألف جهاز", "", ""},
		{"بيع 33 ألف جهاز", "", "بيع 50 ألف جهاز", "", "another number: 33000 and 50000"},
		{"بيع نحو 33 ألف جهاز", "", "بيع 32.8 ألف جهاز", "", ""},
		{"الأسهم ترتفع 13 نقطة", "", "الأسهم ترتفع 13.41 نقطة", "", ""},
		{"الأسهم ترتفع 2 نقطة", "", "الأسهم ترتفع 2.9 نقطة", "", "another number: 2 and 2.9"},
		{"بيع مليوني هاتف", "", "بيع 2 مليون هاتف", "", ""},
		{"بيع مليونين ونصف هاتف", "", "بيع 2.5 مليون هاتف", "", ""},
		{"بيع مليوني هاتف", "", "بيع ثلاثة ملايين هاتف", "", "another number: 2000000 and 3000000"},
		{"اختراق 3 ملايين و500 ألف حساب", "", "اختراق 3.5 مليون حساب", "", ""},
		{"اختراق مئة وخمسة وعشرين حسابا", "", "اختراق 125 حسابا", "", ""},
		{"انقطاع الخدمة ساعتين", "", "انقطاع الخدمة 2 ساعات", "", ""},
		{"انقطاع الخدمة ساعتين", "", "انقطاع الخدمة 5 ساعات", "", "another number: 2 and 5"},
		{"ضمان الهاتف عامان", "", "ضمان الهاتف ثلاثة أعوام", "", "another number: 2 and 3"},
		{"خصم 20% على الهواتف", "", "خصم 30 في المئة على الهواتف", "", "another number: 20 and 30"},
		{"خصم 20% على 3 هواتف", "", "خصم 20 بالمئة على الهواتف", "", ""},
		{"الهاتف بسعر 799 دولارا", "", "الهاتف بسعر 789 دولارا", "", "another number: 799 and 789"},
		{"الهاتف بسعر $799", "", "الهاتف بسعر 899 دولارا", "", "another number: 799 and 899"},
		{"صفقة بقيمة 33 دولارا", "", "صفقة بقيمة 33 مليار دولار", "", ""},
		{"النفط دون 50 دولار", "", "النفط عند 50 دولارا", "", ""},
		{"الهاتف بسعر 100 دولار", "", "الهاتف بسعر 100 ريال", "", "another currency"},
		{"هاتف بذاكرة 256GB", "", "هاتف بذاكرة 512 جيجابايت", "", "another number: 256 and 512"},
		{"بطارية 5000mAh", "", "بطارية 6000 مللي أمبير", "", "another number: 5000 and 6000"},
		{"بطارية 5000mAh وشحن 45 واط", "", "شحن 67 واط وبطارية 5000mAh", "", "another number: 45 and 67"},
		{"مقتل 12 شخصا بانفجار بطارية", "وأصيب 30", "إصابة 30 شخصا بانفجار بطارية", "وقتل 12", ""},
		{"12 قتيلا في حريق مصنع", "", "30 مصابا في حريق مصنع", "", ""},
		{"12 قتيلا في حريق مصنع", "", "15 قتيلا في حريق مصنع", "", "another number: 12 and 15"},
		{"أفضل 5 هواتف", "", "أفضل 5 هواتف في 2026", "", ""},
		{"معالج الجيل الثالث عشر", "", "معالج الجيل الرابع عشر", "", "another edition"},
		{"لاعب التنس يتأهل لدور 16", "", "لاعب التنس يتأهل إلى الدور الثاني", "", "another edition"},
		{"لاعب التنس يتأهل للدور 32", "", "لاعب التنس يبلغ دور الـ32", "", ""},
		{"نتائج عام 2025", "", "نتائج عام 2026", "", "another number: 2025 and 2026"},

		{"Fault in building 101", "", "Fault in building 102", "", "another number: 101 and 102"},
		{"Flight UA123 diverted", "", "Flight UA124 diverted", "", "another model or version"},
		{"Chip plant in New Mexico", "", "Chip plant in Mexico", "", "another place: us, mx"},
		{"مصنع في بابوا غينيا الجديدة", "", "مصنع في غينيا الاستوائية", "", "another place: pg, gq"},
		{"باقة زين", "بسعر 115 ريالا مع 55 غيغابايت", "باقة موبايلي", "بسعر 149 ريالا مع 100 غيغابايت",
			"other figures, as in a series"},
		{"باقة زين", "بسعر 115 ريالا مع 55 غيغابايت", "باقة موبايلي", "بسعر 149 ريالا مع 55 غيغابايت", ""},
		{"آبل تطلق iOS 18.4 بيتا 3", "", "آبل تطلق iOS 18.4 Beta 2", "", "another edition"},
		{"STC تطلق باقة جديدة", "", "موبايلي تطلق باقة جديدة", "", "another name"},
		{"سامسونج وآبل تتقاسمان السوق", "", "آبل تتقاسم السوق مع غيرها", "", ""},
		{"تطبيق Signal يضيف ميزة", "", "تطبيق Threads يضيف ميزة", "", "another name"},
		{"آبل تطلق iOS 18.3.1", "", "آبل تطلق iOS 18.3.2", "", "another model or version"},
	} {
		sign := func(title, text string) []mark {
			return sign(feeds.Item{Text: feeds.Text{Title: title, Body: "<p>" + text + "</p>"}}).marks
		}
		a, b := sign(c.a, c.textA), sign(c.b, c.textB)
		if got := conflict(a, b, false); got != c.want {
			t.Errorf("%q, %q: %q, want %q", c.a, c.b, got, c.want)
		}
		if (conflict(b, a, false) == "") != (c.want == "") {
			t.Errorf("%q, %q: not the same the other way round", c.a, c.b)
		}
	}
}

func TestBulletinsOfTwoDaysAreApart(t *testing.T) {
	const forecast = " أن تكون السماء غائمة جزئيا إلى غائمة على معظم المناطق مع فرصة لهطول أمطار رعدية"
	monday := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		a, b  string
		later time.Duration
		want  string
	}{
		{"توقعت الأرصاد لهذا اليوم", "توقعت الأرصاد لهذا اليوم", 23 * time.Hour, "another day"},
		{"توقعت الأرصاد لهذا اليوم", "توقعت الأرصاد لهذا اليوم", 2 * time.Hour, ""},
		{"توقعت الأرصاد لهذا اليوم", "توقعت الأرصاد اليوم (الاثنين)", 2 * time.Hour, ""},
		{"توقعت الأرصاد اليوم الاثنين", "توقعت الأرصاد اليوم الثلاثاء", 2 * time.Hour, "another day"},
		{"توقعت الأرصاد اليوم الاثنين", "توقعت الأرصاد أمس", 23 * time.Hour, ""},
		{"توقعت الأرصاد اليوم الاثنين", "توقعت الأرصاد الثلاثاء", 23 * time.Hour, ""},
	} {
		sign := func(text string, at time.Time) []mark {
			words := feeds.Text{Title: "حالة الطقس", Body: "<p>" + text + forecast + "</p>"}
			return sign(feeds.Item{Published: at, Text: words}).marks
		}
		if got := conflict(sign(c.a, monday), sign(c.b, monday.Add(c.later)), false); got != c.want {
			t.Errorf("%q, %q after %v: %q, want %q", c.a, c.b, c.later, got, c.want)
		}
	}
}

func TestConflictPartsSeriesOfOneSource(t *testing.T) {
	sign := func(text string) []mark {
		return sign(feeds.Item{Text: feeds.Text{Title: "سعر الذهب اليوم", Body: "<p>" + text + "</p>"}}).marks
	}
	today, edited := sign("سجل عيار 21 نحو 3200 جنيه"), sign("سجل عيار 21 نحو 3200 جنيه والأوقية 2400 دولار")
	tomorrow := sign("سجل عيار 21 نحو 3210 جنيه")
	if got := conflict(today, tomorrow, true); got != "other numbers, as in a series" {
		t.Errorf("another day's price: %q", got)
	}
	if got := conflict(today, edited, true) + conflict(today, tomorrow, false); got != "" {
		t.Errorf("an edit, or another source: %q", got)
	}
}

func TestReadWords(t *testing.T) {
	for words, want := range map[string]float64{
		"ثلاثه وثلاثون الفا": 33e3, "مليونان": 2e6, "مليون ونصف": 1.5e6, "ثلاثه عشر": 13, "ميه وخمسه وعشرون": 125,
		"ثلاث ميه": 300, "خمسميه الف": 5e5, "الف وميتان": 1200, "مليار": 1e9, "ثلاثه ملايين وميتا الف": 3.2e6,
		"خمسه وسته": 5, "كتاب": 0, "الاف": 0, "الفا": 0, "خمسون الفا": 5e4, "مليونين وثلاثه": 2000003,
	} {
		ws := strings.Fields(words)
		if v, n := readWords(ws, look(ws[0])); v != want || (n == 0) != (want == 0) {
			t.Errorf("%s: %v, %d words, want %v", words, v, n, want)
		}
	}
}

func TestMarksOfLongTextStayFew(t *testing.T) {
	var b strings.Builder
	for i := range 1 << 15 {
		fmt.Fprintf(&b, " خبر %dx%d 1%d7%% CVE-2026-%d", i, i, i, i)
	}
	s := sign(feeds.Item{Text: feeds.Text{Title: b.String(), Body: "<p>" + b.String() + "</p>"}})
	if n := len(s.marks); n > most*int(mention) {
		t.Errorf("%d marks", n)
	}
}
