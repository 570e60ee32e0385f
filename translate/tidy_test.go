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
		{"بحث وتطوير", "R&amp;amp;D of Marks &amp; Spencer&amp;#39;s", "R&amp;D of Marks &amp; Spencer's"},
		{"اكتب &amp;amp; هنا", "write &amp;amp; here", "write &amp;amp; here"},
		{"وسم &lt;b&gt;", "the tag &amp;lt;b&amp;gt;", "the tag &amp;lt;b&amp;gt;"},
		{"", "", ""},
	} {
		if got := tidy(c[0], c[1]); got != c[2] {
			t.Errorf("tidy(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
