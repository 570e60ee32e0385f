package arabic

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// script is what a letter shows about the language of its text.
type script byte

const (
	noScript script = iota
	shared          // by the languages in Arabic letters
	arabic          // by none but Arabic
	usual           // in Arabic, and in Persian of old keyboards
	typed           // in all but Arabic, and in Arabic of Persian keyboards
	foreign         // to Arabic except in names
	urdu
	kurdish
	pashto
	uyghur
	sindhi
	ae // Kurdish and Uyghur
	e  // Pashto and Uyghur
	latin
	scripts // their number
)

// alphabets holds the letters of Arabic script that show more than their script.
var alphabets = [scripts]string{arabic: "ةأإ", usual: "كيىؤئ", typed: "کی", foreign: "پچژگ", urdu: "ٹڈڑںےہۓۂۃ",
	kurdish: "ڕڵۆێ", pashto: "ټډړږښڼۍځڅګ", uyghur: "ۇۈۋڭ", sindhi: "ٻڀٺٽٿڃڄڇڊڌڍڏڦڪڱڳڻ", ae: "ە", e: "ې"}

func scriptOf(r rune) script {
	for s, letters := range alphabets {
		if strings.ContainsRune(letters, r) {
			return script(s)
		}
	}
	switch {
	case Letter(r):
		return shared
	case unicode.Is(unicode.Latin, r):
		return latin
	}
	return noScript
}

// scriptTable caches scriptOf up to the end of the Arabic block.
var scriptTable = func() (t [0x0700]script) {
	for r := range t {
		t[r] = scriptOf(rune(r))
	}
	return t
}()

// language is one in Arabic letters.
type language int

const (
	ar language = iota
	fa
	ur
	ckb
	ps
	ug
	sd
)

// codes are the codes of the languages (BCP 47).
var codes = [...]string{ar: "ar", fa: "fa", ur: "ur", ckb: "ckb", ps: "ps", ug: "ug", sd: "sd"}

// common holds folded words that are common in one language and rare in the others.
var common = func() map[string]language {
	m := map[string]language{}
	for l, words := range [len(codes)]string{
		ar: `في علي الي عن مع هذا هذه ذلك تلك التي الذي الذين كان كانت يكون قد لم لن كما منذ حيث لكن هو سوف ماذا لماذا
 هل عبر ليس ليست بسبب وفق اذا ثم مما لدي عند خلال يمكن تطلق يطلق تعلن يعلن تكشف يكشف اطلقت اعلنت كشفت اطلاق شركه جديده
 جديدا تحديث مواصفات سعر هاتف هواتف مقارنه مراجعه اختراق تطبيق ميزه ميزات ذكي ذكيه تقنيه سياره مجانا قال قالت قادم
 قادمه وفي ومن وقد`,
		fa: `از كه را در است براي هاي ها مي شد شده شدن شود كرد كرده كردن كند كنيد كنند خواهد بود بوده باشد يك چه اگر
 هر بايد دارد دارند داد داده دهد خود شما تواند نيست هستند گفت نيز ترين توسط چند پس شوند هايي ميشود ميكند بهترين چگونه
 چيست`,
		ur: "كا كي كر ديا گيا اور كو كيا نيا كرني",
		ps: "په د",
	} {
		for w := range wordSet(words) {
			m[w] = language(l)
		}
	}
	return m
}()

// Lang returns the language of s: "en" for any text in mostly Latin letters, else one in Arabic
// letters, or "" if s has neither. Common words and the letters of one language decide; where they do
// not, the first language of said that is written in Arabic letters, else the other letters.
func Lang[T string | []byte](s T, said ...string) string {
	var n [scripts]int
	for _, r := range string(s) {
		if r < rune(len(scriptTable)) {
			n[scriptTable[r]]++
		} else {
			n[scriptOf(r)]++
		}
	}
	all := -n[noScript] - n[latin]
	for _, letters := range n {
		all += letters
	}
	switch {
	case all == 0 && n[latin] == 0:
		return ""
	case n[latin] > 5*all: // an Arabic headline may have more Latin letters than Arabic ones
		return "en"
	}
	code := ""
	for _, l := range said {
		base, _, _ := strings.Cut(strings.ToLower(l), "-")
		if code == "" && slices.Contains(codes[:], base) {
			code = base
		}
	}
	if n[arabic]+n[usual] > 0 && n[shared]+n[arabic]+n[usual] == all && (code == "" || code == "ar") {
		return "ar"
	}
	if l, ok := shown(string(s), n); ok {
		return codes[l]
	}
	switch {
	case code != "":
		return code
	case n[typed]+n[foreign] > n[usual]+n[arabic]:
		return "fa"
	}
	return "ar"
}

// shown returns the language of which s shows most common words and own letters, of which it has n. It
// returns false if there is none, or if there are two.
func shown(s string, n [scripts]int) (most language, only bool) {
	found := [len(codes)]int{ar: n[arabic], ur: n[urdu], ckb: n[kurdish] + n[ae], ps: n[pashto] + n[e], ug: n[uyghur],
		sd: n[sindhi]}
	if n[uyghur] > 0 || n[ae] > 0 && n[e] > 0 {
		found[ug] += n[ae] + n[e]
	}
	const enough = 4096 // bytes
	s = plainer.Replace(" " + s[:min(len(s), enough)])
	for w := range strings.FieldsSeq(Fold(s)) {
		if l, ok := common[w]; ok {
			found[l]++
		} else if looksArabic(w) {
			found[ar]++
		} else if strings.HasSuffix(w, "هاي") {
			found[fa]++
		}
	}
	for l := range codes {
		if found[l] > found[most] {
			most = language(l)
		}
	}
	rivals := 0
	for _, n := range found {
		if n == found[most] {
			rivals++
		}
	}
	return most, rivals == 1
}

// plainer parts Persian endings from their words, and removes the Arabic for Dr, which in Pashto means
// "of".
var plainer = strings.NewReplacer("\u200c", " ", " د.", " ")

// looksArabic reports whether a folded word begins with the article or, as only verbs in the Arabic
// present do, with ي before most consonants, and has three more letters.
func looksArabic(w string) bool {
	for _, prefix := range [...]string{"ال", "لل", "وال", "بال", "ي"} {
		rest, ok := strings.CutPrefix(w, prefix)
		if !ok || utf8.RuneCountInString(rest) < minStem {
			continue
		}
		first, _ := utf8.DecodeRuneInString(rest)
		return !strings.ContainsAny(rest, alphabets[foreign]) && (prefix != "بال" || first != 'ا') &&
			(prefix != "ي" || strings.ContainsRune("بتثجحدذرزسشصضطظغفقلمنه", first))
	}
	return false
}
