package feeds

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/nashra/nashra/translate/arabic"
)

// Shared lists values that identify no item of a source, because different items had them. It holds
// a hash of each, the last found first, and forgets the oldest of more than maxShared.
type Shared string

const (
	maxShared = 64 // 1 KB in a source's row; a few sources share more than one value
	hashSize  = 16 // the kind of a value, hex digits of its hash, and a space
)

// hashed returns the hash of a value as Shared holds it: with a T if the value is a headline.
func hashed(value string) string {
	sum := sha256.Sum256([]byte(value))
	kind := "K"
	if strings.HasPrefix(value, headline) {
		kind = "T"
	}
	return kind + hex.EncodeToString(sum[:hashSize/2-1]) + " "
}

// Keys reports whether s holds values of keys, not of headlines only.
func (s Shared) Keys() bool { return strings.Contains(string(s), "K") }

// Has reports whether s holds value.
func (s Shared) Has(value string) bool { return s != "" && strings.Contains(string(s), hashed(value)) }

// With returns s with value as the last found.
func (s Shared) With(value string) Shared {
	h := hashed(value)
	s = Shared(h + strings.ReplaceAll(string(s), h, ""))
	return s[:min(len(s), maxShared*hashSize)]
}

// Level says which of its keys an item is identified by.
type Level int

// The levels, most telling first.
const (
	ByGUID     Level = iota
	ByLink           // CleanURL
	ByFragment       // the link with its fragment
	ByTitle          // link and title
	ByDate           // link, title and date, or text if there is no date
	levels
)

// Key returns the key of it at a level; empty: it has none.
func (it *Item) Key(l Level) string {
	if l == ByGUID {
		return cmp.Or(it.Own, it.GUID)
	}
	page, fragment, _ := strings.Cut(it.URL, "#")
	if l == ByFragment && fragment == "" {
		return ""
	}
	if page != "" {
		page = CleanURL(page)
	}
	if fragment != "" && l > ByLink {
		page += "#" + fragment
	}
	if l <= ByFragment {
		return page
	}
	key := Hostless(page) + "\x00" + arabic.Fold(it.Title)
	if l == ByDate && it.Published.IsZero() {
		it.Complete()
		key += "\x00" + it.Main()
	} else if l == ByDate {
		key += "\x00" + it.Published.UTC().Format(time.RFC3339)
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

// Value returns what an item shares with another if the key of a level identifies neither. It is
// the key without what a host changes for all its addresses at once. Empty: there is no key.
func (it *Item) Value(l Level) string {
	key := it.Key(l)
	if l == ByGUID && strings.HasPrefix(key, "http") {
		page, fragment, found := strings.Cut(key, "#")
		if key = CleanURL(page); found {
			key += "#" + fragment
		}
	}
	return Hostless(key)
}

// headline begins the values of titles.
const headline = "title: "

// Headline returns the value of the title, which the items of a series share.
func (it *Item) Headline() string { return headline + arabic.Fold(it.Title) }

// Level returns the level of the key that is it.GUID.
func (it *Item) Level() Level {
	for l := ByLink; l < levels; l++ {
		if it.Key(l) == it.GUID {
			return l
		}
	}
	return ByGUID
}

// SameTitle reports whether two titles have the same words.
func (it *Item) SameTitle(other *Item) bool {
	return it.Title == other.Title || arabic.Fold(it.Title) == arabic.Fold(other.Title)
}

// SameText reports whether two items have the same text, pictures and files. An empty text is the same
// as any: a line that all items of a document begin with is not kept.
func (it *Item) SameText(other *Item) bool {
	it.Complete()
	other.Complete()
	a, b := it.Main(), other.Main()
	return (a == b || a == "" || b == "") && sameFiles(it.Enclosures, other.Enclosures) &&
		sameFiles(it.Images, other.Images)
}

func sameFiles(a, b []Enclosure) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if FileKey(a[i].URL) != FileKey(b[i].URL) {
			return false
		}
	}
	return true
}

// SameDate reports whether two items have dates, and the same one.
func (it *Item) SameDate(other *Item) bool {
	return !it.Published.IsZero() && it.Published.Equal(other.Published)
}

// Differs reports whether two items of one document are different ones, though a key is the same.
// Versions of one Atom entry have its title and link, and its date or its text.
func (it *Item) Differs(other *Item) bool {
	switch linked := it.SameLink(other); {
	case !it.SameTitle(other):
		return true
	case it.SameText(other):
		return !linked && it.Series(other)
	default:
		return !linked || !it.SameDate(other)
	}
}

// SameLink reports whether two items link to the same place, or neither does.
func (it *Item) SameLink(other *Item) bool {
	return it.Value(ByLink) == other.Value(ByLink) && it.Key(ByFragment) == other.Key(ByFragment)
}

// rerun is how far apart the items of a daily series are dated at least. Items with the same title
// and text that are closer are one item that was posted twice.
const rerun = 20 * time.Hour

// Dated reports whether two items both have dates.
func (it *Item) Dated(other *Item) bool { return !it.Published.IsZero() && !other.Published.IsZero() }

// Reruns reports whether two items are dated as far apart as those of a daily series.
func (it *Item) Reruns(other *Item) bool {
	return it.Dated(other) && it.Published.Sub(other.Published).Abs() >= rerun
}

// Series reports whether two items with the same title are different items of a series.
func (it *Item) Series(other *Item) bool {
	return it.SameTitle(other) && (!it.SameText(other) || it.Reruns(other))
}

// Identify sets the GUID of each item to the first of its keys that identifies it, and drops repeated
// items. It returns shared with the values that different items share. The address of the source's
// home page, site, identifies nothing either.
func Identify(items []Item, site string, shared Shared) ([]Item, Shared) {
	home := Hostless(CleanURL(site))
	host, _, _ := strings.Cut(home, "/")
	nothing := map[string]bool{"": true, home: true, host + "/": true}
	settled := make([]bool, len(items))
	values := make([]string, len(items))
	for l := range levels {
		first := map[string]*Item{}
		for i := range items {
			it := &items[i]
			if settled[i] && l > ByFragment {
				continue
			}
			v := it.Value(l)
			values[i] = v
			if other := first[v]; other == nil {
				first[v] = it
			} else if v != "" && it.Differs(other) {
				nothing[v], shared = true, shared.With(v)
			}
		}
		for i := range items {
			it := &items[i]
			if settled[i] || l < levels-1 && (nothing[values[i]] || shared.Has(values[i])) {
				continue
			}
			settled[i] = true
			if l > ByGUID {
				it.Own, it.GUID = it.Key(ByGUID), it.Key(l)
			}
		}
	}
	return distinct(items, shared)
}

// distinct drops items whose GUID an earlier one has, and adds the headlines of series to shared.
func distinct(items []Item, shared Shared) ([]Item, Shared) {
	seen, titled := make(map[string]bool, len(items)), make(map[string]*Item, len(items))
	kept := items[:0]
	for _, it := range items {
		if seen[it.GUID] {
			continue
		}
		seen[it.GUID] = true
		kept = append(kept, it)
		if other := titled[it.Title]; other == nil {
			titled[it.Title] = &kept[len(kept)-1]
		} else if it.Series(other) {
			shared = shared.With(it.Headline())
		}
	}
	return kept, shared
}
