package dedupe

import (
	"time"

	"github.com/nashra/nashra/feeds"
)

// Window is how far apart two printings of one text may be, other than by identity, both in their own dates and in when they were
// first seen: news is reprinted within three days, and what is alike after that is a series. So what is compared by likeness is only
// what came in the last days, however much is kept.
const Window = 72 * time.Hour

// EventWindow is how far apart two reports of one event may be dated: of one news day.
const EventWindow = 24 * time.Hour

// enough is how many bands two texts must share to be compared. One alone is shared by every seventh pair of unrelated texts on one
// subject (Jaccard 0.26, as in the farm), four of 32 by one pair in sixty thousand; of copies at the cut (Jaccard 0.7) four are shared
// by 98 of 100.
const enough = 4

// enoughNames is how many rare names two texts must share to be compared as reports of one event.
const enoughNames = 2

// Series is how many stories may be near the item that begins another for this one to be found by likeness: the hundredth table of
// prices is no news that others reprint, and without an end each would be compared with all.
const Series = 64

// Filed is what a story is found by: its lead as it was when the story was born or the lead changed.
type Filed struct {
	When, Seen   int64    // of the lead, Unix milliseconds
	Bands, Names []uint32 // of its Signature
}

// File is what a story is found by while it, signed as sig, is its lead.
func File(it feeds.Item, sig *Signature) Filed {
	return Filed{it.When().UnixMilli(), it.Seen.UnixMilli(), sig.Bands, sig.Names}
}

// Index finds, among many, those that are worth comparing with another: near it in time, with enough bands or rare names in common. The
// zero Index holds none. It is for one goroutine.
type Index struct {
	held   []Filed
	latest map[uint32]int32 // key ⇒ one after its latest posting
	posts  []posting
	maybe  [1 << 12]uint64 // a bit for each key held, by its lowest bits: most that are asked for are not there
	votes  []votes
	asked  []int32
	found  []int32
}

type posting struct{ who, before int32 }

type votes struct{ bands, names uint8 }

// Add files f under the next number, from 0.
func (x *Index) Add(f Filed) {
	if x.latest == nil {
		x.latest = map[uint32]int32{}
	}
	who := int32(len(x.held))
	x.held, x.votes = append(x.held, f), append(x.votes, votes{})
	for _, keys := range [...][]uint32{f.Bands, f.Names} {
		for _, k := range keys {
			x.posts = append(x.posts, posting{who, x.latest[k]})
			x.latest[k] = int32(len(x.posts))
			x.maybe[k>>6%uint32(len(x.maybe))] |= 1 << (k & 63)
		}
	}
}

// Near gives the numbers of those near f, in no order. The slice holds until the next call.
func (x *Index) Near(f Filed) []int32 {
	x.asked, x.found = x.asked[:0], x.found[:0]
	x.vote(f.Bands, votes{bands: 1})
	x.vote(f.Names, votes{names: 1})
	for _, n := range x.asked {
		v, h := x.votes[n], &x.held[n]
		x.votes[n] = votes{}
		apart := time.Duration(max(f.When-h.When, h.When-f.When)) * time.Millisecond
		if max(f.Seen-h.Seen, h.Seen-f.Seen) <= Window.Milliseconds() &&
			(v.bands >= enough && apart <= Window || v.names >= enoughNames && apart <= EventWindow) {
			x.found = append(x.found, n)
		}
	}
	return x.found
}

// vote gives one vote to each that holds one of keys.
func (x *Index) vote(keys []uint32, one votes) {
	for _, k := range keys {
		if x.maybe[k>>6%uint32(len(x.maybe))]&(1<<(k&63)) == 0 {
			continue
		}
		for at := x.latest[k]; at > 0; at = x.posts[at-1].before {
			n := x.posts[at-1].who
			if x.votes[n] == (votes{}) {
				x.asked = append(x.asked, n)
			}
			x.votes[n].bands += one.bands
			x.votes[n].names += one.names
		}
	}
}

// Hit is a story worth comparing an item with.
type Hit struct {
	Story     string
	Identical bool // one of its items shares an identity key
	Near      bool // an Index found it
}
