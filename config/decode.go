package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// Types that the file writes as one value.
var (
	durationType = reflect.TypeFor[time.Duration]()
	amountType   = reflect.TypeFor[Amount]()
	secretType   = reflect.TypeFor[Secret]()
	titleType    = reflect.TypeFor[feeds.Title]()
)

// choices returns the values that a key may have, by kind of path: [] stands for any place in a
// list, * for any name in a mapping.
func choices(engines translate.EngineTypes) map[string][]string {
	var types, dialects []string
	for _, t := range engines {
		types = append(types, t.Name)
		dialects = append(dialects, t.Dialects...)
	}
	return map[string][]string{
		"sources[].translate": {"full", "title", "none"},
		"sources[].content":   {"full", "summary"},
		"sources[].full_text": {"never", "auto", "always"},
		"sources[].trust":     {"nashra"},
		"channels[].layout":   {"blocks", "interleaved"},
		"channels[].titles":   {"both", "en"},
		"channels[].events":   {"link", "off"},
		"channels[].link":     {"original", "page"},
		"publish.images":      {"remote", "off"},
		"serve.log":           {"text", "json"},

		"channels[].untranslated": {"show", "hold"},
		"translate.on_budget":     {"original", "hold", "titles"},
		"engines.*.type":          types,
		"engines.*.dialect":       dialects,
		"engines.*.reasoning":     {"none", "minimal", "low", "medium", "high"},
		"engines.*.pull":          {"auto", "never"},
	}
}

// field is a key of a mapping that is decoded into a struct.
type field struct {
	key, unit string
	omit      bool // Show leaves it out if it is empty
	index     int  // of the struct's field
}

// fields returns the keys of struct type t, in order.
func fields(t reflect.Type) (out []field) {
	for i := range t.NumField() {
		key, option, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if key != "" && key != "-" {
			out = append(out, field{key, t.Field(i).Tag.Get("unit"), option == "omitempty", i})
		}
	}
	return out
}

// decode puts n into v. path is n's place in the file, kind the same without numbers and names.
// Null leaves v unchanged.
func (f *file) decode(n ast.Node, v reflect.Value, path, kind, unit string) {
	if f.nodes++; f.nodes > maxValues {
		if f.nodes == maxValues+1 {
			f.fail(n.GetToken().Position, fmt.Sprintf("more than %d values, aliases counted each time", maxValues), "")
		}
		return
	}
	if n = f.resolve(n); n == nil || n.Type() == ast.NullType {
		return
	}
	f.at[path] = n.GetToken().Position
	_, plain := text(n)
	switch k := v.Kind(); {
	case v.Type() == titleType && plain:
		var name string
		f.scalar(n, reflect.ValueOf(&name).Elem(), path, kind, unit)
		v.Set(reflect.ValueOf(feeds.NewTitle(name)))
	case k == reflect.Struct && v.Type() != amountType:
		f.decodeStruct(n, v, path, kind)
	case k == reflect.Map:
		f.decodeMap(n, v, path, kind)
	case k == reflect.Slice:
		f.decodeList(n, v, path, kind)
	case k == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.scalar(n, v.Elem(), path, kind, unit)
	default:
		f.scalar(n, v, path, kind, unit)
	}
}

func (f *file) decodeStruct(n ast.Node, v reflect.Value, path, kind string) {
	list, ok := f.pairs(n, path, kind)
	if !ok {
		return
	}
	known, ok := f.fields[v.Type()]
	if !ok {
		known = fields(v.Type())
		f.fields[v.Type()] = known
	}
	for _, p := range list {
		i := slices.IndexFunc(known, func(k field) bool { return k.key == p.key })
		if i < 0 {
			var names []string
			for _, k := range known {
				names = append(names, k.key)
			}
			f.fail(p.pos, "unknown key "+quote(p.key), keyHint(n, p, names))
			continue
		}
		f.decode(p.value, v.Field(known[i].index), join(path, p.key), join(kind, p.key), known[i].unit)
	}
}

func (f *file) decodeMap(n ast.Node, v reflect.Value, path, kind string) {
	list, ok := f.pairs(n, path, kind)
	if !ok {
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for _, p := range list {
		below := join(path, p.key)
		one := reflect.New(v.Type().Elem()).Elem()
		f.at[below] = p.pos // an entry without a value exists, too
		f.decode(p.value, one, below, join(kind, "*"), "")
		v.SetMapIndex(reflect.ValueOf(p.key), one)
	}
}

func (f *file) decodeList(n ast.Node, v reflect.Value, path, kind string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		hint := cmp.Or(shapes[kind], `write [a, b], or a line "- a" for each`)
		if values, ok := entries(n); ok {
			hint = `begin each entry with "- "`
			if strings.HasPrefix(values[0].Key.GetToken().Value, "-") {
				hint = "write a space after each dash"
			}
		}
		f.wrongType(n, path, "a list", hint)
		return
	}
	out := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, e := range seq.Values {
		below := fmt.Sprintf("%s[%d]", path, i)
		f.decode(e, out.Index(i), below, kind+"[]", "")
		if !f.has(below) && f.nodes <= maxValues {
			f.at[below] = seq.GetToken().Position
			if e != nil && e.GetToken() != nil {
				f.at[below] = e.GetToken().Position
			}
			if v.Type().Elem().Kind() != reflect.Struct { // check reports what a struct misses
				f.fail(f.at[below], below+": an empty entry", "remove it")
			}
		}
	}
	v.Set(out)
}

