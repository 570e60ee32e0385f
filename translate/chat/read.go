package chat

import (
	"bytes"
	"encoding/json"
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
	text, begin, end := strings.TrimSpace(string(said)), 0, 0
	if len(text) > maxContent {
		return nil, false
	}
	if inner := ""; strings.HasPrefix(text, `"`) && json.Unmarshal([]byte(text), &inner) == nil {
		text = inner // encoded twice
	}
	for _, t := range thoughts {
		if strings.Contains(text, t.end) { // fast, which LastIndex is not
			end = max(end, strings.LastIndex(text, t.end)+len(t.end))
			begin = max(begin, strings.Index(text[:end], t.begin))
		} else if strings.HasPrefix(text, t.begin) && end == 0 {
			return nil, false // never finished
		}
	}
	texts, ok := choose(values(text[:begin]+text[end:], 0), sources)
	if !ok && end > 0 { // the mark may be part of a translation
		return choose(values(text, end), sources)
	}
	return texts, ok
}

// choose returns the one set of translations in values.
func choose(values []any, sources []string) ([]string, bool) {
	found := slices.CompactFunc(sets(values, sources, 5), slices.Equal)
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
	list, _ := v.([]any)
	o, _ := v.(object)
	for _, m := range o {
		list = append(list, m.value)
	}
	for _, inner := range list {
		if depth > 0 {
			found = append(found, sets(inner, sources, depth-1)...)
		}
	}
	return found
}

// set reads v as translations of sources. It reports false if the ids are not exactly those of sources,
// from 1. An id that comes twice needs the same text, or none, in one of its places.
func set(v any, sources []string) ([]string, bool) {
	texts, known := make([]string, len(sources)), make([]bool, len(sources))
	for _, o := range entries(v) {
		id, _ := o.id()
		n, err := strconv.Atoi(id)
		if err != nil || strconv.Itoa(n) != id || n < 1 || n > len(sources) {
			return nil, false
		}
		text, ok := o.text(sources[n-1])
		old := texts[n-1]
		if blank := strings.TrimSpace(text) == ""; !ok || !blank && strings.TrimSpace(old) != "" && text != old {
			return nil, false
		} else if !blank {
			texts[n-1] = text
		}
		known[n-1] = true
	}
	return texts, !slices.Contains(known, false)
}

// object is a JSON object with its members in order, doubled ones too.
type object []member

type member struct {
	key   string
	value any
}

// entries returns the entries of v, each with an id and a text: the elements of a list, an object alone, or
// the fields of an object whose names are the ids, perhaps after a word that all begin with.
func entries(v any) (all []object) {
	list, isList := v.([]any)
	for _, e := range list {
		all = append(all, entries(e)...)
	}
	o, _ := v.(object)
	const digits = "0123456789"
	word := ""
	if len(o) > 0 {
		word = strings.TrimRight(o[0].key, digits)
	}
	other := func(m member) bool { return m.key == word || strings.TrimRight(m.key, digits) != word }
	if isList {
		return all
	} else if slices.ContainsFunc(o, other) || len(o) == 0 {
		return []object{o}
	}
	for _, m := range o {
		inner, ok := m.value.(object)
		if !ok {
			inner = object{{"t", m.value}}
		}
		all = append(all, append(object{{"id", strings.TrimPrefix(m.key, word)}}, inner...))
	}
	return all
}

// where returns the members that fit.
func (o object) where(fits func(m member) bool) object {
	return slices.DeleteFunc(slices.Clone(o), func(m member) bool { return !fits(m) })
}

// only returns the text or number that all members of o have.
func (o object) only() (text string, ok bool) {
	for i, m := range o {
		s, _ := m.value.(string)
		number, _ := m.value.(json.Number)
		if s += string(number); i > 0 && s != text {
			return "", false
		}
		text = s
	}
	return text, len(o) > 0
}

func isText(m member) bool { _, ok := m.value.(string); return ok }

func isNumber(m member) bool { _, ok := m.value.(json.Number); return ok }

// id returns the id of an entry: its field of that name, or the only number in it.
func (o object) id() (string, bool) {
	ids := o.where(func(m member) bool { return strings.EqualFold(m.key, "id") && (isText(m) || isNumber(m)) })
	if len(ids) == 0 {
		ids = o.where(isNumber)
	}
	return ids.only()
}

// asides are the beginnings of the names of fields that hold no translation.
var asides = []string{"id", "source", "src", "original", "from", "lang", "note", "comment", "explanation", "reason",
	"thought", "error", "status", "role", "type", "confidence", "speaker"}

// text returns the translation of source in an entry: its field "t", or else the only field that can be the
// translation. A text that repeats the source counts only if there is no other.
func (o object) text(source string) (string, bool) {
	texts := o.where(func(m member) bool {
		aside := func(beginning string) bool { return strings.HasPrefix(strings.ToLower(m.key), beginning) }
		return (isText(m) || m.value == nil) && !slices.ContainsFunc(asides, aside)
	})
	fresh := texts.where(func(m member) bool {
		text, _ := m.value.(string)
		return strings.TrimSpace(text) != strings.TrimSpace(source)
	})
	if len(fresh) > 0 {
		texts = fresh
	}
	if named := texts.where(func(m member) bool { return m.key == "t" }); len(named) > 0 {
		texts = named
	}
	return texts.only()
}

// Bounds of the work on one answer. The largest call's ceiling is about 11,000 tokens.
const (
	maxContent = 256 << 10 // bytes
	maxTries   = 256       // brackets at which a JSON value may begin
	maxDepth   = 16
)

// values returns the JSON arrays and objects in text that end after end.
func values(text string, end int) (found []any) {
	from := 0
	for range maxTries {
		next := strings.IndexAny(text[from:], "{[")
		if next < 0 {
			break
		}
		from += next
		v, size, ok := value(text[from:])
		if !ok {
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
func value(text string) (v any, size int, ok bool) {
	var fixed, due []byte // due: the closing brackets
	quoted := false
	for ; size < len(text) && (size == 0 || len(due) > 0) && len(due) <= maxDepth; size++ {
		c := text[size]
		switch {
		case quoted && c == '\\' && size+1 < len(text):
			size++
			if text[size] != '\'' {
				fixed = append(fixed, c)
			}
			c = text[size]
		case quoted && c < ' ':
			fixed = fmt.Appendf(fixed, `\u%04x`, c)
			continue
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			due = append(due, c+2) // in ASCII the closing bracket is two further
		case c == '}' || c == ']':
			if due[len(due)-1] != c {
				return nil, 0, false
			}
			fixed = bytes.TrimSuffix(bytes.TrimRight(fixed, " \t\r\n"), []byte(","))
			due = due[:len(due)-1]
		}
		fixed = append(fixed, c)
	}
	d := json.NewDecoder(bytes.NewReader(fixed))
	d.UseNumber()
	v, err := decode(d) // fails if brackets are due
	return v, size, err == nil
}

// decode returns the next value of d: an object, a []any, or what Token returns.
func decode(d *json.Decoder) (any, error) {
	t, err := d.Token()
	bracket, ok := t.(json.Delim)
	if err != nil || !ok {
		return t, err
	}
	list, o := []any{}, object{}
	for d.More() && err == nil {
		var key, v any
		if bracket == '{' {
			key, err = d.Token()
		}
		if err == nil {
			v, err = decode(d)
		}
		name, _ := key.(string)
		list, o = append(list, v), append(o, member{name, v})
	}
	if _, end := d.Token(); err == nil {
		err = end
	}
	if bracket == '{' {
		return o, err
	}
	return list, err
}
