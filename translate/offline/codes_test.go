package offline

import (
	"strings"
	"testing"

	"github.com/nashra/nashra/translate"
)

// Codes come back around the words that correspond to the enclosed ones, punctuation outside them stays outside.
func TestCodes(t *testing.T) {
	e := New(in(speller(t)))
	for source, want := range map[string]string{
		"أعلنت <g1>شركة <g2>أبل</g2></g1> عن <x3/> هاتف <g4>جديد</g4>": "AELNT <g1>SHRKAH <g2>ABL</g2></g1> EN " +
			"<x3/> HATF <g4>JDYD</g4>",
		"<g1>من هنا</g1>، و<g2>من هناك</g2>.": "<g1>MN HNA</g1>, <g2>WMN HNAK</g2>.",
		"«<g1>أبل</g1>» (<g2>جوجل</g2>).":     "“<g1>ABL</g1>” (<g2>JWJL</g2>).",
		"<g1><g2>نص</g2></g1>":                "<g1><g2>NS</g2></g1>",
		"<g1>نص <x2/> نص</g1>":                "<g1>NS <x2/> NS</g1>",
		"<g1><x2/> نص</g1>":                   "<g1><x2/> NS</g1>",
		"نص <x1/>":                            "NS <x1/>",
		"1 &lt; 2 &amp; <g1>3 &gt; 2</g1>":    "1 &lt; 2 &amp; <g1>3 &gt; 2</g1>",
		// codes that are not closed are left out
		"نص <g1>لا ينتهي": "NS LA YNTHY",
		"نص </g1>":        "NS",
		"<b>ليس منها</b>": "&lt;b&gt;LYS MNHA&lt;/b&gt;",
	} {
		r := ask(source)
		r.Codec = translate.Tagged
		res, err := e.Translate(t.Context(), r)
		if err != nil || res.Texts[0] != want {
			t.Errorf("%s\nis   %s\nwant %s\n%v", source, res.Texts[0], want, err)
		}
	}
}

func FuzzCodes(f *testing.F) {
	f.Add("نص <g1>أول <x2/></g1>، &amp; <g3>ثان</g3>", "text <first>, & second", []byte{0, 1, 2, 3})
	f.Fuzz(func(t *testing.T, tagged, target string, from []byte) {
		source, codes := takeCodes(tagged)
		var origins []int
		for i := range wordSpans(target) {
			origins = append(origins, -1)
			if len(from) > 0 {
				origins[i] = int(from[i%len(from)])
			}
		}
		out := weave(source, codes, target, origins)
		left, again := takeCodes(out)
		if strings.Join(strings.Fields(left), " ") != strings.Join(strings.Fields(target), " ") ||
			len(again) > len(codes) {
			t.Fatalf("%q with the codes of %q is %q", target, tagged, out)
		}
	})
}
