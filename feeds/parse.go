package feeds

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
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
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"
	"golang.org/x/net/html"

	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// Parse reads a document of src: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed, in any encoding. Of a document that ends early, or goes
// wrong somewhere, the whole items before count. A document that is no feed is an error; a feed without items is none. Texts are
// sanitised, addresses absolute and http(s), times UTC.
func Parse(src Source, doc Document) (Feed, error) {
	r := reader{src: src, at: doc.At, loc: zone(src)}
	r.base, _ = url.Parse(cmp.Or(doc.Base, doc.URL, src.URL)) // nil where it is no address
	if err := r.read(doc); err != nil {
		return Feed{}, fmt.Errorf("parse source %s: %w", src.ID, err)
	}
	raw := r.feed
	f := Feed{Title: cut(plain(raw.Title), maxTitle), Site: absolute(r.base, raw.Link), Lang: strings.TrimSpace(raw.Language)}
	f.TTL, f.Skip = r.ttl(), r.skip()
	original, _ := raw.OriginalFeed().(*rss.Feed)
	seen := map[string]bool{}
	for i, it := range raw.Items {
		permalink := it.GUID
		if original != nil && i < len(original.Items) && original.Items[i].GUID != nil &&
			strings.EqualFold(original.Items[i].GUID.IsPermalink, "false") {
			permalink = ""
		}
		item, ok := r.item(it, permalink)
		if ok && !seen[item.GUID] {
			seen[item.GUID] = true
			f.Items = append(f.Items, item)
		}
	}
	return f, nil
}

// read parses doc's bytes.
func (r *reader) read(doc Document) (err error) {
	body := bytes.TrimSpace(decode(doc.Body, doc.ContentType))
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true // for ttl and isPermaLink
	p.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	if len(body) > 0 && body[0] == '{' {
		if r.feed, err = p.Parse(bytes.NewReader(body)); err != nil {
			return fmt.Errorf("not a feed: %w", err)
		}
		if r.feed.Title == "" && len(r.feed.Items) == 0 {
			return errors.New("not a feed: other JSON")
		}
		return nil
	}
	if r.scan, err = scanXML(body, r.base); err != nil {
		return err
	}
	if err := isFeed(r.scan, body); err != nil {
		return err
	}
	src := bytes.NewReader(r.scan.lean)
	if r.feed, err = p.Parse(src); err == nil {
		return nil
	}
	return r.salvage(p, len(r.scan.lean)-src.Len(), err)
}

// salvage reads the whole items before the place of err, which lies within what was read, at most the parser's buffers before its
// end.
func (r *reader) salvage(p *gofeed.Parser, read int, err error) error {
	s := r.scan
	lo, hi := s.upTo(read-2*parserBuffer), s.upTo(read)
	r.feed = nil
	sort.Search(hi-lo+1, func(n int) bool { // the first count of items that fails
		if lo+n == 0 {
			return false
		}
		end := s.ends[lo+n-1]
		f, e := p.Parse(io.MultiReader(bytes.NewReader(s.lean[:end]), strings.NewReader(s.tail)))
		if e == nil {
			r.feed = f
		}
		return e != nil
	})
	switch {
	case r.feed != nil:
		return nil
	case s.open && len(s.ends) == 0:
		return errors.New("the document ends before its first item does")
	}
	return err
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
	return fmt.Errorf("not a feed: an XML document <%s>", cut(root, 40))
}

// reader turns the library's items into ours.
type reader struct {
	src  Source
	at   time.Time
	loc  *time.Location
	base *url.URL
	scan scan
	feed *gofeed.Feed
}

// item is it as ours; false where it says nothing.
func (r *reader) item(it *gofeed.Item, permalink string) (Item, bool) {
	out := Item{SourceID: r.src.ID, Rights: plain(r.rights(it))}
	out.URL = r.link(it, permalink)
	r.text(it, &out)
	if out.Title == "" && out.URL == "" && len(it.Enclosures) == 0 {
		return out, false
	}
	out.GUID = identity(it.GUID, out)
	out.Authors, out.Categories = r.authors(it), unique(it.Categories)
	out.Enclosures, out.Images = r.media(it, out.Main())
	out.Published = when(r.date(it.Published, it, "issued", "created", "date"), it.PublishedParsed, r.loc, r.at)
	out.Updated = when(r.date(it.Updated, it, "modified"), it.UpdatedParsed, r.loc, r.at)
	if out.Published.IsZero() {
		if it.Published == "" { // Atom entries that name the last change only
			out.Published = out.Updated
		}
	}
	return out, true
}

// maxGUID is in bytes: longer ones are hashed, so that no feed can fill the index of a store.
const maxGUID = 1024

func identity(guid string, it Item) string {
	guid = strings.TrimSpace(guid)
	if guid == "" && it.URL != "" {
		guid = CleanURL(it.URL)
	}
	if guid != "" && len(guid) <= maxGUID {
		return guid
	}
	sum := sha256.Sum256([]byte(guid + "\x00" + it.Title + "\x00" + it.Main()))
	return hex.EncodeToString(sum[:16])
}

