package dedupe

import "slices"

const (
	// newest is how many texts an index keeps of a key: of a story that everyone tells, the newest. Of 16
	// to 32, any finds the same on three days of news.
	newest = 16
	// mostKeys is how many hashes of a sketch are keys: of more, those that are 0 modulo 2, 4 or 8, with
	// which an article of 300 words has some 36.
	mostKeys, keyEvery = 36, 3
	// leastVotes is how many hashes two texts share to be alike, and leastVoted what part of the shorter
	// list: see Index.alike. Of the copies of three days of news none is lost, and of a farm of set phrases
	// one in a hundred; a link needs leastPart of all.
	leastVotes, leastVoted = 2, .3
	// leastWeight is the sum of weight × weight of the terms that two texts share to be compared. Chosen
	// on three days of news, where both cuts together leave 1.3 texts an item: 60 loses reports of one event.
	leastWeight = 50
)

// weightBits are the lowest bits of a term: its weight, 1 to 7.
const weightBits = 7

// Keys are what a text is found by.
type Keys struct {
	Every  uint8    // Hashes are those of the sketch that are 0 modulo 1<<Every
	Hashes []uint32 // at most maxSketch; none of a short text
	Terms  []uint32 // the heaviest, with their weights in weightBits
}

// Keys returns what a text is found by.
func (s *Signature) Keys() Keys {
	k := Keys{Every: s.sketch.every, Terms: s.heaviest()}
	if s.stems >= minStems {
		k.Hashes = slices.Clone(s.sketch.hashes)
	}
	for len(k.Hashes) > mostKeys && k.Every < keyEvery {
		k.Every++
		k.Hashes = coarser(k.Hashes[:0], k.Hashes, k.Every)
	}
	return k
}

// Index finds texts that share keys with a given one. It is not safe for concurrent use.
type Index struct {
	hashes, terms postings
	texts         []indexed
	votes         []vote    // by text, zero between calls of Near
	asked, full   []posting // of Near: texts with votes, and the oldest texts of full lists
}

// indexed is a text in an Index.
type indexed struct {
	number int64
	hashes int32 // how many its Keys have
	every  uint8
}

// posting is a position in Index.texts and the weight of the term, in the lowest bits.
type posting uint32

// vote is what a text shares with the one in question.
type vote struct{ hashes, weight uint16 }

// NewIndex returns an Index for texts with those keys, which keeps only texts that share one.
func NewIndex(of []Keys) *Index {
	x := &Index{hashes: newPostings(), terms: newPostings()}
	for _, k := range of {
		for _, h := range k.Hashes {
			x.hashes.want(h)
		}
		for _, t := range k.Terms {
			x.terms.want(t &^ weightBits)
		}
	}
	return x
}

// Insert adds the text with that number. Later texts count as newer.
func (x *Index) Insert(number int64, k Keys) {
	at, kept := posting(len(x.texts)<<3), false
	for _, h := range k.Hashes {
		kept = x.hashes.post(h, at) || kept
	}
	for _, t := range k.Terms {
		kept = x.terms.post(t&^weightBits, at|posting(t&weightBits)) || kept
	}
	if kept {
		x.texts = append(x.texts, indexed{number, int32(len(k.Hashes)), k.Every})
		x.votes = append(x.votes, vote{})
	}
}

// postings are the lists of the keys that are wanted.
type postings struct {
	of   map[uint32]*[]posting // nil: none yet
	bits []uint64              // one for each key, by its highest bits: most texts share few keys
}

// bitShift makes 1<<20 bits, of which the keys of a full batch of items set an eighth.
const bitShift = 32 - 20

func newPostings() postings {
	return postings{map[uint32]*[]posting{}, make([]uint64, 1<<(32-bitShift)/64)}
}

func (l *postings) want(key uint32) {
	l.of[key] = nil
	l.bits[key>>bitShift/64] |= 1 << (key >> bitShift % 64)
}

// post adds p to the list of a key. It reports whether anyone wants that key.
func (l *postings) post(key uint32, p posting) bool {
	if l.bits[key>>bitShift/64]&(1<<(key>>bitShift%64)) == 0 {
		return false
	}
	list, wanted := l.of[key]
	switch {
	case !wanted:
		return false
	case list == nil:
		list = new([]posting)
		l.of[key] = list
	case len(*list) == 2*newest:
		*list = append((*list)[:0], (*list)[newest:]...)
	}
	*list = append(*list, p)
	return true
}

// posted returns the newest postings of a key.
func (l *postings) posted(key uint32) []posting {
	if list := l.of[key]; list != nil {
		return (*list)[max(0, len(*list)-newest):]
	}
	return nil
}

// Found is a text worth comparing with another.
type Found struct {
	Number int64
	Alike  bool // they share hashes, not only terms
}

// Near returns the texts worth comparing with one that has keys, oldest first.
func (x *Index) Near(k Keys) (near []Found) {
	x.asked, x.full = x.asked[:0], x.full[:0]
	for _, h := range k.Hashes {
		list := x.hashes.posted(h)
		for _, p := range list {
			x.vote(p).hashes++
		}
		if len(list) == newest {
			x.full = append(x.full, list[0]>>3)
		}
	}
	for _, t := range k.Terms {
		for _, p := range x.terms.posted(t &^ weightBits) {
			x.vote(p).weight += uint16(t&weightBits) * uint16(p&weightBits)
		}
	}
	slices.Sort(x.full)
	found := x.asked[:0]
	for _, at := range x.asked {
		if v := &x.votes[at]; v.weight >= leastWeight || v.hashes >= leastVotes && x.alike(at, k) {
			found = append(found, at)
		} else {
			*v = vote{}
		}
	}
	slices.Sort(found)
	for _, at := range found {
		near = append(near, Found{x.texts[at].number, x.alike(at, k)})
		x.votes[at] = vote{}
	}
	return near
}

// vote returns the votes of the text that p is of.
func (x *Index) vote(p posting) *vote {
	v := &x.votes[p>>3]
	if *v == (vote{}) {
		x.asked = append(x.asked, p>>3)
	}
	return v
}

// alike reports whether a text shares so many hashes with k that it is worth comparing in full. Full
// lists, of set phrases, may lack an older text: then the others count, and one vote more against chance.
func (x *Index) alike(at posting, k Keys) bool {
	t, votes := &x.texts[at], int(x.votes[at].hashes)
	every := max(t.every, k.Every) // each has so many hashes that the other may have
	short := min(int(t.hashes)>>(every-t.every), len(k.Hashes)>>(every-k.Every))
	reach, _ := slices.BinarySearch(x.full, at+1)
	lacking := len(x.full) - reach
	return votes >= leastVotes+min(lacking, 1) &&
		float64(votes*len(k.Hashes)) >= leastVoted*float64(short*(len(k.Hashes)-lacking))
}
