package dedupe

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// titlePair is a line of testdata/titles.jsonl: two headlines that say the same, the opposite, or other
// news that reads alike. All are our own.
type titlePair struct{ Rel, A, B string }

// TestHeadlinesAloneFoldOnlyWhatSaysTheSame holds the rates at which pairs of headlines are folded.
func TestHeadlinesAloneFoldOnlyWhatSaysTheSame(t *testing.T) {
	b, err := os.ReadFile("testdata/titles.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	count, folded := map[string]int{}, map[string]int{}
	for d := json.NewDecoder(bytes.NewReader(b)); d.More(); {
		var p titlePair
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		count[p.Rel]++
		why := titlesApart(headline(p.A), headline(p.B))
		if why == "" {
			folded[p.Rel]++
		}
		if (why == "") != (p.Rel == "same") {
			t.Logf("%s: %q and %q (%s)", p.Rel, p.A, p.B, cmp.Or(why, "folded"))
		}
	}
	t.Logf("same: %d of %d folded; opposite: %d of %d; other: %d of %d", folded["same"], count["same"],
		folded["opposite"], count["opposite"], folded["other"], count["other"])
	if folded["same"]*4 < count["same"]*3 || folded["opposite"]+folded["other"] > 0 {
		t.Error("want three quarters of the same folded, and no other")
	}
}

// TestWhatPartsHeadlines holds each rule, with headlines that fold without it.
func TestWhatPartsHeadlines(t *testing.T) {
	const turned = "a number, or a word that turns the meaning, in one headline only"
	for _, c := range []struct{ name, a, b, want string }{
		{"three words in common", "زلزال يضرب تركيا", "زلزال يضرب تركيا", "too short headlines"},
		{"four words in common", "زلزال يضرب شمال تركيا", "زلزال قوي يضرب شمال تركيا", ""},
		{"three words more", "زين تدشن مركز بيانات جديدا",
			"زين تدشن مركز بيانات مبرد بمياه البحر جديدا", "a longer headline"},
		{"another subject", "ميكرون تفتتح مختبرا للذاكرة في حيفا", "سامسونج تفتتح مختبرا للذاكرة في حيفا",
			"other words in both headlines"},
		{"a model", "تسعير جوال بيكسل الجديد في الخليج العربي", "تسعير جوال بيكسل برو الجديد في الخليج العربي", turned},
		{"an ordinal", "دفعة ثانية من رواد الأعمال تبدأ التدريب", "دفعة رابعة من رواد الأعمال تبدأ التدريب", turned},
		{"a negation, of stop words", "المنصة تدعم الدفع عند الاستلام", "المنصة لا تدعم الدفع عند الاستلام", turned},
		{"countries in each other's place", "السعودية تصدر الهيدروجين إلى ألمانيا",
			"ألمانيا تصدر الهيدروجين إلى السعودية", turned},
		{"what rises and what falls", "هبوط أرباح المتاجر وصعود أرباح المنصات",
			"صعود أرباح المتاجر وهبوط أرباح المنصات", turned},
		{"who buys whom", "نون تشتري منصة نمشي بالكامل نقدا", "نمشي تشتري منصة نون بالكامل نقدا", turned},
		{"names of outlets", "تدشين كابل بحري جديد يربط عدن بجيبوتي | المدار",
			"تدشين كابل بحري جديد يربط عدن بجيبوتي - تقنية الغد اليوم", ""},
		{"a name of an outlet that is none", "ثغرة في برنامج ضغط الملفات الشهير",
			"ثغرة في برنامج ضغط الملفات الشهير - إصلاح", turned},
		{"by whom it was done", "تطوير روبوت جراحي دقيق للعيون", "تطوير روبوت جراحي دقيق للعيون من قبل باحثين", ""},
	} {
		if got := titlesApart(headline(c.a), headline(c.b)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := titlesApart(headline(c.b), headline(c.a)); got != c.want {
			t.Errorf("%s, in the other order: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSkeletonsJoinFormsOfOneWordOnly(t *testing.T) {
	for _, c := range []struct {
		words string
		one   bool
	}{
		{"يرفع رفعت رفعها ترفع رفع", true},
		{"شركة الشركات لشركة وشركتها", true},
		{"سوريا السورية سوريين", true},
		{"بطارية للبطاريات البطارية", true},
		{"سوريا سيارة", false},
		{"ريال رول", false},
		{"سعودية مساعدات", false},
	} {
		seen := map[string]bool{}
		for w := range strings.FieldsSeq(c.words) {
			seen[string(skeleton(stemOf(w), nil))] = true
		}
		if one := len(seen) == 1; one != c.one {
			t.Errorf("%s: %v", c.words, seen)
		}
	}
}

func headline(title string) []uint32 {
	return Sign(feeds.Item{Text: feeds.Text{Lang: "ar", Title: title}}, arabic.Lexicon{}).title
}
