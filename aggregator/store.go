package aggregator

import (
	"context"
	"time"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// Signed is an item with its signature.
type Signed struct {
	feeds.Item
	Signature dedupe.Signature
}

// Pending returns what grouping has to know of s.
func (s Signed) Pending() Pending {
	return Pending{s.GUID, dedupe.Printing{Source: s.SourceID, When: s.When(), Seen: s.Seen, Signature: s.Signature}}
}

// Pending is a stored item that has no story yet.
type Pending struct {
	GUID string
	dedupe.Printing
}

// Nearby is the stories worth comparing an item with.
type Nearby struct {
	Hits  []dedupe.Hit
	Apart dedupe.Crowd // how many more are Apart from all of the items that were asked about
}

// Poll is the outcome of polling one source: what to remember, and the items its document held.
type Poll struct {
	State polite.State
	Items []Signed // empty when unchanged or failed
	Whole bool     // Items are all that the source now holds
	Note  string   // for people: what was odd about the document, and read nonetheless; not kept
}

// Arrived counts what polls brought.
type Arrived struct{ New, Changed int }

// Placement says where an item goes.
type Placement struct {
	Pending            // as Ungrouped returned it
	Story   string     // id of the story it joins or begins
	Born    bool       // it begins Story
	Kind    feeds.Kind // Lead when Born. Update by the lead's own source: it takes over as Lead and the old one becomes Update
	Why     string
	Filed   dedupe.Filed  // what Story is found by from now on; empty: nothing new
	Events  []dedupe.Link // when Born: stories that report the same event
}

// Article is what is remembered of asking for the page that a story's lead links to.
type Article struct {
	SourceID, GUID string    // the lead
	Sum            []byte    // the store's mark of the lead as it was then: for another one the rest does not count
	At             time.Time // UTC; when the page was last looked for; zero: never
	Tries          int       // in vain
	Again          time.Time // UTC; when it may be looked for again; zero: never, once At is set
	Error          string    // why the feed's own words stand; empty: they do not
	Today          int       // pages looked for on the source's behalf on the day that was asked about (UTC)
}

// Store keeps everything. Its methods are atomic each. Stories come with items, newest first.
type Store interface {
	// States returns what is remembered of sources, by id: of all, or of those of ids only.
	States(ctx context.Context, ids ...string) (map[string]polite.State, error)
	// Holds reports which of items are stored as they are, with the same Hash and links: Polled needs no signature of these.
	Holds(ctx context.Context, items []Signed) ([]bool, error)
	// Polled stores polls of different sources, each with its items, validators and due time together. An item already held (same source and GUID) whose
	// Hash differs is replaced, keeping Seen, and its story's Updated becomes at; one whose words and links are the same is only
	// marked as seen. The counts are of all polls.
	Polled(ctx context.Context, at time.Time, polls ...Poll) (Arrived, error)
	// Ungrouped returns at most limit items that have no story, in the order of grouping: (Seen, When, Source, GUID).
	Ungrouped(ctx context.Context, limit int) ([]Pending, error)
	// Near returns for each of items the stories worth comparing it with, hidden ones included.
	// A story is worth comparing if one of its items shares an identity key with the item, or if a dedupe.Index of what is filed finds
	// it. Unless all is set, stories that are Apart from all of items are only counted.
	Near(ctx context.Context, items []Pending, all bool) ([]Nearby, error)
	// Leads returns the leads of stories by the stories' ids.
	Leads(ctx context.Context, stories []string) (map[string]dedupe.Printing, error)
	// Grouped stores placements in order, and forgets what is filed that no item seen since can be near.
	Grouped(ctx context.Context, at time.Time, placements []Placement) error
	// Articles returns by story id what is remembered of the articles of leads as they now are, on the day of at.
	Articles(ctx context.Context, at time.Time, stories []string) (map[string]Article, error)
	// Host returns what is remembered of a host, by its Origin.
	Host(ctx context.Context, origin string) (polite.Host, error)
	// Fetched stores what came of looking for an article, counts it for its source, and stores hosts, together. A body that is not empty
	// takes the place of the item's; its story's Updated becomes at. For an item that changed since only the count and hosts are stored.
	Fetched(ctx context.Context, at time.Time, art Article, body string, hosts ...polite.Host) error
	// Translated stores translations by story id and sets the stories' Updated to at where anything shown changed.
	Translated(ctx context.Context, at time.Time, done map[string]feeds.Translation) error
	// Stories answers a query, newest first by (Published, ID). Of items that are not a lead, Summary and Body are left out, and of
	// a flood of one source's some.
	Stories(ctx context.Context, q feeds.Query) ([]feeds.Story, error)
	// Expiring reports whether there may be stories that Expire would delete.
	Expiring(ctx context.Context, before time.Time) (bool, error)
	// Expire deletes stories whose items all were last in their feeds before that time, except those with an id in keep, and returns
	// how many; of a great many it leaves some for the next call. It keeps their keys, so that their items are not stored again. It also
	// deletes the lists of files of other processes that published nothing since that time.
	Expire(ctx context.Context, before time.Time, keep []string) (int, error)
	// Outputs returns the files that were published, by path; SetOutputs replaces the list, at that time.
	Outputs(ctx context.Context) (map[string][32]byte, error)
	SetOutputs(ctx context.Context, at time.Time, out map[string][32]byte) error
}
