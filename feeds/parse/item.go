package parse

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"
	"golang.org/x/net/html"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/address"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// original is an item as gofeed gives it, with what gofeed's model has no place for.
type original struct {
	*gofeed.Item
	title     string
	content   string   // HTML, or a placeholder
	summary   string   // HTML, or a placeholder
	base      *url.URL // of its links
	guid      string
	permalink string // the guid, where that may be an address
	rights    string
	external  string // the page that an item of a JSON feed is about
	banner    string
	authors   []string
	lang      string  // of title and content, if that is declared
	foreign   *nashra // of a trusted source: has translations of title and content
}

// original joins the i-th item with its form in gofeed's own model, and with what the scan found.
func (r *reader) original(i int, it *gofeed.Item) original {
	e := original{Item: it, content: it.Content, summary: it.Description, base: r.base, guid: it.GUID,
		permalink: it.GUID, rights: r.feed.Copyright}
	e.title = cmp.Or(r.title(it.Title), r.title(first(it.Extensions["media"], "title")))
	if len(r.scan.items) >= len(r.feed.Items) {
		head := r.scan.items[i]
		if head.base != nil {
			e.base = head.base
		}
		e.guid = cmp.Or(e.guid, head.about)
	}
	var inherited []*gofeed.Person // a feed's authors are those of its items that name none
	switch f := r.feed.OriginalFeed().(type) {
	case *rss.Feed:
		if g := f.Items[i].GUID; g != nil && strings.EqualFold(g.IsPermalink, "false") {
			e.permalink = ""
		}
	case *atom.Feed:
		id := r.scan.text(e.guid)
		if e.guid = strings.TrimSpace(id.html()); id.base != nil && !strings.Contains(e.guid, ":") {
			e.guid = absolute(id.base, e.guid)
		}
		e.rights = cmp.Or(f.Entries[i].Rights, e.rights)
		inherited = r.feed.Authors
	case *json.Feed:
		o := f.Items[i]
		e.external, e.banner, inherited = o.ExternalURL, o.BannerImage, r.feed.Authors
		if o.ContentHTML == "" {
			e.content = lines(o.ContentText)
		}
		e.summary = lines(o.Summary)
		if n := r.nashraOf(i); n != nil {
			n.in(&e)
		}
	}
	e.authors = authors(it, inherited)
	if dc := it.DublinCoreExt; dc != nil && len(dc.Rights) > 0 {
		e.rights = dc.Rights[0]
	}
	for _, c := range it.Extensions["media"]["copyright"] {
		e.rights = c.Value
	}
	return e
}

// item returns the i-th item as ours, and the folded short lines at the edges of its text. A text
// without such lines, under a title of its own, is the same in every document.
func (r *reader) item(i int, it *gofeed.Item) (out feeds.Item, edges []string) {
	e := r.original(i, it)
	out = feeds.Item{SourceID: r.src.ID, URL: link(e), Rights: feeds.PlainText(e.rights), Authors: e.authors,
		Categories: categories(it), Text: feeds.Text{Title: e.title}, Raw: r.raw(i)}
	out.Rest = func(it *feeds.Item) {
		edges = r.text(e, it)
		it.Enclosures, it.Images = media(e, it.Main())
		if e.foreign != nil {
			it.Rendition = e.foreign.rendition(e, linksFrom(e, it, nil))
		}
	}
	if n := r.nashraOf(i); n != nil {
		out.Origins = n.origins(r)
	}
	if _, known := r.src.Known[out.Raw]; !known {
		out.Complete()
	}
	if len(edges) > 0 || e.title == "" {
		out.Raw = feeds.Short{}
	}
	out.GUID = identity(e.guid, r.whole(e, &out))
	if malformed(e) {
		r.malformed++
	}
	return out, edges
}

// maxGUID is in bytes. Longer ids are hashed, so that no feed can fill the index of a store.
const maxGUID = 1024

// identity returns the feed's id of an item, else its cleaned address, else a hash of its text.
func identity(guid string, it *feeds.Item) string {
	guid = strings.TrimSpace(guid)
	if guid == "" && it.URL != "" {
		guid = feeds.CleanURL(it.URL)
	}
	if guid != "" && len(guid) <= maxGUID {
		return guid
	}
	it.Complete()
	sum := sha256.Sum256([]byte(guid + "\x00" + it.Title + "\x00" + it.Main()))
	return hex.EncodeToString(sum[:16])
}

