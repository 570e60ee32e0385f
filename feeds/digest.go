package feeds

import (
	"cmp"
	"slices"
	"time"
)

// Digest is what a digest channel wrote for a period. It is stored, and does not change.
type Digest struct {
	Channel     string
	From, To    time.Time // UTC; From is in the period, To is not
	At          time.Time // UTC; when it was written
	ByPublished bool      // it is the channel's first: items counted when they were published
	Events      []Event   // the most covered first
	Only        []Event   // further events of one outlet, whose headlines alone are shown
}

// ID takes the place of a story's id in the ids of entries.
func (d Digest) ID() string { return "digest/" + d.From.UTC().Format(time.RFC3339) }

// Path returns where the page of d stands.
func (d Digest) Path() string {
	return "digests/" + d.Channel + "/" + d.From.UTC().Format(DigestStart) + ".html"
}

// DigestStart is the form of a period's start in the paths of pages.
const DigestStart = "20060102T1504Z"

// Stories returns the ids of the stories that d shows or links to, each once.
func (d Digest) Stories() (ids []string) {
	for _, e := range slices.Concat(d.Events, d.Only) {
		ids = append(append(ids, e.Stories...), e.Follows...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Bulletin is a digest with those of its stories that readers may see now.
type Bulletin struct {
	Digest
	Events, Only []Covered
}

// Covered is an event with its stories. The first has the headline.
type Covered struct {
	Event            // without stories that readers may not see, and their outlets
	Told    []Story  // as Event.Stories
	First   []Member // the first report of each outlet, with its Story, in the order of Outlets
	Follows *Story   // the newest story that the event follows; nil: none
}

// Bulletin returns d with stories, by id. outlet returns who publishes a source.
func (d Digest) Bulletin(stories map[string]Story, outlet func(source string) string) Bulletin {
	b := Bulletin{Digest: d}
	all := func(list []Event) (out []Covered) {
		for _, e := range list {
			if c := d.covered(e, stories, outlet); len(c.Told) > 0 {
				out = append(out, c)
			}
		}
		return out
	}
	b.Events, b.Only = all(d.Events), all(d.Only)
	return b
}

// Updated returns when what b shows last changed, as far as that has a time: no longer showing a story
// has none.
func (b Bulletin) Updated() time.Time {
	last := b.At
	for _, c := range slices.Concat(b.Events, b.Only) {
		for _, s := range c.Told {
			if s.Translation.At.After(last) {
				last = s.Translation.At
			}
		}
	}
	return last
}

// Listed returns what tells the place of b in lists.
func (b Bulletin) Listed() Listed { return Listed{ID: b.ID(), Published: b.To, Updated: b.Updated()} }

func (d Digest) covered(e Event, stories map[string]Story, outlet func(source string) string) Covered {
	c := Covered{Event: e}
	c.Stories, c.Outlets = nil, nil
	var items []Member // that were there when d was written
	for _, id := range e.Stories {
		s, ok := stories[id]
		if !ok {
			c.Reports--
			continue
		}
		c.Told, c.Stories = append(c.Told, s), append(c.Stories, id)
		for _, m := range s.Items {
			if m.Story = id; !m.Seen.After(d.At) {
				items = append(items, m)
			}
		}
	}
	slices.SortStableFunc(items, func(x, y Member) int {
		return cmp.Or(x.Seen.Compare(y.Seen), x.When().Compare(y.When()))
	})
	for _, o := range e.Outlets {
		i := slices.IndexFunc(items, func(m Member) bool {
			return slices.ContainsFunc(Appearances(m.SourceID, m.Seen, m.When(), m.Origins),
				func(a Appearance) bool { return outlet(a.Source) == o })
		})
		switch {
		case i >= 0:
			c.First = append(c.First, items[i])
		case len(c.Told) < len(e.Stories): // only a story that readers may not see has it
			continue
		default: // its sources have another outlet now
			c.First = append(c.First, Member{Item: Item{SourceID: o}})
		}
		c.Outlets = append(c.Outlets, o)
	}
	for _, id := range e.Follows {
		if s, ok := stories[id]; ok && (c.Follows == nil || s.Published.After(c.Follows.Published)) {
			c.Follows = &s
		}
	}
	return c
}
