package arabic

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// arabicWord matches a word with its marks.
var arabicWord = regexp.MustCompile(`[\p{Arabic}\p{Mn}\x{0640}]+`)

// latinNames maps folded words of names to English.
var latinNames = func() map[string]string {
	names := map[string]string{}
	list := strings.Fields(spelt)
	for i := 0; i+1 < len(list); i += 2 {
		if key := Fold(list[i]); names[key] == "" {
			names[key] = strings.ReplaceAll(list[i+1], "_", " ")
		}
	}
	return names
}()

// roles are folded words before the name in a byline that say what the person did.
var roles = wordSet(Fold(`بقلم كتب كتبت كتبه كتبها إعداد أعده أعدها مراجعة تحرير ترجمة تقرير متابعة حوار أ`))

// Romanize writes the name of a person in Latin letters, as English news does: by a table of names, or else
// letter by letter, with the vowels that Arabic leaves out. No Arabic letter is left. What is not Arabic stays.
func Romanize(name string) string {
	var b strings.Builder
	name = Digits(compose(Unkashida(StripBidi(name))))
	found := arabicWord.FindAllStringIndex(name, -1)
	end, begun := 0, false
	for i := 0; i < len(found); i++ {
		gap, word := name[end:found[i][0]], name[found[i][0]:found[i][1]]
		end = found[i][1]
		next := "" // the word after white space
		if i+1 < len(found) && strings.TrimSpace(name[end:found[i+1][0]]) == "" {
			next = Fold(name[found[i+1][0]:found[i+1][1]])
		}
		b.WriteString(signs.Replace(gap))
		if !begun && i+1 < len(found) && roles[Fold(word)] {
			end += len(name[end:]) - len(strings.TrimLeft(name[end:], " :.-–"))
			continue
		}
		said, joined := romanPair(Fold(word), next)
		switch one := bare(word); {
		case joined:
			i++
			end = found[i][1]
		case begun && utf8.RuneCountInString(one) == 1: // an initial, no title
			said = strings.ToUpper(romanLetters[[]rune(one)[0]])
		default:
			said = romanWord(one)
		}
		begun = true
		b.WriteString(said)
		if strings.HasSuffix(said, ".") {
			end += len(name[end:]) - len(strings.TrimLeft(name[end:], "."))
		}
	}
	b.WriteString(signs.Replace(name[end:]))
	return strings.Join(strings.Fields(b.String()), " ")
}

// bare returns a word without its marks.
func bare(word string) string {
	return strings.Map(func(r rune) rune {
		if mark(r) {
			return -1
		}
		return r
	}, word)
}

// signs writes the signs of Arabic as English has them.
var signs = strings.NewReplacer("،", ",", "؛", ";", "؟", "?", "٫", ".", "٬", ",")

// romanPair returns the name that a folded word and the next make together, as عبد الرحمن and نصر الله do.
func romanPair(word, next string) (name string, ok bool) {
	rest, the := strings.CutPrefix(next, "ال")
	switch {
	case !the:
		return "", false
	case word == "عبد":
		return servant(rest), true
	case word == "ال": // a house: آل الشيخ
		return "Al " + spell(rest), true
	case rest == "له":
		name, feminine := strings.CutSuffix(spell(word), "a")
		if feminine && strings.HasSuffix(word, "ه") { // هبة الله; folded, ة is ه
			name += "at"
		}
		return name + "allah", true
	}
	return "", false
}

// servant returns a name made of عبد and a word without its article.
func servant(of string) string {
	if of == "له" {
		return "Abdullah"
	}
	return "Abdul" + strings.ToLower(spell(of))
}

// least is the number of letters from which what follows a prefix is a word: فهد and علي have three.
const least = 3

