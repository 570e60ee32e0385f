package feeds

import (
	"strings"
	"testing"
)

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{
		"تــحــديــث مــهــم":                               "تحديث مهم",
		"بـ«أذن» ذكية، 1447هـ، الـ5G":                       "بـ«أذن» ذكية، 1447هـ، الـ5G",
		"اضغط هنـــــا":                                     "اضغط هنا",
		"ــــ خبر ــــ":                                     "خبر",
		"ﻫﻮﺍﻭﻱ ﺗﻜﺸﻒ ﷺ 5 ﷼":                                  "هواوي تكشف ﷺ 5 ﷼",
		"a &amp;amp; &amp;laquo;b&amp;raquo;":               "a & «b»",
		"<b>خبر</b><br/>ثان <script>x</script>":             "خبر ثان",
		"<a href=x>خبر</a> <img src=i.jpg onload=y>":        "خبر",
		"<svg/onload=alert(1)>خبر":                          "خبر",
		"شرح <video> و<script> و<br> و<b> في HTML":          "شرح <video> و<script> و و<b> في HTML",
		"قوائم List<T> و&lt;T&gt; وDictionary<string, int>": "قوائم List<T> و<T> وDictionary<string, int>",
		"x<y و a>z، a<b و c>d":                              "x<y و a>z، a<b و c>d",
		"<![CDATA[خبر <em>مهم</em>]]>":                      "خبر مهم",
		"\u200f\u200bخبر\u200b مهم\u00ad\u200c\u200e":       "خبر مهم",
		"می\u200cروم":                                       "می\u200cروم",
		"فريق 👨\u200d💻":                                     "فريق 👨\u200d💻",
		"سا<!-- > -->لم":                                    "سالم",
		"سا<!-- -- x >لم <!-- y":                            "سالم",
		"1 < 2 و 3 > 2":                                     "1 < 2 و 3 > 2",
		"\u202eمقلوب\n\t نص\u0007":                          "مقلوب نص",
		"مُراجعة":                                           "مُراجعة",
	} {
		if got := PlainText(in); got != want {
			t.Errorf("PlainText(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Shorten(
		strings.Repeat("بٌ", 400),
		MaxTitle,
	); strings.Count(got, "ب") != MaxTitle-1 ||
		!strings.HasSuffix(got, "ٌ…") {
		t.Errorf("a long title was cut to %q", got)
	}
}

func TestLegal(t *testing.T) {
	if fine := "a\t\n\u00a0\u2067س\U0001F600"; Legal(fine) != fine || fine != Legal(fine+"\x7f\u0085\ufffe\u202e\r") {
		t.Errorf("%q, %q", Legal(fine), Legal(fine+"\x7f\u0085\ufffe\u202e\r"))
	}
	if got, want := Legal("a\xff\xc3(\xe2\x80"), "a\uFFFD(\uFFFD"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
