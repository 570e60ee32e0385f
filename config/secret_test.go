package config

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// sentinel is what must be seen nowhere. It is a fit id, tag, host, language and zone alike, so
// that no check hides a leak.
const sentinel = "s3ntinel"

func TestSecretPrintsAsNothing(t *testing.T) {
	s := Secret(sentinel)
	j, err1 := json.Marshal(map[string]Secret{"k": s})
	y, err2 := yaml.Marshal(map[string]Secret{"k": s})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	all := fmt.Sprintf("%v %s %q %#v %+v %x %s %s", s, s, s, s, struct{ S Secret }{s}, s, j, y)
	if strings.Contains(all, sentinel) || strings.Contains(all, fmt.Sprintf("%x", sentinel)) {
		t.Error(all)
	}
	if fmt.Sprint(Secret("")) != "" {
		t.Error("an empty secret looks like a secret")
	}
}

// Show hides secrets from elsewhere and secrets in the file itself.
func TestShowHidesSecrets(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("secret", []byte(sentinel), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := parse("t.yaml", []byte(`
store: postgres://u:`+sentinel+`@db.example/n?sslpassword=`+sentinel+`
serve: {token: `+sentinel+`}
fetch: {proxy: "http://u:`+sentinel+`@proxy.example:3128"}
sources:
  - {url: "https://u:`+sentinel+`@a.example/feed?k=`+sentinel+`",
     headers: {X: `+sentinel+`, Y: "${S}", Z: "Bearer ${S}"}}
  - {url: "https://b.example/${S}/feed", title: "${S}"}
  - {url: "https://c.example/x?key=${S}"}
engines:
  d: {type: deepl, key: `+sentinel+`}
  e: {type: deepl, key: file:secret}
  g: {type: google, credentials: '{"private_key": "`+sentinel+`"}'}
  l: {type: libretranslate, url: "https://l.example/${S}"}
`), vars(map[string]string{"S": sentinel}))
	if err != nil {
		t.Fatal(err)
	}
	shown, err := c.Show()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(shown), sentinel) {
		t.Errorf("shown:\n%s", shown)
	}
	for _, want := range []string{"key: file:secret", `"Y": ${S}`, "url: https://a.example/…",
		"https://b.example/${S}/feed", "title: ${S}", "proxy: http://proxy.example:3128",
		"store: postgres://db.example/n?…"} {
		if !strings.Contains(string(shown), want) {
			t.Errorf("not shown: %s\n%s", want, shown)
		}
	}
	for _, s := range c.Sources {
		if !s.Private {
			t.Errorf("source %s is not private", s.ID)
		}
	}
}

// FuzzRead checks that no file makes Read panic, or an error or Show reveal a value from the
// environment.
func FuzzRead(f *testing.F) {
	f.Add(string(Template()))
	whole, err := os.ReadFile(filepath.Join("testdata", "whole.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(whole))
	for _, text := range badConfigs {
		f.Add(text)
	}
	f.Add("sources:\n  - {url: \"https://${S}.example/${S}?a=${S}\", id: a, title: \"${S}\", lang: \"${S}\", " +
		"timezone: \"${S}\", schedule: \"${S}\"}\n")
	f.Add("channels: [{id: a, sources: [\"${S}\"], tags: [\"${S}\"], include: [\"/${S}(/\"], title: {en: " +
		"\"${S}\"}}]\nfetch: {timeout: \"${S}\", per_host: \"${S}\"}\n")
	f.Add("translate: {engines: [\"${S}\"], budget: {day: \"${S}\"}}\nengines: {x: {type: \"${S}\"}}\nserve: " +
		"{listen: \"${S}\"}\n")
	env := func(string) (string, bool) { return sentinel, true }
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 || strings.Contains(text, "file:") || strings.Contains(strings.ToLower(text), sentinel) {
			return // reads no local files; errors may quote the config file itself
		}
		c, err := parse("fuzz.yaml", []byte(text), env)
		if err != nil {
			if strings.Contains(err.Error(), sentinel) {
				t.Fatalf("told: %v", err)
			}
			return
		}
		shown, err := c.Show()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(shown), sentinel) {
			t.Fatalf("shown:\n%s", shown)
		}
	})
}

// The schema is JSON, has every key that Read knows, and refuses others.
func TestSchema(t *testing.T) {
	text, err := reader(none).Schema()
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties map[string]struct {
			AnyOf []struct{ Properties map[string]any }
		}
		AdditionalProperties bool `json:"additionalProperties"`
	}
	s.AdditionalProperties = true
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if s.AdditionalProperties || len(s.Properties) != 14 || len(s.Properties["fetch"].AnyOf[0].Properties) != 8 {
		t.Errorf("%d keys, of fetch %d, others allowed: %v", len(s.Properties),
			len(s.Properties["fetch"].AnyOf[0].Properties), s.AdditionalProperties)
	}
}
