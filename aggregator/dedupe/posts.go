package dedupe

// posts says who has which key: a table of open addressing, at most half full, as keys are hashes already and asked for by the million.
type posts struct {
	slots []slot
	shift uint8 // 32 less the bits of a place
	keys  int
	lists [][]posting
}

// slot is a key and its only posting, as most have one, or, below zero, the place of its list, inverted. Zero: no key.
type slot struct {
	key uint32
	at  int32
}

// posting is a number that has a key, counted from 1 and doubled, and one more where the key weighs two.
type posting int32

func newPosting(who int32, weight uint8) posting { return posting((who+1)<<1 | int32(weight-1)) }

func (p posting) who() int32 { return int32(p>>1) - 1 }

// weighs is which of two weights p's key has, from 0.
func (p posting) weighs() int { return int(p & 1) }

const leastSlots = 10 // bits of a place in the smallest table, 8 KB: a batch of items needs 18

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

// slot is that of key, or where it belongs.
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
