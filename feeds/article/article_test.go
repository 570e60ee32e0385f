package article

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/nashra/nashra/feeds"
)

func page(t *testing.T, name string) feeds.Document {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return feeds.Document{Base: "https://news.example/2026/11/story", ContentType: "text/html; charset=utf-8", Body: b}
}

func TestExtractKeepsTheArticle(t *testing.T) {
	got, err := Extract(page(t, "wordpress.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, keeps := range []string{
		"أعلنت الشركة اليوم", "الفقرة الأخيرة من المقال", // first and last paragraph
		`src="https://news.example/images/phone.jpg"`, "صورة الهاتف من الأمام", // an image loaded late, and its caption
		"<li>", "شاشة قياسها 6.7 بوصة", "<ol>", // lists
		"<pre>", "go run ./cmd/demo", // code
		"<blockquote", `dir="ltr"`, "The best phone we ever made", // a quote in its direction
		`href="https://news.example/review"`, // a relative link
	} {
		if !strings.Contains(got.Body, keeps) {
			t.Errorf("lost %q", keeps)
		}
	}
	for _, drops := range []string{
		"الرئيسية", "اقرأ أيضا", "شارك المقال", "تعليق أول", "<script", "onclick", "جميع الحقوق محفوظة", "إعلان ممول",
		"javascript:",
	} {
		if strings.Contains(got.Body, drops) {
			t.Errorf("kept %q", drops)
		}
	}
	if t.Failed() {
		t.Log(got.Body)
	}
}

func TestPagesThatAreNotTaken(t *testing.T) {
	whole := string(page(t, "wordpress.html").Body)
	head := func(s string) string { return strings.Replace(whole, "</head>", s+"</head>", 1) }
	ld := func(json string) string { return head(`<script type="application/ld+json">` + json + `</script>`) }
	teaser := "<html><body><article><p>" + strings.Repeat("كلمة ", 20) + "</p></article></body></html>"
	for name, c := range map[string]struct {
		body, robots string
		want         error
	}{
		"free":                     {ld(`{"@type":"NewsArticle","isAccessibleForFree":true}`), "index, follow", nil},
		"another robot's rule":     {head(`<meta name="googlebot" content="noindex">`), "", nil},
		"another's rule by header": {whole, "bingbot: noindex\nmax-snippet: 0, index", nil},
		"noindex":                  {head(`<META NAME="Robots" CONTENT="follow, NOINDEX">`), "", ErrNoIndex},
		"none":                     {head(`<meta name="robots" content="none">`), "", ErrNoIndex},
		"our own rule":             {head(`<meta name="nashra" content="noindex">`), "", ErrNoIndex},
		"noindex by header":        {whole, "googlebot: index\nnofollow, noindex", ErrNoIndex},
		"noindex for us by header": {whole, "nashra: noindex", ErrNoIndex},
		"paywalled":                {ld(`{"@type":"NewsArticle", "isAccessibleForFree" : false}`), "", ErrPaywalled},
		"paywalled in words":       {ld(`[{"hasPart":{"isAccessibleForFree":"False"}}]`), "", ErrPaywalled},
		"paywalled in broken JSON": {ld(`{"isAccessibleForFree":"http://schema.org/False",}`), "", ErrPaywalled},
		"metered":                  {head(`<meta property=article:content_tier content=metered>`), "", ErrPaywalled},
		"paywalled as microdata":   {head(`<meta itemprop="isAccessibleForFree" content="false">`), "", ErrPaywalled},
		"teaser":                   {teaser, "", ErrNoArticle},
		"empty":                    {"", "", ErrNoArticle},
		"feed":                     {`<rss version="2.0"><channel><title>x</title></channel></rss>`, "", ErrNoArticle},
		"menu only": {
			"<html><body><nav>" + strings.Repeat(`<a href="/x">رابط</a> `, 100) + "</nav></body></html>",
			"", ErrNoArticle,
		},
		"nested deeply":             {strings.Repeat("<div>", 50_000), "", errAny},
		"too many tags":             {strings.Repeat("<b>x</b>", 400_000), "", errAny},
		"too large":                 {strings.Repeat("<p>نص طويل</p>", 300_000), "", errAny},
		"comment that does not end": {whole[:len(whole)/2] + "<!--", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Extract(feeds.Document{Base: "https://news.example/a", Body: []byte(c.body), Robots: c.robots})
			asWanted := errors.Is(err, c.want) || errors.Is(c.want, errAny) && err != nil
			if !asWanted || (err == nil) != (got.Body != "") {
				t.Errorf("%v, %d bytes; want %v", err, len(got.Body), c.want)
			}
		})
	}
}

