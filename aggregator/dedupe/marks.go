package dedupe

import (
	"cmp"
	"slices"
	"strings"
)

// mark is a hashed detail that tells a text from others of the same pattern. Its highest byte is its class.
type mark uint64

// class is a set of classes of marks.
type class uint8

const (
	model   class = 1 << iota // a version, model or generation in the title: 18.3.1, galaxy s25 edge
	country                   // in the title
	money                     // a currency in the title
	day                       // of the week or the month, in the title
	flaw                      // a CVE id anywhere: security advisories differ in little else
	edition                   // a numbered thing in the title: beta 2, the fourteenth generation
	mention                   // a model in title or first paragraphs
)

func (m mark) class() class { return class(m >> 56) }

func newMark(c class, s string) mark { return mark(uint64(c)<<56 | hash(s)>>8) }

// marks returns the marks of a text, whose title is ts, ascending and distinct.
func marks(ts, body []token, english bool) (out []mark) {
	for _, list := range [][]token{ts, lead(body)} {
		for i := 0; i < len(list); i++ {
			if s, n := modelAt(list, i, english); n > 0 {
				out = append(out, newMark(mention, s))
				i += n - 1
			}
		}
	}
	for _, list := range [][]token{ts, body} {
		for i := range list {
			if t := &list[i]; t.kind == code && strings.HasPrefix(t.text, "cve-") {
				out = append(out, newMark(flaw, t.text))
			}
		}
	}
	for i := 0; i < len(ts); i++ {
		t := &ts[i]
		if t.of != "" {
			out = append(out, newMark(edition, t.of+" "+t.text))
			continue
		}
		if s, n := modelAt(ts, i, english); n > 0 {
			c := model
			if i > 0 && t.kind == number && versioned[ts[i-1].text] != "" {
				c = edition
			}
			out = append(out, newMark(c, s))
			i += n - 1
			continue
		}
		switch {
		case t.kind == number && i+1 < len(ts) && ts[i+1].month:
			out = append(out, newMark(day, t.text+" "+ts[i+1].text))
		case places[t.text] != "":
			out = append(out, newMark(country, places[t.text]))
		case currencies[t.text]:
			out = append(out, newMark(money, t.text))
		case weekdays[t.text] || i > 0 && ambiguous[t.text] && (ts[i-1].text == "يوم" || ts[i-1].text == "اليوم"):
			out = append(out, newMark(day, t.text))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// modelAt reads the model at ts[i], including words such as "pro", and returns how many tokens it takes;
// 0: there is no model.
func modelAt(ts []token, i int, english bool) (s string, n int) {
	t := &ts[i]
	s, n = t.text, 1
	switch {
	case t.kind == code && !generations[t.text]:
	case t.kind == number && i > 0 && precedes(&ts[i-1], english) && !t.unit && !t.year &&
		!(i+1 < len(ts) && ts[i+1].month):
		s = cmp.Or(versioned[ts[i-1].text], ts[i-1].text) + " " + s
	case t.known && !companies[t.text] && i+1 < len(ts) && variants[ts[i+1].text] != "": // iPad Air, iPad Pro
	default:
		return "", 0
	}
	for i+n < len(ts) && variants[ts[i+n].text] != "" {
		s += " " + variants[ts[i+n].text]
		n++
	}
	return s, n
}

// generations are codes that name a technology, not a product.
var generations = set(`3g 4g 5g 6g 4k 8k 2d 3d wi-fi6 wi-fi7`)

// precedes reports whether a number after t is a model or version: after product names, but not after
// companies or arbitrary English words.
func precedes(t *token, english bool) bool {
	return t.kind == name && !companies[t.text] && (t.known || !english) || versioned[t.text] != ""
}

// versioned maps stems of numbered things to the word by which they are compared.
var versioned = map[string]string{
	"جيل": "gen", "generation": "gen",
	"اصدار": "version", "نسخ": "version", "نسخت": "version", "version": "version",
	"بيتا": "beta", "تجريب": "beta", "سلسل": "series", "نوت": "note", "ووتش": "watch",
	"رحل": "flight", "رحلت": "flight", "flight": "flight", "مهم": "mission", "mission": "mission",
}

// companies are names after which a number counts things.
var companies = set(`
	deepseek nvidia apple google alphabet microsoft facebook instagram whatsapp tiktok bytedance telegram snapchat
	youtube twitter spacex starlink tesla musk altman zuckerberg huang pichai openai anthropic mistral stargate
	oracle softbank amazon alibaba tencent baidu samsung huawei xiaomi oppo honor oneplus nokia ericsson qualcomm
	mediatek intel amd tsmc broadcom sony nintendo paypal bitcoin ethereum binance netflix spotify uber stc mobily
	vodafone sdaia app-store google-play`)

// variants maps stems that, after a model, make it another model.
var variants = map[string]string{
	"ultra": "ultra", "الترا": "ultra", "pro": "pro", "برو": "pro", "plus": "plus", "بلس": "plus",
	"max": "max", "ماكس": "max", "edge": "edge", "ايدج": "edge", "mini": "mini", "مين": "mini",
	"lite": "lite", "لايت": "lite", "air": "air", "اير": "air", "fe": "fe", "fold": "fold", "فولد": "fold",
	"flip": "flip", "فليب": "flip", "se": "se", "slim": "slim", "سليم": "slim",
	"turbo": "turbo", "تربو": "turbo", "ti": "ti", "super": "super", "سوبر": "super",
}

// places maps stems of country names to ISO codes.
var places = map[string]string{
	"مصر": "eg", "سعود": "sa", "امار": "ae", "كويت": "kw", "قطر": "qa", "بحر": "bh", "بحرين": "bh", "اردن": "jo",
	"عراق": "iq", "سور": "sy", "لبن": "lb", "لبنان": "lb", "مغرب": "ma", "جزاير": "dz", "تونس": "tn",
	"ليب": "ly", "ليبيا": "ly",
	"سوريا": "sy", "سود": "sd", "سودان": "sd", "يمن": "ye", "فلسط": "ps", "فلسطين": "ps", "تركيا": "tr", "هند": "in",
	"صين": "cn", "اوروبا": "eu", "روسيا": "ru", "بريطانيا": "gb", "فرنسا": "fr", "المانيا": "de",
}

var currencies = stems(`
	دولار دولارا دولارات جنيه جنيها جنيهات ريال ريالا ريالات درهم درهما دراهم دينار دينارا دنانير يورو ليرة يوان
	روبية وون`)

// Stems of weekdays. The ambiguous ones are also other words (one of, two, gathered), so they need يوم before them.
var (
	weekdays  = set(`ثلاثاء اربعاء خميس سبت`)
	ambiguous = set(`احد اثن جمع`)
)
