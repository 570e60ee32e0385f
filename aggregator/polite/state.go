// Package polite decides when sources may be polled and hosts asked for pages: by our schedule, by what publishers ask for, and by
// robots.txt. It remembers between requests what a caller stores for it: a State for each source, a Host for each host.
package polite

import (
	"time"

	"github.com/nashra/nashra/feeds"
)

// State is what is remembered of a source between polls. The zero State is a source that was never polled.
type State struct {
	ID         string
	Address    string // the source's address in the config when the rest was learnt: another one, and the rest is void
	URL        string // where to ask, after permanent redirects; empty: Address
	Validators feeds.Validators
	Digest     [32]byte      // of the last body that was read: the same again brings nothing
	Title      string        // as the feed names itself
	Site       string        // home page
	Lang       string        // as declared
	TTL        time.Duration // how long it says it stays as it is, when it was last read; 0: it does not say
	Skip       feeds.Skip    // when it asks not to be asked
	Due        time.Time     // UTC; not to be asked before, by our schedule or the publisher's word
	Why        string        // for people: what Due comes of
	Held       time.Time     // UTC; the publisher's Retry-After: not even --now goes before it
	Gone       bool          // 410: not to be asked again
	Polled     time.Time     // UTC; the last attempt
	Succeeded  time.Time     // UTC; the last attempt that gave a readable feed or a 304
	Clock      time.Time     // UTC; what the source's server took the time for then; zero: it did not say
	Failures   int           // attempts failed in a row
	Error      string        // of the last attempt; empty: it succeeded
	Class      string        // of Error, a word or two: fetch.Class, or "format" where what came is no feed that can be read
}

// AddressOf returns where to ask for s, of which st is known.
func (st State) AddressOf(s feeds.Source) string {
	if st.URL != "" && st.Address == s.URL {
		return st.URL
	}
	return s.URL
}

// Moved notes where a readable answer came from over permanent redirects. A 304 is one: it speaks of what was read before.
func (st *State) Moved(to string) {
	if st.URL = to; to == st.Address {
		st.URL = ""
	}
}