var errAny = errors.New("any")

func TestExtractRemovesTheHeadlineOnly(t *testing.T) {
	sentence := "أعلنت الشركة اليوم عن هاتفها الجديد في مؤتمر صحفي عقدته في دبي بحضور الصحفيين. "
	para := "<p>" + strings.Repeat(sentence, 3) + "</p>"
	for name, c := range map[string]struct{ page, keeps, drops string }{
		"the only h1": {
			"<title>Phone</title><article><h1>شركة تكشف iPhone 17</h1>" + para + "<h2>سعر iPhone 17</h2>" + para,
			"سعر iPhone", "شركة تكشف",
		},
		"an h2": {
			"<title>شركة تكشف iPhone 17 - موقع</title><h1>موقع</h1><article><h2>شركة تكشف  iPhone 17</h2>" + para +
				"<h2>سعر iPhone 17</h2>" + para,
			"سعر iPhone", "شركة تكشف",
		},
		"one of several h1": {
			"<title>شركة تكشف iPhone 17 | موقع</title><article><h1>شركة تكشف iPhone 17</h1>" + para +
				"<h1>سعر iPhone 17</h1>" + para,
			"سعر iPhone", "شركة تكشف",
		},
		"none": {
			"<title>شركة تكشف عن iPhone 17 في مؤتمرها السنوي | موقع</title><article>" + para +
				"<h2>iPhone 17</h2>" + para,
			"iPhone", "مؤتمرها",
		},
	} {
		body := []byte("<html><head>" + c.page + "</article>")
		got, err := Extract(feeds.Document{Base: "https://news.example/a", Body: body})
		if err != nil || !strings.Contains(got.Body, c.keeps) || strings.Contains(got.Body, c.drops) {
			t.Errorf("%s: %v %s", name, err, got.Body)
		}
	}
}

func TestExtractRefusesOtherContentTypes(t *testing.T) {
	doc := page(t, "wordpress.html")
	for contentType, want := range map[string]error{
		"": nil, "text/html": nil, "application/xhtml+xml; charset=utf-8": nil, "nonsense; ;": nil,
		"audio/mpeg": ErrNoArticle, "text/plain; charset=utf-8": ErrNoArticle, "application/pdf": ErrNoArticle,
	} {
		doc.ContentType = contentType
		if _, err := Extract(doc); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", contentType, err, want)
		}
	}
}

func TestExtractDecodes(t *testing.T) {
	doc := page(t, "wordpress.html")
	want, err := Extract(doc)
	if err != nil {
		t.Fatal(err)
	}
	undeclared := strings.Replace(string(doc.Body), `<meta charset="utf-8">`, "", 1)
	legacy, err := charmap.Windows1256.NewEncoder().Bytes([]byte(undeclared))
	if err != nil {
		t.Fatal(err)
	}
	for _, contentType := range []string{"text/html; charset=windows-1256", "text/html"} {
		got, err := Extract(feeds.Document{Base: doc.Base, Body: legacy, ContentType: contentType})
		if err != nil || got != want {
			t.Errorf("%s: %v\n%.300s", contentType, err, got.Body)
		}
	}
}

func FuzzExtract(f *testing.F) {
	b, err := os.ReadFile(filepath.Join("testdata", "wordpress.html"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b, "text/html", "noindex")
	f.Add([]byte("<p><table><p>"), "text/html; charset=utf-16", "a:b")
	f.Fuzz(func(t *testing.T, body []byte, contentType, robots string) {
		got, err := Extract(feeds.Document{
			Base: "https://news.example/a", Body: body, ContentType: contentType, Robots: robots,
		})
		if err == nil && (got.Body == "" || strings.Contains(strings.ToLower(got.Body), "<script")) {
			t.Errorf("%q", got.Body)
		}
	})
}
