package segment

import (
	"slices"
	"strings"
	"testing"
)

// turned returns a neutral text with its words and codes in English words, its single codes and pairs in
// another order if it has the two halves "first" and "second".
func turned(s string) string {
	first, second, ok := strings.Cut(s, " ثم ")
	if !ok {
		return "en(" + s + ")"
	}
	return second + " then " + first
}

func TestAlign(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		lost   int // segments without a partner
	}{
		"paragraphs": {"<p>نص أول</p><p>نص ثان</p>", 0},
		"no block":   {"نص بلا فقرات", 0},
		"breaks":     {"سطر أول<br>سطر ثان<br><br>فقرة أخرى", 0},
		"links that turn": {`<p><a href="https://a.example/">رابط</a> ثم ` +
			`<a href="https://b.example/">آخر</a></p>`, 0},
		"emphasis that turn": {`<p><strong>قوي</strong> ثم <em>مائل</em></p>`, 0},
		"alike that turn":    {`<p><strong>قوي</strong> ثم <strong>أقوى</strong></p>`, 0},
		"nested": {`<p><a href="https://a.example/"><strong>رابط</strong></a> ثم ` +
			`<img src="https://a/1"></p>`, 0},
		"code and addresses": {`<p>شغّل <code>go run</code> ثم زر https://c.example/x أو راسل a@b.example</p>`, 0},
		"around all":         {`<p><strong>كل الفقرة قوية</strong></p>`, 0},
		"a list in a table":  {`<table><tr><td>خلية<ul><li>بند</li></ul></td><td>أخرى</td></tr></table>`, 0},
		"words of a picture": {`<p>نص</p><p><img src="https://a.example/1.png" alt="صورة الشركة"></p>`, 0},
		"title of a link":    {`<p>نص <a href="https://a.example/" title="عنوان الرابط">رابط</a></p>`, 0},
		"Latin between":      {`<p>نص</p><p>Only Latin here</p><p>نص آخر</p>`, 0},
		"Arabic in code":     {`<pre>x = "نص عربي"</pre><p>نص</p>`, 1}, // it stands in no run of nodes
	} {
		d, err := Parse(c.source)
		if err != nil {
			t.Fatal(err)
		}
		targets := make([]string, len(d.Segments()))
		want := map[string]string{}
		for i, s := range d.Segments() {
			if Translatable(s.Text, "ar") {
				targets[i] = turned(s.Text)
				want[s.Text] = targets[i]
			}
		}
		got := map[string]string{}
		for _, s := range Align(c.source, d.HTML(targets)) {
			if want[s.Source] != "" {
				got[s.Source] = s.Target
			}
			if err := Verify(s.Source, s.Target); err != nil {
				t.Errorf("%s: %q: %v", name, s.Target, err)
			}
		}
		for source, target := range want {
			// codes that look alike may change places: the same elements stand for them
			if back := got[source]; back != "" && Only(back, nil) != Only(target, nil) {
				t.Errorf("%s: %q is %q, want %q", name, source, back, target)
			}
		}
		if len(want)-len(got) != c.lost {
			t.Errorf("%s: %d of %d segments, want all but %d: %q", name, len(got), len(want), c.lost, got)
		}
	}
}

func TestAlignRefusesOtherBlocks(t *testing.T) {
	const source = "<p>نص أول</p><p>نص ثان</p>"
	for _, target := range []string{"", "<p>one</p>", "<p>one</p><p>two</p><p>three</p>",
		"<ul><li>one</li></ul><p>two</p>", "one", "<p>one</p><blockquote><p>two</p></blockquote>",
		strings.Repeat("<p>", maxHTML)} {
		if got := Align(source, target); got != nil {
			t.Errorf("%.40s: %q", target, got)
		}
	}
	d, err := Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	half := Align(source, d.HTML([]string{"one", ""})) // the second is marked as not translated
	if want := []Translated{{"نص أول", "one"}}; !slices.Equal(half, want) {
		t.Errorf("%q, want %q", half, want)
	}
}

func FuzzAlign(f *testing.F) {
	f.Add("<p>نص <a href=x>رابط</a></p>", "<p>text <a href=x>link</a></p>")
	f.Add(`<p><img src=a alt="نص">نص<br>آخر</p>`, `<p><img src=a alt=text>text<br>other<g1><x2/></p>`)
	f.Add("<p>نص &lt;g1&gt;</p>", "<p>&lt;g1&gt;<b><i>x</i></b></p>")
	f.Fuzz(func(t *testing.T, source, target string) {
		d, err := Parse(source)
		if err != nil {
			return
		}
		for _, s := range Align(source, target) {
			known := slices.ContainsFunc(d.segs, func(o Segment) bool { return o.Text == s.Source })
			if !known {
				t.Fatalf("%q is no segment", s.Source)
			}
			for _, tok := range tokens(s.Target) {
				if tok.code != nil && !strings.Contains(s.Source, tok.code.neutral()) {
					t.Fatalf("%q has a code that %q lacks", s.Target, s.Source)
				}
			}
		}
	})
}
