package check

import "testing"

// reference returns pairs translated by people.
func reference(t testing.TB) (out []labelled) {
	for _, p := range readSet(t, "testdata/reference-en.jsonl") {
		if p.En != "" && p.En != p.Ar {
			out = append(out, labelled{Kind: "reference", Ar: p.Ar, En: p.En, Title: p.Kind == "title"})
		}
	}
	return out
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
		if got := quantities(newPair(c.ar, c.en)); (len(got) == 0) != c.ok {
			t.Errorf("numbers(%q, %q) = %v", c.ar, c.en, got)
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
		for _, p := range quantities(newPair(c.ar, c.en)) {
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
		for _, p := range Text(source, target) {
			if p.Check == "" || p.Detail == "" {
				t.Fatalf("an unexplained problem: %+v", p)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	pairs := reference(b)
	for _, p := range pairs { // compiles the patterns
		Text(p.Ar, p.En)
	}
	for i := 0; b.Loop(); i++ {
		p := pairs[i%len(pairs)]
		Text(p.Ar, p.En)
	}
}
