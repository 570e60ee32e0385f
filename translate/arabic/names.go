package arabic

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Word is what is known about a folded word. The zero Word is an unknown one.
type Word struct {
	Stop  bool // a function word: it carries no news
	Month bool // the name of a month, or its first word
	Whole bool // it only seems to begin or end with an affix
	Rank  int  // of an ordinal, 1 to 10; 0: none. Eleven to nineteen are ordinals before عشر
	names []spelling
}

// spelling is one spelling of a name, filed under its first word.
type spelling struct {
	rest []string // the words after the first
	name string
}

// Name finds a name that begins with w, in any spelling. rest is the words after w. It returns the
// number of words of the name, w included, or 0 if there is none.
func (w Word) Name(rest []string) (name string, n int) {
	for _, s := range w.names {
		if len(s.rest) <= len(rest) && slices.Equal(s.rest, rest[:len(s.rest)]) {
			return s.name, 1 + len(s.rest)
		}
	}
	return "", 0
}

// Lexicon knows function words, months, and names of companies, people and products in their many
// spellings. The zero Lexicon knows the built-in words.
type Lexicon struct{ words map[string]Word }

// Look returns what l knows about a folded word.
func (l Lexicon) Look(word string) Word { return l.all()[word] }

func (l Lexicon) all() map[string]Word {
	if l.words == nil {
		return builtin
	}
	return l.words
}

// With returns l with more spellings of names, by their English name. A spelling that l knows keeps
// its meaning, and a function word never becomes a name.
func (l Lexicon) With(names map[string][]string) Lexicon {
	words := maps.Clone(l.all())
	for _, english := range slices.Sorted(maps.Keys(names)) {
		folded := strings.Fields(Fold(english))
		if len(folded) == 0 {
			continue
		}
		name, n := words[folded[0]].Name(folded[1:])
		if n != len(folded) {
			name = strings.Join(folded, "-")
		}
		for _, s := range append([]string{english}, names[english]...) {
			insertName(words, name, strings.Fields(Fold(s)))
		}
	}
	return Lexicon{words}
}

// builtin is what the zero Lexicon knows.
var builtin = func() map[string]Word {
	words := make(map[string]Word, 2100) // a little more than there are
	change := func(word string, set func(*Word)) {
		w := words[word]
		set(&w)
		words[word] = w
	}
	for w := range stops {
		change(w, func(w *Word) { w.Stop = true })
	}
	for w := range whole {
		change(w, func(w *Word) { w.Whole = true })
	}
	for i, forms := range ordinals {
		for form := range strings.FieldsSeq(forms) {
			for _, prefix := range Bound() {
				change(prefix+Fold(form), func(w *Word) { w.Rank = i + 1 })
			}
		}
	}
	for name := range months {
		first, _, _ := strings.Cut(name, " ")
		change(first, func(w *Word) { w.Month = true })
	}
	for line := range strings.Lines(spellings) {
		name, list, _ := strings.Cut(strings.TrimSpace(line), ":")
		for s := range strings.SplitSeq(name+"،"+list, "،") {
			insertName(words, name, strings.Fields(Fold(s)))
		}
	}
	return words
}()

// ordinals are those from first to tenth. Before عشر, first is حادي.
var ordinals = [...]string{`أول أولى حادي حادية`, `ثان ثاني ثانية`, `ثالث ثالثة`, `رابع رابعة`, `خامس خامسة`,
	`سادس سادسة`, `سابع سابعة`, `ثامن ثامنة`, `تاسع تاسعة`, `عاشر عاشرة`}

// insertName files a spelling of a name under its first word and, if that is in Arabic letters,
// under that word with each prefix of one letter.
func insertName(words map[string]Word, name string, parts []string) {
	if len(parts) == 0 || words[parts[0]].Stop && len(parts) == 1 {
		return
	}
	insert := func(first string, prefixed bool) {
		w := words[first]
		s := spelling{parts[1:], name}
		if slices.ContainsFunc(w.names, func(known spelling) bool { return slices.Equal(known.rest, s.rest) }) {
			return
		}
		at := len(w.names) // the longest first, then in order of insertion; those with a prefix last
		for !prefixed && at > 0 && len(w.names[at-1].rest) < len(s.rest) {
			at--
		}
		w.names = slices.Insert(slices.Clip(w.names), at, s)
		words[first] = w
	}
	insert(parts[0], false)
	if len(parts[0]) >= minPrefixed && parts[0][0] >= utf8.RuneSelf {
		for _, prefix := range []string{"و", "ف", "ب", "ل", "ك"} {
			if !Common(prefix + parts[0]) {
				insert(prefix+parts[0], true)
			}
		}
	}
}

// minPrefixed is the least length, in bytes, of a name's first word that is also found behind a
// prefix: two letters.
const minPrefixed = 4

// Common reports whether a folded word that looks like a prefix and a name is mostly another word.
func Common(word string) bool { return seemPrefixed[word] }

// seemPrefixed holds the words that hunspell-ar 3.2 (Ayaspell, in Debian) knows among all prefixes
// before all names of the glossary and of spellings, without those that are read as prefix and name.
var seemPrefixed = wordSet(`الابل بابل فابل كابل والابل فتابي كتابي لتابي وتابي بارم فارم كارم وارم برام فرام
 كرام لرام ورام فاكس واكس كلاما للاما ولاما كسوني كفيفو فسيري وسيري كسيري كسورا وسورا فنون كنون بنون بطلبات
 لطلبات وطلبات باتصالات لاتصالات واتصالات بزين كزين بكريم ككريم الكروم وكروم والكروم وانش`)

// spellings lists the glossary's names that news writes in more than one way. It leaves out names
// that are also common words (كريم، طلبات، نون، زين، تابي، تمارا، لاما، كلود).
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
