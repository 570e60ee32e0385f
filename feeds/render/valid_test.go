package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// findings are what the W3C feed validator would say of a file, under its names. The rules are our
// own, and independent of the code that writes the file.
type findings map[string]string

func (f findings) add(rule, format string, a ...any) { f[rule] = fmt.Sprintf(format, a...) }

// xmlElement is an element as written. Names begin with their namespace, except Atom's and RSS's.
type xmlElement struct {
	name string
	attr map[string]string
	kids []*xmlElement
	text string
}

var prefixes = map[string]string{
	"":                                 "",
	atomNS:                             "atom:",
	mediaNS:                            "media:",
	"http://purl.org/dc/elements/1.1/": "dc:",
	"http://purl.org/rss/1.0/modules/content/": "content:",
	"http://www.w3.org/XML/1998/namespace":     "xml:",
	"xmlns":                                    "xmlns:",
}

func readXML(b []byte) (*xmlElement, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	root := &xmlElement{}
	stack := []*xmlElement{root}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root.kids[0], nil
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			e := &xmlElement{name: prefixes[tok.Name.Space] + tok.Name.Local, attr: map[string]string{}}
			for _, a := range tok.Attr {
				e.attr[prefixes[a.Name.Space]+a.Name.Local] = a.Value
			}
			top.kids, stack = append(top.kids, e), append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(tok)
		}
	}
}

func (e *xmlElement) all(name string) (out []*xmlElement) {
	for _, k := range e.kids {
		if k.name == name {
			out = append(out, k)
		}
	}
	return out
}

// one returns the text of the only element with this name; another number is a finding.
func (f findings) one(e *xmlElement, name string) string {
	list := e.all(name)
	switch {
	case len(list) == 0:
		f.add("MissingElement", "%s has no %s", e.name, name)
		return ""
	case len(list) > 1:
		f.add("DuplicateElement", "%s has %d %s", e.name, len(list), name)
	}
	if strings.TrimSpace(list[0].text) == "" {
		f.add("NotBlank", "%s of %s", name, e.name)
	}
	return list[0].text
}

func (f findings) full(where, address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		f.add("InvalidFullLink", "%s is %q", where, address)
	}
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			f.add("InvalidIRI", "%s is %q", where, address)
		}
	}
}

var uuids = regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// id requires an id that is well-formed and new.
func (f findings) id(id string, seen map[string]bool) {
	if !uuids.MatchString(id) { // such as a tag: or a malformed urn:
		f.add("InvalidURN", "id %q", id)
	}
	if seen[id] {
		f.add("DuplicateIds", "id %q", id)
	}
	seen[id] = true
}

var languages = regexp.MustCompile(`^[a-z]{2}(-[A-Za-z0-9]{2,8})*$`)

func (f findings) language(where, lang string) {
	if !languages.MatchString(lang) {
		f.add("InvalidLanguage", "%s is %q", where, lang)
	}
}

func (f findings) media(where, typ string) {
	if t, _, err := mime.ParseMediaType(typ); err != nil || !strings.Contains(t, "/") {
		f.add("InvalidMIMEType", "%s is %q", where, typ)
	}
}

func (f findings) stamp(where, s string) (at time.Time) {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil || at.Year() < 1990 {
		f.add("InvalidRFC3339Date", "%s is %q", where, s)
	}
	return at
}

var htmlish = regexp.MustCompile(`</?[a-zA-Z]+|&(#?[0-9]+|#x[0-9a-fA-F]+|[a-zA-Z]+);`)

// plain requires text that is not taken for HTML, without bidirectional controls except isolates.
func (f findings) plain(where, s string) {
	if htmlish.MatchString(s) {
		f.add("ContainsUndeclaredHTML", "%s is %q", where, s)
	}
	f.directed(where, s)
}

func (f findings) directed(where, s string) {
	if strings.ContainsAny(s, "\u202a\u202b\u202c\u202d\u202e") || !balanced(s) {
		f.add("BidiOverride", "%s is %q", where, s)
	}
}

