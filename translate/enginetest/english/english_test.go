package english

import (
	"strings"
	"testing"
)

func TestKeepsWhatIsNotArabic(t *testing.T) {
	for name, c := range map[string]struct {
		in    string
		tags  bool
		keeps []string
	}{
		"digits, names, marks": {"إصدار GPT-4 بسعر ١٩٫٩٩$؟", false, []string{"GPT-4", "19.99$?"}},
		"codes of HTML": {"<a id=1>شركة</a> &amp; <img id=2>", true,
			[]string{"<a id=1>", "</a> &amp; <img id=2>"}},
		"numbered tags":                  {"<g1>شركة</g1><x2/>", true, []string{"<g1>", "</g1><x2/>"}},
		"less-than in text is not a tag": {"5 < ستة", false, []string{"5 < "}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Translate(c.in, c.tags)
			for _, k := range c.keeps {
				if !strings.Contains(got, k) {
					t.Errorf("%q lost %q", got, k)
				}
			}
			if strings.ContainsFunc(got, func(r rune) bool { return r >= 0x600 && r < 0x700 }) {
				t.Errorf("Arabic left in %q", got)
			}
			if got != Translate(c.in, c.tags) {
				t.Error("another answer the second time")
			}
		})
	}
	if a, b := Translate("هاتف", false), Translate("حاسوب", false); a == b {
		t.Errorf("two words became one: %s", a)
	}
}
