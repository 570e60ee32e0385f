package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/publish"
	"github.com/nashra/nashra/feeds"
)

// MaxWaiting is how many messages wait for one target at most, beside one line that sums up the rest, and so
// how many one pass sends (bulletin.md, section 6).
const MaxWaiting = 20

// linePrefix begins the keys of lines that sum up stories.
const linePrefix = "more/"

// queue judges what channels published since, and queues messages on it. next is when there may be more to
// tell without another publishing; zero: never.
func (n *Notifier) queue(ctx context.Context, known map[string]Target) (next time.Time, err error) {
	outs := map[string]publish.Out{} // by channel
	for _, to := range n.Targets {
		out, read := outs[to.Channel]
		if !read {
			if out, err = n.Catalog.Out(ctx, to.Channel); err != nil {
				return next, err
			}
			outs[to.Channel] = out
			next = polite.Sooner(next, out.Next)
		}
		if err := n.queueFor(ctx, to, known[to.ID], out); err != nil {
			return next, fmt.Errorf("target %s: %w", to.ID, err)
		}
	}
	return next, nil
}

// queueFor queues messages to one target.
func (n *Notifier) queueFor(ctx context.Context, to feeds.Target, t Target, out publish.Out) error {
	var keys []string
	for _, l := range out.Stories {
		keys = append(keys, l.ID)
	}
	for _, d := range out.Digests {
		keys = append(keys, d.ID())
	}
	judged, err := n.Store.Notices(ctx, to.ID, keys)
	if err != nil {
		return err
	}
	where, _, err := n.Catalog.Find(ctx, feeds.Query{})
	if err != nil {
		return err
	}
	j, err := newJudge(to, t, where, n.Now())
	if err != nil {
		return err
	}
	changed := map[string]int64{}
	fresh := slices.DeleteFunc(slices.Clone(out.Stories), func(l feeds.Listed) bool {
		was, ok := judged[l.ID]
		changed[l.ID] = l.Changed
		return ok && (was.State != Left || was.Changed >= l.Changed)
	})
	err = n.Catalog.Each(ctx, where, fresh, func(s feeds.Story) error {
		j.story(s, changed[s.ID])
		return nil
	})
	if err != nil {
		return err
	}
	for _, d := range out.Digests {
		if _, ok := judged[d.ID()]; ok {
			continue
		}
		b, err := n.Catalog.Bulletin(ctx, where, d)
		if err != nil {
			return err
		}
		j.digest(b)
	}
	return n.store(ctx, to.ID, j.notices)
}

// judge decides what a target is told.
type judge struct {
	to         feeds.Target
	since, now time.Time
	publisher  func(source string) string
	allows     func(feeds.Story) bool
	notices    []Notice
}

func newJudge(to feeds.Target, t Target, where feeds.Site, now time.Time) (*judge, error) {
	allows, err := publish.Filter(to.When.Include, to.When.Exclude)
	return &judge{to: to, since: t.Since, now: now, publisher: where.Publishers(), allows: allows}, err
}

// story judges s as of a change. What was there before the target is not told, whatever becomes of it.
func (j *judge) story(s feeds.Story, changed int64) {
	n := Notice{Key: s.ID, State: Waiting, Changed: changed, At: j.now, Filed: s.Published}
	switch {
	case !born(s).After(j.since):
		n.State = Done
	case len(s.Outlets(j.publisher)) < j.to.When.MinOutlets || !j.allows(s):
		n.State = Left
	}
	j.notices = append(j.notices, n)
}

// digest judges b: one of its events has to meet the conditions.
func (j *judge) digest(b feeds.Bulletin) {
	n := Notice{Key: b.ID(), State: Done, At: j.now, Filed: b.To}
	meets := func(c feeds.Covered) bool { return len(c.Outlets) >= j.to.When.MinOutlets && j.allows(c.Told[0]) }
	if b.At.After(j.since) && slices.ContainsFunc(slices.Concat(b.Events, b.Only), meets) {
		n.State = Waiting
	}
	j.notices = append(j.notices, n)
}

// born returns when the first item of s was seen.
func born(s feeds.Story) time.Time {
	first := s.Items[0].Seen
	for _, m := range s.Items {
		first = polite.Earliest(first, m.Seen)
	}
	return first
}

// store stores notices to a target. Of those that wait, as many as have room keep their messages, the newest
// stories first; one line sums up the others, with those of a line that waits already.
func (n *Notifier) store(ctx context.Context, target string, list []Notice) error {
	if len(list) == 0 {
		return nil
	}
	waiting, err := n.Store.WaitingNotices(ctx, target)
	if err != nil {
		return err
	}
	line := Notice{State: Waiting, At: n.Now(), Filed: n.Now()}
	var gone []string
	for _, w := range waiting {
		if w.Stories > 0 {
			gone = append(gone, w.Key)
			line.Stories, line.At, line.Tries, line.Again = line.Stories+w.Stories, w.At, w.Tries, w.Again
		}
	}
	room := MaxWaiting - (len(waiting) - len(gone))
	slices.SortStableFunc(list, func(x, y Notice) int { return y.Filed.Compare(x.Filed) })
	summed := 0
	for i := range list {
		switch {
		case list[i].State != Waiting:
		case room > 0:
			room--
		default:
			list[i].State = Done
			summed++
		}
	}
	if summed == 0 {
		return n.Store.QueueNotices(ctx, target, list)
	}
	line.Stories += summed
	line.Key = fmt.Sprintf("%s%d/%d", linePrefix, line.Stories, line.Filed.UnixMilli())
	return n.Store.QueueNotices(ctx, target, append(list, line), gone...)
}

// isDigest reports whether the key of a notice is a digest's.
func isDigest(key string) bool { return strings.HasPrefix(key, "digest/") }
