package translate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate"
)

// An article of which each paragraph tells something else, and its translation.
var inOrder = [][2]string{
	{"أعلنت الشركة الكورية عن هاتف جديد ببطارية كبيرة وشاشة قابلة للطي",
		"The Korean company announced a new phone with a large battery and a foldable screen"},
	{"وقال خبراء الأمن إن الثغرة تسمح باختراق الحسابات وسرقة البيانات",
		"Security experts said the flaw lets attackers hack accounts and steal data"},
	{"وارتفعت أسهم مصنعي السيارات الكهربائية في أوروبا بعد قرار المحكمة",
		"Shares of electric carmakers rose in Europe after the court's decision"},
	{"ويستطيع الطلاب في المدارس استخدام الروبوت لتعلم اللغة مجانا",
		"Students in schools can use the robot to learn the language for free"},
	{"وأطلقت وكالة الفضاء قمرا صناعيا لمراقبة مياه البحر والأمطار",
		"The space agency launched a satellite to monitor sea water and rain"},
	{"وتخطط الحكومة لبناء مركز بيانات جديد شمال المدينة",
		"The government plans to build a new data centre north of the city"},
}

// An engine that joins two paragraphs, leaves one out, counts from another number or swaps two moves
// answers under paragraphs that are not theirs. None of those is shown.
func TestAnswersUnderAnotherParagraphAreThrownAway(t *testing.T) {
	var source strings.Builder
	var right []string
	for _, p := range inOrder {
		source.WriteString("<p>" + p[0] + "</p>")
		right = append(right, p[1])
	}
	for name, put := range map[string]func(texts []string) []string{
		"in order": func(texts []string) []string { return texts },
		"joined": func(texts []string) []string {
			return slices.Concat(texts[:1], []string{texts[1] + ". " + texts[2]}, texts[3:], []string{""})
		},
		"left out":          func(texts []string) []string { return slices.Concat(texts[:2], texts[3:], []string{""}) },
		"moved down by one": func(texts []string) []string { return slices.Concat([]string{""}, texts[:len(texts)-1]) },
		"one split": func(texts []string) []string {
			halves := []string{"The Korean company announced a new phone", "With a large battery and a foldable screen"}
			return slices.Concat(halves, texts[1:len(texts)-1])
		},
		"swapped": func(texts []string) []string {
			return slices.Concat(texts[:2], []string{texts[3], texts[2]}, texts[4:])
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := paid("model", func(_ int, r translate.Request) (res translate.Response, err error) {
				for _, s := range r.Segments {
					at := slices.IndexFunc(inOrder, func(p [2]string) bool { return p[0] == s })
					res.Texts = append(res.Texts, right[at])
				}
				if len(res.Texts) == len(right) {
					res.Texts = put(res.Texts)
				}
				return res, nil
			})
			e.limits.Segments, e.limits.Codec = 25, translate.Tagged
			got, _ := one(t, translator(t, translate.Options{Titles: []translate.Engine{e}}), body(source.String()))
			for i, p := range strings.Split(strings.TrimPrefix(got.Text, "<p"), "<p") {
				for j := range inOrder {
					if i != j && strings.Contains(p, right[j]) && name != "joined" {
						t.Errorf("paragraph %d is shown as %s", i+1, p)
					}
				}
			}
			if name == "in order" && got.Missing > 0 {
				t.Errorf("%d of the right answers are missing", got.Missing)
			}
		})
	}
}
