package parse

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"

	"github.com/nashra/nashra/feeds"
)

// Facts are what test documents must be found to say. The test counts how many gofeed alone and
// Feed get right: go test ./feeds/parse -run Facts -v

// atLeast is the share of each suite's facts that must be right.
const atLeast = 0.97

// fact is one field of a document with its value.
type fact struct {
	path string // "feed title", "items", "item 2 published", "error"
	how  string // is, has, lacks
	want string
}

// example is a document with its facts.
type example struct {
	name  string
	src   feeds.Source
	doc   feeds.Document
	facts []fact
	loose bool // of a foreign suite: titles may hold HTML, addresses may be relative
}

func TestFacts(t *testing.T) {
	fmt.Printf("\n%-22s %6s %7s %14s %14s\n", "suite", "files", "facts", "bare gofeed", "nashra")
	for _, s := range []struct {
		name     string
		examples func(testing.TB) []example
		fewest   int // files
	}{{"ours", ownExamples, 120}, {"gofeed", gofeedExamples, 200}, {"feedparser", feedparserExamples, 900}} {
		examples := s.examples(t)
		if examples == nil {
			continue
		}
		var all, bareRight, right int
		for _, e := range examples {
			lib, libErr := bare(e.doc)
			f, err := parseAll(e.src, e.doc)
			for _, fact := range e.facts {
				all++
				if e.holds(fact, lib, libErr) {
					bareRight++
				}
				if e.holds(fact, f, err) {
					right++
				} else {
					got, _ := observe(f, fact.path)
					report := t.Logf
					if s.name == "ours" {
						report = t.Errorf
					}
					report("%s %s: %s %s %q, got %q (%v)", s.name, e.name, fact.path, fact.how, fact.want, got, err)
				}
			}
		}
		share := func(n int) string { return fmt.Sprintf("%d %.1f%%", n, 100*float64(n)/float64(all)) }
		fmt.Printf("%-22s %6d %7d %14s %14s\n", s.name, len(examples), all, share(bareRight), share(right))
		if len(examples) < s.fewest || float64(right) < atLeast*float64(all) {
			t.Errorf("%s: %d of %d facts of %d files read", s.name, right, all, len(examples))
		}
	}
}

// holds reports whether the fact was found.
func (e example) holds(f fact, feed feeds.Feed, err error) bool {
	if f.path == "error" {
		return err != nil && strings.Contains(err.Error(), f.want)
	}
	got, ok := observe(feed, f.path)
	if err != nil || !ok {
		return false
	}
	want := f.want
	if e.loose {
		want, got = e.loosen(f.path, want), e.loosen(f.path, got)
	}
	switch f.how {
	case "has":
		if strings.HasSuffix(f.path, "enclosures") { // by their addresses
			got = strings.Join(strings.FieldsFunc(got, func(r rune) bool { return r == ' ' || r == '|' }), " | ")
		}
		return slices.Contains(strings.Split(got, " | "), want) ||
			strings.HasSuffix(f.path, "note") && strings.Contains(got, want) ||
			strings.HasSuffix(f.path, "text") && strings.Contains(got, want) ||
			strings.HasSuffix(f.path, "note") && strings.Contains(got, want) ||
			strings.HasSuffix(f.path, "html") && strings.Contains(got, want)
	case "lacks":
		return !strings.Contains(got, want)
	}
	return got == want
}

