package sanitize

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds/address"
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
	if ref = strings.TrimSpace(ref); ref == "" || ref[0] == '#' {
		return ""
	}
	u, err := address.Resolve(c.base, ref)
	if err != nil {
		return ""
	}
	if (u.Scheme != "http" && u.Scheme != "https" || u.Host == "") &&
		(!mail || u.Scheme != "mailto" || u.Opaque == "") {
		return ""
	}
	absolute := u.String()
	if absolute != ref { // some URLs are stable only after they are parsed and written once more
		if u, err = address.Resolve(nil, absolute); err != nil {
			return ""
		}
		absolute = u.String()
	}
	return absolute
}

// image sets src of an image that is loaded late, and makes it absolute.
func (c *cleaner) image(n *html.Node) {
	var late, lateSet, srcset, file string
	src := -1
	for i, a := range n.Attr {
		switch a.Key {
		case "src":
			src = i
		case "data-src", "data-lazy-src", "data-original", "data-orig-file", "data-lazy", "data-echo", "data-lazyload",
			"data-lazy-load", "data-original-src", "data-orig-src", "data-actualsrc", "data-img-src", "data-image-src",
			"data-full-src", "data-hi-res-src", "data-cfsrc", "data-ezsrc", "data-opt-src", "data-litespeed-src",
			"data-pagespeed-lazy-src", "data-wpfc-original-src", "data-breeze", "data-load-src", "lazy-src":
			if late == "" && strings.ContainsAny(a.Val, "./") { // data-lazy may also be true
				late = a.Val
			}
		case "data-srcset", "data-lazy-srcset":
			lateSet = cmp.Or(lateSet, a.Val)
		case "srcset":
			srcset = cmp.Or(srcset, a.Val)
		default:
			if file == "" && strings.HasPrefix(a.Key, "data-") && imageFile.MatchString(a.Val) {
				file = a.Val
			}
		}
	}
	if late == "" && file != "" && slices.ContainsFunc(n.Attr, stands) {
		late = file
	}
	if src < 0 {
		src = len(n.Attr)
		n.Attr = append(n.Attr, html.Attribute{Key: "src"})
	}
	for i, ref := range []string{late, widest(lateSet), n.Attr[src].Val, widest(srcset), file} {
		if n.Attr[src].Val = c.absolute(ref, false); n.Attr[src].Val != "" {
			c.late = i < 2 || i == 4
			return
		}
	}
}

// stands reports whether a is the class or the address of an image that a script replaces.
func stands(a html.Attribute) bool {
	return a.Key == "src" && standIn.MatchString(a.Val) || a.Key == "class" && lazyClass.MatchString(a.Val)
}

// Scripts that load images late give them such a class, or such a picture for the time being.
var (
	lazyClass = regexp.MustCompile(`(?i)\blazy`)
	standIn   = regexp.MustCompile(`(?i)(^|/)((blank|empty|spinner|placeholder|loading|loader|lazy|lazyload|spacer|` +
		`transparent|pixel|1x1|grey|gray|dot|clear)[-_]?)+(image|img|bg|[0-9x]+)?\.(gif|png|svg|jpe?g|webp)(\?|$)`)
)

// imageFile matches an address that is likely one of an image.
var imageFile = regexp.MustCompile(`(?i)^\S+\.(jpe?g|png|gif|webp|avif)(\?\S*)?$`)

// fill gives the image of a picture element, which may have none, the addresses of its sources.
func fill(picture *html.Node) {
	var img, source *html.Node
	for d := range picture.Descendants() {
		switch d.DataAtom {
		case atom.Img:
			img = d
		case atom.Source: // not all readers show the types for which there are several sources
			if source == nil || modernImage.MatchString(Attr(source, "type")) {
				source = d
			}
		}
	}
	if source == nil {
		return
	}
	if img == nil {
		img = &html.Node{Type: html.ElementNode, Data: "img", DataAtom: atom.Img}
		picture.AppendChild(img)
	}
	for _, a := range source.Attr {
		if strings.HasSuffix(a.Key, "srcset") || strings.HasSuffix(a.Key, "src") && Attr(img, a.Key) == "" {
			img.Attr = append(img.Attr, a)
		}
	}
}

