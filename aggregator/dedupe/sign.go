package dedupe

import (
	"crypto/sha256"
	"encoding/binary"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

const (
	maxTerms  = 128     // stems kept of a text: of a longer one those with the lowest hashes, the same sample of each
	maxText   = 1 << 18 // bytes of text that are read: a hundred times a long article
	bandCount = 40      // of which a copy shares three at least (index.go)
	bandRows  = 5
)

// term is the hash of a stem of a text. Its lowest bit says that it is a number.
type term = uint32

// scratch is what signing needs and nothing keeps.
type scratch struct {
	folded       []byte
	words        []string
	tokens       []token
	terms, spare []term
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// Sign makes the signature of an item from its address, title and text, in the words that are known.
func Sign(it feeds.Item, known arabic.Lexicon) Signature {
	w := scratches.Get().(*scratch)
	defer scratches.Put(w)
	text := sanitize.TextOf(it.Main())
	text = text[:min(len(text), maxText)]
	w.folded = append(arabic.AppendFold(append(w.folded[:0], "text:"...), it.Title), '\n')
	body := len(w.folded)
	w.folded = arabic.AppendFold(w.folded, text)
	folded := string(w.folded)
	w.words = split(folded[len("text:"):body-1], w.words[:0])
	w.tokens = tokens(w.words, known, w.tokens[:0])
	priced(it.Title, w.tokens)
	n := len(w.tokens)
	w.words = split(folded[body:], w.words[:0])
	w.tokens = tokens(w.words, known, w.tokens)

	s := Signature{lang: lang(it)}
	w.count(&s)
	s.numbers = numbers(w.tokens)
	s.title = numbers(w.tokens[:n])
	s.marks = marks(w.tokens[:n], w.tokens[n:], s.english())
	s.events(w.tokens[:n], w.tokens[n:])
	s.identify(it.URL, w.folded, body-1 > len("text:"))
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

// count fills stems, terms and Bands of s.
func (w *scratch) count(s *Signature) {
	w.terms = w.terms[:0]
	for i := range w.tokens {
		if t := &w.tokens[i]; !t.stop {
			h := term(t.hash>>32) &^ 1
			if t.kind == number {
				h |= 1
			}
			w.terms = append(w.terms, h)
		}
	}
	all := slices.Compact(w.sorted())
	for _, t := range all {
		s.stems += int(^t & 1)
	}
	if len(all) > 0 {
		s.terms = slices.Clone(all[:min(len(all), maxTerms)])
		s.sketch = sketchOf(s.terms)
	}
	if s.stems >= minStems {
		s.Bands = bands(all)
	}
}

// sorted is terms in order: parted by their first byte, as hashes part evenly, then each put in its place among its few neighbours.
func (w *scratch) sorted() []term {
	var ends [257]int
	for _, t := range w.terms {
		ends[t>>24+1]++
	}
	for i := range 256 {
		ends[i+1] += ends[i]
	}
	w.spare = slices.Grow(w.spare[:0], len(w.terms))[:len(w.terms)]
	for _, t := range w.terms {
		w.spare[ends[t>>24]] = t
		ends[t>>24]++
	}
	for i := 1; i < len(w.spare); i++ {
		t, at := w.spare[i], i
		for ; at > 0 && w.spare[at-1] > t; at-- {
			w.spare[at] = w.spare[at-1]
		}
		w.spare[at] = t
	}
	return w.spare
}

// bands is the MinHash of terms by one permutation (Li, Owen and Zhang 2012): the rows are the parts of the range of hashes, and each
// holds the lowest hash in its part, which terms, being sorted, begin it with. A row without any borrows from another, drawn in the
// same order for every text (optimal densification: Shrivastava 2017).
func bands(terms []term) []uint32 {
	var rows [bandCount * bandRows]term
	var filled [bandCount * bandRows]bool
	for i := len(terms) - 1; i >= 0; i-- {
		at := uint64(terms[i]) * uint64(len(rows)) >> 32
		rows[at], filled[at] = terms[i], true
	}
	out := make([]uint32, bandCount)
	for b := range out {
		h := uint64(b) + 1
		for r := b * bandRows; r < (b+1)*bandRows; r++ {
			at := r
			for try := uint64(1); !filled[at]; try++ {
				at = int(mix(uint64(r)<<32|try) % uint64(len(rows)))
			}
			h = mix(h ^ uint64(rows[at]))
		}
		out[b] = uint32(h) &^ 1
	}
	return out
}

// mix is the finaliser of splitmix64 (Steele, Lea and Flood 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// identify fills Identity. The address of a site's front page names no item; a title that says next to nothing, alone, no news.
// text is "text:", title, a line's end and body, folded.
func (s *Signature) identify(link string, text []byte, titled bool) {
	if clean := feeds.CleanURL(link); names(clean) {
		s.Identity = append(s.Identity, identity(append(append(make([]byte, 0, 128), "url:"...), clean...), address))
	}
	if s.stems >= minStems || s.stems >= minBare && titled {
		s.Identity = append(s.Identity, identity(text, words))
	}
}

// minBare is the fewest distinct stems of a text by which it may be known: «عاجل» and «خبر عاجل» may be any news.
const minBare = 3

func identity(b []byte, kind key) int64 {
	sum := sha256.Sum256(b)
	return int64(binary.LittleEndian.Uint64(sum[:8])&^1 | uint64(kind))
}

// names says whether an address is of one page, not of a whole site.
func names(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "")
}
