package dedupe

import (
	"cmp"
	_ "embed" // for placeLists
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

// spot is a name of places.
type spot struct {
	rest []string // its words after the first
	at   []place
	weak bool // it means one of several places, or only looks like one
}

//go:embed places.txt
var placeLists string

// addPlaces reads placeLists: a country a line, with its ISO code, its names, then | and its large cities
// and states, other spellings after /, further ones after | on the next line; a _ stands for a space.
// After an empty line come words of several countries or of none, with the ISO codes. It is our own list,
// and stored signatures hold the positions of cities, so their order stays.
func (v vocabulary) addPlaces() {
	countries, manifold, _ := strings.Cut(placeLists, "\n\n")
	at := place(0)
	for line := range strings.Lines(countries) {
		names, cities, _ := strings.Cut(line, "|")
		if f := strings.Fields(names); len(f) > 0 {
			at = placeOf(f[0])
			for _, name := range f[1:] {
				v.addPlace(name, false, at)
				if !strings.Contains(name, "_") {
					v.at(stemOf(name)).country, v.at(stemOf(adjective(arabic.Fold(name)))).country = f[0], f[0]
				}
			}
		}
		for city := range strings.FieldsSeq(cities) {
			at++
			for name := range strings.SplitSeq(city, "/") {
				v.addPlace(name, false, at)
			}
		}
	}
	for line := range strings.Lines(manifold) {
		f := strings.Fields(line)
		at := []place{}
		for _, code := range f[1:] {
			at = append(at, placeOf(code))
		}
		v.addPlace(f[0], true, at...)
	}
}

// addPlace files a name under its first word.
func (v vocabulary) addPlace(name string, weak bool, at ...place) {
	ws := strings.Fields(arabic.Fold(strings.ReplaceAll(name, "_", " ")))
	e := v.at(ws[0])
	e.places = append(e.places, spot{ws[1:], at, weak})
	slices.SortStableFunc(e.places, func(a, b spot) int { return cmp.Compare(len(b.rest), len(a.rest)) })
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

// placesAt returns the longest name of places at ts[i], and how many tokens it takes; 0: there is none.
func placesAt(ts []token, i int) (s spot, n int) {
	for w, e := ts[i].raw, ts[i].said; ; e = look(w) {
		for _, s := range e.places {
			if follows(ts[i+1:], s.rest) {
				return s, 1 + len(s.rest)
			}
		}
		if w = unjoined(w); w == "" {
			return spot{}, 0
		}
	}
}

// follows reports whether ts begins with words.
func follows(ts []token, words []string) bool {
	if len(words) > len(ts) {
		return false
	}
	for k, w := range words {
		if ts[k].raw != w {
			return false
		}
	}
	return true
}

// unjoined cuts a letter off a word that may be a word of its own, such as "and"; "": there is none.
func unjoined(w string) string {
	const shortest = len("مصر")
	if len(w) < 2+shortest {
		return ""
	}
	switch w[:2] {
	case "ل":
		if rest, ok := strings.CutPrefix(w[2:], "ل"); ok && len(rest) >= shortest {
			return "ال" + rest
		}
		return w[2:]
	case "و", "ف", "ب", "ك":
		return w[2:]
	}
	return ""
}
