package parse

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/nashra/nashra/feeds"
)

func pageDoc(body string) feeds.Document {
	return feeds.Document{Base: "https://a.example/news", ContentType: "text/html", Body: []byte(body), At: pageTime}
}

// card is an item of a page.
func card(n int) string {
	return fmt.Sprintf(`<div class=card><h2><a href="/n/%d">خبر رقم %d عن هاتف جديد في الأسواق</a></h2></div>`, n, n)
}

func cards(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(card(i))
	}
	return b.String()
}

func TestPagesThatCannotBeReadSayWhy(t *testing.T) {
	list := "<html><body><main>" + cards(5) + "</main></body></html>"
	for name, c := range map[string]struct {
		item, body, want string
	}{
		"nothing found": {"article", list, `item "article" finds nothing: the layout of the page may have changed; ` +
			`page: {item: "div.card"} would find 5 items, such as "خبر رقم 0`},
		"no list at all": {"article", "<p>أهلا", "nothing on the page looks like a list of items"},
		"the whole page": {"body", list, "the selectors take the whole page for one item; page: {item"},
		"everything":     {"*", list, "the selectors take the whole page for one item"},
		"items in items": {"div", strings.Repeat("<div>x", 400), "the selectors take the whole page for one item"},
		"its frame":      {"main, main *", list, "the selectors take the whole page for one item"},
		"a feed": {"item", "<?xml version='1.0'?><rss><channel><item><title>x</title></item></channel></rss>",
			"not a web page: remove page"},
		"JSON":              {"item", `{"version":"https://jsonfeed.org/version/1.1"}`, "not a web page"},
		"nothing":           {"item", "", "not a web page"},
		"nested too deeply": {"b", strings.Repeat("<div>", 600), "the page is nested too deeply"},
		"a slow selector": {"div:has(div:has(div:has(p)))",
			strings.Repeat(strings.Repeat("<div>", 100)+strings.Repeat("</div>", 100), 200),
			"would take too long on this page"},
		"items without texts or links": {"i", "<p><i></i><i><!-- x --></i></p>",
			`item "i" finds nothing: the layout of the page may have changed`},
	} {
		_, err := Feed(feeds.Source{ID: "p", Page: feeds.Page{Item: c.item}}, pageDoc(c.body))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if err != nil && len(err.Error()) > 600 {
			t.Errorf("%s: the error has %d bytes", name, len(err.Error()))
		}
	}
}

func TestHugePagesAreReadInTime(t *testing.T) {
	filler := "<p>" + strings.Repeat("نص طويل جدا ", 400) + "</p>"
	for name, c := range map[string]struct {
		body  string
		items int // at most
		note  string
	}{
		"15 MB": {cards(50) + strings.Repeat(filler, 15_000_000/len(filler)), 50,
			"the page is larger than 3.0 MB: only its beginning"},
		"a million elements": {strings.Repeat("<div class=card>x</div>", 1_000_000), 500,
			"the page has more than 60000 tags: only its beginning was read; the selectors find more than 500 items"},
		"open formatting":    {cards(3) + strings.Repeat("<b id=x><p><i><a href=y>", 12_000), 3, ""},
		"broken tables":      {cards(3) + strings.Repeat("<table><tr><b>", 120), 3, ""},
		"one huge attribute": {cards(3) + `<div class="` + strings.Repeat("x ", 1_000_000) + `">`, 3, ""},
	} {
		start := time.Now()
		f, err := Feed(feeds.Source{ID: "p", Page: feeds.Page{Item: ".card", Date: "time, span span, .a ~ .b"}},
			pageDoc(c.body))
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
		if err != nil && !strings.Contains(err.Error(), "nested too deeply") || len(f.Items) > c.items ||
			err == nil && (len(f.Items) == 0 || !strings.Contains(f.Note, c.note)) {
			t.Errorf("%s: %d items, %q, %v", name, len(f.Items), f.Note, err)
		}
		t.Logf("%s: %d items in %s, %v", name, len(f.Items), time.Since(start).Round(time.Millisecond), err)
		start = time.Now()
		Propose(pageDoc(c.body))
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: proposals took %s", name, took)
		}
		t.Logf("%s: proposals in %s", name, time.Since(start).Round(time.Millisecond))
	}
}

