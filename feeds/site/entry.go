package site

import (
	"cmp"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// Entry is a story as a page shows it.
type Entry struct {
	ID      string
	Sides   []side // the translation if one is wanted, then the original
	Outlet  outlet
	When    moment
	Copies  []outlet // that printed the same text
	Outlets int      // that have the story or a linked one
	Events  []outlet // that report the same event in their own words
	Partly  bool     // translated in part
	Doubt   string   // what checks doubt in the translation; empty: nothing
	Credit  string   // who translated; empty: nobody
	Made    moment   // when it was translated; zero: unknown
	Thumb   string   // address of a picture for lists; empty: none is to be shown
	page    string   // path of the story's page; empty: it has none

	published time.Time
	details
}

// side is a story in one language.
type side struct {
	Lang, Dir string
	Title     []run
	Link      string // the story's page or, on that page, the original; empty: none
	Hreflang  string // language of the link's target, if known
	Excerpt   excerpt
	Text      template.HTML // the whole text; only on the story's page
	Waiting   string        // stands in for what is not translated yet
}

// outlet names who published an item, with a link to it.
type outlet struct {
	source          string
	Lang, Dir, Name string // Lang is empty if the letters do not show it
	Link, Hreflang  string
}

func newEntry(where feeds.Site, publisher func(string) string, s feeds.Story, events bool) Entry {
	lead := s.Items[0].Item
	e := Entry{ID: s.ID, Outlet: newOutlet(where, lead), When: newMoment(s.Published, "15:04"),
		published: s.Published, Outlets: len(s.Outlets(publisher))}
	if where.Small() {
		e.Thumb = imageOf(s)
	}
	if storyID.MatchString(s.ID) {
		e.page = feeds.StoryPath(s.ID)
	}
	t := s.Translation
	switch t.State {
	case feeds.Waiting, feeds.Partial, feeds.Done:
		e.Sides = append(e.Sides, translatedSide(s, lead))
	}
	e.Sides = append(e.Sides, newSide(s.Text, lead))
	if e.Credit = t.Credit(); e.Credit != "" && !t.At.IsZero() {
		e.Made = newMoment(t.At, "2 January 2006")
	}
	e.Partly, e.Doubt = t.State == feeds.Partial, t.Doubtful()
	for _, m := range s.Copies() {
		e.Copies = append(e.Copies, newOutlet(where, m.Item))
	}
	if events {
		for _, m := range s.Related {
			e.Events = append(e.Events, newOutlet(where, m.Item))
		}
	}
	return e
}

// newSide makes the side of t, which comes from lead's page.
func newSide(t feeds.Text, lead feeds.Item) side {
	title := cleanText(feeds.Shorten(t.Title, feeds.MaxTitle))
	return side{Lang: t.Lang, Dir: arabic.Dir(t.Lang), Title: runs(title, t.Lang), Link: linkable(lead.URL),
		Hreflang: lead.Lang, Excerpt: newExcerpt(t)}
}

// translatedSide makes the side of s's translation, and says what is missing in it.
func translatedSide(s feeds.Story, lead feeds.Item) side {
	t := s.Translation
	if t.Lang == "" {
		t.Lang = "en"
	}
	if t.State == feeds.Waiting {
		t.Text = feeds.Text{Lang: t.Lang}
	}
	out := newSide(t.Text, lead)
	if out.Excerpt.Lang != "" && arabic.Dir(out.Excerpt.Lang) != out.Dir { // it is the original, which stands beside it
		out.Excerpt = excerpt{}
	}
	title, text := out.Title != nil, out.Excerpt.Text != nil
	switch {
	case !title && !text:
		out.Waiting = "Waiting for translation"
	case !title:
		out.Waiting = "Headline waiting for translation"
	case !text && t.State == feeds.Partial:
		out.Waiting = "Text waiting for translation"
	}
	return out
}

func newOutlet(where feeds.Site, it feeds.Item) outlet {
	name := sourceName(where, it.SourceID, feeds.Bilingual)
	return outlet{
		source:   it.SourceID,
		Lang:     name.Lang,
		Dir:      name.Dir,
		Name:     name.Text,
		Link:     linkable(it.URL),
		Hreflang: it.Lang,
	}
}

// sourceName returns what edition e calls a source.
func sourceName(where feeds.Site, id string, e feeds.Edition) phrase {
	return newPhrase(cmp.Or(where.Source(id).Name(e), id))
}

// newPhrase makes a phrase of plain text. A text without Arabic letters has no known language.
func newPhrase(s string) phrase {
	p := phrase{Text: cleanText(s), Dir: "ltr"}
	if arabic.Has(p.Text) {
		p.Lang, p.Dir = scriptLang(p.Text), "rtl"
	}
	return p
}

// linkable returns address if a browser can follow it, else "".
func linkable(address string) string {
	address = strings.TrimSpace(address)
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return address
}
