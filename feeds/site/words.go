package site

import (
	"fmt"

	"github.com/nashra/nashra/feeds"
)

// arabicWords holds the Arabic of the words that templates show, which are written there in English.
var arabicWords = map[string]string{
	"Skip to stories": "إلى الأخبار",
	"Subscribe":       "الاشتراك",
	"Sources (OPML)":  "المصادر (OPML)",
	"Days":            "الأيام",
	"Picture":         "صورة",
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

// word returns a function that says English words in the language of e's frame. It fails for words
// without Arabic.
func word(e feeds.Edition) func(english string) (string, error) {
	return func(english string) (string, error) {
		switch ar, ok := arabicWords[english]; {
		case !ok:
			return "", fmt.Errorf("no Arabic for %q", english)
		case e == feeds.Arabic:
			return ar, nil
		}
		return english, nil
	}
}

// both returns a function that says English words in the languages of e.
func both(e feeds.Edition) func(english string) ([]phrase, error) {
	return func(english string) ([]phrase, error) {
		ar, ok := arabicWords[english]
		if !ok {
			return nil, fmt.Errorf("no Arabic for %q", english)
		}
		return inEdition(e, []phrase{{"en", "ltr", english}, {"ar", "rtl", ar}}), nil
	}
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
