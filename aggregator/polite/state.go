// Package polite decides when sources may be polled and hosts asked for pages: by our schedule, by
// what publishers ask for, and by robots.txt. The caller stores its memory between requests: a
// State for each source and a Host for each host.
package polite

import (
	"net/url"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
)

// State is what is remembered of a source between polls. The zero State is a source that was never
// polled.
type State struct {
	ID string
	// the source's address in the config when the rest was learnt; another address voids the rest
	Address    string
	URL        string // the address after permanent redirects; empty: Address
	Validators feeds.Validators
	Digest     [32]byte      // of the last body that was parsed: the same body brings nothing new
	Title      string        // from the feed
	Site       string        // home page, from the feed
	Lang       string        // from the feed
	TTL        time.Duration // how long the feed says that it stays unchanged; 0: it does not say
	Skip       feeds.Skip    // when the feed asks not to be polled
	Due        time.Time     // UTC; no poll before, by our schedule or the publisher's wish
	Why        string        // the reason for Due, for people
	Held       time.Time     // UTC; the publisher's Retry-After, which even --now respects
	Gone       bool          // 410: never to be polled again
	Polled     time.Time     // UTC; the last attempt
	Succeeded  time.Time     // UTC; the last attempt that gave a readable feed or a 304
	Clock      time.Time     // UTC; the server's Date at that time; zero: it sent none
	Failures   int           // in a row
	Error      string        // of the last attempt; empty: it succeeded
	// class of Error: fetch.Class, "robots" if robots.txt keeps us off a page, or "format" if the document
	// is not a readable feed, or not a page with items
	Class string
	// of the last whole document: what was odd about it, for people, and how it was decoded
	Note, Charset string
	Shared        feeds.Shared
	Recipe        string // how it was read: see feeds.Source.Recipe
}

// AddressOf returns the address to poll s at.
func (st State) AddressOf(s feeds.Source) string {
	if st.URL != "" && st.Address == s.URL {
		return st.URL
	}
	if s.Page.On() {
		return s.URL
	}
	return feeds.FeedAddress(s.URL)
}

// MovedTo returns where s has moved for good, by its publisher's word; empty: it has not moved, though its feed
// may stand elsewhere.
func (st State) MovedTo(s feeds.Source) string {
	to := st.AddressOf(s)
	if to == s.URL || to == feeds.FeedAddress(s.URL) || feeds.IsYouTube(s.URL) && feeds.IsYouTube(to) {
		return ""
	}
	return to
}

// HostOf returns the host of AddressOf, as HostOf does; what is no address is its own host.
func (st State) HostOf(s feeds.Source) string {
	address := st.AddressOf(s)
	if u, err := url.Parse(address); err == nil {
		return HostOf(u.Host)
	}
	return address
}

// Odd adds to the Note what is odd about the source, once.
func (st *State) Odd(what string) {
	if !strings.Contains(st.Note, what) {
		st.Note = strings.TrimPrefix(st.Note+"; "+what, "; ")
	}
}

// Moved notes the address of a readable answer, after permanent redirects. A 304 counts as one.
func (st *State) Moved(to string) {
	if st.URL = to; to == st.Address || to == feeds.FeedAddress(st.Address) {
		st.URL = ""
	}
}
