package sanitize

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// cleaner applies the tables to a parsed tree.
type cleaner struct {
	base     *url.URL // of relative links; nil: they are removed
	noscript bool     // within a noscript element
	shown    string   // the address of the last image, if no words or block came after it
	late     bool     // a script would load the last image
	fallback bool     // the last image was within a noscript element
}

// children cleans what is beneath n. A noscript element after an image that a script loads late is
// a copy of it. So is an equal image before or after one in a noscript element.
func (c *cleaner) children(n *html.Node) {
	for child := n.FirstChild; child != nil; {
		next := child.NextSibling
		switch {
		case child.Type == html.TextNode:
			child.Data = printable(child.Data)
			if c.shown != "" && strings.TrimSpace(child.Data) != "" {
				c.shown = ""
			}
			c.linkBare(n, child)
		case child.Type != html.ElementNode || unwanted(child):
			n.RemoveChild(child)
		case child.DataAtom == atom.Noscript && c.shown != "" && c.late:
			n.RemoveChild(child)
			c.shown = ""
		case child.Data == "amp-img" || child.Data == "amp-anim": // unlike img, they may hold something
			next = &html.Node{Type: html.ElementNode, Data: "img", DataAtom: atom.Img, Attr: child.Attr}
			n.InsertBefore(next, child)
			child.Data, child.Attr = "", nil
		case child.DataAtom == atom.Math:
			next = formula(child)
			n.InsertBefore(next, child)
			n.RemoveChild(child)
		case embeds(child):
			c.link(n, child)
		default:
			outside := c.noscript
			switch {
			case child.DataAtom == atom.Picture:
				fill(child)
			case child.DataAtom == atom.Noscript:
				c.noscript = true
			case Block(child):
				c.shown = ""
			}
			c.children(child)
			c.noscript = outside
			c.element(n, child)
		}
		child = next
	}
}

// element applies the tables to child, an element in n whose children are clean.
func (c *cleaner) element(n, child *html.Node) {
	switch elements[child.DataAtom] {
	case division:
		child.Data, child.DataAtom, child.Attr = "div", atom.Div, nil
	case unwrapped:
		unwrap(n, child)
		return
	}
	if name, obsolete := modern[child.DataAtom]; obsolete {
		child.Data, child.DataAtom = name.String(), name
	}
	if child.Namespace != "" || child.Data != child.DataAtom.String() { // html.Render writes Data, not the atom
		unwrap(n, child)
		return
	}
	c.attributes(child)
	switch {
	case child.DataAtom == atom.Img:
		src := Attr(child, "src")
		if src == "" || src == c.shown && (c.fallback || c.noscript) {
			n.RemoveChild(child)
		}
		c.shown, c.fallback = src, c.noscript
	case child.DataAtom == atom.A && Attr(child, "href") == "", child.DataAtom == atom.Span && len(child.Attr) == 0:
		unwrap(n, child)
	case empty(child):
		n.RemoveChild(child)
	}
}

// attributes keeps the attributes of n that the table allows.
func (c *cleaner) attributes(n *html.Node) {
	if n.DataAtom == atom.Img {
		c.image(n)
	}
	kept := n.Attr[:0]
	for _, a := range n.Attr {
		kind := attributes[everyElement][a.Key]
		if kind == none {
			kind = attributes[n.DataAtom][a.Key]
		}
		var ok bool
		if a.Val, ok = c.allowed(kind, printable(a.Val)); ok && a.Namespace == "" {
			kept = append(kept, a)
		}
	}
	n.Attr = kept
}

// unwrap replaces child, which is in n, by its own children.
func unwrap(n, child *html.Node) {
	for g := child.FirstChild; g != nil; g = child.FirstChild {
		child.RemoveChild(g)
		n.InsertBefore(g, child)
	}
	n.RemoveChild(child)
}

// empty reports whether the clean element n shows nothing. Table cells are never empty: they hold
// their table together.
func empty(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Br, atom.Hr, atom.Img, atom.Td, atom.Th:
		return false
	}
	for c := range n.ChildNodes() {
		switch {
		case c.Type == html.TextNode:
			if strings.Trim(c.Data, " \t\n\f\r\u00a0") != "" {
				return false
			}
		case c.DataAtom != atom.Br:
			return false
		}
	}
	return true
}

// unwanted reports whether n is to be removed with all that is beneath it: code, hidden elements,
// advertisements, share buttons, lists of other articles.
func unwanted(n *html.Node) bool {
	if elements[n.DataAtom] == removed {
		return true
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

// junk reports whether WordPress plugins or advertisers give this class or id to elements that are
// not part of an article.
func junk(class string) bool {
	switch class {
	case "share", "sharing", "social-share", "share-buttons", "share-post", "post-share", "related-posts",
		"related_posts", "relatedposts", "related-articles", "sharedaddy", "jp-relatedposts", "adsbygoogle",
		"feedflare", "yarpp", "ad-container", "advertisement", "ads", "newsletter-signup", "screen-reader-text",
		"sr-only":
		return true
	}
	for _, prefix := range []string{
		"sd-sharing", "addtoany_", "yarpp-", "jp-relatedposts", "google-auto-placed", "a2a_kit",
	} {
		if strings.HasPrefix(class, prefix) {
			return true
		}
	}
	return false
}

// pixel reports whether an image is too small to be seen, as those that count readers are.
func pixel(n *html.Node) bool {
	for _, key := range []string{"width", "height"} {
		v, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(Attr(n, key)), "px"))
		if err == nil && v <= 1 {
			return true
		}
	}
	return false
}

// Attr returns the value of an attribute of n; empty where it has none.
func Attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}
