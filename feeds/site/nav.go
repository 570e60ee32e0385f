package site

import (
	"strings"

	"github.com/nashra/nashra/feeds"
)

// Where the lists of lists stand.
const (
	DaysPath       = "days/index.html"
	TagsPath       = "tags/index.html"
	SourceListPath = "sources/index.html"
)

// ListPath returns where the page of the stories of a channel stands. The channels of tags and sources
// have the ids tags/T and sources/ID.
func ListPath(channelID string) string {
	if strings.HasPrefix(channelID, "tags/") || strings.HasPrefix(channelID, "sources/") {
		return channelID + ".html"
	}
	return "channels/" + channelID + ".html"
}

// alternate is the page in one edition.
type alternate struct {
	phrase
	Link, Hreflang string
	Current        bool
	ID             string // of the link, on a page that holds several languages itself
}

// navLink leads to another page. Current is set on that page.
type navLink struct {
	phrase
	Link    string
	Current bool
}

// link leads from p to the page at path in the same edition.
func (p page) link(path string) string { return p.Root + feeds.PagePath(p.Edition, path) }

// alternates returns p in all editions.
func (p page) alternates() (out []alternate) {
	for _, e := range feeds.Editions {
		hreflang := string(e)
		if e == feeds.Bilingual {
			hreflang = "x-default"
		}
		link := p.Root + feeds.PagePath(e, p.Path)
		out = append(out, alternate{editions[e].short, link, hreflang, e == p.Edition, ""})
	}
	return out
}

// nav returns the links of every page: to the lists, and to the channels that the index does not show.
func (b *Book) nav(p page) (out []navLink) {
	add := func(path string, names ...phrase) {
		out = append(out, navLink{inLang(p.Lang, names), p.link(path), p.Path == path})
	}
	add(IndexPath, inBoth("Today")...)
	add(DaysPath, inBoth("Days")...)
	if len(b.tags) > 0 {
		add(TagsPath, inBoth("Tags")...)
	}
	add(SourceListPath, inBoth("Sources")...)
	for i, ch := range b.channels {
		if b.main() != &b.channels[i] {
			add(ListPath(ch.ID), channelName(ch)...)
		}
	}
	return out
}