// romanWord returns one word, which may have prefixes, in Latin letters.
func romanWord(word string) string {
	key := Fold(word)
	rest := func(prefix string) string { // empty: it has not that prefix
		if r, ok := strings.CutPrefix(key, prefix); ok && utf8.RuneCountInString(r) >= least {
			return r
		}
		return ""
	}
	and := rest("و")
	_, the := strings.CutPrefix(and, "ال")
	switch {
	case latinNames[key] != "":
		return latinNames[key]
	case rest("عبدال") != "":
		return servant(rest("عبدال"))
	case rest("ال") != "":
		return "Al-" + spell(strings.TrimPrefix(word, "ال"))
	case latinNames[and] != "", strings.HasPrefix(and, "عبدال"), the && utf8.RuneCountInString(and) >= 2+least:
		return "and " + romanWord(and)
	case rest("ابو") != "":
		return "Abu " + spell(rest("ابو"))
	case latinNames[rest("بن")] != "":
		return "Ben" + strings.ToLower(latinNames[rest("بن")])
	}
	return spell(word)
}

// spell returns a word without prefixes in Latin letters.
func spell(word string) string {
	if name := latinNames[Fold(word)]; name != "" {
		return name
	}
	var units []unit
	letters := []rune(word)
	for i := range letters {
		units = appendUnit(units, letters, i)
	}
	var b strings.Builder
	for i, u := range units {
		b.WriteString(u.text)
		b.WriteString(vowelAfter(units, i))
	}
	out := b.String()
	if out == "" {
		return ""
	}
	return strings.ToUpper(out[:1]) + out[1:]
}

// unit is what one letter of a name is in Latin letters.
type unit struct {
	text  string
	vowel bool
}

// appendUnit appends letter i to units, which the letters before it gave.
func appendUnit(units []unit, letters []rune, i int) []unit {
	last, vowel := i == len(letters)-1, len(units) > 0 && units[len(units)-1].vowel
	next := rune(0)
	if !last {
		next = letters[i+1]
	}
	add := func(text string, vowel bool) []unit { return append(units, unit{text, vowel}) }
	switch r := letters[i]; r {
	case 'ا', 'أ', 'آ', 'ٱ', 'ى', 'ة', 'ۃ':
		if vowel && strings.HasSuffix(units[len(units)-1].text, "a") {
			return units
		}
		return add("a", true)
	case 'إ':
		return add("i", true)
	case 'ئ', 'ے':
		return add("e", true)
	case 'ؤ':
		return add("o", true)
	case 'ء':
		if last && vowel { // علاء
			return add("a", true)
		}
		return units
	case 'و':
		switch {
		case len(units) == 0 || vowel || strings.ContainsRune("ايىةأ", next) && !last:
			return add("w", false)
		case last:
			return add("o", true)
		}
		return add("ou", true)
	case 'ي', 'ی':
		if len(units) == 0 || vowel {
			return add("y", false)
		}
		return add("i", true)
	case 'ع':
		return appendAin(units, next, vowel)
	default:
		if text := romanLetters[r]; text != "" {
			return add(text, false)
		}
	}
	return units
}

// appendAin appends ع, which Latin letters write as a vowel, or not at all. next is the letter after it; 0: none.
func appendAin(units []unit, next rune, vowel bool) []unit {
	long := next != 0 && strings.ContainsRune("اويىةأآ", next)
	text := "a"
	switch {
	case len(units) == 0 && (next == 'ا' || next == 'أ' || next == 'آ'), len(units) > 1 && long, vowel && long:
		return units
	case len(units) == 1 && !vowel && !long: // سعد
		text = "aa"
	case next == 0 && len(units) > 1 && !vowel && units[len(units)-2].vowel: // مانع
		text = "ea"
	case vowel:
		text = "e"
	}
	return append(units, unit{text, true})
}

// vowelAfter returns the short vowel that Arabic leaves out after unit i; empty: none. Syllables begin with one
// consonant, and a name ends with one. After a long a the vowel is e, as in ماهر and هاشمي.
func vowelAfter(units []unit, i int) string {
	n := len(units)
	if units[i].vowel || i+1 == n || units[i+1].vowel {
		return ""
	}
	long := i > 0 && units[i-1].vowel && units[i-1].text == "a"
	switch {
	case long && (i+2 == n || i+3 == n && units[n-1].text == "i"):
		return "e"
	case i == 0 || i+2 == n || !units[i-1].vowel && i%2 == 0:
		return "a"
	}
	return ""
}
