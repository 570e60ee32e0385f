package render

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// FollowFormats are the formats of the feed of a story.
var FollowFormats = []feeds.Format{feeds.Atom, feeds.JSON}

// followed is how many entries the feed of a story has. What is told more often is no news to its
// readers (chosen on 2026-11-30).
const followed = 40

// FollowPath returns where the feed of a story stands.
func FollowPath(id string, f feeds.Format) string {
	return feeds.Path(followChannel(id), feeds.Bilingual, f)
}

// followChannel is what stands in the place of a channel's id in the ids of a story's feed.
func followChannel(id string) string { return "stories/" + id }

// chapter is an entry of the feed of a story.
type chapter struct {
	feeds.Story
	key string // see Writer.add
}

// Follow writes the feed of a story in some formats: the story, its updates and copies, and the stories
// that are linked with it, the newest first.
func Follow(site feeds.Site, s feeds.Story, linked []feeds.Story, to map[feeds.Format]io.Writer) error {
	site.Hub = "" // it is told of channels only
	list := chapters(s, linked)
	w := NewWriter(site, feeds.Channel{ID: followChannel(s.ID), Title: titles(site, s)}, placed(list))
	w.page = feeds.StoryPath(s.ID)
	for _, f := range FollowFormats {
		if to[f] == nil {
			continue
		}
		if err := w.Begin(to[f], feeds.Bilingual, f); err != nil {
			return err
		}
	}
	for _, c := range list {
		if err := w.add(c.Story, c.key); err != nil {
			return err
		}
	}
	return w.Close()
}

// chapters returns the entries of the feed of s.
func chapters(s feeds.Story, linked []feeds.Story) []chapter {
	out := []chapter{{s, s.ID}}
	for _, l := range linked {
		out = append(out, chapter{l, l.ID})
	}
	for _, m := range s.Copies() {
		c := member(s, m)
		c.Text = feeds.Text{Lang: s.Lang, Title: s.Title}
		c.Translation.Text = feeds.Text{Lang: s.Translation.Lang, Title: s.Translation.Title}
		out = append(out, chapter{c, "copy/" + m.SourceID})
	}
	for _, m := range s.Items {
		if m.Kind == feeds.Update {
			c := member(s, m)
			c.Translation = feeds.Translation{State: feeds.None}
			out = append(out, chapter{c, "update/" + m.SourceID + "/" + m.GUID})
		}
	}
	slices.SortStableFunc(out, func(x, y chapter) int {
		return cmp.Or(y.Published.Compare(x.Published), strings.Compare(x.key, y.key))
	})
	return out[:min(len(out), followed)]
}

// member returns an item of s as a story of its own.
func member(s feeds.Story, m feeds.Member) feeds.Story {
	at := m.When()
	s.Items, s.Related, s.Elsewhere = []feeds.Member{m}, nil, nil
	s.Text = feeds.Text{Lang: m.Lang, Title: m.Title} // the policy of a source is applied to leads only
	s.Published, s.Updated = at, at
	if m.Updated.After(at) {
		s.Updated = m.Updated
	}
	return s
}

func placed(list []chapter) (out []feeds.Listed) {
	for _, c := range list {
		out = append(out, feeds.Listed{ID: c.ID, Lang: c.Lang, Published: c.Published, Updated: c.Updated})
	}
	return out
}

// titles returns the headlines of s or, if it has none, the name of its outlet.
func titles(site feeds.Site, s feeds.Story) map[string]string {
	out := map[string]string{"en": headline(s.Translation.Title)}
	switch original := headline(s.Title); {
	case arabic.Dir(s.Lang) == "rtl":
		out["ar"] = original
	case out["en"] == "":
		out["en"] = original
	}
	if out["en"] == "" && out["ar"] == "" {
		id := s.Items[0].SourceID
		out["en"] = cmp.Or(site.Sources[id].Name(feeds.Bilingual), id)
	}
	return out
}
