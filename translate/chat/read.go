package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// content is what a message says: a string, or the texts of a list of parts. If it is anything else,
// such as an object, it stays JSON.
type content string

func (c *content) UnmarshalJSON(b []byte) error {
	var text string
	var parts []struct{ Type, Text string }
	switch {
	case json.Unmarshal(b, &text) == nil:
	case json.Unmarshal(b, &parts) == nil && len(parts) > 0 && parts[0].Type != "":
		for _, p := range parts {
			if p.Type == "text" || p.Type == "output_text" { // others hold thoughts
				text += p.Text
			}
		}
	default:
		text = string(b)
	}
	*c = content(text)
	return nil
}

// thoughts are the marks around the thoughts that a model writes before its answer. The beginning
// is often part of the prompt, so that only the end is there.
var thoughts = []struct{ begin, end string }{
	{"<think>", "</think>"}, {"<thinking>", "</thinking>"}, {"<thought>", "</thought>"},
	{"<reasoning>", "</reasoning>"}, {"[THINK]", "[/THINK]"}, {"◁think▷", "◁/think▷"},
	{"<seed:think>", "</seed:think>"}, {"<|channel|>analysis", "<|channel|>final<|message|>"}, // gpt-oss
	{"analysis", "assistantfinal"}, // gpt-oss, without its marks
}

// read finds the translations of sources in a model's answer, whatever surrounds them. It reports
// false unless exactly one set of translations there has exactly the ids that were sent.
func read(said content, sources []string) ([]string, bool) {
	text, end := strings.TrimSpace(string(said)), 0
	if len(text) > maxContent {
		return nil, false
	}
	if inner := ""; strings.HasPrefix(text, `"`) && json.Unmarshal([]byte(text), &inner) == nil {
		text = inner // encoded twice
	}
	for _, t := range thoughts {
		if at := strings.LastIndex(text, t.end); at >= 0 {
			end = max(end, at+len(t.end))
		} else if strings.HasPrefix(text, t.begin) && end == 0 {
			return nil, false // never finished
		}
	}
	texts, ok := choose(values(text, end, end), sources)
	if !ok && end > 0 { // the mark may be part of a translation
		return choose(values(text, 0, end), sources)
	}
	return texts, ok
}

// choose returns the one set of translations in values.
func choose(values []any, sources []string) ([]string, bool) {
	var found [][]string
	for _, v := range values {
		found = append(found, sets(v, sources, 4)...)
	}
	if texts, ok := set(values, sources); ok && len(found) == 0 { // one value a line
		return texts, true
	}
	found = slices.CompactFunc(found, slices.Equal)
	if len(found) > 1 { // models repeat the question
		found = slices.DeleteFunc(found, func(texts []string) bool { return slices.Equal(texts, sources) })
	}
	if len(found) != 1 {
		return nil, false
	}
	return found[0], true
}

// sets returns the sets of translations in v, at most depth levels down.
func sets(v any, sources []string, depth int) (found [][]string) {
	if texts, ok := set(v, sources); ok {
		return [][]string{texts}
	}
	var inner []any
	switch v := v.(type) {
	case []any:
		inner = v
	case object:
		for _, m := range v {
			inner = append(inner, m.value)
		}
	}
	for _, w := range inner {
		if depth > 0 {
			found = append(found, sets(w, sources, depth-1)...)
		}
	}
	return found
}

// set reads v as translations of sources: a list of entries, one entry, or an object with the ids as its
// fields. It reports false if the ids are not exactly those of sources, from 1. An id that comes twice needs
// the same text, or none, in one of its places.
func set(v any, sources []string) ([]string, bool) {
	texts, known := make([]string, len(sources)), make([]bool, len(sources))
	add := func(id string, text any) bool {
		n, err := strconv.Atoi(id)
		s, isText := text.(string)
		if err != nil || strconv.Itoa(n) != id || n < 1 || n > len(sources) || !isText && text != nil {
			return false
		}
		old := texts[n-1]
		if strings.TrimSpace(old) != "" && strings.TrimSpace(s) != "" && s != old {
			return false
		}
		texts[n-1], known[n-1] = s, true
		if strings.TrimSpace(s) == "" {
			texts[n-1] = old
		}
		return true
	}
	addEntry := func(o object) bool {
		if len(o) == 1 { // the text under its id
			return add(o[0].key, o[0].value)
		}
		id := o.id()
		return add(id, o.text(id, sources))
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if o, ok := e.(object); !ok || !addEntry(o) {
				return nil, false
			}
		}
	case object:
		for _, m := range v {
			text := m.value
			if o, ok := text.(object); ok {
				text = o.text(m.key, sources)
			}
			if !add(m.key, text) {
				if len(sources) != 1 || !addEntry(v) {
					return nil, false
				}
				break
			}
		}
	}
	return texts, len(sources) > 0 && !slices.Contains(known, false)
}

// object is a JSON object with its members in order, doubled ones too.
type object []member

type member struct {
	key   string
	value any
}

