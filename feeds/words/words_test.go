package words

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

// has reports whether a text with these terms has what q asks for, as a database decides it.
func has(terms []string, q Query) bool {
	for _, s := range q.sought() {
		found := slices.ContainsFunc(s.any, func(t string) bool { return slices.Contains(terms, t) })
		found = found || len(s.all) > 0 && !slices.ContainsFunc(s.all, func(t string) bool {
			return !slices.Contains(terms, t)
		})
		for _, b := range s.begins {
			found = found || slices.ContainsFunc(terms, func(t string) bool { return strings.HasPrefix(t, b) })
		}
		if !found {
			return false
		}
	}
	return !q.Empty()
}

// A word finds its other forms and spellings in both languages.
func TestWordFindsItsForms(t *testing.T) {
	for _, c := range []struct {
		query, text string
		want        bool
	}{
		{"phones", "a new phone", true},
		{"phone", "new phones", true},
		{"companies", "the company", true},
		{"translating", "Translations of news", true},
		{"intel", "artificial intelligence", false},
		{"intel*", "artificial intelligence", true},
		{"nvid", "Nvidia", false},
		{"nvid*", "Nvidia", true},
		{"translati*", "it translates; the translation", true},
		{"هواتف", "أطلقت هاتفًا جديدًا", true},
		{"هاتف", "وللهواتف الذكية", true},
		{"الألعاب", "لعبة جديدة", true},
		{"لعبة", "وألعاب الفيديو", true},
		{"هواتفها", "الهاتف", true},
		{"أجهزة", "بجهازه", true},
		{"شركات", "الشركة", true},
		{"دمج", "قررت بدمج الشركتين", true},
		{"مجاورة", "الدول المجاورة", true},
		{"الصبر", "بِالصَّبْرِ", true},
		{"ذكا*", "والذكاء الاصطناعي", true},
		{"الذك*", "ذكاء", true},
		{"كِتَابَة", "كتابة", true},
		{"كتـــابة", "كتابة", true},
		{"ﻛﺘﺎﺑﺔ", "كتابة", true},
		{"ٱلۡهَدۡيِۖ", "الهدي", true},
		{"اكل", "أكل", true},
		{"غوغل", "جوجل تطلق", true},
		{"جوجل", "Google Play", true},
		{"nvidia", "إنفيديا", true},
		{"واتساب", "واتس آب", true},
		{"واتسا*", "تحديث واتساب", true},
		{"wifi", "Wi-Fi 7", true},
		{"wi-fi", "WiFi 7", true},
		{"gpt-4", "GPT 4", true},
		{"GPT4", "GPT-4", true},
		{"gpt-4", "GPT-5", false},
		{"18.3.1", "iOS 18.3.1", true},
		{"18.3.1", "3 of 18 and 1", false},
		{"50", "50%", true},
		{"50%", "50 stories", false},
		{"16000", "١٦٬٠٠٠", true},
		{"joao", "João", true},
		{"João", "Joao", true},
		{"αθηνα", "Αθήνα", true},
		{"let's dance", "Letʼs dance", true},
		{"Apple's chip", "a chip of Apple", true},
		{"at&t", "AT&T", true},
		{"the future of chips", "chip future", true},
		{"the", "the end", true},
		{"و آبل", "وآبل", true},
		{"kingdom: come", "Kingdom Come", true},
		{"(Google", "Google", true},
		{"★", "★ a star", false},
		{"", "all", false},
		{`"nvid*"`, "Nvidia", true},
	} {
		if got := has(Terms(c.text), Parse(c.query)); got != c.want {
			t.Errorf("%q in %q: %v; terms %q", c.query, c.text, got, Terms(c.text))
		}
	}
}

// Operators of other engines are words, signs are nothing, and what Parse takes for the same has one
// form.
func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"Nvidia":                   "nvidia",
		"  NVIDIA, chip! ":         "nvidia chip",
		"a AND b":                  "b",
		"NEAR(chip, 2)":            "near chip 2",
		"-chip +x title:y ^z":      "chip x title y z",
		"chip*":                    "chip*",
		"*chip c*p":                "chip c p",
		"nv*":                      "nv",
		`"chip"`:                   "chip",
		"aaa* bbb* ccc* ddd* eee*": "aaa bbb* ccc* ddd* eee*",
		"'; DROP TABLE stories--":  "drop table stories",
		"\x00\xff":                 "",
		"😀 ؟!":                     "",
		"أَنْفِيدْيَا":             "انفيديا",
		"the of":                   "the of",
		strings.Repeat("x1 ", 20):  "x1",
		"a1 a2 a3 a4 a5 a6 a7 a8 a9 b1 b2 b3 b4 b5 b6 b7 b8 b9": "a1 a2 a3 a4 a5 a6 a7 a8 a9 b1 b2 b3 b4 b5 b6 b7",
	} {
		q := Parse(in)
		if got := q.String(); got != want || Parse(got).String() != got || q.Empty() != (want == "") {
			t.Errorf("Parse(%q) = %q, want %q", in, got, want)
		}
	}
}

