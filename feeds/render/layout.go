package render

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// layout is a story on its way to be an entry: its two halves, each in its own direction in readers that keep dir and lang and in
// those that strip them (Miniflux keeps neither, and takes the direction of an article from its first strong letter).
type layout struct {
	edition feeds.Edition
	channel feeds.Channel
	site    feeds.Site
	story   feeds.Story
	made    *memo
}

// memo is what a story's editions have in common, made once.
type memo struct {
	texts map[string]string
	trees [2]*html.Node // of the original and of the translation; never changed

	headline, english string // of the original and of the translation
	facts
}

func (m *memo) once(part string, make func() string) string {
	s, ok := m.texts[part]
	if !ok {
		s = make()
		m.texts[part] = s
	}
	return s
}

// tree is the original's HTML, or the translation's, sanitised. It is not to be changed.
func (l layout) tree(translated bool) *html.Node {
	i, text := 0, l.story.Text
	if translated {
		i, text = 1, l.story.Translation.Text
	}
	if l.made.trees[i] == nil {
		l.made.trees[i] = sanitize.Parse(text.Main(), "")
	}
	return l.made.trees[i]
}

// original is the story's own HTML, its blocks in their direction.
func (l layout) original(d direction, whole bool) string {
	return l.made.once(fmt.Sprint("original", d, whole), func() string { return decorate(clone(l.tree(false)), l.story.Lang, d, whole) })
}

// english says whether the edition shows s's translation, and there is one.
func (l layout) english() bool {
	return l.edition != feeds.Arabic && l.made.english != ""
}

// lang is the language that the entry begins in.
func (l layout) lang() string {
	if l.english() {
		return l.story.Translation.Lang
	}
	return l.story.Lang
}

// title is the headline; never Arabic before English.
func (l layout) title() string {
	original, english := l.made.headline, l.made.english
	switch {
	case !l.english() && original == "": // neither headline nor text: the outlet is all there is to say
		return l.made.outlet
	case !l.english():
		return mark(original, l.story.Lang)
	case l.edition == feeds.English || l.channel.Titles == "en" || original == "":
		return english
	}
	return english + " | " + isolate(original, l.story.Lang)
}

// headline is s on one line, cut where it is no headline any more.
func headline(s string) string { return feeds.Shorten(feeds.OneLine(s), feeds.MaxTitle) }

// mark begins text that stands alone in a right-to-left language with a mark of that direction: it may open with a Latin name.
func mark(s, lang string) string {
	if s != "" && arabic.Dir(lang) == "rtl" {
		return arabic.RLM + s
	}
	return s
}

// isolate keeps text of a right-to-left language in its own order within a line of English.
func isolate(s, lang string) string {
	if arabic.Dir(lang) == "rtl" {
		return arabic.Isolate(s)
	}
	return s
}

// summaryLength is in graphemes: about what readers show in a list.
const summaryLength = 300

// summary is the opening of what the edition begins with, as plain text.
func (l layout) summary() string {
	translated := l.english() && l.story.Translation.Main() != ""
	return l.made.once(fmt.Sprint("summary", translated), func() string { return feeds.Shorten(feeds.OneLine(firstWords(l.tree(translated))), summaryLength) })
}

// firstWords is the text of the first block that has words; all there is where no block has.
func firstWords(body *html.Node) string {
	for n := range body.Descendants() {
		if n.DataAtom == atom.P || n.DataAtom == atom.Li || n.DataAtom == atom.Blockquote {
			if text := sanitize.Text(n); strings.TrimSpace(text) != "" {
				return text
			}
		}
	}
	return sanitize.Text(body)
}

// image is the picture that stands for the story: its feed's, else the first of its text. Empty: none.
func (l layout) image() string {
	return l.made.once("image", func() string {
		if len(l.made.images) > 0 {
			return l.made.images[0].URL
		}
		for n := range l.tree(false).Descendants() {
			if n.DataAtom == atom.Img {
				for _, a := range n.Attr {
					if a.Key == "src" {
						return feeds.URI(a.Val)
					}
				}
			}
		}
		return ""
	})
}

// body is the story in the languages of the edition.
func (l layout) body() string {
	switch translated := l.english() && l.story.Translation.Main() != ""; {
	case !translated && l.english() && l.edition == feeds.Bilingual: // a headline in English over an original text
		return l.englishTitle() + l.half(l.arabicTitle()+l.original(isolated, true), l.story.Lang)
	case !translated:
		return l.half(l.original(marked, true), l.story.Lang)
	case l.edition == feeds.English:
		return l.translated()
	case l.channel.Layout == "interleaved":
		if body, ok := l.interleave(); ok {
			return body
		}
	}
	return l.translated() + "\n<hr>\n" +
		l.half(l.arabicTitle()+l.original(isolated, false), l.story.Lang)
}

