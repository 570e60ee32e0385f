package parse

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/mmcdole/gofeed"

	"github.com/nashra/nashra/feeds"
)

// Kind is a form in which a source publishes.
type Kind string

// The kinds of sources. Feed reads all but OPML.
const (
	RSS      Kind = "rss"      // 0.9x and 2.0
	RDF      Kind = "rdf"      // RSS 1.0 and 1.1
	Atom     Kind = "atom"     // 0.3 and 1.0
	JSON     Kind = "json"     // JSON Feed
	Nashra   Kind = "nashra"   // the JSON Feed of a nashra, trusted or not
	Page     Kind = "page"     // an HTML page, which needs selectors
	Telegram Kind = "telegram" // the public page of a channel
	Sitemap  Kind = "sitemap"  // Feed reads only those of news
	YouTube  Kind = "youtube"  // a page or a feed of YouTube
	OPML     Kind = "opml"     // a list of sources
	Unknown  Kind = ""         // none of these
)

// KindOf returns the kind of src: what the config says, else what the address says, else what doc is. Of a
// zero doc it is Unknown where only the document tells.
func KindOf(src feeds.Source, doc feeds.Document) Kind {
	switch {
	case src.List():
		return OPML
	case src.Page.On():
		return Page
	case src.Trusted():
		return Nashra
	case feeds.IsTelegram(src.URL):
		return Telegram
	case feeds.IsYouTube(src.URL):
		return YouTube
	}
	body, _, _ := decode(doc.Body, doc.ContentType)
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '{' {
		return kindOfJSON(body)
	}
	base, _ := url.Parse(doc.Base)
	scan, _ := scanXML(body, base)
	switch scan.root {
	case "rss":
		return RSS
	case "rdf":
		return RDF
	case "feed":
		return Atom
	case "opml":
		return OPML
	case urlset, sitemapIndex:
		return Sitemap
	}
	if isFeed(scan, body) == nil { // RSS 1.1, whose root has a common name
		return RDF
	}
	if isHTML(scan.root, body) || strings.HasPrefix(doc.ContentType, "text/html") && scan.root != "" {
		if isTelegram(body) {
			return Telegram
		}
		return Page
	}
	return Unknown
}

// kindOfJSON returns the kind of a JSON object.
func kindOfJSON(body []byte) Kind {
	switch r := (reader{}); {
	case r.parseJSON(gofeed.NewParser(), body) != nil:
		return Unknown
	case bytes.Contains(body, []byte(`"_nashra"`)):
		return Nashra
	}
	return JSON
}

// isHTML reports whether a document with this root is an HTML page.
func isHTML(root string, body []byte) bool {
	return root == "html" || bytes.HasPrefix(bytes.ToLower(body[:min(len(body), 15)]), []byte("<!doctype html"))
}
