package dedupe

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nashra/nashra/translate/arabic"
)

// place is a country, ISO code in the upper two bytes, and one of its cities; 0: the whole country.
type place uint32

// String returns the ISO code.
func (p place) String() string { return string([]byte{byte(p >> 24), byte(p >> 16)}) }

// agrees reports whether both may mean one place: a city is in its country.
func (p place) agrees(q place) bool {
	return p>>16 == q>>16 && (p == q || p&0xffff == 0 || q&0xffff == 0)
}

// gazetteer lists a country a line: ISO code, names of the country, then | and its large cities and states,
// with other spellings after /, further ones after | on the next line. A _ stands for a space. Our own list.
const gazetteer = `
eg مصر egypt | القاهرة/cairo الإسكندرية الجيزة أسوان السويس بورسعيد/بور_سعيد شرم_الشيخ سيناء الغردقة المنصورة
| طنطا أسيوط
sa السعودية saudi ksa | الرياض/riyadh جدة/jeddah مكة/makkah المدينة_المنورة الدمام الطائف تبوك أبها نجران
| جازان/جيزان حائل القصيم/بريدة/عنيزة الأحساء/الهفوف ينبع الجبيل عسير عرعر القطيف الباحة خميس_مشيط الظهران
| نيوم/neom
ae الإمارات uae emirates | دبي/dubai أبوظبي/أبو_ظبي/abu_dhabi الشارقة عجمان رأس_الخيمة الفجيرة أم_القيوين
kw الكويت kuwait |
qa قطر qatar | الدوحة/doha
bh البحرين bahrain | المنامة
om سلطنة_عمان oman | مسقط صلالة
jo الأردن jordan | العقبة إربد amman
iq العراق iraq | بغداد/baghdad البصرة الموصل أربيل كركوك الأنبار كربلاء النجف تكريت الرمادي الفلوجة السليمانية
sy سوريا سورية syria | دمشق حلب حمص إدلب درعا اللاذقية الرقة حماة دير_الزور تدمر
lb لبنان lebanon | بيروت/beirut صيدا بعلبك
ps فلسطين palestine | غزة/قطاع_غزة/gaza القدس رام_الله نابلس رفح بيت_لحم
il إسرائيل israel | تل_أبيب حيفا
ye اليمن yemen | صنعاء عدن تعز الحديدة مأرب المكلا حضرموت شبوة صعدة
ma المغرب morocco | الرباط الدار_البيضاء مراكش طنجة أغادير
dz الجزائر algeria | وهران قسنطينة
tn تونس tunisia | صفاقس سوسة
ly ليبيا libya | بنغازي مصراتة سرت درنة طبرق
sd السودان sudan | الخرطوم دارفور أم_درمان بورتسودان
ss جنوب_السودان south_sudan | جوبا
so الصومال somalia | مقديشو
dj جيبوتي djibouti |
km جزر_القمر comoros |
mr موريتانيا mauritania | نواكشوط
tr تركيا turkey turkiye | أنقرة إسطنبول/اسطنبول/istanbul إزمير أنطاليا ديار_بكر غازي_عنتاب
ir إيران iran | طهران/tehran أصفهان تبريز
pk باكستان pakistan | إسلام_أباد/إسلام_آباد/إسلاماباد كراتشي لاهور بيشاور
af أفغانستان afghanistan | كابول/كابل قندهار
in الهند india | نيودلهي/نيو_دلهي/دلهي مومباي/mumbai بنغالور كشمير حيدر_آباد
cn الصين china | بكين/بيجين/beijing شنغهاي/شانغهاي/shanghai شنتشن/شينزين ووهان تيانجين التبت
hk هونغ_كونغ هونج_كونج hong_kong |
tw تايوان taiwan | تايبيه
jp اليابان japan | طوكيو/tokyo أوساكا هيروشيما ناغازاكي فوكوشيما
kr كوريا_الجنوبية south_korea | سول/seoul بوسان
kp كوريا_الشمالية north_korea | بيونغ_يانغ/بيونجيانج
mn منغوليا mongolia |
id إندونيسيا indonesia | جاكرتا بالي سومطرة
my ماليزيا malaysia | كوالالمبور/كوالا_لمبور
sg سنغافورة singapore |
th تايلاند تايلند thailand | بانكوك
vn فيتنام vietnam | هانوي
ph الفلبين الفيليبين philippines | مانيلا مينداناو
mm ميانمار بورما myanmar |
kh كمبوديا cambodia |
la لاوس laos |
bd بنغلاديش بنجلاديش bangladesh | دكا
lk سريلانكا سري_لانكا sri_lanka | كولومبو
np نيبال nepal | كاتماندو كاتمندو
bt بوتان bhutan |
mv المالديف maldives |
bn بروناي brunei |
tl تيمور_الشرقية |
kz كازاخستان kazakhstan | أستانا ألماتي بايكونور
uz أوزبكستان uzbekistan | طشقند
tm تركمانستان turkmenistan |
kg قيرغيزستان قرغيزستان kyrgyzstan |
tj طاجيكستان tajikistan |
az أذربيجان azerbaijan | باكو
am أرمينيا armenia | يريفان
ge جورجيا georgia | تبليسي
ru روسيا russia | موسكو/moscow بطرسبرغ/سان_بطرسبرغ سوتشي الشيشان
ua أوكرانيا ukraine | كييف/kyiv دونيتسك القرم خاركيف
by بيلاروسيا روسيا_البيضاء belarus | مينسك
md مولدوفا مولدافيا moldova |
pl بولندا poland | وارسو
cz التشيك czech | براغ
sk سلوفاكيا slovakia |
hu المجر هنغاريا hungary | بودابست
ro رومانيا romania | بوخارست
bg بلغاريا bulgaria | صوفيا
gr اليونان greece | أثينا ليسبوس
cy قبرص cyprus | نيقوسيا
al ألبانيا albania |
mk مقدونيا macedonia |
rs صربيا serbia | بلغراد
xk كوسوفو كوسوفا kosovo |
ba البوسنة bosnia | سراييفو
hr كرواتيا croatia | زغرب
si سلوفينيا slovenia |
me الجبل_الأسود montenegro |
at النمسا austria | فيينا
ch سويسرا switzerland | جنيف/geneva زيورخ بازل لوزان دافوس
de ألمانيا germany | برلين/berlin ميونيخ/ميونخ فرانكفورت هامبورغ كولونيا دورتموند شتوتغارت
fr فرنسا france | باريس/paris مرسيليا ليون كاليه
be بلجيكا belgium | بروكسل
nl هولندا netherlands | أمستردام لاهاي
lu لوكسمبورغ luxembourg |
gb بريطانيا المملكة_المتحدة إنجلترا إنكلترا اسكتلندا britain uk | لندن/london مانشستر ليفربول برمنغهام أدنبرة
ie أيرلندا إيرلندا ireland | دبلن
is أيسلندا آيسلندا iceland |
no النرويج norway | أوسلو
se السويد sweden | ستوكهولم
fi فنلندا finland | هلسنكي
dk الدنمارك الدانمارك denmark | كوبنهاغن كوبنهاجن
ee إستونيا estonia |
lv لاتفيا latvia |
lt ليتوانيا lithuania |
es إسبانيا spain | مدريد/madrid برشلونة/barcelona إشبيلية فالنسيا
pt البرتغال portugal | لشبونة
it إيطاليا italy | روما/rome ميلانو/ميلان نابولي تورينو فلورنسا صقلية لامبيدوزا
va الفاتيكان vatican |
mt مالطا malta |
mc موناكو monaco |
eu أوروبا الاتحاد_الأوروبي europe eu |
us أمريكا أميركا الولايات_المتحدة america usa | واشنطن/washington نيويورك/new_york كاليفورنيا/california
| تكساس/texas فلوريدا/florida لوس_أنجلوس/لوس_انجليس سان_فرانسيسكو شيكاغو/شيكاجو هيوستن لاس_فيغاس لاس_فيجاس
| بوسطن سياتل أوهايو ألاسكا هاواي نيومكسيكو/نيو_مكسيكو/new_mexico نيوجيرسي/نيو_جيرسي/new_jersey
ca كندا canada | تورونتو/toronto مونتريال أوتاوا فانكوفر
mx المكسيك mexico |
gt غواتيمالا guatemala |
hn هندوراس honduras |
sv السلفادور salvador |
ni نيكاراغوا nicaragua |
cr كوستاريكا costa_rica |
pa بنما panama |
cu كوبا cuba | هافانا غوانتانامو
ht هايتي haiti |
do الدومينيكان dominican |
jm جامايكا jamaica |
tt ترينيداد trinidad |
bs البهاما bahamas |
bb باربادوس barbados |
br البرازيل brazil | ريو_دي_جانيرو ساو_باولو برازيليا
ar الأرجنتين argentina | بوينس_آيرس بوينوس_أيرس
cl تشيلي شيلي chile |
co كولومبيا colombia | بوغوتا
pe البيرو peru |
ve فنزويلا venezuela | كاراكاس
ec الإكوادور ecuador |
bo بوليفيا bolivia |
py باراغواي باراجواي paraguay |
uy أوروغواي أوروجواي uruguay |
gy غويانا guyana |
sr سورينام suriname |
au أستراليا australia | سيدني/sydney ملبورن كانبيرا
nz نيوزيلندا نيوزيلاندا new_zealand |
pg بابوا_غينيا_الجديدة papua |
fj فيجي fiji |
ng نيجيريا nigeria | لاغوس أبوجا
ne النيجر niger | نيامي
gh غانا ghana | أكرا
ci كوت_ديفوار ساحل_العاج ivory_coast | أبيدجان
sn السنغال senegal | داكار
ml جمهورية_مالي mali | باماكو
bf بوركينا_فاسو burkina | واغادوغو
bj جمهورية_بنين benin |
tg توغو togo |
gn غينيا guinea | كوناكري
gw غينيا_بيساو |
gq غينيا_الاستوائية |
sl سيراليون sierra_leone |
lr ليبيريا liberia |
gm غامبيا جامبيا gambia |
cv الرأس_الأخضر |
td تشاد chad | نجامينا
cm الكاميرون cameroon |
cf أفريقيا_الوسطى إفريقيا_الوسطى |
ga الغابون الجابون gabon |
cg الكونغو congo | كينشاسا برازافيل
ao أنغولا angola |
et إثيوبيا أثيوبيا ethiopia | أديس_أبابا
er إريتريا eritrea | أسمرة
ke كينيا kenya | نيروبي
ug أوغندا uganda | كمبالا
tz تنزانيا tanzania |
rw رواندا rwanda | كيغالي
bi بوروندي burundi |
mz موزمبيق موزامبيق mozambique |
mw مالاوي malawi |
zm زامبيا zambia |
zw زيمبابوي zimbabwe |
bw بوتسوانا botswana |
na ناميبيا namibia |
za جنوب_أفريقيا جنوب_إفريقيا south_africa | جوهانسبرغ كيب_تاون
ls ليسوتو |
sz سوازيلاند إسواتيني |
mg مدغشقر madagascar |
mu موريشيوس mauritius |
sc سيشل سيشيل seychelles |
`

