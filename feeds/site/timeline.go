package site

import (
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
)

// Beside is what the page of a story shows beside it. Its stories may be cut short.
type Beside struct {
	Linked         []Neighbour // stories that are linked with it
	Earlier, Later *Neighbour  // the stories before and after it in time; nil: none
}

// Stories returns the stories of Linked.
func (a Beside) Stories() (out []feeds.Story) {
	for _, n := range a.Linked {
		out = append(out, n.Story)
	}
	return out
}

// Neighbour is a story that the page of another one names.
type Neighbour struct {
	feeds.Story
	Paged bool // it has a page
}

// half is the page of a story in one language.
type half struct {
	Lang, Dir string // of the words around the text: Arabic or, for any other text, English
	Level     int    // of the headings within it
	Credited  bool   // its text is the translation
	Text      side
	HeadLang  string // of its headline, as HeadDir
	HeadDir   string
	Outlet    outlet
	Authors   []phrase
	When      moment
	Day       day
	Covered   string // how many outlets and reports there are; empty: one
	Line      []step // what was told, the first report first; nil: only the story
	More      string // how many reports are not in Line; empty: none
	Earlier   *side
	Later     *side
}

// step is a line of a time line.
type step struct {
	Kind   feeds.Kind // the lead is the story itself
	side              // of a linked story, with a link to its page
	Outlet outlet     // its link is the original
	When   moment
	at     time.Time
}

// maxSteps is how many lines a time line has: three screens (chosen on 2026-11-30). Its story's feed
// and the pages of linked stories have more.
const maxSteps = 30

// whole is the content of the page of a story.
type whole struct {
	Entry  Entry
	Halves []half
	Follow []link
}

// Story writes the page of one story with its whole text.
func (b *Book) Story(w io.Writer, s feeds.Story, a Beside) error {
	p := b.page(feeds.Bilingual, feeds.StoryPath(s.ID))
	e := b.Entry(s).detailed(s, b.where.NoImages)
	p.Paired, p.Policy = len(e.Sides) > 1, policyContent(!b.where.NoImages)
	p.Meta = b.storyMeta(p, e)
	p.Title = p.Meta.Title + " – " + p.Title
	p.Follow = followLinks(p, s, p.Meta.Title)
	content := whole{e, b.halves(p, s, e, a), p.Follow}
	p.Alternates, p.Content = switches(content.Halves), content
	return p.write(w, storyKind)
}

// halves returns the page of a story in each of its languages, the translation first. e is the story's
// entry with its whole text.
func (b *Book) halves(p page, s feeds.Story, e Entry, a Beside) (out []half) {
	if !b.events {
		a.Linked, s.Related, s.Elsewhere = nil, nil, nil
	}
	for i, text := range e.Sides {
		if p.Edition = feeds.English; strings.HasPrefix(text.Lang, "ar") {
			p.Edition = feeds.Arabic
		}
		p.Lang = frameLang(p.Edition)
		h := half{Lang: p.Lang, Dir: editions[p.Edition].Dir, Level: 2 + i, Credited: i < len(e.Sides)-1, Text: text,
			HeadLang: text.Lang, HeadDir: text.Dir,
			Outlet: b.named(p, e.Outlet), When: p.date(s.Published), Day: newDay(p, s.Published),
			Earlier: b.neighbour(p, a.Earlier), Later: b.neighbour(p, a.Later)}
		if original := e.Sides[len(e.Sides)-1]; h.Text.Title == nil { // until it is translated
			h.Text.Title = original.Title
			h.HeadLang, h.HeadDir = original.Lang, original.Dir
		}
		for _, name := range s.Items[0].Authors {
			h.Authors = append(h.Authors, newPhrase(b.where.Author(name, s.Items[0].SourceID, p.Edition)))
		}
		h.Line, h.More = b.line(p, s, e, a.Linked)
		if outlets := len(s.Outlets(b.publisher)); outlets > 1 || s.Reports() > 1 {
			h.Covered = feeds.Coverage(p.Lang, outlets, s.Reports())
		}
		out = append(out, h)
	}
	return out
}

