// Package english makes the answers of fake translation services: Arabic words become English ones.
package english

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/check"
)

// signs replaces Arabic digits and punctuation by English ones and drops kashida.
var signs = strings.NewReplacer("ـ", "", "في المئة", "percent", "في المائة", "percent", "لا يزيد", "no more",
	"كانون الثاني", "January", "كانون الأول", "December", "تشرين الأول", "October", "تشرين الثاني", "November",
	"،", ",", "؛", ";", "؟", "?", "٪", "%", "٫", ".", "٬", ",",
	"٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9")

// Translate replaces each Arabic word of text, or of text outside tags, by English ones of about its
// length, always the same. All else stays: tags, digits, names, punctuation.
func Translate(text string, tags bool) string {
	var out, word strings.Builder
	inTag := false
	for _, c := range signs.Replace(text) {
		switch {
		case !inTag && unicode.Is(unicode.Arabic, c) && unicode.IsLetter(c):
			word.WriteRune(c)
			continue
		case word.Len() > 0 && unicode.Is(unicode.Mn, c): // vowel signs
			continue
		}
		out.WriteString(translated(word.String()))
		word.Reset()
		inTag = tags && (c == '<' || inTag && c != '>')
		out.WriteRune(c)
	}
	return out.String() + translated(word.String())
}

// translated returns the words for an Arabic one, or "" for "". Words that checks know have their
// meaning; any other gets words of its length, chosen by a hash.
func translated(word string) string {
	h := uint32(2166136261) // FNV-1a
	for _, c := range word {
		h = (h ^ uint32(c)) * 16777619
	}
	n := utf8.RuneCountInString(word)
	bare := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(word, "و"), "ف"), "ب"), "ال")
	switch {
	case n == 0:
		return ""
	case Meanings[word] != "":
		return Meanings[word]
	case n > 2 && Meanings[bare] != "":
		return Meanings[bare]
	case check.English(word) != "":
		return check.English(word)
	}
	var out []string
	for ; n > 0; n -= len(lengths) - 1 {
		list := lengths[min(n, len(lengths)-1)]
		out = append(out, list[h>>16%uint32(len(list))])
		h = h*1664525 + 1013904223 // the generator of Numerical Recipes
	}
	return strings.Join(out, " ")
}

// Meanings translates denials, numbers, money and dates.
var Meanings = map[string]string{
	"لا": "not", "لم": "not", "لن": "not", "ليس": "not", "ليست": "not", "ولا": "not", "سوى": "except",
	"إلا": "except", "ولم": "not", "ولن": "not", "غير": "non", "دون": "without", "بدون": "without", "عدم": "no",
	"بلا": "without", "لسنا": "not", "لست": "not", "ألف": "thousand", "آلاف": "thousand", "مليون": "million",
	"ملايين": "million", "مليار": "billion", "مليارات": "billion", "تريليون": "trillion", "ألفين": "two thousand",
	"ألفي": "two thousand", "مليونان": "two million", "مليونين": "two million", "مليوني": "two million",
	"مليارين": "two billion", "ملياري": "two billion", "تريليوني": "two trillion", "دولار": "dollars",
	"دولارا": "dollars", "دولارات": "dollars", "ريال": "riyals", "ريالا": "riyals", "درهم": "dirhams",
	"درهما": "dirhams", "جنيه": "pounds", "جنيها": "pounds", "يورو": "euros", "دينار": "dinars", "ليرة": "lira",
	"يوان": "yuan", "واحد": "one", "واحدة": "one", "لجمع": "collect", "يوما": "day", "يومًا": "day",
	"جانفي": "January", "فيفري": "February", "أفريل": "April", "ماي": "May", "جوان": "June", "جويلية": "July",
	"يوليوز": "July", "أوت": "August", "غشت": "August", "شتنبر": "September", "نونبر": "November",
	"دجنبر": "December", "اثنان": "two", "اثنين": "two", "ثلاث": "three", "ثلاثة": "three", "أربع": "four",
	"أربعة": "four", "خمس": "five", "خمسة": "five", "ست": "six", "ستة": "six", "سبع": "seven", "سبعة": "seven",
	"ثمان": "eight", "ثمانية": "eight", "تسع": "nine", "تسعة": "nine", "عشر": "ten", "عشرة": "ten",
	"عشرون": "twenty", "عشرين": "twenty", "مئة": "hundred", "مائة": "hundred", "نصف": "half",
	"دولارين": "two dollars", "دولارًا": "dollars", "ريالًا": "riyals", "جنيهًا": "pounds", "درهمًا": "dirhams",
	"دينارا": "dinars", "دينارًا": "dinars", "ديناراً": "dinars", "ومليونان": "and two million", "م": "pm",
	"ص": "am", "مساء": "pm", "مساءً": "pm", "صباحا": "am", "صباحًا": "am", "الستة": "six", "مليونا": "million",
	"مليارا": "billion", "مليارًا": "billion", "مليونًا": "million", "بالمئة": "percent", "بالمائة": "percent",
	"المئة": "percent", "المائة": "percent", "شباط": "February", "آذار": "March", "نيسان": "April", "أيار": "May",
	"حزيران": "June", "تموز": "July", "آب": "August", "أيلول": "September", "يناير": "January", "فبراير": "February",
	"مارس": "March", "أبريل": "April", "إبريل": "April", "مايو": "May", "يونيو": "June", "يوليو": "July",
	"أغسطس": "August", "سبتمبر": "September", "أكتوبر": "October", "نوفمبر": "November", "ديسمبر": "December",
	"الأحد": "Sunday", "الاثنين": "Monday", "الإثنين": "Monday", "الثلاثاء": "Tuesday", "الأربعاء": "Wednesday",
	"الخميس": "Thursday", "الجمعة": "Friday", "السبت": "Saturday", "أمس": "yesterday", "اليوم": "today",
	"غدا": "tomorrow",
}

// lengths holds words by their length. None denies, is a number, or names money.
var lengths = [...][]string{
	{""}, {"a"}, strings.Fields("as at be by do go he if in is it of on or so to up us we"),
	strings.Fields("act add age air all and any are art ask bar bed big box boy bus buy can car cut day eat egg " +
		"end eye far for gas get hat her how ice its job key law leg let lie low man map new now off old our out " +
		"own pen red run say sea see set she sky sun the too try use war was way who why win you"),
	strings.Fields("able area away baby back ball bank base bell best bird blue boat body book both cake call " +
		"calm care case city club coat cold come cook cool copy dark date deal deep desk door draw each east easy " +
		"edge face fact farm fast film fire fish flat food foot form free full game gift girl give gold good grey " +
		"hair hall hand hard have head help here high hill home hope hour idea into iron jump just keep kind king " +
		"lake land last late leaf left life line list long look love made main make many meat milk mind moon more " +
		"most move much name near neck news next note open over page part past path plan play pool rain read real " +
		"rest rice ring rise road roof room rule safe salt same sand save seat seed sell send ship shop show side " +
		"sign silk sing size skin sleep slow snow soap sock soft soil some song"),
	strings.Fields("about above actor adult after again agree alive allow among angle apple arise audio avoid " +
		"award basic beach begin birth black blood board brain bread break brick brief bring brown build carry " +
		"cause chain chair chart cheap check chest child class clean clear climb clock cloth cloud coast colour " +
		"count court cover cream cross crowd dance dream dress drink drive early earth enjoy enter equal event " +
		"every field fight final first flame floor focus force frame fresh front fruit glass grand grass great " +
		"green group guest guide happy heart heavy horse hotel house human image judge juice knife large later " +
		"laugh layer learn leave level light limit local lunch major maybe meter"),
}
