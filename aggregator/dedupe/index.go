package dedupe

import "slices"

const (
	// newest is how many texts an index keeps of a key: of a story that everyone tells, the newest.
	newest = 32
	// mostKeys is how many hashes of a sketch are keys: of more, those that are 0 modulo 2, 4 or 8, with
	// which an article of 300 words has some 36.
	mostKeys, keyEvery = 36, 3
	// leastVotes is how many hashes two texts share to be alike, and leastVoted what part of the shorter
	// list. Of the copies of three days of news none is lost; a link needs leastPart of all.
	leastVotes, leastVoted = 2, .2
	// leastWeight is the sum of weight × weight of the terms that two texts share to be compared. Chosen
	// on three days of news, where both cuts together leave 1.6 texts an item: 60 loses reports of one event.
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
	k := sketch{every: s.sketch.every}
	if s.stems >= minStems {
		k.hashes = slices.Clone(s.sketch.hashes)
	}
	for len(k.hashes) > mostKeys && k.every < keyEvery {
		k.every++
		k.hashes = k.coarser(k.hashes)
	}
	return Keys{k.every, k.hashes, s.heaviest()}
}

// Index finds texts that share keys with a given one. It is not safe for concurrent use.
type Index struct {
	hashes, terms map[uint32]*[]posting // nil: none yet
	texts         []indexed
	asked         []posting // texts with votes, during Near
}

// indexed is a text in an Index.
type indexed struct {
	number int64
	hashes int32 // how many its Keys have
	every  uint8
	votes  vote // during Near
}

// posting is a position in Index.texts and the weight of the term, in the lowest bits.
type posting uint32

// vote is what a text shares with the one in question.
type vote struct{ hashes, weight int32 }

// NewIndex returns an Index for texts with those keys, which keeps only texts that share one.
func NewIndex(of []Keys) *Index {
	x := &Index{hashes: map[uint32]*[]posting{}, terms: map[uint32]*[]posting{}}
	for _, k := range of {
		for _, h := range k.Hashes {
			x.hashes[h] = nil
		}
		for _, t := range k.Terms {
			x.terms[t&^weightBits] = nil
		}
	}
	return x
}

// Insert adds the text with that number. Later texts count as newer.
func (x *Index) Insert(number int64, k Keys) {
	at, kept := posting(len(x.texts)<<3), false
	for _, h := range k.Hashes {
		kept = post(x.hashes, h, at) || kept
	}
	for _, t := range k.Terms {
		kept = post(x.terms, t&^weightBits, at|posting(t&weightBits)) || kept
	}
	if kept {
		x.texts = append(x.texts, indexed{number: number, hashes: int32(len(k.Hashes)), every: k.Every})
	}
}

// post adds p to the list of a key. It reports whether anyone wants that key.
func post(lists map[uint32]*[]posting, key uint32, p posting) bool {
	list, wanted := lists[key]
	switch {
	case !wanted:
		return false
	case list == nil:
		list = new([]posting)
		lists[key] = list
	case len(*list) == 2*newest:
		*list = append((*list)[:0], (*list)[newest:]...)
	}
	*list = append(*list, p)
	return true
}

// posted returns the newest postings of a key.
func posted(lists map[uint32]*[]posting, key uint32) []posting {
	if list := lists[key]; list != nil {
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
	x.asked = x.asked[:0]
	for _, h := range k.Hashes {
		for _, p := range posted(x.hashes, h) {
			x.vote(p).hashes++
		}
	}
	for _, t := range k.Terms {
		for _, p := range posted(x.terms, t&^weightBits) {
			x.vote(p).weight += int32(t&weightBits) * int32(p&weightBits)
		}
	}
	found := slices.DeleteFunc(x.asked, func(at posting) bool {
		t := &x.texts[at]
		if t.alike(k) || t.votes.weight >= leastWeight {
			return false
		}
		t.votes = vote{}
		return true
	})
	slices.Sort(found)
	for _, at := range found {
		t := &x.texts[at]
		near = append(near, Found{t.number, t.alike(k)})
		t.votes = vote{}
	}
	return near
}

// vote returns the votes of the text that p is of.
func (x *Index) vote(p posting) *vote {
	v := &x.texts[p>>3].votes
	if *v == (vote{}) {
		x.asked = append(x.asked, p>>3)
	}
	return v
}

// alike reports whether a text shares so many hashes with k that it is worth comparing in full.
func (t *indexed) alike(k Keys) bool {
	every := max(t.every, k.Every) // each has so many hashes that the other may have
	short := min(int(t.hashes)>>(every-t.every), len(k.Hashes)>>(every-k.Every))
	return t.votes.hashes >= leastVotes && float64(t.votes.hashes) >= leastVoted*float64(short)
}
