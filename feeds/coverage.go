package feeds

import (
	"slices"
	"strconv"
)

// Coverage says in a language, Arabic or else English, how many outlets have something and how many
// reports of it were told independently: "7 outlets, 4 reports".
func Coverage(lang string, outlets, reports int) string {
	comma, oneText := ", ", "one text"
	if lang == "ar" {
		comma, oneText = "، ", "نص واحد"
	}
	words := Count(lang, outlets, "outlet")
	switch {
	case reports > 1:
		return words + comma + Count(lang, reports, "report")
	case outlets > 1:
		return words + comma + oneText
	}
	return words
}

// noun is a noun in its forms beside numbers: in English for one and for others, in Arabic for one, two,
// few (3 to 10), many (11 to 99) and other, in the words of CLDR.
type noun struct {
	english, plural              string
	one, two, few, many, hundred string
}

var nouns = map[string]noun{
	"outlet": {"outlet", "outlets", "منفذ واحد", "منفذان", "منافذ", "منفذًا", "منفذ"},
	"report": {"report", "reports", "تقرير واحد", "تقريران", "تقارير", "تقريرًا", "تقرير"},
	"event":  {"event", "events", "حدث واحد", "حدثان", "أحداث", "حدثًا", "حدث"},
	"story":  {"story", "stories", "خبر واحد", "خبران", "أخبار", "خبرًا", "خبر"},
}

// Count says a number of outlets, reports, events or stories in a language, Arabic or else English. what is the
// noun in English.
func Count(lang string, n int, what string) string {
	words := nouns[what]
	if lang != "ar" {
		if n == 1 {
			return "one " + words.english
		}
		return strconv.Itoa(n) + " " + words.plural
	}
	form := words.hundred
	switch rest := n % 100; {
	case n == 1:
		return words.one
	case n == 2:
		return words.two
	case rest >= 3 && rest <= 10:
		form = words.few
	case rest >= 11:
		form = words.many
	}
	return strconv.Itoa(n) + " " + form
}

// Reports returns how many stories on the event of s were told independently: s and its links.
func (s Story) Reports() int { return 1 + len(s.Related) }

// Outlets returns the outlets that have s or a story linked with it, in the order of their first
// reports. outlet returns the outlet of a source: see Site.Publishers.
func (s Story) Outlets(outlet func(source string) string) (out []string) {
	items := slices.Clone(s.Elsewhere)
	for _, m := range s.Items {
		items = append(items, Appearances(m.SourceID, m.Seen, m.When(), m.Origins)...)
	}
	for _, r := range (EventQuery{}).Reports(items, outlet) {
		out = append(out, r.Outlet)
	}
	return out
}
