package enginetest

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"

	"github.com/nashra/nashra/translate/segment"
)

// translate returns f's translation of one text as sent.
func (f *Fake) translate(text string, codec segment.Codec) string {
	neutral := segment.Decode(text, codec)
	if target, ok := f.Reference[segment.Plaintext(segment.Only(neutral, nil))]; ok {
		return segment.Encode(mark(target, neutral), codec)
	}
	return invent(text, codec)
}

var codeTag = regexp.MustCompile(`<([gx])([0-9]+)/?>`)

// mark puts the codes of source around the words of target, one a word, and the rest around the
// last word.
func mark(target, source string) string {
	words := strings.Fields(segment.Escape(target))
	for i, m := range codeTag.FindAllStringSubmatch(source, -1) {
		at := min(i, len(words)-1)
		if m[1] == "x" {
			words[at] += "<x" + m[2] + "/>"
		} else {
			words[at] = "<g" + m[2] + ">" + words[at] + "</g" + m[2] + ">"
		}
	}
	return strings.Join(words, " ")
}

// latin replaces Arabic digits and punctuation by English ones and drops kashida.
var latin = strings.NewReplacer("ـ", "", "،", ",", "؛", ";", "؟", "?", "٪", "%", "٫", ".", "٬", ",",
	"٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9")

// invent replaces each Arabic word outside tags by a Latin word of about its length, always the
// same.
func invent(text string, codec segment.Codec) string {
	var out strings.Builder
	var word []rune
	inTag := false
	for _, c := range latin.Replace(text) {
		switch {
		case !inTag && unicode.Is(unicode.Arabic, c) && unicode.IsLetter(c):
			word = append(word, c)
			continue
		case len(word) > 0 && unicode.Is(unicode.Mn, c): // vowel signs
			continue
		}
		syllables(&out, word)
		word = word[:0]
		inTag = codec != segment.Plain && (c == '<' || inTag && c != '>')
		out.WriteRune(c)
	}
	syllables(&out, word)
	return out.String()
}

// syllables returns a Latin word for an Arabic one: a syllable for every two letters, chosen by a
// running hash.
func syllables(out *strings.Builder, word []rune) {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	h := uint32(2166136261) // FNV-1a
	for i, c := range word {
		h = (h ^ uint32(c)) * 16777619
		if i%2 == 1 || i == len(word)-1 {
			out.WriteByte(consonants[h>>8%uint32(len(consonants))])
			out.WriteByte(vowels[h>>16%uint32(len(vowels))])
		}
	}
}

// strict decodes all of body into v and refuses unknown fields.
func strict(body []byte, v any) error {
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

// mustJSON encodes v, which is our own and cannot fail.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
