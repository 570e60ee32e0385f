// Package parse reads fetched documents: RSS, Atom and JSON Feed in any encoding. Feed makes items of a document, Damage tells what
// is wrong with its bytes, Discover finds the feeds that a page names. It is the only user of gofeed.
package parse

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/rss"

	"github.com/nashra/nashra/feeds"
)

// Feed reads a document of src: RSS 0.9x, 1.0, 1.1 and 2.0, Atom 0.3 and 1.0, JSON Feed, in any encoding. Of a document that ends
// early, or goes wrong somewhere, the whole items before count. A document that is no feed is an error; a feed without items is
// none. Items that have neither title, text, address nor file are left out. Texts are sanitised, addresses absolute and http(s),
// times UTC.
func Feed(src feeds.Source, doc feeds.Document) (feeds.Feed, error) {
	f, err := parseAll(src, doc)
	if err != nil {
		return feeds.Feed{}, fmt.Errorf("parse source %s: %w", src.ID, err)
	}
	seen := map[string]bool{}
	f.Items = slices.DeleteFunc(f.Items, func(it feeds.Item) bool {
		out := seen[it.GUID] || it.Title == "" && it.URL == "" && len(it.Enclosures) == 0
		seen[it.GUID] = true
		return out
	})
	return f, nil
}

// parseAll is Feed with all items, those that Feed leaves out included.
func parseAll(src feeds.Source, doc feeds.Document) (feeds.Feed, error) {
	r := reader{src: src, at: doc.At, loc: zone(src)}
	r.base, _ = url.Parse(cmp.Or(doc.Base, doc.URL, src.URL)) // nil where it is no address
	if err := r.read(doc); err != nil {
		return feeds.Feed{}, err
	}
	f := feeds.Feed{Title: feeds.Shorten(feeds.PlainText(r.scan.text(r.feed.Title).read()), feeds.MaxTitle), Site: absolute(r.base, r.feed.Link), Cut: r.cut, Broken: r.broken, TTL: r.ttl(), Skip: r.skip(),
		Lang: strings.ReplaceAll(strings.TrimSpace(r.feed.Language), "_", "-")}
	if r.feed.FeedType == "rss" { // its links start at the site, from wherever the feed is served
		if u, err := url.Parse(absolute(nil, r.feed.Link)); err == nil && u.Host != "" {
			r.base = u
		}
	}
	f.Items = make([]feeds.Item, len(r.feed.Items))
	edges := make([][]string, len(f.Items))
	for i, it := range r.feed.Items {
		f.Items[i], edges[i] = r.item(i, it)
	}
	if r.repeated = repeated(edges); len(r.repeated) > 0 {
		for i, it := range r.feed.Items {
			if slices.ContainsFunc(edges[i], func(l string) bool { return r.repeated[l] }) {
				r.text(r.original(i, it), &f.Items[i])
			}
		}
	}
	return f, nil
}

// read parses doc's bytes.
func (r *reader) read(doc feeds.Document) (err error) {
	body := bytes.TrimSpace(decode(doc.Body, doc.ContentType))
	if n := bytes.LastIndexByte(body, '<'); n >= 0 && bytes.HasPrefix(body[n:], []byte("</")) && bytes.IndexByte(body[n:], '>') < 0 {
		body = append(body[:len(body):len(body)], '>') // only its last sign is missing
	}
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true // for ttl and isPermaLink
	p.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	if len(body) > 0 && body[0] == '{' {
		return r.readJSON(p, body)
	}
	if r.scan, err = scanXML(body, r.base); err != nil {
		return err
	}
	if err := isFeed(r.scan, body); err != nil {
		return err
	}
	for {
		src := bytes.NewReader(r.scan.lean)
		if r.feed, err = p.Parse(src); err == nil {
			return nil
		}
		broken := r.salvage(p, len(r.scan.lean)-src.Len())
		if broken < 0 || r.broken == maxBroken || r.broken*len(r.scan.lean) > maxReread {
			break
		}
		r.scan.without(broken)
		r.broken++
	}
	switch {
	case r.feed != nil:
		r.cut = r.scan.open
		return nil
	case r.scan.open && len(r.scan.items) == 0:
		return errors.New("the document ends before its first item does")
	}
	return err
}