// id returns the id of an entry, its field of that name or the only number in it, or "".
func (o object) id() string {
	var ids, numbers []string
	for _, m := range o {
		number, isNumber := m.value.(json.Number)
		text, isText := m.value.(string)
		if isNumber {
			text, numbers = number.String(), append(numbers, number.String())
		}
		if (isNumber || isText) && strings.EqualFold(m.key, "id") {
			ids = append(ids, text)
		}
	}
	if len(ids) == 0 {
		ids = numbers
	}
	if len(ids) != 1 {
		return ""
	}
	return ids[0]
}

// asides are the beginnings of the names of fields that hold no translation.
var asides = []string{"id", "source", "src", "original", "from", "lang", "note", "comment", "explanation", "reason",
	"thought", "error", "status", "role", "type", "confidence", "speaker"}

// text returns the translation in the entry with that id: its field "t", or else the only field that can
// be the translation. It returns nil if the field is null, and o itself, which is no text, if none or several
// fields can.
func (o object) text(id string, sources []string) any {
	var texts []any
	for _, m := range o {
		if _, isText := m.value.(string); !isText && m.value != nil {
			continue
		} else if m.key == "t" && !echoes(m.value, id, sources) {
			return o.only(m.key, m.value)
		}
		aside := func(name string) bool { return strings.HasPrefix(strings.ToLower(m.key), name) }
		if !slices.ContainsFunc(asides, aside) {
			texts = append(texts, m.value)
		}
	}
	if len(texts) > 1 {
		texts = slices.DeleteFunc(texts, func(text any) bool { return echoes(text, id, sources) })
	}
	if len(texts) != 1 {
		return o
	}
	return texts[0]
}

// only returns value, or o if o has another value under the same key.
func (o object) only(key string, value any) any {
	for _, m := range o {
		if m.key == key && m.value != value {
			return o
		}
	}
	return value
}

// echoes reports whether text is the source with that id.
func echoes(text any, id string, sources []string) bool {
	n, err := strconv.Atoi(id)
	s, _ := text.(string)
	return err == nil && n > 0 && n <= len(sources) && strings.TrimSpace(s) == strings.TrimSpace(sources[n-1])
}

// Bounds of the work on one answer. The largest call's ceiling is about 11,000 tokens.
const (
	maxContent = 256 << 10 // bytes
	maxTries   = 256       // brackets at which a JSON value may begin
	maxDepth   = 16
)

// values returns the JSON arrays and objects in text that begin at from or later and end after end.
func values(text string, from, end int) (found []any) {
	for range maxTries {
		next := strings.IndexAny(text[from:], "{[")
		if next < 0 {
			break
		}
		from += next
		v, size, err := value(text[from:])
		if err != nil {
			from++
			continue
		}
		if from += size; from > end {
			found = append(found, v)
		}
	}
	return found
}

// value decodes the array or object at the start of text and returns its length. It repairs what does
// not change what is said: raw control characters and \' in strings, commas before a closing bracket.
func value(text string) (v any, size int, err error) {
	var fixed, due []byte // due: the closing brackets
	quoted := false
	for ; size < len(text) && (size == 0 || len(due) > 0); size++ {
		switch c := text[size]; {
		case quoted && c == '\\' && size+1 < len(text):
			size++
			if text[size] != '\'' {
				fixed = append(fixed, c)
			}
			fixed = append(fixed, text[size])
		case quoted && c < ' ':
			fixed = fmt.Appendf(fixed, `\u%04x`, c)
		case c == '}' && !quoted, c == ']' && !quoted:
			if due[len(due)-1] != c {
				return nil, 0, errors.New("brackets do not match")
			}
			fixed = append(bytes.TrimSuffix(bytes.TrimRight(fixed, " \t\r\n"), []byte(",")), c)
			due = due[:len(due)-1]
		default:
			switch {
			case c == '"':
				quoted = !quoted
			case c == '{' && !quoted:
				due = append(due, '}')
			case c == '[' && !quoted:
				due = append(due, ']')
			}
			fixed = append(fixed, c)
		}
		if len(due) > maxDepth {
			return nil, 0, errors.New("nested too deeply")
		}
	}
	if len(due) > 0 {
		return nil, 0, errors.New("cut off")
	}
	d := json.NewDecoder(bytes.NewReader(fixed))
	d.UseNumber()
	v, err = decode(d)
	return v, size, err
}

// decode returns the next value of d: an object, a []any, or what Token returns.
func decode(d *json.Decoder) (any, error) {
	t, err := d.Token()
	bracket, ok := t.(json.Delim)
	if err != nil || !ok {
		return t, err
	}
	list, o := []any{}, object{}
	for d.More() {
		var key any
		if bracket == '{' {
			if key, err = d.Token(); err != nil {
				return nil, err
			}
		}
		v, err := decode(d)
		if err != nil {
			return nil, err
		}
		if name, ok := key.(string); ok {
			o = append(o, member{name, v})
		} else {
			list = append(list, v)
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if bracket == '{' {
		return o, nil
	}
	return list, nil
}
