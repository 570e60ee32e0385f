package render

import (
	"time"

	"github.com/nashra/nashra/feeds"
)

// The program's name and home page. RSS demands a link: home is that of a channel without a public one.
const (
	generator = "nashra"
	home      = "https://github.com/nashra/nashra"
)

// self returns where the feed stands publicly; empty without publish.url.
func (p *feed) self() string {
	return address(p.site, p.channel.Path(p.edition, p.format))
}

// address returns the public address of a published file; empty without publish.url.
func address(site feeds.Site, name string) string {
	if site.URL == "" {
		return ""
	}
	return feeds.URI(site.URL + name)
}

// homePage returns the public page of the channel or story; home if there is none.
func (p *feed) homePage() string {
	if p.site.URL == "" {
		return home
	}
	return feeds.URI(p.site.URL + p.page)
}

// origin returns the address that identifies a source publicly: its feed's, or its home page if that is
// private. It is empty if neither may be told.
func origin(s feeds.Source) string {
	if s.Private || s.URL == "" {
		return feeds.URI(s.Site)
	}
	return feeds.URI(s.URL)
}

// stamp formats t as Atom and JSON Feed have it (RFC 3339), in UTC.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
