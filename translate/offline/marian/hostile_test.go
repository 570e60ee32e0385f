package marian

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate/offline/synthetic"
)

// tiny returns a student of a few kilobytes.
func tiny() []byte {
	return synthetic.Student(synthetic.Options{Vocabulary: 16, Dim: 8, FFN: 8, Encoder: 1, Decoder: 1, Heads: 2,
		Seed: 1})
}

// described returns tiny with a changed line of its description.
func described(t *testing.T, from, to string) []byte {
	t.Helper()
	if len(from) != len(to) {
		t.Fatal("the description must keep its length")
	}
	file := tiny()
	out := bytes.Replace(file, []byte(from), []byte(to), 1)
	if bytes.Equal(out, file) {
		t.Fatalf("no %q in the description", from)
	}
	return out
}

func TestLoadRefuses(t *testing.T) {
	at := func(offset int, v uint64) []byte { // a number of the head changed
		file := tiny()
		binary.LittleEndian.PutUint64(file[offset:], v)
		return file
	}
	for name, tc := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":                  {nil, "not a Marian model"},
		"another file":             {[]byte("PK\x03\x04 a zip archive, not a model"), "not a Marian model"},
		"another version":          {at(0, 2), "version 1"},
		"no items":                 {at(8, 0), "0 items"},
		"more items than atoms":    {at(8, math.MaxUint64), "items"},
		"more items than there is": {at(8, 4000), "ends early"},
		"a name without end":       {at(16, 1<<40), "a name of"},
		"too many dimensions":      {at(32, 9), "9 dimensions"},
		"data beyond the end":      {at(40, 1<<62), "ends early"},
		"a decoder of another kind": {
			described(t, "transformer-decoder-autoreg: rnn", "transformer-decoder-autoreg: att"),
			`transformer-decoder-autoreg is "att", not "rnn"`,
		},
		"another cell": {described(t, "dec-cell: ssru", "dec-cell: lstm"), `dec-cell is "lstm"`},
		"another type": {
			described(t, "type: transformer\nulr", "type: transponder\nulr"), `type is "transponder"`,
		},
		"more layers than there are": {described(t, "enc-depth: 1", "enc-depth: 2"), `no "encoder_l2_self_Wq"`},
		"no heads": {
			described(t, "transformer-heads: 2", "transformer-heads: 0"), "transformer-heads",
		},
		"heads that do not divide": {described(t, "transformer-heads: 2", "transformer-heads: 3"), "do not divide"},
		"a larger vocabulary": {
			described(t, "  - 16\n  - 16", "  - 17\n  - 17"), `"Wemb" has the shape [16 8], not [17 8]`,
		},
		"two sizes":     {described(t, "  - 16\n  - 16", "  - 16\n  - 17"), "not two of the same size"},
		"a wider model": {described(t, "dim-emb: 8", "dim-emb: 6"), "has the shape"},
		"untied": {
			described(t, "tied-embeddings-all: true\n", "tied-embeddings-all: nope\n"), "not tied",
		},
		"an item renamed": {
			described(t, "encoder_l1_self_Wq\x00", "encoder_l1_self_Wx\x00"), `no "encoder_l1_self_Wq"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(tc.file)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

// Every shortened file is an error, as is none of the wrong numbers a panic: what still loads translates, wrongly.
func TestLoadDamaged(t *testing.T) {
	whole := tiny()
	for n := 0; n < len(whole); n += 97 {
		if _, err := Load(whole[:n]); err == nil {
			t.Fatalf("a file cut after %d of %d bytes loads", n, len(whole))
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	loaded := 0
	for range 3000 {
		file := bytes.Clone(whole)
		for range 1 + r.IntN(3) {
			at := r.IntN(len(file))
			if r.IntN(2) == 0 {
				at = r.IntN(4096) // where lengths are
			}
			file[at] ^= 1 << r.IntN(8)
		}
		if try(t, file) {
			loaded++
		}
	}
	if loaded == 0 {
		t.Error("no damaged file loads: nothing was tried")
	}
}

// try loads a file and translates with what it holds.
func try(t *testing.T, file []byte) bool {
	m, err := Load(file)
	if err != nil {
		return false
	}
	if _, err := m.Translate(t.Context(), nil, [][]int32{{2, 3, 4}, {1}}, false); err != nil {
		t.Fatal(err)
	}
	return true
}

func TestShortlistRefuses(t *testing.T) {
	whole := synthetic.Shortlist(16, 4, 3, 1)
	if _, err := ReadShortlist(whole, 16); err != nil {
		t.Fatal(err)
	}
	const mismatch = "for 16 pieces, while the model has 17"
	if _, err := ReadShortlist(whole, 17); err == nil || !strings.Contains(err.Error(), mismatch) {
		t.Errorf("of another vocabulary: %v", err)
	}
	for n := range len(whole) {
		if _, err := ReadShortlist(whole[:n], 16); err == nil {
			t.Fatalf("cut after %d of %d bytes it is read", n, len(whole))
		}
		flipped := bytes.Clone(whole)
		flipped[n] ^= 0x10
		if _, err := ReadShortlist(flipped, 16); err == nil {
			t.Fatalf("with byte %d changed it is read", n)
		}
	}
	if _, err := ReadShortlist(append(whole, 0, 0, 0, 0), 16); err == nil {
		t.Error("with four bytes more it is read")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(tiny())
	f.Add(synthetic.Student(synthetic.Options{Vocabulary: 16, Dim: 8, FFN: 8, Encoder: 1, Decoder: 1, Heads: 2,
		Split: true}))
	f.Fuzz(func(t *testing.T, file []byte) { try(t, file) })
}

func FuzzReadShortlist(f *testing.F) {
	f.Add(synthetic.Shortlist(16, 4, 3, 1))
	f.Fuzz(func(t *testing.T, file []byte) {
		// the checksum would keep the fuzzer out
		if len(file) >= 16 {
			binary.LittleEndian.PutUint64(file[8:], checksum(file[16:]))
		}
		if s, err := ReadShortlist(file, 16); err == nil {
			for _, id := range s.candidates([]int32{0, 5, 15}, 16, true) {
				if id < 0 || id >= 16 {
					t.Fatalf("candidate %d", id)
				}
			}
		}
	})
}
