// Package parse reads fetched documents. Feed turns RSS 0.9x, 1.0, 1.1 and 2.0, Atom 0.3 and 1.0, JSON
// Feed, sitemaps of news, the pages of Telegram's channels and other web pages, in any encoding, into items: with
// sanitised texts, absolute http addresses and times in UTC. Discover, Elsewhere and Sitemaps find the feeds that a
// document names, and Clean prepares HTML for publication. This is the only user of gofeed, whose input is
// repaired and whose output is completed here.
package parse

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/nashra/nashra/feeds"
)

// Feed parses a document of src. Of a damaged document it keeps the whole items. It drops items with
// neither title, text, address nor file. A feed without items is no error.
func Feed(src feeds.Source, doc feeds.Document) (feeds.Feed, error) {
	f, err := parseAll(src, doc)
	if err != nil {
		return feeds.Feed{}, fmt.Errorf("parse source %s: %w", src.ID, err)
	}
	f.Items = slices.DeleteFunc(f.Items, func(it feeds.Item) bool {
		return it.Title == "" && it.URL == "" && len(it.Enclosures) == 0
	})
	f.Items, f.Shared = feeds.Identify(f.Items, f.Site, src.Shared)
	return f, nil
}

// parseAll is Feed, but keeps empty and repeated items.
func parseAll(src feeds.Source, doc feeds.Document) (f feeds.Feed, err error) {
	r := reader{src: src, at: doc.At, loc: zone(src)}
	if r.drop, err = NewDropper(src.Drop); err != nil {
		return f, err
	}
	r.base, _ = url.Parse(cmp.Or(doc.Base, doc.URL, src.URL)) // nil where it is no address
	if err := r.parse(doc); err != nil {
		return feeds.Feed{}, err
	}
	if r.src.Trusted() && r.feed.FeedType != "json" {
		r.notes = append(r.notes, untold)
	}
	if doc.Note != "" {
		r.notes = append(r.notes, doc.Note)
	}
	if doc.Cut && !r.cut {
		r.notes = append(r.notes, "the transfer broke off after the document's end ("+doc.CutBy+"): nothing is missing")
	}
	f = feeds.Feed{
		Title:  r.title(r.feed.Title),
		Site:   absolute(r.base, r.feed.Link),
		Lang:   strings.ReplaceAll(strings.TrimSpace(r.feed.Language), "_", "-"),
		TTL:    r.ttl(),
		Skip:   r.skip(),
		Broken: r.broken,
		Cut:    r.cut,
	}
	if r.feed.FeedType == "rss" { // links are relative to the site, wherever the feed is served
		var found url.URL // the scheme of a link without one
		if r.base != nil {
			found.Scheme = r.base.Scheme
		}
		if u, err := url.Parse(absolute(&found, r.feed.Link)); err == nil && u.Host != "" {
			r.base = u
		}
	}
	r.context = r.inherited()
	f.Items = make([]feeds.Item, len(r.feed.Items))
	edges := make([][]string, len(f.Items))
	for i, it := range r.feed.Items {
		f.Items[i], edges[i] = r.item(i, it)
	}
	if r.malformed > 0 {
		r.notes = append(r.notes,
			fmt.Sprintf("%d of its items have malformed addresses, which were repaired", r.malformed))
	}
	if r.repeated = repeated(edges); len(r.repeated) > 0 {
		for i, it := range r.feed.Items {
			if slices.ContainsFunc(edges[i], func(l string) bool { return r.repeated[l] }) {
				r.text(r.original(i, it), &f.Items[i])
			}
		}
	}
	r.dates(f.Items)
	f.Note, f.Charset = strings.Join(r.notes, "; "), r.charset
	return f, nil
}

// reader turns gofeed's items into ours.
type reader struct {
	src       feeds.Source
	at        time.Time
	loc       *time.Location
	order     order // of dates of numbers
	votes     [2]vote
	base      *url.URL
	scan      scan
	feed      *gofeed.Feed
	context   []byte          // what items get from the document
	cut       bool            // the document ends early
	plain     bool            // titles are plain text, whatever they look like
	drop      Dropper         // of texts
	notes     []string        // what was repaired
	charset   string          // of the document; empty: ASCII only
	broken    int             // items that could not be parsed
	malformed int             // items whose addresses were repaired
	foreign   []nashra        // of the items, from a trusted source; empty: from another
	repeated  map[string]bool // folded lines that belong to the source's template, not to an item
}

