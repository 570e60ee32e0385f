package synthetic

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Case is a random student on which two engines are compared.
type Case struct {
	Name string
	Options
	Listed    bool // with a shortlist
	Exact     bool // Bergamot's engine is to multiply by sums that do not saturate
	Identical int  // lines of 100 that right engines have in common at least
}

// Sizes of the shortlists.
const firstPieces, bestPieces = 50, 20

// Cases returns the students of the oracle: small ones of every layout, one as deep as a real one, and
// one with weights as large.
func Cases(seed uint64) []Case {
	small := func(n uint64) Options { return Options{Seed: seed + n, EndBias: 1.5} }
	split, deep, wide := small(2), small(3), small(4)
	split.Split, wide.Most = true, 127
	deep.Dim, deep.FFN, deep.Encoder, deep.Decoder, deep.Heads = 128, 256, 6, 4, 8
	return []Case{
		{"tied1", small(0), true, false, 88}, {"tied2", small(1), true, false, 88}, {"split", split, true, false, 88},
		{"deep", deep, true, false, 60}, {"wide", wide, true, true, 88}, {"nolex", small(1), false, false, 84},
	}
}

// Model returns the case's model file.
func (c Case) Model() []byte { return Student(c.Options) }

// Shortlist returns the case's shortlist file; nil: none.
func (c Case) Shortlist() []byte {
	if !c.Listed {
		return nil
	}
	return Shortlist(c.filled().Vocabulary, firstPieces, bestPieces, c.Seed)
}

// Lines returns a hundred sentences of Numbers, of 1 to 55 pieces, for students of the usual size.
func Lines(seed uint64) (out []string) {
	r := rand.New(rand.NewPCG(seed, 3))
	lengths := []int{1, 2, 3, 5, 8, 13, 21, 34, 55}
	for range 100 {
		out = append(out, sentence(r, lengths[r.IntN(len(lengths))], Options{}.filled().Vocabulary))
	}
	return out
}

func sentence(r *rand.Rand, pieces, vocabulary int) string {
	words := make([]string, pieces)
	for i := range words {
		words[i] = fmt.Sprintf("t%04d", 2+r.IntN(vocabulary-2))
	}
	return strings.Join(words, " ")
}

// Published returns the files of a random student of BaseMemory's size, by name, for measuring.
func Published() map[string][]byte {
	o := BaseMemory()
	o.Seed = 1
	return map[string][]byte{"model.bin": Student(o), "lex.bin": Shortlist(o.Vocabulary, 50, 50, o.Seed),
		"vocab.spm": Numbers(o.Vocabulary)}
}

// Sentences returns count sentences for Published, of the given number of pieces.
func Sentences(n, pieces int, seed uint64) (out []string) {
	r := rand.New(rand.NewPCG(seed, 5))
	for range n {
		out = append(out, sentence(r, pieces, BaseMemory().Vocabulary))
	}
	return out
}
