package arabic

import (
	"strings"
	"unicode/utf8"
)

// Bound returns the folded words that are written as one with the next word, alone and with the
// article. "" is none.
func Bound() [12]string {
	return [...]string{"", "و", "ف", "ب", "ل", "ك", "ال", "وال", "فال", "بال", "لل", "كال"}
}

// minStem is the least number of letters in a stem: most Arabic roots have three.
const minStem = 3

// whole holds folded words, mostly names, that only seem to begin or end with an affix.
var whole = wordSet(`وات واتس واتساب ويندوز ووركداي والمارت والت وول ويب ويكيبيديا وورد ووردبريس واي واير ويفر
 ورلد وحده وسايط وسايل الفا الفابت الكسا الترا المانيا اليابان البوم الماس`)

// Stem cuts a prefix and a suffix off a folded Arabic word: those of the light10 stemmer (Larkey,
// Ballesteros, Connell 2007) except ل, ب and ك alone, which often belong to the root.
func Stem(word string) string {
	if len(word) < 2*minStem || word[0] < utf8.RuneSelf {
		return word
	}
	return cutSuffix(cutPrefix(word))
}

func cutPrefix(word string) string {
	switch word[:2] {
	case "و", "ف", "ب", "ك", "ل", "ا":
	default:
		return word
	}
	n := 0
	switch {
	case strings.HasPrefix(word, "ال"), strings.HasPrefix(word, "لل"):
		n = 2
	case word[:2] != "ل" && word[:2] != "ا" && strings.HasPrefix(word[2:], "ال"):
		n = 3
	}
	if n > 0 && atLeast(word[2*n:], minStem) {
		return word[2*n:]
	}
	if word[:2] == "و" && atLeast(word[2:], minStem) {
		return word[2:]
	}
	return word
}

func cutSuffix(word string) string {
	if len(word) < 2*(minStem+1) {
		return word
	}
	last, before := word[len(word)-2:], word[len(word)-4:len(word)-2]
	n := 0
	switch last {
	case "ه":
		n = 1
		if before == "ي" {
			n = 2
		}
	case "ي":
		n = 1
	case "ا":
		if before == "ه" {
			n = 2
		}
	case "ت":
		if before == "ا" {
			n = 2
		}
	case "ن":
		if before == "ا" || before == "و" || before == "ي" {
			n = 2
		}
	}
	for ; n > 0; n-- {
		if rest := word[:len(word)-2*n]; atLeast(rest, minStem) {
			return rest
		}
		if last != "ه" {
			break
		}
	}
	return word
}

// atLeast reports whether s has n letters or more.
func atLeast(s string, n int) bool {
	return len(s) > utf8.UTFMax*(n-1) || utf8.RuneCountInString(s) >= n
}

// stops holds Arabic function words and the auxiliaries and connectives of news prose, folded: a
// list of our own.
var stops = wordSet(`في من الي علي عن مع منذ حتي بين عند لدي لدي خلال بعد قبل فوق تحت امام وراء حول ضد نحو دون
 بدون عبر ضمن لاجل بسبب رغم ان انه انها انهم اننا اني بان بانه بانها لان لانه لانها كان كانت كانوا يكون تكون
 ليس ليست لم لن لا ما قد لقد سوف اذا اذ لو لولا كي لكي حيث حين حينما عندما بينما كما مثل مثلا كذلك ايضا هذا هذه
 ذلك تلك هولاء اوليك هنا هناك هو هي هم هن هما انت انا نحن الذي التي الذين اللذان اللتان اللذين اللواتي ومن وفي
 وعلي والي وعن ومع وان وانه وانها وهو وهي وهم وهذا وهذه وذلك وتلك ولا ولم ولن وما وقد وكان وكانت ولكن لكن بل او
 ام ثم اما الا غير سوي كل كلا كلتا بعض اي ايه جميع كافه معظم اكثر اقل مما ممن عما فيما فيه فيها به بها له لها
 لهم لنا لي منه منها منهم عليه عليها عليهم اليه اليها اليهم عنه عنها معه معها لديه لديها بهذا بهذه لهذا لهذه
 كهذا والتي والذي والذين وذلك وكذلك وايضا بما لما كما وكما فان فانه فانها فقد فقط جدا حاليا مجددا نفسه نفسها
 ذات ذاته هل كيف متي اين لماذا ماذا كم يمكن يجب ينبغي سيكون ستكون حسب بحسب وفق وفقا لذلك لذا و ف ب ل ك س عام
 العام سنه يوم اليوم امس غدا شهر قال قالت وقال وقالت اضاف واضاف واضافت اوضح واوضح واوضحت ذكر وذكرت اشار واشار
 واشارت the a an of in on at to for and or is are was were be by with from as it its that this has have had not
 but`)

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}
