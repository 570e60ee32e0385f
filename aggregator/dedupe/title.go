package dedupe

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/nashra/nashra/translate/arabic"
)

// decisive is set in the hash of a word that changes what a headline says: a number, a model, a negation,
// a direction, a word such as "denies" or "deputy". Two headlines that say the same have all of them.
const decisive = 1

const (
	// minShared is how many words two headlines must share to say the same. On three days of real news 16 of
	// 25 pairs that share fewer are other news; of the 18 that share more and differ most in text, none.
	minShared = 4
	// moreWords is how many words more one of two headlines may have: with three, hardly any more pairs of
	// real headlines that agree fold.
	moreWords = 2
	// longestOutlet is how many bytes the name of an outlet has: three Arabic words, and the sign.
	longestOutlet = 48
)

// titleOf returns the distinct hashes of what a headline is made of, ascending, in the room of out: its
// words as skeletons, synonyms as one, words that say nothing left out. Where names could change places,
// or what rises and what falls, their order is one more.
func titleOf(ts []token, out []uint32) []uint32 {
	var names, moves uint64
	var named, moved int
	subject := uint32(0)
	for i := range ts {
		t := &ts[i]
		h, does, place := meaning(t)
		if h == 0 || i > 0 && t.text == "قبل" && ts[i-1].text == "من" { // done by
			continue
		}
		out = append(out, h)
		if place || t.known {
			names, named = mix(names^uint64(h)), named+1
		}
		if does >= direction {
			moves, moved = mix(moves^uint64(h)), moved+int(does-turning)
		} else if subject == 0 && !place {
			subject = h
		}
	}
	if named > 1 {
		out = append(out, uint32(names)|decisive)
	}
	if moved > 1 {
		out = append(out, uint32(mix(moves^uint64(subject)))|decisive)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// outlet returns how many tokens at the end of a title are the name of its outlet: «… | تقني», if that is
// short and decides nothing.
func outlet(title string, known arabic.Lexicon) int {
	for _, sign := range [...]string{" | ", " - ", " – ", " — "} {
		i := strings.LastIndex(title, sign)
		if i < 0 || len(title)-i > longestOutlet {
			continue
		}
		ts := tokens(split(arabic.Fold(title[i:]), nil), known, nil)
		if !slices.ContainsFunc(titleOf(ts, nil), func(h uint32) bool { return h&decisive != 0 }) {
			return len(ts)
		}
	}
	return 0
}

// meaning returns the hash of what t says in a headline, 0 for nothing, and whether it is a place. What the
// lists say holds with the letter ب, ل or ك before a stem, too.
func meaning(t *token) (h uint32, does effect, place bool) {
	bound := unknown
	if len(t.text) > 2 && (t.text[:2] == "ب" || t.text[:2] == "ل" || t.text[:2] == "ك") {
		bound = look(t.text[2:])
	}
	s, country := cmp.Or(t.means.sense, bound.sense), cmp.Or(t.means.country, bound.country)
	var few [32]rune
	text := t.text
	switch {
	case t.kind == number:
		return uint32(t.hash>>32) | decisive, plain, false
	case t.rank > 1:
		return uint32(mix(math.Float64bits(float64(t.rank)))>>32) | decisive, plain, false
	case s.does == light, s.name == "" && t.stop:
		return 0, light, false
	case s.name != "":
		text = s.name
	case t.means.variant != "":
		return uint32(hash(t.means.variant)>>32) | decisive, plain, false
	case country != "":
		text = country
	case t.kind == word:
		text = string(skeleton(t.text, few[:0]))
	}
	h = uint32(hash(text)>>32) &^ decisive
	if t.kind == code || s.does >= turning {
		h |= decisive
	}
	return h, s.does, country != ""
}

// skeleton returns the consonants of a folded Arabic word without prefixes, suffixes and the letters of
// person and number: يرفع, رفعت and رفعها are one, شركة and الشركات too. Of words with fewer than three
// consonants it keeps the vowels within: سوريا and سيارة are two.
func skeleton(word string, rs []rune) []rune {
	for _, r := range strings.TrimSuffix(word, "ه") {
		if !strings.ContainsRune(weak, r) {
			rs = append(rs, r)
		}
	}
	if len(rs) < minLetters {
		rs = append(rs[:0], []rune(word)...)
		for len(rs) > minLetters && strings.ContainsRune(weak+trailing, rs[len(rs)-1]) {
			rs = rs[:len(rs)-1]
		}
		return rs
	}
	for len(rs) > minLetters && strings.ContainsRune(trailing, rs[len(rs)-1]) {
		rs = rs[:len(rs)-1]
	}
	for len(rs) > minLetters && strings.ContainsRune(leading, rs[0]) {
		rs = rs[1:]
	}
	return rs
}

// Letters of Arabic words that tell less than others, and how many letters a skeleton keeps.
const (
	weak              = "اويء"
	leading, trailing = "فبلكستن", "هتن"
	minLetters        = 3
)

// titlesApart says why two headlines do not say the same; "": they do.
func titlesApart(a, b []uint32) string {
	if len(a) > len(b) {
		a, b = b, a
	}
	both := 0
	for _, h := range b {
		if _, found := slices.BinarySearch(a, h); found {
			both++
		} else if h&decisive != 0 {
			return "a number, or a word that turns the meaning, in one headline only"
		}
	}
	switch {
	case both < len(a):
		return "other words in both headlines"
	case len(b) > len(a)+moreWords:
		return "a longer headline"
	case both < minShared:
		return "too short headlines"
	}
	return ""
}
