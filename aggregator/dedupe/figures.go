package dedupe

import (
	"math"
	"strings"

	"github.com/nashra/nashra/translate/arabic"
)

// measure is what a number counts; 0: anything.
type measure uint8

// years is the measure of a year of the calendar.
const years measure = math.MaxUint8

// measures maps folded words after a number to what it counts. Such a number is no year and no version. A
// line is a measure, and a number before its word or in it is compared with others of that measure only.
var measures = func() map[string]measure {
	m, line := map[string]measure{}, measure(0)
	for words := range strings.Lines(measureLines) {
		line++
		for w := range strings.FieldsSeq(words) {
			m[w], m[arabic.Stem(w)] = line, line
		}
	}
	return m
}()

// money reports whether m is a currency.
func (m measure) money() bool { return m >= measures["دولار"] && m <= measures["ين"] }

const measureLines = `
% بالميه بالمايه الميه المايه percent
درجه درجات degrees
دولار دولارا دولارات usd dollars $
جنيه جنيها جنيهات egp £
ريال ريالا ريالات sar
درهم درهما دراهم aed
دينار دينارا دنانير
يورو eur euros €
ليره
يوان
روبيه
وون
ين ينا ¥
قتيل قتيلا قتلي شهيد شهيدا شهداء killed dead
مصاب مصابا مصابين مصابون جريح جريحا جرحي injured wounded
شخص شخصا اشخاص people
مستخدم مستخدما مستخدمين مشترك مشتركا users subscribers
موظف موظفا موظفين وظيفه وظايف jobs employees
هاتف هاتفا هواتف phones
gb غيغابايت جيجابايت جيجا غيغا
tb تيرابايت
mb
mah ميلي مللي
mp ميجابكسل ميغابكسل ميجا ميغا
بوصه انش inch
هرتز hz mhz ghz
واط وات w kw
كيلومتر كيلو km متر مترا امتار
ثانيه ثواني seconds
دقيقه دقايق minutes
ساعه ساعات hours
يوم يوما ايام days
اسبوع اسبوعا اسابيع weeks
شهر شهرا اشهر months
سنه سنوات عام عاما اعوام years
مره مرات times
`

// twos maps words that count two to what they count.
var twos = map[string]measure{
	"ساعتين": measures["ساعه"], "ساعتان": measures["ساعه"], "يومين": measures["يوما"], "يومان": measures["يوما"],
	"اسبوعين": measures["اسابيع"], "اسبوعان": measures["اسابيع"], "شهرين": measures["شهرا"], "شهران": measures["شهرا"],
	"عامين": measures["عاما"], "عامان": measures["عاما"], "سنتين": measures["عاما"], "سنتان": measures["عاما"],
	"مرتين": measures["مره"], "دقيقتين": measures["دقيقه"], "دولارين": measures["دولار"], "ريالين": measures["ريال"],
	"شخصين": measures["شخص"], "قتيلين": measures["قتيلا"], "هاتفين": measures["هاتف"],
}

// numerals are folded number words. One is left out, since it mostly is no number.
var numerals = map[string]float64{
	"اثنان": 2, "اثنين": 2, "اثنتان": 2, "اثنتين": 2, "ثلاثه": 3, "ثلاث": 3, "اربعه": 4, "اربع": 4, "خمسه": 5,
	"خمس": 5, "سته": 6, "ست": 6, "سبعه": 7, "سبع": 7, "ثمانيه": 8, "ثماني": 8, "ثمان": 8, "تسعه": 9, "تسع": 9,
	"عشره": 10, "عشر": 10, "عشرون": 20, "عشرين": 20, "ثلاثون": 30, "ثلاثين": 30, "اربعون": 40, "اربعين": 40,
	"خمسون": 50, "خمسين": 50, "ستون": 60, "ستين": 60, "سبعون": 70, "سبعين": 70, "ثمانون": 80, "ثمانين": 80,
	"تسعون": 90, "تسعين": 90, "ميه": 100, "مايه": 100, "ميتان": 200, "ميتين": 200, "ميتا": 200, "ميتي": 200,
	"مايتان": 200, "مايتين": 200, "مايتا": 200, "مايتي": 200, "ثلاثميه": 300, "ثلاثمايه": 300, "اربعميه": 400,
	"اربعمايه": 400, "خمسميه": 500, "خمسمايه": 500, "ستميه": 600, "ستمايه": 600, "سبعميه": 700, "سبعمايه": 700,
	"ثمانميه": 800, "ثمانمايه": 800, "ثمانيمايه": 800, "تسعميه": 900, "تسعمايه": 900,
}

// alone are scales that need no number before them.
var alone = map[string]float64{
	"الف": 1e3, "الفان": 2e3, "الفين": 2e3, "الفي": 2e3, "مليون": 1e6, "مليونان": 2e6, "مليونين": 2e6,
	"مليوني": 2e6, "مليونا": 2e6, "مليار": 1e9, "ملياران": 2e9, "مليارين": 2e9, "ملياري": 2e9, "مليارا": 2e9,
	"تريليون": 1e12, "تريليوني": 2e12,
}

const half = "ونصف" // of the scale before it

// readWords reads a number in words at the start of ws, such as ثلاثة وثلاثون ألفا, and returns how many
// words it takes; 0: there is none.
func readWords(ws []string) (v float64, n int) {
	group, last := 0., 0. // what the next scale multiplies, and the scale before it
	for ; n < len(ws); n++ {
		w, and := strings.TrimPrefix(ws[n], "ب"), n == 0
		if n > 0 {
			w, and = strings.CutPrefix(ws[n], "و")
		}
		value, scale, below := numerals[w], scales[w], math.Mod(group, 100)
		switch {
		case and && value > 0 && (value <= 10 && below == 0 || value > 10 && value < 100 && below < 10 || group == 0):
			group += value
		case !and && value == 10 && group > 2 && group < 10: // ثلاثة عشر
			group += 10
		case !and && value == 100 && group > 2 && group < 10: // ثلاث مئة
			group *= 100
		case !and && scale > 0 && group > 0:
			v, group, last = v+group*scale, 0, scale
		case and && group == 0 && alone[w] > 0 && (n == 0 || alone[w] < last):
			v, last = v+alone[w], max(scale, alone[w]/2)
		case ws[n] == half && group == 0 && last > 0:
			v, last = v+last/2, 0
		default:
			return v + group, n
		}
	}
	return v + group, n
}
