package parse

import (
	"bytes"
	"errors"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"
	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// maxPosts limits the posts that are read of a page, the latest first: Telegram shows 20.
const maxPosts = 100

// isTelegram reports whether a page has the posts of a Telegram channel, wherever it is served.
func isTelegram(body []byte) bool { return bytes.Contains(body, []byte("tgme_channel_history")) }

// postName fits a channel and the number of its post.
var postName = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_]{3,31})/[0-9]{1,12}$`)

// parseTelegram reads the public page of a Telegram channel, which has its latest posts, oldest first. Posts
// without text, and messages of the service, are left out.
func (r *reader) parseTelegram(doc feeds.Document, body []byte) error {
	tree, err := parseHTML(body)
	if err != nil {
		return err
	}
	history := findClass(tree, "tgme_channel_history")
	if history == nil {
		return r.noPosts(tree)
	}
	var found []*nethtml.Node
	for n := range history.Descendants() {
		if hasClass(n, "tgme_widget_message") && postName.MatchString(valueOf(n, "data-post")) {
			found = append(found, n)
		}
	}
	if r.cut = doc.Cut && !bytes.Contains(body, []byte("</html>")); r.cut && len(found) > 0 {
		found = found[:len(found)-1] // it may be half a post
	}
	slices.Reverse(found)
	r.plain, r.feed = true, &gofeed.Feed{Title: channelTitle(tree)}
	for _, n := range found[:min(len(found), maxPosts)] {
		name := valueOf(n, "data-post")
		r.feed.Link = "https://t.me/" + postName.FindStringSubmatch(name)[1]
		if it := readPost(n); it != nil {
			it.Link = "https://t.me/" + name
			it.GUID = it.Link
			r.feed.Items = append(r.feed.Items, it)
		}
	}
	return nil
}

// channelTitle returns the title of the channel that a page shows; empty: it names none.
func channelTitle(tree *nethtml.Node) string {
	if title := textOf(findClass(tree, "tgme_channel_info_header_title")); title != "" {
		return title
	}
	for n := range tree.Descendants() {
		if n.DataAtom == atom.Meta && valueOf(n, "property") == "og:title" {
			return valueOf(n, "content")
		}
	}
	return ""
}

// noPosts returns why a page of Telegram has no posts.
func (r *reader) noPosts(tree *nethtml.Node) error {
	about := textOf(findClass(tree, "tgme_page_extra"))
	private := func(address string) bool {
		_, path, _ := strings.Cut(address, "://")
		_, path, _ = strings.Cut(path, "/")
		return strings.HasPrefix(path, "+") || strings.HasPrefix(path, "joinchat/") || strings.HasPrefix(path, "c/")
	}
	switch {
	case private(r.src.URL) || r.base != nil && private(r.base.String()):
		return errors.New("no posts are shown: the channel is private")
	case strings.Contains(about, "subscriber"):
		return errors.New("no posts are shown: the channel's owner, or Telegram, has switched its public page off")
	case strings.Contains(about, "member"):
		return errors.New("no posts are shown: this is a group, and only channels have a public page")
	case strings.HasPrefix(about, "@") || strings.Contains(about, "monthly user"):
		return errors.New("no posts are shown: this is a person or a bot, and only channels have a public page")
	}
	return errors.New("no posts are shown: the channel was renamed, deleted or made private")
}

// post is what a message on the page of a channel has.
type post struct {
	text            *nethtml.Node
	photos, authors []string
	when            string
	question        string // of a poll
	options         []string
	preview         *nethtml.Node // of a link in the text
	tags            []string
}

// readPost returns a message as an item; nil: it has no text.
func readPost(n *nethtml.Node) *gofeed.Item {
	if hasClass(n, "service_message") {
		return nil
	}
	var p post
	p.read(n)
	title, content := p.question, ""
	if p.text != nil {
		p.plain()
		lines := textLines(p.text)
		if i := titleLine(lines); i >= 0 {
			title = lines[i].text
			strip(lines, i)
		}
		content = inner(p.text)
	}
	for i, o := range p.options {
		p.options[i] = "<li>" + html.EscapeString(o) + "</li>"
	}
	if p.options != nil {
		content += "<ul>" + strings.Join(p.options, "") + "</ul>"
	}
	title, content = p.linked(title, content)
	if title == "" {
		title = textOf(p.text)
	}
	if title == "" {
		return nil
	}
	return &gofeed.Item{Title: title, Content: content, Published: p.when, Authors: people(p.authors),
		Categories: p.tags, Extensions: pictures(p.photos)}
}

// read collects what the elements beneath n say. A reply quotes another post, whose text is not its own.
func (p *post) read(n *nethtml.Node) {
	for c := range n.ChildNodes() {
		if c.DataAtom == atom.Time && p.when == "" {
			p.when = valueOf(c, "datetime") // a video's length has none
		}
		below := true
		for class := range strings.FieldsSeq(valueOf(c, "class")) {
			switch strings.TrimPrefix(class, "tgme_widget_message_") {
			case "reply":
				below = false
			case "text":
				if p.text == nil {
					p.text = c
				}
				below = false
			case "photo_wrap", "video_thumb", "roundvideo_thumb":
				p.photos = append(p.photos, background(c))
			case "forwarded_from_name", "from_author":
				p.authors = append(p.authors, textOf(c))
			case "poll_question":
				p.question = textOf(c)
			case "poll_option_text":
				p.options = append(p.options, textOf(c))
			case "link_preview":
				p.preview, below = c, false
			}
		}
		if below {
			p.read(c)
		}
	}
}

// backdrop fits the address of a background.
var backdrop = regexp.MustCompile(`background-image:\s*url\(\s*['"]?([^'")]+)`)

// background returns the address of the picture behind an element; empty: there is none.
func background(n *nethtml.Node) string {
	if m := backdrop.FindStringSubmatch(valueOf(n, "style")); m != nil {
		return m[1]
	}
	return ""
}

// plain puts signs in place of the pictures of emoji, and words in place of links to a tag's other posts. It
// notes the tags.
func (p *post) plain() {
	for _, n := range slices.Collect(p.text.Descendants()) {
		tag, isTag := strings.CutPrefix(valueOf(n, "href"), "?q=%23")
		switch {
		case n.DataAtom == atom.A && isTag && tag != "":
			words := textOf(n)
			p.tags = append(p.tags, strings.ReplaceAll(strings.TrimPrefix(words, "#"), "_", " "))
			replace(n, words)
		case hasClass(n, "emoji"), n.Data == "tg-emoji":
			replace(n, textOf(n))
		case n.DataAtom == atom.A && valueOf(n, "onclick") != "": // since 2024 their & are escaped twice
			for i, a := range n.Attr {
				if a.Key == "href" {
					n.Attr[i].Val = strings.ReplaceAll(a.Val, "&amp;", "&")
				}
			}
		}
	}
}

// replace puts text in place of n, unless n is no longer in the tree.
func replace(n *nethtml.Node, text string) {
	if n.Parent != nil {
		n.Parent.InsertBefore(textNode(text), n)
		n.Parent.RemoveChild(n)
	}
}

// textLine is what stands between two line breaks.
type textLine struct {
	nodes  []*nethtml.Node // leaves, with the line break at its end
	text   string
	linked bool // a part of it is a link
}

// textLines returns the lines beneath n, without its blocks' ends.
func textLines(n *nethtml.Node) []textLine {
	lines := []textLine{{}}
	var walk func(n *nethtml.Node, linked bool)
	walk = func(n *nethtml.Node, linked bool) {
		for c := range n.ChildNodes() {
			l := &lines[len(lines)-1]
			switch {
			case c.Type == nethtml.TextNode:
				l.nodes, l.linked = append(l.nodes, c), l.linked || linked
			case c.DataAtom == atom.Br:
				l.nodes = append(l.nodes, c)
				lines = append(lines, textLine{})
			case c.DataAtom == atom.Pre || c.DataAtom == atom.Blockquote || c.DataAtom == atom.Div:
				lines = append(lines, textLine{})
				walk(c, linked)
				lines = append(lines, textLine{})
			default:
				walk(c, linked || c.DataAtom == atom.A)
			}
		}
	}
	walk(n, false)
	for i, l := range lines {
		var text strings.Builder
		for _, n := range l.nodes {
			if n.Type == nethtml.TextNode {
				text.WriteString(n.Data)
			}
		}
		lines[i].text = feeds.Line(text.String())
	}
	return lines
}

// titleLine returns the index of the first line with words other than tags, names and addresses, which many
// channels begin their posts with; -1: there is none.
func titleLine(lines []textLine) int {
	return slices.IndexFunc(lines, func(l textLine) bool {
		for word := range strings.FieldsSeq(l.text) {
			if strings.ContainsFunc(word, unicode.IsLetter) && word[0] != '#' && word[0] != '@' &&
				!strings.Contains(word, "://") {
				return true
			}
		}
		return false
	})
}

// strip removes a line, which is the title, with those before it and the empty ones after it, unless they say
// more than the title.
func strip(lines []textLine, title int) {
	if utf8.RuneCountInString(lines[title].text) > feeds.MaxTitle ||
		slices.ContainsFunc(lines[:title+1], func(l textLine) bool { return l.linked }) {
		return
	}
	for i, l := range lines {
		if i > title && l.text != "" {
			return
		}
		for _, n := range l.nodes {
			n.Parent.RemoveChild(n)
		}
	}
}

// inner returns the HTML beneath n; empty where it has no text.
func inner(n *nethtml.Node) string {
	if textOf(n) == "" {
		return ""
	}
	var b bytes.Buffer
	for c := range n.ChildNodes() {
		_ = nethtml.Render(&b, c) // a Buffer never fails; what cannot be rendered ends the text
	}
	return b.String()
}

// linked adds to a post the page that its text links to, which names it where the text is only an address. The
// picture of that page is left out: its address is good for two days.
func (p *post) linked(title, content string) (string, string) {
	if p.preview == nil {
		return title, content
	}
	name := textOf(findClass(p.preview, "link_preview_title"))
	if name == "" || strings.Contains(arabic.Fold(title+" "+content), arabic.Fold(name)) {
		return title, content
	}
	content += `<p><a href="` + html.EscapeString(valueOf(p.preview, "href")) + `">` + html.EscapeString(name) +
		"</a></p>"
	if title == "" {
		title = name
		content += "<p>" + html.EscapeString(textOf(findClass(p.preview, "link_preview_description"))) + "</p>"
	}
	return title, content
}
