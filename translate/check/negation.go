package check

import (
	"slices"
	"strings"
)

// denials counts the words of a text that deny: as "not" does, as "without" does, as a prefix like un-
// or a verb like "refuse" does, and those that make an exception, as "only" does.
type denials struct{ plain, lacking, inWord, except int }

var (
	arabicPlain   = tokens("لا لم لن ليس ليست ليسوا لست لسنا لسن لستم ليسا")
	arabicLacking = tokens("عدم دون بدون غياب بلا بدونها بدونه بدونهما")
	// notDenied follow لا and لم in phrases that deny nothing, or not with a "not" in English.
	notDenied = tokens("يزال تزال يزالون زال زالت نزال ازال سيما بد باس شك نهايه حدود نهائي مثيل داعي مفر محاله اساس " +
		"سابق غني جدال يخفي يقهر شمله")
	// bounds follow لا and لم where English says "not more than" or "up to".
	bounds       = tokens("يقل تقل يتجاوز تتجاوز يتعدي تتعدي يزيد تزيد")
	englishPlain = tokens("not never cannot neither none nothing nobody nowhere no")
	// noWords follow "no" in phrases that deny little: no more than.
	noWords = tokens("matter doubt less more later smaller fewer uh way")

	exceptions   = tokens("only just")
	denyingWords = tokens("non hardly barely scarcely rarely seldom yet instead silent rather otherwise free")
	// denyingStarts begin English words that deny by themselves. The words are those of the
	// reference pairs and of WordNet's list of antonyms by prefix.
	denyingStarts = list("fail|refus|deny|deni|avoid|prevent|declin|reject|difficult|disagree|dislike|disabl|" +
		"dismiss|dishonest|disqualif|dissatisf|mistak|mistrust|misunderst|misus|inabil|inaccura|inaccess|inaction|" +
		"inactiv|inadequa|inappropria|incapab|incompet|incomplet|inconsist|inconvenien|incorrect|incredib|incurab|" +
		"indefinit|indiscri|ineffectiv|inefficien|ineligib|inequal|inevitab|inexact|inexcusab|inexorab|inexpensiv|" +
		"inexperienc|inexplicab|inexpressib|infinite|inflexib|informal|infrequen|inhospitab|inhuman|" +
		"injustice|inoperab|insecur|insensitiv|inseparab|insignifican|insincer|instabil|insufficien|" +
		"intoleran|invalid|invisib|involunt|impossib|improb|imperfect|immoral|immatur|impartial|imbalance|improper|" +
		"impract|impersonal|immeasur|immun|impenetr|illegal|illegitim|illiterate|illogical|illicit|irregular|" +
		"irrelevan|irresponsib|irrevers|irreplace|irrepar")
	notUn = list("unit|under|union|univ|uniq|until|uncle|unic|unve|unfo|unlo|unfortun")
)

// tokens returns the words of list as a set.
func tokens(list string) map[string]bool {
	set := make(map[string]bool, len(list)/wordLength)
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// wordLength is about the length of a word with its blank.
const wordLength = 8

// gluedWord is the length in bytes of an Arabic word that is several, written together by mistake.
const gluedWord = 28

// gluedDenials show that such a word may deny.
var gluedDenials = list("لم|لن|لاي|لات|ليس|غير|عدم|دون")

// arabicDenials counts the denials of a folded text.
func arabicDenials(words []string) (d denials) {
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		bare := func(set map[string]bool) bool {
			return set[w] || slices.ContainsFunc(denialPrefixes, func(p string) bool {
				rest, ok := strings.CutPrefix(w, p)
				return ok && set[rest]
			})
		}
		switch {
		case len(w) > gluedWord:
			if slices.ContainsFunc(gluedDenials, func(d string) bool { return strings.Contains(w, d) }) {
				d.except++
			}
		case w == "الا": // "lest" before a verb, else "but"
			if len(next) > 6 && strings.ContainsRune("يتن", firstRune(next)) {
				d.plain++
			}
		case bare(arabicLacking):
			if next != "طيار" && !notDenied[next] { // a drone
				d.lacking++
			}
		case bare(arabicPlain):
			switch {
			case notDenied[next], i > 0 && words[i-1] == "ام":
			case bounds[next], excepted(words[i+1 : min(i+9, len(words))]):
				d.except++
			default:
				d.plain++
			}
		case (w == "غير" || w == "وغير") && len(next) > 6:
			d.inWord++
		}
	}
	return d
}

