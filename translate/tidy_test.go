package translate

import "testing"

func TestTidy(t *testing.T) {
	for _, c := range [][3]string{
		{"خبر", "Translation: News", "News"},
		{"ترجمة: خبر", "Translation: News", "Translation: News"},
		{"خبر", "```text\nNews\n```", "News"},
		{"خبر", "“News”", "News"},
		{"«خبر»", "“News”", "“News”"},
		{"خبر", "\"Big\" and \"small\"", "\"Big\" and \"small\""},
		{"«ديب سيك» (DeepSeek)", "“DeepSeek” (DeepSeek) has", "“DeepSeek” has"},
		{"شركة ديب سيك (DeepSeek)", "The company DeepSeek (DeepSeek)", "The company DeepSeek"},
		{"ماسك (Musk)", "Elon Musk (X)", "Elon Musk (X)"},
		{"", "", ""},
	} {
		if got := tidy(c[0], c[1]); got != c[2] {
			t.Errorf("tidy(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestProtect(t *testing.T) {
	g, err := BuiltinGlossary()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{"خسر سهم إنفيديا وانفيديا", "خسر سهم Nvidia و Nvidia"},
		{"قال إيلون ماسك لواتساب", "قال Elon Musk لـ WhatsApp"},
		{"«ديب سيك» تربك", "«DeepSeek» تربك"},
		{"الذكاء الاصطناعي في جوجل", "الذكاء الاصطناعي في Google"},
		{"سعره 500 دولار أو ريال", "سعره 500 دولار أو ريال"},
		{"دقتها 50 بيكسل، وزين وتمارا", "دقتها 50 بيكسل، وزين وتمارا"}, // words, not names
		{"إيلون، ماسك", "إيلون، ماسك"},
		{"OpenAI أطلقت", "OpenAI أطلقت"},
		{"", ""},
	} {
		if got := g.Protect(c[0]); got != c[1] {
			t.Errorf("Protect(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}
