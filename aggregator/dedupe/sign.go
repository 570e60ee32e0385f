package dedupe

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

const (
	maxTerms  = 512     // stems kept of a text: news has 100 to 400; a longer one is compared by a sample
	maxText   = 1 << 18 // bytes of text that are read: a hundred times a long article
	bandCount = 32      // of 4 rows, of which a copy shares three at least (bands.go)
	bandRows  = 4
)

// term is a stem of a text.
type term struct {
	hash  uint32
	count uint8 // at most maxCount
	name  bool  // a company, person or product, or a word in Latin letters
}

const maxCount = 127 // seven bits, the eighth says name

// Sign makes the signature of an item from its address, title and text.
func Sign(it feeds.Item) Signature {
	title, body := arabic.Fold(it.Title), arabic.Fold(plain(it.Main()))
	head := tokens(title, nil)
	n := len(head)
	all := tokens(body, slices.Grow(head, len(body)/10)) // a word takes about ten bytes
	s := Signature{lang: lang(it)}
	s.count(all)
	s.numbers = numbers(all)
	s.title = numbers(all[:n])
	s.marks = marks(all[:n], all[n:])
	s.identify(it.URL, title, body)
	if s.stems >= minStems {
		s.band()
	}
	return s
}

func lang(it feeds.Item) (b [2]byte) {
	l := it.Lang
	if l == "" {
		l = arabic.Lang(it.Title)
	}
	copy(b[:], strings.ToLower(l[:min(2, len(l))]))
	return b
}

// count fills terms and stems.
func (s *Signature) count(ts []token) {
	list := make([]term, 0, len(ts))
	for i := range ts {
		if t := &ts[i]; !t.stop {
			list = append(list, term{uint32(t.hash >> 32), 1, t.kind == name})
		}
	}
	slices.SortFunc(list, func(a, b term) int { return cmp.Compare(a.hash, b.hash) })
	out := list[:0]
	for _, t := range list {
		if n := len(out); n > 0 && out[n-1].hash == t.hash {
			out[n-1].count = min(out[n-1].count+1, maxCount)
			out[n-1].name = out[n-1].name || t.name
			continue
		}
		out = append(out, t)
	}
	s.stems = len(out) - distinctNumbers(ts)
	if len(out) > 0 {
		s.terms = slices.Clone(out[:min(len(out), maxTerms)])
	}
}

func distinctNumbers(ts []token) int {
	var hashes []uint32
	for i := range ts {
		if ts[i].kind == number && !ts[i].stop {
			hashes = append(hashes, uint32(ts[i].hash>>32))
		}
	}
	slices.Sort(hashes)
	return len(slices.Compact(hashes))
}

// band fills Bands: in each band the lowest of the terms' hashes under each of four fixed mixes.
func (s *Signature) band() {
	var lows [bandCount * bandRows]uint32
	for i := range lows {
		lows[i] = math.MaxUint32
	}
	for i := range s.terms {
		h := s.terms[i].hash
		for j := range lows {
			// multiply and shift: odd multipliers, one a row
			if v := (h ^ mixers[j][0]) * mixers[j][1]; v < lows[j] {
				lows[j] = v
			}
		}
	}
	s.Bands = make([]int64, bandCount)
	for b := range s.Bands {
		h := uint64(b) + 1
		for _, low := range lows[b*bandRows : (b+1)*bandRows] {
			h = mix(h ^ uint64(low))
		}
		s.Bands[b] = int64(h)
	}
}

// mixers are the rows' exclusive-or and odd multiplier, drawn from splitmix64 started at 1: any fixed numbers would do.
var mixers = func() (m [bandCount * bandRows][2]uint32) {
	for i := range m {
		h := mix(uint64(i+1) * 0x9E3779B97F4A7C15)
		m[i] = [2]uint32{uint32(h), uint32(h>>32) | 1}
	}
	return m
}()

// mix is the finaliser of splitmix64 (Steele, Lea and Flood 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// identify fills Identity. The address of a site's front page names no item; a title that says next to nothing, alone, no news.
func (s *Signature) identify(link, title, body string) {
	if clean := feeds.CleanURL(link); names(clean) {
		s.Identity = append(s.Identity, identity("url:"+clean, address))
	}
	if s.stems >= minStems || s.stems >= minBare && len(title) > 0 {
		s.Identity = append(s.Identity, identity("text:"+title+"\n"+body, words))
	}
}

// minBare is the fewest distinct stems of a text by which it may be known: «عاجل» and «خبر عاجل» may be any news.
const minBare = 3

func identity(s string, kind key) int64 {
	sum := sha256.Sum256([]byte(s))
	return int64(binary.LittleEndian.Uint64(sum[:8])&^1 | uint64(kind))
}

// names says whether an address is of one page, not of a whole site.
func names(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "")
}
