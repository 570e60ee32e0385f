package arabic

import (
	"slices"
	"strings"
)

// form is one spelling of a name: the words after the first.
type form struct {
	rest []string
	name string
}

// names are the forms by their folded first word, longest first.
var names = readNames(spellings)

func readNames(table string) map[string][]form {
	m := map[string][]form{}
	for line := range strings.Lines(table) {
		name, list, _ := strings.Cut(strings.TrimSpace(line), ":")
		for spelling := range strings.SplitSeq(name+"،"+list, "،") {
			words := strings.Fields(Fold(spelling))
			if len(words) > 0 {
				m[words[0]] = append(m[words[0]], form{words[1:], name})
			}
		}
	}
	for _, forms := range m {
		slices.SortStableFunc(forms, func(a, b form) int { return len(b.rest) - len(a.rest) })
	}
	return m
}

// spellings are the names of the project's glossary that news writes in more than one way, and their variants. Names that are also
// common words (كريم، طلبات، نون، زين، تابي، تمارا، لاما، كلود) are left out.
const spellings = `deepseek: ديب سيك، ديبسيك
nvidia: إنفيديا، انفيديا، نفيديا، إنڤيديا
apple: آبل، أبل، ابل، أپل
app-store: آب ستور، App Store
google-play: جوجل بلاي، غوغل بلاي، قوقل بلاي، Google Play
google: جوجل، غوغل، قوقل، كوكل، چوچل
alphabet: ألفابت، ألفابيت
microsoft: مايكروسوفت، ميكروسوفت
meta: ميتا
facebook: فيسبوك، فيس بوك
instagram: إنستغرام، انستجرام، إنستجرام، انستقرام، إنستاغرام، انستاجرام
whatsapp: واتساب، واتس آب، واتس اب
tiktok: تيك توك، تيكتوك
bytedance: بايت دانس، بايتدانس
telegram: تليغرام، تيليجرام، تلغرام، تلجرام، تيليغرام، تليجرام
snapchat: سناب شات، سنابشات
youtube: يوتيوب
twitter: تويتر
spacex: سبيس إكس، سبيس اكس
starlink: ستارلينك، ستار لينك
tesla: تسلا، تيسلا
musk: إيلون ماسك، ايلون ماسك، Elon Musk، ماسك
altman: سام ألتمان، سام التمان، Sam Altman، ألتمان
zuckerberg: مارك زوكربيرغ، مارك زوكربيرج، زوكربيرج، زوكربيرغ، Mark Zuckerberg
huang: جنسن هوانغ، جنسن هوانج، Jensen Huang، هوانغ، هوانج
pichai: سوندار بيتشاي، ساندر بيتشاي، Sundar Pichai
openai: أوبن إيه آي، أوبن أيه آي، اوبن اي، أوبن إي آي، Open AI
chatgpt: شات جي بي تي، تشات جي بي تي، شات جي بي تى، Chat GPT
gemini: جيميني، جيمناي
anthropic: أنثروبيك، انثروبك
grok: غروك، جروك
copilot: كوبايلوت، كوبيلوت
mistral: ميسترال
stargate: ستارغيت، ستارجيت
oracle: أوراكل
softbank: سوفت بنك، سوفتبنك
amazon: أمازون
alibaba: علي بابا
tencent: تينسنت، تنسنت
baidu: بايدو
samsung: سامسونج، سامسونغ، سامسنج
galaxy: جالاكسي، غالاكسي، قالكسي، جلاكسي
iphone: آيفون، ايفون، أيفون
ipad: آيباد، أيباد
macbook: ماك بوك، ماكبوك
android: أندرويد، اندرويد
pixel: بيكسل
huawei: هواوي
xiaomi: شاومي، شياومي
redmi: ريدمي
oppo: أوبو
vivo: فيفو
realme: ريلمي
honor: هونر، أونر
oneplus: وان بلس، ون بلس
nokia: نوكيا
ericsson: إريكسون، أريكسون
qualcomm: كوالكوم
snapdragon: سنابدراجون، سناب دراجون، سنابدراغون، سناب دراغون
mediatek: ميدياتك، ميديا تك
intel: إنتل
amd: إيه إم دي، أيه إم دي
tsmc: تي إس إم سي
broadcom: برودكوم
sony: سوني
playstation: بلايستيشن، بلاي ستيشن
xbox: إكس بوكس، اكس بوكس
nintendo: نينتندو، ننتندو
windows: ويندوز
linux: لينكس، لينوكس
chrome: كروم
firefox: فايرفوكس، فاير فوكس
safari: سفاري
paypal: بايبال، باي بال
bitcoin: بيتكوين، بتكوين
ethereum: إيثريوم، ايثيريوم
binance: بينانس، باينانس
netflix: نتفليكس، نيتفليكس
spotify: سبوتيفاي
uber: أوبر
stc: إس تي سي، اس تي سي
mobily: موبايلي
vodafone: فودافون
sdaia: سدايا
ios: آي أو إس، اي او اس
`
