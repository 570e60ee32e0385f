package synthetic

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/enginetest/english"
)

// The speller is a student with weights set by hand. It spells a text in Latin capitals, piece by
// piece, translates the words that checks look for, and leaves digits, Latin letters and
// punctuation unchanged. At each step its decoder attends to its own place in the source, by the
// sines and cosines of positions, and generates the piece whose code it finds there.
//
// Of its 256 dimensions, those of the slowest sines hold the code of the piece, the others the place.
const (
	spellerDim = 256
	codeFrom   = 97  // the sine of place p hardly moves here, up to 255
	codeTo     = 127 // code is [codeFrom, codeTo)
	still      = 127 // a sine that stays near zero: what is taken from the others to be rid of the mean
	placeWaves = 95  // sines and cosines that tell the place
)

// spelling maps Arabic characters to Latin ones, so that no word gets shorter. Capitals read as
// names do whose letters no one knows: nobody can tell that the words are not English.
var spelling = map[rune]string{
	'ا': "A", 'أ': "A", 'إ': "I", 'آ': "AA", 'ء': "E", 'ؤ': "O", 'ئ': "Y", 'ى': "A", 'ة': "AH", 'ب': "B", 'ت': "T",
	'ث': "TH", 'ج': "J", 'ح': "H",
	'خ': "KH", 'د': "D", 'ذ': "DH", 'ر': "R", 'ز': "Z", 'س': "S", 'ش': "SH", 'ص': "S", 'ض': "D", 'ط': "T", 'ظ': "Z",
	'ع': "E", 'غ': "GH", 'ف': "F",
	'ق': "Q", 'ك': "K", 'ل': "L", 'م': "M", 'ن': "N", 'ه': "H", 'و': "W", 'ي': "Y", '\u064B': "AN", '\u064C': "UN",
	'\u064D': "IN", '\u064E': "A",
	'\u064F': "U", '\u0650': "I", '\u0651': "W", '\u0652': "H", 'ـ': "H", '،': ",", '؛': ";", '؟': "?", '«': "“",
	'»': "”",
	'٠': "0", '١': "1", '٢': "2", '٣': "3", '٤': "4", '٥': "5", '٦': "6", '٧': "7", '٨': "8", '٩': "9",
}

// wholeWords are the words that the speller translates, the longest first.
func wholeWords() []string {
	words := slices.DeleteFunc(slices.Collect(maps.Keys(english.Meanings)), func(w string) bool {
		return utf8.RuneCountInString(w) < 4 && w != "ألف" // the start of other words
	})
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return words
}

// Spell returns the speller's output for a text.
func Spell(text string) string {
	var b strings.Builder
	whole := wholeWords()
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' }) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if i := slices.IndexFunc(whole, func(w string) bool { return strings.HasPrefix(word, w) }); i >= 0 {
			b.WriteString(english.Meanings[whole[i]])
			word = word[len(whole[i]):]
		}
		for _, r := range word {
			b.WriteString(cmp.Or(spelling[r], string(r)))
		}
	}
	return b.String()
}

