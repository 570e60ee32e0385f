package aggregator

import (
	"context"
	"time"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/notify"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// Signed is an item with its signature.
type Signed struct {
	feeds.Item
	Signature dedupe.Signature
	Doubtful  bool      // its key is new, or that of a stored item with another text and date
	Same      bool      // it is stored as it is, and only marked as seen
	New       bool      // it is not stored
	LeftOut   string    // why it becomes no story, if it is New; empty: it does
	Placed    time.Time // its date by its place in the document, if it names none; zero: when it is seen
	sum       []byte    // see Sum; nil: not yet needed
}

// dated returns the date of s; zero: it is dated when it is seen.
func (s Signed) dated() time.Time {
	if s.Published.IsZero() {
		return s.Placed
	}
	return s.Published
}

// Pending returns the part of s that grouping needs.
func (s Signed) Pending() Pending {
	return Pending{s.GUID, dedupe.Printing{Source: s.SourceID, When: s.When(), Seen: s.Seen, Signature: s.Signature}}
}

// Pending is a stored item without a story.
type Pending struct {
	GUID string
	dedupe.Printing
}

// Poll is the outcome of polling one source.
type Poll struct {
	State polite.State
	Items []Signed // to be stored; empty if unchanged or failed
	Whole bool     // the document had all items that the source now has
	// the source had another title or home page before, or none
	Renamed bool
	Listing *Listing      // of a list of sources; nil: it is a source
	Known   []byte        // replaces what Store.Known returns; nil: it does not
	Note    string        // what is new and odd about the source, though it could be read, for people; not stored
	Hosts   []polite.Host // of pages, with what robots.txt says: to be stored
}

// Arrived counts stored items. Those of New that become no story are in LeftOut too.
type Arrived struct{ New, Changed, LeftOut int }

// Placement says which story an item joins or begins.
type Placement struct {
	Pending        // as returned by Ungrouped
	Story   string // id of the story
	Born    bool   // the item begins the story
	// Lead if Born. An Update by the lead's own source becomes the Lead, and the old lead an Update
	Kind  feeds.Kind
	Why   string
	Filed bool          // later items are compared with this one
	Links []dedupe.Link // other stories on the same event
}

// Article is the state of fetching the page that a story's lead links to.
type Article struct {
	SourceID, GUID string    // the lead
	Sum            []byte    // hash of the lead at that time: for another one the rest is void
	At             time.Time // UTC; the last attempt; zero: none
	Tries          int       // failed attempts
	Again          time.Time // UTC; the next attempt; zero: none, once At is set
	Error          string    // why the feed's text stays; empty: it was replaced
	Today          int       // pages fetched for the source on that day (UTC)
}

// Store keeps everything. Each method is atomic. Stories are returned with their items, newest
// first.
type Store interface {
	// States returns the states of the sources with those ids, or of all sources, by id.
	States(ctx context.Context, ids ...string) (map[string]polite.State, error)
	// Due returns, by id, the states of the sources that are due at that time and not gone, and of
	// those in also, and when the next of the others is due; zero: never.
	Due(ctx context.Context, at time.Time, also ...string) (map[string]polite.State, time.Time, error)
	// Outlets returns the states of all sources with ID, Title, Site, Succeeded, Gone and Failures
	// alone.
	Outlets(ctx context.Context) (map[string]polite.State, error)
	// Ahead returns how far our clock was ahead of the sources' that succeeded between two times and
	// sent theirs, in order.
	Ahead(ctx context.Context, from, to time.Time) ([]time.Duration, error)
	// Known returns what the last whole poll of a source left, or nil.
	Known(ctx context.Context, source string) ([]byte, error)
	// Unstored returns those of items that Polled has to write at that time: new and changed ones,
	// and those last seen long ago. It says which are New, which Doubtful, and which the Same.
	Unstored(ctx context.Context, at time.Time, items []Signed) ([]Signed, error)
	// Kin returns stored items that have a key of one of items, which are of one source, or share an
	// identity key with it. If all is set, it returns the newest items of the source too.
	Kin(ctx context.Context, items []Signed, all bool) ([]feeds.Item, error)
	// Polled stores polls of different sources with their items. An item with the same source and
	// GUID but another Sum is replaced, keeping Seen, and its story's Updated becomes at. A new one that is
	// LeftOut never waits for a story.
	Polled(ctx context.Context, at time.Time, polls ...Poll) (Arrived, error)
	// Entries returns what the lists polled under those ids name or named, by list and Place. What left a list
	// and has no items is forgotten.
	Entries(ctx context.Context, lists ...string) ([]feeds.Entry, error)
	// Relisted returns a number that grows whenever what lists name changes.
	Relisted(ctx context.Context) (int64, error)
	// Ungrouped returns up to limit items that wait for a story, ordered by Seen, When, Source and GUID.
	Ungrouped(ctx context.Context, limit int) ([]Pending, error)
	// Near returns what items are compared with: stored texts that share keys with one of them, and
	// the leads of the stories of these texts and of those that share an identity key.
	Near(ctx context.Context, items []Pending) (*dedupe.Shelf, error)
	// Grouped stores placements in order, and deletes index entries too old to be near any later
	// item.
	Grouped(ctx context.Context, at time.Time, placements []Placement) error
	// Articles returns, by story id, the state of fetching the articles of the current leads, on
	// the day of at.
	Articles(ctx context.Context, at time.Time, stories []string) (map[string]Article, error)
	// Host returns the state of a host, by its Origin.
	Host(ctx context.Context, origin string) (polite.Host, error)
	// Waits returns what hosts said of all requests to them, and SetWait replaces what one said.
	Waits(ctx context.Context) ([]polite.Wait, error)
	SetWait(ctx context.Context, w polite.Wait) error
	// Fetched stores the outcome of fetching an article, its count and hosts. A body that is not
	// empty replaces the item's, unless the item changed, and its story's Updated becomes at.
	Fetched(ctx context.Context, at time.Time, art Article, body string, hosts ...polite.Host) error
	// Translated stores translations by story id, sets Updated to at for stories whose text changed, and
	// Titled for those whose headline is translated for the first time.
	Translated(ctx context.Context, at time.Time, done map[string]feeds.Translation) error
	// Held stores that English editions hold stories back since that time, unless they were held before;
	// the zero time: that they no longer do.
	Held(ctx context.Context, at time.Time, stories ...string) error
	// Stories answers a query, newest first by (Published, ID). Items other than leads come without
	// Summary and Body, and a flood of items of one source is cut.
	Stories(ctx context.Context, q feeds.Query) ([]feeds.Story, error)
	// Search answers a query with words, newest first by (Published in seconds, number).
	Search(ctx context.Context, q feeds.Query) (feeds.Found, error)
	// List is Stories without texts.
	List(ctx context.Context, q feeds.Query) ([]feeds.Listed, error)
	// Told returns the stories with an item that was published in a period, or first seen in it and
	// published at most feeds.Late before, and those that are linked with them, without hidden ones.
	// From is in the period, to is not.
	Told(ctx context.Context, from, to time.Time) ([]feeds.Told, error)
	// Links returns by story the sorted ids of the stories that are linked with it, without hidden ones.
	Links(ctx context.Context, ids []string) (map[string][]string, error)
	// Digests returns the newest digests of a channel that have events, the newest first.
	Digests(ctx context.Context, channel string, limit int) ([]feeds.Digest, error)
	// LastDigests returns the last digest of each channel, by channel, also one without events.
	LastDigests(ctx context.Context) (map[string]feeds.Digest, error)
	// SetDigest stores a digest unless the channel has one of that time or later, and deletes all but
	// the newest keep ones with events.
	SetDigest(ctx context.Context, d feeds.Digest, keep int) error
	// ForgetDigests deletes the digests before that time of all but the named channels.
	ForgetDigests(ctx context.Context, before time.Time, channels []string) error
	// Count counts the stories with an item of one of sources, or all, without those that are hidden.
	Count(ctx context.Context, sources ...string) (int, error)
	// ChangedSources returns the sorted ids of the sources of stories that changed after that number.
	ChangedSources(ctx context.Context, after int64) ([]string, error)
	// Changes returns the number of the last change of what stories, or the titles and home pages of
	// sources, show. A later change has a higher number.
	Changes(ctx context.Context) (int64, error)
	// Expiring reports whether there may be stories that Expire would delete.
	Expiring(ctx context.Context, before time.Time) (bool, error)
	// Expire deletes stories whose items all left their feeds before that time, except those in
	// keep, items that were left out and left their feeds before that time, and other processes' lists of
	// files older than it. A call deletes a limited number.
	Expire(ctx context.Context, before time.Time, keep []string) (int, error)
	// Outputs returns the published files by path; SetOutputs adds or replaces some and removes others.
	Outputs(ctx context.Context) (map[string]Output, error)
	SetOutputs(ctx context.Context, at time.Time, put map[string]Output, gone []string) error
	// Unpublished returns where publishing failed at the last try. SetPublished stores why it failed
	// here at that time; an empty cause: it did not.
	Unpublished(ctx context.Context) ([]Unpublished, error)
	SetPublished(ctx context.Context, at time.Time, cause string) error
	notify.Store
}

// Unpublished is a place where publishing failed at the last try.
type Unpublished struct {
	Place string // as in the list of published files
	Ours  bool   // this process publishes there
	Cause string // for people
	Since time.Time
	Last  time.Time
}
