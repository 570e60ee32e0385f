package parse

import (
	"testing"

	"github.com/nashra/nashra/feeds"
)

func TestKindOf(t *testing.T) {
	at := func(url string) feeds.Source { return feeds.Source{URL: url} }
	for name, c := range map[string]struct {
		src        feeds.Source
		kind, body string
		want       Kind
	}{
		"RSS 2.0":            {at("https://a.example/"), "text/html", `<rss version="2.0"><channel/></rss>`, RSS},
		"RSS after a notice": {at("https://a.example/"), "", "<b>Notice</b>: x\n<rss><channel/></rss>", RSS},
		"RSS 1.0":            {at("https://a.example/"), "", `<rdf:RDF><channel/></rdf:RDF>`, RDF},
		"RSS 1.1":            {at("https://a.example/"), "", `<Channel xmlns="http://purl.org/net/rss1.1#"/>`, RDF},
		"Atom":               {at("https://a.example/"), "", `<?xml version="1.0"?><feed></feed>`, Atom},
		"JSON Feed":          {at("https://a.example/"), "", `{"title":"x","items":[]}`, JSON},
		"another nashra's":   {at("https://a.example/"), "", `{"title":"x","_nashra":{},"items":[]}`, Nashra},
		"other JSON":         {at("https://a.example/"), "", `{"error":"no"}`, Unknown},
		"a page":             {at("https://a.example/"), "text/html", "<!DOCTYPE html>\n<title>x</title>", Page},
		"a page without doctype": {at("https://a.example/"), "text/html; charset=windows-1256",
			"<head><title>\xc7\xe1\xce\xc8\xd1</title></head>", Page},
		"a channel elsewhere": {at("https://a.example/"), "text/html",
			`<!DOCTYPE html><section class="tgme_channel_history js-message_history">`, Telegram},
		"a news sitemap":       {at("https://a.example/"), "", `<urlset xmlns="x"><url/></urlset>`, Sitemap},
		"a list of sitemaps":   {at("https://a.example/"), "", `<sitemapindex></sitemapindex>`, Sitemap},
		"a list of feeds":      {at("https://a.example/"), "", `<opml version="1.0"><body/></opml>`, OPML},
		"plain text":           {at("https://a.example/"), "text/plain", "لا شيء", Unknown},
		"nothing":              {at("https://a.example/"), "", "", Unknown},
		"a channel by address": {at("https://t.me/s/qalam_tech"), "", "", Telegram},
		"a short address":      {at("https://qalam_tech.t.me"), "", "", Telegram},
		"a handle":             {at("https://www.youtube.com/@qalam"), "", "", YouTube},
		"by its selectors": {feeds.Source{URL: "https://a.example/", Page: feeds.Page{Item: "li"}}, "",
			`<rss></rss>`, Page},
		"by its trust": {feeds.Source{URL: "https://a.example/", Trust: "nashra"}, "", "", Nashra},
		"by its key":   {feeds.Source{OPML: "https://a.example/"}, "", "", OPML},
	} {
		doc := feeds.Document{ContentType: c.kind, Body: []byte(c.body)}
		if got := KindOf(c.src, doc); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