// manifold lists words of several countries: they tell what a text is about, but not which one a title means.
// Those of none only look like places.
const manifold = `
عمان om jo
طرابلس lb ly
المملكة sa bh jo ma
كوريا kr kp
مالي ml
بنين bj
مسقط_رأس -
صلاة_المغرب -
أذان_المغرب -
قبل_المغرب -
بعد_المغرب -
واشنطن_بوست -
نيويورك_تايمز -
`

// located is a place that a word, with the rest, may mean.
type located struct {
	rest []string
	at   place
	weak bool // it may mean others, or none
}

// places maps stems of countries and of the adjectives made of them to ISO codes.
// located words are filed under the first of a name's.
var places, locations = locate()

func locate() (map[string]string, map[string][]located) {
	codes, words := map[string]string{}, map[string][]located{}
	file := func(name string, at place, weak bool) {
		ws := strings.Fields(arabic.Fold(strings.ReplaceAll(name, "_", " ")))
		words[ws[0]] = append(words[ws[0]], located{ws[1:], at, weak})
	}
	at := place(0)
	for line := range strings.Lines(gazetteer) {
		countries, cities, _ := strings.Cut(line, "|")
		if names := strings.Fields(countries); len(names) > 0 {
			at = placeOf(names[0])
			for _, name := range names[1:] {
				file(name, at, false)
				if !strings.Contains(name, "_") {
					for stem := range stems(name + " " + adjective(arabic.Fold(name))) {
						codes[stem] = names[0]
					}
				}
			}
		}
		for city := range strings.FieldsSeq(cities) {
			at++
			for name := range strings.SplitSeq(city, "/") {
				file(name, at, false)
			}
		}
	}
	for line := range strings.Lines(manifold) {
		if ws := strings.Fields(line); len(ws) > 0 {
			for _, c := range ws[1:] {
				file(ws[0], placeOf(c), true)
			}
		}
	}
	for _, list := range words {
		slices.SortStableFunc(list, func(a, b located) int { return cmp.Compare(len(b.rest), len(a.rest)) })
	}
	return codes, words
}

