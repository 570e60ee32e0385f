package marian

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Config is the shape of a model, from its description.
type Config struct {
	Dim, FFN         int // of embeddings; of the layer between
	Encoder, Decoder int // layers
	Heads            int
	Vocabulary       int  // pieces, of each side
	Split            bool // the two languages have vocabularies of their own
}

// Limits, about twice the largest published student (base: 512, 2048, 6, 2, 8, 32,000).
const (
	maxDim        = 1024
	maxFFN        = 4096
	maxLayers     = 12
	maxHeads      = 32
	maxVocabulary = 1 << 17
	maxYAMLBytes  = 1 << 16
)

// fixed are the values that all known students share. A student with another value would be translated
// wrongly.
var fixed = []struct{ key, value string }{
	{"type", "transformer"}, {"transformer-decoder-autoreg", "rnn"}, {"dec-cell", "ssru"},
	{"transformer-preprocess", ""},
	{"transformer-postprocess", "dan"}, {"transformer-postprocess-emb", "d"}, {"transformer-postprocess-top", ""},
	{"transformer-ffn-activation", "relu"}, {"transformer-ffn-depth", "2"},
	{"transformer-train-position-embeddings", "false"},
	{"transformer-tied-layers", "[]"}, {"transformer-no-projection", "false"}, {"transformer-pool", "false"},
	{"tied-embeddings-src", "false"}, {"input-types", "[]"}, {"output-omit-bias", "false"}, {"right-left", "false"},
}

// optional are the keys of fixed that older models leave out. A missing key means the fixed value.
var optional = []string{
	"transformer-no-projection", "transformer-pool", "tied-embeddings-src", "input-types", "output-omit-bias",
	"right-left", "transformer-tied-layers", "transformer-preprocess", "transformer-postprocess-top",
	"transformer-train-position-embeddings",
}

// config parses the item special:model.yml.
func (c container) config() (Config, error) {
	it, ok := c["special:model.yml"]
	if !ok || it.kind != int8s || len(it.data) > maxYAMLBytes {
		return Config{}, errors.New("the model does not say what it is: no special:model.yml")
	}
	text, _, _ := bytes.Cut(it.data, []byte{0})
	values, err := flat(string(text))
	if err != nil {
		return Config{}, fmt.Errorf("special:model.yml: %w", err)
	}
	for _, f := range fixed {
		v, there := values[f.key]
		if !there && slices.Contains(optional, f.key) {
			continue
		}
		if v != f.value {
			return Config{}, fmt.Errorf("unknown architecture: %s is %q, not %q", f.key, v, f.value)
		}
	}
	return shape(values)
}

func shape(values map[string]string) (cfg Config, err error) {
	number := func(key string, most int) int {
		n, bad := strconv.Atoi(values[key])
		if err == nil && (bad != nil || n < 1 || n > most) {
			err = fmt.Errorf("unknown architecture: %s is %q", key, values[key])
		}
		return n
	}
	cfg = Config{Dim: number("dim-emb", maxDim), FFN: number("transformer-dim-ffn", maxFFN),
		Encoder: number("enc-depth", maxLayers),
		Decoder: number("dec-depth", maxLayers), Heads: number("transformer-heads", maxHeads)}
	if err != nil {
		return cfg, err
	}
	if cfg.Dim%cfg.Heads != 0 || cfg.Dim%2 != 0 {
		return cfg, fmt.Errorf("%d heads do not divide %d dimensions", cfg.Heads, cfg.Dim)
	}
	var sizes []int
	for s := range strings.FieldsSeq(values["dim-vocabs"]) {
		n, bad := strconv.Atoi(s)
		if bad != nil || n < 2 || n > maxVocabulary {
			return cfg, fmt.Errorf("dim-vocabs: %q", s)
		}
		sizes = append(sizes, n)
	}
	if len(sizes) != 2 || sizes[0] != sizes[1] {
		return cfg, fmt.Errorf("dim-vocabs: %v, not two of the same size", sizes)
	}
	cfg.Vocabulary = sizes[0]
	switch tied, all := values["tied-embeddings"] == "true", values["tied-embeddings-all"] == "true"; {
	case all:
	case tied:
		cfg.Split = true
	default:
		return cfg, errors.New("unknown architecture: embeddings that are not tied")
	}
	return cfg, nil
}

// flat parses the YAML that Marian writes: keys with a plain or quoted value, or with a list of values,
// which are joined by spaces; an empty list is "[]".
func flat(text string) (map[string]string, error) {
	out, key := map[string]string{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \r\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == '#':
		case line != trimmed && key == "":
			return nil, fmt.Errorf("a line that belongs to no key: %.40q", trimmed)
		case line != trimmed || strings.HasPrefix(trimmed, "- "):
			value, _ := strings.CutPrefix(trimmed, "- ")
			out[key] = strings.TrimSpace(out[key] + " " + unquote(value))
		default:
			k, v, ok := strings.Cut(trimmed, ":")
			if _, twice := out[k]; !ok || twice {
				return nil, fmt.Errorf("a line that is no new key: %.40q", trimmed)
			}
			key, out[k] = k, unquote(strings.TrimSpace(v))
		}
	}
	return out, nil
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}