// translated is the whole translation.
func (l layout) translated() string {
	lang := l.story.Translation.Lang
	return l.made.once("translated", func() string { return l.half(decorate(clone(l.tree(true)), lang, isolated, true), lang) })
}

// half wraps HTML in its language and direction.
func (l layout) half(body, lang string) string {
	switch {
	case body == "":
		return ""
	case lang == "":
		return "<div>" + body + "</div>"
	}
	return `<div lang="` + html.EscapeString(lang) + `" dir="` + arabic.Dir(lang) + `">` + body + "</div>"
}

// englishTitle stands before an original text whose headline alone is translated: English letters come first.
func (l layout) englishTitle() string {
	lang := html.EscapeString(l.story.Translation.Lang)
	return `<h3 lang="` + lang + `" dir="` + arabic.Dir(lang) + `">` + html.EscapeString(l.made.english) + "</h3>\n"
}

// arabicTitle heads the original half.
func (l layout) arabicTitle() string {
	lang, title := html.EscapeString(l.story.Lang), l.made.headline
	if title == "" {
		return ""
	}
	return `<h3 lang="` + lang + `" dir="` + arabic.Dir(lang) + `">` + html.EscapeString(isolate(title, l.story.Lang)) + "</h3>"
}

// footer says where the story came from, who else has it, and who translated it: in English, but in the Arabic edition.
func (l layout) footer() string {
	en := l.edition != feeds.Arabic
	return l.made.once(fmt.Sprint("footer", en), func() string { return l.footnote(en) })
}

func (l layout) footnote(en bool) string {
	say, comma := inEnglish, ", "
	if !en {
		say, comma = inArabic, "، "
	}
	parts := []string{say.source + l.outlet(l.story.Items[0].Item, en)}
	named := func(words string, members []feeds.Member) {
		var names []string
		for _, m := range members {
			names = append(names, l.outlet(m.Item, en))
		}
		if names != nil {
			parts = append(parts, words+strings.Join(names, comma))
		}
	}
	named(say.alsoIn, l.story.Copies())
	named(say.coveredBy, linked(l.channel, l.story))
	if en {
		parts = append(parts, l.credits()...)
	}
	return "\n<hr>\n" + say.open + strings.Join(parts, " · ") + "</small></p>"
}

// credits say in English who translated, when, and what is missing; none where no translation is wanted.
func (l layout) credits() (out []string) {
	t := l.story.Translation
	if by := t.Credit(); by != "" {
		if !t.At.IsZero() {
			by += ", " + t.At.UTC().Format("2 January 2006")
		}
		out = append(out, html.EscapeString(by))
	}
	switch t.State {
	case feeds.Waiting:
		out = append(out, "not translated yet")
	case feeds.Partial:
		out = append(out, "partly translated")
	}
	return out
}

// footing is the words of a footer.
type footing struct{ open, source, alsoIn, coveredBy string }

var (
	inEnglish = footing{`<p lang="en" dir="ltr"><small>`, "Source: ", "also in: ", "also covered by: "}
	inArabic  = footing{`<p lang="ar" dir="rtl"><small>` + arabic.RLM, "المصدر: ", "أيضًا في: ", "تابعه أيضًا: "}
)

// outlet names the source of it and links its page.
func (l layout) outlet(it feeds.Item, en bool) string {
	name := feeds.OneLine(sourceName(l.site, it.SourceID))
	shown := html.EscapeString(name)
	if en && arabic.Has(name) {
		shown = `<span lang="ar" dir="rtl">` + html.EscapeString(arabic.Isolate(name)) + "</span>"
	}
	link := feeds.URI(it.URL)
	if link == "" {
		link = feeds.URI(l.site.Sources[it.SourceID].Site)
	}
	if link == "" {
		return shown
	}
	return `<a href="` + html.EscapeString(link) + `">` + shown + "</a>"
}

// interleave puts each block of the original after its translation. Without a translation block for every one of the original it
// says no: then nothing says which belongs to which.
func (l layout) interleave() (string, bool) {
	to, from := l.story.Translation.Lang, l.story.Lang
	ours, theirs := blocks(clone(l.tree(true))), blocks(clone(l.tree(false)))
	if len(ours) != len(theirs) || len(ours) == 0 {
		return "", false
	}
	var b strings.Builder
	for i := range ours {
		b.WriteString(`<div lang="` + html.EscapeString(to) + `" dir="` + arabic.Dir(to) + `">` + decorate(ours[i], to, isolated, true) + "</div>\n")
		if original := decorate(theirs[i], from, isolated, false); original != "" {
			b.WriteString(`<blockquote lang="` + html.EscapeString(from) + `" dir="` + arabic.Dir(from) + `">` + original + "</blockquote>\n")
		}
	}
	return b.String(), true
}
