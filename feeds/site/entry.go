package site

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// entry is a story as the page shows it.
type entry struct {
	ID     string
	Sides  []side // the translation, where one is wanted, then the original
	Outlet outlet
	When   moment
	Copies []outlet // that printed the same
	Events []outlet // that tell of it in their own words
	Partly bool     // translated
	Credit string   // who translated; empty: nobody did
	Made   moment   // the translation; zero: not known
	page   string   // of the story alone, from the index; empty: none
	whole           // only on that page
}

// side is a story in one language.
type side struct {
	Lang, Dir string
	Title     []run
	Link      string // the story's page, or on that the original; empty: none
	Hreflang  string // its language, where it has one
	Excerpt   excerpt
	Text      template.HTML // all of it; only on the story's page
	Waiting   string        // said in place of what is not translated yet
}

// outlet names who published an item, with the way to it.
type outlet struct {
	Lang, Dir, Name string // Lang is empty where the letters do not tell
	Link, Hreflang  string
}

func newEntry(where feeds.Site, s feeds.Story, events bool) entry {
	lead := s.Items[0].Item
	e := entry{ID: s.ID, Outlet: newOutlet(where, lead), When: newMoment(s.Published, "15:04")}
	if paged.MatchString(s.ID) {
		e.page = feeds.StoryPath(s.ID)
	}
	original := newSide(s.Text, lead)
	t := s.Translation
	switch t.State {
	case feeds.Waiting, feeds.Partial, feeds.Done:
		e.Sides = []side{translated(s, lead), original}
	default:
		e.Sides = []side{original}
	}
	if e.Credit = t.Credit(); e.Credit != "" && !t.At.IsZero() {
		e.Made = newMoment(t.At, "2 January 2006")
	}
	e.Partly = t.State == feeds.Partial
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

// in is e on a page from which root leads to the index: its headlines lead to its own page.
func (e entry) in(root string) entry {
	if e.page == "" {
		return e
	}
	e.Sides = slices.Clone(e.Sides)
	for i := range e.Sides {
		e.Sides[i].Link, e.Sides[i].Hreflang = root+e.page, ""
	}
	return e
}

// newSide shows t, which the page of lead tells.
func newSide(t feeds.Text, lead feeds.Item) side {
	return side{Lang: t.Lang, Dir: arabic.Dir(t.Lang), Title: runs(tidy(t.Title), t.Lang), Link: address(lead.URL), Hreflang: lead.Lang,
		Excerpt: newExcerpt(t)}
}

// translated is the side of s's translation, with a word on what is missing.
func translated(s feeds.Story, lead feeds.Item) side {
	t := s.Translation
	if t.Lang == "" {
		t.Lang = "en"
	}
	if t.State == feeds.Waiting {
		t.Text = feeds.Text{Lang: t.Lang}
	}
	out := newSide(t.Text, lead)
	if out.Excerpt.Lang != "" && arabic.Dir(out.Excerpt.Lang) != out.Dir { // still the original, which stands beside it
		out.Excerpt = excerpt{}
	}
	title, text := out.Title != nil, out.Excerpt.HTML != ""
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
	o := outlet{Name: tidy(where.Sources[it.SourceID].Title), Dir: "ltr", Link: address(it.URL), Hreflang: it.Lang}
	if o.Name == "" {
		o.Name = tidy(it.SourceID)
	}
	if arabic.Has(o.Name) { // a name of both scripts is an Arabic one
		o.Lang, o.Dir = script(o.Name), "rtl"
	}
	return o
}

// address is u where a browser can follow it; else empty.
func address(u string) string {
	u = strings.TrimSpace(u)
	if p, err := url.Parse(u); err != nil || p.Host == "" || p.Scheme != "http" && p.Scheme != "https" {
		return ""
	}
	return u
}
