package synthetic

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Case is a random student that two engines are asked to agree about.
type Case struct {
	Name string
	Options
	Listed    bool // with a shortlist
	Identical int  // lines of 100 that right engines have in common at least
}

// firstPieces and bestPieces of the shortlists.
const firstPieces, bestPieces = 50, 20

// Cases are the students of the oracle: small ones of every layout, and one as deep as a real one.
func Cases(seed uint64) []Case {
	small := func(n uint64) Options { return Options{Seed: seed + n, EndBias: 1.5} }
	split, deep := small(2), small(3)
	split.Split = true
	deep.Dim, deep.FFN, deep.Encoder, deep.Decoder, deep.Heads = 128, 256, 6, 4, 8
	return []Case{
		{"tied1", small(0), true, 88}, {"tied2", small(1), true, 88}, {"split", split, true, 88},
		{"deep", deep, true, 60}, {"nolex", small(1), false, 84},
	}
}

// Model is the case's model file.
func (c Case) Model() []byte { return Student(c.Options) }

// Shortlist is the case's shortlist file; nil: none.
func (c Case) Shortlist() []byte {
	if !c.Listed {
		return nil
	}
	return Shortlist(c.filled().Vocabulary, firstPieces, bestPieces, c.Seed)
}

// Lines are sentences of Numbers for students of the usual size: a hundred, of 1 to 55 pieces.
func Lines(seed uint64) (out []string) {
	r := rand.New(rand.NewPCG(seed, 3))
	lengths := []int{1, 2, 3, 5, 8, 13, 21, 34, 55}
	for range 100 {
		var words []string
		for range lengths[r.IntN(len(lengths))] {
			words = append(words, fmt.Sprintf("t%04d", 2+r.IntN(Options{}.filled().Vocabulary-2)))
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}
