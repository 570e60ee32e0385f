package site

import (
	"html/template"
	"strings"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// masthead is the name of pages that show several channels, or none.
var masthead = []phrase{{"en", "ltr", "nashra"}, {"ar", "rtl", "نشرة"}}

// channel is a channel with the ways to subscribe to it.
type channel struct {
	Name     []phrase // one for each language; the id if the channel has no title
	Editions []edition
}

// edition is one choice of languages.
type edition struct {
	phrase        // its name in its own language
	Said   string // its name in English
	Links  []link
}

// link is a feed.
type link struct {
	Path, Hreflang string
	Type           template.HTMLAttr // with + not escaped, for programs that find feeds without an HTML parser
	Format         string            // the name people use
	Title          string            // the name feed readers show
}

// editions holds the name of each edition in its own language and in English, and its hreflang.
// "mul" stands for several languages (ISO 639-2).
var editions = map[feeds.Edition]struct {
	phrase
	short          phrase
	said, hreflang string
}{
	feeds.Bilingual: {phrase{"en", "ltr", "Both languages"}, phrase{"en", "ltr", "Both"}, "both languages", "mul"},
	feeds.English:   {phrase{"en", "ltr", "English"}, phrase{"en", "ltr", "English"}, "English", "en"},
	feeds.Arabic:    {phrase{"ar", "rtl", "العربية"}, phrase{"ar", "rtl", "العربية"}, "Arabic", "ar"},
}

var formats = map[feeds.Format]string{feeds.Atom: "Atom", feeds.RSS: "RSS", feeds.JSON: "JSON"}

// newChannel makes the channel of ch for p. The edition of p's readers comes first.
func newChannel(ch feeds.Channel, p page) channel {
	c := channel{Name: channelName(ch)}
	order := []feeds.Edition{feeds.English, feeds.Bilingual, feeds.Arabic}
	if p.Edition == feeds.Arabic {
		order = []feeds.Edition{feeds.Arabic, feeds.Bilingual, feeds.English}
	}
	for _, e := range order {
		names := editions[e]
		ed := edition{phrase: names.phrase, Said: names.said}
		for _, f := range feeds.Formats {
			ed.Links = append(ed.Links, link{
				Path:     p.Root + ch.Path(e, f),
				Type:     template.HTMLAttr(`type="` + f.MediaType() + `"`),
				Hreflang: names.hreflang,
				Format:   formats[f],
				Title:    oneLine(inEdition(e, c.Name)) + " (" + names.said + ", " + formats[f] + ")",
			})
		}
		c.Editions = append(c.Editions, ed)
	}
	return c
}

// channelName returns ch's title, English first.
func channelName(ch feeds.Channel) (out []phrase) {
	for _, lang := range []string{"en", "ar"} {
		if t := cleanText(ch.Title[lang]); t != "" {
			out = append(out, phrase{lang, arabic.Dir(lang), t})
		}
	}
	if out == nil {
		out = []phrase{{"", "ltr", cleanText(ch.ID)}}
	}
	return out
}

// oneLine joins phrases to one line of plain text that reads from left to right.
func oneLine(phrases []phrase) string {
	var parts []string
	for _, p := range phrases {
		if p.Dir == "rtl" {
			p.Text = arabic.Isolate(p.Text)
		}
		parts = append(parts, p.Text)
	}
	return strings.Join(parts, " | ")
}
