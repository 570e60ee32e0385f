package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// Plain writes digests as text for terminals and as Markdown.
type Plain struct {
	Edition feeds.Edition
	Width   int  // columns of text; 0: lines are not broken
	Style   bool // with the escape sequences of bold and faint text
}

// phrase is a text in one language; empty: any.
type phrase struct{ text, lang string }

// shown returns p for a line that reads from left to right.
func (p phrase) shown() string { return isolate(p.text, p.lang) }

// report is a story with its headline, its outlet and its page.
type report struct {
	headlines []phrase
	outlet    string
	link      string // a URI; empty: none
}

// told is what plain forms say of an event.
type told struct {
	head     report
	openings []phrase
	coverage phrase
	doubt    string   // empty: none
	others   []report // told independently, the first of them
	more     int      // how many others there are besides
	after    *report  // what the event follows; nil: nothing
}

// mostOthers is how many independent reports are listed: an event that everyone tells has dozens.
const mostOthers = 5

// page is what plain forms of a digest show.
type page struct {
	title, period phrase
	events        []told
	only          []report
}

func (p Plain) page(where feeds.Site, ch feeds.Channel, b feeds.Bulletin) (out page) {
	d := NewWriter(where, ch, nil).bulletin(b, func(string) string { return "" })
	zone := ch.Digest.Location()
	out.title = p.title(ch)
	out.period = p.say(bilingual{Period(b.From, b.To, zone, "en"), Period(b.From, b.To, zone, "ar")}, " · ")
	for _, c := range b.Events {
		if l, ok := d.head(c, p.Edition); ok {
			out.events = append(out.events, p.told(d, c, l))
		}
	}
	for _, c := range b.Only {
		if l, ok := d.head(c, p.Edition); ok {
			out.only = append(out.only, p.report(l))
		}
	}
	return out
}

// told gathers what is said of c, whose headline is that of l.
func (p Plain) told(d bulletin, c feeds.Covered, l layout) told {
	t := told{head: p.report(l), coverage: p.coverage(d, c, l)}
	t.openings = l.both(firstParagraph(l.translation, summaryLength),
		firstParagraph(l.original, summaryLength))
	if p.Edition != feeds.Arabic {
		t.doubt = l.story.Translation.Doubtful()
	}
	for _, s := range c.Told {
		switch {
		case s.ID == l.story.ID || !shows(p.Edition, s.Lang):
		case len(t.others) == mostOthers:
			t.more++
		default:
			t.others = append(t.others, p.report(d.story(s, p.Edition)))
		}
	}
	if c.Follows != nil && shows(p.Edition, c.Follows.Lang) {
		after := p.report(d.story(*c.Follows, p.Edition))
		t.after = &after
	}
	return t
}

func (p Plain) report(l layout) report {
	return report{l.both(l.english, l.ownHeadline()), p.name(l, l.story.Items[0].SourceID), l.link}
}

// both returns a translation and the text that it translates, as far as the edition shows them.
func (l layout) both(translation, original string) []phrase {
	t, o := phrase{translation, l.story.Translation.Lang}, phrase{original, l.story.Lang}
	list := map[feeds.Edition][]phrase{feeds.Bilingual: {t, o}, feeds.English: {t}, feeds.Arabic: {o}}[l.edition]
	list = slices.DeleteFunc(list, func(t phrase) bool { return t.text == "" })
	if len(list) == 0 && original != "" { // not translated
		return []phrase{o}
	}
	return list
}

func (p Plain) name(l layout, source string) string {
	name := l.outlet(source).name
	if arabic.Has(name) {
		return arabic.Isolate(name)
	}
	return name
}

// coverage says how many outlets report c, and who.
func (p Plain) coverage(d bulletin, c feeds.Covered, l layout) phrase {
	n, reports := len(c.Outlets), c.Reports
	line := p.say(bilingual{feeds.Coverage("en", n, reports), feeds.Coverage("ar", n, reports)}, " · ")
	var names []string
	for _, m := range c.First {
		names = append(names, p.name(l, m.SourceID))
	}
	comma := digestEnglish.comma
	if p.Edition == feeds.Arabic {
		comma = digestArabic.comma
	}
	line.text += ": " + strings.Join(names, comma)
	return line
}

// title returns the name of ch.
func (p Plain) title(ch feeds.Channel) phrase {
	line := p.say(bilingual{feeds.OneLine(ch.Title["en"]), feeds.OneLine(ch.Title["ar"])}, " | ")
	line.text = cmp.Or(line.text, channelTitle(ch, feeds.English))
	return line
}

// bilingual is a text in English and in Arabic. Either may be empty.
type bilingual struct{ en, ar string }

var (
	onlyHere  = bilingual{digestEnglish.onlyHere, digestArabic.onlyHere}
	follows   = bilingual{strings.TrimRight(digestEnglish.follows, ": "), strings.TrimRight(digestArabic.follows, ": ")}
	noStories = bilingual{"No stories.", "لا أخبار."}
)

// moreReports says how many reports are not listed.
func moreReports(n int) bilingual {
	return bilingual{fmt.Sprintf("and %d more", n), fmt.Sprintf("و%d غيرها", n)}
}

// say returns a text in the languages of the edition, on one line.
func (p Plain) say(text bilingual, between string) phrase {
	en, ar := phrase{text.en, "en"}, phrase{text.ar, "ar"}
	switch {
	case p.Edition == feeds.English || ar.text == "":
		return en
	case p.Edition == feeds.Arabic || en.text == "":
		return ar
	}
	return phrase{en.text + between + ar.shown(), ""}
}

// DigestPage returns b as a document of HTML of its own.
func DigestPage(where feeds.Site, ch feeds.Channel, b feeds.Bulletin, e feeds.Edition) string {
	d := Plain{Edition: e}.page(where, ch, b)
	lang := "en"
	if e == feeds.Arabic {
		lang = "ar"
	}
	title, period := html.EscapeString(feeds.Legal(d.title.text)), html.EscapeString(d.period.text)
	body := DigestBody(where, ch, b, e, func(string) string { return "" })
	if len(d.events)+len(d.only) == 0 {
		body = "<p>" + Plain{Edition: e}.say(noStories, " · ").text + "</p>\n"
	}
	return fmt.Sprintf(pageFrame, lang, arabic.Dir(lang), title, period, body)
}

// pageFrame is the document of DigestPage, around language, direction, title, period and body.
const pageFrame = `<!DOCTYPE html>
<html lang="%s" dir="%s"><head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>%[3]s: %[4]s</title>
<style>body{max-width:45em;margin:auto;padding:1em;font:1em/1.5 sans-serif}li{margin-block:1.5em}</style></head>
<body>
<h1>%[3]s</h1>
<p>%[4]s</p>
%[5]s</body></html>
`
