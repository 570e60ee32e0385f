package dedupe

// posts maps keys to the entries that have them: a hash table with open addressing, at most half full.
// The keys are hashes already, and grouping looks up millions of them.
type posts struct {
	slots []slot
	shift uint8 // 32 minus the bits of a slot's index
	keys  int
	lists [][]posting
}

// slot is a key with its only posting, or, if at is negative, with ^at as the index of its list of
// postings. Zero: an empty slot.
type slot struct {
	key uint32
	at  int32
}

// posting is an entry that has a key: its number plus one, doubled, plus one if the key weighs two.
type posting int32

func newPosting(who int32, weight uint8) posting { return posting((who+1)<<1 | int32(weight-1)) }

func (p posting) who() int32 { return int32(p>>1) - 1 }

// weighs returns the weight of p's key minus one.
func (p posting) weighs() int { return int(p & 1) }

const leastSlots = 10 // bits of an index in the smallest table, 8 KB; a batch of items needs 18

func (x *posts) add(key uint32, p posting) {
	if 2*x.keys >= len(x.slots) {
		x.grow()
	}
	switch s := x.slot(key); {
	case s.at == 0:
		*s = slot{key, int32(p)}
		x.keys++
	case s.at > 0:
		x.lists = append(x.lists, []posting{posting(s.at), p})
		s.at = ^int32(len(x.lists) - 1)
	default:
		list := &x.lists[^s.at]
		*list = append(*list, p)
	}
}

// slot returns the slot of key, or the empty slot where key belongs.
func (x *posts) slot(key uint32) *slot {
	for i := key >> x.shift; ; i++ {
		s := &x.slots[i&uint32(len(x.slots)-1)]
		if s.at == 0 || s.key == key {
			return s
		}
	}
}

func (x *posts) grow() {
	old := x.slots
	if old == nil {
		x.shift = 32 - leastSlots + 1
	}
	x.shift--
	x.slots = make([]slot, 1<<(32-x.shift))
	for _, s := range old {
		if s.at != 0 {
			*x.slot(s.key) = s
		}
	}
}