// html requires markup that is harmless and needs no base.
func (f findings) html(where, s string) {
	doc, err := html.Parse(strings.NewReader(s))
	if err != nil {
		f.add("NotHtml", "%s: %v", where, err)
		return
	}
	for n := range doc.Descendants() {
		if sanitize.Block(n) && !slices.ContainsFunc(slices.Collect(n.Descendants()), sanitize.Block) {
			f.directed(where, sanitize.Text(n)) // an isolate ends with its block
		}
		switch n.Data {
		case "script", "iframe", "object", "embed", "meta", "link", "style", "form", "base", "svg", "title":
			if n.Type == html.ElementNode {
				f.add("SecurityRisk", "%s has <%s>", where, n.Data)
			}
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"):
				f.add("SecurityRiskAttr", "%s has %s", where, a.Key)
			case a.Key == "style":
				f.add("DangerousStyleAttr", "%s has %s", where, a.Val)
			case a.Key == "href" || a.Key == "src":
				if u, err := url.Parse(
					a.Val,
				); err != nil || !u.IsAbs() ||
					!slices.Contains([]string{"http", "https", "mailto"}, u.Scheme) {
					f.add("ContainsRelRef", "%s links %q", where, a.Val)
				}
			}
		}
	}
}

// text requires that an Atom text construct is of its declared type.
func (f findings) text(e *xmlElement) {
	if e.attr["type"] == "html" {
		f.html(e.name, e.text)
	} else {
		f.plain(e.name, e.text)
	}
	if lang, ok := e.attr["xml:lang"]; ok {
		f.language(e.name, lang)
	}
}

func checkXML(b []byte, self string) findings {
	f := findings{}
	if !utf8.Valid(b) {
		f.add("UnicodeError", "not UTF-8")
	}
	if i := bytes.IndexFunc(b, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == 0xfffe || r == 0xffff
	}); i >= 0 {
		f.add("BadCharacters", "%q", b[i:min(len(b), i+20)])
	}
	root, err := readXML(b)
	switch {
	case err != nil:
		f.add("SAXError", "%v", err)
	case root.name == "rss":
		f.rss(root.all("channel")[0], self)
	default:
		f.atom(root, self)
	}
	return f
}

func (f findings) atom(feed *xmlElement, self string) {
	seen := map[string]bool{}
	f.id(f.one(feed, "atom:id"), seen)
	f.one(feed, "atom:title")
	f.stamp("updated", f.one(feed, "atom:updated"))
	f.language("feed", feed.attr["xml:lang"])
	f.atomLinks(feed, self)
	for _, name := range []string{"atom:icon", "atom:logo"} {
		for _, e := range feed.all(name) {
			f.full(name, e.text)
		}
	}
	for _, entry := range feed.all("atom:entry") {
		f.id(f.one(entry, "atom:id"), seen)
		f.one(entry, "atom:title")
		f.one(entry, "atom:content")
		published, updated := f.stamp(
			"published",
			f.one(entry, "atom:published"),
		), f.stamp(
			"updated",
			f.one(entry, "atom:updated"),
		)
		if updated.Before(published) {
			f.add("UpdatedBeforePublished", "%v before %v", updated, published)
		}
		if len(entry.all("atom:author")) == 0 {
			f.add("MissingAuthor", "entry %s", entry.all("atom:id")[0].text)
		}
		f.atomLinks(entry, "")
		for _, k := range slices.Concat(entry.all("atom:title"), entry.all("atom:summary"),
			entry.all("atom:content"), entry.all("atom:rights")) {
			f.text(k)
		}
		for _, a := range entry.all("atom:author") {
			f.plain("author", f.one(a, "atom:name"))
		}
		for _, c := range entry.all("atom:category") {
			if c.attr["term"] == "" {
				f.add("MissingAttribute", "category without term")
			}
			f.directed("category", c.attr["term"])
		}
		for _, src := range entry.all("atom:source") {
			f.id(f.one(src, "atom:id"), map[string]bool{})
			f.one(src, "atom:title")
			f.stamp("source", f.one(src, "atom:updated"))
			f.atomLinks(src, "")
		}
		f.pictures(entry)
	}
}