// pair is a key of a mapping with its value.
type pair struct {
	key   string
	pos   *token.Position
	value ast.Node
}

// pairs returns the keys of mapping n, each once: its own, then those that it lacks of the mappings
// that it merges (<<).
func (f *file) pairs(n ast.Node, path, kind string) ([]pair, bool) {
	var own, merged []pair
	values, ok := entries(n)
	if !ok {
		hint := cmp.Or(shapes[kind], "write its keys below it, one on each line")
		if s, plain := text(n); plain && kind != "sources[]" && strings.Contains(s, ":") {
			hint = shapes[""]
		}
		f.wrongType(n, path, "a mapping", hint)
		return nil, false
	}
	if len(values) > 0 && path != "" {
		f.at[path] = values[0].Key.GetToken().Position
	}
	lines := map[string]int{}
	for _, e := range values {
		pos := e.Key.GetToken().Position
		if e.Key.IsMergeKey() {
			merged = append(merged, f.merge(e.Value)...)
			continue
		}
		key, ok := text(e.Key)
		if !ok {
			f.fail(pos, "a key must be plain text", "write key: value")
			continue
		}
		if first := lines[key]; first > 0 {
			f.fail(pos, fmt.Sprintf("key %s is here twice, first in line %d", quote(key), first), "make one of the two")
			continue
		}
		lines[key] = pos.Line
		own = append(own, pair{key, pos, e.Value})
	}
	for _, p := range merged {
		if lines[p.key] == 0 {
			lines[p.key] = p.pos.Line
			own = append(own, p)
		}
	}
	return own, true
}

// merge returns the keys of the mapping that << names. It takes one mapping, which merges no other.
func (f *file) merge(n ast.Node) (out []pair) {
	pos := n.GetToken().Position
	if n = f.resolve(n); n == nil {
		return nil
	}
	values, ok := entries(n)
	for _, e := range values {
		key, plain := text(e.Key)
		ok = ok && plain && !e.Key.IsMergeKey()
		out = append(out, pair{key, e.Key.GetToken().Position, e.Value})
	}
	if f.nodes += len(out); !ok {
		f.fail(pos, "<< takes one mapping of plain keys", "")
		return nil
	}
	return out
}

// join returns the path of key beneath path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// entries returns the keys and values of a mapping.
func entries(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	return nil, false
}

// scalar expands n's text and puts it into v.
func (f *file) scalar(n ast.Node, v reflect.Value, path, kind, unit string) {
	written, ok := text(n)
	if !ok {
		f.wrongType(n, path, typeName(v.Type(), unit), "write one value")
		return
	}
	if bare.MatchString(written) && (v.Type() == secretType || addressed.MatchString(path)) {
		f.fail(f.at[path], path+": names a variable without braces", `write "${NAME}"`)
		return
	}
	s, ok := f.expand(written, path)
	if !ok {
		return
	}
	quoted := n.Type() == ast.LiteralType || n.GetToken().Type == token.SingleQuoteType ||
		n.GetToken().Type == token.DoubleQuoteType
	quoted = quoted && f.refs[path] == ""
	if err := set(v, s, quoted, unit); err != nil {
		f.fail(f.at[path], path+": "+f.said(path, s)+" "+err.Error(), "")
		return
	}
	if list := f.choices[kind]; list != nil && s != "" && !slices.Contains(list, s) {
		hint := ""
		if f.refs[path] == "" { // a near name would give the value away
			hint = f.choiceHint(s, kind, list)
		}
		f.fail(f.at[path], path+": "+f.said(path, s)+" is none of "+strings.Join(list, ", "), hint)
	}
}

// set parses s by v's type and puts it into v.
func set(v reflect.Value, s string, quoted bool, unit string) error {
	hint := ""
	switch {
	case v.Type() == durationType:
		d, err := ParseDuration(s)
		v.SetInt(int64(d))
		return err
	case v.Type() == amountType:
		a, err := parseAmount(s)
		v.Set(reflect.ValueOf(a))
		return err
	case unit == "bytes":
		n, err := parseSize(s)
		v.SetInt(n)
		return err
	case v.Kind() == reflect.String:
		v.SetString(s)
		return nil
	case quoted:
		hint = ": write it without quotes"
	case v.Kind() == reflect.Bool && (s == "true" || s == "false"):
		v.SetBool(s == "true")
		return nil
	case v.Kind() == reflect.Int:
		n, err := strconv.ParseInt(s, 10, 32)
		if err == nil {
			v.SetInt(n)
			return nil
		}
		hint = ": write digits 0-9, without a unit, at most 2147483647"
	}
	return fmt.Errorf("is not %s%s", typeName(v.Type(), unit), hint)
}

// text returns a plain or quoted value exactly as it is written: 007 and 1e3 stay so.
func text(n ast.Node) (string, bool) {
	switch s := n.(type) {
	case *ast.StringNode:
		return s.Value, true
	case *ast.LiteralNode:
		return s.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func (f *file) wrongType(n ast.Node, path, want, hint string) {
	f.shape[path] = true
	got := "one value"
	if _, ok := entries(n); ok {
		got = "a mapping"
	} else if n.Type() == ast.SequenceType {
		got = "a list"
	}
	if path == "" {
		path = "the file"
	}
	f.fail(n.GetToken().Position, path+": want "+want+", not "+got, hint)
}

func typeName(t reflect.Type, unit string) string {
	switch {
	case t == durationType:
		return "a duration"
	case t == amountType:
		return "a budget"
	case unit == "bytes":
		return "a size"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		return "a whole number"
	}
	return "text"
}