// loosen returns a value of a foreign suite in a form that is the same for all readers.
func (e example) loosen(path, s string) string {
	switch _, last, _ := cutLast(path, " "); last {
	case "html":
		return canon(s)
	case "url", "site", "images":
		base, _ := url.Parse(e.doc.Base)
		if u, err := base.Parse(strings.TrimSpace(s)); err == nil {
			s = u.String()
		}
		return strings.TrimSuffix(s, "/")
	case "lang", "guid":
		return strings.TrimSpace(s)
	}
	return feeds.PlainText(s)
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// observe returns a field of feed as text; false: there is no such item.
func observe(feed feeds.Feed, path string) (string, bool) {
	switch path {
	case "feed title":
		return feed.Title, true
	case "feed site":
		return feed.Site, true
	case "feed lang":
		return feed.Lang, true
	case "feed ttl":
		return feed.TTL.String(), true
	case "feed cut":
		return strconv.FormatBool(feed.Cut), true
	case "feed broken":
		return strconv.Itoa(feed.Broken), true
	case "feed note":
		return feed.Note, true
	case "items":
		return strconv.Itoa(len(feed.Items)), true
	}
	w := strings.Fields(path)
	if len(w) != 3 || w[0] != "item" {
		panic("no such field: " + path)
	}
	n, err := strconv.Atoi(w[1])
	if err != nil || n < 1 || n > len(feed.Items) {
		return "", false
	}
	it := feed.Items[n-1]
	list := func(files []feeds.Enclosure) string {
		var out []string
		for _, f := range files {
			s := f.URL
			if f.Type != "" {
				s += " " + f.Type
			}
			if f.Length > 0 {
				s += " " + strconv.FormatInt(f.Length, 10)
			}
			out = append(out, s)
		}
		return strings.Join(out, " | ")
	}
	date := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	switch w[2] {
	case "title":
		return it.Title, true
	case "url":
		return it.URL, true
	case "guid":
		return it.GUID, true
	case "lang":
		return it.Lang, true
	case "text":
		text, _, _ := cutLast(canon(it.Main()), "\n")
		return text, true
	case "html":
		return it.Main(), true
	case "summary":
		return strconv.FormatBool(it.Body == "" && it.Summary != ""), true
	case "authors":
		return strings.Join(it.Authors, " | "), true
	case "categories":
		return strings.Join(it.Categories, " | "), true
	case "enclosures":
		return list(it.Enclosures), true
	case "images":
		return list(it.Images), true
	case "rights":
		return it.Rights, true
	case "published":
		return date(it.Published), true
	case "updated":
		return date(it.Updated), true
	}
	panic("no such field: " + path)
}

// canon returns the words of HTML, a newline, the addresses in it, and what must not be there.
func canon(s string) string {
	nodes, err := html.ParseFragment(
		strings.NewReader(s),
		&html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body},
	)
	if err != nil {
		return s
	}
	var text, more strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if c := n.FirstChild; n.DataAtom == atom.A && c != nil && c.Type == html.TextNode && len(n.Attr) == 1 &&
			strings.HasSuffix(n.Attr[0].Val, "://"+c.Data) {
			return // it replaces an embed
		}
		if n.Type == html.TextNode {
			text.WriteString(n.Data)
		}
		switch n.DataAtom {
		case atom.Script,
			atom.Style,
			atom.Iframe,
			atom.Object,
			atom.Embed,
			atom.Applet,
			atom.Meta,
			atom.Link,
			atom.Frame:
			if n.Type == html.ElementNode {
				more.WriteString(" unsafe:" + n.Data)
				return
			}
		case atom.Br, atom.P, atom.Div, atom.Li, atom.Td, atom.H2, atom.H3:
			text.WriteByte(' ')
		}
		for _, a := range n.Attr {
			switch {
			case n.DataAtom == atom.A && a.Key == "href", n.DataAtom == atom.Img && a.Key == "src":
				if u, err := url.Parse(a.Val); err == nil {
					a.Val = u.String()
				}
				if a.Val = strings.TrimSuffix(strings.TrimSpace(a.Val), "/"); a.Val != "" && a.Val[0] != '#' {
					more.WriteString(" " + a.Val)
				}
			case strings.HasPrefix(a.Key, "on"):
				more.WriteString(" unsafe:" + a.Key)
			}
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	for _, n := range nodes {
		walk(n)
	}
	return strings.Join(strings.Fields(text.String()), " ") + "\n" + more.String()
}

// bare returns what gofeed alone finds in a document.
func bare(doc feeds.Document) (f feeds.Feed, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	raw, err := gofeed.NewParser().Parse(bytes.NewReader(doc.Body))
	if err != nil {
		return feeds.Feed{}, err
	}
	f = feeds.Feed{Title: raw.Title, Site: raw.Link, Lang: raw.Language}
	moment := func(t *time.Time) time.Time {
		if t == nil {
			return time.Time{}
		}
		return *t
	}
	for _, it := range raw.Items {
		out := feeds.Item{
			GUID:       it.GUID,
			URL:        it.Link,
			Categories: it.Categories,
			Published:  moment(it.PublishedParsed),
			Updated: moment(
				it.UpdatedParsed,
			),
			Rights: raw.Copyright,
			Text:   feeds.Text{Title: it.Title, Summary: it.Description, Body: it.Content},
		}
		for _, a := range it.Authors {
			out.Authors = append(out.Authors, a.Name)
		}
		for _, e := range it.Enclosures {
			out.Enclosures = append(out.Enclosures, feeds.Enclosure{URL: e.URL, Type: e.Type, Length: length(e.Length)})
		}
		if it.Image != nil {
			out.Images = []feeds.Enclosure{{URL: it.Image.URL}}
		}
		f.Items = append(f.Items, out)
	}
	return f, nil
}

var (
	given = regexp.MustCompile(`^given (encoding|header|base|url|zone|byte|cut|lang) ?(.*)$`)
	says  = regexp.MustCompile(`^(feed \w+|items|item \d+ \w+|error)( has| lacks)? = ?(.*)$`)
)

// ownExamples returns testdata/in/*.txt: a sentence on what is odd, lines on how the document is
// given and on what must be found in it, then the document.
func ownExamples(t testing.TB) (out []example) {
	names, _ := filepath.Glob("testdata/in/*.txt")
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil || len(archive.Files) != 1 {
			t.Fatalf("%s: %d documents, %v", name, len(archive.Files), err)
		}
		e := example{name: filepath.Base(name), src: feeds.Source{ID: "site"},
			doc: feeds.Document{Base: "https://site.example/feed/", Body: archive.Files[0].Data, At: at}}
		about, lines, _ := strings.Cut(string(archive.Comment), "\n\n")
		if !strings.HasSuffix(strings.TrimSpace(about), ".") || lines == "" {
			t.Fatalf("%s does not open with a sentence on what is odd", name)
		}
		for line := range strings.Lines(lines) {
			line = strings.TrimSuffix(line, "\n")
			if m := given.FindStringSubmatch(line); m != nil {
				e.give(t, m[1], m[2])
			} else if m := says.FindStringSubmatch(line); m != nil {
				e.facts = append(e.facts, fact{m[1], strings.TrimSpace(m[2]), m[3]})
			} else if line != "" {
				t.Fatalf("%s: what is %q?", name, line)
			}
		}
		if len(e.facts) == 0 {
			t.Fatalf("%s does not say what must be read", name)
		}
		out = append(out, e)
	}
	return out
}