// atomLinks requires links of e that are absolute and differ, and the self link if it is known.
func (f findings) atomLinks(e *xmlElement, self string) {
	seen, found := map[string]bool{}, self == ""
	for _, l := range e.all("atom:link") {
		a := l.attr
		f.full("link "+a["rel"], a["href"])
		if t, ok := a["type"]; ok {
			f.media("link "+a["rel"], t)
		}
		if h, ok := a["hreflang"]; ok {
			f.language("hreflang", h)
		}
		if n, ok := a["length"]; ok && strings.Trim(n, "0123456789") != "" {
			f.add("InvalidNonNegativeInteger", "length %q", n)
		}
		key := a["rel"] + " " + a["type"] + " " + a["hreflang"]
		if seen[key] && (a["rel"] == "alternate" || a["rel"] == "self") {
			f.add("DuplicateAtomLink", "%s", key)
		}
		seen[key] = true
		found = found || a["rel"] == "self" && a["href"] == self
	}
	if !found {
		f.add("MissingSelf", "want %s", self)
	}
}

func (f findings) pictures(e *xmlElement) {
	for _, m := range slices.Concat(e.all("media:content"), e.all("media:thumbnail")) {
		f.full(m.name, m.attr["url"])
		if t, ok := m.attr["type"]; ok {
			f.media(m.name, t)
		}
	}
}

func (f findings) rss(ch *xmlElement, self string) {
	seen := map[string]bool{}
	f.plain("title", f.one(ch, "title"))
	f.full("link", f.one(ch, "link"))
	f.one(ch, "description")
	f.language("channel", f.one(ch, "language"))
	f.atomLinks(ch, self)
	for _, img := range ch.all("image") {
		f.full("image", f.one(img, "url"))
		if f.one(img, "title") != ch.all("title")[0].text || f.one(img, "link") != ch.all("link")[0].text {
			f.add("ImageTitleDoesntMatch", "%s", img.text)
		}
		if w, err := strconv.Atoi(f.one(img, "width")); err != nil || w < 1 || w > 144 {
			f.add("InvalidWidth", "%d", w)
		}
	}
	for _, it := range ch.all("item") {
		f.plain("title", f.one(it, "title"))
		f.html("description", f.one(it, "description"))
		f.html("content", f.one(it, "content:encoded"))
		at := f.one(it, "pubDate")
		if when, err := time.Parse(
			"Mon, 02 Jan 2006 15:04:05 -0700",
			at,
		); err != nil || when.Format("Mon") != at[:3] ||
			when.Year() < 1990 {
			f.add("InvalidRFC2822Date", "pubDate %q", at)
		}
		guids := it.all("guid")
		if len(guids) != 1 {
			f.add("MissingGuid", "%d guids", len(guids))
			continue
		}
		f.id(guids[0].text, seen)
		if guids[0].attr["isPermaLink"] != "false" {
			f.add("InvalidHttpGUID", "%q", guids[0].text)
		}
		for _, l := range it.all("link") {
			f.full("link", l.text)
		}
		if len(it.all("author")) > 0 { // RSS requires an e-mail address there
			f.add("InvalidContact", "%q", it.all("author")[0].text)
		}
		for _, k := range slices.Concat(it.all("dc:creator"), it.all("category"), it.all("dc:rights"),
			it.all("source")) {
			if f.plain(k.name, k.text); k.text == "" {
				f.add("NotBlank", "%s", k.name)
			}
		}
		if len(it.all("dc:creator")) == 0 {
			f.add("MissingAuthor", "item %s", guids[0].text)
		}
		for _, e := range it.all("enclosure") {
			f.full("enclosure", e.attr["url"])
			f.media("enclosure", e.attr["type"])
			if n := e.attr["length"]; n == "" || strings.Trim(n, "0123456789") != "" {
				f.add("InvalidIntegerAttribute", "length %q", n)
			}
		}
		if len(it.all("enclosure")) > 1 {
			f.add("DuplicateEnclosure", "item %s", guids[0].text)
		}
		for _, s := range it.all("source") {
			f.full("source", s.attr["url"])
		}
		f.pictures(it)
	}
}

