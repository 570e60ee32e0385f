package parse

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/nashra/nashra/feeds"
)

// rssOf returns a feed of one item with that text.
func rssOf(head, text string) feeds.Document {
	return feeds.Document{URL: "https://news.example/feed", Body: []byte("<rss version='2.0'><channel>" +
		"<title>t</title><item>" + head + "<description><![CDATA[" + text + "]]></description></item></channel></rss>")}
}

func TestDropRemovesPartsOfTexts(t *testing.T) {
	const text = `<p>خبر <span class="ad">إعلان</span></p><aside id="x"><p>اقرأ</p></aside><section class="related">` +
		`<a href="https://ads.example/?a">رابط</a></section><table><tr><td>جدول</td></tr></table>`
	for name, c := range map[string]struct {
		drop []string
		gone []string
	}{
		"a class":                      {[]string{".ad"}, []string{"إعلان"}},
		"an element that is made anew": {[]string{"aside"}, []string{"اقرأ"}},
		"an id":                        {[]string{"#x"}, []string{"اقرأ"}},
		"an attribute":                 {[]string{`a[href*="ads.example"]`}, []string{"رابط"}},
		"a group":                      {[]string{".ad, .related"}, []string{"إعلان", "رابط"}},
		"two rules":                    {[]string{"table", ".ad"}, []string{"إعلان", "جدول"}},
		"parent and child":             {[]string{"aside", "aside p"}, []string{"اقرأ"}},
		"all":                          {[]string{"*"}, []string{"خبر", "إعلان", "اقرأ", "رابط", "جدول"}},
		"nothing":                      {[]string{".none"}, nil},
		"a position, once":             {[]string{"p:first-child"}, []string{"خبر", "إعلان", "اقرأ"}},
	} {
		src := feeds.Source{ID: "s", Drop: c.drop}
		f, err := Feed(src, rssOf("<title>عنوان</title><guid>1</guid>", text))
		if err != nil || len(f.Items) != 1 {
			t.Fatalf("%s: %+v, %v", name, f, err)
		}
		for _, word := range []string{"خبر", "إعلان", "اقرأ", "رابط", "جدول"} {
			gone := slices.Contains(c.gone, word)
			if strings.Contains(f.Items[0].Main(), word) == gone {
				t.Errorf("%s: %s is gone: %v, want %v: %s", name, word, !gone, gone, f.Items[0].Main())
			}
		}
	}
	if _, err := Feed(feeds.Source{ID: "s", Drop: []string{"p["}}, rssOf("", "x")); err == nil {
		t.Error("a selector that is none is taken")
	}
}

// What an item is known by does not depend on rules.
func TestDropLeavesKeys(t *testing.T) {
	const text = `<p>خبر طويل</p><p class="ad">إعلان</p>`
	for _, head := range []string{"<guid>1</guid>", "<link>https://news.example/1</link>", "<title>عنوان</title>", "",
		"<guid>" + strings.Repeat("x", 2*maxGUID) + "</guid>"} {
		var keys [2]string
		for i, drop := range [][]string{nil, {".ad"}} {
			f, err := Feed(feeds.Source{ID: "s", Drop: drop}, rssOf(head, text))
			if err != nil || len(f.Items) != 1 || strings.Contains(f.Items[0].Main(), "إعلان") != (i == 0) {
				t.Fatalf("%.40s: %+v, %v", head, f, err)
			}
			keys[i] = f.Items[0].GUID
		}
		if keys[0] != keys[1] {
			t.Errorf("%.40s: %q", head, keys)
		}
	}
}

// A selector that takes too long on a text is left, and said.
func TestDropIsBounded(t *testing.T) {
	deep := strings.Repeat("<div><i></i><b>", 150) + "خبر"
	wide := strings.Repeat("<i>x</i>", 200_000)
	for i, text := range []string{deep, wide, strings.Repeat(wide, 3)} {
		src := feeds.Source{ID: "s", Drop: []string{":has(:has(b ~ i)) ~ :has(b) ~ * * *", "i", "* ~ * ~ * ~ *"}}
		f, err := Feed(src, rssOf("<title>عنوان</title><guid>1</guid>", text))
		if err != nil || len(f.Items) != 1 {
			t.Fatalf("%d: %v", i, err)
		}
		if strings.Contains(f.Items[0].Main(), "<i>") {
			t.Errorf("%d: %.200s; %s", i, f.Items[0].Main(), f.Note)
		}
		if len(f.Note) > 1000 {
			t.Error(f.Note)
		}
	}
}

func FuzzDrop(f *testing.F) {
	f.Add(".ad", "<p class=ad>x</p>")
	f.Add("*:not(p) > a[href]", "<div><a href=x>y</a></div>")
	f.Add("p:nth-child(2n+1), :has(> b)", "<p><b>x</b></p><p>")
	f.Fuzz(func(t *testing.T, selector, text string) {
		d, err := NewDropper([]string{selector})
		if err != nil {
			return
		}
		root, err := html.Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		count := func() (n int) {
			for range root.Descendants() {
				n++
			}
			return n
		}
		before := count()
		if err := d.Drop(root); err == nil {
			if left, _ := d[0].sel.All(root); len(left) > 0 && count() == before {
				t.Errorf("%q leaves all of %s", selector, fmt.Sprint(left))
			}
		}
		if count() > before {
			t.Errorf("%q adds nodes", selector)
		}
	})
}
