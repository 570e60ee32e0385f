// Package article extracts the article from the page that an item links to, unless the page forbids
// that, and applies the rules of robots.txt. It is pure.
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
	"github.com/nashra/nashra/feeds/sanitize"
)

// These errors say why a page gives no article. Asking again soon would not change that.
var (
	ErrPaywalled = errors.New("the page says it is not free to read")
	ErrNoIndex   = errors.New("the page asks not to be kept (noindex)")
	ErrNoArticle = errors.New("no article was found on the page")
)

const (
	maxPage  = 3_000_000 // bytes: ten times a news page; a tree takes thirty times the memory of its page
	maxTags  = 60_000    // of a page: a tree of so many takes some tens of megabytes
	minWords = 40        // of an article: a shorter one is a teaser or a cookie notice
)

// Extract returns the article of a web page as sanitised HTML, with its images, lists, code and
// quotes but without what surrounds it and what the CSS selectors in drop choose. Title and Summary are
// empty: the feed's are better.
func Extract(doc feeds.Document, drop ...string) (feeds.Text, error) {
	if noIndex(doc.Robots, "\n") {
		return feeds.Text{}, ErrNoIndex
	}
	kind, _, err := mime.ParseMediaType(doc.ContentType)
	if err == nil && kind != "text/html" && kind != "application/xhtml+xml" {
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
	if err := checkPermission(root); err != nil {
		return feeds.Text{}, err
	}
	dropper, err := parse.NewDropper(drop)
	if err == nil {
		err = dropper.Drop(root)
	}
	if err != nil {
		return feeds.Text{}, err
	}
	removeHeadline(root)
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

// removeHeadline removes the headline and the page's titles. readability would remove headings like
// them, but it compares Latin words only and removes other headings of Arabic text.
func removeHeadline(root *html.Node) {
	var title string
	var gone, headings []*html.Node
	h1s := 0
	for n := range root.Descendants() {
		switch {
		case n.Parent.DataAtom == atom.Head && n.DataAtom != atom.Base:
			gone = append(gone, n)
			if n.DataAtom == atom.Title {
				title = oneLine(n)
			}
		case n.DataAtom == atom.H1:
			h1s++
			headings = append(headings, n)
		case n.DataAtom == atom.H2:
			headings = append(headings, n)
		}
	}
	for _, h := range headings {
		text := oneLine(h)
		mostOfTitle := 2*len(text) >= len(title) // the rest is the site's name
		if text != "" && mostOfTitle && strings.Contains(title, text) || h1s == 1 && h.DataAtom == atom.H1 {
			gone = append(gone, h)
		}
	}
	for _, n := range gone {
		n.Parent.RemoveChild(n)
	}
}

// oneLine returns the text beneath n on one line.
func oneLine(n *html.Node) string { return strings.Join(strings.Fields(sanitize.Text(n)), " ") }

// menu reports whether most of the text beneath n is in links.
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

// decode returns the page as UTF-8. Valid UTF-8 stays. Otherwise the page has the encoding that its
// header or its own text names, or windows-1256.
func decode(doc feeds.Document) []byte {
	if utf8.Valid(doc.Body) {
		return doc.Body
	}
	enc, _, certain := charset.DetermineEncoding(doc.Body, doc.ContentType)
	if !certain && enc == charmap.Windows1252 { // a guess without any hint; our publishers write Arabic
		enc = charmap.Windows1256
	}
	out, err := enc.NewDecoder().Bytes(doc.Body)
	if err != nil {
		return bytes.ToValidUTF8(doc.Body, []byte("\uFFFD"))
	}
	return out
}

// locked matches what schema.org has for a page, or a part of one, behind a paywall.
var locked = regexp.MustCompile(`(?i)"isAccessibleForFree"\s*:\s*"?(?:https?:)?/?/?(?:schema\.org/)?false`)

// checkPermission returns an error if the page forbids that its text is kept.
func checkPermission(root *html.Node) error {
	for n := range root.Descendants() {
		content := strings.ToLower(attr(n, "content"))
		switch {
		case n.Type != html.ElementNode:
		case strings.EqualFold(attr(n, "itemprop"), "isAccessibleForFree") && content == "false":
			return ErrPaywalled
		case n.DataAtom == atom.Meta:
			name := attr(n, "name")
			if (strings.EqualFold(name, "robots") || strings.EqualFold(name, agent)) && noIndex(content, ",") {
				return ErrNoIndex
			}
			tier := name == "article:content_tier" || attr(n, "property") == "article:content_tier"
			if tier && (content == "locked" || content == "metered") {
				return ErrPaywalled
			}
		case n.DataAtom == atom.Script && strings.EqualFold(attr(n, "type"), "application/ld+json"):
			if locked.MatchString(sanitize.Text(n)) {
				return ErrPaywalled
			}
		}
	}
	return nil
}

// agent is our name in rules for robots.
const agent = "nashra"

// noIndex reports whether rules of a robots meta element or header ask us not to keep the page. sep
// separates lines. A line may name one robot, with a colon, that its rules are for.
func noIndex(rules, sep string) bool {
	for line := range strings.SplitSeq(strings.ToLower(rules), sep) {
		robot, after, named := strings.Cut(line, ":")
		if robot = strings.TrimSpace(robot); named && !strings.Contains(robot, ",") && !hasValue[robot] {
			if line = after; robot != agent {
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

// hasValue lists the rules that have a colon and a value.
var hasValue = map[string]bool{
	"unavailable_after": true, "max-snippet": true, "max-image-preview": true, "max-video-preview": true,
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}
