// Package article finds the text of the page that an item links to, and what the page says of who may read and keep it. It is pure.
package article

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
)

// What a page is not read for. None of it changes by asking again soon.
var (
	ErrPaywalled = errors.New("the page says it is not free to read")
	ErrNoIndex   = errors.New("the page asks not to be kept (noindex)")
	ErrNoArticle = errors.New("no article was found on the page")
)

const (
	maxPage  = 3_000_000 // bytes: a news page has a tenth; its tree takes thirty times as much memory
	maxTags  = 60_000    // of a page: a tree of that many takes some tens of megabytes
	minWords = 40        // of an article: less is a teaser, or a note on cookies
)

// Read is the article of doc, a web page: sanitised HTML with its images, lists, code and quotes, and nothing of what stands around
// it. Its title and summary are empty: the feed's are better.
func Read(doc feeds.Document) (feeds.Text, error) {
	if noIndex(doc.Robots, "\n") {
		return feeds.Text{}, ErrNoIndex
	}
	if kind, _, err := mime.ParseMediaType(doc.ContentType); err == nil && kind != "text/html" && kind != "application/xhtml+xml" {
		return feeds.Text{}, ErrNoArticle
	}
	switch n := bytes.Count(doc.Body, []byte("<")); {
	case len(doc.Body) > maxPage:
		return feeds.Text{}, fmt.Errorf("the page is larger than %.1f MB", maxPage/1e6)
	case n > maxTags:
		return feeds.Text{}, fmt.Errorf("the page has more than %d tags", maxTags)
	}
	base, err := url.Parse(doc.Base)
	if err != nil {
		return feeds.Text{}, errors.New("unreadable address")
	}
	root, err := html.Parse(bytes.NewReader(decode(doc)))
	if err != nil {
		return feeds.Text{}, fmt.Errorf("read page: %w", err)
	}
	if err := permitted(root); err != nil {
		return feeds.Text{}, err
	}
	behead(root)
	parser := readability.NewParser()
	found, err := parser.ParseAndMutate(root, base)
	if err != nil || found.Node == nil || menu(found.Node) {
		return feeds.Text{}, ErrNoArticle
	}
	var b strings.Builder
	if err := found.RenderHTML(&b); err != nil {
		return feeds.Text{}, fmt.Errorf("write article: %w", err)
	}
	body, words := parse.Clean(b.String(), doc.Base)
	if len(strings.Fields(words)) < minWords {
		return feeds.Text{}, ErrNoArticle
	}
	return feeds.Text{Body: body}, nil
}

// behead takes the headline off the page, which the feed has too, and the page's own titles: readability would look for headings like
// them, by their Latin words alone, and in Arabic text takes others for them.
func behead(root *html.Node) {
	var title string
	var gone, headings []*html.Node
	first := 0 // headings of the first rank
	for n := range root.Descendants() {
		switch {
		case n.Parent.DataAtom == atom.Head && n.DataAtom != atom.Base:
			gone = append(gone, n)
			if n.DataAtom == atom.Title {
				title = wording(n)
			}
		case n.DataAtom == atom.H1:
			first++
			headings = append(headings, n)
		case n.DataAtom == atom.H2:
			headings = append(headings, n)
		}
	}
	for _, h := range headings {
		text := wording(h)
		most := text != "" && 2*len(text) >= len(title) && strings.Contains(title, text) // the rest of a title is the site's name
		if most || first == 1 && h.DataAtom == atom.H1 {
			gone = append(gone, h)
		}
	}
	for _, n := range gone {
		n.Parent.RemoveChild(n)
	}
}

// wording is the text beneath n on one line.
func wording(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// menu says whether most of the text beneath n is in links.
func menu(n *html.Node) bool {
	var all, linked int
	for d := range n.Descendants() {
		if d.Type != html.TextNode {
			continue
		}
		size := len(strings.TrimSpace(d.Data))
		all += size
		for up := range d.Ancestors() {
			if up.DataAtom == atom.A {
				linked += size
				break
			}
		}
	}
	return 2*linked > all
}

// decode is the page in UTF-8: what is valid UTF-8 is taken for that, else what header or page name counts, and windows-1256 where they
// name nothing.
func decode(doc feeds.Document) []byte {
	if utf8.Valid(doc.Body) {
		return doc.Body
	}
	enc, _, certain := charset.DetermineEncoding(doc.Body, doc.ContentType)
	if !certain && enc == charmap.Windows1252 { // a guess for want of any hint; our publishers write Arabic
		enc = charmap.Windows1256
	}
	out, err := enc.NewDecoder().Bytes(doc.Body)
	if err != nil {
		return bytes.ToValidUTF8(doc.Body, []byte("\uFFFD"))
	}
	return out
}

// locked is how schema.org says that a page, or a part of it, is behind a paywall.
var locked = regexp.MustCompile(`(?i)"isAccessibleForFree"\s*:\s*"?(?:https?:)?/?/?(?:schema\.org/)?false`)

// permitted says whether the page beneath root lets its text be taken.
func permitted(root *html.Node) error {
	for n := range root.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case strings.EqualFold(attr(n, "itemprop"), "isAccessibleForFree") && strings.EqualFold(attr(n, "content"), "false"):
			return ErrPaywalled
		case n.DataAtom == atom.Meta:
			name, property, content := attr(n, "name"), attr(n, "property"), strings.ToLower(attr(n, "content"))
			if (strings.EqualFold(name, "robots") || strings.EqualFold(name, agent)) && noIndex(content, ",") {
				return ErrNoIndex
			}
			if (property == "article:content_tier" || name == "article:content_tier") && (content == "locked" || content == "metered") {
				return ErrPaywalled
			}
		case n.DataAtom == atom.Script && strings.EqualFold(attr(n, "type"), "application/ld+json") && n.FirstChild != nil:
			if locked.MatchString(n.FirstChild.Data) {
				return ErrPaywalled
			}
		}
	}
	return nil
}

// agent is who robots' rules may name and mean us.
const agent = "nashra"

// noIndex says whether rules, as a robots meta element or X-Robots-Tag header has them, ask us not to keep the page. Rules of a line
// may be for one robot that is named before them.
func noIndex(rules, lines string) bool {
	for line := range strings.SplitSeq(strings.ToLower(rules), lines) {
		if who, after, ok := strings.Cut(line, ":"); ok && !strings.Contains(who, ",") && !hasValue[strings.TrimSpace(who)] {
			if line = after; strings.TrimSpace(who) != agent {
				continue
			}
		}
		for rule := range strings.SplitSeq(line, ",") {
			if rule = strings.TrimSpace(rule); rule == "noindex" || rule == "none" {
				return true
			}
		}
	}
	return false
}

// hasValue are the rules that have a colon of their own.
var hasValue = map[string]bool{"unavailable_after": true, "max-snippet": true, "max-image-preview": true, "max-video-preview": true}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}
