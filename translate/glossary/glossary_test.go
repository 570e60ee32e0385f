package glossary

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func builtIn(t testing.TB) Glossary {
	t.Helper()
	g, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func with(t testing.TB, g Glossary, lines string) Glossary {
	t.Helper()
	g, err := g.With(strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// lines returns the lines of a file without comments.
func lines(t testing.TB, name string) (out []string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if !strings.HasPrefix(sc.Text(), "#") {
			out = append(out, sc.Text())
		}
	}
	return out
}

// meant returns the English of each term in text, in order.
func meant(g Glossary, neutral string) (out []string) {
	t := g.read(neutral)
	t.each(t.holds, func(f found) { out = append(out, f.To) })
	return out
}

func TestTermsOnlyWhereTheyAreMeant(t *testing.T) {
	g := builtIn(t)
	for _, line := range lines(t, "testdata/set.tsv") {
		text, want, _ := strings.Cut(strings.TrimPrefix(line, "! "), "\t")
		if got := strings.Join(meant(g, text), "; "); got != want {
			t.Errorf("%s\n\tgot  %s\n\twant %s", text, got, want)
		}
	}
}

func TestProtectWritesNames(t *testing.T) {
	g := builtIn(t)
	for _, c := range [][2]string{
		{"خسر سهم إنفيديا وانفيديا", "خسر سهم Nvidia و Nvidia"},
		{"قال إيلون ماسك لواتساب", "قال Elon Musk لـ WhatsApp"},
		{"«ديب سيك» تربك", "«DeepSeek» تربك"},
		{"الذكاء الاصطناعي في جوجل", "الذكاء الاصطناعي في Google"},
		{"سعره 500 دولار أو ريال", "سعره 500 دولار أو ريال"},
		{"دقتها 50 بيكسل، وزين وتمارا", "دقتها 50 بيكسل، وزين وتمارا"}, // words, not names
		{"إيلون، ماسك", "إيلون، ماسك"},
		{"OpenAI أطلقت", "OpenAI أطلقت"},
		{"وسم #جوجل_بلاي و#جوجل", "وسم #جوجل_بلاي و#جوجل"}, // hashtags are addresses
		{"شركة <g1>آبل</g1> &amp; جوجل", "شركة <g1>Apple</g1> &amp; Google"},
		{"", ""},
	} {
		if got := g.Protect(c[0]); got != c[1] {
			t.Errorf("Protect(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}

func TestNames(t *testing.T) {
	g := with(t, Glossary{}, "جوجل\tGoogle\talso غوغل، قوقل\nإيلون ماسك\tElon "+
		"Musk\nهاتف\tphone\nبطاقة SIM\tSIM card\nزين\tZain\tonly the company")
	want := map[string][]string{"Google": {"جوجل", "غوغل", "قوقل"}, "Elon Musk": {"إيلون ماسك"}}
	if got := g.Names(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLabelsNeedNoContext(t *testing.T) {
	g := builtIn(t)
	for label, want := range map[string]string{"آبل": "Apple", "ميتا": "Meta", "تطبيق": "app", "مراجعة": "review",
		"سفاري": "Safari", "موجة": "", "ابل": "", "دراجات": ""} {
		if got := g.English(label); got != want {
			t.Errorf("English(%q) = %q, want %q", label, got, want)
		}
	}
}

// A label is known with and without articles, and is no term of a text.
func TestLabelsAreNoTermsOfTexts(t *testing.T) {
	g := with(t, builtIn(t), "دراجات\tbicycles\talso دراجة\tlabel\nرياضة\tsport\t\tlabel\nقسم الأخبار\tDesk\n")
	for label, want := range map[string]string{"الدراجات": "bicycles", "دراجة": "bicycles", "رياضة": "sport",
		"أمن سيبراني": "cybersecurity", "الأمن السيبراني": "cybersecurity", "فريق التحرير": "Editorial team",
		"قسم الأخبار": "Desk", "واس": "SPA", "أ.ف.ب": "AFP", "محمد علي": "", "ال": ""} {
		if got := g.English(label); got != want {
			t.Errorf("English(%q) = %q, want %q", label, got, want)
		}
	}
	if got := meant(g, "اجتمع فريق التحرير لبحث أخبار الرياضة والدراجات"); len(got) > 0 {
		t.Errorf("terms of a text: %q", got)
	}
	if _, named := g.Names()["Reuters"]; named {
		t.Error("a label is among the names")
	}
	if g.Sum() == builtIn(t).Sum() {
		t.Error("a new label leaves the fingerprint")
	}
}

// A user's line without a context applies everywhere, except behind a prefix that makes another
// word of it.
func TestUsersTermsNeedNoContext(t *testing.T) {
	g := with(t, builtIn(t), "تابي\tTabby\nنون\tnoon\nزين\tZain\nآبل\tApple Inc.\tour style\nسدايا\tthe SDAIA\n"+
		"شحن\tcharging\t\tnot after سفينة، @ports\nأليكسا\tAlexa\t\tnot before @name\n"+
		"كورتانا\tCortana\t\tnot after @name\n")
	for text, want := range map[string]string{
		"تابي وتمارا وتابي":     "Tabby",
		"كتابي الجديد":          "",
		"فنون رقمية من نون":     "noon",
		"قطعة آبل":              "Apple Inc.",
		"مشروع سدايا":           "the SDAIA",
		"سفينة شحن ثم شحن سريع": "charging",
		"أليكسا وكورتانا":       "Alexa; Cortana", // each asks for the other
	} {
		if got := strings.Join(meant(g, text), "; "); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestWrongContextsAreRefused(t *testing.T) {
	for line, want := range map[string]string{
		"آبل\tApple\t\tbeside شركة":        `line 1: the context "beside شركة" does not begin with`,
		"آبل\tApple\t\tafter":              `line 1: the context "after" names no words`,
		"آبل\tApple\t\tnot spelt آبل":      `line 1: the context "not spelt آبل" does not begin with`,
		"آبل\tApple\t\tnear فيس بوك، جوجل": `"فيس بوك" is more than one word`,
		"آبل Apple":                        "line 1: no tab",
	} {
		if _, err := (Glossary{}).With(strings.NewReader(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
	}
}

// Rows of older versions stay comparable: Loose finds what they were told.
func TestLooseFindsWhatEarlierVersionsTold(t *testing.T) {
	g := builtIn(t)
	for text, want := range map[string][]Term{
		"خادم الحرمين الشريفين":       {{"خادم", "server"}},
		"آبل تبدأ تطبيق القانون":      {{"ابل", "Apple"}, {"تطبيق", "app"}},
		"كابل بحري وموجة في رام الله": {{"ابل", "Apple"}, {"موجّه", "prompt"}, {"رام", "RAM"}},
	} {
		if got := g.Loose(text); !slices.Equal(got, want) {
			t.Errorf("Loose(%q) = %v, want %v", text, got, want)
		}
	}
}

func FuzzTerms(f *testing.F) {
	for _, s := range []string{"شركة <g1>آبل</g1> &amp; جوجل", "#جوجل_بلاي", "iOS 26.1-b ٢٫٥", "\xff<", "آ\u200fبل"} {
		f.Add(s)
	}
	g := builtIn(f)
	f.Fuzz(func(t *testing.T, s string) {
		g.Terms(s)
		g.Loose(s)
		if got := g.Protect(s); len(g.Terms(s)) == 0 && got != s {
			t.Errorf("Protect(%q) = %q, without a term", s, got)
		}
	})
}

// mtQuality names the folder of the FLORES and NTREX sentences, which are no part of the
// repository. NASHRA_TEST_LIST=1 lists every term that is found there.
const mtQuality = "NASHRA_TEST_SENTENCES"

// Every term found in the 4,006 sentences was read and judged. testdata/judged.tsv keeps the
// verdicts as hashes of sentence and term: the sentences are CC BY-SA.
func TestTermsInNewsAreJudged(t *testing.T) {
	dir := os.Getenv(mtQuality)
	if dir == "" {
		t.Skip(mtQuality + " names no folder")
	}
	verdicts := map[string]string{}
	for _, line := range lines(t, "testdata/judged.tsv") {
		id, verdict, _ := strings.Cut(line, "\t")
		verdicts[id] = verdict
	}
	g, n, wrong, unjudged := builtIn(t), 0, 0, 0
	for _, name := range []string{"flores/flores-dev.ar", "flores/flores-test.ar", "ntrex/newstest2019.ar.txt"} {
		for i, text := range lines(t, filepath.Join(dir, name)) {
			tx := g.read(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text))
			tx.each(tx.holds, func(f found) {
				sum := sha256.Sum256([]byte(text + "\t" + f.To))
				id := hex.EncodeToString(sum[:6])
				if n++; verdicts[id] == "wrong" {
					wrong++
				} else if verdicts[id] == "" {
					unjudged++
				}
				if os.Getenv("NASHRA_TEST_LIST") != "" {
					fmt.Printf("%s\t%s\t%s:%d\t%s = %s\t%s\n", id, verdicts[id], name, i+1, f.From, f.To, text)
				}
			})
		}
	}
	t.Logf("%d tellings, of which %d are wrong", n, wrong)
	if unjudged > 0 || n < 200 || 100*wrong > n {
		t.Errorf("%d of %d tellings are not judged yet, %d are wrong; at most 1 %% may be", unjudged, n, wrong)
	}
}

// A text of nothing but terms that ask for their context takes time in proportion to its length.
func BenchmarkHostile(b *testing.B) {
	g, text := builtIn(b), strings.Repeat("آبل ميتا خادم معالج ", 5000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		g.Terms(text)
	}
}
