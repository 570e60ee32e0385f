package dedupe

import (
	"strings"

	"github.com/nashra/nashra/translate/arabic"
)

// stems returns the words of list, folded and stemmed as Sign does, as a set.
func stems(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		w = arabic.Fold(w)
		if !(arabic.Lexicon{}).Look(w).Whole {
			w = arabic.Stem(w)
		}
		m[w] = true
	}
	return m
}

// cues are words of titles that tell a phase of an event, by kind: what came of it, a comparison, what is
// to come, mourning. A report of one phase is not linked to one of another. Our own lists.
var cues = []map[string]bool{
	stems(`عودة يعود تعود عاد عادت العودة يتعافى تتعافى تعافي يستأنف تستأنف استئناف يستعيد تستعيد استعاد نفي تنفي
		ينفي نفت اعتذار تعتذر يعتذر خسائر تعويض تعويضات يشكو تشكو يشكون شكوى محلل محللون نفاد تطمين يطمئن تطمئن
		رد ترد يرد ندم تفوق يفوق restored denies denied apologizes aftermath`),
	stems(`مراجعة تجربة مقارنة review hands-on versus`),
	stems(`غدا استعداد استعدادات يستعد تستعد يترقب تترقب ترقب مرتقب مرتقبة tomorrow preview ahead`),
	stems(`تعازي تعزية يعزي تعزي عزاء يعزون تشييع يشيع تشيع condolences funeral`),
}

// spans are the words of time that make "after …" in a title a follow-up.
var spans = stems(`يوم يومين أيام ساعات أسبوع أسبوعين أسابيع شهر شهرين أشهر عام عامين`)
