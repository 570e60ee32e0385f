package parse

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// news returns a sitemap of n items, the oldest first.
func news(n int) string {
	var b strings.Builder
	b.WriteString(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" ` +
		`xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">`)
	for i := range n {
		fmt.Fprintf(&b, "<url><loc>https://site.example/%d</loc><news:news><news:title>خبر %d</news:title>"+
			"<news:publication_date>%s</news:publication_date></news:news></url>\n", i, i,
			at.Add(time.Duration(i-n)*time.Minute).Format(time.RFC3339))
	}
	b.WriteString("</urlset>")
	return b.String()
}

func TestSitemapIsReadFromItsNewest(t *testing.T) {
	doc := feeds.Document{Base: "https://site.example/news.xml", Body: []byte(news(maxNews + 200)), At: at}
	f, err := Feed(feeds.Source{ID: "s"}, doc)
	if err != nil || len(f.Items) != maxNews || f.Items[0].URL != "https://site.example/1199" ||
		f.Items[maxNews-1].URL != "https://site.example/200" || !strings.Contains(f.Note, "more than 1000") {
		t.Fatalf("%d items, note %q, %v", len(f.Items), f.Note, err)
	}
}

func TestSitemaps(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"a list": {`<sitemapindex><sitemap><loc>https://a.example/post.xml</loc></sitemap><sitemap><loc>` +
			`/news/today.xml</loc></sitemap><sitemap><loc>javascript:news()</loc></sitemap></sitemapindex>`,
			[]string{"https://a.example/news/today.xml"}},
		"robots.txt": {"User-agent: *\nDisallow: /x\nsitemap : https://a.example/map.xml # all\n" +
			"Sitemap: /google-news.xml\nSitemap: /google-news.xml\n",
			[]string{"https://a.example/google-news.xml", "https://a.example/map.xml"}},
		"a page": {"<!DOCTYPE html><p>Sitemap</p>", nil},
		"a feed": {"<rss><channel/></rss>", nil},
	} {
		got := Sitemaps(feeds.Document{Base: "https://a.example/robots.txt", Body: []byte(c.body)})
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// BenchmarkSitemap reads as many items as a sitemap of news may have.
func BenchmarkSitemap(b *testing.B) {
	doc := feeds.Document{Base: "https://site.example/news.xml", Body: []byte(news(1000)), At: at}
	b.SetBytes(int64(len(doc.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if f, err := Feed(feeds.Source{ID: "s"}, doc); err != nil || len(f.Items) != 1000 {
			b.Fatal(len(f.Items), err)
		}
	}
}