// Write writes a student's files into a folder, which it creates.
func Write(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Speller returns the speller's files by name: model, shortlist and two vocabularies.
func Speller() map[string][]byte { return speller(nil, false) }

// Mumbler returns a speller that misspells Latin words as small models do: e becomes a, p becomes b, P
// becomes B.
func Mumbler() map[string][]byte {
	return speller(map[string]string{"e": "a", "p": "b", "P": "B"}, false)
}

// Stammerer returns a speller that repeats its first letter without end, as small models sometimes do.
func Stammerer() map[string][]byte { return speller(nil, true) }

// speller returns a speller that replaces a source piece by its entry in instead, if any; if stuck, it
// always looks at the first letter.
func speller(instead map[string]string, stuck bool) map[string][]byte {
	source, target, to := spellerPieces()
	for i, piece := range source {
		if other, ok := instead[piece]; ok {
			to[i] = slices.Index(target, other)
		}
	}
	n := len(source)
	lists := make([][]uint32, n)
	for i, id := range to {
		lists[i] = []uint32{uint32(id)}
	}
	return map[string][]byte{"model.spell.bin": spellerModel(to, n, stuck), "lex.spell.bin": shortlist(8, 1, lists),
		"srcvocab.spell.spm": spellerVocabulary(source), "trgvocab.spell.spm": spellerVocabulary(target)}
}

// spellerPieces returns the pieces of both languages, equally many, and the target piece of each source
// piece.
func spellerPieces() (source, target []string, to []int) {
	var common []string
	for c := rune('!'); c <= '~'; c++ {
		common = append(common, string(c))
	}
	common = append(common, "\u2581", "“", "”", "–", "—", "…", "€", "£", "°", "é")
	for b := range 256 {
		common = append(common, fmt.Sprintf("<0x%02X>", b))
	}
	source = append([]string{"</s>", "<unk>"}, common...)
	target = slices.Clone(source)
	to = make([]int, len(source))
	for i := range to {
		to[i] = i
	}
	add := func(from, into string) {
		at := slices.Index(target, into)
		if at < 0 {
			at = len(target)
			target = append(target, into)
		}
		source, to = append(source, from), append(to, at)
	}
	for r := rune(0); r < 0x700; r++ { // in a fixed order
		s, ok := spelling[r]
		if !ok {
			continue
		}
		add(string(r), s)
	}
	for _, w := range wholeWords() {
		add("\u2581"+w, "\u2581"+strings.ReplaceAll(english.Meanings[w], " ", "\u2581"))
	}
	for len(target) < len(source) { // no source piece leads there
		target = append(target, fmt.Sprintf("(%d)", len(target)))
	}
	return source, target, to
}

func spellerVocabulary(pieces []string) []byte {
	var v vocabulary
	for i, p := range pieces {
		switch {
		case i == 0:
			v.add(p, 0, control)
		case i == 1:
			v.add(p, 0, unknown)
		case len(p) == 6 && strings.HasPrefix(p, "<0x"):
			v.add(p, 0, bytePiece)
		case strings.HasPrefix(p, "\u2581"):
			v.add(p, -1, normal)
		default:
			v.add(p, -float32(utf8.RuneCountInString(p)), normal)
		}
	}
	return v.bytes()
}

// codes returns n rows of ±1, balanced, any two of them far apart.
func codes(n int) (out [][]int8) {
	const width, most = codeTo - codeFrom, 14 // of width, the largest product of two
	r := rand.New(rand.NewPCG(1, 4))
	for len(out) < n {
		c := make([]int8, width)
		for i := range c {
			c[i] = int8(1 - 2*(i%2))
		}
		r.Shuffle(width, func(i, j int) { c[i], c[j] = c[j], c[i] })
		if !slices.ContainsFunc(out, func(o []int8) bool {
			sum := 0
			for i := range o {
				sum += int(o[i]) * int(c[i])
			}
			return sum > most
		}) {
			out = append(out, c)
		}
	}
	return out
}

// spellerModel returns the model file for n pieces, in which source piece i becomes target piece to[i].
func spellerModel(to []int, n int, stuck bool) []byte {
	const d, ffn = spellerDim, 32
	var f file
	code := codes(n)
	embed := func(name string, of func(int) int) {
		q := make([]int8, n*d)
		for i := range n {
			for j, v := range code[of(i)] {
				q[i*d+codeFrom+j] = 127 * v
			}
		}
		// ±4 when multiplied by √d: so loud that the layer norm is nearly the same everywhere
		f.quantised(name, n, d, q, 127*4)
	}
	embed("encoder_Wemb", func(i int) int { return to[i] })
	embed("decoder_Wemb", func(i int) int { return i })
	f.multipliers("decoder_Wemb", "none")
	zero := func(weight string, in, out int) { f.matrix(weight, in, out, 1, nil) }
	norm := func(prefix string) {
		f.floats(prefix+"_ln_scale", 1, d, slices.Repeat([]float32{1}, d))
		f.floats(prefix+"_ln_bias", 1, d, make([]float32, d))
	}
	bias := func(name string, n int) { f.floats(name, 1, n, make([]float32, n)) }
	for _, layer := range []string{"encoder_l1_self", "decoder_l1_context"} {
		for _, x := range []string{"q", "k", "v", "o"} {
			if stuck && layer+x == "decoder_l1_contextq" {
				f.floats(layer+"_bq", 1, d, secondPlace())
			} else {
				bias(layer+"_b"+x, d)
			}
			if strings.HasPrefix(layer, "encoder") {
				zero(layer+"_W"+x, d, d)
			}
		}
		norm(layer + "_Wo")
	}
	if stuck {
		zero("decoder_l1_context_Wq", d, d)
	} else {
		f.matrix("decoder_l1_context_Wq", d, d, 1, place)
	}
	f.matrix("decoder_l1_context_Wk", d, d, 80, place) // so that the right place outweighs its neighbours by e⁸
	f.matrix("decoder_l1_context_Wv", d, d, 1, same)
	f.matrix("decoder_l1_context_Wo", d, d, 8, same) // louder than what was put out before
	for _, side := range []string{"encoder", "decoder"} {
		p := side + "_l1_ffn"
		zero(p+"_W1", d, ffn)
		zero(p+"_W2", ffn, d)
		bias(p+"_b1", ffn)
		bias(p+"_b2", d)
		norm(p + "_ffn")
	}
	zero("decoder_l1_rnn_W", d, d)
	zero("decoder_l1_rnn_Wf", d, d)
	bias("decoder_l1_rnn_bf", d)
	norm("decoder_l1_rnn_ffn")
	bias("decoder_ff_logit_out_b", n)
	return f.bytes(Options{Vocabulary: n, Dim: d, FFN: ffn, Encoder: 1, Decoder: 1, Heads: 1, Split: true})
}

// place passes on the dimensions of the place, without the mean.
func place(out, in int) int8 {
	if out >= d2 && out-d2 >= placeWaves || out < d2 && out >= placeWaves {
		return 0
	}
	switch in {
	case out:
		return 127
	case still:
		return -127
	}
	return 0
}

const d2 = spellerDim / 2

// secondPlace passes on the place after the leading space of a text.
func secondPlace() []float32 {
	out := make([]float32, spellerDim)
	for i := range placeWaves {
		sin, cos := math.Sincos(math.Exp(-float64(i) * math.Log(10000) / (d2 - 1)))
		out[i], out[d2+i] = float32(sin), float32(cos)
	}
	return out
}

// same passes on the code.
func same(out, in int) int8 {
	if out == in && in >= codeFrom && in < codeTo {
		return 127
	}
	return 0
}

// matrix adds a weight of gain times value(output, input), in 127ths; nil: all zero.
func (f *file) matrix(name string, in, out int, gain float32, value func(out, in int) int8) {
	q := make([]int8, in*out)
	if value != nil {
		for o := range out {
			for i := range in {
				q[o*in+i] = value(o, i)
			}
		}
	}
	f.quantised(name, in, out, q, 127/gain)
	f.multipliers(name)
}

// Multipliers of activations that stay below 4.
func (f *file) multipliers(names ...string) {
	for _, name := range names {
		f.floats(name+"_QuantMultA", 1, 1, []float32{127.0 / 4})
	}
}