// give changes the document, or how it is given.
func (e *example) give(t testing.TB, what, how string) {
	switch what {
	case "encoding":
		var err error
		switch how {
		case "utf-16le":
			e.doc.Body, err = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().Bytes(e.doc.Body)
		case "utf-16be":
			e.doc.Body, err = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().Bytes(e.doc.Body)
		default:
			enc, lookup := htmlindex.Get(how)
			if lookup != nil {
				t.Fatal(e.name, lookup)
			}
			e.doc.Body, err = enc.NewEncoder().Bytes(e.doc.Body)
		}
		if err != nil {
			t.Fatal(e.name, err)
		}
	case "header":
		e.doc.ContentType = how
	case "base":
		e.doc.Base = how
	case "url":
		e.doc.URL = how
	case "zone":
		e.src.Timezone = how
	case "lang":
		e.src.Lang = how
	case "cut":
		e.doc.Cut = true
	case "byte": // a character, and its replacement in hexadecimal
		sign, code, _ := strings.Cut(how, " ")
		b, err := hex.DecodeString(code)
		if err != nil || !bytes.Contains(e.doc.Body, []byte(sign)) {
			t.Fatal(e.name, how, err)
		}
		e.doc.Body = bytes.ReplaceAll(e.doc.Body, []byte(sign), b)
	}
}
