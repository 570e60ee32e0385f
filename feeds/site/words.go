package site

import (
	"fmt"
	"slices"

	"github.com/nashra/nashra/feeds"
)

// arabicWords holds the Arabic of the words that pages show, which are written elsewhere in English.
var arabicWords = map[string]string{
	"Skip to content":   "إلى المحتوى",
	"Pages":             "الصفحات",
	"Languages":         "اللغات",
	"Today":             "اليوم",
	"Days":              "الأيام",
	"Picture":           "صورة",
	"Tags":              "الوسوم",
	"Time line":         "التسلسل الزمني",
	"Read the original": "اقرأ الأصل",
	"original":          "الأصل",
	"this story":        "هذا الخبر",
	"the same text":     "النص نفسه",
	"another version":   "نسخة أخرى",
	"Follow this story": "تابع هذا الخبر",
	"More stories":      "أخبار أخرى",
	"Earlier":           "قبله",
	"Later":             "بعده",
	"Same day":          "اليوم نفسه",
	"Sources":           "المصادر",
	"Subscribe":         "اشترك",
	"Digests":           "النشرات",
	"Feed readers take one of these addresses.": "ضع أحد هذه العناوين في قارئ الخلاصات.",
	"All sources (OPML)":                        "كل المصادر (OPML)",
	"Most covered":                              "الأكثر تغطية",
	"Latest":                                    "الأحدث",
	", ":                                        "، ",
	"also in":                                   "وكذلك في",
	"website":                                   "الموقع",
	"No stories yet.":                           "لا أخبار بعد.",
	"There are no tags.":                        "لا وسوم.",

	"What are you looking for?":    "عمّ تبحث؟",
	"Older":                        "الأقدم",
	"Filter":                       "تصفية",
	"Any tag":                      "كل الوسوم",
	"Any source":                   "كل المصادر",
	"Tag":                          "الوسم",
	"Source":                       "المصدر",
	"Day":                          "اليوم",
	"Apply":                        "طبّق",
	"remove":                       "أزل",
	"no stories":                   "لا أخبار",
	"Search":                       "بحث",
	"Search in both languages":     "ابحث باللغتين",
	"Look for words that begin so": "ابحث عن كلمات تبدأ هكذا",
	unfinished:                     "يجري بناء فهرس البحث، والأحدث أولًا: قد تنقص أخبار أقدم الآن.",
	begun:                          "لا خبر فيه هذه الكلمات نفسها. في هذه الأخبار كلمات تبدأ بها.",
	wordless:                       "لا كلمة في هذا السؤال يمكن البحث عنها.",
	overlong:                       "تُحسب أول 16 كلمة فقط.",
	footer: "يُعاد النشر نقلًا عن المصادر المسمّاة مع كل خبر، وهي صاحبة الحقوق. الترجمات آلية، " +
		"إلا ما ذُكر معه أن أناسًا ترجموه، والأصل إلى جانبها. الأيام والساعات بالتوقيت العالمي المنسق.",
}

// footer stands beneath every page.
const footer = "Republished from the sources named with each story, which hold the rights. Translations are made " +
	"by machine, or by people where a story says so: the original stands beside them. Days and times are UTC."

// frameLang returns the language of an edition's frame.
func frameLang(e feeds.Edition) string {
	if e == feeds.Arabic {
		return "ar"
	}
	return "en"
}

// word returns a function that says English words in a language. It fails for words without Arabic.
func word(lang string) func(english string) (string, error) {
	return func(english string) (string, error) {
		switch ar, ok := arabicWords[english]; {
		case !ok:
			return "", fmt.Errorf("no Arabic for %q", english)
		case lang == "ar":
			return ar, nil
		}
		return english, nil
	}
}

// inBoth returns English words in both languages.
func inBoth(english string) []phrase {
	return []phrase{{"en", "ltr", english}, {"ar", "rtl", arabicWords[english]}}
}

// both returns a function that says English words in the languages of e.
func both(e feeds.Edition) func(english string) []phrase {
	return func(english string) []phrase { return inEdition(e, inBoth(english)) }
}

// inEdition returns those of phrases that are in a language of e, or all if none is.
func inEdition(e feeds.Edition, phrases []phrase) []phrase {
	for _, p := range phrases {
		if p.Lang == string(e) {
			return []phrase{p}
		}
	}
	return phrases
}

// inLang returns the phrase in that language, else the first.
func inLang(lang string, phrases []phrase) phrase {
	at := max(0, slices.IndexFunc(phrases, func(p phrase) bool { return p.Lang == lang }))
	return phrases[at]
}
