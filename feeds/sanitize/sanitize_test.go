package sanitize

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const base = "https://site.example/2025/post/"

func TestHTML(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"empty":             {"", ""},
		"text":              {"سعر & حجم", "سعر &amp; حجم"},
		"entities":          {"a &lt;b&gt; &amp;amp;", "a &lt;b&gt; &amp;amp;"},
		"script":            {`<p onclick="x()">a<script>alert(1)</script></p>`, "<p>a</p>"},
		"scheme":            {`<p><a href="javascript:alert(1)">a</a> <a href=" JaVa&#10;script:alert(1)">b</a></p>`, "<p>a b</p>"},
		"svg":               {`<p>a</p><svg><style><img src=x onerror=alert(1)></style></svg>`, `<p>a</p><img src="https://site.example/2025/post/x"/>`},
		"mutation":          {`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`, ""},
		"relative":          {`<p><a href="/x?a=1&b=2" rel="nofollow" target="_blank">x</a></p>`, `<p><a href="https://site.example/x?a=1&amp;b=2">x</a></p>`},
		"lang and dir":      {`<p lang="en" dir="LTR" class="c" style="color:red" id="i">a</p>`, `<p lang="en" dir="ltr">a</p>`},
		"bad lang":          {`<p lang="&quot;x" dir="up">a</p>`, `<p>a</p>`},
		"a span that says":  {`<p><span lang="ar" dir="rtl" class="c">a</span> <span class="c">b</span></p>`, `<p><span lang="ar" dir="rtl">a</span> b</p>`},
		"hidden":            {`<p style="display: none">k</p><p hidden>k</p><p aria-hidden="true">k</p><p>&nbsp;</p><p>a</p>`, "<p>a</p>"},
		"pixel":             {`<p>a</p><img src="https://t.example/p.gif" width="1" height="1">`, "<p>a</p>"},
		"share":             {`<p>a</p><div class="sharedaddy sd-sharing-enabled"><h3>شارك</h3></div><ins class="adsbygoogle">x</ins>`, "<p>a</p>"},
		"a word like share": {`<p class="market-shares">a</p>`, "<p>a</p>"},
		"player":            {`<iframe src="//www.youtube.com/embed/abc?rel=0"></iframe>`, `<p><a href="https://www.youtube.com/watch?v=abc">www.youtube.com/watch?v=abc</a></p>`},
		"player in a text":  {`<p>a <iframe src="https://v.example/1" title="فيديو"></iframe></p>`, `<p>a <a href="https://v.example/1">فيديو</a></p>`},
		"video":             {`<video><source src="v.mp4"></video>`, `<p><a href="https://site.example/2025/post/v.mp4">site.example/2025/post/v.mp4</a></p>`},
		"advertiser":        {`<p>a</p><iframe src="https://ad.doubleclick.net/x"></iframe>`, `<p>a</p>`},
		"lazy image":        {`<img src="data:image/gif;base64,R0" data-src="i.jpg" alt="ص"><noscript><img src="i.jpg"></noscript>`, `<img src="https://site.example/2025/post/i.jpg" alt="ص"/>`},
		"srcset":            {`<img srcset="a.jpg 300w, b.jpg 900w">`, `<img src="https://site.example/2025/post/b.jpg"/>`},
		"table":             {`<table class="t"><tr><th>a</th><td colspan="2">b</td></tr></table>`, `<table><tbody><tr><th>a</th><td colspan="2">b</td></tr></tbody></table>`},
		"unknown elements":  {`<section><font color=red>a</font><custom-x>b</custom-x></section>`, `<div>ab</div>`},
		"form":              {`<p>a</p><form action="/"><input name=q><button>b</button></form>`, "<p>a</p>"},
		"link in a block":   {`<a href="https://x.example/"><p>a</p></a>`, `<a href="https://x.example/"><p>a</p></a>`},
		"control":           {"<p>a\x00\x08b\xff\uffff\U0001fffe</p>", "<p>ab\uFFFD</p>"},
		"closing nothing":   {`</div></p>a`, `a`},
	} {
		t.Run(name, func(t *testing.T) {
			got := HTML(c.in, base)
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if again := HTML(got, base); again != got {
				t.Errorf("sanitised again: %s", again)
			}
		})
	}
}

func TestDeepNestingKeepsTheWords(t *testing.T) {
	got := HTML(strings.Repeat("<div>", 5000)+"كلمة <b>أخرى</b><script>alert(1)</script>", base)
	if got != "كلمة أخرى" {
		t.Errorf("got %.100q", got)
	}
}

