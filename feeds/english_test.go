package feeds

import "testing"

func TestBylinesAndCategoriesOfTheEnglishEditionAreEnglish(t *testing.T) {
	site := Site{
		Sources: map[string]Source{"ait": {ID: "ait", Title: NewTitle("البوابة التقنية"),
			Site: "https://aitnews.com/"}},
		Terms: map[string]string{"فريق التحرير": "Editorial team", "أخبار": "news"},
	}
	for name, want := range map[string][3]string{ // bilingual, English, Arabic
		"محمد علي":        {"محمد علي", "Mohammed Ali", "محمد علي"},
		"فريق التحرير":    {"فريق التحرير", "Editorial team", "فريق التحرير"},
		"البوابة التقنية": {"البوابة التقنية", "aitnews.com", "البوابة التقنية"},
		"Sara Ali":        {"Sara Ali", "Sara Ali", "Sara Ali"},
		"Sara علي":        {"Sara علي", "Sara Ali", "Sara علي"},
	} {
		for i, e := range Editions {
			if got := site.Author(name, "ait", e); got != want[i] {
				t.Errorf("author %s in edition %q: %q, want %q", name, e, got, want[i])
			}
		}
	}
	for name, want := range map[string][3]string{
		"أخبار": {"news", "news", "أخبار"},
		"زحل":   {"زحل", "", "زحل"},
		"AI":    {"AI", "AI", "AI"},
	} {
		for i, e := range Editions {
			if got := site.Category(name, e); got != want[i] {
				t.Errorf("category %s in edition %q: %q, want %q", name, e, got, want[i])
			}
		}
	}
}
