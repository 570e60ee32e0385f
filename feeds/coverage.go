package feeds

import (
	"fmt"
	"slices"
)

// Coverage says in a language, Arabic or else English, how many outlets have something and how many
// reports of it were told independently: "7 outlets, 4 reports".
func Coverage(lang string, outlets, reports int) string {
	if lang == "ar" {
		return inArabic.coverage(outlets, reports)
	}
	return inEnglish.coverage(outlets, reports)
}

// counted are the words for numbers of outlets and reports.
type counted struct {
	outlets, reports func(n int) string
	oneText          string // of several outlets
	comma            string
}

var (
	inEnglish = counted{english("outlet"), english("report"), "one text", ", "}
	inArabic  = counted{
		arabicCount("منفذ واحد", "منفذان", "منافذ", "منفذًا", "منفذ"),
		arabicCount("تقرير واحد", "تقريران", "تقارير", "تقريرًا", "تقرير"),
		"نص واحد", "، ",
	}
)

func (c counted) coverage(outlets, reports int) string {
	switch {
	case reports > 1:
		return c.outlets(outlets) + c.comma + c.reports(reports)
	case outlets > 1:
		return c.outlets(outlets) + c.comma + c.oneText
	}
	return c.outlets(outlets)
}

func english(noun string) func(n int) string {
	return func(n int) string {
		if n == 1 {
			return "one " + noun
		}
		return fmt.Sprintf("%d %ss", n, noun)
	}
}

// arabicCount says a number with the form of the noun that agrees with it: by CLDR one, two, few
// (3 to 10), many (11 to 99) and other.
func arabicCount(one, two, few, many, other string) func(n int) string {
	return func(n int) string {
		switch rest := n % 100; {
		case n == 1:
			return one
		case n == 2:
			return two
		case rest >= 3 && rest <= 10:
			return fmt.Sprint(n, " ", few)
		case rest >= 11:
			return fmt.Sprint(n, " ", many)
		}
		return fmt.Sprint(n, " ", other)
	}
}

// Reports returns how many stories on the event of s were told independently: s and its links.
func (s Story) Reports() int { return 1 + len(s.Related) }

// Outlets returns the outlets that have s or a story linked with it, in the order of their first
// reports. outlet returns the outlet of a source: see Site.Publishers.
func (s Story) Outlets(outlet func(source string) string) (out []string) {
	items := slices.Clone(s.Elsewhere)
	for _, m := range s.Items {
		items = append(items, Appearance{m.SourceID, m.Seen, m.When()})
	}
	for _, r := range (EventQuery{}).FirstReports(items, outlet) {
		out = append(out, r.Outlet)
	}
	return out
}
