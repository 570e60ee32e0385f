package render

import (
	"cmp"
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// layout turns a story into an entry: its two halves, each in its own direction both in readers
// that keep dir and lang and in those that strip them. (Miniflux keeps neither, and takes the
// direction of an article from its first strong letter.)
type layout struct {
	edition feeds.Edition
	*rendered
}

// showsEnglish reports whether the edition shows the translation, and there is one of headline or text.
func (l layout) showsEnglish() bool {
	return l.edition != feeds.Arabic && (l.english != "" || l.story.Translation.Main() != "")
}

// lang returns the language that the entry begins in.
func (l layout) lang() string {
	if l.showsEnglish() {
		return l.story.Translation.Lang
	}
	return l.story.Lang
}

// notTranslated marks a headline in front of translated text.
const notTranslated = "[not translated] "

// title returns the headline; never Arabic before English.
func (l layout) title() string {
	switch shown := l.showsEnglish(); {
	case l.headline == "" && (!shown || l.english == ""): // only the outlet is known
		return l.outlet(l.story.Items[0].SourceID).name
	case !shown:
		return mark(l.headline, l.story.Lang)
	case l.english == "":
		return notTranslated + isolate(l.headline, l.story.Lang)
	case l.edition == feeds.English || l.channel.Titles == "en" || l.headline == "":
		return l.english
	}
	return l.english + " | " + isolate(l.headline, l.story.Lang)
}

// mark puts a direction mark before text that stands alone in a right-to-left language: it may begin
// with a Latin name.
func mark(s, lang string) string {
	if s != "" && arabic.Dir(lang) == "rtl" {
		return arabic.RLM + s
	}
	return s
}

// isolate isolates text of a right-to-left language within a line of English.
func isolate(s, lang string) string {
	if arabic.Dir(lang) == "rtl" {
		return arabic.Isolate(s)
	}
	return s
}

// summaryLength is in graphemes: about what readers show in a list.
const summaryLength = 300

// summary returns the opening of the entry's first half as plain text.
func (l layout) summary() string {
	first := l.original
	if l.showsEnglish() && l.story.Translation.Main() != "" {
		first = l.translation
	}
	return once(l.summaries, first, func() string {
		return feeds.Shorten(feeds.OneLine(firstWords(first)), summaryLength)
	})
}

// firstParagraph returns the first paragraph of body, at most so many graphemes of it and no part of a word.
func firstParagraph(body *html.Node, most int) string {
	text := feeds.OneLine(firstWords(body))
	short := feeds.Shorten(text, most)
	if space := strings.LastIndex(short, " "); short != text && space > 0 {
		return short[:space] + "…"
	}
	return short
}

// firstWords returns the text of the first block that has words; all text if no block has.
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

// body returns the story as HTML in the languages of the edition.
func (l layout) body() string {
	from, to := l.story.Lang, l.story.Translation.Lang
	switch translated := l.showsEnglish() && l.story.Translation.Main() != ""; {
	case !translated && l.showsEnglish() && l.edition == feeds.Bilingual: // only the headline is translated
		return heading(l.english, to) + "\n" +
			half(l.originalHeading()+l.decorated(l.original, from, isolated, true), from)
	case !translated:
		return half(l.decorated(l.original, from, marked, true), from)
	case l.channel.Layout == "interleaved" && l.edition == feeds.Bilingual:
		if body, ok := l.interleave(); ok {
			return body
		}
	}
	english := half(l.decorated(l.translation, to, isolated, true), to)
	if l.edition == feeds.English {
		return english
	}
	return english + "\n<hr>\n" + half(l.originalHeading()+l.decorated(l.original, from, isolated, false), from)
}

// half puts HTML into an element with its language and direction.
func half(body, lang string) string {
	switch {
	case body == "":
		return ""
	case lang == "":
		return "<div>" + body + "</div>"
	}
	return element("div", lang, body)
}

// element returns an HTML element in a language and its direction.
func element(name, lang, body string) string {
	tag := html.EscapeString(feeds.Legal(lang))
	return fmt.Sprintf(`<%s lang="%s" dir="%s">%s</%[1]s>`, name, tag, arabic.Dir(lang), body)
}

// heading returns the heading of a half.
func heading(text, lang string) string { return element("h3", lang, html.EscapeString(text)) }

// originalHeading returns the heading of the original half; empty if the story has no headline.
func (l layout) originalHeading() string {
	if l.headline == "" {
		return ""
	}
	return heading(isolate(l.headline, l.story.Lang), l.story.Lang)
}

// footer says where the story came from, who else has it, and who translated it: in English, except in
// the Arabic edition.
func (l layout) footer() string {
	return once(l.footers, l.edition, func() string { return feeds.Legal(l.footerIn(l.edition != feeds.Arabic)) })
}

func (l layout) footerIn(en bool) string {
	say, comma := inEnglish, ", "
	if !en {
		say, comma = inArabic, "، "
	}
	parts := []string{say.source + l.outletLink(l.story.Items[0].Item, en)}
	list := func(label string, members []feeds.Member) {
		var outlets []string
		for _, m := range members {
			outlets = append(outlets, l.outletLink(m.Item, en))
		}
		if outlets != nil {
			parts = append(parts, label+strings.Join(outlets, comma))
		}
	}
	list(say.alsoIn, l.story.Copies())
	list(say.coveredBy, l.linked())
	if l.edition == feeds.English && l.page != "" {
		parts = append(parts, `<a href="`+html.EscapeString(l.page)+`">our page of this story</a>`)
	}
	if en {
		parts = append(parts, l.credits()...)
	}
	return "\n<hr>\n" + say.open + strings.Join(parts, " · ") + "</small></p>"
}

// credits returns in English who translated, when, and what is missing; none if no translation is
// wanted.
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
	if doubt := t.Doubtful(); doubt != "" {
		out = append(out, html.EscapeString(doubt))
	}
	return out
}

