package dedupe

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mark is a detail that tells a text from others of the same pattern. Its highest byte is its class.
type mark uint64

// class is a class of marks.
type class uint8

// Marks of a title are compared with those of the other title, except places, names and figures: these
// are compared with all that the other says, in its title or its text.
const (
	model    class = iota + 1 // a version, model or generation: 18.3.1, galaxy s25 edge
	money                     // a currency
	day                       // of the week or the month; also the day that a text begins with as today
	flaw                      // a CVE id, in the text too: security advisories differ in little else
	edition                   // a numbered thing: beta 2, the fourteenth generation
	where                     // a place
	inText                    // a place in the text
	named                     // a company, a person or a product
	nameText                  // the same, in the text
	figure                    // a number, with what it counts
	figText                   // a number in the text
	mention                   // a model in title or first paragraphs
)

// most is how many marks of a class a text has at the most: a longer list is a table.
const most = 64

const markBits = 56

func (m mark) class() class { return class(m >> markBits) }

func newMark(c class, value uint64) mark { return mark(uint64(c)<<markBits | value) }

// hashed is a mark of a string. 32 bits are enough, and take half the room: a clash only hides a conflict.
func hashed(c class, s string) mark { return newMark(c, hash(s)>>32) }

// figureMark holds a number with the precision of a float32.
func figureMark(c class, v float64, of measure) mark {
	return newMark(c, uint64(of)<<32|uint64(math.Float32bits(float32(v))))
}

func (m mark) measure() measure { return measure(m >> 32) }
func (m mark) value() float64   { return float64(math.Float32frombits(uint32(m))) }

func (m mark) number() string { return strconv.FormatFloat(m.value(), 'f', -1, 32) }

// of returns the marks of class c, of a sorted list.
func of(marks []mark, c class) []mark {
	from, _ := slices.BinarySearch(marks, newMark(c, 0))
	to, _ := slices.BinarySearch(marks, newMark(c+1, 0))
	return marks[from:to]
}

// marker collects marks, at most most of each class.
type marker struct {
	marks []mark
	count [mention + 1]int
}

func (w *marker) add(m mark) {
	if c := m.class(); w.count[c] < most && !slices.Contains(w.marks, m) {
		w.count[c]++
		w.marks = append(w.marks, m)
	}
}

// marksOf returns the marks of a text, ascending and distinct.
func marksOf(title, body []token, english bool, at time.Time) []mark {
	var w marker
	w.models(title, english)
	w.today(body[:min(len(body), openWords)], at)
	for _, list := range [][]token{title, lead(body)} {
		for i := 0; i < len(list); i++ {
			if s, n := modelAt(list, i, english); n > 0 {
				w.add(hashed(mention, s))
				i += n - 1
			}
		}
	}
	for n, list := range [][]token{title, body} {
		for i := range list {
			t := &list[i]
			if t.kind == code && strings.HasPrefix(t.text, "cve-") {
				w.add(hashed(flaw, t.text))
			}
		}
		w.details(list, class(n), english)
	}
	slices.Sort(w.marks)
	return slices.Clip(w.marks)
}

// models adds the marks that are compared between titles.
func (w *marker) models(ts []token, english bool) {
	for i := 0; i < len(ts); i++ {
		t := &ts[i]
		if t.of != "" {
			w.add(hashed(edition, t.of+" "+t.text))
			continue
		}
		if s, n := modelAt(ts, i, english); n > 0 {
			c := model
			if i > 0 && t.kind == number && versioned[ts[i-1].text] != "" {
				c = edition
			}
			w.add(hashed(c, s))
			i += n - 1
			continue
		}
		switch {
		case t.kind == number && i+1 < len(ts) && ts[i+1].month:
			w.add(hashed(day, t.text+" "+ts[i+1].text))
		case currencies[t.text]:
			w.add(newMark(money, uint64(measures[t.text])))
		case slices.Contains(weekdays[:], t.text) &&
			(!ambiguous[t.text] || i > 0 && (ts[i-1].text == "يوم" || ts[i-1].text == "اليوم")):
			w.add(hashed(day, t.text))
		}
	}
}

// today adds the day that an opening calls today, by its name, or «هذا اليوم» as bulletins do: then it is
// the day that the item is dated.
func (w *marker) today(opening []token, at time.Time) {
	for i := range max(0, len(opening)-1) {
		switch before, t := opening[i].text, opening[i+1].text; {
		case before == "اليوم" && slices.Contains(weekdays[:], t):
			w.add(hashed(day, t))
		case t == "اليوم" && (before == "هذا" || before == "لهذا"):
			w.add(hashed(day, weekdays[at.Add(arabClock).Weekday()]))
		}
	}
}

// details adds the places, names and figures of a title, or of a text if further is 1.
func (w *marker) details(ts []token, further class, english bool) {
	for i := 0; i < len(ts); i++ {
		t := &ts[i]
		found, n := placesAt(ts, i)
		for _, l := range found {
			switch {
			case l.at == 0:
			case l.weak:
				w.add(newMark(inText, uint64(l.at)))
			default:
				w.add(newMark(where+further, uint64(l.at)))
			}
		}
		switch {
		case len(found) > 0:
			i += n - 1
		case twos[t.raw] != 0:
			w.add(figureMark(figure+further, 2, twos[t.raw]))
		case places[t.text] != "":
			w.add(newMark(inText, uint64(placeOf(places[t.text]))))
		case t.stop, t.kind == word, generations[t.text]:
		case t.kind == number:
			if further == 1 || t.of == "" && !(i+1 < len(ts) && ts[i+1].month) {
				w.add(figureMark(figure+further, t.value, t.counts))
			}
		case t.known || !english || t.kind == code:
			w.add(hashed(named+further, t.text))
		}
	}
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
	"بيتا": "beta", "beta": "beta", "تجريب": "beta", "سلسل": "series", "نوت": "note", "ووتش": "watch",
	"دور": "round", "لدور": "round", "round": "round",
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

var currencies = stems(`
	دولار دولارا دولارات جنيه جنيها جنيهات ريال ريالا ريالات درهم درهما دراهم دينار دينارا دنانير يورو ليرة يوان
	روبية وون`)

// Stems of weekdays, from Sunday. The ambiguous ones are also other words (one of, two, gathered), so in a title
// they need يوم before them.
var (
	weekdays  = [...]string{"احد", "اثن", "ثلاثاء", "اربعاء", "خميس", "جمع", "سبت"}
	ambiguous = set(`احد اثن جمع`)
)

const arabClock = 3 * time.Hour // how far the clocks of most Arab outlets are ahead of UTC

const leadWords = 60 // words of the text that describe the event, without stop words: two or three paragraphs

// lead returns the tokens of the first paragraphs.
func lead(ts []token) []token {
	n := 0
	for i := range ts {
		if n == leadWords {
			return ts[:i]
		}
		if !ts[i].stop {
			n++
		}
	}
	return ts
}
