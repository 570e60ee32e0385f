package feeds

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// Publication is one edition of a channel, laid out and ready to be written in any format.
type Publication struct {
	edition Edition
	site    Site
	channel Channel
	id      string // urn:uuid:, the same in all formats
	lang    string
	title   string
	updated time.Time // of the entry that changed last; zero where there is none
	entries []entry
}

// entry is a story as one edition shows it. Its texts are fit for XML.
type entry struct {
	id                  string
	lang                string // of title and content
	title               string
	summary             string // plain text, the opening; empty where content has no words
	content             string // HTML
	link                string // the original page, a URI; empty: none
	published, updated  time.Time
	authors, categories []string
	rights              string
	enclosures, images  []Enclosure
	outlet              Source
	story               Story
}

// Render lays out stories, newest first as given, for an edition of ch. It changes nothing in them.
func Render(e Edition, site Site, ch Channel, stories []Story) Publication {
	p := Publication{edition: e, site: site, channel: ch, id: urn("", ch.ID, e), lang: "en"}
	if e == Arabic {
		p.lang = "ar"
	}
	p.title = legal(channelTitle(ch, e))
	for _, s := range stories {
		if e == Arabic && language(s.Lang) == "en" { // the Arabic edition is for what was written in Arabic
			continue
		}
		x := p.entry(s)
		if x.updated.After(p.updated) {
			p.updated = x.updated
		}
		p.entries = append(p.entries, x)
	}
	return p
}

// Write writes p as format f.
func (p Publication) Write(w io.Writer, f Format) error {
	switch f {
	case Atom:
		return p.atom(w)
	case RSS:
		return p.rss(w)
	case JSON:
		return p.json(w)
	}
	return fmt.Errorf("write channel %s: no format %q", p.channel.ID, f)
}

// namespace is the UUID (RFC 9562, version 4) that all ids are made in. It never changes: readers know entries by what it gives.
var namespace = uuid.MustParse("6e617368-7261-4d5f-9a1b-3f0c5d2e7b84")

// urn is the id of a story in an edition of a channel, or with no story of the edition itself.
func urn(story, channel string, e Edition) string {
	return "urn:uuid:" + uuid.NewSHA1(namespace, []byte(story+"\x00"+channel+"\x00"+string(e))).String()
}

// channelTitle is ch's title in the languages of e.
func channelTitle(ch Channel, e Edition) string {
	en, ar := ch.Title["en"], ch.Title["ar"]
	switch {
	case en == "" && ar == "":
		return ch.ID
	case ar == "" || e == English && en != "":
		return en
	case en == "" || e == Arabic:
		return ar
	}
	return en + " | " + arabic.Isolate(ar)
}

func (p Publication) entry(s Story) entry {
	lead := s.Items[0].Item
	x := entry{id: urn(s.ID, p.channel.ID, p.edition), published: s.Published.UTC(), updated: s.Updated.UTC(), link: uri(lead.URL),
		rights: legal(lead.Rights), outlet: p.site.Sources[lead.SourceID], story: s}
	if x.updated.Before(x.published) {
		x.updated = x.published
	}
	l := layout{edition: p.edition, channel: p.channel, site: p.site, story: s}
	x.lang = l.lang()
	x.title = legal(l.title())
	body := l.body()
	x.content = legal(body + l.footer())
	x.summary = legal(cut(strings.Join(strings.Fields(sanitize.Text(sanitize.Parse(sanitize.FirstBlock(l.opening()), ""))), " "), summaryLength))
	for _, a := range lead.Authors {
		x.authors = append(x.authors, legal(a))
	}
	if len(x.authors) == 0 {
		x.authors = []string{legal(p.name(lead.SourceID))}
	}
	for _, c := range lead.Categories {
		if t := p.site.Terms[c]; t != "" && p.edition != Arabic {
			c = t
		}
		x.categories = append(x.categories, legal(c))
	}
	x.categories = unique(x.categories)
	x.enclosures, x.images = encoded(lead.Enclosures), encoded(lead.Images)
	return x
}

// summaryLength is in graphemes: about what readers show in a list.
const summaryLength = 300

// name is what a source is called.
func (p Publication) name(id string) string { return p.site.name(id) }

func (s Site) name(id string) string {
	if t := s.Sources[id].Title; t != "" {
		return t
	}
	return id
}

func encoded(list []Enclosure) (out []Enclosure) {
	for _, e := range list {
		if e.URL = uri(e.URL); e.URL != "" {
			e.Type = legal(e.Type)
			out = append(out, e)
		}
	}
	return out
}

// language is the base of a BCP 47 tag.
func language(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(base)
}
