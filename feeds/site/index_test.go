package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func index(t *testing.T, where feeds.Site, channels []feeds.Channel, stories []feeds.Story) []byte {
	t.Helper()
	var b bytes.Buffer
	stories = newestFirst(stories)
	book := NewBook(where, channels, nil, nil)
	if err := book.Index(
		&b,
		feeds.Bilingual,
		nil,
		entries(book, stories[:min(len(stories), IndexStories)]),
	); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// newestFirst returns stories in the order of a page, each once.
func newestFirst(stories []feeds.Story) (out []feeds.Story) {
	byID := map[string]feeds.Story{}
	for _, s := range stories {
		byID[s.ID] = s
	}
	for _, l := range feeds.NewestFirst(listed(stories)) {
		out = append(out, byID[l.ID])
	}
	return out
}

// bookOf is a book of stories.
type bookOf struct {
	where    feeds.Site
	channels []feeds.Channel
	stories  []feeds.Story
}

// eventsOf makes an event of five of the entries, and one of another, if there are more.
func eventsOf(all []Entry) (out []Event) {
	if len(all) > 6 {
		out = []Event{{feeds.Event{Outlets: make([]string, 11), Reports: 5}, all[:5]},
			{feeds.Event{Outlets: make([]string, 2), Reports: 1}, all[5:6]}}
	}
	return out
}

// tags are the channels of the tags of the book's sources.
var tags = []feeds.Channel{{ID: "tags/news", Title: map[string]string{"en": "News", "ar": "أخبار"}},
	{ID: "tags/quiet", Title: map[string]string{"en": "quiet"}}}

// Files returns all pages by path, the pictures they need, and the list of sources.
func (o bookOf) Files() (map[string][]byte, error) {
	list, out := newestFirst(o.stories), Pictures()
	b := NewBook(o.where, o.channels, tags, nil)
	all := entries(b, list)
	rows := listed(list)
	events := eventsOf(all)
	var buf bytes.Buffer
	var errs []error
	put := func(path string, err error) {
		out[path], errs = bytes.Clone(buf.Bytes()), append(errs, err)
		buf.Reset()
	}
	days, sources := map[time.Time][]Entry{}, map[string][]Entry{}
	for i, s := range list {
		days[Day(s.Published)] = append(days[Day(s.Published)], all[i])
		sources[s.Items[0].SourceID] = append(sources[s.Items[0].SourceID], all[i])
		if storyID.MatchString(s.ID) {
			put(feeds.StoryPath(s.ID), b.Story(&buf, s, aroundOf(list, s.ID)))
		}
	}
	put(SourcesPath, b.Sources(&buf))
	digest := bulletinOf(o.where, list)
	if len(list) > 0 {
		put(digest.Path(), b.Digest(&buf, daily, digest, Around([]feeds.Digest{{}, digest.Digest, {}}, 1)))
	}
	for _, e := range feeds.Editions {
		at := func(path string) string { return feeds.PagePath(e, path) }
		put(at(ListPath(daily.ID)), b.DigestList(&buf, e, daily, []feeds.Digest{digest.Digest}))
		put(at(IndexPath), b.Index(&buf, e, events, all[:min(len(all), IndexStories)]))
		for day, entries := range days {
			around := [2]time.Time{day.AddDate(0, 0, -1), day.AddDate(0, 0, 1)}
			put(at(feeds.DayPath(day)), b.Day(&buf, e, day, around, entries))
		}
		for id, entries := range sources {
			if storySource.MatchString(id) {
				put(at(ListPath("sources/"+id)), b.Source(&buf, e, id, entries))
			}
		}
		put(at(DaysPath), b.Days(&buf, e, DayListings(rows)))
		put(at(SourceListPath), b.SourceList(&buf, e, SourceListings(rows)))
		put(at(TagsPath), b.Tags(&buf, e, []Listing{TagListing(tags[0], rows), TagListing(tags[1], nil)}))
		put(at(ListPath("tags/news")), b.Channel(&buf, e, tags[0], all))
		put(at(ListPath("tags/quiet")), b.Channel(&buf, e, tags[1], nil))
		put(at("channels/feed.html"), b.Channel(&buf, e, tech, all))
	}
	return out, errors.Join(errs...)
}

// aroundOf returns what stands around a story of list, which is newest first.
func aroundOf(list []feeds.Story, id string) (a Beside) {
	neighbour := func(i int) *Neighbour {
		if i < 0 || i >= len(list) {
			return nil
		}
		return &Neighbour{list[i], true}
	}
	for i, s := range list {
		if s.ID != id {
			continue
		}
		a.Later, a.Earlier = neighbour(i-1), neighbour(i+1)
		for _, m := range s.Related {
			for _, l := range list {
				if l.ID == m.Story {
					a.Linked = append(a.Linked, Neighbour{l, true})
				}
			}
		}
	}
	return a
}

var storySource = regexp.MustCompile(`^[a-z]+$`)

func files(t *testing.T, b bookOf) map[string][]byte {
	t.Helper()
	out, err := b.Files()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func parsed(t *testing.T, page []byte) *html.Node {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func value(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func elements(doc *html.Node, of atom.Atom) (out []*html.Node) {
	for n := range doc.Descendants() {
		if n.DataAtom == of {
			out = append(out, n)
		}
	}
	return out
}

// A person has reviewed the golden files.
func TestPagesGolden(t *testing.T) {
	all := files(t, bookOf{place, []feeds.Channel{tech}, shelf()})
	for _, path := range []string{"index.html", "days/2025-01-26.html", "stories/00000000000000a1.html",
		"stories/00000000000000a2.html", "sources.opml"} {
		name := filepath.Join("testdata", filepath.Base(path))
		got := bytes.Replace(all[path], []byte(style), []byte("/* style.css */"), 1)
		got = bytes.Replace(got, []byte(styleHash()), []byte("of style.css"), 1)
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
		}
	}
}

// pages puts the pages of a book into to, with a name before their path.
func pages(t *testing.T, name string, b bookOf, to map[string][]byte) {
	for path, body := range files(t, b) {
		if strings.HasSuffix(path, ".html") {
			to[name+" "+path] = body
		}
	}
}

// Every text with Arabic letters stands in an element that declares Arabic and right-to-left, every
// other text in one whose direction fits its language. No text reorders its surroundings.
func TestEveryTextHasItsLanguageAndDirection(t *testing.T) {
	where, all := samples(t)
	evilPlace, evilChannels, evil := hostile()
	every := map[string][]byte{}
	pages(t, "shelf", bookOf{place, []feeds.Channel{tech}, shelf()}, every)
	pages(t, "channels", bookOf{place, []feeds.Channel{tech, chip}, shelf()}, every)
	pages(t, "samples", bookOf{where, []feeds.Channel{tech}, all}, every)
	pages(t, "hostile", bookOf{evilPlace, evilChannels, evil}, every)
	pages(t, "empty", bookOf{feeds.Site{}, nil, nil}, every)
	for name, page := range every {
		body, texts := elements(parsed(t, page), atom.Body)[0], 0
		for n := range body.Descendants() {
			if n.Type != html.TextNode || strings.TrimSpace(n.Data) == "" {
				continue
			}
			if arabic.StripBidi(n.Data) != n.Data {
				t.Errorf("%s: %q has a bidi control", name, n.Data)
			}
			lang, dir := inherited(n, "lang"), inherited(n, "dir")
			if arabic.Dir(lang) != dir {
				t.Errorf("%s: %q is in %q but runs %s", name, n.Data, lang, dir)
			}
			if arabic.Has(n.Data) {
				texts++
				if lang != "ar" || dir != "rtl" {
					t.Errorf("%s: %q is in %q and runs %s", name, n.Data, lang, dir)
				}
			}
		}
		if texts < 2 && !strings.Contains(name, " en/") {
			t.Errorf("%s: only %d texts in Arabic", name, texts)
		}
	}
}

// inherited returns the attribute of n or of its nearest ancestor that has it.
func inherited(n *html.Node, key string) string {
	for ; n != nil; n = n.Parent {
		if i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key }); i >= 0 {
			return n.Attr[i].Val
		}
	}
	return ""
}

func TestFeedsAreFound(t *testing.T) {
	page := index(t, place, []feeds.Channel{tech, chip}, nil)
	doc := parsed(t, page)
	var announced, linked []string
	// Some programs look for the type without an HTML parser.
	for _, plain := range []string{`type="application/atom+xml"`, `type="application/feed+json"`} {
		if !bytes.Contains(page, []byte(plain)) {
			t.Error("the page has no " + plain)
		}
	}
	for _, l := range elements(doc, atom.Link) {
		if value(l, "rel") == "icon" || value(l, "type") == "" {
			continue
		}
		if value(l, "rel") != "alternate" || value(l, "title") == "" || value(l, "hreflang") == "" ||
			!strings.HasPrefix(value(l, "type"), "application/") {
			t.Errorf("link %v", l.Attr)
		}
		announced = append(announced, value(l, "href"))
	}
	for _, a := range elements(doc, atom.A) {
		if value(a, "type") != "" {
			linked = append(linked, value(a, "href"))
		}
	}
	want := strings.Fields(`feed.en.atom feed.en.rss feed.en.json feed.atom feed.rss feed.json
		feed.ar.atom feed.ar.rss feed.ar.json chips.en.atom chips.en.rss chips.en.json
		chips.atom chips.rss chips.json chips.ar.atom chips.ar.rss chips.ar.json`)
	if !slices.Equal(announced, want) || !slices.Equal(linked, want) {
		t.Errorf("announced %q, linked %q, want both %q", announced, linked, want)
	}
}

// The order of the stories does not matter, nor does a story that is given twice.
func TestSameBytes(t *testing.T) {
	stories := shelf()
	want := index(t, place, []feeds.Channel{tech}, stories)
	again := append(shelf(), stories[1], stories[3])
	slices.Reverse(again)
	if got := index(t, place, []feeds.Channel{tech}, again); !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if stories[0].ID != "00000000000000a4" {
		t.Error("the stories given were sorted")
	}
}

// The policy allows this stylesheet and nothing else.
func TestPolicyNamesTheStyle(t *testing.T) {
	doc := parsed(t, index(t, place, nil, nil))
	styles := elements(doc, atom.Style)
	sum := sha256.Sum256([]byte(sanitize.Text(styles[0])))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src 'self'; base-uri 'none'; form-action 'self'"
	metas := elements(doc, atom.Meta)
	at := slices.IndexFunc(metas, func(n *html.Node) bool {
		return value(n, "http-equiv") == "Content-Security-Policy"
	})
	if got := value(metas[at], "content"); len(styles) != 1 || got != want {
		t.Errorf("%d style elements, policy %s, want %s", len(styles), got, want)
	}
}

// No text can leave its element.
func TestHostileStoriesAreText(t *testing.T) {
	where, channels, stories := hostile()
	allowed := regexp.MustCompile(
		`^https://(user@)?ok\.example/|^(\.\./)*((en|ar)/)?` +
			`(feed\.|daily\.|digests/|stories/0|days/|tags/|channels/|sources/|index\.html$|` +
			`sources\.opml$|#|$)|^(\.\./)+javascript:`,
	)
	for path, page := range files(t, bookOf{where, channels, stories}) {
		if strings.HasSuffix(path, ".html") {
			harmless(t, path, parsed(t, page), allowed)
		}
	}
}

func harmless(t *testing.T, path string, doc *html.Node, allowed *regexp.Regexp) {
	control := func(r rune) bool { return r == 0 || r == '\u202e' }
	for n := range doc.Descendants() {
		switch n.DataAtom {
		case atom.Script, atom.Img, atom.Base, atom.Iframe, atom.Form, atom.Bdo:
			t.Errorf("%s has <%s>", path, n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" ||
				strings.ContainsFunc(a.Val, control) && a.Key != "id" {
				t.Errorf("%s: <%s> has %s=%q", path, n.Data, a.Key, a.Val)
			}
		}
		if href := value(n, "href"); n.DataAtom == atom.A && !allowed.MatchString(href) {
			t.Errorf("%s: link to %q", path, href)
		}
	}
	switch n := len(elements(doc, atom.Article)); {
	case n == 0 && (strings.HasSuffix(path, "/index.html") || strings.HasSuffix(path, "quiet.html")),
		strings.HasSuffix(path, "channels/daily.html"):
		return // the story is on the pages that this one lists
	case strings.HasPrefix(path, "digests/"): // a list of links
		if !strings.Contains(sanitize.Text(doc), "<script>alert(1)</script>") {
			t.Errorf("%s: the title's words are gone", path)
		}
		return
	case n != 1:
		t.Errorf("%s: %d articles", path, n)
	}
	headings := slices.Concat(elements(doc, atom.H1), elements(doc, atom.H3))
	if !slices.ContainsFunc(headings, func(h *html.Node) bool {
		return strings.Contains(sanitize.Text(h), "<script>alert(1)</script>")
	}) {
		t.Errorf("%s: the title's words are gone", path)
	}
}