// denialPrefixes are prefixes of Arabic words of denial.
var denialPrefixes = []string{"و", "ف", "ب", "ل", "ول", "وب"}

// excepted reports whether words after a denial turn it into "only".
func excepted(after []string) bool {
	for i, w := range after {
		switch w {
		case "سوي":
			return true
		case "الا":
			return i+1 == len(after) || !strings.HasPrefix(after[i+1], "ان") // "but"
		}
	}
	return false
}

// englishDenials counts the denials of the words of an English text in lower case. strong is one of the
// words that may stand for a verb and its "not": unable.
func englishDenials(words []string) (d denials, strong bool) {
	notOnly := false
	for i, w := range words {
		next, prev := "", ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		if i > 0 {
			prev = words[i-1]
		}
		switch {
		case w == "no" && (noWords[next] || next != "" && next[0] <= '9'):
			d.inWord++
		case prev == "or" && englishPlain[w], w == "not" && (next == "long" || next == "least"),
			w == "t" && next == "forget":
		case englishPlain[w], w == "t" && strings.HasSuffix(prev, "n"):
			d.plain++
			notOnly = notOnly || next == "only" || next == "just"
		case w == "without", strings.HasPrefix(w, "lack"), strings.HasPrefix(w, "absen"):
			d.lacking++
		case exceptions[w]:
			d.except++
		case denyingWords[w], deniesInside(w):
			d.inWord++
			strong = strong || w == "unable" || strings.HasPrefix(w, "un") && strings.HasSuffix(w, "ed") ||
				slices.Contains(strongWords, w)
		}
	}
	if notOnly { // it is itself an exception
		d.except = 0
	}
	return d, strong
}

var strongWords = list("unknown|unclear|unlikely|inability|fails|failed|failing|impossible|hardly|scarcely|barely|" +
	"refused|refuses")

// deniesInside reports whether an English word denies by a prefix or an ending.
func deniesInside(w string) bool {
	begins := func(prefix string) bool { return strings.HasPrefix(w, prefix) }
	switch {
	case len(w) > 5 && begins("un"):
		return !slices.ContainsFunc(notUn, begins)
	case strings.HasSuffix(w, "less"), strings.HasSuffix(w, "lessly"), strings.HasSuffix(w, "lessness"):
		return len(w) > 6
	}
	return len(w) > 3 && strings.IndexByte("dframip", w[0]) >= 0 && slices.ContainsFunc(denyingStarts, begins)
}

// negation reports a denial that only one of both texts has. It may be said in another way.
func negation(p pair) []Problem {
	source := arabicDenials(p.folded)
	target, strong := englishDenials(plainWords(p.low))
	spare := 0
	if strong && source.plain > 0 {
		spare = 1
	}
	added := source.plain - spare + max(0, source.lacking+source.inWord-target.lacking-target.inWord) +
		max(0, source.except-target.except)
	removed := target.plain + max(0, target.inWord-source.inWord) + max(0, target.lacking-source.lacking)
	switch {
	case target.plain > added:
		return []Problem{{"negation", "only the translation says no", true}}
	case source.plain > removed && !strings.Contains(p.low, " la "),
		source.lacking > 0 && target.plain+target.lacking+target.inWord == 0:
		return []Problem{{"negation", "the source says no", true}}
	}
	return nil
}