type object = map[string]any

func checkJSON(b []byte, self string) findings {
	f := findings{}
	if !utf8.Valid(b) ||
		bytes.ContainsFunc(
			b,
			func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f || r == 0xfffe || r == 0xffff },
		) {
		f.add("BadCharacters", "not plain UTF-8")
	}
	var feed object
	if err := json.Unmarshal(b, &feed); err != nil {
		f.add("SyntaxError", "%v", err)
		return f
	}
	if feed["version"] != "https://jsonfeed.org/version/1.1" || feed["title"] == "" {
		f.add("MissingElement", "version %v, title %v", feed["version"], feed["title"])
	}
	if feed["feed_url"] != self {
		f.add("MissingSelf", "feed_url %v, want %s", feed["feed_url"], self)
	}
	f.language("feed", feed["language"].(string))
	f.authors(feed)
	items, ok := feed["items"].([]any)
	if !ok {
		f.add("MissingElement", "items")
	}
	seen := map[string]bool{}
	for _, it := range items {
		f.jsonItem(it.(object), seen)
	}
	return f
}

func (f findings) jsonItem(it object, seen map[string]bool) {
	text := func(key string) string { s, _ := it[key].(string); return s }
	if text("id") == "" {
		f.add("MissingGuid", "item %v", it["title"])
	}
	f.id(text("id"), seen)
	f.authors(it)
	if _, there := it["url"]; there {
		f.full("url", text("url"))
	}
	if lang, there := it["language"]; there {
		f.language("item", lang.(string))
	}
	f.directed("title", text("title"))
	f.html("content_html", text("content_html"))
	if text("content_html") == "" {
		f.add("MissingElement", "content_html")
	}
	published, modified := f.stamp(
		"date_published",
		text("date_published"),
	), f.stamp(
		"date_modified",
		text("date_modified"),
	)
	if modified.Before(published) {
		f.add("UpdatedBeforePublished", "%v before %v", modified, published)
	}
	files, _ := it["attachments"].([]any)
	for _, a := range files {
		a := a.(object)
		f.full("attachment", fmt.Sprint(a["url"]))
		f.media("attachment", fmt.Sprint(a["mime_type"]))
		for key := range a {
			if !slices.Contains([]string{"url", "mime_type", "size_in_bytes", "title", "duration_in_seconds"}, key) {
				f.add("UndefinedElement", "attachment has %s", key)
			}
		}
	}
}

// authors requires the list of JSON Feed 1.1, not the single author of 1.0.
func (f findings) authors(o object) {
	if _, old := o["author"]; old {
		f.add("DeprecatedAuthor", "%v", o["author"])
	}
	list, _ := o["authors"].([]any)
	if len(list) == 0 {
		f.add("MissingAuthor", "%v", o["title"])
	}
	for _, a := range list {
		name, _ := a.(object)["name"].(string)
		if f.directed("author", name); name == "" {
			f.add("NotBlank", "author")
		}
	}
}

func check(b []byte, f feeds.Format, self string) findings {
	if f == feeds.JSON {
		return checkJSON(b, self)
	}
	return checkXML(b, self)
}

