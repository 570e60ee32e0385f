package render

import (
	"cmp"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	nethtml "golang.org/x/net/html"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// bulletin is a digest while it is rendered.
type bulletin struct {
	*Writer
	feeds.Bulletin
	page     func(story string) string // address of our page of a story; empty: there is none
	stories  map[string]*rendered      // by id
	openings map[*nethtml.Node]string  // first paragraphs
}

func (w *Writer) bulletin(b feeds.Bulletin, page func(story string) string) bulletin {
	return bulletin{w, b, page, map[string]*rendered{}, map[*nethtml.Node]string{}}
}

// DigestBody returns b as HTML in the languages of e. page returns the address of our page of a story;
// empty: it has none.
func DigestBody(site feeds.Site, ch feeds.Channel, b feeds.Bulletin, e feeds.Edition,
	page func(story string) string) string {
	return NewWriter(site, ch, nil).bulletin(b, page).body(e)
}

// Digests returns list as NewWriter takes it.
func Digests(list []feeds.Bulletin) (out []feeds.Listed) {
	for _, b := range list {
		out = append(out, b.Listed())
	}
	return out
}

// AddDigests writes the entries of list, in its order.
func (w *Writer) AddDigests(list []feeds.Bulletin) error {
	for _, b := range list {
		if err := w.addDigest(b); err != nil {
			return fmt.Errorf("write %s: %w", b.ID(), err)
		}
	}
	return nil
}

// addDigest writes the entry of b to the feeds whose edition shows one of its events.
func (w *Writer) addDigest(b feeds.Bulletin) error {
	d := w.bulletin(b, func(story string) string { return address(w.site, feeds.StoryPath(story)) })
	shared := &rendered{Writer: w, link: address(w.site, b.Path()), escapes: map[string]escaped{}}
	shared.published, shared.updated = dates(b.To, b.Updated())
	for _, p := range w.feeds {
		heads := d.heads(p.edition)
		if len(heads) == 0 {
			continue
		}
		x := &entry{layout: layout{p.edition, shared}, id: urn(b.ID(), w.channel.ID, p.edition), lang: p.lang,
			title: feeds.Legal(d.title(p.edition, heads[0])), summary: d.summary(p.edition, heads),
			content: d.body(p.edition), authors: []string{generator}}
		if err := p.add(x); err != nil {
			return err
		}
	}
	return nil
}

// heads returns the stories whose headlines e shows of the events, in their order.
func (d bulletin) heads(e feeds.Edition) (list []layout) {
	for _, c := range slices.Concat(d.Events, d.Only) {
		if l, ok := d.head(c, e); ok {
			list = append(list, l)
		}
	}
	return list
}

// head returns the story of c whose headline e shows; ok is false if it shows none.
func (d bulletin) head(c feeds.Covered, e feeds.Edition) (l layout, ok bool) {
	i := slices.IndexFunc(c.Told, func(s feeds.Story) bool { return shows(e, s.Lang) })
	if i < 0 {
		return l, false
	}
	return d.story(c.Told[i], e), true
}

func (d bulletin) story(s feeds.Story, e feeds.Edition) layout {
	return layout{e, once(d.stories, s.ID, func() *rendered { return d.render(s, s.ID) })}
}

// ownHeadline returns the headline of l in the language of its source; the outlet if it has none.
func (l layout) ownHeadline() string {
	return cmp.Or(l.headline, l.outlet(l.story.Items[0].SourceID).name)
}

// foreign reports whether l shows a headline that waits for its translation beside English.
func (l layout) foreign() bool {
	return l.edition != feeds.Arabic && l.english == "" && arabic.Dir(l.story.Lang) == "rtl"
}

// title returns the period in words and the first headline.
func (d bulletin) title(e feeds.Edition, first layout) string {
	zone := d.channel.Digest.Location()
	if e == feeds.Arabic {
		return mark(Period(d.From, d.To, zone, "ar")+": "+first.ownHeadline(), "ar")
	}
	headline := first.title()
	if first.foreign() {
		headline = notTranslated + isolate(first.ownHeadline(), first.story.Lang)
	}
	return Period(d.From, d.To, zone, "en") + ": " + headline
}

// summary returns the first headlines, as many as a list of entries shows.
func (d bulletin) summary(e feeds.Edition, heads []layout) string {
	const between = " · "
	text, length := "", 0
	for _, l := range heads {
		s := cmp.Or(l.english, isolate(l.ownHeadline(), l.story.Lang))
		if e == feeds.Arabic {
			s = l.ownHeadline()
		}
		if length += len([]rune(s + between)); length > summaryLength && text != "" {
			break
		}
		if text != "" {
			text += between
		}
		text += s
	}
	if e == feeds.Arabic {
		text = mark(text, "ar")
	}
	return feeds.Legal(text)
}

// digestWords are the words of a digest.
type digestWords struct{ lang, onlyHere, original, follows, comma string }

var (
	digestEnglish = digestWords{"en", "Only here", "original", "Follows: ", ", "}
	digestArabic  = digestWords{"ar", "هنا فقط", "الأصل", "يتابع: ", "، "}
)

// body returns the ranked list, and below it what only one outlet has.
func (d bulletin) body(e feeds.Edition) string {
	say := digestEnglish
	if e == feeds.Arabic {
		say = digestArabic
	}
	var b strings.Builder
	list := func(tag string, of []feeds.Covered, item func(feeds.Covered, layout) string) {
		open := false
		for _, c := range of {
			l, ok := d.head(c, e)
			if !ok {
				continue
			}
			if !open {
				if open = true; tag == "ul" {
					b.WriteString(element("h2", say.lang, mark(say.onlyHere, say.lang)) + "\n")
				}
				b.WriteString(`<` + tag + ` lang="` + say.lang + `" dir="` + arabic.Dir(say.lang) + "\">\n")
			}
			b.WriteString("<li>" + item(c, l) + "</li>\n")
		}
		if open {
			b.WriteString("</" + tag + ">\n")
		}
	}
	list("ol", d.Events, func(c feeds.Covered, l layout) string { return d.event(c, l, say) })
	list("ul", d.Only, func(c feeds.Covered, l layout) string { return d.headlines(l) + " " + d.names(c, l, say) })
	if by := d.credits(e); by != "" {
		b.WriteString("<hr>\n" + inEnglish.open + by + "</small></p>\n")
	}
	return feeds.Legal(b.String())
}

// event returns what is told of an event.
func (d bulletin) event(c feeds.Covered, l layout, say digestWords) string {
	small := func(body string) string {
		return "\n" + element("p", say.lang, "<small>"+mark(body, say.lang)+"</small>")
	}
	b := d.headlines(l) + small(feeds.Coverage(say.lang, len(c.Outlets), c.Reports)+": "+d.names(c, l, say)) +
		d.paragraphs(l)
	if c.Follows != nil && shows(l.edition, c.Follows.Lang) {
		b += small(say.follows + d.headlines(d.story(*c.Follows, l.edition)))
	}
	return b
}

// headlines returns the headline of l as a link, and in the bilingual edition the original beside it.
func (d bulletin) headlines(l layout) string {
	own, lang, second := l.ownHeadline(), l.story.Lang, ""
	first := element("b", lang, spoken(own, lang))
	switch {
	case l.edition == feeds.Arabic:
		first = element("b", lang, html.EscapeString(mark(own, lang)))
	case l.foreign():
		first = element("b", "en", notTranslated+element("span", lang, html.EscapeString(isolate(own, lang))))
	case l.english != "":
		if l.edition == feeds.Bilingual && l.headline != "" {
			second = "<br>" + element("b", lang, html.EscapeString(isolate(l.headline, lang)))
		}
		first = element("b", l.story.Translation.Lang, spoken(l.english, l.story.Translation.Lang))
	}
	return link(cmp.Or(d.page(l.story.ID), l.link), first) + second
}

// arabicWords are words in Arabic letters and the spaces between them.
var arabicWords = regexp.MustCompile(`\p{Arabic}+(?:\s+\p{Arabic}+)*`)

// spoken returns text as HTML. In a left-to-right language, Arabic words get their own direction.
func spoken(text, lang string) string {
	text = html.EscapeString(text)
	if arabic.Dir(lang) == "rtl" {
		return text
	}
	return arabicWords.ReplaceAllStringFunc(text, func(words string) string { return element("span", "ar", words) })
}

// link returns text, which is HTML, as a link; an empty address is none.
func link(to, text string) string {
	if to == "" {
		return text
	}
	return `<a href="` + html.EscapeString(to) + `">` + text + "</a>"
}

// arrow marks links to originals among links to our pages. The variation selector keeps it from being an
// emoji.
const arrow = "↗\uFE0E"

// names returns the outlets of an event, as links to our pages of those that are stories of their own, with
// the originals beside, and to the originals of others.
func (d bulletin) names(c feeds.Covered, l layout, say digestWords) string {
	var list []string
	for _, m := range c.First {
		name, original := l.outletName(m.Item, l.edition != feeds.Arabic)
		page := d.page(m.Story)
		switch {
		case m.Story == "" || page == "":
			name = link(original, name)
		case m.Story != l.story.ID:
			name = link(page, name)
			if original != "" {
				name += " " + strings.Replace(link(original, arrow), ">", ` title="`+say.original+`">`, 1)
			}
		case original != "": // the headline leads to our page
			name = link(original, name+" "+arrow)
		}
		list = append(list, name)
	}
	return strings.Join(list, say.comma)
}

// openingLength is in graphemes: twice the first paragraph of a usual report.
const openingLength = 600

// paragraphs returns the first paragraph of a story, in the languages of the edition.
func (d bulletin) paragraphs(l layout) (out string) {
	opening := func(body *nethtml.Node) string {
		return once(d.openings, body, func() string {
			return firstParagraph(body, openingLength)
		})
	}
	translated, original := opening(l.translation), opening(l.original)
	if l.edition != feeds.Arabic && translated != "" {
		out = "\n" + element("p", l.story.Translation.Lang, spoken(translated, l.story.Translation.Lang))
	}
	switch {
	case original == "" || l.edition == feeds.English && translated != "":
		return out
	case l.edition == feeds.Arabic:
		original = mark(original, l.story.Lang)
	default:
		original = isolate(original, l.story.Lang)
	}
	return out + "\n" + element("p", l.story.Lang, spoken(original, l.story.Lang))
}

// credits says in English who translated what is shown, and what is doubtful.
func (d bulletin) credits(e feeds.Edition) string {
	var list []string
	if e == feeds.Arabic {
		return ""
	}
	for _, l := range d.heads(e) {
		list = append(list, html.EscapeString(l.story.Translation.Credit()))
		if doubt := l.story.Translation.Doubtful(); doubt != "" {
			list = append(list, html.EscapeString(doubt+" of “"+l.english+"”"))
		}
	}
	return strings.Join(feeds.UniqueNames(list), " · ")
}
