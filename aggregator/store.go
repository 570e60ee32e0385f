package aggregator

import (
	"context"
	"time"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// Memo is what is remembered of a source between polls. The zero Memo is a source never polled.
type Memo struct {
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
	Memo  Memo
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

// Host is what is remembered of a host that was asked for pages. The zero Host was never asked.
type Host struct {
	Origin string    // scheme, host and port
	Rules  string    // of its robots.txt, as article.Rules gives them
	Until  time.Time // UTC; how long Rules hold
	Asked  time.Time // UTC; when it was last asked for a page
	Held   time.Time // UTC; not to be asked before

	Failures int // in a row
}

// Store keeps everything. Its methods are atomic each. Stories come with items, newest first.
type Store interface {
	// Memos returns what is remembered of sources, by id: of all, or of those of ids only.
	Memos(ctx context.Context, ids ...string) (map[string]Memo, error)
	// Polled stores polls of different sources, each with its items, validators and due time together. An item already held (same source and GUID) whose
	// Hash differs is replaced, keeping Seen, and its story's Updated becomes at; one whose words and links are the same is only
	// marked as seen. The counts are of all polls.
	Polled(ctx context.Context, at time.Time, polls ...Poll) (Arrived, error)
	// Ungrouped returns at most limit items that have no story, in the order of grouping: (Seen, When, Source, GUID).
	Ungrouped(ctx context.Context, limit int) ([]Pending, error)
	// Near returns for each of items the stories worth comparing it with, hidden ones included, and the leads of these stories by id.
	// A story is worth comparing if one of its items shares an identity key with the item, or if a dedupe.Index of what is filed finds
	// it. Unless all is set, stories that are Apart from all of items are only counted.
	Near(ctx context.Context, items []Pending, all bool) ([]Nearby, map[string]dedupe.Printing, error)
	// Grouped stores placements in order, and forgets what is filed that no item seen since can be near.
	Grouped(ctx context.Context, at time.Time, placements []Placement) error
	// Articles returns by story id what is remembered of the articles of leads as they now are, on the day of at.
	Articles(ctx context.Context, at time.Time, stories []string) (map[string]Article, error)
	// Host returns what is remembered of a host, by its Origin.
	Host(ctx context.Context, origin string) (Host, error)
	// Fetched stores what came of looking for an article, counts it for its source, and stores hosts, together. A body that is not empty
	// takes the place of the item's; its story's Updated becomes at. For an item that changed since only the count and hosts are stored.
	Fetched(ctx context.Context, at time.Time, art Article, body string, hosts ...Host) error
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
