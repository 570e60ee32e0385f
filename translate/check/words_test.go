package check

import (
	"slices"
	"testing"
)

// Each of these kinds of wrong answers is noticed, and what is certain is withheld.
func TestWrongWordsAreNoticed(t *testing.T) {
	certain := map[string]bool{"Arabic word": true, "loop": true, "chatter": true, "form": true, "transliterated": true,
		"another language": true, "negation added": false, "negation removed": false, "Arabic in quotes": false}
	tried := map[string]int{}
	for _, p := range readSet(t, "testdata/bad.jsonl") {
		sure, ours := certain[p.Kind]
		if !ours {
			continue
		}
		tried[p.Kind]++
		found := Text(p.Ar, p.En)
		if len(found) == 0 || sure && !slices.ContainsFunc(found, func(f Problem) bool { return !f.Doubt }) {
			t.Errorf("%s: %v\n%s\n%s", p.Kind, found, p.Ar, p.En)
		}
	}
	for kind := range certain {
		if tried[kind] < 25 {
			t.Errorf("%d of kind %q, want 25", tried[kind], kind)
		}
	}
}

// What only looks like a fault passes without a mark, what may be one has one.
func TestWordsThatOnlyLookWrong(t *testing.T) {
	for _, c := range []struct{ ar, en, check string }{
		{"إليك طريقة تفعيل الميزة", "Here's how to enable the feature", ""},
		{"ترجمة الكتب بالآلة", "The translation of books by machine", ""},
		{"رد قائلا: لا أستطيع مساعدتك", "It replied: I cannot help you", ""},
		{"شاومي (小米) تطلق سيارة", "Xiaomi (小米) launches a car", ""},
		{"زاوية قدرها α في المحرك", "an angle of α in the engine", ""},
		{"وسم #الذكاء_الاصطناعي يتصدر", "The hashtag #الذكاء_الاصطناعي tops the list", ""},
		{"كلمة «كتاب» عربية", "The word «كتاب» is Arabic", "residue"},
		{"جدا جدا جدا", "very very very", ""},
		{"سرعة 1.000.000.000.000 عملية", "a speed of 1,000,000,000,000 operations", ""},
		{"قال: ......", "He said: ......", ""},
		{"«مرحبا»", "“Hello”", ""},
		{"سامسونج جالاكسي زد فولد", "Samsung Galaxy Z Fold", ""},
		{"لا يزال الهاتف غاليا", "The phone is still expensive", ""},
		{"لم تنجح الشركة", "The company failed", ""},
		{"لا تعمل الميزة إلا ليلا", "The feature only works at night", ""},
		{"لا يزيد السعر على 5 دولارات", "The price is at most $5", ""},
		{"ابدأ الآن", "Start now", ""},
		{"خطوة #1 للمبتدئين", "Step #1 for beginners", ""},
		{"- دعم العربية", "- Arabic is supported", ""},
		{"ويندوز 10 / ويندوز 11 للشركات", "Windows 10 for firms / Windows 11 for firms", ""},
		{"اتصال عبر a/b في الخادم", "A connection over a/b in the server", ""},
	} {
		found := Text(c.ar, c.en)
		marked := len(found) == 1 && found[0].Check == c.check && found[0].Doubt
		if c.check == "" && len(found) > 0 || c.check != "" && !marked {
			t.Errorf("%s: %s: %v, want %q", c.ar, c.en, found, c.check)
		}
	}
}

// A half of a text may be in another language, or only said twice.
func TestPartsOfATextAreDoubted(t *testing.T) {
	const ar = "أعلنت الشركة عن هاتف جديد، وقالت إن السعر سيكون أقل من المنافسين في كل الأسواق"
	for en, check := range map[string]string{
		"The company announced a new phone and said que le prix sera moins cher que ses concurrents":      "language",
		"The company announced a new phone and said the price the price would be low in all markets":      "",
		"The company announced a new phone, a new phone, and said the price would be low everywhere":      "repetition",
		"It said the price would be low, the price would be low in all markets, it announced a new phone": "repetition",
	} {
		found := Text(ar, en)
		if check == "" && len(found) > 0 || check != "" && (len(found) == 0 || found[0].Check != check) {
			t.Errorf("%s: %v, want %q", en, found, check)
		}
	}
}

// Faults that users of translation programs and models reported, in other words.
func TestReportedFaults(t *testing.T) {
	const ar = "أعلنت الشركة عن هاتف جديد ولا يتفق الخبراء على سعره"
	for name, en := range map[string]string{
		"options": "Here are a few translation options: The company announced a new phone and experts " +
			"do not agree on it",
		"sorry":           "I'm sorry I'm sorry I'm sorry I'm sorry I'm sorry I'm sorry I'm sorry",
		"opposite":        "The company announced a new phone and experts agree on its price",
		"some in Russian": "The company announced a new телефон and experts do not agree on it",
		"the source too":  ar + "\nThe company announced a new phone and experts do not agree on it",
		"source mixed":    "The company announced a new هاتف and experts do not agree on it",
		"one word":        "adverse adverse adverse adverse adverse adverse adverse adverse",
		"two words":       "never ever never ever never ever ever never ever never ever",
		"end of text":     "The company announced a new phone and experts do not agree on it <|im_end|>",
		"draft":           "Okay, so the text says the company announced a new phone and experts do not agree on it",
		"tag":             "[English] The company announced a new phone and experts do not agree on it",
		"arrow":           "-> The company announced a new phone and experts do not agree on it",
		"literal":         "The company announced a new phone and experts do not agree on it (literally: on its rate)",
	} {
		if len(Text(ar, en)) == 0 {
			t.Errorf("%s: %s", name, en)
		}
	}
}
