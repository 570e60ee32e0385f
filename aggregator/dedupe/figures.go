package dedupe

import (
	"math"
	"strings"
)

// measure is what a number counts; 0: anything. Numbers are compared with others of their measure only.
// Those of words.txt have names here where rules need them.
type measure uint8

const (
	percent measure = 2
	dollar  measure = 4
	yen     measure = 14
	years   measure = math.MaxUint8 // a year of the calendar
)

// money reports whether m is a currency.
func (m measure) money() bool { return m >= dollar && m <= yen }

const half = "ونصف" // of the scale before it

// readWords reads a number in words at the start of ws, such as ثلاثة وثلاثون ألفا, and returns how many
// words it takes; 0: there is none. The lists say first of the first word.
func readWords(ws []string, first *entry) (v float64, n int) {
	if !first.begins {
		return 0, 0
	}
	group, last := 0., 0. // what the next scale multiplies, and the scale before it
	for ; n < len(ws); n++ {
		w, and := strings.TrimPrefix(ws[n], "ب"), n == 0
		if n > 0 {
			w, and = strings.CutPrefix(ws[n], "و")
		}
		e, below := look(w), math.Mod(group, 100)
		value, scale := e.number, e.scale
		switch {
		case and && value > 0 && (value <= 10 && below == 0 || value > 10 && value < 100 && below < 10 || group == 0):
			group += value
		case !and && value == 10 && group > 2 && group < 10: // ثلاثة عشر
			group += 10
		case !and && value == 100 && group > 2 && group < 10: // ثلاث مئة
			group *= 100
		case !and && scale > 0 && group > 0:
			v, group, last = v+group*scale, 0, scale
		case and && group == 0 && e.alone > 0 && (n == 0 || e.alone < last):
			v, last = v+e.alone, max(scale, e.alone/2)
		case ws[n] == half && group == 0 && last > 0:
			v, last = v+last/2, 0
		default:
			return v + group, n
		}
	}
	return v + group, n
}
