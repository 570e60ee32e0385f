package dedupe

import (
	"math/bits"
	"time"
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

// File returns what a story is found by while p is its lead.
func File(p Printing) Filed {
	return Filed{p.When.UnixMilli(), p.Seen.UnixMilli(), p.Signature.Bands, p.Signature.Names, p.Signature.gist(p.Source)}
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
	gists  []Gist
	posts  posts
	bits   []uint64 // of each held: one for each of its words
	beside []beside // of each held
	words  []uint32 // of all held
	votes  []votes
	asked  []int32
	own    []uint32
	found  []Found
}

// Found is a number that Near gives, and why it is near.
type Found struct {
	Number int32
	Alike  bool // by bands
	About  bool // by names
	Apart  bool // by their Gists Decide makes nothing of the two
}

// votes are what one shares with the text that is asked for, in one number: how many bands, the weight of names and numbers, and how many of
// these are names.
type votes uint32

const (
	oneBand  votes = 1
	oneName  votes = 1 << 12
	oneNamed votes = 1 << 24
)

func (v votes) bands() int  { return int(v % oneName) }
func (v votes) names() int  { return int(v / oneName % oneName) }
func (v votes) named() bool { return v >= oneNamed }

// beside is what counts beside shared keys.
type beside struct {
	when, seen int64 // as filed
	from, to   int32 // the keys that find nothing by themselves, among words
	named      bool  // there is a name: without one in common, another with names is no report of the event
}

// Add files f under the next number, from 0.
func (x *Index) Add(f Filed) {
	who := int32(len(x.gists))
	from := int32(len(x.words))
	var bits uint64
	var named bool
	x.words, bits, named = besideOf(x.words, f)
	x.gists, x.bits, x.votes = append(x.gists, f.Gist), append(x.bits, bits), append(x.votes, 0)
	x.beside = append(x.beside, beside{f.When, f.Seen, from, int32(len(x.words)), named})
	for _, keys := range [...][]uint32{f.Bands, f.Names} {
		for _, k := range keys {
			if finds(k) {
				k, weight := weigh(k)
				x.posts.add(k, newPosting(who, weight))
			}
		}
	}
}

// Near gives the numbers of those near f, in no order. The slice holds until the next call.
func (x *Index) Near(f Filed) []Found {
	x.asked, x.found = x.asked[:0], x.found[:0]
	x.vote(f.Bands)
	x.vote(f.Names)
	words, has, known := besideOf(x.own[:0], f)
	x.own = words
	for _, n := range x.asked {
		v, both := x.votes[n], has&x.bits[n]
		x.votes[n] = 0
		names := v.names()
		alike := v.bands() >= enough
		about := names >= enoughNames || names > 0 && both != 0 || v.bands() > 0 && bits.OnesCount64(both) > 1
		if !alike && !about {
			continue // first, as it parts nearly all
		}
		other := &x.beside[n]
		apart := max(f.When-other.when, other.when-f.When)
		if apart > Window.Milliseconds() || max(f.Seen-other.seen, other.seen-f.Seen) > Window.Milliseconds() {
			continue
		}
		about = about && apart <= EventWindow.Milliseconds() && (v.named() || !known || !other.named) &&
			(names >= enoughNames || names+shared(words, x.words[other.from:other.to]) >= enoughNames)
		if alike || about {
			x.found = append(x.found, Found{n, alike, about, f.Gist.parts(&x.gists[n], apart)})
		}
	}
	return x.found
}

// vote gives votes to each that is found by one of keys.
func (x *Index) vote(keys []uint32) {
	if x.posts.keys == 0 {
		return
	}
	for _, k := range keys {
		if !finds(k) {
			continue
		}
		k, weight := weigh(k)
		gives := [2]votes{oneBand, oneBand} // by the weight that the key has there
		if k&nameKey != 0 {
			gives[0] = oneName
			if k&figureKey == 0 {
				gives[0] += oneNamed
			}
			gives[1] = gives[0] + oneName*votes(weight-1)
		}
		switch at := x.posts.slot(k).at; {
		case at > 0:
			x.give(posting(at).who(), gives[posting(at).weighs()])
		case at < 0:
			for _, p := range x.posts.lists[^at] {
				x.give(p.who(), gives[p.weighs()])
			}
		}
	}
}

func (x *Index) give(who int32, v votes) {
	had := x.votes[who]
	if had == 0 {
		x.asked = append(x.asked, who)
	}
	x.votes[who] = had + v
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

// besideOf appends to words the keys of f that count beside those that find it, with a bit for each, and says whether there is a name.
func besideOf(words []uint32, f Filed) (out []uint32, bits uint64, named bool) {
	for _, k := range f.Names {
		switch {
		case !finds(k):
			words = append(words, k)
			bits |= 1 << (k >> 4 & 63)
		case k&figureKey == 0:
			named = true
		}
	}
	return words, bits, named
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
