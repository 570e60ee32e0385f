package enginetest

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/nashra/nashra/translate/enginetest/english"
	"github.com/nashra/nashra/translate/segment"
)

// translate returns f's translation of one text as sent.
func (f *Fake) translate(text string, codec segment.Codec) string {
	neutral := segment.Decode(text, codec)
	if target, ok := f.Reference[segment.Plaintext(segment.Only(neutral, nil))]; ok {
		return segment.Encode(mark(target, neutral), codec)
	}
	return english.Translate(text, codec != segment.Plain)
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
