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
	maxTerms  = 128     // stems kept of a text; of longer texts those with the lowest hashes
	maxText   = 1 << 18 // bytes of text that are read: a hundred long articles
	bandCount = 40      // copies share at least minBands of them
	bandRows  = 5
)

// term is the hash of a stem. Its lowest bit is set for numbers.
type term = uint32

// scratch holds the buffers of one Sign call, for reuse.
type scratch struct {
	folded []byte
	words  []string
	tokens []token
	terms  []term
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// Sign computes the signature of an item from its address, title and text, with the names of known.
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
	slices.Sort(w.terms)
	all := slices.Compact(w.terms)
	for _, t := range all {
		s.stems += int(^t & 1)
	}
	if len(all) > 0 {
		s.terms = slices.Clone(all[:min(len(all), maxTerms)])
	}
	if s.stems >= minStems {
		s.Bands = bands(all)
	}
}

// bands returns the MinHash bands of sorted terms by one permutation (Li, Owen and Zhang 2012), with
// optimal densification: an empty row borrows from another in a fixed order (Shrivastava 2017).
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

// mix is the finalizer of splitmix64 (Steele, Lea and Flood 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// identify fills Identity with a key of the address, unless it is a site's front page, and a key of
// text ("text:", title, newline and body, all folded), unless that is too short to identify news.
func (s *Signature) identify(link string, text []byte, titled bool) {
	if clean := feeds.CleanURL(link); isPage(clean) {
		s.Identity = append(s.Identity, identity([]byte("url:"+clean), addressKey))
	}
	if s.stems >= minStems || s.stems >= minBare && titled {
		s.Identity = append(s.Identity, identity(text, textKey))
	}
}

// Forget removes the identity keys that identify nothing in the item's source: that of its address, or
// that of its words.
func (s *Signature) Forget(address, words bool) {
	s.Identity = slices.DeleteFunc(s.Identity, func(k int64) bool {
		return IsWords(k) && words || !IsWords(k) && address
	})
}

// IsWords reports whether an identity key is of title and text, not of an address.
func IsWords(key int64) bool { return keyKind(key&1) == textKey }

// Addresses returns the identity keys of an address, with and without TLS and "www.".
func Addresses(link string) (keys []int64) {
	rest := feeds.Hostless(feeds.CleanURL(link))
	for _, start := range []string{"https://", "http://", "https://www.", "http://www."} {
		keys = append(keys, identity([]byte("url:"+start+rest), addressKey))
	}
	return keys
}

// minBare is how many distinct stems identify a text with a title: «عاجل» or «خبر عاجل» may be any news.
const minBare = 3

func identity(b []byte, kind keyKind) int64 {
	sum := sha256.Sum256(b)
	return int64(binary.LittleEndian.Uint64(sum[:8])&^1 | uint64(kind))
}

// isPage reports whether an address is a page, not a whole site.
func isPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "")
}
