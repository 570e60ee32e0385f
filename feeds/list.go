package feeds

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Entry is a feed that a list of sources names. See Source.List.
type Entry struct {
	List   string // what ListID returns of the list
	ID     string // of the source: see EntryID
	URL    string
	Title  Title
	Site   string
	Lang   string
	Place  int  // in the list, from 0
	Missed int  // how often in a row the list was read and did not name it
	Heard  bool // it was once polled with success
}

// Departure is how often in a row a list must not name a feed before the feed is no longer polled. A list
// that is broken for a day loses nothing.
const Departure = 2

// Left reports whether e has left its list.
func (e Entry) Left() bool { return e.Missed >= Departure }

// listMark begins the ids under which lists are polled. No source has such an id.
const listMark = "opml:"

// ListID returns the id under which the list with that id is polled, and IsListID reports whether an id
// is one.
func ListID(id string) string     { return listMark + id }
func IsListID(id string) bool     { return strings.HasPrefix(id, listMark) }
func BareListID(id string) string { return strings.TrimPrefix(id, listMark) }

const (
	// an id has at most 63 letters: the host's name, a hyphen and the hash
	entryHost = 50
	// 40 bits: of ten thousand feeds on one host, two have the same hash once in 20,000 lists
	entryHash = 10
	// the longest address that servers must accept (RFC 9110, 4.1)
	maxEntryURL = 8000
)

// EntryID returns the id of a source that a list names: its host and a hash of FeedKey. It stays the same
// whatever else the list names, and if the address gets https or loses its www.
func EntryID(address string) string {
	key := FeedKey(address)
	sum := sha256.Sum256([]byte(key))
	hash := hex.EncodeToString(sum[:])[:entryHash]
	u, err := url.Parse(URI(WebURL(address)))
	if err != nil {
		return "feed-" + hash
	}
	host := Slug(strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."), entryHost)
	if host == "" {
		host = "feed"
	}
	return host + "-" + hash
}

// Entries returns the feeds that the list polled under an id names, each once, and how many of its outlines
// are no feed to be polled, with one of them as an example.
func (l List) Entries(list string) (out []Entry, refused int, example string) {
	refused = len(l.NoFeeds)
	if refused > 0 {
		example = l.NoFeeds[0]
	}
	seen := map[string]bool{}
	for _, s := range l.Sources {
		e := Entry{List: list, URL: WebURL(s.URL), Title: s.Title, Site: s.Site, Lang: s.Lang, Place: len(out)}
		u, err := url.Parse(e.URL)
		switch {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || len(e.URL) > maxEntryURL:
			if refused++; example == "" {
				example = fmt.Sprintf("%q is no http or https address", Shorten(OneLine(Redact(s.URL)), 80))
			}
			continue
		}
		if e.ID = EntryID(e.URL); !seen[e.ID] {
			seen[e.ID] = true
			out = append(out, e)
		}
	}
	return slices.Clip(out), refused, example
}