// link returns the address of e's page: what a proxy's link stands for, else the link, else a guid
// that is an address.
func link(e original) string {
	if u := absolute(e.base, first(e.Extensions["feedburner"], "origLink")); u != "" {
		return u
	}
	for _, ref := range append([]string{e.Link, e.external}, e.Links...) {
		if u := absolute(e.base, ref); u != "" {
			return u
		}
	}
	if guid := address.Repair(nil, e.permalink); strings.HasPrefix(guid, "http") || strings.HasPrefix(guid, "//") {
		return absolute(e.base, guid)
	}
	return ""
}

// text fills in the texts of out and returns the folded short lines at their edges. What the feed
// calls a summary, or what ends in […], is a summary; all else is the body.
func (r *reader) text(e original, out *feeds.Item) (edges []string) {
	main, short := r.longest(e)
	tree := sanitize.ParseChanged(main.done, linksFrom(e, out, main.base), r.dropped)
	abridged, edges := tidy(tree, r.repeated)
	if out.Summary, out.Body = "", sanitize.Render(tree); short || abridged {
		out.Summary, out.Body = out.Body, ""
	}
	const enough = 800 // bytes tell a language; the rest of an article is in the same one
	words := sanitize.Opening(tree, enough)
	if out.Title = e.title; out.Title == "" {
		out.Title = opening(words)
	}
	words = words[:min(len(words), enough)] + " " + out.Title
	out.Lang = cmp.Or(arabic.Lang(words, cmp.Or(e.lang, r.src.Lang), r.feed.Language), r.src.Lang)
	return edges
}

// linksFrom returns the base of the links in a text of e: own, that of the text, if there is one, else
// the item's page.
func linksFrom(e original, it *feeds.Item, own *url.URL) string {
	switch {
	case own != nil:
		return own.String()
	case it.URL == "" && e.base != nil:
		return e.base.String()
	}
	return it.URL
}

// opening returns the first words of text, in place of a missing headline.
func opening(text string) string {
	const usual = 12 // words of a headline
	f := strings.Fields(strings.ReplaceAll(text, brokenLetter, ""))
	if len(f) <= usual {
		return feeds.Shorten(strings.Join(f, " "), feeds.MaxTitle)
	}
	return feeds.Shorten(strings.Join(f[:usual], " ")+"…", feeds.MaxTitle)
}

// longest returns the text of e that says most, as HTML, and whether the feed calls it a summary.
func (r *reader) longest(e original) (main passage, short bool) {
	main = r.scan.text(cmp.Or(e.content, e.Custom["fullitem"], first(e.Extensions["xhtml"], "body"), e.Custom["body"]))
	main.done = main.html()
	summary := e.summary
	if summary == "" && main.done == "" {
		if summary = first(e.Extensions["media"], "description"); !structured.MatchString(summary) {
			summary = lines(summary)
		}
	}
	other := r.scan.text(summary)
	if other.size() <= main.size() {
		return main, false
	}
	other.done = other.html()
	if main.done != "" && visible(other.done) <= visible(main.done) {
		return main, false
	}
	return other, main.done == "" && r.feed.FeedType != "rss"
}

