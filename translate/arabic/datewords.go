package arabic

import "time"

// months holds the folded Gregorian month names of CLDR 48 for all Arab countries, and the other
// spellings that newspapers use.
var months = map[string]time.Month{
	"يناير": 1, "كانون الثاني": 1, "كانون ثاني": 1, "جانفي": 1,
	"فبراير": 2, "شباط": 2, "فيفري": 2, "ڤيفري": 2,
	"مارس": 3, "اذار": 3,
	"ابريل": 4, "نيسان": 4, "افريل": 4,
	"مايو": 5, "ايار": 5, "ماي": 5,
	"يونيو": 6, "يونيه": 6, "حزيران": 6, "جوان": 6,
	"يوليو": 7, "يوليه": 7, "تموز": 7, "جويليه": 7, "يوليوز": 7,
	"اغسطس": 8, "اب": 8, "اوت": 8, "غشت": 8, "اغشت": 8,
	"سبتمبر": 9, "ايلول": 9, "شتنبر": 9, "شتمبر": 9,
	"اكتوبر": 10, "تشرين الاول": 10, "تشرين اول": 10,
	"نوفمبر": 11, "نوڤمبر": 11, "تشرين الثاني": 11, "تشرين ثاني": 11, "نونبر": 11,
	"ديسمبر": 12, "كانون الاول": 12, "كانون اول": 12, "دجنبر": 12, "دجمبر": 12,
}

// monthNames are those of CLDR 48 that are the most widely read (Egypt, Gulf, Sudan, Libya, Yemen).
var monthNames = [...]string{"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو",
	"يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"}

// Month returns the name of m.
func Month(m time.Month) string { return monthNames[m-1] }

// latinMonths holds the month names of seven languages, each after a space: a prefix of a name stands
// for it.
var latinMonths = [...]string{
	" january janvier januari enero gennaio janeiro", " february février fevrier febrero fevereiro febbraio",
	" march mars märz maart marzo março", " april avril abril", " may mai mei mayo maggio maio",
	" june juin junio giugno", " july juillet julio luglio", " august août aout agosto",
	" september septiembre settembre setembro",
	" october octobre oktober outubro ottobre", " november novembre noviembre",
	" december décembre dezember diciembre dicembre dezembro",
}

// latinFillers are Latin words that add nothing to a date, each after a space. A prefix stands for the
// word.
const latinFillers = " monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi" +
	" samedi dimanche published posted updated date at on the of de à le um h st nd rd th er"

// fillers are folded words in a date that add nothing to it.
var fillers = wordSet(`الاحد الاثنين الثلاثاء الثلاثا الاربعاء الخميس الجمعه السبت احد اثنين ثلاثاء اربعاء خميس جمعه سبت
 يوم الساعه في من شهر عام سنه بتوقيت توقيت التوقيت بالتوقيت المحلي الرسمي العربي بتاريخ تاريخ النشر المكرمه و تمام
 الموافق ل بعد منتصف س علي تم نشر نشرت اخر تحديث التحديث - + / : . , ( )`)

// dayHalves holds folded words for the half of the day; true: after noon.
var dayHalves = map[string]bool{
	"ص": false, "صباحا": false, "الصبح": false, "الليل": false, "فجرا": false, "am": false, "a.m": false,
	"م": true, "مساء": true, "عصرا": true, "ليلا": true, "ظهرا": true, "الظهر": true, "pm": true, "p.m": true,
}

// zones holds folded names of time zones, in minutes east of Greenwich. Of zones with the same name it
// has the Arabian one.
var zones = map[string]int{
	"z": 0, "ut": 0, "gmt": 0, "utc": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "wat": 60, "cest": 120,
	"mesz": 120, "cat": 120, "sast": 120, "eet": 120, "eest": 180, "eat": 180, "trt": 180, "msk": 180, "ast": 180,
	"ksa": 180, "arab": 180, "arabian": 180, "irst": 210,
	"gst": 240, "uae": 240, "pkt": 300, "ist": 330, "hkt": 480, "sgt": 480, "jst": 540, "kst": 540,
	"aest": 600, "aedt": 660, "edt": -240, "est": -300, "cdt": -300, "cst": -360, "mdt": -360, "mst": -420,
	"pdt": -420, "pst": -480,
	"غرينتش": 0, "جرينتش": 0, "غرينيتش": 0, "العالمي": 0, "الجزاير": 60, "تونس": 60, "ليبيا": 120,
	"مكه": 180, "الرياض": 180, "السعوديه": 180, "بغداد": 180, "العراق": 180, "الكويت": 180, "الدوحه": 180, "قطر": 180,
	"البحرين": 180,
	"صنعاء":   180, "دمشق": 180, "ابوظبي": 240, "ظبي": 240, "دبي": 240, "الامارات": 240, "الخليج": 240, "مسقط": 240,
}

// places holds the IANA zones of folded names of places whose offset changes.
var places = map[string]string{
	"القاهره": "Africa/Cairo", "مصر": "Africa/Cairo", "بيروت": "Asia/Beirut", "لبنان": "Asia/Beirut",
	"القدس": "Asia/Hebron", "فلسطين": "Asia/Hebron", "غزه": "Asia/Gaza", "المغرب": "Africa/Casablanca",
}

// spans holds folded words for a length of time.
var spans = map[string]time.Duration{
	"ثانيه": time.Second, "ثواني": time.Second, "ثوان": time.Second, "دقيقه": time.Minute, "دقايق": time.Minute,
	"ساعه": time.Hour, "ساعات": time.Hour, "يوم": day, "يوما": day, "ايام": day,
	"اسبوع": 7 * day, "اسابيع": 7 * day, "اسبوعا": 7 * day,
	"دقيقتين": 2 * time.Minute, "ساعتين": 2 * time.Hour, "يومين": 2 * day, "اسبوعين": 14 * day,
}

const day = 24 * time.Hour