// What a page says is kept out of HTML, titles and addresses as that of any feed.
func TestHostilePageIsHarmless(t *testing.T) {
	f, err := Feed(feeds.Source{ID: "p",
		Page: feeds.Page{Item: "article", Title: "h2", Summary: "div", Image: "img", Date: "time"}},
		pageDoc(`<article><a href="javascript:alert(1)">x</a><h2>عنوان &lt;script&gt;alert(1)&lt;/script&gt; هنا</h2>
		<div><p onclick="x()">نص <script>alert(1)</script><a href="java&#10;script:alert(1)">رابط</a></p>`+
			`<iframe src="//evil.example"></iframe></div>
		<img src="data:text/html,x" onerror="x()"><time datetime="9999-99-99">الآن</time></article>
		<article><a href="file:///etc/passwd">عنوان آخر يكفي هنا</a></article>
		<article><a href="//user:secret@other.example/a?utm_source=x#top">عنوان ثالث</a>`+
			`<time>1 يناير 2090</time></article>`))
	if err != nil || len(f.Items) != 3 {
		t.Fatalf("%+v, %v", f.Items, err)
	}
	for _, it := range f.Items {
		all := it.Title + it.Summary + it.Body + it.URL
		for _, bad := range []string{"<script", "onclick", "onerror", "<iframe", "javascript:", "data:", "file:"} {
			if strings.Contains(all, bad) && bad != "<script" || strings.Contains(it.Main()+it.URL, bad) {
				t.Errorf("%q in %+v", bad, it)
			}
		}
		if it.Published.After(pageTime.Add(24 * time.Hour)) {
			t.Errorf("published in the future: %s", it.Published)
		}
	}
	if got := f.Items[0].Published; !got.Equal(pageTime) {
		t.Errorf("the date of the first is %s", got)
	}
}

// A page in windows-1256 is read whether its header, its head or nobody says so.
func TestPagesInOtherEncodings(t *testing.T) {
	text := "<title>أخبار</title>" + cards(4)
	legacy, err := charmap.Windows1256.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ kind, head, body string }{
		"the header": {"text/html; charset=windows-1256", "", legacy},
		"the head":   {"text/html", `<meta charset="windows-1256">`, legacy},
		"the head, as it was": {"text/html",
			`<META http-equiv=Content-Type content="text/html; charset=windows-1256">`, legacy},
		"nobody":                  {"text/html", "", legacy},
		"a wrong header":          {"text/html; charset=iso-8859-1", "", legacy},
		"UTF-8 under a wrong one": {"text/html; charset=windows-1256", "", text},
	} {
		doc := pageDoc(c.head + c.body)
		doc.ContentType = c.kind
		f, err := Feed(feeds.Source{ID: "p", Page: feeds.Page{Item: "div.card"}}, doc)
		if err != nil || len(f.Items) != 4 || f.Items[3].Title != "خبر رقم 3 عن هاتف جديد في الأسواق" ||
			f.Title != "أخبار" {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
}

func FuzzPage(f *testing.F) {
	for _, s := range savedPages(f) {
		f.Add(s.doc.Body[:min(len(s.doc.Body), 3000)], s.Page.Item, s.Page.Title, s.Page.Date)
	}
	f.Add([]byte("<a href=x>y"), "a:not(:has(b ~ c)) > d, e@f", `[x="]"]`, "time@datetime, .a\\:b")
	f.Fuzz(func(t *testing.T, body []byte, item, title, date string) {
		doc := feeds.Document{Base: "https://a.example/", Body: body, At: pageTime}
		feed, err := Feed(feeds.Source{ID: "p", Page: feeds.Page{Item: item, Title: title, Date: date, Link: title,
			Image: date, Summary: item}}, doc)
		if err == nil && len(feed.Items) == 0 {
			t.Error("neither items nor an error")
		}
		for _, it := range feed.Items {
			if it.GUID == "" || strings.ContainsAny(it.Title, "\n\x00") ||
				it.URL != "" && !strings.HasPrefix(it.URL, "http") {
				t.Errorf("%+v", it)
			}
		}
		for _, p := range Propose(doc) {
			doc.Body = bytes.Clone(body)
			again, err := Feed(feeds.Source{ID: "p", Page: p.Page}, doc)
			if err != nil || len(again.Items) == 0 || len(p.Items) < 3 {
				t.Errorf("%s finds %d items: %v", p, len(again.Items), err)
			}
		}
	})
}

// A page whose headlines or links are no longer found is an error; of other fields it is a note.
func TestFieldsThatFindNothingAreTold(t *testing.T) {
	list := "<main>" + cards(4) + "</main>"
	for _, c := range []struct {
		page       feeds.Page
		note, fail string
	}{
		{feeds.Page{Item: ".card"}, "", ""},
		{feeds.Page{Item: ".card", Title: "h3, h2", Link: "h2 a"}, "", ""},
		{feeds.Page{Item: ".card", Title: "h3"}, "", `title "h3" finds nothing`},
		{feeds.Page{Item: ".card", Link: "h2 a@data-url"}, "", `link "h2 a@data-url" finds nothing`},
		{feeds.Page{Item: ".card", Date: "time", Image: "img"},
			`date "time" finds nothing in any of 4 items; image "img" finds`, ""},
	} {
		f, err := Feed(feeds.Source{ID: "p", Page: c.page}, pageDoc(list))
		if c.fail == "" && (err != nil || len(f.Items) != 4) ||
			c.fail != "" && (err == nil || !strings.Contains(err.Error(), c.fail)) ||
			!strings.Contains(f.Note, c.note) || c.note == "" && f.Note != "" {
			t.Errorf("%+v: %d items, %q, %v", c.page, len(f.Items), f.Note, err)
		}
	}
}
