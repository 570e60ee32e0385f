package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestQuantitiesAreRead(t *testing.T) {
	for _, c := range []struct {
		text, want string
		arabic     bool
	}{
		{"مليون و200 ألف جهاز", "1200000 device", true},
		{"خمسة وعشرون ألف دولار", "25000 $dollar", true},
		{"ثلاثة ملايين ونصف المليون", "3500000", true},
		{"تريليوني يوان", "2000000000000 $yuan", true},
		{"بين 20 و30 ألف جنيه", "20|20000 $pound, 30000 $pound", true},
		{"مليوني وثلاثة ملايين عام", "2000000, 3000000 year", true},
		{"مئة وسبعة وتسعون", "197", true},
		{"الثاني عشر", "12", true},
		{"خمسينيات القرن التاسع عشر", "1850|50 #s, 19", true},
		{"76.000 جهاز و١٬٥ مليون", "76000 device, 1500000", true},
		{"16 000 درهم", "16000 $dirham", true},
		{"999 ر.س و49 د.إ", "999 $riyal/sa, 49 $dirham/ae", true},
		{"٪٢٫٥ و3 نقاط مئوية و4 في المئة", "2.5 %, 3 %, 4 %", true},
		{"في 28/1/2025 الساعة 8:30 مساء", "28, 1, 2025, 510 clock", true},
		{"15 كانون الأول/ديسمبر", "15 date, 12 month, 12 month", true},
		{"40 درجة مئوية تحت الصفر", "-40 degree", true},
		{"ساعة ونصف و5 دولارات و50 سنتا", "1.5 hour, 5.5 $dollar", true},
		{"ملايين المستخدمين", "1000000 many", true},
		{"a half-billion-dollar deal", "500000000 $dollar", false},
		{"two and a half thousand units, some four dozen", "2500, 48", false},
		{"Fifty-eight percent, 25 per cent", "58 %, 25 %", false},
		{"US$1.2bn, SAR 999, 500 Congolese francs", "1200000000|1.2 $dollar/us, 999 $riyal/sa, 500 $franc", false},
		{"from 1950-53", "1950 #, 53|1953", false},
		{"since '98, the ’08 crash and 'only 12 left'", "98|1998, 8|2008, 12", false},
		{"at 8.30pm, noon or 20:30", "8.3, 0 clock, 1230 clock", false},
		{"an hour and a half in the 1990s", "1.5 hour, 1990", false},
		{"a 6-foot-6 player and 29½ inches", "6.6|6, 29.5 inch", false},
		{"May launch on May 5", "5 month, 5 month, 5 date", false},
	} {
		var got []string
		for _, q := range scan(c.text, "", c.arabic) {
			s := fmt.Sprint(q.value)
			if q.value >= 1e6 {
				s = fmt.Sprintf("%.0f", q.value)
			}
			if q.negative {
				s = "-" + s
			}
			if q.alt != 0 {
				s += fmt.Sprintf("|%v", q.alt)
			}
			got = append(got, strings.TrimSpace(s+" "+q.unit))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %s, want %s", c.text, s, c.want)
		}
	}
}

// Every wrong pair of these kinds is noticed, and no right one.
func TestLabelledQuantities(t *testing.T) {
	for _, p := range readSet(t, "testdata/bad.jsonl") {
		switch p.Kind {
		case "digit", "scale", "scale dropped", "currency", "percentages swapped", "figures swapped",
			"month or weekday",
			"sign", "per cent lost", "another amount":
			if len(quantities(newPair(p.Ar, p.En))) == 0 {
				t.Errorf("%s is not noticed: %s: %s", p.Kind, p.Ar, p.En)
			}
		}
	}
	for _, p := range readSet(t, "testdata/good.jsonl") {
		if f := quantities(newPair(p.Ar, p.En)); len(f) > 0 && p.Kind == "quantity" {
			t.Errorf("%v: %s: %s", f, p.Ar, p.En)
		}
	}
}