// labels are the words of a footer.
type labels struct{ open, source, alsoIn, coveredBy string }

var (
	inEnglish = labels{`<p lang="en" dir="ltr"><small>`, "Source: ", "also in: ", "also covered by: "}
	inArabic  = labels{`<p lang="ar" dir="rtl"><small>` + arabic.RLM, "المصدر: ", "أيضًا في: ", "تابعه أيضًا: "}
)

// outletLink returns the name of an item's source as a link to the item, or to the source's home page.
func (l layout) outletLink(it feeds.Item, en bool) string {
	name, to := l.outletName(it, en)
	return link(to, name)
}

// outletName returns the name of an item's source as HTML, and the address of the item, or of the source's
// home page.
func (l layout) outletName(it feeds.Item, en bool) (shown, to string) {
	outlet := l.outlet(it.SourceID)
	name := outlet.name
	shown = html.EscapeString(name)
	if en && arabic.Has(name) {
		shown = `<span lang="ar" dir="rtl">` + html.EscapeString(arabic.Isolate(name)) + "</span>"
	}
	return shown, cmp.Or(l.uri(it.URL), outlet.home)
}

// interleave puts each block of the original after its translation. It fails if their numbers differ:
// then it is unknown which belongs to which.
func (l layout) interleave() (string, bool) {
	to, from := l.story.Translation.Lang, l.story.Lang
	ours, theirs := blocks(clone(l.translation)), blocks(clone(l.original))
	if len(ours) != len(theirs) || len(ours) == 0 {
		return "", false
	}
	var b strings.Builder
	for i := range ours {
		b.WriteString(element("div", to, l.decorate(ours[i], to, isolated, true)) + "\n")
		if original := l.decorate(theirs[i], from, isolated, false); original != "" {
			b.WriteString(element("blockquote", from, original) + "\n")
		}
	}
	return feeds.Legal(b.String()), true
}
