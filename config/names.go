package config

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// Lengths of the ids that are made of names. Those of sources stand in tables.
const (
	maxID     = 63 // see idPattern
	maxMadeID = 40
)

// kept reports whether the file can hold s as it is, not as a reference.
func kept(s string) bool { return !strings.Contains(s, "${") && !strings.HasPrefix(s, fileScheme) }

// freeID returns the first of names that may be an id and is free, or else one of them with the next
// number; last holds the numbers given so far.
func freeID(names []string, free func(id string) bool, last map[string]int) string {
	for _, id := range names {
		if IsID(id) && free(id) {
			return id
		}
	}
	for n := max(2, last[names[0]]+1); ; n++ {
		if id := fmt.Sprintf("%.58s-%d", names[0], n); free(id) {
			last[names[0]] = n // a list of 10,000 would count from 2 each time
			return id
		}
	}
}

// named returns list with the ids that must be written out: sources that share a host are named by
// their titles or paths. It drops titles that would be read as references.
func named(list, have []feeds.Source) []feeds.Source {
	taken, hosts := map[string]bool{}, map[string]int{}
	for _, s := range slices.Concat(have, list) {
		taken[s.ID] = true
		hosts[idOf(s.Address())]++
	}
	out, last := slices.Clone(list), map[string]int{}
	for i := range out {
		s := &out[i]
		if !kept(s.Title.EN) || !kept(s.Title.AR) {
			s.Title = feeds.Title{}
		}
		if s.ID != "" {
			continue
		}
		host := idOf(s.Address())
		names := []string{feeds.Slug(s.Title.In(feeds.Bilingual), maxMadeID), pathName(host, s.Address())}
		if hosts[host] == 1 {
			names = slices.Insert(names, 0, host, feeds.Slug(host, maxMadeID))
		}
		names = slices.DeleteFunc(names, func(id string) bool { return feeds.Slug(id, maxID) != id || id == "" })
		if len(names) == 0 {
			names = []string{"source"}
		}
		id := freeID(names, func(id string) bool { return !taken[id] }, last)
		if taken[id] = true; id != host {
			s.ID = id
		}
	}
	return out
}

// pathWords are words of paths that most feeds have.
var pathWords = []string{"feed", "feeds", "rss", "rss2", "atom", "xml", "json", "index", "default", "posts", "www"}

// pathName makes an id of the host and the path of an address, unless the path may be a secret.
func pathName(host, address string) string {
	u, err := url.Parse(address)
	if err != nil || holdsSecret(u) {
		return feeds.Slug(host, maxMadeID)
	}
	words := strings.Split(feeds.Slug(strings.TrimSuffix(u.Path, path.Ext(u.Path)), len(u.Path)), "-")
	words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(pathWords, w) })
	return feeds.Slug(host+" "+strings.Join(words, " "), maxMadeID)
}

// folded returns name as names are compared. Latin names keep their signs: C++ is not C.
func folded(name string) string {
	if arabic.Has(name) {
		return arabic.Fold(name)
	}
	return strings.ToLower(name)
}

// tagged returns list with tags for the names in Tags, and the titles that new tags get. A name that
// c has as a tag's id or title is that tag.
func tagged(list []feeds.Source, c *Config) ([]feeds.Source, map[string]map[string]string) {
	ids, titled := map[string]string{}, map[string]bool{} // ids: by folded name
	made, last := map[string]bool{}, map[string]int{}
	for _, s := range c.Sources {
		for _, tag := range s.Tags {
			ids[tag], made[tag] = tag, true
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(c.Tags)) {
		ids[tag], titled[tag] = tag, true
		for _, title := range c.Tags[tag] {
			ids[folded(title)] = tag
		}
	}
	titles := map[string]map[string]string{}
	tag := func(name string) string {
		key := folded(name)
		id, known := ids[key]
		switch {
		case known:
		case made[name]:
			id = name
		default:
			base := []string{feeds.Slug(name, maxID)}
			if base[0] == "" { // no letter of it can be written in an id
				base[0] = "tag"
			}
			id = freeID(base, func(id string) bool { return !titled[id] }, last)
		}
		ids[key], made[id] = id, true
		if name != id && !titled[id] && kept(name) {
			lang := "en"
			if arabic.Has(name) {
				lang = "ar"
			}
			titles[id], titled[id] = map[string]string{lang: name}, true
		}
		return id
	}
	out := slices.Clone(list)
	for i := range out {
		var tags []string
		for _, name := range out[i].Tags {
			if id := tag(name); !slices.Contains(tags, id) {
				tags = append(tags, id)
			}
		}
		out[i].Tags = tags
	}
	return out, titles
}