// line returns the time line of a story on p; nil if nobody else told it. Of many reports it has linked
// stories first, then updates, then copies, and says how many it leaves out.
func (b *Book) line(p page, s feeds.Story, e Entry, linked []Neighbour) (out []step, more string) {
	add := func(kind feeds.Kind, at time.Time, o outlet) {
		out = append(out, step{Kind: kind, Outlet: b.named(p, o), When: p.moment(at, s.Published), at: at})
	}
	add(feeds.Lead, s.Published, e.Outlet)
	linked = slices.Clone(linked)
	slices.SortStableFunc(linked, func(x, y Neighbour) int { return x.Published.Compare(y.Published) })
	for _, n := range linked[:min(len(linked), maxSteps-1)] {
		of := b.beside(n)
		add(feeds.Linked, n.Published, of.Outlet)
		out[len(out)-1].side = b.linkedSide(p, of, n.Paged)
	}
	var updates []feeds.Member
	for _, m := range s.Items {
		if m.Kind == feeds.Update {
			updates = append(updates, m)
		}
	}
	members := slices.Concat(updates, s.Copies())
	total := 1 + len(linked) + len(members)
	for _, m := range members[:min(len(members), maxSteps-len(out))] {
		add(m.Kind, m.When(), newOutlet(b.where, m.Item))
	}
	if len(out) == 1 {
		return nil, ""
	}
	if total > len(out) {
		more = "+" + feeds.Count(p.Lang, total-len(out), "report")
	}
	slices.SortStableFunc(out, func(x, y step) int { return x.at.Compare(y.at) })
	return out, more
}

// neighbour returns the headline of a story with a link to its page; nil if there is none.
func (b *Book) neighbour(p page, n *Neighbour) *side {
	if n == nil {
		return nil
	}
	s := b.linkedSide(p, b.beside(*n), n.Paged)
	return &s
}

// beside returns the entry of a story that stands beside others.
func (b *Book) beside(n Neighbour) Entry {
	e, _ := b.shared.entries.once(n.ID, func() (Entry, error) { return b.Entry(n.Story), nil })
	return e
}

// linkedSide returns the side of e that is in p's language, else the original. It leads to e's page, or
// to the original if e has none.
func (b *Book) linkedSide(p page, e Entry, paged bool) side {
	sides := e.sidesIn(p.Edition)
	if sides == nil {
		sides = e.Sides
	}
	s := sides[0].headed(e.Outlet, true)
	if paged && e.page != "" {
		s.Link, s.Hreflang = p.Root+e.page+fragment(p.Edition), ""
	}
	return s
}

// fragment returns what makes the page of a story show the language of an edition alone: see switches.
func fragment(e feeds.Edition) string {
	if e == feeds.Bilingual {
		return ""
	}
	return "#" + string(e)
}

// switches returns the links by which a story's page shows one language or both.
func switches(halves []half) (out []alternate) {
	if len(halves) < 2 || halves[0].Lang == halves[1].Lang {
		return nil
	}
	for _, e := range feeds.Editions {
		id := string(e)
		if e == feeds.Bilingual {
			id = "both"
		}
		out = append(out, alternate{phrase: editions[e].short, Link: "#" + id, ID: id})
	}
	return out
}

// followLinks returns the links to the feed of a story.
func followLinks(p page, s feeds.Story, headline string) (out []link) {
	for _, f := range render.FollowFormats {
		out = append(out, link{Path: p.Root + render.FollowPath(s.ID, f), Hreflang: "mul", Format: formats[f],
			Type: template.HTMLAttr(`type="` + f.MediaType() + `"`), Title: headline + " (" + formats[f] + ")"})
	}
	return out
}
