package dedupe

import (
	"math/bits"
	"time"
)

// Window limits how far apart copies may be, in their dates and in when they were first seen: news is
// reprinted within three days, and similar texts after that are a series.
const Window = 72 * time.Hour

// EventWindow limits how far apart two reports of one event may be dated: one news day.
const EventWindow = 24 * time.Hour

// minBands is how many bands two texts must share to be compared. At Jaccard 0.3, texts on one subject,
// one pair in 7,000 shares three; at 0.7, the limit of copies, 97 of 100 do.
const minBands = 3

// minShared is how many names, numbers and title words two reports must share, rare ones counted twice,
// with a name, number or band among them. Two names that all technology news holds are not enough.
const minShared = 3

// series is how many similar stories may exist for a new story to be indexed: beyond it, the story is
// one of a series that nobody reprints, and every comparison would include all of them.
const series = 32

// Filed is the index entry of a story: its lead when the story was born or the lead last changed.
type Filed struct {
	When, Seen   int64    // of the lead, in Unix milliseconds
	Bands, Names []uint32 // of the lead's Signature
	Gist         Gist     // of the lead's Signature
}

// File returns the index entry of a story whose lead is p.
func File(p Printing) Filed {
	s := &p.Signature
	return Filed{p.When.UnixMilli(), p.Seen.UnixMilli(), s.Bands, s.Names, s.gist(p.Source)}
}

// Among returns f without the keys that a crowd of similar stories makes useless.
func (f Filed) Among(near Crowd) Filed {
	if near.Alike >= series {
		f.Bands = nil
	}
	if near.About >= series {
		f.Names = nil
	}
	return f
}

// Crowd counts the stories found for an item, by bands (Alike) and by names (About).
type Crowd struct{ Alike, About int }

// Count adds a hit.
func (c *Crowd) Count(h Hit) {
	if h.Alike {
		c.Alike++
	}
	if h.About {
		c.About++
	}
}

// Empty reports whether f has no keys, so that nothing finds it.
func (f Filed) Empty() bool { return len(f.Bands) == 0 && len(f.Names) == 0 }

// Index finds the entries worth comparing with a given one: close in time, with enough bands or names in
// common. The zero Index is empty. It is not safe for concurrent use.
type Index struct {
	gists  []Gist
	posts  posts
	bits   []uint64 // for each entry, a bitmap of its title words
	beside []beside // for each entry
	words  []uint32 // title words of all entries
	votes  []votes  // for each entry, during Near
	asked  []int32  // entries with votes
	own    []uint32
	found  []Found
}

// Found is an entry that Near returns, and why.
type Found struct {
	Number int32
	Alike  bool // found by bands
	About  bool // found by names
	Apart  bool // the Gists rule out both a copy and an event
}

// votes packs what an entry shares with the text in question: the number of bands, the weight of names
// and numbers, and how many of these are names.
type votes uint32

const (
	oneBand  votes = 1
	oneName  votes = 1 << 12
	oneNamed votes = 1 << 24
)

func (v votes) bands() int  { return int(v % oneName) }
func (v votes) names() int  { return int(v / oneName % oneName) }
func (v votes) named() bool { return v >= oneNamed }

// beside is what Near checks in addition to shared keys.
type beside struct {
	when, seen int64 // as in Filed
	from, to   int32 // the entry's range of Index.words
	named      bool  // has a name; two entries with names but none in common do not report one event
}

// Insert stores f under the next number, from 0.
func (x *Index) Insert(f Filed) {
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

// Near returns the entries near f, in no order. The slice is valid until the next call.
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
		alike := v.bands() >= minBands
		about := names >= minShared || names > 0 && both != 0 || v.bands() > 0 && bits.OnesCount64(both) > 1
		if !alike && !about {
			continue // the cheapest test first: it excludes nearly all entries
		}
		other := &x.beside[n]
		apart := max(f.When-other.when, other.when-f.When)
		if apart > Window.Milliseconds() || max(f.Seen-other.seen, other.seen-f.Seen) > Window.Milliseconds() {
			continue
		}
		about = about && apart <= EventWindow.Milliseconds() && (v.named() || !known || !other.named) &&
			(names >= minShared || names+shared(words, x.words[other.from:other.to]) >= minShared)
		if alike || about {
			x.found = append(x.found, Found{n, alike, about, f.Gist.rulesOut(&x.gists[n], apart)})
		}
	}
	return x.found
}

// vote gives votes to every entry that has one of keys.
func (x *Index) vote(keys []uint32) {
	if x.posts.keys == 0 {
		return
	}
	for _, k := range keys {
		if !finds(k) {
			continue
		}
		k, weight := weigh(k)
		gives := [2]votes{oneBand, oneBand} // indexed by the key's weight in the entry
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

// The lowest bits of a key in Names.
const (
	nameKey   = 1 // set in Names, clear in Bands
	rareKey   = 2 // a rare name, which counts twice
	besideKey = 4 // a title word, which counts only in addition to names and numbers
	figureKey = 8 // a number or model, which names nobody
)

// finds reports whether entries are looked up by key. Title words are not: one may be in every tenth title.
func finds(key uint32) bool { return key&(nameKey|besideKey) != nameKey|besideKey }

// weigh returns key as it is stored, and its weight: rare names weigh two. A name may be rare in one
// text and not in another, so rarity is not part of the stored key.
func weigh(key uint32) (uint32, uint8) {
	if key&nameKey != 0 && key&rareKey == 0 {
		return key | rareKey, 1
	}
	return key, 2
}

// besideOf appends the title words of f to words. It returns their bitmap and whether f has a name.
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

// Hit is a story worth comparing with an item, and how it was found.
type Hit struct {
	Story     string
	Identical bool // one of its items shares an identity key
	Alike     bool // found by bands
	About     bool // found by names
	Apart     bool // its Gist rules out a copy and an event
}

// Merge combines two hits of one story.
func (h Hit) Merge(other Hit) Hit {
	return Hit{
		Story:     h.Story,
		Identical: h.Identical || other.Identical,
		Alike:     h.Alike || other.Alike,
		About:     h.About || other.About,
		Apart:     h.Apart && other.Apart,
	}
}
