package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// shapes shows how to write the mappings and lists that people write otherwise, by kind of path.
var shapes = map[string]string{
	"":                    "write key: value, with a space after the colon",
	"retention":           "write {items: 180d}",
	"sources":             `write a line "- url: https://host/feed" for each`,
	"sources[]":           "write - url: https://host/feed",
	"sources[].headers":   "write {Name: value}",
	"sources[].page":      `write {item: "article", title: "h2", link: "a"}`,
	"sources[].drop":      `write [".ad", "aside"]`,
	"sources[].replace":   `write [{from: "/re/", to: "text"}]`,
	"sources[].replace[]": `write {from: "/re/", to: "text"}`,
	"notify":              `write a line "- id: phone" for each`,
	"notify[]":            "write - id: phone",
	"notify[].when":       "write {min_outlets: 3}",
	"sources[].title":     "write a name, or {en: Name, ar: اسم}",
	"channels":            `write a line "- id: feed" for each`,
	"channels[]":          "write - id: feed",
	"channels[].digest":   `write {schedule: "0 7 * * *"}`,
	"channels[].title":    "write {en: News, ar: أخبار}",
	"tags":                "write {news: {en: News, ar: أخبار}}",
	"tags.*":              "write {en: News, ar: أخبار}",
	"translate.budget":    "write {month: 500000}",
	"engines":             `write {deepl: {type: deepl, key: "${DEEPL_API_KEY}"}}`,
	"engines.*":           `write {type: deepl, key: "${DEEPL_API_KEY}"}`,
	"engines.*.budget":    "write {month: 500000}",
}

// missing shows how to write the keys that an engine's entry may lack.
var missing = map[string]string{
	"type":        "write the kind of service, such as type: deepl or type: chat",
	"url":         "write the service's address, such as url: https://host/v1",
	"model":       "write the name that the service has for its model",
	"key":         `write key: "${NAME}" for a variable of the environment, or key: file:PATH`,
	"credentials": "write credentials: file:PATH",
	"region":      "write the region of the service, such as region: westeurope",
	"project":     "write the id of the cloud project",
}

// keyHint returns what to write for p, a key of n that is not in known.
func keyHint(n ast.Node, p pair, known []string) string {
	m, _ := n.(*ast.MappingNode)
	hidden := func(r rune) bool { return r > unicode.MaxASCII && unicode.In(r, unicode.Cf, unicode.Z) }
	switch {
	case strings.ContainsFunc(p.key, hidden):
		return "write it without invisible characters, indented with plain spaces"
	case m != nil && m.IsFlowStyle && p.value != nil && p.value.Type() == ast.NullType:
		return "between braces a value that holds a comma needs quotes"
	}
	return Suggest(p.key, known)
}

// choiceHint returns what to write for s, which is not in list, the choices of kind.
func (f *file) choiceHint(s, kind string, list []string) string {
	byDialect := func(t translate.EngineType) bool { return slices.Contains(t.Dialects, s) }
	switch i := slices.IndexFunc(f.Engines, byDialect); {
	case kind == "engines.*.type" && i >= 0:
		return fmt.Sprintf("write type: %s, dialect: %s", f.Engines[i].Name, s)
	case slices.Contains(list, "none") && slices.Contains([]string{"false", "off", "no"}, s):
		return "write none"
	}
	if hint := Suggest(s, list); strings.HasPrefix(hint, "did you mean") {
		return hint
	}
	return "write one of them"
}

// zoneHint returns the timezone that a city names, or examples.
func (f *file) zoneHint(path, city string) string {
	for _, area := range []string{"Africa/", "Asia/", "Europe/", "America/"} {
		if _, err := time.LoadLocation(area + city); err == nil && city != "" && f.refs[path] == "" {
			return "write " + area + city
		}
	}
	return "write UTC or Africa/Cairo"
}

// idHint returns what to write for id, which has other characters than an id may have.
func idHint(id string) string {
	if strings.Contains(id, "،") {
		return `separate names with ",", not with "،"`
	}
	hint := "write a-z, 0-9 and -, at most 63 of them, not - first"
	if slug := feeds.Slug(id, maxID); IsID(slug) && len(id) <= maxQuoted {
		hint += ", such as " + slug
	}
	return hint
}
