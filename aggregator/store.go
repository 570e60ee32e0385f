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

// Signed is an item with what it is compared by.
type Signed struct {
	feeds.Item
	Signature dedupe.Signature
	Sign      func(feeds.Item) dedupe.Signature // nil, or makes Signature, which is not there yet
}

// Make makes the signature, if it is not there yet.
func (s *Signed) Make() {
	if s.Sign != nil {
		s.Signature, s.Sign = s.Sign(s.Item), nil
	}
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
	Signed            // as Ungrouped gave it
	Story  string     // id of the story it joins or begins
	Born   bool       // it begins Story
	Kind   feeds.Kind // Lead when Born. Update by the lead's own source: it takes over as Lead and the old one becomes Update
	Why    string
	Filed  dedupe.Filed  // what Story is found by from now on; empty: nothing new
	Events []dedupe.Link // when Born: stories that report the same event
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
	// Ungrouped returns at most limit items that have no story, in the order of grouping: (Seen, When, SourceID, GUID). Of the items
	// themselves it gives these four only.
	Ungrouped(ctx context.Context, limit int) ([]Signed, error)
	// Near calls near for each of items with each story worth comparing it with, the lead of that story, and how it was found. A story
	// is one if any of its items has an identity key in common with the item, or if a dedupe.Index of what is filed finds it. Hidden
	// stories are found too. Where near returns false for all of its items, the same lead is used again for another story. Unless all
	// are asked for, one that is Apart from all of items comes as its Hit alone, without an id.
	Near(ctx context.Context, items []Signed, all bool, near func(item int, lead *dedupe.Candidate) bool) error
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
	// Expire deletes stories whose items all were last in their feeds before that time, but for those of the ids that keep gives, which
	// is asked only where there are any, and returns how many; a great many are left for the next time. What they were known by stays: an
	// item of theirs is not stored again. Lists of files that other processes published, none of them changed since that time, are forgotten.
	Expire(ctx context.Context, before time.Time, keep func(context.Context) ([]string, error)) (int, error)
	// Outputs returns the files that were published, by path; SetOutputs replaces the list, at that time.
	Outputs(ctx context.Context) (map[string][32]byte, error)
	SetOutputs(ctx context.Context, at time.Time, out map[string][32]byte) error
}
