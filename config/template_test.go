package config

import (
	"reflect"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

// Builtin has every source that the template names, polled or commented out, each complete: with tags and a
// title in both languages, and one of each kind that the config can tell.
func TestBuiltinSourcesAreComplete(t *testing.T) {
	all, err := reader(vars(nil)).Builtin()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, s := range all {
		switch {
		case s.List():
			kinds["list"]++
			continue // its feeds have titles of their own
		case s.Page.On():
			kinds["page"]++
		case strings.Contains(s.URL, "//t.me/s/"):
			kinds["telegram"]++
		case strings.Contains(s.URL, "//www.youtube.com/@"):
			kinds["youtube"]++
		case strings.HasSuffix(s.URL, "sitemap.xml"):
			kinds["sitemap"]++
		}
		if s.On() {
			kinds["polled"]++
		}
		if len(s.Tags) == 0 || s.Title.EN == "" || s.Title.AR == "" {
			t.Errorf("%s: tags %v, title %+v", s.ID, s.Tags, s.Title)
		}
	}
	want := map[string]int{"list": 1, "page": 1, "telegram": 1, "youtube": 1, "sitemap": 1, "polled": 7}
	if !reflect.DeepEqual(kinds, want) {
		t.Errorf("kinds %v, want %v", kinds, want)
	}
	lines := strings.Count(string(template), "\n  - {url: ") + strings.Count(string(template), "\n  # - {")
	if len(all) != lines {
		t.Errorf("%d sources of %d lines", len(all), lines)
	}
}

// The template explains each key that a source may have.
func TestTemplateExplainsKeysOfSources(t *testing.T) {
	for _, f := range fields(reflect.TypeFor[feeds.Source]()) {
		key := f.key + ": "
		if !strings.Contains(string(template), "\n#   "+key) && !strings.Contains(string(template), "\n#   - "+key) {
			t.Errorf("key %s is not explained", f.key)
		}
	}
}
