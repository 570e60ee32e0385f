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
// to come, condolences, a funeral; then a match and its result. Our own lists.
var cues = []map[string]bool{
	stems(`عودة يعود تعود عاد عادت العودة يتعافى تتعافى تعافي يستأنف تستأنف استئناف يستعيد تستعيد استعاد نفي تنفي
		ينفي نفت اعتذار تعتذر يعتذر خسائر تعويض تعويضات يشكو تشكو يشكون شكوى محلل محللون نفاد تطمين يطمئن تطمئن
		رد ترد يرد ندم تفوق يفوق restored denies denied apologizes aftermath`),
	stems(`مراجعة تجربة مقارنة review hands-on versus`),
	stems(`غدا استعداد استعدادات يستعد تستعد يترقب تترقب ترقب مرتقب مرتقبة tomorrow preview ahead`),
	stems(`تعازي تعزية يعزي تعزي عزاء يعزون مواساة condolences`),
	stems(`تشييع يشيع تشيع شيعت جنازة funeral`),
	stems(`ديربي يلتقي تلتقي يلاقي تلاقي يواجه تواجه مواجهة يختبر تختبر يستضيف تستضيف faces hosts`),
	stems(`فوز يفوز تفوز فاز فازت هزيمة يهزم تهزم هزم تغلب يتغلب كسب يكسب تعادل يتعادل توج يتوج تتوج تتويج أحرز يحرز
		beat beats win wins won draw`),
}

const (
	phases  = 1<<5 - 1 // kinds that both reports of one event have, or neither
	fixture = 1 << 5
	result  = 1 << 6
)

// spans are the words of time that make "after …" in a title a follow-up.
var spans = stems(`يوم يومين أيام ساعات أسبوع أسبوعين أسابيع شهر شهرين أشهر عام عامين`)
