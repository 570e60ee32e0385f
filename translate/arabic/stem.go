package arabic

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Affixes of the light10 stemmer (Larkey, Ballesteros and Connell 2007), in folded letters, longest first. ل, ب and ك alone are
// too often the first letter of a root.
var (
	prefixes = []string{"وال", "فال", "بال", "كال", "لل", "ال", "و"}
	suffixes = []string{"ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي"}
)

// Bound are the words that are written as one with the word they stand before, alone and with the article, folded; "" is none.
func Bound() [12]string {
	return [...]string{"", "و", "ف", "ب", "ل", "ك", "ال", "وال", "فال", "بال", "لل", "كال"}
}

// minStem is how many letters a stem keeps: most Arabic roots have three.
const minStem = 3

// whole are folded words that only look as if they began or ended with an affix: names, mostly.
var whole = set(`وات واتس واتساب ويندوز ووركداي والمارت والت وول ويب ويكيبيديا وورد ووردبريس واي واير ويفر ورلد وحده وسايط وسايل
 الفا الفابت الكسا الترا المانيا اليابان البوم الماس`)

// Stem cuts one prefix and one suffix of a folded Arabic word; words in other letters and numbers come back whole. A stem keeps at
// least three letters.
func Stem(word string) string {
	if word == "" || word[0] < utf8.RuneSelf {
		return word
	}
	stem := cutSuffix(cutPrefix(word))
	if len(stem) < len(word) && whole[word] {
		return word
	}
	return stem
}

func cutPrefix(word string) string {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(word, p); ok && atLeast(rest, minStem) {
			return rest
		}
	}
	return word
}

func cutSuffix(word string) string {
	for _, s := range suffixes {
		if rest, ok := strings.CutSuffix(word, s); ok && atLeast(rest, minStem) {
			return rest
		}
	}
	return word
}

// atLeast says whether s has n letters or more.
func atLeast(s string, n int) bool {
	if len(s) >= n*utf8.UTFMax {
		return true
	}
	return utf8.RuneCountInString(s) >= n
}

// Stop says whether a folded word carries grammar and no news.
func Stop(word string) bool { return stops[word] }

// stops are Arabic function words and the auxiliaries and connectives of news prose, folded: a list of our own.
var stops = set(`في من الي علي عن مع منذ حتي بين عند لدي لدي خلال بعد قبل فوق تحت امام وراء حول ضد نحو دون بدون عبر ضمن لاجل بسبب رغم
 ان انه انها انهم اننا اني بان بانه بانها لان لانه لانها كان كانت كانوا يكون تكون ليس ليست لم لن لا ما قد لقد سوف اذا اذ لو لولا كي لكي حيث
 حين حينما عندما بينما كما مثل مثلا كذلك ايضا هذا هذه ذلك تلك هولاء اوليك هنا هناك هو هي هم هن هما انت انا نحن الذي التي الذين اللذان اللتان
 اللذين اللواتي ومن وفي وعلي والي وعن ومع وان وانه وانها وهو وهي وهم وهذا وهذه وذلك وتلك ولا ولم ولن وما وقد وكان وكانت ولكن لكن بل او ام ثم
 اما الا غير سوي كل كلا كلتا بعض اي ايه جميع كافه معظم اكثر اقل مما ممن عما فيما فيه فيها به بها له لها لهم لنا لي منه منها منهم عليه عليها
 عليهم اليه اليها اليهم عنه عنها معه معها لديه لديها بهذا بهذه لهذا لهذه كهذا والتي والذي والذين وذلك وكذلك وايضا بما لما كما وكما فان فانه
 فانها فقد فقط جدا حاليا مجددا نفسه نفسها ذات ذاته هل كيف متي اين لماذا ماذا كم يمكن يجب ينبغي سيكون ستكون حسب بحسب وفق وفقا لذلك لذا
 و ف ب ل ك س عام العام سنه يوم اليوم امس غدا شهر قال قالت وقال وقالت اضاف واضاف واضافت اوضح واوضح واوضحت ذكر وذكرت اشار واشار واشارت
 the a an of in on at to for and or is are was were be by with from as it its that this has have had not but`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// Month is the month of a folded name of one word; false where it is none.
func Month(word string) (time.Month, bool) {
	m, ok := months[word]
	return m, ok
}

// Name finds a company, person or product at the start of folded words, however it is spelled in Arabic or Latin letters, with a
// prefix of one letter (و ف ب ل ك) or without, and says how many words it takes. Zero: none is there.
func Name(words []string) (name string, n int) {
	if len(words) == 0 {
		return "", 0
	}
	first := words[0]
	if name, n = named(first, words[1:]); n > 0 || len(first) < 6 {
		return name, n
	}
	switch first[:2] {
	case "و", "ف", "ب", "ل", "ك":
		return named(first[2:], words[1:])
	}
	return "", 0
}

func named(first string, rest []string) (string, int) {
next:
	for _, f := range names[first] {
		if len(f.rest) > len(rest) {
			continue
		}
		for i, w := range f.rest {
			if rest[i] != w {
				continue next
			}
		}
		return f.name, 1 + len(f.rest)
	}
	return "", 0
}
