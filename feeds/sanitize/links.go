package sanitize

import (
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func parseBase(base string) *url.URL {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}

// absolute returns the absolute http or https URL for ref, or its mailto URL if mail allows it, or
// "".
func (c *cleaner) absolute(ref string, mail bool) string {
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
	if (u.Scheme != "http" && u.Scheme != "https" || u.Host == "") &&
		(!mail || u.Scheme != "mailto" || u.Opaque == "") {
		return ""
	}
	address := u.String()
	if address != ref { // some URLs are stable only after they are parsed and written once more
		if u, err = url.Parse(address); err != nil {
			return ""
		}
		address = u.String()
	}
	if strings.ContainsAny(address, " \t\n") {
		return ""
	}
	return address
}

// image sets src of an image that is loaded late, and makes it absolute.
func (c *cleaner) image(n *html.Node) {
	var late, srcset string
	src := -1
	for i, a := range n.Attr {
		switch a.Key {
		case "src":
			src = i
		case "data-src", "data-lazy-src", "data-original", "data-orig-file":
			if late == "" {
				late = a.Val
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
	for _, address := range []string{late, n.Attr[src].Val, widest(srcset)} {
		if n.Attr[src].Val = c.absolute(address, false); n.Attr[src].Val != "" {
			return
		}
	}
}

// widest returns the URL of the widest image in a srcset attribute.
func widest(srcset string) (address string) {
	most := -1.0
	for candidate := range strings.SplitSeq(srcset, ", ") {
		f := strings.Fields(candidate)
		if len(f) == 0 {
			continue
		}
		width := 0.0
		if len(f) > 1 {
			width, _ = strconv.ParseFloat(strings.TrimRight(f[1], "wx,"), 64)
		}
		if width > most {
			most, address = width, strings.TrimRight(f[0], ",")
		}
	}
	return address
}

// link replaces child, an embedded document in n, by a link to it, or removes it if it is an
// advertisement.
func (c *cleaner) link(n, child *html.Node) {
	address := c.embeddedURL(child)
	if address == "" && child.DataAtom == atom.Object { // its content is the fallback
		c.children(child)
		unwrap(n, child)
		return
	}
	defer n.RemoveChild(child)
	u, err := url.Parse(address)
	if address == "" || err != nil || advertiser(u.Hostname()) {
		return
	}
	address = watchPage(u)
	label := strings.TrimSpace(printable(attr(child, "title")))
	if label == "" {
		_, label, _ = strings.Cut(address, "://")
	}
	link := &html.Node{
		Type: html.ElementNode, Data: "a", DataAtom: atom.A,
		Attr: []html.Attribute{{Key: "href", Val: address}},
	}
	link.AppendChild(newText(label))
	switch n.DataAtom {
	case atom.Body, atom.Div, atom.Figure, atom.Section, atom.Article, atom.Blockquote:
		p := &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}
		p.AppendChild(link)
		link = p
	}
	n.InsertBefore(link, child)
}

// embeddedURL returns the URL of the document that n embeds, or "".
func (c *cleaner) embeddedURL(n *html.Node) string {
	if id := attr(n, "data-videoid"); id != "" {
		return "https://www.youtube.com/watch?v=" + url.QueryEscape(id)
	}
	for _, key := range []string{"data-src", "data-lazy-src", "src", "data"} {
		if address := c.absolute(attr(n, key), false); address != "" {
			return address
		}
	}
	for d := range n.Descendants() {
		if d.DataAtom == atom.Source || d.DataAtom == atom.Embed {
			if address := c.absolute(attr(d, "src"), false); address != "" {
				return address
			}
		}
	}
	return ""
}

// watchPage returns the URL of the page that shows the video of a YouTube player, or u.
func watchPage(u *url.URL) string {
	if host := strings.TrimPrefix(u.Hostname(), "www."); host == "youtube.com" || host == "youtube-nocookie.com" {
		if id, ok := strings.CutPrefix(u.Path, "/embed/"); ok && id != "" {
			return "https://www.youtube.com/watch?v=" + url.QueryEscape(id)
		}
	}
	return u.String()
}

func advertiser(host string) bool {
	for _, h := range []string{
		"doubleclick.net", "googlesyndication.com", "googleadservices.com", "taboola.com", "outbrain.com",
		"amazon-adsystem.com", "googletagmanager.com",
	} {
		if host == h || strings.HasSuffix(host, "."+h) {
			return true
		}
	}
	return false
}