// link is the address of it's page: the one behind a proxy's, else the link, else a guid that is an address.
func (r *reader) link(it *gofeed.Item, permalink string) string {
	for _, e := range it.Extensions["feedburner"]["origLink"] {
		if u := absolute(r.base, e.Value); u != "" {
			return u
		}
	}
	if u := absolute(r.base, it.Link); u != "" {
		return u
	}
	if strings.HasPrefix(strings.TrimSpace(permalink), "http") {
		return absolute(r.base, permalink)
	}
	return ""
}

// text fills in out's words. What the feed calls a summary, or what ends in […], is one; all else is the body.
func (r *reader) text(it *gofeed.Item, out *Item) {
	main, other := r.scan.text(it.Content), r.scan.text(it.Description)
	source, summary := main.read(), ""
	if main.size() < other.size() {
		if s := other.read(); visible(s) > visible(source) {
			source, main = s, other
			if it.Content == "" && r.feed.FeedType != "rss" {
				source, summary = "", s
			}
		}
	}
	base := out.URL
	switch {
	case main.base != nil:
		base = main.base.String()
	case base == "" && r.base != nil:
		base = r.base.String()
	}
	tree := sanitize.Parse(source+summary, base)
	short := tidy(tree)
	const enough = 800 // bytes that tell a language; an article's are alike
	text, words := sanitize.Render(tree), sanitize.Start(tree, enough)
	if summary != "" || short {
		out.Summary = text
	} else {
		out.Body = text
	}
	out.Title = cut(plain(it.Title), maxTitle)
	if out.Title == "" {
		out.Title = opening(words)
	}
	out.Lang = arabic.Lang(out.Title + " " + words[:min(len(words), enough)])
	if out.Lang == "" {
		out.Lang = r.src.Lang
	}
}

// visible counts the bytes of s outside tags.
func visible(s string) (n int) {
	inTag := false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '<':
			inTag = true
		case c == '>':
			inTag = false
		case !inTag:
			n++
		}
	}
	return n
}

// authors are all that it names, once each.
func (r *reader) authors(it *gofeed.Item) []string {
	var names []string
	for _, p := range it.Authors {
		if p != nil {
			names = append(names, cmp.Or(p.Name, p.Email))
		}
	}
	for _, e := range it.Extensions["dc"]["creator"] {
		names = append(names, e.Value)
	}
	if it.DublinCoreExt != nil {
		names = append(names, it.DublinCoreExt.Creator...)
	}
	return unique(names)
}

// unique are the names as plain text, without blanks and repetitions, in order.
func unique(names []string) (out []string) {
	for _, n := range names {
		if n = cut(plain(n), maxTitle); n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

func (r *reader) rights(it *gofeed.Item) string {
	if it.DublinCoreExt != nil && len(it.DublinCoreExt.Rights) > 0 {
		return it.DublinCoreExt.Rights[0]
	}
	for _, e := range it.Extensions["media"]["copyright"] {
		return e.Value
	}
	return ""
}

// date is raw, else the first dcterms element of the names.
func (r *reader) date(raw string, it *gofeed.Item, names ...string) string {
	if raw != "" {
		return raw
	}
	for _, name := range names {
		for _, e := range it.Extensions["dcterms"][name] {
			return e.Value
		}
	}
	return ""
}

// media are the files that go with it, and its images that body does not show.
func (r *reader) media(it *gofeed.Item, body string) (files, images []Enclosure) {
	for _, e := range it.Enclosures {
		files = r.add(files, Enclosure{URL: e.URL, Type: e.Type, Length: length(e.Length)}, "")
	}
	media := it.Extensions["media"]
	all := slices.Concat(media["content"], media["thumbnail"])
	for _, g := range media["group"] {
		all = slices.Concat(all, g.Children["content"], g.Children["thumbnail"])
	}
	for _, e := range all {
		f := Enclosure{URL: e.Attrs["url"], Type: e.Attrs["type"], Length: length(e.Attrs["fileSize"])}
		if picture(e) {
			images = r.add(images, f, body)
		} else {
			files = r.add(files, f, "")
		}
		for _, t := range e.Children["thumbnail"] {
			images = r.add(images, Enclosure{URL: t.Attrs["url"]}, body)
		}
	}
	if it.Image != nil && !slices.ContainsFunc(files, func(f Enclosure) bool { return f.URL == absolute(r.base, it.Image.URL) }) {
		images = r.add(images, Enclosure{URL: it.Image.URL}, body)
	}
	return files, images
}

func picture(e ext.Extension) bool {
	return e.Name == "thumbnail" || e.Attrs["medium"] == "image" || strings.HasPrefix(e.Attrs["type"], "image/") ||
		e.Attrs["medium"] == "" && e.Attrs["type"] == ""
}

// maxMedia is how many files and how many images of an item are kept; a gallery has fewer.
const maxMedia = 32

// add appends e where its address can be followed, is not in list, and is not in body.
func (r *reader) add(list []Enclosure, e Enclosure, body string) []Enclosure {
	e.URL, e.Type = absolute(r.base, e.URL), plain(e.Type)
	if e.URL == "" || len(list) == maxMedia || body != "" && strings.Contains(body, html.EscapeString(e.URL)) {
		return list
	}
	if slices.ContainsFunc(list, func(o Enclosure) bool { return o.URL == e.URL }) {
		return list
	}
	return append(list, e)
}

func length(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
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
