package sanitize

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const base = "https://site.example/2025/post/"

func TestHTML(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"empty":    {"", ""},
		"text":     {"سعر & حجم", "سعر &amp; حجم"},
		"entities": {"a &lt;b&gt; &amp;amp;", "a &lt;b&gt; &amp;amp;"},
		"script":   {`<p onclick="x()">a<script>alert(1)</script></p>`, "<p>a</p>"},
		"scheme": {
			`<p><a href="javascript:alert(1)">a</a> <a href=" JaVa&#10;script:alert(1)">b</a></p>`,
			"<p>a b</p>",
		},
		"svg": {
			`<p>a</p><svg><style><img src=x onerror=alert(1)></style></svg>`,
			`<p>a</p><img src="https://site.example/2025/post/x"/>`,
		},
		"mutation": {
			`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
			"",
		},
		"relative": {
			`<p><a href="/x?a=1&b=2" rel="nofollow" target="_blank">x</a></p>`,
			`<p><a href="https://site.example/x?a=1&amp;b=2">x</a></p>`,
		},
		"mail": {
			`<p><a href="mailto:a@b.example">x</a><img src="mailto:a@b.example"></p>`,
			`<p><a href="mailto:a@b.example">x</a></p>`,
		},
		"lang and dir": {
			`<p lang="en" dir="LTR" class="c" style="color:red" id="i">a</p>`,
			`<p lang="en" dir="ltr">a</p>`,
		},
		"bad lang": {`<p lang="&quot;x" dir="up">a</p>`, `<p>a</p>`},
		"spans": {
			`<p><span lang="ar" dir="rtl" class="c">a</span> <span class="c">b</span></p>`,
			`<p><span lang="ar" dir="rtl">a</span> b</p>`,
		},
		"dates": {
			`<p><time datetime="2025-01-02T03:04Z">a</time> <time datetime="soon">b</time></p>`,
			`<p><time datetime="2025-01-02T03:04Z">a</time> <time>b</time></p>`,
		},
		"obsolete elements": {`<p><strike>a</strike> <tt>b</tt></p>`, `<p><s>a</s> <code>b</code></p>`},
		"hidden": {
			`<p style="display: none">k</p><p hidden>k</p><p aria-hidden="true">k</p><p>&nbsp;</p><p>a</p>`,
			"<p>a</p>",
		},
		"pixel": {`<p>a</p><img src="https://t.example/p.gif" width="1" height="1">`, "<p>a</p>"},
		"share": {
			`<p>a</p><div class="sharedaddy sd-sharing-enabled"><h3>شارك</h3></div><ins class="adsbygoogle">x</ins>`,
			"<p>a</p>",
		},
		"a word like share": {`<p class="market-shares">a</p>`, "<p>a</p>"},
		"player": {
			`<iframe src="//www.youtube.com/embed/abc?rel=0"></iframe>`,
			`<p><a href="https://www.youtube.com/watch?v=abc">www.youtube.com/watch?v=abc</a></p>`,
		},
		"player in a text": {
			`<p>a <iframe src="https://v.example/1" title="فيديو"></iframe></p>`,
			`<p>a <a href="https://v.example/1">فيديو</a></p>`,
		},
		"video": {
			`<video><source src="v.mp4"></video>`,
			`<p><a href="https://site.example/2025/post/v.mp4">site.example/2025/post/v.mp4</a></p>`,
		},
		"video in a text about HTML": {`<p>a <video> b</p><p>c</p>`, `<p>a  b</p><p>c</p>`},
		"advertiser":                 {`<p>a</p><iframe src="https://ad.doubleclick.net/x"></iframe>`, `<p>a</p>`},
		"image loaded late": {
			`<img src="data:image/gif;base64,R0" data-src="i.jpg" alt="ص"><noscript><img src="i.jpg"></noscript>`,
			`<img src="https://site.example/2025/post/i.jpg" alt="ص"/>`,
		},
		"addresses that browsers repair": {
			`<a href=" https:\\a.example\50% off ">a</a><img src="https:/a.example/b c.jpg?d e">`,
			`<a href="https://a.example/50%25%20off">a</a><img src="https://a.example/b%20c.jpg?d%20e"/>`,
		},
		"address without a scheme": {`<a href="www.a.example/b">a</a>`, `<a href="https://www.a.example/b">a</a>`},
		"images loaded late by other scripts": {
			`<img data-lazy="1.jpg" src="blank.gif"><img data-echo="2.jpg"><img data-lazy="true" src="3.jpg">` +
				`<img src="blank.gif" data-srcset="4.jpg 1x, 5.jpg 2x">` +
				`<img src="data:image/gif;base64,R0" data-caption="6.jpg was lost" data-path="6.jpg">`,
			images(1, 2, 3, 5, 6),
		},
		"AMP image": {
			`<amp-img src="1.jpg" layout="fill"><noscript><img src="1.jpg"></noscript></amp-img>` +
				`<amp-img src="2.jpg"/>a`,
			images(1, 2) + "a",
		},
		"AMP players": {
			`<amp-video src="v.mp4"></amp-video><amp-iframe src="https://www.youtube.com/embed/a"></amp-iframe>` +
				`<amp-twitter data-tweetid="12"></amp-twitter><amp-instagram data-shortcode="C_a"></amp-instagram>` +
				`<amp-vimeo data-videoid="34"></amp-vimeo>` +
				`<amp-facebook data-href="https://f.example/1"></amp-facebook>` +
				`<amp-ad src="https://ad.example/"></amp-ad>`,
			paragraphLinks("https://site.example/2025/post/v.mp4", "https://www.youtube.com/watch?v=a",
				"https://twitter.com/i/status/12", "https://www.instagram.com/p/C_a", "https://vimeo.com/34",
				"https://f.example/1"),
		},
		"players that scripts fill": {
			`<lite-youtube videoid="a&b"></lite-youtube><lite-vimeo videoid="34"></lite-vimeo>` +
				`<div class="fb-post" data-href="https://f.example/1"></div><div class="x" data-href="/x">a</div>`,
			paragraphLinks("https://www.youtube.com/watch?v=a%26b", "https://vimeo.com/34", "https://f.example/1") +
				"<div>a</div>",
		},
		"an address as a line of its own": {
			"<div>\nhttps://y.example/a\n</div><p>https://y.example/b c</p><p>عبر https://y.example/d</p>" +
				"<pre>https://y.example/e</pre><p>httpd</p>",
			`<div><a href="https://y.example/a">https://y.example/a</a></div><p>https://y.example/b c</p>` +
				`<p>عبر https://y.example/d</p><pre>https://y.example/e</pre><p>httpd</p>`,
		},
		"formulas": {
			`<p>a <math><mi>E</mi> <mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>, <math><semantics>` +
				`<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup><annotation encoding="application/x-tex">x_i^2` +
				`</annotation></semantics></math>, <math><mfrac><mn>1</mn><msqrt><mn>2</mn></msqrt></mfrac></math></p>`,
			`<p>a <var>E=mc<sup>2</sup></var>, <var>x<sub>i</sub><sup>2</sup></var>, <var>1/√2</var></p>`,
		},
		"overrides of the direction": {`<p>a <bdo dir="rtl">gpj.exe</bdo></p>`, `<p>a gpj.exe</p>`},
		"stand-ins for images": {
			`<img src="/i/blank.gif" data-img-url="1.jpg"><img src="/s/loading-spinner.svg" data-any="2.jpg">` +
				`<img class="b lazyload" src="9.jpg" data-full-url="3.jpg"><img src="4.jpg" data-large-file="9.jpg">` +
				`<img src="https://site.example/2025/post/5.jpg" class="wp-image" data-full-url="9.jpg">`,
			images(1, 2, 3, 4, 5),
		},
		"picture of sources": {
			`<picture><source srcset="0.webp" type="image/webp"><source srcset="1.jpg 1x, 2.jpg 2x"></picture>` +
				`<picture><source srcset="3.jpg"><img src="data:image/gif;base64,R0"></picture>` +
				`<picture><source srcset="0.webp"><img src="4.jpg"></picture><picture><source src="5.jpg"></picture>`,
			images(2, 3, 4, 5),
		},
		"image for browsers without scripts": {
			`<a><img data-src="1.jpg"></a> <noscript><img src="1.jpg"></noscript>` +
				`<img data-src="2.jpg"><noscript><img src="2-300x200.jpg"></noscript>` +
				`<noscript><img src="3.jpg"></noscript> <img data-src="3.jpg">` +
				`<img data-unknown="4"><noscript><img src="4.jpg"></noscript>` +
				`<img src="5.jpg"><noscript><a href="5.jpg"><img src="5.jpg"></a><img src="6.jpg"></noscript>`,
			images(1) + " " + images(2, 3) + " " + images(4, 5, 6),
		},
		"images that a text shows twice": {
			`<img src="1.jpg"><img src="1.jpg"><p>a</p><noscript><img src="1.jpg"></noscript>`,
			images(1, 1) + `<p>a</p>` + images(1),
		},
		"srcset": {
			`<img srcset="a.jpg 300w, b.jpg 900w">`,
			`<img src="https://site.example/2025/post/b.jpg"/>`,
		},
		"table": {
			`<table class="t"><tr><th>a</th><td colspan="2">b</td></tr></table>`,
			`<table><tbody><tr><th>a</th><td colspan="2">b</td></tr></tbody></table>`,
		},
		"unknown elements": {
			`<section><font color=red>a</font><custom-x>b</custom-x></section>`,
			`<div>ab</div>`,
		},
		"form": {`<p>a</p><form action="/"><input name=q><button>b</button></form>`, "<p>a</p>"},
		"block in a link": {
			`<a href="https://x.example/"><p>a</p></a>`,
			`<a href="https://x.example/"><p>a</p></a>`,
		},
		"control characters": {"<p>a\x00\x08b\xff\uffff\U0001fffe</p>", "<p>ab\uFFFD</p>"},
		"closing tags only":  {`</div></p>a`, `a`},
		"iframe not closed": {
			`<iframe src="https://v.example/1"><p>a</p>`,
			`<p><a href="https://v.example/1">v.example/1</a></p><p>a</p>`,
		},
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

// paragraphLinks returns the paragraphs that replace embedded documents.
func paragraphLinks(addresses ...string) (out string) {
	for _, a := range addresses {
		out += fmt.Sprintf(`<p><a href="%s">%s</a></p>`, a, strings.TrimPrefix(a, "https://"))
	}
	return out
}

// images returns the elements of sanitised images.
func images(numbers ...int) (out string) {
	for _, n := range numbers {
		out += fmt.Sprintf(`<img src="https://site.example/2025/post/%d.jpg"/>`, n)
	}
	return out
}

func TestDeepNestingKeepsText(t *testing.T) {
	got := HTML(strings.Repeat("<div>", 5000)+"كلمة <b>أخرى</b><script>alert(1)</script>", base)
	if got != "كلمة أخرى" {
		t.Errorf("got %.100q", got)
	}
	got = HTML(strings.Repeat("<div>", 5000)+"a<script>b<p></script>c<!-- d > e -->f<style>g", base)
	if got != "acf" {
		t.Errorf("got %.100q", got)
	}
}

// Whatever is done to a tree between Parse and Render, the gate comes last.
func TestRenderSanitisesChangedTrees(t *testing.T) {
	body := Parse("<p>a</p>", base)
	for _, a := range []atom.Atom{atom.Script, atom.P, 0} {
		script := &html.Node{Type: html.ElementNode, Data: "script", DataAtom: a}
		script.AppendChild(newText(" "))
		body.AppendChild(script)
	}
	body.FirstChild.Attr = append(body.FirstChild.Attr, html.Attribute{Key: "onclick", Val: "alert(1)"})
	if got := Render(body); got != "<p>a</p>" {
		t.Errorf("got %s", got)
	}
}

func TestFirstBlock(t *testing.T) {
	for in, want := range map[string]string{
		"":   "",
		"نص": "نص",
		`<figure><img src="https://x.example/i.jpg"/><figcaption>c</figcaption></figure>` +
			`<h2>h</h2><p>أ</p><p>ب</p>`: "<p>أ</p>",
		"<ul><li>أ</li><li>ب</li></ul>": "<p>أ</p>",
	} {
		if got := FirstBlock(in); got != want {
			t.Errorf("FirstBlock(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestTextOf(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"a & b &lt;c> &copy":                "a & b <c> ©",
		"<p>a<b>b</b> c</p><p>d</p>e":       "\nab c\n\nd\ne",
		`a<br/>b<img src="x" alt="&gt;"/>c`: "a\nb\nc",
		`a<p title="b`:                      "a\n", // cut short
	} {
		if got := TextOf(in); got != want {
			t.Errorf("TextOf(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzHTML checks that the output is stable, and that bluemonday, an independent sanitiser with a
// policy made from the same tables, finds nothing to change in it.
func FuzzHTML(f *testing.F) {
	for _, s := range []string{
		"<p>a<br><br>b", "<a><table><a>", "<b><p></b>x", "<pre>\n\nx</pre>", "<li><div><li>x", "<h1><h2>x",
		"<table>x<tr>y<td>z", "<p><button><p>x", "<svg><p><style><a title='</style><img src=x>'>",
		"<a href=' http://[::1]:0/%'>x</a>", "<dd><ul><dd>", "<img src=http://x/?a&b srcset='a 1x'>",
		"<b><b><b><b><b>x</b><p>y", "<bdo>x", "<ins class=a>\x00&#0;&#x80;",
		"<p><a href='https://a.example/b'>c</a><img src=https://a.example/d.jpg alt=\"'&lt;&quot;&amp;\">",
		"<dl><dt>a</dt><dd>b<br></dd></dl><blockquote cite=/x><p>a</p></blockquote>&#0;&#x80;&lt",
	} {
		f.Add(s)
	}
	for a := range elements {
		f.Add("<" + a.String() + ` title="t" dir="rtl">a</` + a.String() + "><" + a.String() + ">")
		f.Add("<div>a<" + a.String() + ` title="t" dir="rtl"><i lang="ar" dir="rtl">a</i>b</` + a.String() + "></div>")
	}
	oracle := bluemondayPolicy()
	f.Fuzz(func(t *testing.T, s string) {
		once := HTML(s, base)
		if twice := HTML(once, base); twice != once {
			t.Fatalf("HTML(%q)\n= %q, sanitised again\n  %q", s, once, twice)
		}
		if body := Parse(s, base); settled(body) {
			if fast := write(body); stabilise(fast) != fast {
				t.Fatalf("HTML(%q)\n= %q is called settled, but becomes\n  %q", s, fast, stabilise(fast))
			}
		}
		if judged := oracle.Sanitize(once); strings.TrimSpace(judged) != once {
			t.Fatalf("HTML(%q)\n= %q, and by bluemonday\n  %q", s, once, judged)
		}
	})
}

// bluemondayPolicy makes bluemonday's policy from the tables.
func bluemondayPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	for a, r := range elements {
		kept := (r == inline || r == block) && modern[a] == 0
		if kept && a != atom.A && a != atom.Img && a != atom.Span { // which need an attribute
			p.AllowNoAttrs().OnElements(a.String())
		}
	}
	p.AllowAttrs("lang", "dir").OnElements("span")
	patterns := map[value]*regexp.Regexp{
		number: bluemonday.Integer, date: bluemonday.ISO8601, language: languageTag,
		direction: regexp.MustCompile(`^(ltr|rtl|auto)$`),
	}
	for a, values := range attributes {
		for key, v := range values {
			attr := p.AllowAttrs(key)
			if pattern := patterns[v]; pattern != nil {
				attr = attr.Matching(pattern)
			}
			if a == everyElement {
				attr.Globally()
			} else {
				attr.OnElements(a.String())
			}
		}
	}
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	return p
}

func BenchmarkHTML(b *testing.B) {
	s := strings.Repeat(`<p>قفز تطبيق الدردشة الذي طورته شركة «ديب سيك» (<a href="https://www.deepseek.com/">DeepSeek`+
		`</a>) إلى صدارة التطبيقات المجانية في «آب ستور»، متقدمًا على <strong>ChatGPT</strong> من OpenAI.</p>`, 30)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		HTML(s, base)
	}
}

func TestPicturesBecomeLinks(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"with words": {`<p><img src="https://a.example/1.jpg" alt=" شعار "/>نص</p>`,
			`<p><a href="https://a.example/1.jpg">شعار</a> نص</p>`},
		"without words": {`<figure><img src="https://a.example/1.jpg"/></figure>`,
			`<figure><a href="https://a.example/1.jpg">Picture</a> </figure>`},
		"in a link": {`<a href="https://a.example/"><b><img src="https://a.example/1.jpg" alt="x"/></b></a>`,
			`<a href="https://a.example/"><b>x </b></a>`},
		"two": {`<img src="https://a.example/1.jpg"/><img src="https://a.example/2.jpg" alt="&lt;script&gt;"/>`,
			`<a href="https://a.example/1.jpg">Picture</a> <a href="https://a.example/2.jpg">&lt;script&gt;</a>`},
	} {
		body := Parse(c.in, "")
		LinkPictures(body, "Picture")
		if got := Render(body); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
