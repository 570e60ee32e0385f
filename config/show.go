package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/nashra/nashra/feeds"
)

// Show returns the config as YAML, with defaults filled in, secrets masked, and values from
// elsewhere as they are written. Addresses lack userinfo and query values.
func (c *Config) Show() ([]byte, error) {
	out, err := yaml.MarshalWithOptions(c.shown(reflect.ValueOf(c).Elem(), "", ""), yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("print config: %w", err)
	}
	return out, nil
}

// shown returns v as it may be printed.
func (c *Config) shown(v reflect.Value, path, unit string) any {
	if ref := c.refs[path]; ref != "" {
		return shownRef(ref, hidden(path))
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
	case v.Type() == secretType || v.Kind() == reflect.String && hidden(path):
		return Secret(v.String()).String()
	case v.Kind() == reflect.String:
		return shownText(v.String())
	}
	if s, ok := v.Interface().(feeds.Source); ok { // for its address
		s.URL, s.OPML = s.Shown(feeds.Redact(s.URL)), s.Shown(feeds.Redact(s.OPML))
		v = reflect.ValueOf(s)
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
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			below := c.shown(v.MapIndex(key), join(path, key.String()), "")
			out = append(out, yaml.MapItem{Key: key.String(), Value: below})
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

// shownText hides the secret parts of an address. Other text stays as it is.
func shownText(s string) string {
	if strings.Contains(s, "://") && !strings.HasSuffix(s, "/…") { // an address without a path, as Shown makes it
		return feeds.Redact(s)
	}
	return s
}

// shownRef returns an expanded value as it is written: a bare reference in full, an address without
// its query unless all of it is secret, anything else as the mask, since text around a reference may be
// half of a secret.
func shownRef(ref string, secret bool) string {
	switch {
	case strings.HasPrefix(ref, fileScheme), reference.FindString(ref) == ref:
		return ref
	case secret:
	case strings.HasPrefix(ref, "https://"), strings.HasPrefix(ref, "http://"):
		return strings.NewReplacer("%7B", "{", "%7D", "}").Replace(feeds.Redact(ref))
	}
	return mask
}

// hidden reports whether the text at path is a secret, though the type of its field does not say so.
func hidden(path string) bool {
	return strings.Contains(path, "].headers.") ||
		strings.HasPrefix(path, "notify[") && (strings.HasSuffix(path, "].url") || strings.HasSuffix(path, "].secret"))
}
