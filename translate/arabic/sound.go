package arabic

import (
	"strings"
	"unicode/utf8"
)

// Names are compared by their consonants: Arabic writes few vowels, and outlets write those of
// foreign names each in their own way.

// Sound is a set of consonants that one letter may stand for.
type Sound uint8

const (
	lips   Sound = 1 << iota // b p
	breath                   // f v
	teeth                    // d t th
	hiss                     // s z sh ch j
	throat                   // k g q kh
	em
	en
	liquid // l r
)

// soundOf holds the sounds of folded letters. Vowels and h have none.
var soundOf = func() (of [0x0700]Sound) {
	for s, letters := range map[Sound]string{lips: "بپbpv", breath: "فڤfv", teeth: "تطدضثذظdtz",
		hiss: "سصزشژچجثذظcgjsxz", throat: "كقگغخچجckgjqx", em: "مm", en: "نn", liquid: "لرlr"} {
		for _, r := range letters {
			of[r] |= s
		}
	}
	return of
}()

// latinPairs spells letters that stand for one sound together, or for none, by others.
var latinPairs = strings.NewReplacer("ph", "f", "tch", "c", "ch", "c", "sch", "s", "sh", "s", "ck", "k", "dg", "g",
	"dj", "j", "gh", "g", "kh", "k", "qu", "k", "ks", "x", "cs", "x", "th", "t", "mc", "mk",
	"ght", "t", "ghb", "b", "augh", "a", "ough", "o")

// Sounds returns the sounds of a name. Doubled letters count once.
func Sounds(name string) (out []Sound) {
	last := rune(0)
	for _, r := range latinPairs.Replace(strings.ToLower(name)) {
		if r < rune(len(soundOf)) && soundOf[r] != 0 && r != last {
			out = append(out, soundOf[r])
		}
		last = r
	}
	return out
}

// Skeleton holds the sounds of the words of an Arabic text. It is made at first use.
type Skeleton struct {
	folded []string
	sounds []Sound
	starts []int  // where a word starts, with its prefix and without
	ends   []bool // whether a word may end before the Sound; endings of number and gender are optional
}

// NewSkeleton returns that of folded words. It looks at the first 600: more than a paragraph has.
func NewSkeleton(folded []string) *Skeleton { return &Skeleton{folded: folded[:min(len(folded), 600)]} }

func (k *Skeleton) fill() {
	k.ends = append(k.ends, true)
	for _, w := range k.folded {
		at := len(k.sounds)
		k.starts = append(k.starts, at)
		for i, prefix := range Bound() {
			if prefixSounds[i] > 0 && strings.HasPrefix(w, prefix) {
				k.starts = append(k.starts, at+prefixSounds[i])
			}
		}
		k.sounds = appendSounds(k.sounds, w)
		for i := at + 1; i <= len(k.sounds); i++ {
			ending := i == len(k.sounds)-1 && k.sounds[i]&(en|teeth) != 0
			k.ends = append(k.ends, len(w) > gluedBytes || ending || i == len(k.sounds))
			if len(w) > gluedBytes && i < len(k.sounds) {
				k.starts = append(k.starts, i)
			}
		}
	}
}

// prefixSounds is the number of sounds of each of Bound.
var prefixSounds = func() (n [12]int) {
	for i, prefix := range Bound() {
		n[i] = len(appendSounds(nil, prefix))
	}
	return n
}()

// gluedBytes is the length of most Arabic words at most. A longer one may be two, written together by
// mistake: a name may begin or end anywhere in it.
const gluedBytes = 18

// appendSounds appends the sounds of a folded word. Arabic writes ch, j and x with two letters.
func appendSounds(out []Sound, word string) []Sound {
	if word != "" && word[0] < utf8.RuneSelf {
		return append(out, Sounds(word)...)
	}
	last := rune(0)
	for _, r := range word {
		switch {
		case r >= rune(len(soundOf)) || soundOf[r] == 0 || r == last:
		case last == 'ت' && r == 'ش', last == 'د' && r == 'ج', last == 'ك' && r == 'س':
			out[len(out)-1] = hiss | throat
		default:
			out = append(out, soundOf[r])
		}
		last = r
	}
	return out
}

// LeastSounds is the number of consonants that a name needs to be told from other words. Longer
// names may differ in one sound, or two.
const LeastSounds, oneDiffers, twoDiffer = 3, 4, 6

// Has reports whether name may sound like a word of k, or like several together.
func (k *Skeleton) Has(name []Sound) bool {
	if k.starts == nil {
		k.fill()
	}
	budget := 0
	switch {
	case len(name) >= twoDiffer:
		budget = 2
	case len(name) >= oneDiffers:
		budget = 1
	}
	for _, at := range k.starts {
		if at < len(k.sounds) && k.sounds[at]&name[0] != 0 && k.hasAt(at, name, budget) {
			return true
		}
	}
	return false
}

// hasAt reports whether the sounds from a place on are those of name but for budget. The last sound of
// name may be an English ending.
func (k *Skeleton) hasAt(at int, name []Sound, budget int) bool {
	rest := k.sounds[at:min(len(k.sounds), at+len(name)+budget)]
	row := make([]int, len(rest)+1) // Levenshtein distances
	for j := range row {
		row[j] = j
	}
	for i, s := range name {
		diagonal := row[0]
		row[0] = i + 1
		least := row[0]
		for j, r := range rest {
			cost := diagonal
			if s&r == 0 {
				cost++
			}
			diagonal, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
			least = min(least, row[j+1])
		}
		left := len(name) - 1 - i
		switch {
		case least > budget:
			return false
		case left > 1 || left == 1 && (i == 0 || name[i+1]&(hiss|en|teeth) == 0):
			continue
		}
		for j, cost := range row {
			if cost <= budget && k.ends[at+j] {
				return true
			}
		}
	}
	return false
}
