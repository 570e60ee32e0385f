package rules

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

func TestWordsChoose(t *testing.T) {
	type list = []string
	for name, c := range map[string]struct {
		include, exclude list
		text             string
		allowed          bool
	}{
		"no rule":                           {nil, nil, "", true},
		"a word":                            {list{"هاتف"}, nil, "هاتف جديد", true},
		"another spelling":                  {list{"هواوى"}, nil, "شركة هُواوي", true},
		"behind a prefix":                   {list{"هاتف"}, nil, "تفاصيل عن الهاتف", true},
		"behind two letters":                {list{"هاتف"}, nil, "والهاتف الجديد", true},
		"within another word":               {list{"AI"}, nil, "said in mail", false},
		"beside signs":                      {list{"AI"}, nil, "«AI»", true},
		"in another case":                   {list{"openai"}, nil, "OpenAI", true},
		"two words in a row":                {list{"ذكاء اصطناعي"}, nil, "عن ذكاء  اصطناعي", true},
		"two words apart":                   {list{"ذكاء اصطناعي"}, nil, "ذكاء غير اصطناعي", false},
		"over the end of the title":         {list{"ذكاء اصطناعي"}, nil, "ذكاء\nاصطناعي", true},
		"other digits":                      {list{"2026"}, nil, "عام ٢٠٢٦", true},
		"an expression":                     {list{"/^عاجل/"}, nil, "عاجل: خبر", true},
		"an expression in another case":     {list{"/open(ai|source)/"}, nil, "OpenSource", true},
		"a lone slash":                      {nil, list{"/"}, "a/b", true},
		"excluded":                          {nil, list{"إعلان"}, "اعلان مدفوع", false},
		"included and excluded":             {list{"هاتف"}, list{"إعلان"}, "إعلان هاتف", false},
		"nothing of include":                {list{"هاتف", "/x/"}, list{"إعلان"}, "خبر", false},
		"signs alone, which config refuses": {list{"!!!"}, nil, "", false},
	} {
		w, err := NewWords(c.include, c.exclude)
		if err != nil {
			t.Fatal(name, err)
		}
		if why := w.Why(strings.Split(c.text, "\n")...); (why == "") != c.allowed {
			t.Errorf("%s: %q", name, why)
		}
	}
}

func TestRulesThatNeverHoldAreRefused(t *testing.T) {
	for said, ok := range map[string]bool{
		"هاتف": true, "/a+/": true, "/": false, "!!!": false, "/ai/i": false, "/a{2": false, "3}/": false, "a/b": true,
		"/a(/": false, "ـــ": false, "/a{1001}/": false, `/(?!a)/`: false,
	} {
		if err := CheckWord(said); (err == nil) != ok {
			t.Errorf("include %s: %v", said, err)
		}
	}
	for said, ok := range map[string]bool{"هاتف": true, "!!!": true, "/x/gi": false,
		"/ موقع": true, "ـــ": false, "": false, "/a(/": false} {
		if err := CheckText(said); (err == nil) != ok {
			t.Errorf("replace %q: %v", said, err)
		}
	}
}

func rule(from, to string) feeds.Replacement { return feeds.Replacement{From: from, To: to} }

