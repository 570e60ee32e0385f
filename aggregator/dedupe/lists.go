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

// cues are words that mark a title as a follow-up: back again, denied, reviewed, apologised for.
var cues = stems(`
	عودة يعود تعود عاد عادت العودة يتعافى تتعافى تعافي يستأنف تستأنف استئناف يستعيد تستعيد استعاد مراجعة تجربة نفي
	تنفي ينفي نفت اعتذار تعتذر يعتذر خسائر تعويض تعويضات يشكو تشكو يشكون شكوى محلل محللون نفاد تطمين يطمئن تطمئن
	رد ترد يرد ندم review restored denies denied apologizes hands-on aftermath`)

// spans are the words of time that make "after …" in a title a follow-up.
var spans = stems(`يوم يومين أيام ساعات أسبوع أسبوعين أسابيع شهر شهرين أشهر عام عامين`)

// known are names that appear in technology news every day, whatever the subject. Our own list.
var known = set(`
	apple google microsoft meta samsung openai nvidia amazon alphabet facebook instagram whatsapp youtube twitter
	tiktok tesla xiaomi huawei musk altman iphone android galaxy ios chatgpt app-store google-play windows chrome
	ai hugging-face github deepseek gemini anthropic claude`)

// technical are words in Latin letters, and generations of technology, that are not names.
var technical = set(`
	3g 4g 5g 6g 4k 8k 2d 3d ai usb usb-c wi-fi wifi bluetooth oled amoled lcd led gps ram rom ssd cpu gpu npu api
	vpn sim esim web app pro plus max ultra mini air lite gen beta ceo llm pdf html http https www com net org the
	via vs new free rcs nfc hdr fps ghz mhz qr ip id tv pc mac os ui`)

// common are words of technology news of any kind: those in three or more families of the first half of
// testdata/labelled.jsonl, without names and topics, and similar ones. Our own list.
var common = stems(`
	شركة شركات الشركة مصدر متابعات وكالات قسم تقنية تقني ساعة ساعات جديد جديدة جدد دولار دولارا جنيه ريال ريالا
	درهم درهما دينار يورو أول أولى أولا بيان بيانات خدمة خدمات ثلاث ثلاثة أعلن أعلنت تعلن إعلان يعلن أحد إحدى يبلغ
	تبلغ بلغ بلغت يبدأ تبدأ بدأ بدأت بداية هاتف هواتف مستخدم مستخدمين مستخدمو رقم أرقام يقول تقول تطبيق تطبيقات
	أطلق أطلقت تطلق يطلق إطلاق متوسط قياس عدد أعداد شراء سعر أسعار بسعر تحديث تحديثات اقرأ أفضل أشهر موقع مواقع
	مقبل المقبل مرة مرات متحدث كبير كبيرة أكبر فيديو عمل يعمل تعمل ظهرت ظهر شبكة شبكات شاشة بشاشة سوق أسواق ذكاء
	اصطناعي ذكي ذكية دفع خمس خمسة ثان ثانية ثاني تصل يصل وصل وصول تشمل يشمل تراجع تراجعت تحقق نسبة بنسبة بطارية
	ببطارية أمريكا أمريكي أمريكية أجهزة جهاز يمكن يمكنك ولاية ولايات متحدة نسخة نسخ مللي ميلي أمبير مقالة كامل
	كاملة غيغابايت جيجابايت عشر عشرة عشرين عالم عالمي عالمية عالميا طلب طلبات سهم أسهم سعة سبب أسباب رئيس رئيسي
	رسميا رسمي ربع خلل جيل ثالث ثالثة تأتي يأتي بيع مبيعات يباع تباع بوصة باحث باحثون باقة اتصال اتصالات أساسي
	أساسية ارتفع ارتفاع يرتفع معالج بمعالج كاميرا بكاميرا ذاكرة دقة بدقة ميجابكسل ميغابكسل قدرة بقدرة سرعة بسرعة
	شحن نظام أنظمة منصة منصات ميزة مزايا إتاحة متاح متاحة يتيح تتيح أتاح أتاحت متوفر تتوفر يتوفر توفر كشف كشفت
	يكشف تكشف مليار مليون ألف ملايين مليارات نحو سنوات سنة عام أعوام أسبوع أسابيع أيام يوم اليوم دول دولة عربي
	عربية الشرق الأوسط حكومة وزارة وزير هيئة مدير تنفيذي مؤسس خبير خبراء تقرير تقارير صحيفة وكالة مؤتمر صحفي حدث
	فعالية اتفاق صفقة عقد قيمة بقيمة تمويل استثمار استثمارات أرباح إيرادات نمو زيادة انخفاض خفض رفع عبر داخل خارج
	إضافة يضيف تضيف أضاف أضافت يدعم تدعم دعم استخدام يستخدم تستخدم عملاء عميل مشترك مشتركين اشتراك شهري شهريا سنوي
	سنويا مجاني مجانا نموذج نماذج برنامج برامج برمجيات مشروع مشاريع خطة خطوة مرحلة فريق موظف موظفين مستوى مجموعة
	جزء نوع أنواع شكل طريق طريقة حالة مشكلة حل قرار قال قالت أكد أكدت أشار أوضح ذكر وفق بحسب مقارنة سابق سابقة
	حالي حالية قادم قادمة مختلف مختلفة خاص خاصة مهم كثير قليل صغير طويل قصير قوي سريع تعرف صور صورة مقطع محتوى
	حساب حسابات رسالة رسائل بريد كلمة كلمات لغة لغات صوت إنترنت رقمي رقمية إلكتروني إلكترونية كما حتى منذ قبل بعد
	announced company said says new first today year percent million billion launch launched launches users device
	phone will also more than`)
