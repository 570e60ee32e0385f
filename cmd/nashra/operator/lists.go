package operator

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// List is the status of a list of sources.
type List struct {
	ID         string    `json:"id"`
	URL        string    `json:"url"`           // without secrets
	Off        bool      `json:"off,omitempty"` // it is switched off
	Named      int       `json:"named"`         // feeds that it names
	Polled     int       `json:"polled"`        // those that are polled
	Configured int       `json:"configured"`    // those that are not, as the config file names them
	Beyond     int       `json:"beyond_max"`    // those that are not, as they stand beyond max
	Left       int       `json:"left"`          // feeds that left the list, whose stories stay
	Success    time.Time `json:"last_success,omitzero"`
	Read       time.Time `json:"last_read,omitzero"`
	Due        time.Time `json:"next_due,omitzero"` // zero: now, or never if Why is set
	Why        string    `json:"why,omitempty"`     // why it is not read now
	Late       bool      `json:"late,omitempty"`    // not read for three rounds
	Failures   int       `json:"failures,omitempty"`
	Class      string    `json:"error_class,omitempty"`
	Error      string    `json:"error,omitempty"`
	Note       string    `json:"note,omitempty"` // what is odd about it, though it can be read
}

// lists returns the status of the lists of sources.
func (p *Process) lists(states map[string]polite.State, later map[string]polite.Later) (out []List) {
	for _, src := range p.Config.Lists() {
		id := feeds.ListID(src.ID)
		n, m, why := p.Config.Listings[src.ID], states[id], later[id]
		l := List{ID: src.ID, URL: src.Shown(feeds.Redact(src.OPML)), Off: !src.On(),
			Named: n.Named, Polled: n.Polled, Configured: n.Configured, Beyond: n.Beyond, Left: n.Left,
			Success: m.Succeeded, Read: m.Polled, Due: why.Until, Why: why.Why,
			Failures: m.Failures, Class: m.Class, Error: src.Shown(m.Error), Note: src.Shown(m.Note)}
		if l.Off {
			l.Why = "switched off"
		} else {
			l.Late = p.Aggregator.LateList(src, m, p.Started)
		}
		out = append(out, l)
	}
	return out
}

// Counts says how many sources the list brings, and why not all that it names.
func (l List) Counts() string {
	parts := []string{counted(l.Polled, "source", "sources")}
	for _, c := range []struct {
		n    int
		what string
	}{{l.Beyond, "beyond max"}, {l.Configured, "in the config file"}, {l.Left, "left it"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(parts, ", ")
}

// State says whether the list could be read, and when it is read next.
func (l List) State() string {
	text := "never read"
	switch {
	case l.Off:
		return "switched off"
	case l.Error != "":
		text = fmt.Sprintf("%s, %d in a row: %s; last read %s", l.Class, l.Failures, l.Error,
			cmp.Or(Stamp(l.Success), "never"))
	case !l.Success.IsZero():
		text = "read " + Stamp(l.Success)
	}
	if l.Note != "" {
		text += "; odd: " + l.Note
	}
	if !l.Due.IsZero() {
		text += "; next " + Stamp(l.Due)
	}
	return text
}

// Tone is good, warn, bad or off.
func (l List) Tone() string {
	switch {
	case l.Off:
		return "off"
	case l.Late:
		return "bad"
	case l.Error != "":
		return "warn"
	}
	return "good"
}

// listReasons returns a reason for each list that could not be read for three rounds, or never: what it named
// before is polled, and what is new in it is not.
func (s *Status) listReasons() (out []Reason) {
	for _, l := range s.Lists {
		if never := l.Success.IsZero() && l.Failures > 0; !l.Off && l.Failures > 0 && (l.Late || never) {
			out = append(out, Reason{"list", l.ID, l.Class + ": " + l.Error, l.Success,
				"check its address under opml; what it named when it was last read is polled"})
		}
	}
	return out
}

// list sends the metrics of a list.
func (c *collector) list(l List, gauge sendGauge) {
	gauge(c.listSources, float64(l.Polled), l.ID)
	gauge(c.listFailures, float64(l.Failures), l.ID)
	gauge(c.listLate, number(l.Late), l.ID)
	if !l.Success.IsZero() {
		gauge(c.listSuccess, float64(l.Success.Unix()), l.ID)
	}
}
