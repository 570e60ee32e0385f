package aggregator

import (
	"time"

	"github.com/nashra/nashra/feeds"
)

// hold leaves out of what ch shows the stories that are new and wait for their translation, each for ch's Wait since it was first seen at
// most, and says when the next of them is to be shown whatever comes; zero: none waits. What was published once is never withdrawn.
func (a *Aggregator) hold(ch feeds.Channel, stories []feeds.Story, published map[string][32]byte) (shown []feeds.Story, next time.Time) {
	if !a.Hold || ch.Wait <= 0 {
		return stories, next
	}
	for _, s := range stories {
		until := firstSeen(s).Add(ch.Wait)
		_, out := published[feeds.StoryPath(s.ID)]
		if out || !until.After(a.now()) || a.prepared(s).Translation.State != feeds.Waiting {
			shown = append(shown, s)
		} else if next.IsZero() || until.Before(next) {
			next = until
		}
	}
	return shown, next
}

// firstSeen is when the first of a story's items was.
func firstSeen(s feeds.Story) time.Time {
	first := s.Items[0].Seen
	for _, m := range s.Items[1:] {
		first = earliest(first, m.Seen)
	}
	return first
}