// first returns the value of the first element with this name, also within a group; empty: there is
// none.
func first(space map[string][]ext.Extension, name string) string {
	for _, x := range space[name] {
		return x.Value
	}
	for _, group := range space["group"] {
		for _, x := range group.Children[name] {
			return x.Value
		}
	}
	return ""
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

// authors returns the authors that it names, once each; those inherited if it names none.
func authors(it *gofeed.Item, inherited []*gofeed.Person) []string {
	var names []string
	for _, p := range it.Authors {
		if p != nil {
			names = append(names, person(cmp.Or(p.Name, p.Email)))
		}
	}
	for _, x := range slices.Concat(it.Extensions["dc"]["creator"], it.Extensions["dc"]["author"]) {
		names = append(names, person(x.Value))
	}
	for _, space := range [...]string{"atom", "atom03"} {
		for _, x := range it.Extensions[space]["author"] {
			names = append(names, first(x.Children, "name"))
		}
	}
	if names = feeds.UniqueNames(names); len(names) > 0 {
		return names
	}
	for _, p := range inherited {
		if p != nil {
			names = append(names, person(cmp.Or(p.Name, p.Email)))
		}
	}
	return feeds.UniqueNames(names)
}

var (
	// nameLast is a@b.c (Name), nameFirst Name <a@b.c>.
	nameLast  = regexp.MustCompile(`^\s*[^@\s()<>]+@[^@\s()<>]+\s*\(([^()]+)\)\s*$`)
	nameFirst = regexp.MustCompile(`^\s*"?([^"<>()]+?)"?\s*[<(](?:mailto:)?[^@\s()<>]+@[^@\s()<>]+[>)]\s*$`)
)

// person returns a name without the e-mail address beside it.
func person(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	for _, form := range [...]*regexp.Regexp{nameLast, nameFirst} {
		if m := form.FindStringSubmatch(s); m != nil {
			return m[1]
		}
	}
	return s
}

// categories returns the categories that it names, once each.
func categories(it *gofeed.Item) []string {
	names := slices.Clone(it.Categories)
	media := it.Extensions["media"]
	all := media["category"]
	for _, g := range media["group"] {
		all = slices.Concat(all, g.Children["category"])
	}
	for _, x := range all {
		names = append(names, cmp.Or(x.Attrs["label"], x.Value))
	}
	for _, x := range it.Extensions["itunes"]["category"] {
		names = append(names, x.Attrs["text"])
		for _, y := range x.Children["category"] {
			names = append(names, y.Attrs["text"])
		}
	}
	for _, list := range [...]string{first(media, "keywords"), it.Custom["tags"]} {
		names = append(names, strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '،' })...)
	}
	return feeds.UniqueNames(names)
}

// media returns the files that belong to e, and those of its images that body does not show.
func media(e original, body string) (files, images []feeds.Enclosure) {
	for _, x := range e.Enclosures {
		files = addFile(files, e.base, feeds.Enclosure{URL: x.URL, Type: x.Type, Length: length(x.Length)}, "")
	}
	media := e.Extensions["media"]
	all := slices.Concat(media["content"], media["thumbnail"])
	for _, g := range media["group"] {
		all = slices.Concat(all, g.Children["content"], g.Children["thumbnail"])
	}
	for _, x := range all {
		f := feeds.Enclosure{URL: x.Attrs["url"], Type: x.Attrs["type"], Length: length(x.Attrs["fileSize"])}
		switch {
		case picture(x):
			images = addFile(images, e.base, f, body)
		case f.Type != flash:
			files = addFile(files, e.base, f, "")
		}
		for _, t := range x.Children["thumbnail"] {
			images = addFile(images, e.base, feeds.Enclosure{URL: t.Attrs["url"]}, body)
		}
	}
	for _, x := range slices.Concat(e.Extensions["itunes"]["image"], e.Extensions["itunes"]["link"]) {
		if rel := x.Attrs["rel"]; rel != "" && rel != "image" {
			continue
		}
		images = addFile(images, e.base, feeds.Enclosure{URL: cmp.Or(x.Attrs["href"], x.Attrs["url"])}, body)
	}
	if e.Image != nil {
		address := absolute(e.base, e.Image.URL)
		if !slices.ContainsFunc(files, func(f feeds.Enclosure) bool { return f.URL == address }) {
			images = addFile(images, e.base, feeds.Enclosure{URL: address}, body)
		}
	}
	return files, addFile(images, e.base, feeds.Enclosure{URL: e.banner}, body)
}

// flash is the type of a player that no reader has any more; YouTube's feeds still name it.
const flash = "application/x-shockwave-flash"

// picture reports whether a Media RSS element is an image.
func picture(e ext.Extension) bool {
	return e.Name == "thumbnail" || e.Attrs["medium"] == "image" || strings.HasPrefix(e.Attrs["type"], "image/") ||
		e.Attrs["medium"] == "" && e.Attrs["type"] == ""
}

// maxMedia limits the files and the images of an item; a gallery has fewer.
const maxMedia = 32

// addFile appends e unless its address is no http address, or is in list or body already.
func addFile(list []feeds.Enclosure, base *url.URL, e feeds.Enclosure, body string) []feeds.Enclosure {
	e.URL, e.Type = absolute(base, e.URL), feeds.PlainText(e.Type)
	if e.URL == "" || len(list) == maxMedia || body != "" && strings.Contains(body, html.EscapeString(e.URL)) {
		return list
	}
	if slices.ContainsFunc(list, func(o feeds.Enclosure) bool { return o.URL == e.URL }) {
		return list
	}
	return append(list, e)
}

// length parses a length in bytes; 0: unknown.
func length(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