func TestReportedQuantities(t *testing.T) {
	for _, c := range []struct {
		ar, en string
		ok     bool
	}{
		{"سجل الموقع 2.200.112 زيارة", "The site had 2,200,12 visits", false},
		{"بلغ عدد الجنود 244890 جنديا", "There were 24,490 soldiers", false},
		{"قرض بقيمة خمسين ألف روبية على ستة وثلاثين شهرا",
			"A loan of twenty-five thousand rupees over thirty months", false},
		{"ارتفع الاحتياطي من 1.153 مليار إلى 585.895 مليار دولار",
			"Reserves rose from $1 billion to $2 billion", false},
		{"102", "The number of people", false},
		{"الرقم الضريبي BE0768880101", "VAT number: BE076880101", false},
		{"الأيام 1 و2 و3 و4 و5", "The days 1, 2, 3, 4 and 5 5", false},
		{"إيرادات 9 مليارات يوان", "Revenue of 90 billion yuan", false},
		{"يبعد 68 كيلومترا", "It is 68 miles away", false},
		{"سعة 512 جيجابايت", "512 TB of storage", false},
		{"خلال 5 أيام", "Within five weeks", false},
		{"مقاسها 29½ بوصة", "It measures 28½ inches", false},
		{"مئتا ألف مشترك", "Two million subscribers", false},
		{"أضاف 6 بوصات", "It added 6 cm", false},
		{"الساعة 8:15 صباحا", "At 8:15 p.m.", false},
		{"الإجمالي 200 000 دولار", "The total is $2,000", false},
		{"المقاس 29½ بوصة", "It measures 29½ inches", true},
		{"مئتا ألف مشترك", "200,000 subscribers", true},
		{"قرابة الف شخص", "About 1,000 people", true},
		{"في ٢٤/٢/2017", "On February 24, 2017", true},
		{"تأسست عام 1998", "Founded in '98", true},
		{"تأسست عام 1998", "Founded in '89", false},
		{"الإجمالي 200 000 دولار", "The total is $200,000", true},
		{"مئة وسبعة وتسعون جهازا", "197 devices", true},
		{"الساعة 16:45", "At 4:45 p.m.", true},
		{"الساعة 00:30", "At 12:30 a.m.", true},
		{"الرقم الضريبي BE0768880101", "VAT number BE 0768 880 101", true},
		{"نمت 0,5 في المئة", "It grew by half a percent", true},
		{"رمز التحقق 6171-1231-1311", "The verification code is the number of people", false},
	} {
		if got := quantities(newPair(c.ar, c.en)); (len(got) == 0) != c.ok {
			t.Errorf("%s: %s: %v", c.ar, c.en, got)
		}
	}
}

// What is wrong beyond doubt is withheld; what may be right is a doubt.
func TestCertainQuantities(t *testing.T) {
	for _, c := range []struct {
		ar, en string
		sure   bool
	}{
		{"باع 3 هواتف", "It sold 5 phones", true},
		{"غرامة 5 مليارات دولار", "A $5 fine", true},
		{"السعر 999 ر.س", "The price is $999", true},
		{"انخفض بنسبة 17%", "It fell by 17", true},
		{"في 11 نوفمبر", "On December 11", true},
		{"الحرارة -40 مئوية", "It is 40 Celsius", true},
		{"أرباح 300 مليون", "Profit", true},
		{"ثلاثة مديرين", "Five executives", false},
		{"أفضل هواتف 2024", "The best phones of the year", false},
		{"بعد 90 يوما", "After three months", false},
		{"هبط 5% وصعد 9%", "It fell 9% and rose 5%", false},
		{"باعت الشركة هواتف", "It sold 500 phones", false},
	} {
		got := quantities(newPair(c.ar, c.en))
		if sure := slices.ContainsFunc(got, func(p Problem) bool { return !p.Doubt }); len(got) == 0 || sure != c.sure {
			t.Errorf("%s: %s: %v", c.ar, c.en, got)
		}
	}
}

func TestManyNumbersEndSoon(t *testing.T) {
	for _, s := range []string{"1 ", "1 234 ", "1-", "1/", "1:", "مليون و", "5 ألف ", "١٬٢٣٤،", "$", "ر.", "a half "} {
		long := strings.Repeat(s, 20000)
		if got := quantities(newPair(long, "7 "+long+" x")); strings.Contains(s, "1 ") && len(got) == 0 {
			t.Errorf("%q: no fault", s)
		}
	}
}
