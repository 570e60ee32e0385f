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
	maxText   = 1 << 18 // bytes of text that are read: a hundred long articles
	openWords = 40      // a first paragraph
)

// scratch holds the buffers of one Sign call, for reuse.
type scratch struct {
	folded  []byte
	words   []string
	tokens  []token
	hashes  []uint32
	weighed []uint64
	marks   []mark
}

// keep returns a copy of what was appended to w.hashes[:0].
func (w *scratch) keep(hashes []uint32) []uint32 {
	w.hashes = hashes
	return append([]uint32(nil), hashes...)
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// Sign computes the signature of an item from its address, title and text, with the names of known.
func Sign(it feeds.Item, known arabic.Lexicon) Signature {
	w := scratches.Get().(*scratch)
	defer scratches.Put(w)
	text := sanitize.TextOf(it.Main())
	text = text[:min(len(text), maxText)]
	w.folded = append(arabic.AppendFold(append(w.folded[:0], "text:"...), it.Title[:min(len(it.Title), maxText)]), '\n')
	end := len(w.folded)
	w.folded = arabic.AppendFold(w.folded, text)
	folded := string(w.folded)
	w.words = split(folded[len("text:"):end-1], w.words[:0])
	first := len(w.words)
	w.words = split(folded[end:], w.words)
	w.tokens = tokens(w.words[:first], known, w.tokens[:0])
	priced(it.Title, w.tokens)
	n := len(w.tokens)
	w.tokens = tokens(w.words[first:], known, w.tokens)
	title, body := w.tokens[:n], w.tokens[n:]

	s := Signature{lang: lang(it), words: len(w.words), cues: cuesOf(title)}
	english := s.lang == [2]byte{'e', 'n'}
	s.sketch, w.hashes = sketchOf(w.words, w.hashes)
	s.title = w.keep(titleOf(title[:max(0, n-outlet(it.Title, known))], w.hashes[:0]))
	s.open = w.keep(stemsOf(body[:min(len(body), openWords)], w.hashes[:0]))
	titled, all := w.countStems(title, body)
	s.stems = all - titled
	s.terms, s.names = w.terms(title, body, english)
	s.marks = w.marksOf(title, body, english, it.When())
	s.identify(it.URL, w.folded, all, end-1 > len("text:"))
	return s
}

// countStems counts the distinct stems of a title, numbers aside, and of title and body, up to
// minStems more.
func (w *scratch) countStems(title, body []token) (titled, all int) {
	known := stemsOf(title, w.hashes[:0])
	titled = len(known)
	for i := 0; i < len(body) && len(known) < titled+minStems; i++ {
		if t := &body[i]; t.stemmed() && !slices.Contains(known, uint32(t.hash>>32)) {
			known = append(known, uint32(t.hash>>32))
		}
	}
	w.hashes = known
	return titled, len(known)
}

// stemsOf returns the distinct hashes of the stems of ts, numbers aside, ascending, in the room of out.
func stemsOf(ts []token, out []uint32) []uint32 {
	for i := range ts {
		if t := &ts[i]; t.stemmed() {
			out = append(out, uint32(t.hash>>32))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// lang returns the first two letters of the language of an item.
func lang(it feeds.Item) (b [2]byte) {
	l := it.Lang
	if l == "" {
		l = arabic.Lang(it.Title)
	}
	copy(b[:], strings.ToLower(l[:min(2, len(l))]))
	return b
}

// mix is the finalizer of splitmix64 (Steele, Lea and Flood 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// identify fills Identity with a key of the address, unless it is a site's front page, and a key of
// text ("text:", title, newline and body, all folded), unless that is too short to identify news.
func (s *Signature) identify(link string, text []byte, stems int, titled bool) {
	if clean := feeds.CleanURL(link); isPage(clean) {
		s.Identity = append(s.Identity, identity([]byte("url:"+clean), addressKey))
	}
	if stems >= minStems || stems >= minBare && titled {
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
