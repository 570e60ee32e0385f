package config

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// referencePattern fits a value with a reference, which may stand for any other value.
const referencePattern = `^file:|\$\{[A-Za-z_][A-Za-z0-9_]*\}`

// Schema returns a JSON Schema (2020-12) of the file, for editors, made from the types and tables
// that Read uses. Only Read checks schedules, addresses and references between entries.
func (r Reader) Schema() ([]byte, error) {
	root := schema{choices(r.Engines)}.of(reflect.TypeFor[Config](), "", "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = fileName
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("make schema: %w", err)
	}
	return append(out, '\n'), nil
}

type object = map[string]any

// schema makes the schemas of types; choices holds the values that a key may have, by kind of path.
type schema struct{ choices map[string][]string }

func (s schema) of(t reflect.Type, kind, unit string) object {
	text := func(pattern string) object {
		return object{"type": "string", "pattern": pattern + "|" + referencePattern}
	}
	switch {
	case t == durationType:
		return object{"anyOf": []object{text(`^([0-9]+d)?([0-9.]+(ns|us|µs|ms|s|m|h))*$`), {"const": 0}}}
	case t == amountType:
		return object{"anyOf": []object{text(`^\$?[0-9]+(\.[0-9]+)?$`), {"type": "integer", "minimum": 1}}}
	case unit == "bytes":
		return object{"anyOf": []object{text(`^[0-9]+ *([KMG]i?)?B?$`), {"type": "integer", "minimum": 1}}}
	case s.choices[kind] != nil:
		return object{"anyOf": []object{{"enum": s.choices[kind]}, {"type": "string", "pattern": referencePattern}}}
	case kind == "sources[].id" || kind == "channels[].id" || kind == "notify[].id" || kind == "sources[].tags[]":
		return object{"type": "string", "pattern": idPattern.String(), "not": object{"enum": reserved}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem(), kind, unit)
	case reflect.Struct:
		properties := object{}
		for _, f := range fields(t) {
			properties[f.key] = nullable(s.of(t.Field(f.index).Type, join(kind, f.key), f.unit))
		}
		out := object{"type": "object", "properties": properties, "additionalProperties": false}
		switch kind {
		case "sources[].title":
			return object{"anyOf": []object{s.of(reflect.TypeFor[string](), "", ""), out}}
		case "sources[]":
			out["oneOf"] = []object{{"required": []string{"url"}}, {"required": []string{"opml"}}}
		case "sources[].page":
			out["required"] = []string{"item"}
		case "sources[].replace[]":
			out["required"] = []string{"from", "to"}
		case "notify[]":
			out["required"] = []string{"id", "url", "channel"}
		case "channels[]":
			out["required"] = []string{"id"}
		case "engines.*":
			out["required"] = []string{"type"}
		}
		return out
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem(), join(kind, "*"), "")}
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem(), kind+"[]", "")}
	case reflect.Bool:
		return object{"anyOf": []object{{"type": "boolean"}, {"type": "string", "pattern": referencePattern}}}
	case reflect.Int:
		return object{"anyOf": []object{{"type": "integer", "minimum": 1},
			{"type": "string", "pattern": referencePattern}}}
	}
	return object{"type": []string{"string", "number", "boolean"}}
}

// nullable also accepts a key without a value, which equals no key.
func nullable(s object) object { return object{"anyOf": []object{s, {"type": "null"}}} }
