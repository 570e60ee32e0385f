package arabic

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Word is what is known of a folded word. The zero Word is any other.
type Word struct {
	Stop  bool // it carries grammar and no news
	Month bool // it is a month's name, or begins one
	Whole bool // it only looks as if it began or ended with an affix
	Rank  int  // of an ordinal, 1 to 10; eleven to nineteen have عشر after them; 0: it is none
	names []form
}

// form is one spelling of a name: the words after the first.
type form struct {
	rest []string
	name string
}

// Name finds a name that begins with w, whichever way it is spelled, rest being the words after it, and says how many words it takes
// with w. Zero: none is there.
func (w Word) Name(rest []string) (name string, n int) {
next:
	for _, f := range w.names {
		if len(f.rest) > len(rest) {
			continue
		}
		for i, r := range f.rest {
			if rest[i] != r {
				continue next
			}
		}
		return f.name, 1 + len(f.rest)
	}
	return "", 0
}

// Lexicon knows words: of grammar, months, and names of companies, people and products in their many spellings. The zero Lexicon is
// the program's own.
type Lexicon struct{ words map[string]Word }

// Look is what l knows of a folded word.
func (l Lexicon) Look(word string) Word { return l.all()[word] }

func (l Lexicon) all() map[string]Word {
	if l.words == nil {
		return own
	}
	return l.words
}

// With is l and other spellings of names, by what the names are called in English. A spelling that l knows stays what it is; of words
// that carry grammar none is a name.
func (l Lexicon) With(names map[string][]string) Lexicon {
	words := maps.Clone(l.all())
	for _, english := range slices.Sorted(maps.Keys(names)) {
		called := strings.Fields(Fold(english))
		if len(called) == 0 {
			continue
		}
		name, n := words[called[0]].Name(called[1:])
		if n != len(called) {
			name = strings.Join(called, "-")
		}
		for _, spelling := range append([]string{english}, names[english]...) {
			add(words, name, strings.Fields(Fold(spelling)))
		}
	}
	return Lexicon{words}
}

// own is the program's own knowledge.
var own = func() map[string]Word {
	m := make(map[string]Word, 2100) // a little more than they are
	for w := range stops {
		m[w] = Word{Stop: true}
	}
	for w := range whole {
		e := m[w]
		e.Whole = true
		m[w] = e
	}
	for i, forms := range ranks {
		for w := range strings.FieldsSeq(forms) {
			for _, b := range Bound() {
				e := m[b+Fold(w)]
				e.Rank = i + 1
				m[b+Fold(w)] = e
			}
		}
	}
	for name := range months {
		first, _, _ := strings.Cut(name, " ")
		e := m[first]
		e.Month = true
		m[first] = e
	}
	for line := range strings.Lines(spellings) {
		name, list, _ := strings.Cut(strings.TrimSpace(line), ":")
		for spelling := range strings.SplitSeq(name+"،"+list, "،") {
			add(m, name, strings.Fields(Fold(spelling)))
		}
	}
	return m
}()

// ranks are the ordinals from the first to the tenth. Before عشر the first is حادي.
var ranks = [...]string{`أول أولى حادي حادية`, `ثان ثاني ثانية`, `ثالث ثالثة`, `رابع رابعة`, `خامس خامسة`, `سادس سادسة`, `سابع سابعة`, `ثامن ثامنة`,
	`تاسع تاسعة`, `عاشر عاشرة`}

// add files a spelling under its first word as it stands and, in Arabic letters, under that with a word of one letter before it.
func add(words map[string]Word, name string, spelling []string) {
	if len(spelling) == 0 || words[spelling[0]].Stop && len(spelling) == 1 {
		return
	}
	file := func(first string, bound bool) {
		w := words[first]
		for _, f := range w.names {
			if slices.Equal(f.rest, spelling[1:]) {
				return
			}
		}
		f := form{spelling[1:], name}
		at := len(w.names) // the longest first, of one length the first that came
		for !bound && at > 0 && len(w.names[at-1].rest) < len(f.rest) {
			at--
		}
		w.names = slices.Insert(slices.Clip(w.names), at, f)
		words[first] = w
	}
	file(spelling[0], false)
	if len(spelling[0]) >= minBound && spelling[0][0] >= utf8.RuneSelf {
		for _, b := range []string{"و", "ف", "ب", "ل", "ك"} {
			file(b+spelling[0], true)
		}
	}
}

// minBound is how many bytes a name's first word has, two letters, for a word of one letter to be found before it.
const minBound = 4

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
hugging-face: Hugging Face، هاغينغ فيس، هجينغ فيس
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
cloudflare: كلاودفلير، كلاود فلير، كلاودفلاير
kaspersky: كاسبرسكي، كاسبيرسكي
perplexity: بيربلكسيتي، بيربليكسيتي
blackwell: بلاكويل
sora: سورا
humain: هيوماين
goldman-sachs: غولدمان ساكس، جولدمان ساكس، Goldman Sachs
nasdaq: ناسداك
linkedin: لينكد إن، لينكدإن، لينكدان
reddit: ريديت
discord: ديسكورد
gmail: جيميل
github: جيت هاب، غيت هاب، جيتهاب
adobe: أدوبي
wordpress: ووردبريس
cisco: سيسكو
lenovo: لينوفو
asus: أسوس
ibm: آي بي إم
crowdstrike: كراود سترايك، كراودسترايك
palantir: بالانتير
tim-cook: تيم كوك، Tim Cook
nadella: ساتيا ناديلا، ناديلا، Satya Nadella
bezos: جيف بيزوس، بيزوس، Jeff Bezos
wang: ألكسندر وانغ، ألكسندر وانج، Alexandr Wang
byd: بي واي دي
waymo: وايمو
starship: ستارشيب
falcon: فالكون
siri: سيري
airpods: إيربودز، ايربودز
vision-pro: فيجن برو، فيجين برو، Vision Pro
ray-ban: راي بان، رايبان، Ray Ban
roblox: روبلوكس
minecraft: ماينكرافت
fortnite: فورتنايت
pubg: ببجي، بابجي
rockstar: روكستار
ubisoft: يوبيسوفت
electronic-arts: إلكترونيك آرتس، اليكترونيك ارتس، Electronic Arts
take-two: تيك تو، Take Two
duolingo: دولينجو، دوولينجو، دولينغو
wechat: وي تشات
ooredoo: أوريدو
aramco: أرامكو
ntra: الجهاز القومي لتنظيم الاتصالات، تنظيم الاتصالات المصري
cst: هيئة الاتصالات والفضاء والتقنية
neom: نيوم
`
