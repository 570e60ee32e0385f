package feeds

import (
	"html"
	"slices"
	"strings"

	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// layout is a story on its way to be an entry: its two halves, each in its own direction in readers that keep dir and lang and in
// those that strip them (Miniflux keeps neither, and takes the direction of an article from its first strong letter).
type layout struct {
	edition Edition
	channel Channel
	site    Site
	story   Story
}

// english says whether the edition shows s's translation, and there is one.
func (l layout) english() bool { return l.edition != Arabic && l.story.Translation.Title != "" }

// lang is the language that the entry begins in.
func (l layout) lang() string {
	if l.english() {
		return l.story.Translation.Lang
	}
	return l.story.Lang
}

// title is the headline; never Arabic before English.
func (l layout) title() string {
	original := arabic.StripBidi(l.story.Title)
	switch {
	case !l.english():
		return mark(original, l.story.Lang)
	case l.edition == English || l.channel.Titles == "en":
		return l.story.Translation.Title
	}
	return l.story.Translation.Title + " | " + isolate(original, l.story.Lang)
}

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

// opening is the HTML that an entry's summary is taken from.
func (l layout) opening() string {
	if l.english() && l.story.Translation.Main() != "" {
		return l.story.Translation.Main()
	}
	return l.story.Main()
}

// body is the story in the languages of the edition.
func (l layout) body() string {
	en, orig := "", l.story.Main()
	if l.english() {
		en = l.story.Translation.Main()
	}
	switch {
	case en == "" && l.english() && l.edition == Bilingual: // a headline in English over an original text
		return l.half(l.arabicTitle()+half(orig, l.story.Lang, isolated, true), l.story.Lang)
	case en == "":
		return l.half(half(orig, l.story.Lang, marked, true), l.story.Lang)
	case l.edition == English:
		return l.half(en, l.story.Translation.Lang)
	case l.channel.Layout == "interleaved":
		if body, ok := interleave(en, orig, l.story.Lang); ok {
			return body
		}
	}
	return l.half(en, l.story.Translation.Lang) + "\n<hr>\n" +
		l.half(l.arabicTitle()+half(orig, l.story.Lang, isolated, false), l.story.Lang)
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

// arabicTitle heads the original half.
func (l layout) arabicTitle() string {
	lang := html.EscapeString(l.story.Lang)
	return `<h3 lang="` + lang + `" dir="` + arabic.Dir(lang) + `">` + html.EscapeString(isolate(l.story.Title, l.story.Lang)) + "</h3>"
}

// footer says where the story came from, who else has it, and who translated it: in English, but in the Arabic edition.
func (l layout) footer() string {
	en := l.edition != Arabic
	say, comma := inEnglish, ", "
	if !en {
		say, comma = inArabic, "، "
	}
	parts := []string{say.source + l.outlet(l.story.Items[0].Item, en)}
	if others := l.others(en); len(others) > 0 {
		parts = append(parts, say.alsoIn+strings.Join(others, comma))
	}
	if l.channel.Events != "off" && len(l.story.Related) > 0 {
		var events []string
		for _, m := range l.story.Related {
			events = append(events, l.outlet(m.Item, en))
		}
		parts = append(parts, say.coveredBy+strings.Join(events, comma))
	}
	if credit := l.story.Translation.Credit(); en && credit != "" {
		parts = append(parts, html.EscapeString(credit))
	}
	return "\n<hr>\n" + say.open + strings.Join(parts, " · ") + "</small></p>"
}

// footing is the words of a footer.
type footing struct{ open, source, alsoIn, coveredBy string }

var (
	inEnglish = footing{`<p lang="en" dir="ltr"><small>`, "Source: ", "also in: ", "also covered by: "}
	inArabic  = footing{`<p lang="ar" dir="rtl"><small>` + arabic.RLM, "المصدر: ", "أيضًا في: ", "تابعه أيضًا: "}
)

// Credit says in English who translated, when, and what is missing; empty where no translation is wanted.
func (t Translation) Credit() string {
	by := t.Engine
	switch {
	case t.State == None || t.State == "":
		return ""
	case t.State == Waiting || by == "":
		return "not translated yet"
	case t.Model != "":
		by += "/" + t.Model
	}
	s := "translation: " + by + ", " + t.At.UTC().Format("2 January 2006")
	if t.State == Partial {
		s += ", not complete yet"
	}
	return s
}

// others are the outlets besides the lead's that ran the story, each once.
func (l layout) others(en bool) (out []string) {
	seen := []string{l.story.Items[0].SourceID}
	for _, m := range l.story.Items[1:] {
		if m.Kind == Copy && !slices.Contains(seen, m.SourceID) {
			seen = append(seen, m.SourceID)
			out = append(out, l.outlet(m.Item, en))
		}
	}
	return out
}

// outlet names the source of it and links its page.
func (l layout) outlet(it Item, en bool) string {
	name := l.site.name(it.SourceID)
	shown := html.EscapeString(name)
	if en && arabic.Has(name) {
		shown = `<span lang="ar" dir="rtl">` + html.EscapeString(arabic.Isolate(name)) + "</span>"
	}
	link := uri(it.URL)
	if link == "" {
		link = uri(l.site.Sources[it.SourceID].Site)
	}
	if link == "" {
		return shown
	}
	return `<a href="` + html.EscapeString(link) + `">` + shown + "</a>"
}

// interleave puts each block of the original after its translation. Without a translation block for every one of the original it
// says no: then nothing says which belongs to which.
func interleave(en, orig, lang string) (string, bool) {
	ours, theirs := blocks(sanitize.Parse(en, "")), blocks(sanitize.Parse(orig, ""))
	if len(ours) != len(theirs) || len(ours) == 0 {
		return "", false
	}
	var b strings.Builder
	for i := range ours {
		b.WriteString(`<div lang="en" dir="ltr">` + sanitize.Render(ours[i]) + "</div>\n")
		if original := decorate(theirs[i], lang, isolated, false); original != "" {
			b.WriteString(`<blockquote lang="` + html.EscapeString(lang) + `" dir="` + arabic.Dir(lang) + `">` + original + "</blockquote>\n")
		}
	}
	return b.String(), true
}