var modernImage = regexp.MustCompile(`(?i)^image/(avif|webp|jxl)`)

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
	// the content of an object is its fallback; a tag of a text about HTML has no attributes
	if address == "" && (child.DataAtom == atom.Object || len(child.Attr) == 0) {
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
	label := strings.TrimSpace(printable(Attr(child, "title")))
	if label == "" {
		_, label, _ = strings.Cut(address, "://")
	}
	link := newLink(address, newText(label))
	switch n.DataAtom {
	case atom.Body, atom.Div, atom.Figure, atom.Section, atom.Article, atom.Blockquote:
		p := &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}
		p.AppendChild(link)
		link = p
	}
	n.InsertBefore(link, child)
}

// player names the attribute that holds the id of what an element embeds, and what stands before the id
// in its address. They are empty where an attribute holds the address.
type player struct{ id, prefix string }

// players are the elements of AMP (amp.dev/documentation/components) and of other libraries that embed.
var players = map[string]player{
	"amp-video": {}, "amp-audio": {}, "amp-iframe": {}, "amp-video-iframe": {}, "amp-facebook": {}, "amp-tiktok": {},
	"amp-reddit": {}, "amp-pinterest": {}, "amp-embedly-card": {}, "youtube-video": {},
	"amp-youtube": {"data-videoid", watch}, "lite-youtube": {"videoid", watch},
	"amp-vimeo": {"data-videoid", "https://vimeo.com/"}, "lite-vimeo": {"videoid", "https://vimeo.com/"},
	"amp-dailymotion": {"data-videoid", "https://www.dailymotion.com/video/"},
	"amp-twitter":     {"data-tweetid", "https://twitter.com/i/status/"},
	"amp-instagram":   {"data-shortcode", "https://www.instagram.com/p/"},
}

const watch = "https://www.youtube.com/watch?v="

// embeds reports whether n embeds another document: by its name, or as a box that Facebook's script fills.
func embeds(n *html.Node) bool {
	switch n.DataAtom {
	case 0:
		_, ok := players[n.Data]
		return ok
	case atom.Div:
		return strings.HasPrefix(Attr(n, "class"), "fb-") && Attr(n, "data-href") != ""
	}
	return elements[n.DataAtom] == embedded
}

// embeddedURL returns the URL of the document that n embeds, or "".
func (c *cleaner) embeddedURL(n *html.Node) string {
	if p := players[n.Data]; p.prefix != "" {
		if id := Attr(n, p.id); id != "" {
			return p.prefix + url.QueryEscape(id)
		}
	}
	for _, key := range []string{"data-src", "data-lazy-src", "src", "data", "data-href", "data-url"} {
		if address := c.absolute(Attr(n, key), false); address != "" {
			return address
		}
	}
	for d := range n.Descendants() {
		if d.DataAtom == atom.Source || d.DataAtom == atom.Embed {
			if address := c.absolute(Attr(d, "src"), false); address != "" {
				return address
			}
		}
	}
	return ""
}

// linkBare makes a link of text, the only child of the block n, if it is an address: sites that follow
// oEmbed (oembed.com) write what they embed as a line of its own.
func (c *cleaner) linkBare(n, text *html.Node) {
	s := strings.TrimSpace(text.Data)
	alone := Block(n) && n.DataAtom != atom.Pre && text.PrevSibling == nil && text.NextSibling == nil
	if !alone || !strings.HasPrefix(s, "http") || !strings.Contains(s, "://") || strings.ContainsAny(s, " \t\n") {
		return
	}
	if address := c.absolute(s, false); address != "" {
		text.Data = s
		n.RemoveChild(text)
		n.AppendChild(newLink(address, text))
	}
}

func newLink(address string, label *html.Node) *html.Node {
	link := &html.Node{Type: html.ElementNode, Data: "a", DataAtom: atom.A,
		Attr: []html.Attribute{{Key: "href", Val: address}}}
	link.AppendChild(label)
	return link
}

// watchPage returns the URL of the page that shows the video of a YouTube player, or u.
func watchPage(u *url.URL) string {
	if host := strings.TrimPrefix(u.Hostname(), "www."); host == "youtube.com" || host == "youtube-nocookie.com" {
		if id, ok := strings.CutPrefix(u.Path, "/embed/"); ok && id != "" {
			return watch + url.QueryEscape(id)
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

// Picture returns the absolute address of the picture that n, an element of a page, stands for, also if
// a script is to load it late; empty: it has none.
func Picture(n *html.Node, base string) string {
	c := cleaner{base: parseBase(base)}
	shown := &html.Node{Attr: slices.Clone(n.Attr)}
	c.image(shown)
	return Attr(shown, "src")
}

// Widest returns the address of the widest picture in a srcset attribute; empty: it has none.
func Widest(srcset string) string { return widest(srcset) }