func replacer(t testing.TB, list ...feeds.Replacement) Replacer {
	t.Helper()
	r, err := NewReplacer(list)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTitlesAreReplaced(t *testing.T) {
	for name, c := range map[string]struct {
		rule      feeds.Replacement
		title     string
		wantTitle string
	}{
		"the outlet's name at the end": {rule(" - موقع التقنية", ""), "خبر جديد - موقع التقنية", "خبر جديد"},
		"another spelling":             {rule("أكبر شركة", "شركة"), "اَكـبر  شركه", "شركة"},
		"hamza as a mark":              {rule("أكبر", "اكبر"), "ا\u0654كبر", "اكبر"},
		"other digits":                 {rule("2026", "هذا العام"), "في ٢٠٢٦", "في هذا العام"},
		"a prefix stays":               {rule("جوجل", "غوغل"), "وجوجل وبجوجل ولجوجل", "وغوغل وبجوجل ولجوجل"},
		"not within a word":            {rule("AI", "ذكاء"), "AI said MAIL to AI", "ذكاء said MAIL to ذكاء"},
		"not before a letter's end":    {rule("كتاب", "سفر"), "كتابة كتاب", "كتابة سفر"},
		"signs":                        {rule("!!!", "."), "خبر!!!", "خبر."},
		"signs within words":           {rule("|", "،"), "خبر|خبر", "خبر،خبر"},
		"a no-break space":             {rule("اقرأ أيضا", ""), "خبر اقرأ\u00a0أيضًا", "خبر"},
		"an expression":                {rule(`/^عاجل\s*[:|]\s*/`, ""), "عاجل: خبر", "خبر"},
		"an expression's group":        {rule(`/(\d+)\$/`, "$1 دولار"), "سعره 300$", "سعره 300 دولار"},
		"a dollar that is no group":    {rule("سعر", "$1"), "سعر", "$1"},
		"an expression in other case":  {rule("/openai/", "OpenAI"), "OPENAI", "OpenAI"},
		"nothing left":                 {rule("/.*/", ""), "خبر", "خبر"},
		"only marks left":              {rule("خبر", "\u200f "), "خبر", "خبر"},
		"two lines":                    {rule("خبر", "خبر\nآخر"), "خبر", "خبر آخر"},
		"tags are words":               {rule("خبر", "<script>x</script>"), "خبر", "<script>x</script>"},
		"nothing found":                {rule("شيء", ""), "خبر  ", "خبر  "},
		"empty matches":                {rule("/x*/", "-"), "خب", "-خ-ب-"},
		"the beginning":                {rule("/^/", "[تقنية] "), "خبر", "[تقنية] خبر"},
		"direction is not overridden":  {rule("خبر", "\u202eخبر"), "خبر", "خبر"},
	} {
		if got := replacer(t, c.rule).Title(c.title); got != c.wantTitle {
			t.Errorf("%s: %q, want %q", name, got, c.wantTitle)
		}
	}
}

func TestTextsAreReplacedWhereTheyAreSeen(t *testing.T) {
	for name, c := range map[string]struct{ from, to, html, want string }{
		"a paragraph that is left empty goes": {"/^تابعونا.*/", "", "<p>خبر</p><p>تابعونا على تويتر</p>", "<p>خبر</p>"},
		"all of it":                           {"/.+/", "", "<p>خبر</p>", ""},
		"no attributes": {"photo", "x", `<p><img src="https://a.example/photo" alt="photo"/> photo</p>`,
			`<p><img src="https://a.example/photo" alt="photo"/> x</p>`},
		"no tags": {"/p/", "div", "<p>tip</p>", "<p>tidiv</p>"},
		"no HTML": {"خبر", `<img src=x onerror=alert(1)>`, "<p>خبر</p>",
			"<p>&lt;img src=x onerror=alert(1)&gt;</p>"},
		"no end of a tag":     {"خبر", `"><script>`, "<p>خبر</p>", "<p>&#34;&gt;&lt;script&gt;</p>"},
		"entities are signs":  {"/<b>/", "", "<p>a &lt;b&gt; c</p>", "<p>a  c</p>"},
		"entities of to stay": {"خبر", "&lt;b&gt;", "<p>خبر</p>", "<p>&amp;lt;b&amp;gt;</p>"},
		"not over tags":       {"خبر جديد", "x", "<p>خبر <b>جديد</b></p>", "<p>خبر <b>جديد</b></p>"},
		"in links": {"photo", "x", `<p><a href="https://a.example/photo">photo</a></p>`,
			`<p><a href="https://a.example/photo">x</a></p>`},
		"unchanged": {"شيء", "x", "<p>a  b</p>", "<p>a  b</p>"},
	} {
		if got := replacer(t, rule(c.from, c.to)).HTML(c.html); !strings.EqualFold(got, c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if got := replacer(t, rule("a", "b"), rule("b", "c")).HTML("<p>a b</p>"); got != "<p>c c</p>" {
		t.Errorf("rules in order: %s", got)
	}
}

func TestReplacedTextsAreBounded(t *testing.T) {
	long := strings.Repeat("a ", 500_000)
	began := time.Now()
	for _, from := range []string{"a", "/a/", "/x*/", "/(a|a)*?/", "/(a+)+$/", `/(\w+\s+)+!/`} {
		got := replacer(t, rule(from, strings.Repeat("b", 1000)), rule("/(.*)/", "$1$1$1$1")).plain(long)
		if len(got) > len(long)+2*maxGrowth {
			t.Errorf("%s: %d bytes of %d", from, len(got), len(long))
		}
	}
	if took := time.Since(began); took > 20*time.Second { // an explosion takes for ever
		t.Errorf("took %v", took)
	}
}

func FuzzReplacer(f *testing.F) {
	f.Add("خبر", "<b>", "<p>خبر &amp; <a href=\"https://a.example/\">خبر</a></p>")
	f.Add("/(.)/", "$1$1", "<p>x</p>")
	f.Add("/^|$/", "https://a.example/", "a<br/>b")
	f.Add("\xff", "\x00", "<p>\u202e</p>")
	f.Fuzz(func(t *testing.T, from, to, s string) {
		r, err := NewReplacer([]feeds.Replacement{rule(from, to)})
		if err != nil {
			if CheckText(from) == nil {
				t.Fatal(err)
			}
			return
		}
		clean := sanitize.HTML(s, "")
		got := r.HTML(clean)
		if again := sanitize.HTML(got, ""); again != got {
			t.Errorf("%q is not sanitised: %q", got, again)
		}
		title := feeds.PlainText(s)
		after := r.Title(title)
		if (after == "") != (title == "") && title != "" || strings.ContainsAny(after, "\n\r") && after != title ||
			!utf8.ValidString(after) && utf8.ValidString(title) && utf8.ValidString(to) {
			t.Errorf("title %q of %q", after, title)
		}
		if w, err := NewWords([]string{from}, []string{to}); err == nil {
			w.Why(s, title)
		}
	})
}
