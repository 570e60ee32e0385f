package parse

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/nashra/nashra/feeds"
)

// Roots of the documents of sitemaps.org, in lower case.
const (
	urlset       = "urlset"
	sitemapIndex = "sitemapindex"
)

// maxNews limits the items that are read of a sitemap, the newest first: a news sitemap has no more (Google's
// "Create a news sitemap").
const maxNews = 1000

// newsSpace is in the name of the namespace of news (www.google.com/schemas/sitemap-news/0.9).
const newsSpace = "sitemap-news"

// newsEntry is a url element of a sitemap, with Google's extensions for news and images, whatever their
// prefixes.
type newsEntry struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod"`
	News    struct {
		Title    string `xml:"title"`
		Date     string `xml:"publication_date"`
		Keywords string `xml:"keywords"`
		Name     string `xml:"publication>name"`
		Lang     string `xml:"publication>language"`
	} `xml:"news"`
	Images []struct {
		Loc string `xml:"loc"`
	} `xml:"image"`
}

// parseSitemap reads a sitemap of news. Entries without a headline, such as the home page in an empty one, are
// left out.
func (r *reader) parseSitemap() error {
	r.cut = r.scan.open
	entries := entriesOf[newsEntry](r.scan.lean, "url")
	if !bytes.Contains(r.scan.lean, []byte(newsSpace)) {
		return errors.New("a sitemap without headlines: only those of news have them")
	}
	entries = slices.DeleteFunc(entries, func(e newsEntry) bool {
		return strings.TrimSpace(e.News.Title) == "" || absolute(r.base, e.Loc) == ""
	})
	if len(entries) > maxNews {
		date := func(e newsEntry) time.Time { return r.when([]string{e.News.Date, e.LastMod}) }
		slices.SortStableFunc(entries, func(x, y newsEntry) int { return date(y).Compare(date(x)) })
		r.votes = [2]vote{}
		entries = entries[:maxNews]
		r.notes = append(r.notes, fmt.Sprintf("it has more than %d items: the newest were read", maxNews))
	}
	r.feed = &gofeed.Feed{}
	if r.base != nil {
		r.feed.Link = r.base.Scheme + "://" + r.base.Host + "/"
	}
	for _, e := range entries {
		r.feed.Title, r.feed.Language = cmp.Or(r.feed.Title, e.News.Name), cmp.Or(r.feed.Language, e.News.Lang)
		it := &gofeed.Item{Title: e.News.Title, Link: e.Loc, GUID: strings.TrimSpace(e.Loc), Published: e.News.Date,
			Updated: e.LastMod, Custom: map[string]string{"tags": e.News.Keywords}}
		var images []string
		for _, i := range e.Images {
			images = append(images, i.Loc)
		}
		it.Extensions = pictures(images)
		r.feed.Items = append(r.feed.Items, it)
	}
	return nil
}

// entriesOf returns the elements with this name that stand in the root of doc. A document that breaks off has
// those before its end.
func entriesOf[T any](doc []byte, name string) (out []T) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	d.Strict, d.Entity = false, xml.HTMLEntity
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	for {
		tok, err := d.Token()
		if err != nil {
			return out
		}
		start, ok := tok.(xml.StartElement)
		if !ok || !strings.EqualFold(start.Name.Local, name) {
			continue
		}
		var e T
		if d.DecodeElement(&e, &start) != nil {
			return out
		}
		out = append(out, e)
	}
}

// mapEntry is an entry of a list of sitemaps.
type mapEntry struct {
	Loc string `xml:"loc"`
}

// indexError returns the error of a list of sitemaps, which names the likeliest of news.
func (r *reader) indexError() error {
	if maps := newsMaps(r.base, r.scan.lean); len(maps) > 0 {
		return fmt.Errorf("a list of sitemaps: give the address of its sitemap of news, which may be %s",
			feeds.Redact(feeds.Shorten(maps[0], 200)))
	}
	return errors.New("a list of sitemaps, none of which seems to be of news")
}

// Sitemaps returns the addresses of sitemaps that may be of news, likeliest first, from a list of sitemaps or
// a robots.txt; empty: doc is neither, or names none.
func Sitemaps(doc feeds.Document) []string {
	base, err := url.Parse(doc.Base)
	if err != nil {
		return nil
	}
	body, _, _ := decode(doc.Body, doc.ContentType)
	body = bytes.TrimSpace(body)
	if s, err := scanXML(body, base); err == nil && s.root == sitemapIndex {
		return newsMaps(base, s.lean)
	}
	var found []string
	for line := range strings.Lines(string(body)) {
		key, value, ok := strings.Cut(line, ":")
		if value, _, _ = strings.Cut(value, "#"); ok && strings.EqualFold(strings.TrimSpace(key), "sitemap") {
			found = append(found, absolute(base, value))
		}
	}
	return likeliest(found)
}

// newsMaps returns the sitemaps of a list that may be of news, likeliest first.
func newsMaps(base *url.URL, index []byte) []string {
	var found []string
	for _, e := range entriesOf[mapEntry](index, "sitemap") {
		found = append(found, absolute(base, e.Loc))
	}
	return likeliest(slices.DeleteFunc(found, func(s string) bool { return !saysNews(s) }))
}

// likeliest returns addresses once each, those that say news first, at most maxDiscovered.
func likeliest(found []string) (out []string) {
	slices.SortStableFunc(found, func(x, y string) int {
		return cmp.Compare(btoi(saysNews(y)), btoi(saysNews(x)))
	})
	for _, s := range found {
		if s != "" && !slices.Contains(out, s) && len(out) < maxDiscovered {
			out = append(out, s)
		}
	}
	return out
}

// saysNews reports whether the path of an address says that it is of news.
func saysNews(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.Contains(strings.ToLower(u.Path), "news")
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