// placeOf returns the country of an ISO code; 0 for "-".
func placeOf(code string) place {
	if len(code) < 2 {
		return 0
	}
	return place(code[0])<<24 | place(code[1])<<16
}

// adjective returns what a folded country makes: ليبي of ليبيا.
func adjective(country string) string {
	for _, end := range [...]string{"يا", "يه", "ا", "ه"} {
		if rest, ok := strings.CutSuffix(country, end); ok {
			return rest + "ي"
		}
	}
	return country + "ي"
}

// placesAt returns what ts[i] and the tokens after it may mean, the longest names, and how many tokens they take.
func placesAt(ts []token, i int) (found []located, n int) {
	for w := cmp.Or(ts[i].raw, ts[i].text); w != ""; w = unjoined(w) {
		for _, l := range locations[w] {
			if (found == nil || len(l.rest) == len(found[0].rest)) && follows(ts[i+1:], l.rest) {
				found = append(found, l)
			}
		}
		if found != nil {
			return found, 1 + len(found[0].rest)
		}
	}
	return nil, 1
}

// follows reports whether ts begins with words.
func follows(ts []token, words []string) bool {
	if len(words) > len(ts) {
		return false
	}
	for k, w := range words {
		if cmp.Or(ts[k].raw, ts[k].text) != w {
			return false
		}
	}
	return true
}

// unjoined cuts a letter off a word that may be a word of its own, such as "and"; "": there is none.
func unjoined(w string) string {
	const shortest = len("مصر")
	if rest, ok := strings.CutPrefix(w, "لل"); ok && len(rest) >= shortest {
		return "ال" + rest
	}
	for _, letter := range [...]string{"و", "ف", "ب", "ل", "ك"} {
		if rest, ok := strings.CutPrefix(w, letter); ok && len(rest) >= shortest {
			return rest
		}
	}
	return ""
}
