package sanitize

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// cleaner makes a parsed tree fit the allow-list: it takes away what a reader was not meant to see and puts plain links where
// embeds were.
type cleaner struct {
	base     *url.URL
	entities bool // the source has character references, which may stand for controls
}

// children cleans what stands beneath n, then takes out what became empty.
func (c *cleaner) children(n *html.Node) {
	for child := n.FirstChild; child != nil; {
		next := child.NextSibling
		switch {
		case child.Type == html.TextNode:
			if c.entities {
				child.Data = printable(child.Data)
			}
		case child.Type != html.ElementNode || dropped(child):
			n.RemoveChild(child)
		default:
			c.element(n, child)
		}
		child = next
	}
}

// element cleans child, which stands in n.
func (c *cleaner) element(n, child *html.Node) {
	if embeds[child.DataAtom] || child.Data == "amp-youtube" {
		c.embed(n, child)
		return
	}
	c.children(child)
	switch child.DataAtom {
	case atom.Section, atom.Article, atom.Header, atom.Footer, atom.Main, atom.Aside, atom.Center, atom.Address, atom.Details,
		atom.Summary, atom.Nav:
		child.Data, child.DataAtom, child.Attr = "div", atom.Div, nil
	case atom.Strike:
		child.Data, child.DataAtom = "s", atom.S
	case atom.Tt:
		child.Data, child.DataAtom = "code", atom.Code
	}
	if _, ok := allowed[child.DataAtom]; !ok || child.Namespace != "" {
		unwrap(n, child)
		return
	}
	c.attributes(child)
	switch {
	case child.DataAtom == atom.Img:
		if attr(child, "src") == "" {
			n.RemoveChild(child)
		}
	case child.DataAtom == atom.A && attr(child, "href") == "", child.DataAtom == atom.Span && len(child.Attr) == 0:
		unwrap(n, child)
	case empty(child):
		n.RemoveChild(child)
	}
}

// unwrap puts the children of child, which stands in n, in its place.
func unwrap(n, child *html.Node) {
	for g := child.FirstChild; g != nil; g = child.FirstChild {
		child.RemoveChild(g)
		n.InsertBefore(g, child)
	}
	n.RemoveChild(child)
}

// empty says whether n, cleaned, shows nothing. Cells stay: they hold their table together.
func empty(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Br, atom.Hr, atom.Img, atom.Td, atom.Th:
		return false
	}
	for c := range n.ChildNodes() {
		switch {
		case c.Type == html.TextNode:
			if !blank(c.Data) {
				return false
			}
		case c.DataAtom != atom.Br:
			return false
		}
	}
	return true
}

// blank says whether s is blanks alone, by its first byte where that tells.
func blank(s string) bool {
	if s != "" && s[0] > ' ' && s[0] != 0xC2 {
		return false
	}
	return strings.Trim(s, " \t\n\f\r\u00a0") == ""
}

// dropped says whether n and all beneath it go: code, what is hidden, advertisements, share blocks, lists of other articles.
func dropped(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Form, atom.Input, atom.Select, atom.Textarea, atom.Button, atom.Svg,
		atom.Math, atom.Head, atom.Title, atom.Meta, atom.Link, atom.Base, atom.Canvas, atom.Map, atom.Noembed, atom.Noframes,
		atom.Frameset, atom.Xmp, atom.Plaintext, atom.Dialog, atom.Applet:
		return true
	case atom.Noscript: // what stands in for the lazy image before it
		if p := n.PrevSibling; p != nil && p.DataAtom == atom.Img {
			return true
		}
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return true
		case "aria-hidden":
			if a.Val == "true" {
				return true
			}
		case "style":
			s := strings.ToLower(strings.ReplaceAll(a.Val, " ", ""))
			if strings.Contains(s, "display:none") || strings.Contains(s, "visibility:hidden") {
				return true
			}
		case "class", "id":
			if slices.ContainsFunc(strings.Fields(strings.ToLower(a.Val)), junk) {
				return true
			}
		}
	}
	return n.DataAtom == atom.Img && pixel(n)
}

// junk says whether a class or id is one that WordPress plugins and advertisers give to what is no part of an article.
func junk(class string) bool {
	switch class {
	case "share", "sharing", "social-share", "share-buttons", "share-post", "post-share", "related-posts", "related_posts",
		"relatedposts", "related-articles", "sharedaddy", "jp-relatedposts", "adsbygoogle", "feedflare", "yarpp", "ad-container",
		"advertisement", "ads", "newsletter-signup", "screen-reader-text", "sr-only":
		return true
	}
	for _, prefix := range []string{"sd-sharing", "addtoany_", "yarpp-", "jp-relatedposts", "google-auto-placed", "a2a_kit"} {
		if strings.HasPrefix(class, prefix) {
			return true
		}
	}
	return false
}

// pixel says whether an image is too small to be seen: it counts readers.
func pixel(n *html.Node) bool {
	for _, key := range []string{"width", "height"} {
		if v, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(attr(n, key)), "px")); err == nil && v <= 1 {
			return true
		}
	}
	return false
}

// words is the text of HTML that cannot be parsed, tags taken out.
func words(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	skip := ""
	for {
		switch t := z.Next(); t {
		case html.ErrorToken:
			return strings.TrimSpace(printable(b.String()))
		case html.TextToken:
			if skip == "" {
				b.Write(z.Text())
			}
		case html.StartTagToken, html.EndTagToken:
			name, _ := z.TagName()
			if tag := string(name); tag == "script" || tag == "style" {
				skip = ""
				if t == html.StartTagToken {
					skip = tag
				}
			}
		}
	}
}

// printable is s without control characters and what is no character at all, and with valid UTF-8 only.
func printable(s string) string {
	if Plain(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexFunc(s, control) < 0 {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case control(r):
			return -1
		}
		return r
	}, s)
}

func control(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' || r >= 0x7F && r <= 0x9F || r&0xFFFE == 0xFFFE
}

func text(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}