// Items that cannot be read are taken out of a document until there were too many, or too much was read anew, and what follows is
// given up.
const (
	maxBroken = 16
	maxReread = 16 << 20 // bytes without texts: some seconds
)

// salvage reads the whole items before the place of an error, which lies within what was read, at most the parser's buffers before
// its end. It returns the number of the item that holds the error; -1: none does.
func (r *reader) salvage(p *gofeed.Parser, read int) (broken int) {
	s := r.scan
	lo, hi := s.upTo(read-2*parserBuffer), s.upTo(read)
	r.feed = nil
	n := lo + sort.Search(hi-lo+1, func(n int) bool { // the first count of items that fails
		if lo+n == 0 {
			return false
		}
		end := s.items[lo+n-1].to
		f, e := p.Parse(io.MultiReader(bytes.NewReader(s.lean[:end]), strings.NewReader(s.tail)))
		if e == nil {
			r.feed = f
		}
		return e != nil
	})
	switch {
	case n == 0: // what stands before the first item
		return -1
	case n <= hi:
		return n - 1
	case hi < len(s.items) && s.items[hi].from < read:
		return hi
	}
	return -1
}

// parserBuffer is how far gofeed reads ahead, in bytes.
const parserBuffer = 4096

// isFeed says by its root element what body is, if it is no feed.
func isFeed(s scan, body []byte) error {
	root := s.root
	switch {
	case root == "rss" || root == "rdf" || root == "feed" || root == rss11 && bytes.Contains(s.lean, []byte("http://purl.org/net/rss1.1#")):
		return nil
	case root == "html" || bytes.HasPrefix(bytes.ToLower(body[:min(len(body), 15)]), []byte("<!doctype html")):
		return errors.New("not a feed: an HTML page")
	case len(body) == 0:
		return errors.New("not a feed: an empty document")
	case root == "":
		return errors.New("not a feed: neither XML nor JSON")
	}
	return fmt.Errorf("not a feed: an XML document <%s>", feeds.Shorten(root, 40))
}

// reader turns the library's items into ours.
type reader struct {
	src  feeds.Source
	at   time.Time
	loc  *time.Location
	base *url.URL
	scan scan
	feed *gofeed.Feed
	cut  bool // the document ends early

	start []byte // of the text of the last item, kept for its room

	broken   int             // items that could not be read
	repeated map[string]bool // folded lines that are the source's, not an item's
}

// maxTTL bounds what a feed says of its own pace.
const maxTTL = 366 * 24 * time.Hour

// ttl is how long the feed says it stays as it is: the longer of RSS's ttl (minutes) and the syndication module's period.
func (r *reader) ttl() (ttl time.Duration) {
	if f, ok := r.feed.OriginalFeed().(*rss.Feed); ok {
		if n, err := strconv.Atoi(strings.TrimSpace(f.TTL)); err == nil && n > 0 {
			ttl = time.Duration(min(n, int(maxTTL/time.Minute))) * time.Minute
		}
	}
	first := func(name string) string {
		for _, e := range r.feed.Extensions["sy"][name] {
			return strings.TrimSpace(e.Value)
		}
		return ""
	}
	const day = 24 * time.Hour
	period := map[string]time.Duration{"hourly": time.Hour, "daily": day, "weekly": 7 * day, "monthly": 30 * day, "yearly": 365 * day}[first("updatePeriod")]
	if n, err := strconv.Atoi(first("updateFrequency")); err == nil && n > 0 {
		period /= time.Duration(n)
	}
	return max(ttl, period)
}
