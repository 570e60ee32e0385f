package site

import (
	"html/template"
	"io"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
	"github.com/nashra/nashra/translate/arabic"
)

// digest is the content of a digest's page, which has both languages.
type digest struct {
	Heading []phrase // the period
	Channel navLink
	Body    template.HTML
	Around  []navLink // to the digests before and after
}

// Digest writes the page of a digest of ch. around are the digests before and after it that have pages.
func (b *Book) Digest(w io.Writer, ch feeds.Channel, d feeds.Bulletin, around []feeds.Digest) error {
	p := b.page(feeds.Bilingual, d.Path())
	p.Alternates, p.Channels = nil, []channel{newChannel(ch, p)}
	page := func(id string) string {
		if !b.has(id) {
			return ""
		}
		return p.Root + feeds.StoryPath(id)
	}
	body := arabic.StripBidi(render.DigestBody(b.where, ch, d, feeds.Bilingual, page)) // browsers know lang and dir
	name := inLang(p.Lang, channelName(ch))
	c := digest{Heading: p.period(ch, d.Digest), Channel: navLink{phrase: name, Link: p.link(ListPath(ch.ID))},
		Body: template.HTML(body)} // render escapes what it is given
	for _, near := range around {
		c.Around = append(c.Around, navLink{phrase: p.period(ch, near)[0], Link: p.Root + near.Path()})
	}
	for _, e := range append(d.Events, d.Only...)[:1] {
		p.Meta.Description = headline(e.Told[0])
	}
	p.Title, p.Content = oneLine(c.Heading)+" – "+name.Text+" – "+p.Title, c
	return p.write(w, digestKind)
}

// headline returns the headline of s in English, if it has one.
func headline(s feeds.Story) string {
	if title := cleanText(s.Translation.Title); title != "" {
		return title
	}
	return cleanText(s.Title)
}

// DigestList writes the page of a digest channel, which shows these digests, newest first.
func (b *Book) DigestList(w io.Writer, e feeds.Edition, ch feeds.Channel, shown []feeds.Digest) error {
	p := b.page(e, ListPath(ch.ID))
	p.Channels = []channel{newChannel(ch, p)}
	l := list{Heading: inEdition(e, channelName(ch)), None: "No stories yet."}
	for _, d := range shown {
		events := p.say(func(lang string) string { return feeds.Count(lang, len(d.Events), "event") })
		l.Pages = append(l.Pages, pageItem{Names: p.period(ch, d), Link: p.Root + d.Path(), Notes: events})
	}
	return b.writeList(w, p, l)
}

// period says the period of d in words.
func (p page) period(ch feeds.Channel, d feeds.Digest) []phrase {
	zone := ch.Digest.Location()
	return p.say(func(lang string) string { return render.Period(d.From, d.To, zone, lang) })
}

// Around returns the digests before and after number i of list, which is newest first.
func Around(list []feeds.Digest, i int) (out []feeds.Digest) {
	if i+1 < len(list) {
		out = append(out, list[i+1])
	}
	if i > 0 {
		out = append(out, list[i-1])
	}
	return out
}
