package check

import (
	"bufio"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

type example struct{ Kind, Ar, En string }

func reference(t testing.TB) (out []example) {
	t.Helper()
	f, err := os.Open("testdata/reference-en.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		var p example
		if err := json.Unmarshal(sc.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if p.En != "" && p.En != p.Ar {
			out = append(out, p)
		}
	}
	return out
}

func TestReferenceHasNoFaults(t *testing.T) {
	for _, p := range reference(t) {
		for _, f := range Text(p.Ar, p.En, Options{Title: p.Kind == "title"}) {
			if !f.Doubt {
				t.Errorf("%s: %s\n%s\n%s", f.Check, f.Detail, p.Ar, p.En)
			}
		}
	}
}

// Each fault is put into every reference pair that has a place for it, and at least a share is
// noticed.
func TestFaultsAreNoticed(t *testing.T) {
	digit := regexp.MustCompile(`\d{2,}`)
	name := regexp.MustCompile(`\b[A-Z][A-Za-z]+[A-Z0-9][A-Za-z0-9]*\b`)
	for _, c := range []struct {
		fault, check string
		least        float64
		put          func(p example) string // p.En with the fault, or p.En if that has no place for it
	}{
		{"a number changed", "numbers", 0.95, func(p example) string {
			done := false
			return digit.ReplaceAllStringFunc(p.En, func(d string) string {
				if done || !strings.Contains(p.Ar, d) {
					return d
				}
				done = true
				return string('1'+(d[0]-'0')%9) + d[1:]
			})
		}},
		{"another scale", "amounts", 0.95, func(p example) string {
			return strings.NewReplacer("million", "billion", "billion", "trillion", "trillion", "million").Replace(p.En)
		}},
		{"another currency", "amounts", 0.85, func(p example) string {
			if !strings.Contains(p.Ar, "دولار") {
				return p.En
			}
			return strings.NewReplacer("US$", "€", "$", "€", "dollars", "euros", "dollar", "euro").Replace(p.En)
		}},
		{"a name dropped", "names", 0.95, func(p example) string {
			if n := name.FindString(p.En); n != "" && strings.Contains(p.Ar, n) {
				return strings.ReplaceAll(p.En, n, "it")
			}
			return p.En
		}},
		{"Arabic left", "residue", 0.99, func(p example) string { return p.En + " " + p.Ar }},
		{"an address added", "address", 1, func(p example) string { return p.En + " See evil.example.com" }},
		{"a tag added", "markup", 1, func(p example) string { return p.En + " <script src=//evil.example>" }},
		{"the source sent back", "echo", 1, func(p example) string { return p.Ar }},
		{"half cut off", "length", 0.3, func(p example) string { return p.En[:len(p.En)*2/5] }},
		{"Chinese added", "script", 1, func(p example) string { return p.En + " 好的" }},
		{"chatter", "chatter", 0.6, func(p example) string { return "Here is the translation: " + p.En }},
		{"a loop", "repetition", 0.9, func(p example) string { return strings.Repeat(p.En+" ", 8) }},
	} {
		tried, caught := 0, 0
		for _, p := range reference(t) {
			bad := c.put(p)
			if bad == p.En {
				continue
			}
			tried++
			for _, f := range Text(p.Ar, bad, Options{}) {
				if f.Check == c.check {
					caught++
					break
				}
			}
		}
		t.Logf("%-22s noticed in %d of %d", c.fault, caught, tried)
		if tried == 0 || float64(caught) < c.least*float64(tried) {
			t.Errorf("%s: %d of %d noticed, want %.0f %%", c.fault, caught, tried, 100*c.least)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		ar, en string
		ok     bool
	}{
		{"كلفها ٦ ملايين دولار", "It cost $6 million", true},
		{"كلفها 6 ملايين دولار", "It cost $6,000,000", true},
		{"170 ألف زائر", "170,000 visitors", true},
		{"170 ألف زائر", "17,000 visitors", false},
		{"نسبة 1,5 في المئة", "1.5 per cent", true},
		{"الإصدار 18.3.1", "version 18.3.1", true},
		{"الإصدار 18.3.1", "version 18.3", false},
		{"١٦٬٠٠٠ شريحة", "16,000 chips", true},
		{"589 مليار دولار", "$589bn", true},
		{"589 مليار دولار", "$598 billion", false},
		{"باعت الشركة هواتف", "The company sold 500 phones", false},
		{"ثلاث كاميرات", "3 cameras", true},
		{"الساعة 8:40 مساء", "8:40 p.m.", true},
		{"5 مليارات دولار", "$5 million", false},
		{"بين 3 ملايين و5 ملايين", "between 3 and 5 million", true},
		{"783،562 كيلومترا", "783,562 kilometres", true},
		{"على بعد 5 أمتار", "5 m away", true},
	} {
		if got := numbers(newPair(c.ar, c.en)); (got == "") != c.ok {
			t.Errorf("numbers(%q, %q) = %q", c.ar, c.en, got)
		}
	}
}

func TestAmounts(t *testing.T) {
	for _, c := range []struct{ ar, en, fault string }{
		{"ملايين المستخدمين", "Millions of users", ""},
		{"ملايين المستخدمين", "Billions of users", "hard"},
		{"ملايين المستخدمين", "Very many users", "warning"},
		{"مليونا دولار", "$2m", ""},
		{"بمليار دولار", "for $1,000,000,000", ""},
		{"1000 مليون", "1 billion", ""},
		{"الملياردير الأمريكي", "The American billionaire", ""},
		{"30 مترا", "30 m", ""},
		{"نموذج جديد", "A trillion new models", "hard"},
		{"500 ريال سعودي", "500 Saudi riyals", ""},
		{"500 ريال سعودي", "500 dollars", "hard"},
		{"500 ريال سعودي", "500", "warning"},
		{"500 دولار", "a European try at 500 in an ordinary trial, in real time", "warning"},
		{"500 دولار", "US$500", ""},
		{"500 دولار", "us$500", ""},
		{"5 ملايين يورو", "5 million€", ""},
		{"500 دولار", "AED500", "hard"},
		{"500 دولار", "2 million real", "hard"},
		{"5 ملايين ريال برازيلي", "5 million real", ""},
		{"لاعب ريال مدريد", "A Real Madrid player", ""},
		{"و200 جنيه مصري", "and EGP 200", ""},
	} {
		fault := ""
		for _, p := range amounts(newPair(c.ar, c.en)) {
			if fault = "hard"; p.Doubt {
				fault = "warning"
			}
		}
		if fault != c.fault {
			t.Errorf("amounts(%q, %q): %q, want %q", c.ar, c.en, fault, c.fault)
		}
	}
}

func TestHandles(t *testing.T) {
	for target, ok := range map[string]bool{"posted by @OpenAI_ar": true, "posted by @openai_ar today": true,
		"posted by OpenAI_ar": false, "posted by @openai": false} {
		if got := names(newPair("نشر حساب @openai_ar", target)); (got == "") != ok {
			t.Errorf("%q: %q", target, got)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("خبر 12", "news 12")
	f.Add("١٬٢٣٤٫٥ ملايين GPT-4", "1,234.5 million GPT-4")
	f.Fuzz(func(t *testing.T, source, target string) {
		for _, p := range Text(source, target, Options{}) {
			if p.Check == "" || p.Detail == "" {
				t.Fatalf("an unexplained problem: %+v", p)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	pairs := reference(b)
	for _, p := range pairs { // compiles the patterns
		Text(p.Ar, p.En, Options{})
	}
	for i := 0; b.Loop(); i++ {
		p := pairs[i%len(pairs)]
		Text(p.Ar, p.En, Options{})
	}
}
