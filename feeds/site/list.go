package site

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// list is the content of pages of stories, and of lists of such pages.
type list struct {
	Heading []phrase // one for each language
	Notes   []phrase // stand beneath the heading
	Website string   // of a source; empty: none
	Pages   []pageItem
	Rows    []row
	None    string    // in English: stands where there are neither pages nor rows
	Around  []navLink // to the pages before and after
}

// pageItem is a page in a list of pages.
type pageItem struct {
	Names []phrase
	Link  string
	Notes []phrase
	At    moment // of its newest story; zero: unknown
}

// Listing is what a list of pages tells of one.
type Listing struct {
	ID      string // of a channel, without tags/ or sources/; empty: the page is a day's
	Stories int
	Newest  time.Time // of these
}

// writeList writes a page of kind list.
func (b *Book) writeList(w io.Writer, p page, l list) error {
	p.Title, p.Content = oneLine(l.Heading)+" – "+p.Title, l
	p.Paired, p.Meta.Description = paired(l.Rows), headlines(l.Rows)
	return p.write(w, listKind)
}

// Day writes the page of the stories of one day. around are the days before and after it that have
// pages; zero: there is none.
func (b *Book) Day(w io.Writer, e feeds.Edition, at time.Time, around [2]time.Time, stories []Entry) error {
	p := b.page(e, feeds.DayPath(at))
	rows := b.rows(p, stories)
	l := list{Heading: newDay(p, at).Names, Notes: p.stories(len(rows)), Rows: rows, None: "No stories yet."}
	for _, near := range around {
		if !near.IsZero() {
			d := newDay(p, near)
			l.Around = append(l.Around, navLink{phrase: inLang(p.Lang, d.Names), Link: d.Path})
		}
	}
	return b.writeList(w, p, l)
}

// Channel writes the page of a channel, or of a tag with the channel tags/T, which shows stories.
func (b *Book) Channel(w io.Writer, e feeds.Edition, ch feeds.Channel, stories []Entry) error {
	p := b.page(e, ListPath(ch.ID))
	p.Channels = []channel{newChannel(ch, p)}
	l := list{Heading: inEdition(e, channelName(ch)), Rows: b.rows(p, stories), None: "No stories yet."}
	return b.writeList(w, p, l)
}

// Source writes the page of the stories that a source told first.
func (b *Book) Source(w io.Writer, e feeds.Edition, id string, stories []Entry) error {
	p := b.page(e, ListPath("sources/"+id))
	l := list{
		Heading: []phrase{sourceName(b.where, id, e)},
		Website: linkable(b.where.Sources[id].Site),
		Rows:    b.rows(p, stories),
		None:    "No stories yet.",
	}
	return b.writeList(w, p, l)
}

// Days writes the list of the days that have pages.
func (b *Book) Days(w io.Writer, e feeds.Edition, days []Listing) error {
	p := b.page(e, DaysPath)
	l := list{Heading: inEdition(e, inBoth("Days")), None: "No stories yet."}
	for _, d := range days {
		at := newDay(p, d.Newest)
		l.Pages = append(l.Pages, pageItem{Names: at.Names, Link: at.Path, Notes: p.stories(d.Stories)})
	}
	return b.writeList(w, p, l)
}

// Tags writes the list of tags.
func (b *Book) Tags(w io.Writer, e feeds.Edition, tags []Listing) error {
	p := b.page(e, TagsPath)
	l := list{Heading: inEdition(e, inBoth("Tags")), None: "There are no tags."}
	for _, ch := range b.tags {
		at := slices.IndexFunc(tags, func(t Listing) bool { return "tags/"+t.ID == ch.ID })
		if at >= 0 {
			l.Pages = append(l.Pages, p.item(ListPath(ch.ID), inEdition(e, channelName(ch)), tags[at]))
		}
	}
	return b.writeList(w, p, l)
}

// SourceList writes the list of the sources that have pages.
func (b *Book) SourceList(w io.Writer, e feeds.Edition, sources []Listing) error {
	p := b.page(e, SourceListPath)
	l := list{Heading: inEdition(e, inBoth("Sources")), None: "No stories yet."}
	for _, s := range sources {
		l.Pages = append(l.Pages, p.item(ListPath("sources/"+s.ID), []phrase{sourceName(b.where, s.ID, e)}, s))
	}
	slices.SortStableFunc(l.Pages, func(x, y pageItem) int { return strings.Compare(sortKey(x), sortKey(y)) })
	return b.writeList(w, p, l)
}

func sortKey(i pageItem) string { return arabic.Fold(i.Names[0].Text) }

// item returns the item of a page of stories.
func (p page) item(path string, names []phrase, l Listing) pageItem {
	i := pageItem{Names: names, Link: p.link(path), Notes: p.stories(l.Stories)}
	if l.Stories > 0 {
		i.At = p.moment(l.Newest, time.Unix(0, 0))
	}
	return i
}

// stories says how many stories there are, in the languages of p.
func (p page) stories(n int) []phrase {
	return p.say(func(lang string) string { return feeds.Count(lang, n, "story") })
}

// say returns what say returns for the languages of p.
func (p page) say(say func(lang string) string) []phrase {
	return inEdition(p.Edition, []phrase{{"en", "ltr", say("en")}, {"ar", "rtl", say("ar")}})
}

// DayListings lists the days of list, which is newest first.
func DayListings(list []feeds.Listed) (out []Listing) {
	for _, l := range list {
		if n := len(out); n == 0 || Day(out[n-1].Newest) != Day(l.Published) {
			out = append(out, Listing{Newest: l.Published})
		}
		out[len(out)-1].Stories++
	}
	return out
}

// SourceListings lists the sources that told stories of list first. list is newest first.
func SourceListings(list []feeds.Listed) (out []Listing) {
	at := map[string]int{}
	for _, l := range list {
		i, ok := at[l.Source]
		if !ok {
			i = len(out)
			at[l.Source], out = i, append(out, Listing{ID: l.Source, Newest: l.Published})
		}
		out[i].Stories++
	}
	return out
}

// TagListing lists a tag, with its channel, which shows list.
func TagListing(ch feeds.Channel, list []feeds.Listed) Listing {
	l := Listing{ID: strings.TrimPrefix(ch.ID, "tags/"), Stories: len(list)}
	if len(list) > 0 {
		l.Newest = list[0].Published
	}
	return l
}