// Words become beginnings of words, unless they are short or in quotes.
func TestBeginnings(t *testing.T) {
	for in, want := range map[string]string{"nvid ai": "nvid* ai",
		"aaaa bbbb cccc dddd eeee": "aaaa bbbb* cccc* dddd* eeee*",
		`"nvid"`:                   "", "«nvid»": "", "ai": "", "nvid*": ""} {
		got, changed := Parse(in).Beginnings()
		if changed != (want != "") || changed && got.String() != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// Marked words are those that are found, as they stand in the text, whole with their vowels.
func TestMarks(t *testing.T) {
	for _, c := range []struct{ query, text, want string }{
		{"phones", "A phone, two PHONES.", "A [phone], two [PHONES]."},
		{"nvid*", "Nvidia's chips", "[Nvidia]'s chips"},
		{"هاتف", "والهَوَاتِفُ، هاتفها", "[والهَوَاتِفُ]، [هاتفها]"},
		{"آبل", "«آبل»: ﺁﺑﻞ", "«[آبل]»: [ﺁﺑﻞ]"},
		{"جوجل", "Google وغوغل", "[Google] [وغوغل]"},
		{"واتساب", "واتس آب اليوم", "[واتس آب] اليوم"},
		{"gpt-4", "GPT-4 and GPT 4, GPT-4o", "[GPT-4] and [GPT] [4], [GPT-4o]"},
		{"16000", "16,000 or ١٦٬٠٠٠", "[16,000] or [١٦٬٠٠٠]"},
		{"joao", "João e\u0301", "[João] e\u0301"},
		{"cafe", "cafe\u0301 x", "[cafe\u0301] x"},
		{"the chips", "the chip", "the [chip]"},
		{"x", "<script>x</script>", "<script>[x]</script>"},
		{"5", "5\u20e3!", "[5\u20e3]!"},
		{"", "nothing", "nothing"},
	} {
		var b strings.Builder
		at := 0
		for _, s := range Parse(c.query).Marker()(c.text) {
			b.WriteString(c.text[at:s.From] + "[" + c.text[s.From:s.To] + "]")
			at = s.To
		}
		if got := b.String() + c.text[at:]; got != c.want {
			t.Errorf("%q marks %s, want %s", c.query, got, c.want)
		}
	}
}

// Terms have a greatest length, also those of texts without spaces.
func TestTermsAreBounded(t *testing.T) {
	for _, term := range Terms(strings.Repeat("خ", 5000) + " " + strings.Repeat("w", 5000)) {
		if len(term) > maxTerm || !utf8.ValidString(term) {
			t.Errorf("a term of %d bytes", len(term))
		}
	}
	a, b := Parse(strings.Repeat("w", 5000)), Terms(strings.Repeat("w", 5000))
	if !has(b, a) {
		t.Error("a long word does not find itself")
	}
}

func FuzzMarks(f *testing.F) {
	for _, s := range []string{"GPT-4 و18.3.1", "٪ 5% 16,000", "e\u0301 ﷺ ʼs ŉ", "a-b.c\u200c-d", "\x00 ﻻ", "5,0 .5"} {
		f.Add(s, "gpt-4 a*")
	}
	f.Fuzz(func(t *testing.T, text, query string) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		q := Parse(query)
		if q.String() != Parse(q.String()).String() {
			t.Errorf("%q has no one form: %q, %q", query, q, Parse(q.String()))
		}
		at := 0
		for _, s := range q.Marker()(text) {
			if s.From < at || s.To <= s.From || !utf8.ValidString(text[s.From:s.To]) {
				t.Fatalf("%v of %q", s, text)
			}
			at = s.To
		}
		for _, term := range append(Terms(text), strings.Fields(q.String())...) {
			if rest := strings.Trim(term, TermSigns+"*-"); strings.ContainsFunc(rest, func(r rune) bool {
				return r < utf8.RuneSelf && !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789.%-", r)
			}) {
				t.Errorf("the term %q has signs", term)
			}
		}
		_, list := split(text)
		if want := fields(text); !slices.Equal(list, want) && arabic.Share(text) == 1 {
			t.Errorf("%q is %q, want %q", text, list, want)
		}
	})
}