func TestFirstBlock(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "نص": "نص",
		`<figure><img src="https://x.example/i.jpg"/><figcaption>c</figcaption></figure><h2>h</h2><p>أ</p><p>ب</p>`: "<p>أ</p>",
		"<ul><li>أ</li><li>ب</li></ul>": "<p>أ</p>",
	} {
		if got := FirstBlock(in); got != want {
			t.Errorf("FirstBlock(%s) = %s, want %s", in, got, want)
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, s := range []string{"<p>a<br><br>b", "<a><table><a>", "<b><p></b>x", "<pre>\n\nx</pre>", "<li><div><li>x", "<h1><h2>x",
		"<table>x<tr>y<td>z", "<p><button><p>x", "<svg><p><style><a title='</style><img src=x>'>", "<a href=' http://[::1]:0/%'>x</a>",
		"<dd><ul><dd>", "<img src=http://x/?a&b srcset='a 1x'>", "<b><b><b><b><b>x</b><p>y", "<ins class=a>\x00&#0;&#x80;",
		"<p><a href='https://a.example/b'>c</a><img src=https://a.example/d.jpg alt=\"'&lt;&quot;&amp;\">"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := HTML(s, base)
		if twice := HTML(once, base); twice != once {
			t.Fatalf("HTML(%q)\n= %q, sanitised again\n  %q", s, once, twice)
		}
		if judged := policy.Sanitize(once); strings.TrimSpace(judged) != once {
			t.Fatalf("HTML(%q)\n= %q, by the policy\n  %q", s, once, judged)
		}
		var ours, theirs strings.Builder
		if body := Parse(s, base); writeFit(&ours, body) {
			for c := range body.ChildNodes() {
				if err := html.Render(&theirs, c); err != nil {
					t.Fatal(err)
				}
			}
			if ours.String() != theirs.String() {
				t.Fatalf("Parse(%q)\nwritten  %q\nrendered %q", s, ours.String(), theirs.String())
			}
		}
		low := strings.ToLower(once)
		for _, bad := range []string{"<script", "<style", "<iframe", "<svg", "<form", "<object"} {
			if strings.Contains(low, bad) {
				t.Fatalf("HTML(%q) = %q holds %s", s, once, bad)
			}
		}
	})
}

// FuzzNested holds what is read without the parser against what the parser reads.
func FuzzNested(f *testing.F) {
	for _, s := range []string{`<p dir="rtl">a&nbsp;b<strong class="x">&copy2</strong><img src="/a?b=1&amp;c" alt="" /></p>`, "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>",
		"<p><b><b><b><b>a</b></b></b></b><a href=\"b\">c</a></p>\n<script async=\"\">var a = 1 > 2;</script><hr/>", "<div><figure><img/><figcaption>a</figcaption></figure></div>",
		"<dl><dt>a</dt><dd>b<br></dd></dl><blockquote><p>a</p></blockquote>&#0;&#x80;&lt", "<h1>a</h1><span><i></i></span>&amp;&am", "<p></p>", "<del><p>a</p></del>"} {
		f.Add(s)
	}
	for a := range allowed { // each of the elements, with attributes that are not in order
		f.Add("<" + a.String() + ` title="t" dir="rtl">a</` + a.String() + "><" + a.String() + ">")
		f.Add("<div>a<" + a.String() + ` title="t" dir="rtl"><i lang="ar" dir="rtl">a</i>b</` + a.String() + "></div>")
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.TrimSpace(printable(s))
		got := nested(s)
		if got == nil {
			return
		}
		nodes, err := parseFragment(s)
		if err != nil {
			t.Fatal(err)
		}
		want := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
		for _, n := range nodes {
			want.AppendChild(n)
		}
		if !same(got, want) {
			var a, b strings.Builder
			_, _ = html.Render(&a, got), html.Render(&b, want)
			t.Fatalf("nested(%q)\n  %s\nwant\n  %s", s, a.String(), b.String())
		}
	})
}

// same says whether two trees are the same, node by node.
func same(a, b *html.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Type == b.Type && a.Data == b.Data && a.DataAtom == b.DataAtom && slices.Equal(a.Attr, b.Attr) &&
		same(a.FirstChild, b.FirstChild) && same(a.NextSibling, b.NextSibling)
}

func BenchmarkHTML(b *testing.B) {
	s := strings.Repeat(`<p>قفز تطبيق الدردشة الذي طورته شركة «ديب سيك» (<a href="https://www.deepseek.com/">DeepSeek</a>) إلى صدارة`+
		` التطبيقات المجانية في «آب ستور»، متقدمًا على <strong>ChatGPT</strong> من OpenAI.</p>`, 30)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		HTML(s, base)
	}
}
