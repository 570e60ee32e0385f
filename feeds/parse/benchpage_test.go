//go:build unix

package parse

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// BenchmarkPage prints the CPU time of reading a page of news, as a multiple of that of a feed with the
// same items and as many bytes, of ten pairs read in turn: of new documents, and of documents whose items
// are known.
func BenchmarkPage(b *testing.B) {
	const pairs, rounds, items = 10, 40, 30
	page, feed := newsPage(items), ""
	for words := 0; len(feed) < len(page); words++ { // a feed has longer texts instead of menus and classes
		feed = newsFeed(items, words)
	}
	doc := func(body string) feeds.Document {
		return feeds.Document{Base: "https://a.example/", Body: []byte(body), At: pageTime}
	}
	by := feeds.Page{Item: "article.post", Title: "h2.entry-title", Link: "h2.entry-title a", Date: "time",
		Summary: "div.entry-summary", Image: "img"}
	spent := func(s feeds.Source, d feeds.Document) time.Duration {
		since := cpuTime(b)
		for range rounds {
			if f, err := Feed(s, d); err != nil || len(f.Items) != items {
				b.Fatalf("%d items: %v", len(f.Items), err)
			}
		}
		return cpuTime(b) - since
	}
	for b.Loop() {
		for _, known := range []bool{false, true} {
			sources := []feeds.Source{{ID: "p", Page: by}, {ID: "f"}}
			docs := []feeds.Document{doc(page), doc(feed)}
			if known {
				for i := range sources {
					sources[i].Known = knownTo(b, sources[i], docs[i])
				}
			}
			ratios := make([]float64, 0, pairs)
			for range pairs {
				ratios = append(ratios, float64(spent(sources[0], docs[0]))/float64(spent(sources[1], docs[1])))
			}
			slices.Sort(ratios)
			fmt.Printf("\na page of %d KB, a feed of %d KB, %d items, known %v: page / feed %.2f (%.2f to %.2f)\n",
				len(page)>>10, len(feed)>>10, items, known, ratios[pairs/2], ratios[0], ratios[pairs-1])
		}
	}
}

// knownTo returns what is known of the items of a document once they are stored.
func knownTo(b *testing.B, s feeds.Source, d feeds.Document) feeds.Known {
	f, err := Feed(s, d)
	known := feeds.Known{}
	for _, it := range f.Items {
		known[it.Raw] = feeds.Short{}
	}
	if err != nil || len(known) != len(f.Items) {
		b.Fatalf("%d of %d items can be known: %v", len(known), len(f.Items), err)
	}
	return known
}

// newsItem returns a headline and a paragraph with a number.
func newsItem(i int) (title, text string) {
	return fmt.Sprintf("خبر رقم %d عن هاتف جديد يصل إلى الأسواق هذا الأسبوع", i),
		fmt.Sprintf("قالت الشركة في بيانها رقم %d إن المنتج سيتوفر في أسواق مختارة مطلع العام المقبل، "+
			"وإن سعره سيعلن لاحقا. ", i)
}

func newsPage(n int) string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>أخبار</title><style>` +
		strings.Repeat(".widget-area .menu > li a{color:#123456;padding:0 1em}\n", 200) +
		`</style></head><body><nav><ul>`)
	for i := range 60 {
		fmt.Fprintf(&b, `<li class="menu-item menu-item-%d"><a href="/section/%d"><span>قسم رقم %d</span></a></li>`,
			i, i, i)
	}
	b.WriteString(`</ul></nav><main class="site-main">`)
	for i := range n {
		title, text := newsItem(i)
		fmt.Fprintf(&b, `<article id="post-%[1]d" class="post-%[1]d post type-post hentry">`+
			`<a class="post-thumbnail" href="/n/%[1]d"><img width="800" height="500" src="/i/%[1]d.jpg" `+
			`srcset="/i/%[1]d.jpg 800w, /i/%[1]d-300.jpg 300w" alt=""></a>`+
			`<header class="entry-header"><div class="entry-meta">`+
			`<span class="cat-links"><a href="/c/1" rel="category tag">أخبار</a></span>`+
			`<time class="entry-date published" datetime="2026-11-%02[2]dT10:00:00+00:00">قبل أيام</time></div>`+
			`<h2 class="entry-title"><a href="/n/%[1]d" rel="bookmark">%[3]s</a></h2></header>`+
			`<div class="entry-summary"><p>%[4]s</p></div>`+
			`<footer class="entry-footer"><a class="more-link" href="/n/%[1]d">المزيد</a></footer></article>`,
			i, 1+i%28, title, strings.Repeat(text, 2))
	}
	b.WriteString(`</main><aside>` +
		strings.Repeat(`<div class="widget"><h3>الأكثر قراءة</h3>`+
			`<ul><li><a href="/p/1">عنوان</a></li></ul></div>`, 30) +
		`</aside><script>` + strings.Repeat(`window.dataLayer.push({event:"x"});`, 300) + `</script></body></html>`)
	return b.String()
}

func newsFeed(n, paragraphs int) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` +
		`<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">` +
		`<channel><title>أخبار</title><link>https://a.example/</link>`)
	for i := range n {
		title, text := newsItem(i)
		body := fmt.Sprintf(`<p><img src="/i/%d.jpg"></p>`, i) +
			strings.Repeat("<p>"+text+`<a href="/x">رابط</a></p>`, paragraphs)
		fmt.Fprintf(&b, `<item><title>%s</title><link>https://a.example/n/%d</link><guid>%d</guid>`+
			`<category>أخبار</category><pubDate>Mon, %d Nov 2026 10:00:00 +0000</pubDate>`+
			`<description>%s</description></item>`,
			title, i, i, 1+i%28, html.EscapeString(body))
	}
	return b.String() + "</channel></rss>"
}
