// Package render writes stories as the feeds of a channel: Atom, RSS and JSON Feed, each in three
// editions. It is the only user of gorilla/feeds.
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
	updated time.Time // of the entry that changed last; zero if there is none
	entries []entry
}

// entry is a story as one edition shows it. Its texts are fit for XML.
type entry struct {
	id                 string
	lang               string // of title and content
	title              string
	summary            string // plain text, the opening; empty where content has no words
	content            string // HTML
	published, updated time.Time
	categories         []string
	story              feeds.Story
	facts
}

// facts are what the entries of a story have in common, whatever their edition.
type facts struct {
	link               string // the original page, a URI; empty: none
	home, feed         string // of the outlet, as far as they may be told: see origin
	outlet             string // what it is called
	image              string // that stands for the story; empty: none
	authors            []string
	rights             string
	enclosures, images []feeds.Enclosure
	sources, related   []jsonMember
}

// Editions lays out stories, newest first as given, for each of feeds.Editions, in their order.
func Editions(site feeds.Site, ch feeds.Channel, stories []feeds.Story) []Publication {
	return layOut(feeds.Editions, site, ch, stories)
}

// Edition lays out stories, newest first as given, for one edition of ch.
func Edition(e feeds.Edition, site feeds.Site, ch feeds.Channel, stories []feeds.Story) Publication {
	return layOut([]feeds.Edition{e}, site, ch, stories)[0]
}

func layOut(editions []feeds.Edition, site feeds.Site, ch feeds.Channel, stories []feeds.Story) (out []Publication) {
	for _, e := range editions {
		lang := "en"
		if e == feeds.Arabic {
			lang = "ar"
		}
		out = append(out, Publication{edition: e, site: site, channel: ch,
			id: urn("", ch.ID, e), lang: lang, title: channelTitle(ch, e)})
	}
	seen := map[string]bool{}
	for _, s := range stories {
		if seen[s.ID] {
			continue
		}
		seen[s.ID] = true
		common := newCommon(s, ch, site)
		for i := range out {
			out[i].addStory(s, common)
		}
	}
	return out
}

// addStory appends s. The Arabic edition is for what was written in Arabic, and omits English.
func (p *Publication) addStory(s feeds.Story, c *common) {
	if p.edition == feeds.Arabic && language(s.Lang) == "en" {
		return
	}
	x := p.entry(s, c)
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

// namespace is the UUID (RFC 9562, version 4) that all ids are made in. It never changes: readers know
// entries by these ids.
var namespace = uuid.MustParse("6e617368-7261-4d5f-9a1b-3f0c5d2e7b84")

// urn returns the id of a story in an edition of a channel; without a story, that of the edition
// itself.
func urn(story, channel string, e feeds.Edition) string {
	return "urn:uuid:" + uuid.NewSHA1(namespace, []byte(story+"\x00"+channel+"\x00"+string(e))).String()
}

// channelTitle returns the title of ch in the languages of e.
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

func (p Publication) entry(s feeds.Story, c *common) entry {
	l := layout{edition: p.edition, channel: p.channel, site: p.site, story: s, common: c}
	x := entry{
		id:        urn(s.ID, p.channel.ID, p.edition),
		lang:      l.lang(),
		title:     feeds.Legal(l.title()),
		summary:   l.summary(),
		content:   feeds.Legal(l.body() + l.footer()),
		published: s.Published.UTC(),
		updated:   s.Updated.UTC(),
		story:     s,
		facts:     c.facts,
	}
	if x.updated.Before(x.published) {
		x.updated = x.published
	}
	if x.link == "" { // our own page of the story is the only one
		x.link = p.address(feeds.StoryPath(s.ID))
	}
	categories := slices.Clone(s.Items[0].Categories)
	for i, name := range categories {
		if t := p.site.Terms[name]; t != "" && p.edition != feeds.Arabic {
			categories[i] = t
		}
	}
	x.categories = names(categories)
	return x
}

// maxNames limits the authors, and the categories, of an entry: no honest one has more.
const maxNames = 32

// names returns the names in list, each on one line and once, without empty ones.
func names(list []string) (out []string) {
	for _, s := range list[:min(len(list), maxNames)] {
		out = append(out, feeds.Shorten(feeds.OneLine(s), feeds.MaxTitle))
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

// encoded returns the files in list that have an address, with address and type as feeds must have
// them.
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

// language returns the base of a BCP 47 tag.
func language(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(base)
}
