package check

import (
	"slices"
	"strings"
	"unicode"
)

// talk lists what language models say beside a translation, in lower case, and the folded beginnings
// or parts of Arabic words with which the source may say it itself. A label or a greeting only counts
// at the start. The phrases are from reports of users of such models and of translation programs.
var talk = []struct {
	check           string
	start           bool
	phrases, source []string
}{
	{"chatter", true, list("title:|headline:|heading:|news headline:|article title:|translated title:|" +
		"translated headline:|english title:|english headline:|title (english):"),
		list("عنوان|عناوين|لقب")},
	{"chatter", true, list("translation:|translated text:|translated:|translation (english):|the translation|" +
		"the translated|the english translation|english translation|translated from arabic|" +
		"translation from arabic|the text translates|this text translates|the sentence translates|" +
		"the headline translates"),
		list("ترجم|تعريب|معرب")},
	{"chatter", true, list("english]|en]|translation]|title]|headline]|english:|english version:|in english:|" +
		"english text:"),
		list("انجليز|انكليز")},
	{"chatter", true, list("answer:|response:|output:|assistant:|result:"),
		list("جواب|اجاب|رد|مساعد|نتيج|ناتج|مخرج")},
	{"chatter", true, list("sure,|sure!|sure.|sure thing|sure - |certainly,|certainly!|of course,|of course!|" +
		"absolutely!|okay,|okay.|ok,|alright,|got it|great!|happy to help|gladly"),
		list("تاكيد|طبع|طبيع|اكيد|موكد|حتما|شك|حسن|طيب|موافق|تمام|نعم|قطعا|يقين|ممتاز|رايع|عظيم|مشكل|سرور|يسعد|" +
			"حسنا|مفهوم|فهمت|بلي|اجل")},
	{"chatter", false, list("translator's note|translators' note|translators note|translator note|t/n:|(tn:|[tn:|" +
		"(tn |[tn |translation note|note on translation|i translated|i've translated|i have translated|" +
		"translated as|literal translation|literally translated|alternative translation|another translation|" +
		"translation is|more literally|to translate the|let me translate|let's translate|i will translate|" +
		"i'll translate|i need to translate|we need to translate|need to translate|here is the translat|" +
		"here's the translat|here is a translat|here's a translat|here is my translat|here's my translat|" +
		"here is your translat|here's your translat|here are the translat|here are some translat|" +
		"a possible translation|possible translations|translation options|translation suggestions"),
		list("ترجم|حرف")},
	{"chatter", false, list("here is the english|here's the english|arabic text|arabic sentence|arabic headline|" +
		"arabic title|arabic phrase|from arabic to english|into english:|to english:|in english, this|" +
		"in english this"),
		list("انجليز|انكليز|عرب|ترجم")},
	{"chatter", false, list("original text|source text|given text|provided text|following text:|given headline|" +
		"provided headline|given sentence|provided sentence"),
		list("نص|اصل|مصدر|عنوان|جمل")},
	{"chatter", false, list("the user wants|the user is asking|the user asked|the user asks|the user has asked|" +
		"the user provided|the user has provided|the user gave|user wants me|the user's request|the user needs"),
		list("مستخدم|زبون|زباين|عميل|عملاء|مشترك|لاعب|شخص|صاحب|طلب")},
	{"chatter", false, list("(or:|(alternatively|alternatively:|alternative:|alternatives:|option 1|option 2|" +
		"option a:|another option:|more natural:|more literal:|or, more naturally|other options:|version 2:"),
		list("بديل|بداي|خيار|او|نسخه|اصدار")},
	{"chatter", false, list("(note:|[note:|(note that|\nnote:|. note:|* note:|(nb:|(n.b.|(explanation|" +
		"explanation:|(lit.|(literally|(context:|[context:|(i.e., the"),
		list("ملاحظ|تنويه|تنبيه|مذكر|نوت|شرح|تفسير|توضيح|يشار|علما|لاحظ|هامش|حرف|اي|يعني|سياق")},
	{"chatter", true, list("note:|explanation:|context:|thought:|thinking:|reasoning:"),
		list("ملاحظ|تنويه|تنبيه|مذكر|نوت|شرح|تفسير|توضيح|سياق|فكر|تفكير|تعليل")},
	{"chatter", false, []string{"```", "<think>", "</think>", "<|", "[inst]", "[/inst]"}, nil},
	{"refusal", false, list("as an ai language|as an ai model|as an ai assistant|as an ai,|as a language model|" +
		"as a large language|i can't help with|i cannot help with|i can't help you|i cannot help you|" +
		"i can't assist|i cannot assist|i can't translate|i cannot translate|i can not translate|i can't comply|" +
		"i cannot comply|i can't fulfill|i cannot fulfill|i can't provide|i cannot provide|i'm sorry, but i|" +
		"i'm sorry, i|i am sorry, but i|i apologize, but|i am unable to|i'm unable to|i am not able to|" +
		"i'm not able to|i won't be able to|i don't have enough context|i do not have enough|please provide the|" +
		"please share the|please send the text|no text was provided|no text provided|there is no text|" +
		"how can i assist|how can i help|how may i help|i'd be happy to|i would be happy to|i'm happy to help"),
		list("عذر|اعتذر|اسف|استطيع|يمكنني|بوسعي|امكاني|اقدر|بصفتي|كنموذج|مساعدت|اساعد|عاجز|قادر|تمكن|يسعد|يرجي|" +
			"رجاء|زود|قدم|ارسل|شارك")},
}

func list(phrases string) []string { return strings.Split(phrases, "|") }

// talks reports talk of the engine about its work. What the source may say itself it does not announce
// with a colon of its own.
func talks(p pair) []Problem {
	low := strings.ReplaceAll(p.low, "’", "'")
	start := strings.TrimLeftFunc(low, func(r rune) bool { return !unicode.IsLetter(r) && r != '`' && r != '<' })
	colon := strings.Contains(p.source, ":")
	for _, row := range talk {
		for _, phrase := range row.phrases {
			rest := start
			if !row.start {
				rest = low[max(0, strings.Index(low, phrase)):]
			}
			if !strings.HasPrefix(rest, phrase) {
				continue
			}
			said, _, _ := strings.Cut(rest, ".")
			announced := !colon && strings.Contains(said[:min(len(said), len(phrase)+maxAnnounced)], ":")
			if announced || !p.mentions(row.source) {
				return []Problem{{row.check, "the engine speaks of its work", false}}
			}
		}
	}
	return nil
}

// maxAnnounced is the most bytes between talk and its colon, as in "here is the translation into
// English:".
const maxAnnounced = 40

// mentions reports whether a word of the source has one of the parts.
func (p pair) mentions(parts []string) bool {
	return slices.ContainsFunc(p.folded, func(w string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(w, part) })
	})
}
