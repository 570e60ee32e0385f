package config

import (
	"net/url"
	"slices"

	"github.com/nashra/nashra/feeds"
)

// Listing says what a list of sources brings.
type Listing struct {
	Named      int // feeds that it names
	Polled     int // those that are polled
	Configured int // those that are not, as the config file names their address
	Beyond     int // those that are not, as they stand beyond max
	Left       int // feeds that left it, whose stories stay
}

// Feeds returns the sources of the file, and then those that Follow found in lists.
func (c *Config) Feeds() []feeds.Source {
	own := slices.DeleteFunc(slices.Clone(c.Sources), feeds.Source.List)
	return append(own, c.Listed...)
}

// Lists returns the lists of sources of the file.
func (c *Config) Lists() []feeds.Source {
	return slices.DeleteFunc(slices.Clone(c.Sources), func(s feeds.Source) bool { return !s.List() })
}

// Follow sets Listed and Listings by what the lists of c name, ordered by list and place. A feed that the
// file names too, that stands beyond max or that left its list is not polled; if it never was, it is no source
// either. A list cannot name a list.
func (c *Config) Follow(entries []feeds.Entry) {
	f := follower{lists: map[string]bool{}, own: map[string]feeds.Source{}, ids: map[string]bool{},
		at: map[string]int{}}
	for _, s := range c.Sources {
		if f.ids[s.ID] = true; s.List() {
			f.lists[feeds.FeedKey(s.OPML)] = true
		} else {
			f.own[feeds.FeedKey(s.URL)] = s
		}
	}
	c.Listings = map[string]Listing{}
	of := map[string][]feeds.Entry{}
	for _, e := range entries {
		of[e.List] = append(of[e.List], e)
	}
	for _, list := range c.Lists() {
		c.Listings[list.ID] = f.follow(list, of[feeds.ListID(list.ID)])
	}
	c.Listed = f.out
}

// follower is the state of a Follow call.
type follower struct {
	lists map[string]bool         // FeedKey of each list
	own   map[string]feeds.Source // sources of the file, by FeedKey
	ids   map[string]bool         // that the file has
	at    map[string]int          // index in out, by id
	out   []feeds.Source
}

// follow adds what a list names.
func (f *follower) follow(list feeds.Source, entries []feeds.Entry) (n Listing) {
	for _, e := range entries {
		key := feeds.FeedKey(e.URL)
		if f.lists[key] || f.ids[e.ID] {
			continue
		}
		own, configured := f.own[key]
		on := list.On()
		if e.Left() {
			n.Left, on = n.Left+1, false
		} else {
			n.Named++
		}
		switch {
		case !on:
		case configured:
			n.Configured++
			// one that is polled stands in for e: see feeds.Twins
			on = e.Heard && own.On() && len(own.Headers) == 0
		case n.Polled == list.Max:
			n.Beyond, on = n.Beyond+1, false
		default:
			n.Polled++
		}
		if on || e.Heard {
			f.add(listed(list, e, on))
		}
	}
	return n
}

// add adds a source, or the tags of a list to a source that another list names too.
func (f *follower) add(s feeds.Source) {
	at, again := f.at[s.ID]
	if !again {
		f.at[s.ID] = len(f.out)
		f.out = append(f.out, s)
		return
	}
	first := f.out[at]
	if s.On() && !first.On() {
		first, s = s, first
	}
	first.Private = first.Private || s.Private
	first.Tags = slices.Concat(first.Tags, slices.DeleteFunc(slices.Clone(s.Tags), func(tag string) bool {
		return slices.Contains(first.Tags, tag)
	}))
	f.out[at] = first
}

// listed returns the source that an entry of a list makes. It has the tags, schedule and translate of the
// list, and no headers. Its address is hidden if that of the list is, or if it seems to hold a secret.
func listed(list feeds.Source, e feeds.Entry, on bool) feeds.Source {
	s := feeds.Source{ID: e.ID, URL: e.URL, Title: e.Title, Site: e.Site, Lang: e.Lang, Tags: list.Tags,
		Schedule: list.Schedule, Translate: list.Translate, Private: list.Private, Enabled: &on,
		Content: list.Content, FullText: list.FullText, Timezone: list.Timezone, // the defaults, as a list has none
		Via: list.ID}
	if !IsLanguage(s.Lang) {
		s.Lang = ""
	}
	if u, err := url.Parse(e.URL); err == nil && (u.User != nil || holdsSecret(u)) {
		s.Private = true
	}
	return s
}
