package sanitize

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// attributes keeps what the allow-list names of n's attributes, addresses made absolute.
func (c *cleaner) attributes(n *html.Node) {
	if len(n.Attr) == 0 {
		return
	}
	if n.DataAtom == atom.Img {
		c.image(n)
	}
	kept := n.Attr[:0]
	for _, a := range n.Attr {
		a.Val = printable(a.Val)
		switch a.Key {
		case "dir":
			a.Val = strings.ToLower(strings.TrimSpace(a.Val))
		case "href", "cite":
			a.Val = c.absolute(a.Val, n.DataAtom == atom.A)
		case "lang", "src", "alt", "title", "width", "height", "colspan", "rowspan", "start", "datetime":
		default:
			continue
		}
		if a.Namespace == "" && fits(n.DataAtom, a) {
			kept = append(kept, a)
		}
	}
	n.Attr = kept
}

// fits says whether the allow-list has the attribute on the element: what newPolicy says, in a form that the tree can be asked.
func fits(on atom.Atom, a html.Attribute) bool {
	switch a.Key {
	case "lang":
		return langTag.MatchString(a.Val)
	case "dir":
		return a.Val == "ltr" || a.Val == "rtl" || a.Val == "auto"
	case "href":
		return on == atom.A && followed(a.Val)
	case "cite":
		return (on == atom.Blockquote || on == atom.Q) && followed(a.Val)
	case "src":
		return on == atom.Img && followed(a.Val)
	case "alt":
		return on == atom.Img
	case "title":
		return on == atom.A || on == atom.Img || on == atom.Abbr
	case "datetime":
		return on == atom.Time && bluemonday.ISO8601.MatchString(a.Val)
	case "width", "height":
		return on == atom.Img && number(a.Val)
	case "start", "colspan", "rowspan":
		return (on == atom.Ol || on == atom.Td || on == atom.Th) && number(a.Val)
	}
	return false
}

// followed says whether address begins with a scheme that readers may be sent to; absolute made the rest of it.
func followed(address string) bool {
	return strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "mailto:")
}

func number(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// image finds the address of an image that is loaded late, and makes it absolute.
func (c *cleaner) image(n *html.Node) {
	var lazy, srcset string
	src := -1
	for i, a := range n.Attr {
		switch a.Key {
		case "src":
			src = i
		case "data-src", "data-lazy-src", "data-original", "data-orig-file":
			if lazy == "" {
				lazy = a.Val
			}
		case "srcset", "data-srcset", "data-lazy-srcset":
			if srcset == "" {
				srcset = a.Val
			}
		}
	}
	if src < 0 {
		src = len(n.Attr)
		n.Attr = append(n.Attr, html.Attribute{Key: "src"})
	}
	for _, address := range []string{lazy, n.Attr[src].Val, largest(srcset)} {
		if n.Attr[src].Val = c.absolute(address, false); n.Attr[src].Val != "" {
			return
		}
	}
}

// largest is the address of the widest image that srcset offers.
func largest(srcset string) (address string) {
	most := -1.0
	for part := range strings.SplitSeq(srcset, ", ") {
		f := strings.Fields(part)
		if len(f) == 0 {
			continue
		}
		size := 0.0
		if len(f) > 1 {
			size, _ = strconv.ParseFloat(strings.TrimRight(f[1], "wx,"), 64)
		}
		if size > most {
			most, address = size, strings.TrimRight(f[0], ",")
		}
	}
	return address
}

func parseBase(base string) *url.URL {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}

// absolute is the whole address for ref; empty where it is none that a reader could follow.
func (c *cleaner) absolute(ref string, mail bool) string {
	if AtRest(ref) {
		return ref
	}
	ref = strings.Map(func(r rune) rune { // as browsers do
		if r == '\n' || r == '\t' || r == '\r' {
			return -1
		}
		return r
	}, strings.TrimSpace(ref))
	if ref == "" || ref[0] == '#' {
		return ""
	}
	u, err := url.Parse(strings.ReplaceAll(ref, " ", "%20"))
	if err != nil {
		return ""
	}
	if c.base != nil {
		u = c.base.ResolveReference(u)
	}
	if mail && u.Scheme == "mailto" && u.Opaque != "" || (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		// Written and read once more, since some addresses are only then at rest.
		if again, err := url.Parse(u.String()); err == nil && !strings.ContainsAny(again.String(), " \t\n") {
			return again.String()
		}
	}
	return ""
}

// embeds are the elements that show another document; each becomes a link to it.
var embeds = map[atom.Atom]bool{
	atom.Iframe: true, atom.Object: true, atom.Embed: true, atom.Video: true, atom.Audio: true, atom.Frame: true,
}

// embed puts a link in place of child, which stands in n, to what it shows; nothing where that is an advertisement.
func (c *cleaner) embed(n, child *html.Node) {
	address := ""
	for _, key := range []string{"data-src", "data-lazy-src", "src", "data"} {
		if address == "" {
			address = c.absolute(attr(child, key), false)
		}
	}
	for d := range child.Descendants() {
		if address == "" && d.Type == html.ElementNode && (d.DataAtom == atom.Source || d.DataAtom == atom.Embed) {
			address = c.absolute(attr(d, "src"), false)
		}
	}
	if id := attr(child, "data-videoid"); id != "" {
		address = "https://www.youtube.com/watch?v=" + url.QueryEscape(id)
	}
	if address == "" && child.DataAtom == atom.Object { // what stands in it is for those who cannot show it
		c.children(child)
		unwrap(n, child)
		return
	}
	defer n.RemoveChild(child)
	u, err := url.Parse(address)
	if address == "" || err != nil || advertiser(u.Hostname()) {
		return
	}
	address = page(u)
	label := strings.TrimSpace(printable(attr(child, "title")))
	if label == "" {
		_, label, _ = strings.Cut(address, "://")
	}
	link := &html.Node{Type: html.ElementNode, Data: "a", DataAtom: atom.A, Attr: []html.Attribute{{Key: "href", Val: address}}}
	link.AppendChild(text(label))
	switch n.DataAtom {
	case atom.Body, atom.Div, atom.Figure, atom.Section, atom.Article, atom.Blockquote:
		p := &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}
		p.AppendChild(link)
		link = p
	}
	n.InsertBefore(link, child)
}

// page is the page to read of a player's address.
func page(u *url.URL) string {
	if host := strings.TrimPrefix(u.Hostname(), "www."); host == "youtube.com" || host == "youtube-nocookie.com" {
		if id, ok := strings.CutPrefix(u.Path, "/embed/"); ok && id != "" {
			return "https://www.youtube.com/watch?v=" + url.QueryEscape(id)
		}
	}
	return u.String()
}

func advertiser(host string) bool {
	for _, h := range []string{"doubleclick.net", "googlesyndication.com", "googleadservices.com", "taboola.com", "outbrain.com",
		"amazon-adsystem.com", "googletagmanager.com"} {
		if host == h || strings.HasSuffix(host, "."+h) {
			return true
		}
	}
	return false
}