// title returns a headline that gofeed gives as plain text: in JSON and in r.plain it is, elsewhere it may be HTML.
func (r *reader) title(given string) string {
	p := r.scan.text(given)
	if r.plain || r.feed.FeedType == "json" {
		p.kind = plain
	}
	return p.title()
}

// lateNote is the note of a document that does not begin its answer.
const lateNote = "other text stands before the document, such as a server's warning: it was left out"

// parse fills in r.feed from the bytes of doc.
func (r *reader) parse(doc feeds.Document) error {
	if r.src.Page.On() {
		return r.parsePage(doc)
	}
	var body []byte
	body, r.charset, r.notes = decode(doc.Body, doc.ContentType)
	body = bytes.TrimSpace(body)
	if n := bytes.LastIndex(body, []byte("</")); n >= 0 && !bytes.ContainsAny(body[n+2:], "<>") {
		body = append(slices.Clip(body), '>') // only the last character is missing
	}
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true // for ttl and isPermaLink
	p.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	if len(body) > 0 && body[0] == '{' {
		return r.parseJSON(p, body)
	}
	var err error
	if r.scan, err = scanXML(body, r.base); err != nil {
		return err
	}
	if known, err := r.other(doc, body); known {
		return err
	}
	if err := isFeed(r.scan, body); err != nil {
		n := bytes.IndexByte(body, '{')
		if n < 0 || !bytes.Contains(body, []byte("jsonfeed.org")) || r.parseJSON(p, body[n:]) != nil {
			return err
		}
		r.scan.late = true
	}
	if r.scan.late {
		r.notes = append(r.notes, lateNote)
	}
	if r.scan.mends > 0 {
		r.notes = append(r.notes, fmt.Sprintf(
			"end tags are missing or misplaced in %d places: the document was read nonetheless", r.scan.mends))
	}
	if r.feed != nil {
		return nil
	}
	r.cut = r.scan.open
	if r.feed, err = parse(p, r.scan.lean); err == nil {
		return nil
	}
	if r.cut && len(r.scan.items) == 0 {
		return errors.New("the document ends before its first item does")
	}
	if r.salvage(p); r.feed == nil {
		return err
	}
	if r.broken > 0 {
		r.notes = append(r.notes, fmt.Sprintf("%d of its items could not be read", r.broken))
	}
	return nil
}

// parse is p.Parse, with an error where gofeed panics, as on a JSON feed with null among its items.
func parse(p *gofeed.Parser, doc []byte) (f *gofeed.Feed, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, fmt.Errorf("gofeed: %v", r)
		}
	}()
	return p.Parse(bytes.NewReader(doc))
}

// maxReread limits how many bytes, without texts, are parsed again item by item: some seconds' work.
// Items beyond it count as broken.
const maxReread = 16 << 20

// salvage parses the items of a damaged document without what stands between them, and if that fails,
// without those that do not parse by themselves. It leaves r.feed nil if no item is left.
func (r *reader) salvage(p *gofeed.Parser) {
	s := &r.scan
	if len(s.items) == 0 {
		return
	}
	head := s.lean[:s.items[0].from]
	joined := func(items []span) *gofeed.Feed {
		doc := slices.Clone(head)
		for _, it := range items {
			doc = append(doc, s.lean[it.from:it.to]...)
		}
		f, _ := parse(p, append(doc, s.tail...))
		return f
	}
	if r.feed = joined(s.items); r.feed != nil {
		return
	}
	all, reread := len(s.items), 0
	s.items = slices.DeleteFunc(s.items, func(it span) bool {
		reread += len(head) + it.to - it.from
		return reread > maxReread || joined([]span{it}) == nil
	})
	if r.broken = all - len(s.items); len(s.items) > 0 {
		r.feed = joined(s.items)
	}
}

// isFeed returns an error that says what body is if, by its root element, it is no feed.
func isFeed(s scan, body []byte) error {
	switch root := s.root; {
	case root == "rss" || root == "rdf" || root == "feed",
		root == rss11 && bytes.Contains(s.lean, []byte("http://purl.org/net/rss1.1#")):
		return nil
	case isHTML(root, body):
		return errors.New("not a feed: an HTML page")
	case len(body) == 0:
		return errors.New("not a feed: an empty document")
	case root == "":
		return errors.New("not a feed: neither XML nor JSON")
	default:
		return fmt.Errorf("not a feed: an XML document <%s>", feeds.Shorten(root, 40))
	}
}
