package dedupe

import (
	"math/bits"
	"time"

	"github.com/nashra/nashra/feeds"
)

// Window is how far apart two printings of one text may be, other than by identity, both in their own dates and in when they were
// first seen: news is reprinted within three days, and what is alike after that is a series. So what is compared by likeness is only
// what came in the last days, however much is kept.
const Window = 72 * time.Hour

// EventWindow is how far apart two reports of one event may be dated: of one news day.
const EventWindow = 24 * time.Hour

// enough is how many bands two texts must share to be compared. Of texts on one subject (Jaccard 0.3, as in the farm) every tenth pair shares
// one, and one in 7,000 three; of copies at the cut (Jaccard 0.7) three are shared by 97 of 100. With 32 bands of four rows, of which four must
// be shared, as many are found, and 2.7 times as many looked at.
const enough = 3

// enoughNames is how many names, numbers and words of titles two texts must share to be compared as reports of one event, rare ones
// counted twice, and a name, number or band among them: two names that all technology news holds are not enough.
const enoughNames = 3

// series is how many stories may be near the item that begins another, by bands or by names, for this one to be found that way: the
// hundredth table of prices is no news that others reprint, and without an end each would be compared with all.
const series = 32

// Filed is what a story is found by: its lead as it was when the story was born or the lead changed.
type Filed struct {
	When, Seen   int64    // of the lead, Unix milliseconds
	Bands, Names []uint32 // of its Signature
	Gist         Gist     // of it
}

// File is what a story is found by while it, signed as sig, is its lead.
func File(it feeds.Item, sig *Signature) Filed {
	return Filed{it.When().UnixMilli(), it.Seen.UnixMilli(), sig.Bands, sig.Names, sig.gist(it.SourceID)}
}

// Among is f among the stories that were found for its item.
func (f Filed) Among(near Crowd) Filed {
	if near.Alike >= series {
		f.Bands = nil
	}
	if near.About >= series {
		f.Names = nil
	}
	return f
}

// Crowd counts stories that were found for an item, in either way.
type Crowd struct{ Alike, About int }

// Add counts one more.
func (c *Crowd) Add(h Hit) {
	if h.Alike {
		c.Alike++
	}
	if h.About {
		c.About++
	}
}

// Empty says whether nothing finds f.
func (f Filed) Empty() bool { return len(f.Bands) == 0 && len(f.Names) == 0 }

// Index finds, among many, those that are worth comparing with another: near it in time, with enough bands or rare names in common. The
// zero Index holds none. It is for one goroutine.
type Index struct {
	held   []Filed
	posts  map[uint32]int32 // key ⇒ its only posting, as most have one, or, below zero, the place of its list, inverted
	lists  [][]posting
	maybe  [1 << 12]uint64 // a bit for each key held, by its lowest bits: most that are asked for are not there
	beside []beside        // of each held
	votes  []votes
	asked  []int32
	found  []Found
}

// Found is a number that Near gives, and why it is near.
type Found struct {
	Number int32
	Alike  bool // by bands
	About  bool // by names
	Apart  bool // by their Gists Decide makes nothing of the two
}

// posting is a number that has a key, doubled, and one more where the key weighs two.
type posting int32

func newPosting(who int32, weight uint8) posting { return posting(who<<1 | int32(weight-1)) }

func (p posting) who() int32 { return int32(p >> 1) }

func (p posting) weight() uint8 { return uint8(p&1) + 1 }

type votes struct {
	bands, names uint8
	named        bool // by a name, not by figures alone
}

// beside is what counts beside shared keys.
type beside struct {
	when, seen int64  // as filed
	words      uint64 // a bit for each key that finds nothing by itself
	named      bool   // there is a name: without one in common, another with names is no report of the event
}

// Add files f under the next number, from 0.
func (x *Index) Add(f Filed) {
	if x.posts == nil {
		x.posts = map[uint32]int32{}
	}
	who := int32(len(x.held))
	x.held, x.beside, x.votes = append(x.held, f), append(x.beside, besideOf(f)), append(x.votes, votes{})
	for _, keys := range [...][]uint32{f.Bands, f.Names} {
		for _, k := range keys {
			if !finds(k) {
				continue
			}
			k, weight := weigh(k)
			p := newPosting(who, weight)
			switch at, ok := x.posts[k]; {
			case !ok:
				x.posts[k] = int32(p)
			case at >= 0:
				x.posts[k] = ^int32(len(x.lists))
				x.lists = append(x.lists, []posting{posting(at), p})
			default:
				x.lists[^at] = append(x.lists[^at], p)
			}
			x.maybe[k>>6%uint32(len(x.maybe))] |= 1 << (k & 63)
		}
	}
}

