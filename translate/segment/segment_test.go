package segment

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func parse(t testing.TB, source string) *Doc {
	t.Helper()
	d, err := Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func texts(d *Doc) (out []string) {
	for _, s := range d.Segments() {
		out = append(out, s.Text)
	}
	return out
}

func TestSegments(t *testing.T) {
	for name, c := range map[string]struct {
		html string
		want []string
	}{
		"empty":     {"", nil},
		"bare text": {"خبر", []string{"خبر"}},
		"emphasis and a link": {`<p>أطلقت <a href="/x">OpenAI</a> نموذج <strong>o3</strong>.</p>`,
			[]string{"أطلقت <g1>OpenAI</g1> نموذج <g2>o3</g2>."}},
		"tags around the same words": {`<p>قال <a href="/x"><strong>ماسك</strong></a> ذلك</p>`,
			[]string{"قال <g1>ماسك</g1> ذلك"}},
		"tags around the whole text":     {`<p><strong><em>تنبيه مهم</em></strong></p>`, []string{"تنبيه مهم"}},
		"text that looks like markup":    {`<p>اكتب &lt;b&gt; &amp; اضغط</p>`, []string{"اكتب &lt;b&gt; &amp; اضغط"}},
		"one break is a code, two split": {"أول<br>ثان<br> <br/>ثالث", []string{"أول<x1/>ثان", "ثالث"}},
		"inline code":                    {"<p>اكتب <code>chrome://x</code> هنا</p>", []string{"اكتب <x1/> هنا"}},
		"addresses and handles": {"<p>على https://a.example/x?y=1. أو بريد me@a.example أو حساب @OpenAI_ar.</p>",
			[]string{"على <x1/>. أو بريد <x2/> أو حساب <x3/>."}},
		"a link on its own address": {`<p>عبر <a href="https://a.example/">https://a.example/</a> الآن</p>`,
			[]string{"عبر <x1/> الآن"}},
		"code blocks are left out": {"<pre>x = 1;</pre><p>نص</p>", []string{"نص"}},
		"verse is translated by lines": {"<pre>بيت أول (VHS)\n  بيت <b>ثان</b>\n\nA\n</pre>",
			[]string{"بيت أول (VHS)", "بيت", "ثان", "A"}},
		"Arabic in code": {"<pre><code>a = f(\"نص أول\") // ثم، 3 نصوص!\n</code></pre>" +
			"<p>اكتب <code>x=\"نص\"</code> هنا</p>",
			[]string{"نص أول", "ثم، 3 نصوص", "اكتب <x1/> هنا", "نص"}},
		"keys with Arabic names": {"<p>افتح <kbd>الإعدادات</kbd> ثم <kbd>Enter</kbd> الآن</p>",
			[]string{"افتح <g1>الإعدادات</g1> ثم <x2/> الآن"}},
		"an English quote is left out": {`<blockquote><p lang="en" dir="ltr">Ads grew</p>—` + "\u200f قال</blockquote>",
			[]string{"—\u200f قال"}},
		"lists and tables": {"<ul><li>أ</li><li>ب</li></ul><table><tr><th>س</th><td>12</td></tr></table>",
			[]string{"أ", "ب", "س", "12"}},
		"a picture, its alt, a caption": {`<figure><img src="/a.jpg" alt="شعار"><figcaption>شعار</figcaption></figure>`,
			[]string{"شعار", "شعار"}},
		"titles that repeat the text": {`<p>من <a href="/x" title="صفحة">الموقع</a> ` +
			`<abbr title="ذاكرة">ROM</abbr> <a href="/y" title="هنا"><b>هنا</b></a></p>`,
			[]string{"من <g1>الموقع</g1> <g2>ROM</g2> <g3>هنا</g3>", "صفحة", "ذاكرة"}},
		"titles outside of segments": {`<p><a href="/x" title="صفحة"><img src="/a" title="صورة" alt=""></a></p>` +
			`<p><a href="/x" title="أخرى">نص</a></p>`,
			[]string{"صفحة", "صورة", "نص", "أخرى"}},
		"a picture before the text": {`<p><img src="/a.jpg">نص</p>`, []string{"نص"}},
		"text between blocks":       {`قبل<p>في</p>بعد`, []string{"قبل", "في", "بعد"}},
	} {
		if got := texts(parse(t, c.html)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestHTML(t *testing.T) {
	for name, c := range map[string]struct {
		html   string
		target []string
		want   string
	}{
		"codes moved": {`<p dir="rtl">أطلقت <a href="/x" rel="a">OpenAI</a> نموذج <strong>o3</strong>.</p>`,
			[]string{"The <g2>o3</g2> model by <g1>OpenAI</g1>."},
			`<p>The <strong>o3</strong> model by <a href="/x" rel="a">OpenAI</a>.</p>`},
		"a lost link is listed": {`<p>أطلقت <a href="https://www.openai.com/x">الشركة</a> نموذجا.</p>`,
			[]string{"It has a model."},
			`<p>It has a model. (Links: <a href="https://www.openai.com/x">openai.com</a>)</p>`},
		"a lost picture is kept": {`<p>قبل <img src="/a.jpg"> بعد</p>`, []string{"before and after"},
			`<p>before and after <img src="/a.jpg"></p>`},
		"an untranslated block is marked": {`<p>خبر أول</p><p>خبر ثان</p>`, []string{"First", ""},
			`<p>First</p><p lang="ar" dir="rtl">` + Note + "\u2067خبر ثان\u2069</p>"},
		"numbers and English stay as they are": {`<table><tr><td>12</td><td>السعر</td></tr></table><p lang="en">Hi</p>`,
			[]string{"", "Price"},
			`<table><tbody><tr><td>12</td><td>Price</td></tr></tbody></table><p lang="en">Hi</p>`},
		"an alt text": {`<p><img src="/a" alt="شعار">نص</p>`, []string{"Text", "Logo"},
			`<p><img src="/a" alt="Logo">Text</p>`},
		"an untranslated alt text": {`<p><img src="/a" alt="شعار">نص</p>`, []string{"Text", ""},
			`<p><img src="/a" alt="شعار">Text</p>`},
		"titles": {`<p>من <a href="/x" title="صفحة الشركة">الموقع</a> <abbr title="Read-only memory">ROM</abbr></p>`,
			[]string{"From <g1>the site</g1> <g2>ROM</g2>", "The company's page"},
			`<p>From <a href="/x" title="The company&#39;s page">the site</a> ` +
				`<abbr title="Read-only memory">ROM</abbr></p>`},
		"titles in English text": {`<p><a href="/x" title="صفحة الشركة">OpenAI</a> <img src="/a" alt="شعار"></p>`,
			[]string{"", "Page", "Logo"},
			`<p><a href="/x" title="Page">OpenAI</a> <img src="/a" alt="Logo"></p>`},
		"a title of a lost link": {`<p>من <a href="/x" title="صفحة">OpenAI</a></p>`,
			[]string{"From it", "Page"}, `<p>From it (Links: <a href="/x" title="Page">OpenAI</a>)</p>`},
		"a redundant title": {`<p><a href="/x" title="الموقع"><img src="/a" alt="صورة" title="صورة"> ` +
			`الموقع</a> هنا</p>`,
			[]string{"<g1><x2/> The site</g1> here", "Picture"},
			`<p><a href="/x"><img src="/a" alt="Picture"> The site</a> here</p>`},
		"an untranslated title": {`<p><a href="/x" title="صفحة الشركة">هنا</a></p>`, []string{"Here", ""},
			`<p><a href="/x">Here</a></p>`},
		"markup in a translation": {`<p>نص</p>`, []string{"&lt;script&gt;"}, `<p>&lt;script&gt;</p>`},
		"addresses come back": {`<p>على https://a.example/x?y=1&amp;z. أو @OpenAI</p>`,
			[]string{"<x2/> or <x1/>"}, `<p>@OpenAI or https://a.example/x?y=1&amp;z</p>`},
		"a lost address is kept": {`<p>اكتب إلى me@a.example اليوم</p>`, []string{"Write today"},
			`<p>Write today me@a.example</p>`},
		"verse": {"<pre dir=\"rtl\">بيت أول\n  بيت ثان\n</pre>", []string{"A verse", ""},
			"<pre>A verse\n  <span lang=\"ar\" dir=\"rtl\">" + Note + "\u2067بيت ثان\u2069</span>\n</pre>"},
		"Arabic in code": {`<p>اكتب <code dir="ltr">x="نص";</code> هنا</p>`, []string{"Write <x1/> here", "text"},
			`<p>Write <code>x="text";</code> here</p>`},
		"a key with an Arabic name": {`<p>افتح <kbd lang="ar">الإعدادات</kbd> ثم أغلق</p>`,
			[]string{"Open <g1>Settings</g1>, then close"}, `<p>Open <kbd>Settings</kbd>, then close</p>`},
		"directions of inline elements": {`<p><span dir="rtl" lang="AR-SA">سعر <b dir="rtl" lang="ar">الهاتف</b> ` +
			`<i lang="fr" dir="ltr">Le Monde</i></span></p>`,
			[]string{"The price of <g1>the phone</g1> <g2>Le Monde</g2>"},
			`<p><span>The price of <b>the phone</b> <i lang="fr">Le Monde</i></span></p>`},
		"an unknown code": {`<p>نص</p>`, []string{"<g7>text</g7>"}, `<p>text</p>`},
		"breaks in untranslated text": {`<p>أول<br>ثان</p>`, []string{""},
			`<p lang="ar" dir="rtl">` + Note + "\u2067أول\u2069<br>\u2067ثان\u2069</p>"},
	} {
		if got := parse(t, c.html).HTML(c.target); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// samples have every construct once.
var samples = []string{
	`<figure><img src="/a.jpg" alt="شعار"/><figcaption>شعار</figcaption></figure>` +
		`<p>قفز «ديب سيك» (<a href="https://d/">DeepSeek</a>) إلى <b>الصدارة</b>.</p>` +
		`<ul><li>أ &amp; ب</li><li>ج<br>د</li></ul>`,
	`<h2>لماذا؟</h2><blockquote><p>قال <em><a href="/x">ماسك</a></em> ذلك</p></blockquote>` +
		`<table><tr><th>المزايا</th><td>8/10</td></tr></table>`,
	`<p>تابع @news_ar على https://a.example/?a=b&amp;c، أو <a href="https://b.example/">www.b.example</a> الآن</p>`,
	`<p>من <a href="/x" title="صفحة الشركة">الموقع</a> اليوم</p>`,
	`نص<br><br>نص آخر <code>x &lt; y</code> بعده<img src="/p.png"><br>آخر`,
}

func TestSourceTextsGiveTheDocumentBack(t *testing.T) {
	for _, s := range samples {
		d := parse(t, s)
		var b strings.Builder
		for c := range d.root.ChildNodes() {
			html.Render(&b, c)
		}
		want := strings.ReplaceAll(b.String(), "/>", ">")
		if got := d.HTML(texts(d)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestCodecsRoundTrip(t *testing.T) {
	for _, s := range samples {
		for _, seg := range parse(t, s).Segments() {
			for _, c := range []Codec{HTML, Tagged, XML} {
				if got := Decode(Encode(seg.Text, c), c); got != seg.Text {
					t.Errorf("codec %d: %q came back as %q", c, seg.Text, got)
				}
			}
		}
	}
	if got := Decode(Encode("a &lt; b &amp;amp;", Plain), Plain); got != "a &lt; b &amp;amp;" {
		t.Errorf("plain: %q", got)
	}
}

func TestHalve(t *testing.T) {
	for name, c := range map[string][3]string{
		"after a sentence": {"جملة أولى قصيرة. جملة ثانية هنا أطول.", "جملة أولى قصيرة.",
			"جملة ثانية هنا أطول."},
		"a point in a number is not": {"بلغ السعر 19.5 دولار اليوم، وقال مصدر", "بلغ السعر 19.5 دولار اليوم،",
			"وقال مصدر"},
		"between words":       {"كلمة كلمة كلمة كلمة", "كلمة كلمة", "كلمة كلمة"},
		"never inside a pair": {"قال <g1>نص. طويل. هنا. كله.</g1> آخر", "", ""},
		"around codes":        {"قال <g1>أ. ب</g1>. ثم <x2/> قال", "قال <g1>أ. ب</g1>.", "ثم <x2/> قال"},
		"one word":            {"كلمةواحدةطويلة", "", ""},
		"nothing":             {"", "", ""},
	} {
		first, second, ok := Halve(c[0])
		if first != c[1] || second != c[2] || ok != (c[1] != "") {
			t.Errorf("%s: %q, %q, %v", name, first, second, ok)
		}
	}
}

func TestDecodeNoise(t *testing.T) {
	for _, c := range []struct {
		in    string
		codec Codec
		want  string
	}{
		{`<A ID="1" style="text-align:left;direction:ltr">x</A>`, HTML, "<g1>x</g1>"},
		{`a <img id='2' src=x onerror=alert(1)/> b`, HTML, "a <x2/> b"},
		{`<script>alert(1)</script> &#39;q&#39;`, HTML, "&lt;script&gt;alert(1)&lt;/script&gt; 'q'"},
		{`< g1 >x</ g1 > <G2>y</G2>`, Tagged, "<g1>x</g1> <g2>y</g2>"},
		{`<x2></x2> <x3 /> &lt;g1&gt;`, Tagged, "<x2/> <x3/> &lt;g1&gt;"},
		{`<b>bold</b> <g0>z</g0>`, Tagged, "&lt;b&gt;bold&lt;/b&gt; &lt;g0&gt;z&lt;/g0&gt;"},
		{`<t>a <g id="1">x</g> &amp; <x id='2' />, <x id="3"></x></t>`, XML, "a <g1>x</g1> &amp; <x2/>, <x3/>"},
		{`<t><g id="1"/>x <g id="2">y</g></t>`, XML, "<g1></g1>x <g2>y</g2>"},
		{`<T><g id="1" style="x">x</g><a id=2>y</a><g2>`, XML, "<g1>x</g1>&lt;a id=2&gt;y&lt;/a&gt;&lt;g2&gt;"},
		{"a < b <!-- c -->", Tagged, "a &lt; b &lt;!-- c --&gt;"},
	} {
		if got := Decode(c.in, c.codec); got != c.want {
			t.Errorf("Decode(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestVerify(t *testing.T) {
	src := "a <g1>b <g2>c</g2></g1> <x3/>"
	for target, ok := range map[string]bool{
		"<x3/> <g1><g2>c</g2> b</g1>":      true,
		"<g1>b <g2>c</g2></g1>":            false, // single code lost
		"<g1>b <g2>c</g1></g2> <x3/>":      false, // crossed
		"<g1>b <g2> </g2></g1> <x3/>":      false, // emptied
		"<g1>b <g2>c</g2></g1> <x3/><x3/>": false, // doubled
		"<g1>b <g2>c</g2></g1> <x3/><x4/>": false, // new
		"<g1>b <g2>c</g2> <x3/>":           false, // open
		"<g1>b</g1> <g2>c</g2> <g3>d</g3>": false, // another kind
	} {
		if err := Verify(src, target); (err == nil) != ok {
			t.Errorf("Verify(%q) = %v", target, err)
		}
	}
}

// Of answers that are mangled at random, Repair passes only those with all links, whose codes are
// the source's and properly nested.
func TestRepairOfMangledAnswers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	src := "قال <g1>ماسك</g1> إن <g2>إكس <g3>نمت</g3></g2> بنسبة <x4/> أمس"
	words := strings.Fields(strings.NewReplacer("<", " <", ">", "> ").Replace(src))
	passed := 0
	for range 20_000 {
		w := slices.Clone(words)
		for range 1 + r.IntN(4) {
			i, j := r.IntN(len(w)), r.IntN(len(w))
			switch r.IntN(5) {
			case 0:
				w[i], w[j] = w[j], w[i]
			case 1:
				w = slices.Delete(w, i, i+1)
			case 2:
				w = slices.Insert(w, j, w[i])
			case 3:
				w = slices.Insert(w, i, "<script>")
			case 4:
				w = slices.Insert(w, i, `<g9>`)
			}
		}
		target := Decode(strings.Join(w, " "), Tagged)
		fixed, ok := Segment{Links: []int{1}}.Repair(src, target)
		if !ok {
			continue
		}
		passed++
		got, err := spansOf(fixed)
		if err != nil {
			t.Fatalf("%q repaired to %q: %v", target, fixed, err)
		}
		for id := range got {
			if id > 4 {
				t.Fatalf("%q repaired to %q", target, fixed)
			}
		}
		if _, link := got[1]; !link {
			t.Fatalf("the link is lost in %q", fixed)
		}
	}
	if passed < 5000 {
		t.Errorf("only %d of 20000 were repaired", passed)
	}
}

func FuzzHTML(f *testing.F) {
	for _, s := range samples {
		f.Add(s, `A <a id=1 onclick=x>b</a> <img id=2> <script>`)
	}
	f.Fuzz(func(t *testing.T, source, answer string) {
		d, err := Parse(source)
		if err != nil {
			t.Skip()
		}
		target := make([]string, len(d.Segments()))
		for i, s := range d.Segments() {
			target[i] = Decode(answer, HTML)
			if Space(s.Text, s.Text) != s.Text || !s.InPlace(s.Text, s.Text) {
				t.Fatalf("%q is not in its own place", s.Text)
			}
			for c, sent := range map[Codec]string{HTML: s.Text, XML: strings.Map(xmlChar, s.Text)} {
				got := Decode(Encode(s.Text, c), c)
				if got != strings.TrimSpace(sent) && !strings.ContainsAny(source, "\x00\r") {
					t.Fatalf("%q does not survive the codec %d: %q", s.Text, c, got)
				}
			}
		}
		tags := func(s string) map[string]bool {
			out := map[string]bool{}
			nodes, _ := html.ParseFragment(strings.NewReader(s), &html.Node{Type: html.ElementNode, Data: "body"})
			for _, n := range nodes {
				for c := range n.Descendants() {
					if c.Type == html.ElementNode {
						out[c.Data] = true
					}
				}
				if n.Type == html.ElementNode {
					out[n.Data] = true
				}
			}
			return out
		}
		if strings.Contains(source, "script") || strings.ContainsAny(source, "<>") && len(target) == 0 {
			return
		}
		if tags(d.HTML(target))["script"] {
			t.Fatalf("a script came in with the answer: %s", d.HTML(target))
		}
	})
}

func BenchmarkParseAndHTML(b *testing.B) {
	source := strings.Repeat(samples[0]+samples[1], 4)
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		d, err := Parse(source)
		if err != nil {
			b.Fatal(err)
		}
		d.HTML(texts(d))
	}
}
