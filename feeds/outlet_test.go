package feeds

import "testing"

func TestPublisher(t *testing.T) {
	for _, c := range []struct {
		what   string
		source Source
		want   string
	}{
		{"the domain of the site", Source{Site: "https://www.aitnews.com/", URL: "https://a.example/"}, "aitnews.com"},
		{"without a site that of the address", Source{URL: "https://feeds.aitnews.com/rss"}, "aitnews.com"},
		{"a section on a host of its own", Source{Site: "https://arabic.euronews.com/next"}, "euronews.com"},
		{"a country's second level", Source{Site: "https://tech.almasryalyoum.com.eg/"}, "almasryalyoum.com.eg"},
		{"what the config says", Source{Site: "https://b.example/", Outlet: "a.example"}, "a.example"},
		{"case, port and a final dot", Source{Site: "https://WWW.AitNews.Com.:8443/"}, "aitnews.com"},
		{"letters of another script", Source{Site: "https://أخبار.مصر/"}, "xn--igbicxr.xn--wgbh1c"},
		{"a channel of Telegram", Source{Site: "https://t.me/s/tech"}, "a"},
		{"a blog on a shared host", Source{Site: "https://tech.wordpress.com/"}, "a"},
		{"a shared service of a publisher", Source{URL: "https://news.google.com/rss"}, "a"},
		{"a publisher beside its shared service", Source{Site: "https://blog.google.com/"}, "google.com"},
		{"a carrier, but the site is known",
			Source{Site: "https://b.example/", URL: "https://feeds.feedburner.com/b"}, "b.example"},
		{"a carrier, and no site", Source{URL: "https://feeds.feedburner.com/b"}, "a"},
		{"a page of a shared registry", Source{Site: "https://shop.myshopify.com/"}, "shop.myshopify.com"},
		{"a private address", Source{URL: "https://secret.example/feed", Private: true}, "a"},
		{"a private address with a site",
			Source{URL: "https://secret.example/", Site: "https://b.example/", Private: true}, "b.example"},
		{"a number", Source{Site: "http://127.0.0.1:8081/"}, "a"},
		{"a number in brackets", Source{Site: "http://[::1]/"}, "a"},
		{"a machine without a domain", Source{Site: "http://localhost:8081/"}, "a"},
		{"a public suffix", Source{Site: "https://co.uk/"}, "a"},
		{"a site that nobody else reaches",
			Source{Site: "http://localhost/wp", URL: "https://b.example/feed"}, "b.example"},
		{"a bridge to a shared host", Source{Site: "https://t.me/s/tech", URL: "https://bridge.example/tech"}, "a"},
		{"dots without names", Source{Site: "https://..example./"}, "a"},
		{"no host", Source{Site: "tech"}, "a"},
		{"no address", Source{URL: "://"}, "a"},
	} {
		c.source.ID = "a"
		if got := c.source.Publisher(); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestPublishers(t *testing.T) {
	outlet := Site{Sources: map[string]Source{"a": {ID: "a", Site: "https://www.x.example/"}}}.Publishers()
	for id, want := range map[string]string{"a": "x.example", "gone": "gone"} {
		if got := outlet(id); got != want || outlet(id) != want {
			t.Errorf("the outlet of source %s: %s, want %s", id, got, want)
		}
	}
}
