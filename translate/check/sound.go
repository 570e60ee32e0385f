package check

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

// Names are compared by their consonants: Arabic writes few vowels, and outlets write those of
// foreign names each in their own way.

// sound is a set of consonants that one letter may stand for.
type sound uint8

const (
	lips   sound = 1 << iota // b p
	breath                   // f v
	teeth                    // d t th
	hiss                     // s z sh ch j
	throat                   // k g q kh
	em
	en
	liquid // l r
)

// soundOf holds the sounds of folded letters. Vowels and h have none.
var soundOf = func() (of [0x0700]sound) {
	for s, letters := range map[sound]string{lips: "بپbpv", breath: "فڤfv", teeth: "تطدضثذظdtz",
		hiss: "سصزشژچجثذظcgjsxz", throat: "كقگغخچجckgjqx", em: "مm", en: "نn", liquid: "لرlr"} {
		for _, r := range letters {
			of[r] |= s
		}
	}
	return of
}()

// latinPairs spells letters that stand for one sound together, or for none, by others.
var latinPairs = strings.NewReplacer("ph", "f", "tch", "c", "ch", "c", "sch", "s", "sh", "s", "ck", "k", "dg", "g",
	"dj", "j", "gh", "g", "kh", "k", "qu", "k", "ks", "x", "cs", "x", "ts", "s", "tz", "z", "th", "t", "mc", "mk",
	"ght", "t", "ghb", "b", "augh", "a", "ough", "o")

// latinSounds returns the sounds of a name. Doubled letters count once.
func latinSounds(name string) (out []sound) {
	last := rune(0)
	for _, r := range latinPairs.Replace(strings.ToLower(name)) {
		if r < rune(len(soundOf)) && soundOf[r] != 0 && r != last {
			out = append(out, soundOf[r])
		}
		last = r
	}
	return out
}

// skeleton holds the sounds of the words of an Arabic text. It is made at first use.
type skeleton struct {
	folded []string
	sounds []sound
	starts []int  // where a word starts, with its prefix and without
	ends   []bool // whether a word may end before the sound; endings of number and gender are optional
}

func newSkeleton(folded []string) *skeleton {
	return &skeleton{folded: folded[:min(len(folded), mostWords)]}
}

func (k *skeleton) fill() {
	k.ends = append(k.ends, true)
	for _, w := range k.folded {
		at := len(k.sounds)
		k.starts = append(k.starts, at)
		for i, prefix := range arabic.Bound() {
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

// prefixSounds is the number of sounds of each of arabic.Bound.
var prefixSounds = func() (n [12]int) {
	for i, prefix := range arabic.Bound() {
		n[i] = len(appendSounds(nil, prefix))
	}
	return n
}()

// gluedBytes is the length of most Arabic words at most. A longer one may be two, written together by
// mistake: a name may begin or end anywhere in it.
const gluedBytes = 18

// appendSounds appends the sounds of a folded word. Arabic writes ch, j and x with two letters.
func appendSounds(out []sound, word string) []sound {
	if word != "" && word[0] < utf8.RuneSelf {
		return append(out, latinSounds(word)...)
	}
	last := rune(0)
	for _, r := range word {
		switch {
		case r >= rune(len(soundOf)) || soundOf[r] == 0 || r == last:
		case last == 'ت' && (r == 'ش' || r == 'س' || r == 'ز'), last == 'د' && r == 'ج', last == 'ك' && r == 'س':
			out[len(out)-1] = hiss | throat
		default:
			out = append(out, soundOf[r])
		}
		last = r
	}
	return out
}

// leastSounds is the number of consonants that a name needs to be told from other words. Longer
// names may differ in one sound, or two.
const leastSounds, oneDiffers, twoDiffer = 3, 4, 6

// has reports whether name may sound like a word of k, or like several together.
func (k *skeleton) has(name []sound) bool {
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
func (k *skeleton) hasAt(at int, name []sound, budget int) bool {
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

// capitalised returns the words of an English text that a capital marks as names: those within a
// sentence, unless most words of the text have one.
func capitalised(target string) (out []string) {
	start, capitals, words := true, 0, 0
	for w := range strings.FieldsSeq(target) {
		core := strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
		upper := core != "" && unicode.IsUpper(firstRune(core))
		if len(core) > 3 {
			words++
			if upper {
				capitals++
			}
		}
		within := !start && upper && !strings.ContainsAny(w[:1], "\"'([")
		start = strings.HasSuffix(strings.TrimRight(w, "\"”’')]"), ".") || strings.ContainsAny(w[len(w)-1:], "!?:;\"") ||
			core == "" || strings.HasSuffix(w, "”")
		if core = strings.TrimSuffix(strings.TrimSuffix(core, "'s"), "’s"); within && len(core) > 3 &&
			core != strings.ToUpper(core) && !strings.ContainsAny(core, "-/&'.") && !strings.ContainsFunc(core, notASCII) {
			out = append(out, core)
		}
	}
	if words > 3 && 2*capitals > words {
		return nil
	}
	return out
}

func notASCII(r rune) bool { return r >= utf8.RuneSelf }
