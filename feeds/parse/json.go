package parse

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/mmcdole/gofeed"
	gofeedjson "github.com/mmcdole/gofeed/json"
)

// parseJSON parses a JSON feed; if gofeed cannot, it is repaired first.
func (r *reader) parseJSON(p *gofeed.Parser, body []byte) (err error) {
	if r.feed, err = parse(p, body); err != nil {
		body, r.cut = repairJSON(body)
		var left map[string]bool
		if body, left = fitJSON(body); body != nil {
			r.feed, _ = parse(p, body)
		}
		switch {
		case r.feed == nil && r.cut:
			return errors.New("the document ends before its first item does")
		case r.feed == nil, left["items"] && len(r.feed.Items) == 0:
			return fmt.Errorf("not a feed: %w", err)
		case len(left) > 0:
			r.notes = append(r.notes, "values of a wrong type were left out of these fields: "+
				strings.Join(slices.Sorted(maps.Keys(left)), ", "))
		case !r.cut:
			r.notes = append(r.notes, "its JSON is malformed: it was read nonetheless")
		}
	}
	if r.feed.Title == "" && len(r.feed.Items) == 0 {
		return errors.New("not a feed: other JSON")
	}
	if r.src.Trusted() {
		r.readNashra(body)
	}
	return nil
}

// fitJSON returns body without the values that a JSON feed cannot have at their places, such as text
// where a list belongs, and the names of the fields that had them; nil: body is no JSON.
func fitJSON(body []byte) (fitted []byte, left map[string]bool) {
	d := json.NewDecoder(bytes.NewReader(bytes.ReplaceAll(body, []byte{dropped}, nil)))
	d.UseNumber() // ids may be long numbers
	var v any
	if d.Decode(&v) != nil {
		return nil, nil
	}
	left = map[string]bool{}
	v, _ = fit(v, reflect.TypeFor[gofeedjson.Feed](), "", left)
	fitted, _ = json.Marshal(v)
	return fitted, left
}

// fit returns what the field with this name and type can hold of v; false: nothing. It adds the
// names of fields that could not hold all to left.
func fit(v any, t reflect.Type, name string, left map[string]bool) (any, bool) {
	ok := true
	switch t.Kind() {
	case reflect.Pointer:
		return fit(v, t.Elem(), name, left)
	case reflect.Slice:
		var list, kept []any
		if list, ok = listed(v); ok {
			for _, e := range list {
				if e, ok := fit(e, t.Elem(), name, left); ok {
					kept = append(kept, e)
				}
			}
			return kept, true
		}
	case reflect.Struct:
		var object map[string]any
		object, ok = v.(map[string]any)
		for i := range t.NumField() {
			key, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			value, stated := object[key]
			if !stated || key == "id" { // any value can be an id
				continue
			}
			if object[key], stated = fit(value, t.Field(i).Type, key, left); !stated {
				delete(object, key)
			}
		}
	case reflect.String:
		_, ok = v.(string)
	default: // gofeed reads any value as a bool or a number
	}
	if !ok && v != nil {
		left[name] = true
	}
	return v, ok
}

// listed returns v as a list. PHP writes a list with gaps as an object whose keys are numbers.
func listed(v any) (list []any, ok bool) {
	if list, ok = v.([]any); ok {
		return list, true
	}
	object, _ := v.(map[string]any)
	keys := slices.SortedFunc(maps.Keys(object), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
	for _, k := range keys {
		if strings.Trim(k, "0123456789") != "" {
			return nil, false
		}
		list = append(list, object[k])
	}
	return list, len(list) > 0
}

// repairJSON returns body, a JSON object, without what follows its end, and with spaces for the raw
// control characters in its strings and for commas after the last value of a list or an object. If
// it ends early (open), its last, partial item is left out.
func repairJSON(body []byte) (repaired []byte, open bool) {
	out := bytes.Clone(body)
	depth, last := 0, 0 // last: where the last whole item ends
	key, items := 0, false
	comma := -1 // a comma that no value follows yet
	for i := 0; i < len(out); i++ {
		c := out[i]
		if comma >= 0 && (c == '}' || c == ']') {
			out[comma] = ' '
		}
		if c == ',' {
			comma = i
		} else if c > ' ' {
			comma = -1
		}
		switch c {
		case '"':
			end := stringEnd(out, i)
			if end < 0 {
				i = len(out)
				break
			}
			if depth == 1 {
				key = i
			}
			i = end
		case '{', '[':
			if depth++; depth == 2 {
				items = c == '[' && bytes.HasPrefix(out[key:], []byte(`"items"`))
			}
		case '}', ']':
			if depth--; depth == 0 {
				return out[:i+1], false
			}
			if depth == 2 && items {
				last = i + 1
			}
		}
	}
	if last == 0 {
		return out, true
	}
	return append(out[:last:last], "]}"...), true
}

// dropped stands for bytes that are to be left out: a control character that no text needs.
const dropped = 0x7F

// stringEnd returns where the string that begins with the quote at i ends, and overwrites the
// control characters in it and the backslashes that escape nothing; -1: it does not end.
func stringEnd(out []byte, i int) int {
	for i++; i < len(out); i++ {
		switch c := out[i]; {
		case c == '\\':
			if i++; i < len(out) && strings.IndexByte(`"\/bfnrtu`, out[i]) < 0 {
				out[i-1] = dropped
			}
		case c == '"':
			return i
		case c < ' ':
			out[i] = ' '
		}
	}
	return -1
}
