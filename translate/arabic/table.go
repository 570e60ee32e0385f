package arabic

import "math/bits"

// table is a map of words for those who ask for every word of every text: most are not there, and one look says so.
type table struct {
	places []int32 // by hash: a word's number, or 0, the number of none; of those with one place the others stand in the next that are free
	shift  int     // of a hash, to a place
	words  []string
	known  []Word // of words
}

func newTable(words map[string]Word) *table {
	wide := bits.Len(uint(sparse * len(words)))
	t := &table{places: make([]int32, 1<<wide), shift: 64 - wide, words: make([]string, 1, 1+len(words)), known: make([]Word, 1, 1+len(words))}
	for word, known := range words {
		t.words, t.known = append(t.words, word), append(t.known, known)
		i := t.place(word)
		for t.places[i] != 0 {
			i = (i + 1) & (len(t.places) - 1)
		}
		t.places[i] = int32(len(t.words) - 1)
	}
	return t
}

// sparse is how many places there are for a word, at least: of those that are not there one in four meets another. The own take 32 KB.
const sparse = 4

// find is what is known of word, to be read only.
func (t *table) find(word string) *Word {
	for i := t.place(word); t.places[i] != 0; i = (i + 1) & (len(t.places) - 1) {
		if n := t.places[i]; t.words[n] == word {
			return &t.known[n]
		}
	}
	return &t.known[0]
}

// all is t as a map.
func (t *table) all() map[string]Word {
	m := make(map[string]Word, len(t.words))
	for i, word := range t.words[1:] {
		m[word] = t.known[1+i]
	}
	return m
}

// place is where word is looked for first, by its ends: two words that differ only between them are one look apart.
func (t *table) place(word string) int {
	var h uint64
	switch n := len(word); {
	case n >= 8:
		h = le64(word) ^ bits.RotateLeft64(le64(word[n-8:]), 23)
	case n >= 4:
		h = le32(word) | le32(word[n-4:])<<32
	case n > 0:
		h = uint64(word[0]) | uint64(word[n/2])<<8 | uint64(word[n-1])<<16
	}
	return int(h * 0x9E3779B97F4A7C15 >> t.shift) // 2^64 by the golden ratio (Knuth, The Art of Computer Programming 6.4)
}

func le64(s string) uint64 { return le32(s) | le32(s[4:8])<<32 }

func le32(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}
