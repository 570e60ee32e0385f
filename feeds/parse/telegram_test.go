package parse

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// channelPage returns the page of a channel with n posts, the oldest first.
func channelPage(n int) string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><html><body><section class="tgme_channel_history js-message_history">`)
	for i := range n {
		fmt.Fprintf(&b, `<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="`+
			`qalam_tech/%d"><div class="tgme_widget_message_text js-message_text" dir="auto">خبر رقم %d<br/><br/>`+
			`نص الخبر.</div><a class="tgme_widget_message_date"><time datetime="2026-11-23T10:00:00+00:00">10:00`+
			`</time></a></div></div>`, i, i)
	}
	b.WriteString("</section></body></html>")
	return b.String()
}

func TestOfALongPageTheLatestPostsAreRead(t *testing.T) {
	doc := feeds.Document{Base: "https://t.me/s/qalam_tech", Body: []byte(channelPage(20_000)), At: at}
	start := time.Now()
	f, err := Feed(feeds.Source{ID: "s"}, doc)
	if err != nil || len(f.Items) != maxPosts || f.Items[0].URL != "https://t.me/qalam_tech/19999" {
		t.Fatalf("%d items, %v", len(f.Items), err)
	}
	if d := time.Since(start); d > 20*time.Second { // two orders of magnitude more than it takes
		t.Errorf("%d MB took %s", len(doc.Body)>>20, d)
	}
}

// What grows faster than a page's size takes minutes on these.
func TestHostilePagesAreQuick(t *testing.T) {
	const size = 4 << 20
	const photo = ` style="background-image:url(`
	post := func(text string) string { return strings.Replace(channelPage(1), "خبر رقم 0", text, 1) }
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, page := range map[string]string{
		"bold letters":  post(fill("<b>x</b>")),
		"breaks":        post(fill("<br>")),
		"links to tags": post(fill(`<a href="?q=%23x">#x</a>`)),
		"one word":      post(fill("x")),
		"photos":        post("x</div>" + fill(`<a class="tgme_widget_message_photo_wrap"`+photo+`a)">`)),
		"options":       post("x</div>" + fill(`<i class="tgme_widget_message_poll_option_text">x</i>`)),
		"classes":       post(`<b class="` + fill("x ") + `">`),
		"a style": post(`x</div><a class="tgme_widget_message_photo_wrap"` + photo + fill("background-image:url(") +
			`">`),
		"a sitemap":       news(size / 200),
		"empty entries":   `<urlset x="sitemap-news">` + fill("<url/>") + "</urlset>",
		"images":          `<urlset x="sitemap-news"><url>` + fill("<image/>") + "</url></urlset>",
		"a long headline": `<urlset x="sitemap-news"><url><loc>/x</loc><news><title>` + fill("x"),
		"sitemaps":        `<sitemapindex>` + fill("<sitemap><loc>/news</loc></sitemap>") + "</sitemapindex>",
	} {
		start := time.Now()
		doc := feeds.Document{Base: "https://t.me/s/qalam_tech", Body: []byte(page), At: at}
		_, _ = Feed(feeds.Source{ID: "s"}, doc)
		if took := time.Since(start); took > 20*time.Second { // three seconds on a busy machine
			t.Errorf("%s took %s", name, took)
		}
	}
}

func TestDeepPagesAreRefused(t *testing.T) {
	page := strings.Replace(channelPage(1), "نص الخبر", strings.Repeat("<b>", 1_000_000), 1)
	_, err := Feed(feeds.Source{ID: "s"}, feeds.Document{Base: "https://t.me/s/qalam_tech", Body: []byte(page), At: at})
	if err == nil || !strings.Contains(err.Error(), "512") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkTelegram(b *testing.B) {
	doc := feeds.Document{Base: "https://t.me/s/qalam_tech", Body: []byte(channelPage(20)), At: at}
	b.SetBytes(int64(len(doc.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if f, err := Feed(feeds.Source{ID: "s"}, doc); err != nil || len(f.Items) != 20 {
			b.Fatal(len(f.Items), err)
		}
	}
}

// FuzzPages reads pages of Telegram and sitemaps: their items have a headline and a web address, and a
// post's address is Telegram's.
func FuzzPages(f *testing.F) {
	for _, e := range ownExamples(f) {
		if strings.HasPrefix(e.name, "telegram-") || strings.HasPrefix(e.name, "sitemap-") {
			f.Add(e.doc.Body)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, base := range []string{"https://t.me/s/qalam_tech", "https://site.example/news.xml"} {
			feed, err := Feed(feeds.Source{ID: "s"}, feeds.Document{Base: base, Body: body, At: at})
			if err != nil {
				continue
			}
			page := KindOf(feeds.Source{URL: base}, feeds.Document{Base: base, Body: body})
			for _, it := range feed.Items {
				switch {
				case !utf8.ValidString(it.Title) || strings.ContainsAny(it.Title, "\n\u202e\x00"):
					t.Fatalf("title %q", it.Title)
				case it.Main() != sanitize.HTML(it.Main(), ""):
					t.Fatalf("%q is another when it is sanitised again", it.Main())
				case page == Sitemap && !strings.HasPrefix(it.URL, "http"):
					t.Fatalf("address %q", it.URL)
				}
			}
		}
	})
}
