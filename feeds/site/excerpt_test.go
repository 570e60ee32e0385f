package site

import (
	"strings"
	"testing"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

func TestExcerpt(t *testing.T) {
	for name, c := range map[string]struct{ lang, in, want, as string }{
		"nothing":           {"ar", `<figure><img src="https://a.example/1.jpg" alt="x"/></figure>`, "", ""},
		"text":              {"ar", "خبر & رأي", "خبر &amp; رأي", ""},
		"first paragraph":   {"ar", "<h2>عنوان</h2><p>أول</p><p>ثان</p>", "أول", ""},
		"quotation":         {"ar", "<blockquote><p>قال</p><p>ثم قال</p></blockquote>", " قال  ثم قال", ""},
		"line breaks":       {"ar", "<p>سطر<br/>سطر</p>", "سطر  سطر", ""},
		"picture in a text": {"ar", `<p>قبل <img src="https://a.example/1.jpg"/>بعد</p>`, "قبل بعد", ""},
		"link": {"ar", `<p><a href="https://a.example/" title="&lt;">هنا</a></p>`,
			`<a rel="nofollow" href="https://a.example/">هنا</a>`, ""},
		"quoted English": {"ar", `<p lang="en" dir="ltr">A tweet</p>`, "A tweet", "en"},
		"wrong language": {"ar", `<p lang="en-US" dir="ltr">نص <span lang="en" dir="ltr">عربي</span></p>`,
			"نص عربي", ""},
		"right language": {"ar", `<p>نص <em lang="en">Text</em></p>`, `نص <em dir="ltr" lang="en">Text</em>`, ""},
		"overrides":      {"ar", "<p>\u202eنص\u202c <bdo dir=\"ltr\">قلب</bdo></p>", "نص قلب", ""},
		"Arabic in English": {"en", "<p>The <b>word خبر جديد, or</b> نشرة</p>",
			`The <b>word <bdi lang="ar" dir="rtl">خبر جديد</bdi>, or</b> <bdi lang="ar" dir="rtl">نشرة</bdi>`, ""},
		"left in Arabic": {"en", `<p>Done. <span lang="ar" dir="rtl"><em lang="en" dir="ltr">[not translated]</em> ` +
			"\u2067باق\u2069</span></p>",
			`Done. <span lang="ar" dir="rtl"><em dir="ltr" lang="en">[not translated]</em> باق</span>`, ""},
		"all left in Arabic": {"en", `<p lang="ar" dir="rtl"><em lang="en" dir="ltr">[not translated]</em> ` +
			"\u2067السعر 599 دولارًا\u2069</p>",
			`<em dir="ltr" lang="en">[not translated]</em> السعر 599 دولارًا`, "ar"},
		"unknown language": {"", "<p>123</p>", "123", ""},
	} {
		x := newExcerpt(feeds.Text{Lang: c.lang, Body: c.in})
		if strings.TrimSpace(string(x.HTML)) != strings.TrimSpace(c.want) || x.Lang != c.as {
			t.Errorf("%s: %q in %q, want %q in %q", name, x.HTML, x.Lang, c.want, c.as)
		}
	}
}

// A long text is cut between words, never within a grapheme, and elements that it cuts are closed.
func TestLongExcerptIsCut(t *testing.T) {
	for name, body := range map[string]string{
		"words":     strings.Repeat("كلمةٌ ", 300),
		"links":     "<p>" + strings.Repeat(`<a href="https://a.example/">رابط طويل</a>، `, 100) + "</p>",
		"graphemes": "<p>" + strings.Repeat("👩‍👩‍👧‍👦", 700) + "</p>",
	} {
		x := newExcerpt(feeds.Text{Lang: "ar", Body: body})
		text := sanitize.Text(sanitize.Parse(string(x.HTML), ""))
		n := 0
		for g := graphemes.FromString(text); g.Next(); n++ {
			if name == "graphemes" && g.Value() != "👩‍👩‍👧‍👦" && g.Value() != "…" {
				t.Fatalf("%s: cut to %q", name, g.Value())
			}
		}
		if n > maxExcerpt+1 || n < maxExcerpt-20 || !strings.HasSuffix(text, "…") || strings.HasSuffix(text, "،…") {
			t.Errorf("%s: %d graphemes, ending in %q", name, n, text[len(text)-20:])
		}
	}
	exact := strings.Repeat("ab ", maxExcerpt/3-1) + "abc"
	if x := newExcerpt(feeds.Text{Lang: "en", Body: exact}); string(x.HTML) != exact {
		t.Errorf("%d graphemes became %q", maxExcerpt, x.HTML)
	}
}

func TestRuns(t *testing.T) {
	for _, c := range []struct{ lang, in, want string }{
		{"ar", "DeepSeek تهبط 17%", "DeepSeek تهبط 17%"},
		{"en", "No Arabic", "No Arabic"},
		{"en", "خبر first", "[ar:خبر] first"},
		{"en", "Says «وول ستريت» 17% and نشرةٌ.", "Says «[ar:وول ستريت]» 17% and [ar:نشرةٌ]."},
		{"fr", "Un mot en farsi : گفتگو", "Un mot en farsi : [fa:گفتگو]"},
		{"en", "", ""},
	} {
		var got strings.Builder
		for _, r := range runs(c.in, c.lang) {
			if r.Lang == "" {
				got.WriteString(r.Text)
				continue
			}
			got.WriteString("[" + r.Lang + ":" + r.Text + "]")
		}
		if got.String() != c.want {
			t.Errorf("runs(%q, %s) = %s, want %s", c.in, c.lang, got.String(), c.want)
		}
	}
}

func TestLinkable(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example/خبر": "https://a.example/خبر", " http://a.example ": "http://a.example",
		"javascript:alert(1)": "",
		"//a.example/":        "", "/x": "", "": "", "https:///x": "", "data:text/html,x": "",
		"ht\ntps://a.example": "",
	} {
		if got := linkable(in); got != want {
			t.Errorf("linkable(%q) = %q, want %q", in, got, want)
		}
	}
}
