package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/nashra/nashra/feeds"
)

// Show is the config as it works, defaults filled in, as YAML. Secrets are masked, addresses lack userinfo and query values, and
// what came from the environment or another file stands as it is written.
func (c *Config) Show() ([]byte, error) {
	out, err := yaml.MarshalWithOptions(c.shown(reflect.ValueOf(c).Elem(), "", ""), yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("print config: %w", err)
	}
	return out, nil
}

// shown is v as it may be printed.
func (c *Config) shown(v reflect.Value, path, unit string) any {
	if ref := c.refs[path]; ref != "" {
		return shownRef(ref)
	}
	switch {
	case v.Type() == durationType:
		return formatDuration(time.Duration(v.Int()))
	case v.Type() == amountType:
		a := v.Interface().(Amount)
		if a.Micros == 0 {
			return a.Chars
		}
		return a.String()
	case unit == "bytes":
		return formatSize(v.Int())
	case v.Type() == secretType || strings.Contains(path, "].headers.") && v.Kind() == reflect.String:
		return Secret(v.String()).String()
	case v.Kind() == reflect.String:
		return shownText(v.String())
	}
	switch v.Kind() {
	case reflect.Pointer:
		return c.shown(v.Elem(), path, unit)
	case reflect.Struct:
		out := yaml.MapSlice{}
		for _, f := range fields(v.Type()) {
			if below := v.Field(f.index); !f.omit || !below.IsZero() {
				out = append(out, yaml.MapItem{Key: f.key, Value: c.shown(below, join(path, f.key), f.unit)})
			}
		}
		return out
	case reflect.Map:
		out := yaml.MapSlice{}
		for _, key := range slices.Sorted(maps.Keys(keysOf(v))) {
			out = append(out, yaml.MapItem{Key: key, Value: c.shown(v.MapIndex(reflect.ValueOf(key)), join(path, key), "")})
		}
		return out
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = c.shown(v.Index(i), fmt.Sprintf("%s[%d]", path, i), "")
		}
		return out
	}
	return v.Interface()
}

func keysOf(m reflect.Value) map[string]bool {
	out := map[string]bool{}
	for _, k := range m.MapKeys() {
		out[k.String()] = true
	}
	return out
}

// shownText hides what an address may hold. What is no address is shown as it is.
func shownText(s string) string {
	if strings.Contains(s, "://") {
		return feeds.Redact(s)
	}
	return s
}

// shownRef is a value that was expanded: as written where that is nothing but a reference; an address without its query; else only
// the mask, for what stands around a reference may be half of a secret.
func shownRef(ref string) string {
	switch {
	case strings.HasPrefix(ref, fileScheme), reference.FindString(ref) == ref:
		return ref
	case strings.HasPrefix(ref, "https://"), strings.HasPrefix(ref, "http://"):
		return strings.NewReplacer("%7B", "{", "%7D", "}").Replace(feeds.Redact(ref))
	}
	return mask
}
