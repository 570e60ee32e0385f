package site

import (
	"html/template"
	"strings"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// masthead is what a page is called that shows several channels, or none.
var masthead = []phrase{{"en", "ltr", "nashra"}, {"ar", "rtl", "نشرة"}}

// channel is a channel with the ways to subscribe to it.
type channel struct {
	Name     []phrase // one a language; the id where it has no title
	Editions []edition
}

// edition is one choice of languages.
type edition struct {
	phrase        // how it calls itself, in its own language
	Said   string // the same in English
	Links  []link
}

// link is a feed.
type link struct {
	Path, Hreflang string
	Type           template.HTMLAttr // whole, its + not escaped: not all that look for feeds read HTML
	Format         string            // as people call it
	Title          string            // what readers offer the feed as
}

// editions are what each calls itself, what English calls it, and the language it is announced in: "mul" is several (ISO 639-2).
var editions = map[feeds.Edition]struct {
	phrase
	said, hreflang string
}{
	feeds.Bilingual: {phrase{"en", "ltr", "Both languages"}, "both languages", "mul"},
	feeds.English:   {phrase{"en", "ltr", "English"}, "English", "en"},
	feeds.Arabic:    {phrase{"ar", "rtl", "العربية"}, "Arabic", "ar"},
}

var formats = map[feeds.Format]string{feeds.Atom: "Atom", feeds.RSS: "RSS", feeds.JSON: "JSON"}

// newChannel is ch on a page from which root leads to the index.
func newChannel(ch feeds.Channel, root string) channel {
	c := channel{Name: name(ch)}
	for _, e := range feeds.Editions {
		said := editions[e]
		ed := edition{phrase: said.phrase, Said: said.said}
		for _, f := range feeds.Formats {
			ed.Links = append(ed.Links, link{Path: root + feeds.Path(ch.ID, e, f), Type: mediaType(f), Hreflang: said.hreflang, Format: formats[f],
				Title: line(c.in(e)) + " (" + said.said + ", " + formats[f] + ")"})
		}
		c.Editions = append(c.Editions, ed)
	}
	return c
}

func mediaType(f feeds.Format) template.HTMLAttr {
	return template.HTMLAttr(`type="` + f.MediaType() + `"`)
}

// name is ch's title, English first.
func name(ch feeds.Channel) (out []phrase) {
	for _, lang := range []string{"en", "ar"} {
		if t := tidy(ch.Title[lang]); t != "" {
			out = append(out, phrase{lang, arabic.Dir(lang), t})
		}
	}
	if out == nil {
		out = []phrase{{"", "ltr", tidy(ch.ID)}}
	}
	return out
}

// in is c's name in the languages of e; whole where it has none in them.
func (c channel) in(e feeds.Edition) []phrase {
	for _, p := range c.Name {
		if p.Lang == string(e) {
			return []phrase{p}
		}
	}
	return c.Name
}

// line is phrases on one line of plain text that reads from left to right.
func line(phrases []phrase) string {
	var parts []string
	for _, p := range phrases {
		if p.Dir == "rtl" {
			p.Text = arabic.Isolate(p.Text)
		}
		parts = append(parts, p.Text)
	}
	return strings.Join(parts, " | ")
}
