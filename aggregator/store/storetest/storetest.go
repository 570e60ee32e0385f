// Package storetest holds the suite that a store passes on every database.
package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/arabic"
)

// Store is what the suite tests.
type Store interface {
	aggregator.Store
	translate.Store
	Remembered(ctx context.Context, yield func(translate.Row) error) error
	Makers(ctx context.Context) ([]translate.Maker, error)
	Forget(ctx context.Context, engine string, since time.Time, keys []translate.Key) (int64, error)
	Index(ctx context.Context) (int, error)
	Search(ctx context.Context, q feeds.Query) (feeds.Found, error)
	Hide(ctx context.Context, story string) error
	Unhide(ctx context.Context, story string) error
}

// Run runs the suite. open returns an empty store each time, and closes it when the test ends.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, st Store)
	}{
		{"states come back", statesComeBack},
		{"due sources are found", dueSourcesAreFound},
		{"what leaves a list is known until it has no items", lists},
		{"of a long list only what changed is written", longLists},
		{"items come back", itemsComeBack},
		{"a poll is stored whole or not at all", pollsAreWhole},
		{"polls count what is new and what changed", pollsCount},
		{"a guid belongs to its source", guidsAreTheirSources},
		{"undated items are dated by their place, once", undated},
		{"hostile texts are stored", hostileTexts},
		{"items wait in the order of grouping", orderOfGrouping},
		{"stories are born, joined and taken over", membership},
		{"what rules leave out is stored as seen", leftOut},
		{"grouping again changes nothing", groupingAgain},
		{"grouping is stored whole or not at all", groupingIsWhole},
		{"a story that lost its first item is joined by it", firstItemBack},
		{"an edit shows in its story", edits},
		{"stories come newest first, page by page", pages},
		{"stories are chosen", choices},
		{"many at once", many},
		{"translations replace each other", translated},
		{"what waited for its headline is found", untold},
		{"articles take the place of summaries, and count", articles},
		{"hosts are remembered for a while", hosts},
		{"stories on one event are linked", links},
		{"outlets that another nashra names come back", origins},
		{"what a period told is found, with what is linked with it", told},
		{"a change of what a story shows gets a number", changes},
		{"stories are counted, and the sources of changed ones found", counts},
		{"what digests wrote stays", digests},
		{"outputs are replaced one by one", outputs},
		{"words are found", words},
		{"the index of words follows", wordsFollow},
		{"sources and time narrow a search", wordsOfSome},
		{"what is found comes page by page", wordsByPage},
		{"what left its feed long ago expires, for ever", expiry},
		{"identity is found always, likeness in its window", near},
		{"a story is found by each of its texts", nearMember},
		{"the index follows the window", nearSwept},
		{"a lead is found as it is now", nearLead},
		{"the memory keeps every maker's row", memory},
		{"the memory forgets what it is told to", forgotten},
		{"budgets are kept by engine, day and month", budgets},
		{"days are those of the zone", zones},
		{"a ticket counts until it is settled, once", tickets},
		{"many buyers never overspend", buyers},
		{"a segment has one buyer at a time", claims},
		{"of many buyers at once one is granted a segment", claimsAtOnce},
		{"troubles of engines are replaced", troubles},
		{"where publishing failed is known until it succeeds", published},
		{"what is known of a source's items stays until a poll says otherwise", remembered},
		{"an item that is stored as it is need not be stored again", unstored},
		{"an item is doubtful if its key is new, or with another text and date", doubtful},
		{"an item's kin have its keys, address or words, in its source", kin},
		{"messages wait until they are sent", outbox},
		{"what was told of a story is forgotten with it", outboxExpires},
		{"writers at once lose nothing", writers},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// noon is the time of the first poll.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// news is a text long enough to be compared by likeness.
const news = "أعلنت الشركة إطلاق هاتفها الجديد بشاشة أكبر وبطارية تدوم يومين وكاميرا محسنة، " +
	"ويصل إلى الأسواق العربية خلال الشهر المقبل بسعر منخفض"

// entry returns an item as a poll at noon brings it.
func entry(source, guid, title string) feeds.Item {
	return feeds.Item{
		SourceID: source, GUID: guid, URL: "https://" + source + ".example/" + guid,
		Published: noon.Add(-time.Hour), Seen: noon,
		Text: feeds.Text{Lang: "ar", Title: title, Summary: "<p>" + title + "</p>"},
	}
}

// polled stores items as one whole poll of each of their sources.
func polled(t *testing.T, st Store, at time.Time, items ...feeds.Item) aggregator.Arrived {
	t.Helper()
	var polls []aggregator.Poll
	for _, it := range items {
		i := slices.IndexFunc(polls, func(p aggregator.Poll) bool { return p.State.ID == it.SourceID })
		if i < 0 {
			i = len(polls)
			polls = append(polls, aggregator.Poll{State: polite.State{ID: it.SourceID, Polled: at}, Whole: true})
		}
		polls[i].Items = append(polls[i].Items, sign(it))
	}
	n, err := st.Polled(t.Context(), at, polls...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func sign(it feeds.Item) aggregator.Signed {
	return aggregator.Signed{Item: it, Signature: dedupe.Sign(it, arabic.Lexicon{})}
}

// born returns the placement of an item that begins a story.
func born(it feeds.Item) aggregator.Placement {
	p := aggregator.Placement{Pending: sign(it).Pending(), Story: aggregator.StoryID(it), Born: true, Kind: feeds.Lead}
	p.Filed = true
	return p
}

// joins returns the placement of an item in the story that lead began.
func joins(it, lead feeds.Item, kind feeds.Kind) aggregator.Placement {
	return aggregator.Placement{Pending: sign(it).Pending(), Story: aggregator.StoryID(lead), Kind: kind, Why: "alike"}
}

func grouped(t *testing.T, st Store, at time.Time, placements ...aggregator.Placement) {
	t.Helper()
	if err := st.Grouped(t.Context(), at, placements); err != nil {
		t.Fatal(err)
	}
}

// began stores items, each a story of its own.
func began(t *testing.T, st Store, items ...feeds.Item) {
	t.Helper()
	polled(t, st, noon, items...)
	var placements []aggregator.Placement
	for _, it := range items {
		placements = append(placements, born(it))
	}
	grouped(t, st, noon, placements...)
}

func ungrouped(t *testing.T, st Store) []aggregator.Pending {
	t.Helper()
	items, err := st.Ungrouped(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func stories(t *testing.T, st Store, q feeds.Query) []feeds.Story {
	t.Helper()
	list, err := st.Stories(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// one returns the story that an item began.
func one(t *testing.T, st Store, it feeds.Item) feeds.Story {
	t.Helper()
	list := stories(t, st, feeds.Query{IDs: []string{aggregator.StoryID(it)}, Limit: 2})
	if len(list) != 1 {
		t.Fatalf("%d stories have the id of %s/%s, want 1", len(list), it.SourceID, it.GUID)
	}
	return list[0]
}

// members returns the items of s as "source/guid kind why".
func members(s feeds.Story) (out []string) {
	for _, m := range s.Items {
		out = append(out, fmt.Sprintf("%s/%s %s %s", m.SourceID, m.GUID, m.Kind, m.Why))
	}
	return out
}

func names(items []aggregator.Pending) (out []string) {
	for _, it := range items {
		out = append(out, it.Source+"/"+it.GUID)
	}
	return out
}

func ids(list []feeds.Story) (out []string) {
	for _, s := range list {
		out = append(out, s.ID)
	}
	return out
}

func equal[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
