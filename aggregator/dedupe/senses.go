package dedupe

import "strings"

// effect says what a word does to a headline.
type effect uint8

const (
	plain     effect = iota
	light            // it says nothing, such as "announces", "new" or "video"
	turning          // it changes what the rest says
	direction        // the same; of two it matters which thing each is said of: oil up, gold down
	deal             // the same, and it matters who does it: buys, sues
)

// sense is what some words mean, named by their list.
type sense struct {
	name string
	does effect
}

// senses maps stems to what they mean. Our own lists, of words and their forms that mean the same.
var senses = sensesOf([...]string{
	plain: `
وفاة توفي توفيت رحيل مات ماتت dies died death;
مقتل قتل قتلى قتيل مصرع killed;
وافق موافقة يوافق توافق أقر يقر تقر إقرار صادق يصادق تصادق approves approved;
إطلاق يطلق تطلق أطلق أطلقت طرح يطرح تطرح launches launch launched;
اعتقال اعتقل تعتقل القبض يقبض تقبض احتجاز توقيف;
قبل before;
بعد عقب after;
وقع يوقع توقع وقعت توقيع signs signed;
يواصل تواصل واصل استمرار يستمر تستمر متواصل مستمر continues;
يبدأ تبدأ بدأ بدأت بدء انطلاق ينطلق تنطلق begins starts;
افتتاح يفتتح تفتتح افتتح فتح يفتح opens;
دعم يدعم تدعم تأييد يؤيد supports
`,
	light: `
عاجل حصري حصريا فيديو بالفيديو صور بالصور صورة شاهد شاهدوا رسميا خبر أخبار تقرير تعرف اعرف تفاصيل
	إليك إليكم;
رويترز أسوشيتد وكالة وكالات نيوز مصدر مصادر breaking exclusive video watch photos official
	officially;
أعلن يعلن تعلن أعلنت إعلان أكد يؤكد تؤكد تأكيد صرح يصرح قال يقول تقول كشف يكشف تكشف كشفت announces
	announced says said reveals reveal unveils unveiled;
جديد جديدة بشأن إثر نتيجة جراء وسط خلال عدد أحد إحدى قيام قام قامت تم يتم شركة السيد الدكتور new;
كبير كبيرة كبار حاد حادة ملحوظ ملحوظة طفيف طفيفة شديد شديدة هائل هائلة واسع واسعة هام هامة مهم مهمة
	بارز بارزة شهير شهيرة;
قرار عملية أمر أمور سبب قيمة شخص شخصين مدينة منطقة مجال شكل صدد إجراء يجري حيث التي
`,
	turning: `
لا لم لن ليس ليست بلا بدون دون غير عدم انعدام not no without never isn doesn won;
رفض يرفض ترفض رفضت اعترض يعترض عارض يعارض rejects rejected refuses refused;
نفى ينفي تنفي نفت نفي أنكر ينكر تنكر إنكار كذب يكذب تكذيب denies denied deny;
فشل يفشل تفشل إخفاق أخفق تعثر عجز fails failed failure;
انسحاب انسحب ينسحب تنسحب سحب يسحب تسحب تخلى تتخلى يتخلى استدعاء يستدعي تستدعي withdraws withdraw
	withdrawn recalls pulls;
تأجيل يؤجل تؤجل أجلت إرجاء أرجأ delays delayed postpones;
إلغاء ألغى يلغي تلغي ألغت cancels canceled cancelled scraps;
وقف يوقف توقف أوقف أوقفت إيقاف تعليق يعلق تعلق علق إنهاء ينهي تنهي أنهى stops halts suspends ends;
إغلاق يغلق تغلق أغلق أغلقت closes shuts closed;
حظر يحظر تحظر منع يمنع تمنع حجب يحجب تحجب bans banned ban blocks blocked;
إفراج أفرج يفرج تفرج سراح براءة تبرئة برأ released acquitted;
إقالة أقال يقيل استقالة استقال يستقيل تستقيل fires fired resigns resigned;
تهديد هدد يهدد تهدد توعد يتوعد تتوعد لوح يلوح تلوح threatens;
دعا يدعو تدعو دعوة دعوات طالب يطالب تطالب مطالبة مطالبات حث يحث تحث اقترح يقترح اقتراح مقترح calls
	urges proposes;
اعتزام يعتزم تعتزم ينوي تنوي نية يخطط تخطط خطة خطط يستعد تستعد استعداد يسعى تسعى يريد تريد يدرس تدرس
	plans plan intends wants considers;
توقعات يتوقع تتوقع متوقع مرتقب محتمل احتمال يرجح ترجح ترجيح ربما قريبا expects expected may might
	could soon;
حذر يحذر تحذر تحذير تحذيرات مخاوف يخشى تخشى خشية warns warned fears;
تعهد يتعهد تتعهد وعد وعود vows promises;
محاولة يحاول تحاول حاول tries attempts;
إحباط أحبط يحبط تحبط تجنب يتجنب تفادى يتفادى تفادي foils avoids averts;
نجا ينجو نجت تنجو نجاة survives survived;
عودة عاد يعود تعود عادت استعاد يستعيد تستعيد استئناف يستأنف تستأنف returns restores resumes;
تسريب تسريبات شائعة شائعات مزاعم leak leaked leaks rumor rumors;
إصلاح يصلح تصلح أصلح fixes fixed patches;
مزيف مزيفة وهمي وهمية كاذب كاذبة مزور fake false;
مراجعة تجربة مقارنة review hands-on vs;
ذكرى anniversary;
هل;
لماذا كيف why how;
إذا لو if;
بدلا بدل بديل استبدال يستبدل instead replaces;
استثناء يستثني تستثني باستثناء عدا except;
ضد against;
نائب نائبة وكيل مساعد مستشار محامي deputy vice aide adviser lawyer;
سابق سابقة أسبق السابق former ex;
زوجة زوج نجل ابن ابنة شقيق شقيقة والد والدة wife son daughter brother sister father mother;
منافس منافسة منافسي rival rivals;
إصابة أصيب إصابات injured
`,
	direction: `
ارتفاع يرتفع ترتفع ارتفع ارتفعت صعود يصعد تصعد صعد قفزة يقفز تقفز قفز قفزت زيادة يزيد تزيد زاد زادت
	ازداد نمو ينمو تنمو نما نمت رفع يرفع ترفع رفعت مكاسب مكسب انتعاش تعافي يتعافى تتعافى rises rise
	rose raises up gains jumps grows surges soars increases hikes;
انخفاض ينخفض تنخفض انخفض انخفضت خفض يخفض تخفض تخفيض خفضت هبوط يهبط تهبط هبط هبطت تراجع يتراجع تتراجع
	تراجعت خسائر خسارة يخسر تخسر خسر تدهور يتدهور تدني انهيار ينهار تنهار انهار يهوي تهوي هوى تقليص
	يقلص تقلص falls fall fell drops drop cuts cut down loses slumps plunges declines decreases lowers;
أعلى أكبر أكثر highest biggest most more;
أدنى أقل أصغر أضعف lowest smallest least less;
فوز يفوز تفوز فاز فازت wins won
`,
	deal: `
استحوذ استحواذ يستحوذ تستحوذ شراء يشتري تشتري اشترى اشترت buys acquires;
بيع يبيع تبيع باع باعت sells sold;
مقاضاة يقاضي تقاضي sues
`,
})

// sensesOf returns the senses of the words of lists, by their stems.
func sensesOf(lists [deal + 1]string) map[string]sense {
	m := map[string]sense{}
	for does, list := range lists {
		for words := range strings.SplitSeq(list, ";") {
			for w := range stems(words) {
				m[w] = sense{words, effect(does)}
			}
		}
	}
	return m
}

// unbound looks a stem up in m, and without the letter ب, ل or ك before it if m lacks it.
func unbound[V any](m map[string]V, stem string) (v V, ok bool) {
	for _, letter := range [...]string{"", "ب", "ل", "ك"} {
		if rest, has := strings.CutPrefix(stem, letter); has {
			if v, ok = m[rest]; ok {
				return v, true
			}
		}
	}
	return v, false
}