// Near gives the numbers of those near f, in no order. The slice holds until the next call.
func (x *Index) Near(f Filed) []Found {
	x.asked, x.found = x.asked[:0], x.found[:0]
	x.vote(f.Bands)
	x.vote(f.Names)
	own := besideOf(f)
	for _, n := range x.asked {
		v, other := x.votes[n], x.beside[n]
		x.votes[n] = votes{}
		apart := max(f.When-other.when, other.when-f.When)
		if apart > Window.Milliseconds() || max(f.Seen-other.seen, other.seen-f.Seen) > Window.Milliseconds() {
			continue // first: of two weeks' news it is most, and what follows costs more
		}
		alike := v.bands >= enough
		about := false
		if apart <= EventWindow.Milliseconds() && (v.named || !own.named || !other.named) {
			both := own.words & other.words
			about = v.names >= enoughNames ||
				(v.names > 0 && both != 0 || v.bands > 0 && bits.OnesCount64(both) > 1) && sharedWeight(f.Names, x.held[n].Names) >= enoughNames
		}
		if alike || about {
			x.found = append(x.found, Found{n, alike, about, f.Gist.parts(&x.held[n].Gist, apart)})
		}
	}
	return x.found
}

// vote gives votes to each that is found by one of keys.
func (x *Index) vote(keys []uint32) {
	for _, k := range keys {
		if !finds(k) {
			continue
		}
		k, weight := weigh(k)
		if x.maybe[k>>6%uint32(len(x.maybe))]&(1<<(k&63)) == 0 {
			continue
		}
		switch at, ok := x.posts[k]; {
		case !ok:
		case at >= 0:
			x.count(k, weight, []posting{posting(at)})
		default:
			x.count(k, weight, x.lists[^at])
		}
	}
}

// count gives each of list its votes for key k.
func (x *Index) count(k uint32, weight uint8, list []posting) {
	for _, p := range list {
		v := &x.votes[p.who()]
		if *v == (votes{}) {
			x.asked = append(x.asked, p.who())
		}
		if k&nameKey == 0 {
			v.bands++
		} else {
			v.names += min(weight, p.weight())
			v.named = v.named || k&figureKey == 0
		}
	}
}

// The lowest bits of a name's key: that it is none of a band; that it is rare, which counts twice; that it is a word of the title, which
// counts beside names and numbers; that it is a number or a model, which names nobody.
const (
	nameKey   = 1
	rareKey   = 2
	besideKey = 4
	figureKey = 8
)

// finds says whether texts are found by a key: one word stands in every tenth title.
func finds(key uint32) bool { return key&(nameKey|besideKey) != nameKey|besideKey }

// weigh is a key as it is found, and its weight: a rare name's twice that of others. One may be rare in one text and not in another.
func weigh(key uint32) (uint32, uint8) {
	if key&nameKey != 0 && key&rareKey == 0 {
		return key | rareKey, 1
	}
	return key, 2
}

// besideOf is what of f counts beside the keys that it shares.
func besideOf(f Filed) (b beside) {
	b.when, b.seen = f.When, f.Seen
	for _, k := range f.Names {
		switch {
		case !finds(k):
			b.words |= 1 << (k >> 4 & 63)
		case k&figureKey == 0:
			b.named = true
		}
	}
	return b
}

// sharedWeight weighs what two lists of names, ascending, share.
func sharedWeight(a, b []uint32) (n uint8) {
	for len(a) > 0 && len(b) > 0 {
		x, left := weigh(a[0])
		y, right := weigh(b[0])
		switch {
		case x < y:
			a = a[1:]
		case y < x:
			b = b[1:]
		default:
			n += min(left, right)
			a, b = a[1:], b[1:]
		}
	}
	return n
}

// Hit is a story worth comparing an item with.
type Hit struct {
	Story     string
	Identical bool // one of its items shares an identity key
	Alike     bool // an Index found it, by bands
	About     bool // an Index found it, by names
	Apart     bool // and says that Decide makes nothing of it
}

// And is h and other, the same story found in two ways.
func (h Hit) And(other Hit) Hit {
	return Hit{h.Story, h.Identical || other.Identical, h.Alike || other.Alike, h.About || other.About, h.Apart && other.Apart}
}
