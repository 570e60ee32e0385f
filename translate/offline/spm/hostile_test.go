package spm

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is a model of a few pieces: an end, an unknown piece, a word, and the given ones.
func message(extra ...[]byte) []byte {
	var b []byte
	for _, p := range append([][]byte{onePiece("</s>", control), onePiece("<unk>", unknown),
		onePiece("\u2581a", normal)}, extra...) {
		b = protowire.AppendBytes(protowire.AppendTag(b, modelPiece, protowire.BytesType), p)
	}
	return b
}

func onePiece(text string, k kind) []byte {
	p := protowire.AppendString(protowire.AppendTag(nil, pieceText, protowire.BytesType), text)
	return protowire.AppendVarint(protowire.AppendTag(p, pieceKind, protowire.VarintType), uint64(k))
}

func with(field, sub protowire.Number, data []byte) []byte {
	inner := protowire.AppendBytes(protowire.AppendTag(nil, sub, protowire.BytesType), data)
	return protowire.AppendBytes(protowire.AppendTag(message(), field, protowire.BytesType), inner)
}

func TestParseRefuses(t *testing.T) {
	number := func(field, sub protowire.Number, v uint64) []byte {
		inner := protowire.AppendVarint(protowire.AppendTag(nil, sub, protowire.VarintType), v)
		return protowire.AppendBytes(protowire.AppendTag(message(), field, protowire.BytesType), inner)
	}
	for name, tc := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":              {nil, "without pieces"},
		"text":                 {[]byte("this is not a vocabulary"), "not a SentencePiece model"},
		"cut":                  {message()[:len(message())-3], "not a SentencePiece model"},
		"BPE":                  {number(modelTrainer, trainerType, 2), "type 2"},
		"suffixes":             {number(modelTrainer, trainerSuffix, 1), "end of words"},
		"a piece twice":        {message(onePiece("\u2581a", normal)), "stands twice"},
		"an empty piece":       {message(onePiece("", normal)), "0 bytes"},
		"an endless piece":     {message(onePiece(strings.Repeat("a", 5000), normal)), "5000 bytes"},
		"a piece of no kind":   {message(onePiece("x", 9)), "of kind 9"},
		"a byte by a name":     {message(onePiece("<0xzz>", bytePiece)), "called"},
		"two unknown":          {message(onePiece("?", unknown)), "second unknown"},
		"rewritten output":     {with(modelDenormalizer, normalizerMap, []byte{1, 2, 3}), "puts out"},
		"a map without end":    {with(modelNormalizer, normalizerMap, []byte{0, 0, 0, 64, 1}), "map of characters"},
		"a map cut":            {with(modelNormalizer, normalizerMap, []byte{4}), "map of characters"},
		"a number for a piece": {append(message(), 0x08, 0x01), "another type"},
		"no unknown": {
			protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), onePiece("a", normal)),
			"without an unknown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(tc.file)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

// A vocabulary cut anywhere is an error or a smaller vocabulary. Flipped bits never cause a panic; what
// can still be read then cuts and joins text incorrectly.
func TestParseDamaged(t *testing.T) {
	whole, err := os.ReadFile(letters)
	if err != nil {
		t.Fatal(err)
	}
	try := func(file []byte) bool {
		m, err := Parse(file)
		if err == nil {
			m.Decode(m.Encode("أعلنت الشركة عن GPT-5 🔥 هاتف جديد"))
		}
		return err == nil
	}
	r := rand.New(rand.NewPCG(1, 1))
	read := 0
	for range 300 {
		try(whole[:r.IntN(len(whole))])
		file := bytes.Clone(whole)
		for range 1 + r.IntN(3) {
			file[r.IntN(len(file))] ^= 1 << r.IntN(8)
		}
		if try(file) {
			read++
		}
	}
	if read == 0 {
		t.Error("no damaged vocabulary is read: nothing was tried")
	}
}

// A hundred thousand letters without a space take no longer than a page of text.
func TestLongWord(t *testing.T) {
	m := parse(t, letters)
	began := time.Now()
	if got := m.Encode(strings.Repeat("ن", 100_000)); len(got) < 1000 {
		t.Errorf("%d pieces", len(got))
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestDecodeAnything(t *testing.T) {
	m := parse(t, letters)
	if got := m.Decode([]int32{-1, 1 << 30}); got != "" {
		t.Errorf("ids that are none give %q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(message(), "a b")
	if file, err := os.ReadFile(letters); err == nil {
		f.Add(file, "نص و text")
	}
	f.Fuzz(func(t *testing.T, file []byte, text string) {
		m, err := Parse(file)
		if err != nil {
			return
		}
		got := m.Encode(text)
		for _, id := range got {
			if id < 0 || int(id) >= m.Size() {
				t.Fatalf("piece %d of %d", id, m.Size())
			}
		}
		m.Decode(got)
	})
}

func FuzzEncode(f *testing.F) {
	m := parse(f, letters)
	f.Add("نص <b>text</b> \xff\u2581  ")
	f.Fuzz(func(t *testing.T, text string) {
		back := m.Decode(m.Encode(text))
		if !utf8.ValidString(back) {
			t.Fatalf("%q comes back as %q", text, back)
		}
	})
}
