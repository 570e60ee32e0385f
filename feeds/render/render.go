// Package render writes stories as the feeds of a channel: Atom, RSS and JSON Feed, each in three editions. It is the only user of
// gorilla/feeds.
package render

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// Publication is one edition of a channel, laid out and ready to be written in any format.
type Publication struct {
	edition feeds.Edition
	site    feeds.Site
	channel feeds.Channel
	id      string // urn:uuid:, the same in all formats
	lang    string
	title   string
	updated time.Time // of the entry that changed last; zero where there is none
	entries []entry
}

// entry is a story as one edition shows it. Its texts are fit for XML.
type entry struct {
	id                 string
	lang               string // of title and content
	title              string
	summary            string // plain text, the opening; empty where content has no words
	content            string // HTML
	escaped            string // content as XML has it
	published, updated time.Time
	categories         []string
	image              string // that stands for it; empty: none
	story              feeds.Story
	facts
}

// facts are what the entries of a story have in common.
type facts struct {
	link               string // the original page, a URI; empty: none
	home, feed         string // of the outlet, as far as they may be told: see origin
	outlet             string // what it is called
	authors            []string
	rights             string
	enclosures, images []feeds.Enclosure
	sources, related   []jsonMember
}

// Editions lays out stories for each of Editions, in their order: what several of them show is made once.
func Editions(site feeds.Site, ch feeds.Channel, stories []feeds.Story) []Publication {
	return render(feeds.Editions, site, ch, stories)
}

// Edition lays out stories, newest first as given, for an edition of ch. It changes nothing in them.
func Edition(e feeds.Edition, site feeds.Site, ch feeds.Channel, stories []feeds.Story) Publication {
	return render([]feeds.Edition{e}, site, ch, stories)[0]
}

func render(editions []feeds.Edition, site feeds.Site, ch feeds.Channel, stories []feeds.Story) (out []Publication) {
	for _, e := range editions {
		p := Publication{edition: e, site: site, channel: ch, id: urn("", ch.ID, e), title: channelTitle(ch, e), lang: "en", entries: make([]entry, 0, len(stories))}
		if e == feeds.Arabic {
			p.lang = "ar"
		}
		out = append(out, p)
	}
	seen := map[string]bool{}
	for _, s := range stories {
		if seen[s.ID] {
			continue
		}
		seen[s.ID] = true
		lead := s.Items[0].Item
		outlet := site.Sources[lead.SourceID]
		made := &memo{texts: map[string]string{}, headline: headline(s.Title), english: headline(s.Translation.Title),
			facts: facts{link: feeds.URI(lead.URL), home: feeds.URI(outlet.Site), feed: origin(outlet), outlet: feeds.OneLine(sourceName(site, lead.SourceID)), authors: lines(lead.Authors),
				rights: feeds.OneLine(lead.Rights), enclosures: encoded(lead.Enclosures), images: encoded(lead.Images),
				sources: members(site, s.Items), related: members(site, linked(ch, s))}}
		if len(made.authors) == 0 {
			made.authors = []string{made.outlet}
		}
		for i := range out {
			out[i].add(s, made)
		}
	}
	return out
}

// add appends s; the Arabic edition is for what was written in Arabic, and leaves English out.
func (p *Publication) add(s feeds.Story, made *memo) {
	if p.edition == feeds.Arabic && language(s.Lang) == "en" {
		return
	}
	x := p.entry(s, made)
	if x.updated.After(p.updated) {
		p.updated = x.updated
	}
	p.entries = append(p.entries, x)
}

// Write writes p as format f.
func (p Publication) Write(w io.Writer, f feeds.Format) error {
	switch f {
	case feeds.Atom:
		return p.atom(w)
	case feeds.RSS:
		return p.rss(w)
	case feeds.JSON:
		return p.json(w)
	}
	return fmt.Errorf("write channel %s: no format %q", p.channel.ID, f)
}

// namespace is the UUID (RFC 9562, version 4) that all ids are made in. It never changes: readers know entries by what it gives.
var namespace = uuid.MustParse("6e617368-7261-4d5f-9a1b-3f0c5d2e7b84")

// urn is the id of a story in an edition of a channel, or with no story of the edition itself.
func urn(story, channel string, e feeds.Edition) string {
	return "urn:uuid:" + uuid.NewSHA1(namespace, []byte(story+"\x00"+channel+"\x00"+string(e))).String()
}

// channelTitle is ch's title in the languages of e.
func channelTitle(ch feeds.Channel, e feeds.Edition) string {
	en, ar := feeds.OneLine(ch.Title["en"]), feeds.OneLine(ch.Title["ar"])
	switch {
	case en == "" && ar == "":
		return feeds.OneLine(ch.ID)
	case ar == "" || e == feeds.English && en != "":
		return en
	case en == "" || e == feeds.Arabic:
		return ar
	}
	return en + " | " + arabic.Isolate(ar)
}

func (p Publication) entry(s feeds.Story, made *memo) entry {
	lead := s.Items[0].Item
	x := entry{id: urn(s.ID, p.channel.ID, p.edition), published: s.Published.UTC(), updated: s.Updated.UTC(), story: s, facts: made.facts}
	if x.updated.Before(x.published) {
		x.updated = x.published
	}
	if x.link == "" { // then our own page of it is the only one
		x.link = p.at(feeds.StoryPath(s.ID))
	}
	l := layout{edition: p.edition, channel: p.channel, site: p.site, story: s, made: made}
	x.lang = l.lang()
	x.title = feeds.Legal(l.title())
	x.content = feeds.Legal(l.body() + l.footer())
	x.escaped = escaped(x.content)
	x.summary = l.summary()
	x.image = l.image()
	categories := slices.Clone(lead.Categories)
	for i, c := range categories {
		if t := p.site.Terms[c]; t != "" && p.edition != feeds.Arabic {
			categories[i] = t
		}
	}
	x.categories = lines(categories)
	return x
}

// maxWords is how many authors, or categories, an entry has: no honest one has more.
const maxWords = 32

// lines are list as one line each, those with words, each once.
func lines(list []string) (out []string) {
	for _, s := range list[:min(len(list), maxWords)] {
		if s = feeds.Shorten(feeds.OneLine(s), feeds.MaxTitle); s != "" {
			out = append(out, s)
		}
	}
	return feeds.UniqueNames(out)
}

// sourceName returns what a source is called.
func sourceName(site feeds.Site, id string) string {
	if t := site.Sources[id].Title; t != "" {
		return t
	}
	return id
}

// linked returns the leads of the stories that ch names beside s.
func linked(ch feeds.Channel, s feeds.Story) []feeds.Member {
	if ch.Events == "off" {
		return nil
	}
	return s.Related
}

// mediaTypes are RFC 6838's names, without parameters.
var mediaTypes = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$`)

// encoded are the files of list that have an address, as feeds must have it.
func encoded(list []feeds.Enclosure) (out []feeds.Enclosure) {
	for _, e := range list {
		if e.URL = feeds.URI(e.URL); e.URL != "" {
			if e.Type = feeds.OneLine(e.Type); !mediaTypes.MatchString(e.Type) {
				e.Type = ""
			}
			e.Length = max(0, e.Length)
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
