package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate/arabic"
)

func TestNamesSoundAlikeInBothScripts(t *testing.T) {
	for _, c := range []struct {
		ar, en string
		want   bool
	}{
		{"شركة ديب سيك الصينية", "DeepSeek", true},
		{"زار بيونغيانغ أمس", "Pyongyang", true},
		{"مهاتير محمد وشارلز سزيسلر", "Czeisler", true},
		{"القاضي كافانو", "Kavanaugh", true},
		{"رئيس شركة تشيكرز", "Chequers", true},
		{"افتتاح مركز في رام الله", "Ramallah", true},
		{"لويلوبي رأي", "Willoughby", true},
		{"تجنبكافانوكافة الأسئلة", "Kavanaugh", true}, // blanks are missing
		{"الموقع الأكبر بوكينج", "Booking", true},
		{"حساب Whatsap الجديد", "WhatsApp", true},
		{"شركة سامسونغ الكورية", "Samsung", true},
		{"مصنع تسلا سيتوسع", "Tesla", true},
		{"شركة ميتسوبيشي اليابانية", "Mitsubishi", true},
		{"شركة سامسونغ الكورية", "Toshiba", false},
		{"الشركة تعلن عن هاتف", "Motorola", false},
	} {
		if got := sounded(strings.Fields(arabic.Fold(c.ar)), c.en); got != c.want {
			t.Errorf("%s in %s: %v", c.en, c.ar, got)
		}
	}
}

func TestCapitalsMarkNames(t *testing.T) {
	for text, want := range map[string]string{
		"The phone by Samsung, said Lee Jae-yong. Apple declined": "Samsung",
		"Samsung Unveils New Phone With Larger Screen":            "", // a headline in capitals
		"He said: \"Google is late\" in Berlin":                   "Berlin",
		"the IBM unit of Toshiba's group":                         "Toshiba",
	} {
		if got := strings.Join(capitalised(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestLatinNamesInOtherForms(t *testing.T) {
	for _, c := range []struct {
		ar, en string
		ok     bool
	}{
		{"مسافة 500 km", "500 kilometres", true},
		{"سعة 16 GB", "16 gigabytes", true},
		{"سعة 16 GB", "16 inches", false},
		{"حظر في USA", "banned in the United States", true},
		{"حظر في USA", "banned in Canada", false},
		{"تطبيق Whatsap", "the WhatsApp app", true},
		{"تطبيق Whatsap", "the Telegram app", false},
		{"هاتف Pixel10Pro", "the Pixel10 phone", false},
		{"لعبة JohnnyEnglish", "the JE game", true},
		{"صفحات Instagram", "fake Insta pages", true},
		{"<seg id=\"1\">اعتقال", "An arrest", true},
		{"طراز S24", "the S25", false}, // no misspelling
		{"منظمة WHO", "the World Health Organization", true},
	} {
		if got := names(newPair(c.ar, c.en)); (got == "") != c.ok {
			t.Errorf("%s, %s: %q", c.ar, c.en, got)
		}
	}
}

func TestSitesNamedInArabic(t *testing.T) {
	for _, c := range []struct {
		ar, en string
		ok     bool
	}{
		{"غرامة على موقع بوكينج", "A fine for Booking.com", true},
		{"شركة كاراكتر إيه آي", "Character.ai", true},
		{"استحوذت على سوق دوت كوم", "acquired Souq.com", true},
		{"غرامة على الموقع", "A fine for Booking.com", false},
		{"غرامة على موقع بوكينج", "A fine, see www.booking.com/x", false},
		{"غرامة على موقع بوكينج", "A fine, see booking.evil.example", false},
		{"غرامة بلا سبب", "A fine by evil.com", false},
	} {
		if got := addresses(newPair(c.ar, c.en)); (got == "") != c.ok {
			t.Errorf("%s, %s: %q", c.ar, c.en, got)
		}
	}
}

func TestSentences(t *testing.T) {
	for text, want := range map[string]int{
		"One. Two! Three? four":             3,
		"Mr. Smith of the U.S. said no.":    1,
		"He waited... Then he left.":        1,
		"واحد. اثنان؟ ثلاثة":                3,
		"قال د. سامر: \"نعم.\" وأضاف: لا.":  2,
		"line one\nline two":                2,
		"12. 13. ...":                       0,
		"Version 2.0 is out; it costs $1.5": 1,
	} {
		if got := sentences(text); len(got) != want {
			t.Errorf("%q: %q, want %d", text, got, want)
		}
	}
}

func TestLengthIsWrongOnlyFarOff(t *testing.T) {
	source := strings.Repeat("كلمة ", 20)
	for n, want := range map[int]string{20: "hard", 40: "doubt", 90: "", 240: "", 270: "hard"} {
		got := ""
		for _, p := range length(newPair(source, strings.Repeat("x", n))) {
			if got = "hard"; p.Doubt {
				got = "doubt"
			}
		}
		if got != want {
			t.Errorf("%d letters for %d: %q, want %q", n, len(source), got, want)
		}
	}
}

// The text must fit its own source better than any other of the set, nearly always.
func TestTextsFitTheirOwnSource(t *testing.T) {
	pairs := slices.DeleteFunc(reference(t), func(p labelled) bool { return len(p.Ar) < 150 })
	better, tried := 0, 0
	for i, p := range pairs {
		own := newPair(p.Ar, p.En)
		other := pairs[(i+1)%len(pairs)]
		s := readSource(p.Ar, own.folded)
		tried++
		if s.fit(readAnswer(p.En, own.low)) > s.fit(readAnswer(other.En, strings.ToLower(other.En))) {
			better++
		}
	}
	t.Logf("%d of %d", better, tried)
	if tried == 0 || better < tried*98/100 {
		t.Errorf("only %d of %d fit their own source better than the next", better, tried)
	}
}

// A doubt about the whole needs words that are known, and no figure in its Arabic form.
func TestShortTextsAreNotDoubtedAsAWhole(t *testing.T) {
	for _, c := range [][2]string{{"بطارية بسعة 5000 مللي أمبير", "A 5,000mAh battery"},
		{"بسعر 4.999 جنيها", "For EGP 4,999"},
		{"وصل الخصم إلى 50%", "Half price"}, {"تعرف على التفاصيل", "Find out more"}} {
		for _, p := range content(newPair(c[0], c[1])) {
			if p.Check == "fit" {
				t.Errorf("%s, %s: %s", c[0], c[1], p.Detail)
			}
		}
	}
}

// Hostile texts cost no more than their length.
func TestContentIsBounded(t *testing.T) {
	for _, s := range []string{strings.Repeat("ا", 100_000), strings.Repeat("ب. ", 30_000),
		strings.Repeat("بكس ", 10_000)} {
		for _, e := range []string{strings.Repeat("x", 100_000), "a" + strings.Repeat(" Bakersfield", 5000)} {
			Text(s, e)
		}
	}
}

func FuzzShifted(f *testing.F) {
	f.Add("خبر 12", "news 12", "هاتف", "A phone", "")
	f.Fuzz(func(t *testing.T, a, b, c, d, e string) {
		if got := Shifted([]string{a, b, c}, []string{d, e, a}); len(got) != 3 {
			t.Fatal(got)
		}
	})
}

func TestASecondLineIsASecondTranslation(t *testing.T) {
	got := Text("الشركة المعروفة تعرض هاتفا جديدا للأطفال",
		"The company shows a phone for kids\nThe firm unveils a children's phone")
	if len(got) != 1 || got[0].Check != "chatter" || got[0].Doubt {
		t.Errorf("%+v", got)
	}
}
