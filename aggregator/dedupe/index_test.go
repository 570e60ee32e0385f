package dedupe

import "testing"

func TestOlderTextsAreFoundBehindSetPhrases(t *testing.T) {
	const phrases = 14 // hashes that every text has
	keys := func(own ...uint32) (k Keys) {
		for h := range uint32(phrases) {
			k.Hashes = append(k.Hashes, 1+h)
		}
		k.Hashes = append(k.Hashes, own...)
		return k
	}
	old := keys(101, 102, 103, 104)
	for what, c := range map[string]struct {
		keys  Keys
		found bool
	}{
		"a copy":                        {old, true},
		"a text with four other hashes": {keys(105, 106, 107, 108), false},
		"a text with two of the four":   {keys(101, 102, 107, 108), false},
	} {
		x := NewIndex([]Keys{c.keys})
		x.Insert(1, old)
		for n := range int64(newest) {
			x.Insert(2+n, keys(200+uint32(n)))
		}
		near := x.Near(c.keys)
		if found := len(near) > 0 && near[0].Number == 1; found != c.found {
			t.Errorf("%s: found %v, want %v", what, found, c.found)
		}
		if len(near) < newest {
			t.Errorf("%s: found %d texts of the newest %d", what, len(near), newest)
		}
	}
}
