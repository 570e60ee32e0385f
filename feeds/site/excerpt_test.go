package site

import (
	"strings"
	"testing"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/nashra/nashra/feeds"
)

func TestExcerpt(t *testing.T) {
	for name, c := range map[string]struct{ lang, in, want, as string }{
		"nothing":           {"ar", `<figure><img src="https://a.example/1.jpg" alt="x"/></figure>`, "", ""},
		"text":              {"ar", "خبر &amp; رأي", "خبر & رأي", ""},
		"first paragraph":   {"ar", "<h2>عنوان</h2><p>أول</p><p>ثان</p>", "أول", ""},
		"quotation":         {"ar", "<blockquote><p>قال</p><p>ثم قال</p></blockquote>", "قال ثم قال", ""},
		"line breaks":       {"ar", "<p>سطر<br/>سطر</p>", "سطر سطر", ""},
		"picture in a text": {"ar", `<p>قبل <img src="https://a.example/1.jpg"/>بعد</p>`, "قبل بعد", ""},
		"link":              {"ar", `<p><a href="https://a.example/" title="&lt;">هنا</a></p>`, "هنا", ""},
		"markup as text":    {"en", "<p>The &lt;b&gt; tag</p>", "The <b> tag", ""},
		"quoted English":    {"ar", `<p lang="en" dir="ltr">A tweet</p>`, "A tweet", "en"},
		"wrong language": {"ar", `<p lang="en-US" dir="ltr">نص <span lang="en" dir="ltr">عربي</span></p>`,
			"نص عربي", ""},
		"overrides": {"ar", "<p>\u202eنص\u202c <bdo dir=\"ltr\">قلب</bdo></p>", "نص قلب", ""},
		"Arabic in English": {"en", "<p>The <b>word خبر جديد, or</b> نشرة</p>",
			"The word [ar:خبر جديد], or [ar:نشرة]", ""},
		"all left in Arabic": {"en", `<p lang="ar" dir="rtl"><em lang="en" dir="ltr">[not translated]</em> ` +
			"\u2067السعر 599 دولارًا\u2069</p>", `[not translated] السعر 599 دولارًا`, "ar"},
		"unknown language": {"", "<p>123</p>", "123", ""},
	} {
		x := newExcerpt(feeds.Text{Lang: c.lang, Body: c.in})
		if got := marked(x.Text); got != c.want || x.Lang != c.as {
			t.Errorf("%s: %q in %q, want %q in %q", name, got, x.Lang, c.want, c.as)
		}
	}
}

// A long text is cut, never within a grapheme.
func TestLongExcerptIsCut(t *testing.T) {
	for name, body := range map[string]string{
		"words":     strings.Repeat("كلمةٌ ", 300),
		"links":     "<p>" + strings.Repeat(`<a href="https://a.example/">رابط طويل</a>، `, 100) + "</p>",
		"graphemes": "<p>" + strings.Repeat("👩‍👩‍👧‍👦", 700) + "</p>",
	} {
		text, n := marked(newExcerpt(feeds.Text{Lang: "ar", Body: body}).Text), 0
		for g := graphemes.FromString(text); g.Next(); n++ {
			if name == "graphemes" && g.Value() != "👩‍👩‍👧‍👦" && g.Value() != "…" {
				t.Fatalf("%s: cut to %q", name, g.Value())
			}
		}
		if n > maxExcerpt || n < maxExcerpt-20 || !strings.HasSuffix(text, "…") {
			t.Errorf("%s: %d graphemes, %q", name, n, text)
		}
	}
}

// marked returns runs as text, those in another language as [lang:text].
func marked(runs []run) string {
	var b strings.Builder
	for _, r := range runs {
		if r.Lang == "" {
			b.WriteString(r.Text)
			continue
		}
		b.WriteString("[" + r.Lang + ":" + r.Text + "]")
	}
	return b.String()
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
		got := marked(runs(c.in, c.lang))
		if got != c.want {
			t.Errorf("runs(%q, %s) = %s, want %s", c.in, c.lang, got, c.want)
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
