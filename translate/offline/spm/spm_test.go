package spm

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false,
	"write testdata/letters.spm and golden.tsv with the installed spm_train, spm_encode and spm_decode")

const letters, goldens = "testdata/letters.spm", "testdata/golden.tsv"

// as Mozilla trains its vocabularies
var trained = []string{"--vocab_size=1200", "--bos_id=-1", "--eos_id=0", "--unk_id=1", "--byte_fallback",
	"--split_digits",
	"--user_defined_symbols=__source__,__target__,__done__", "--character_coverage=0.9995"}

// TestGolden compares Encode and Decode with the recorded output of SentencePiece's own programs.
func TestGolden(t *testing.T) {
	m := parse(t, letters)
	text, err := os.ReadFile(goldens)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		col := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		in, out := unquote(t, col[0]), unquote(t, col[2])
		if got := ids(m.Encode(in)); got != col[1] {
			t.Errorf("%q\n  is %s\nwant %s", in, got, col[1])
		}
		if got := m.Decode(m.Encode(in)); got != out {
			t.Errorf("%q comes back as %q, want %q", in, got, out)
		}
		n++
	}
	if n < 200 {
		t.Errorf("%d lines", n)
	}
}

// TestSentencePiece compares 10,000 lines with the installed programs, on vocabularies trained here:
// one like Mozilla's, and others without byte fallback and with odd symbols.
func TestSentencePiece(t *testing.T) {
	if _, err := exec.LookPath("spm_train"); err != nil {
		t.Skip("no spm_train: install Debian's sentencepiece to compare with the original")
	}
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Join(references(t), "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	train := func(name string, args ...string) string {
		run(t, nil, "spm_train", append(args, "--input="+text, "--model_prefix="+filepath.Join(dir, name),
			"--minloglevel=2")...)
		return filepath.Join(dir, name+".model")
	}
	if *update {
		writeGoldens(t, train("letters", append(trained, "--normalization_rule_tsv=testdata/rules.tsv")...))
	}
	lines := slices.Concat(references(t), samples(t))
	for seed := uint64(0); len(lines) < 10_000; seed++ {
		lines = append(lines, odd(seed))
	}
	for name, args := range map[string][]string{
		"like Mozilla's": trained,
		"no bytes": {
			"--vocab_size=900", "--bos_id=-1", "--eos_id=0", "--unk_id=1", "--user_defined_symbols=__x,ab,\u2581z",
		},
		"untrimmed": {
			"--vocab_size=900", "--bos_id=-1", "--eos_id=0", "--unk_id=1", "--remove_extra_whitespaces=false",
			"--normalization_rule_name=identity",
		},
		"no prefix": {
			"--vocab_size=900", "--bos_id=-1", "--eos_id=0", "--unk_id=1", "--byte_fallback",
			"--add_dummy_prefix=false",
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := train(strings.Map(letter, name), args...)
			m := parse(t, file)
			encoded, decoded := original(t, file, lines)
			wrong := 0
			for i, line := range lines {
				got := m.Encode(line)
				if back := m.Decode(got); ids(got) != encoded[i] || back != decoded[i] {
					if wrong++; wrong < 5 {
						t.Errorf("%q\n  is %s\nwant %s\ncomes back as %q\n         want %q", line, ids(got),
							encoded[i], back, decoded[i])
					}
				}
			}
			t.Logf("%d lines, %d differ", len(lines), wrong)
		})
	}
}

// original returns what spm_encode and spm_decode make of lines.
func original(t *testing.T, model string, lines []string) (encoded, decoded []string) {
	t.Helper()
	split := func(b []byte) []string { return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") }
	out := run(t, []byte(strings.Join(lines, "\n")+"\n"), "spm_encode", "--model="+model, "--output_format=id")
	back := run(t, out, "spm_decode", "--model="+model, "--input_format=id")
	if encoded, decoded = split(out), split(back); len(encoded) != len(lines) || len(decoded) != len(lines) {
		t.Fatalf("%d lines, %d encoded, %d decoded", len(lines), len(encoded), len(decoded))
	}
	return encoded, decoded
}

func writeGoldens(t *testing.T, model string) {
	var lines []string
	for i, line := range slices.Concat(references(t), samples(t)) {
		if i%16 == 0 {
			lines = append(lines, line)
		}
	}
	for seed := range uint64(200) {
		lines = append(lines, odd(1<<32+seed))
	}
	encoded, decoded := original(t, model, lines)
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", strconv.Quote(lines[i]), encoded[i], strconv.Quote(decoded[i]))
	}
	file, err := os.ReadFile(model)
	if err == nil {
		err = os.WriteFile(letters, file, 0o644)
	}
	if err == nil {
		err = os.WriteFile(goldens, []byte(b.String()), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// references returns the sentences of the reference pairs, in both languages.
func references(t *testing.T) (out []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "check", "testdata", "reference-en.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var pair struct{ Ar, En string }
		if err := json.Unmarshal(line, &pair); err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{pair.Ar, pair.En} {
			if s != "" {
				out = append(out, strings.ReplaceAll(s, "\n", " "))
			}
		}
	}
	return out
}

// samples returns the lines of the sample feeds, with markup, control characters and windows-1256.
func samples(t *testing.T) (out []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "cmd", "nashra", "demo", "samples", "*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d sample feeds: %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	}
	return out
}

// odd returns a line that nobody would write.
func odd(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 7))
	between := func(low, high rune) rune { return low + r.Int32N(high-low) }
	pick := func(s []string) string { return s[r.IntN(len(s))] }
	kind := r.IntN(6)
	var b strings.Builder
	for range r.IntN(40) {
		switch kind {
		case 0:
			b.WriteRune([]rune{between(0x20, 0x7f), between(0x600, 0x700), ' ', '\u2581', '\u3000',
				'\u00a0'}[r.IntN(6)])
		case 1:
			b.WriteRune([]rune{between(0xFB50, 0xFE00), between(0xFE70, 0xFF00), between(0x300, 0x370), ' '}[r.IntN(4)])
		case 2:
			b.WriteRune(between(0x20, 0x30000))
		case 3:
			b.WriteString(pick([]string{"__source__", "__x", "ab", " ", "  ", "\u2581", "ﷺ", "ﻻ", "é", "e\u0301",
				"①", "\u200b", "\u200d", "\t", "\r", "ـ",
				"😀", "👨\u200d👩\u200d👧", "١٢", "12", "<unk>", "</s>", "<0x41>", "\ufeff", "\u00ad", "z"}))
		case 4:
			b.WriteByte(byte(1 + r.IntN(255)))
		default:
			b.WriteString(pick([]string{" ", " ", "\u3000", "\u00a0", "a", "b", "ا", "ب"}))
		}
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}

func letter(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}

func run(t *testing.T, in []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, stderr.String())
	}
	return out
}

func parse(t testing.TB, name string) *Model {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func ids(list []int32) string { return strings.Trim(fmt.Sprint(list), "[]") }

func unquote(t *testing.T, s string) string {
	t.Helper()
	out, err := strconv.Unquote(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