// Every rule holds for all nine files of a channel, with any stories or none.
func TestValid(t *testing.T) {
	inputs := bad()
	inputs["shelf"] = shelf
	inputs["empty"] = func() (feeds.Site, feeds.Channel, []feeds.Story) { site, ch, _ := shelf(); return site, ch, nil }
	inputs["twice"] = func() (feeds.Site, feeds.Channel, []feeds.Story) {
		site, ch, s := shelf()
		return site, ch, append(s, s...)
	}
	inputs["without pictures"] = func() (feeds.Site, feeds.Channel, []feeds.Story) {
		site, ch, s := shelf()
		site.NoImages = true
		return site, ch, s
	}
	for name, input := range inputs {
		site, ch, stories := input()
		for _, layout := range []string{"blocks", "interleaved"} {
			ch.Layout = layout
			for _, e := range feeds.Editions {
				p := editionOf(e, site, ch, stories)
				for _, f := range feeds.Formats {
					got := check(written(t, p, f), f, site.URL+feeds.Path(ch.ID, e, f))
					for _, rule := range slices.Sorted(maps.Keys(got)) {
						t.Errorf("%s, %s, %s: %s: %s", name, layout, feeds.Path(ch.ID, e, f), rule, got[rule])
					}
				}
			}
		}
	}
}

// Each rule finds what it is for.
func TestRulesFind(t *testing.T) {
	site, ch, stories := shelf()
	for _, c := range []struct {
		rule     string
		f        feeds.Format
		old, new string
	}{
		{"InvalidURN", feeds.Atom, "<id>urn:uuid:", "<id>tag:"},
		{
			"DuplicateIds", feeds.Atom, "<id>urn:uuid:1f13077f-14d9-5b20-bd6c-05d8b1c704ca",
			"<id>urn:uuid:f69afb5a-7623-5db1-a8a7-4c8fce389acc",
		},
		{"InvalidIRI", feeds.Atom, "%D8%AF", "د"},
		{"InvalidFullLink", feeds.Atom, `href="https://khabar.example/2"`, `href="/2"`},
		{"MissingSelf", feeds.Atom, `rel="self" type`, `rel="via" type`},
		{"DuplicateAtomLink", feeds.Atom, `hreflang="en"`, `hreflang="ar"`},
		{"ContainsUndeclaredHTML", feeds.Atom, "Chips are scarce", "Chips are &lt;b&gt;scarce"},
		{"BadCharacters", feeds.Atom, "Chips", "Chi\x7fps"},
		{"BidiOverride", feeds.Atom, "Chips", "Chi\u202eps"},
		{"BidiOverride", feeds.RSS, "Chips", "Chi\u2067ps"},
		{"SecurityRisk", feeds.Atom, "&lt;pre&gt;", "&lt;script&gt;"},
		{"DangerousStyleAttr", feeds.RSS, "&lt;p lang", "&lt;p style=&#34;x&#34; lang"},
		{"ContainsRelRef", feeds.RSS, "src=&#34;https://tiqani.example/a.jpg", "src=&#34;/a.jpg"},
		{"InvalidLanguage", feeds.Atom, `xml:lang="en"`, `xml:lang="English"`},
		{"InvalidHttpGUID", feeds.RSS, `isPermaLink="false"`, ``},
		{"MissingGuid", feeds.RSS, "guid", "uuid"},
		{"InvalidContact", feeds.RSS, "dc:creator", "author"},
		{"InvalidRFC2822Date", feeds.RSS, "<pubDate>Mon", "<pubDate>Sun"},
		{"InvalidMIMEType", feeds.RSS, `type="audio/mpeg"`, `type="audio"`},
		{"NotBlank", feeds.RSS, "Chips are scarce</title>", "</title>"},
		{"DeprecatedAuthor", feeds.JSON, `"authors": [`, `"author": {}, "authors": [`},
		{"DuplicateIds", feeds.JSON, "1f13077f-14d9-5b20-bd6c-05d8b1c704ca", "f69afb5a-7623-5db1-a8a7-4c8fce389acc"},
		{"UndefinedElement", feeds.JSON, "size_in_bytes", "size"},
	} {
		text := string(written(t, editionOf(feeds.Bilingual, site, ch, stories), c.f))
		changed := strings.ReplaceAll(text, c.old, c.new)
		if got := check(
			[]byte(changed),
			c.f,
			"https://feeds.example/feed."+string(c.f),
		); text == changed ||
			got[c.rule] == "" {
			t.Errorf("%s in %s: %q found nothing of it: %v", c.rule, c.f, c.new, got)
		}
	}
}
