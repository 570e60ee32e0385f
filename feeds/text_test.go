package feeds

import (
	"strings"
	"testing"
)

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{
		"تــحــديــث مــهــم":                 "تحديث مهم",
		"بـ«أذن» ذكية، 1447هـ، الـ5G":         "بـ«أذن» ذكية، 1447هـ، الـ5G",
		"اضغط هنـــــا":                       "اضغط هنا",
		"ــــ خبر ــــ":                       "خبر",
		"ﻫﻮﺍﻭﻱ ﺗﻜﺸﻒ ﷺ 5 ﷼":                    "هواوي تكشف ﷺ 5 ﷼",
		"a &amp;amp; &amp;laquo;b&amp;raquo;": "a & «b»",
		"<b>خبر</b><br/>ثان <script>":         "خبر ثان",
		"سا<!-- > -->لم":                      "سالم",
		"سا<!-- -- x >لم <!-- y":              "سالم",
		"1 < 2 و 3 > 2":                       "1 < 2 و 3 > 2",
		"\u202eمقلوب\n\t نص\u0007":            "مقلوب نص",
		"مُراجعة":                             "مُراجعة",
	} {
		if got := PlainText(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Shorten(strings.Repeat("بٌ", 400), MaxTitle); strings.Count(got, "ب") != MaxTitle-1 || !strings.HasSuffix(got, "ٌ…") {
		t.Errorf("a long title was cut to %q", got)
	}
}
