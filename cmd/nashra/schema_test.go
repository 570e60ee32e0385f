package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/nashra/nashra/feeds/site/sitetest"
)

// feedSchema returns docs/feed.schema.json. A closed one allows no name that it does not state.
func feedSchema(t *testing.T, closed bool) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "feed.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if closed {
		shut(schema)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("feed.schema.json", schema); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("feed.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shut forbids other names in all objects of a schema.
func shut(schema any) {
	switch v := schema.(type) {
	case map[string]any:
		if _, named := v["properties"].(map[string]any); named && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, child := range v {
			shut(child)
		}
	case []any:
		for _, child := range v {
			shut(child)
		}
	}
}

// fits checks a JSON feed, which must have so many items, against the schema.
func fits(t *testing.T, s *jsonschema.Schema, name string, text []byte, items int) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	feed, _ := v.(map[string]any)
	if list, _ := feed["items"].([]any); len(list) < items {
		t.Errorf("%s: %d items, want %d", name, len(list), items)
	}
}

func TestFeedsFitTheirSchema(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "feeds", "render", "testdata", "out", "*.json"))
	if err != nil || len(files) < 15 {
		t.Fatalf("%q, %v", files, err)
	}
	open, closed := feedSchema(t, false), feedSchema(t, true)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fits(t, open, file, text, 1)
		fits(t, closed, file, text, 1)
	}
	// The schema refuses what is another thing.
	for _, wrong := range []string{`[]`, `{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[]}`,
		`{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[],` +
			`"_nashra":{"version":2,"about":"https://x.example/"}}`} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(wrong))
		if err != nil || open.Validate(v) == nil {
			t.Errorf("%s fits, %v", wrong, err)
		}
	}
}

// What programs ask for is served as JSON: channels, tags, sources, stories and searches, and their editions.
func TestServedJSONFitsItsSchema(t *testing.T) {
	cfg, err := runDemo(t.Context(), t.TempDir(), io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Publish.URL = "https://news.example/"
	public, _, end := serving(t, cfg)
	defer end()
	var feed struct {
		Items []struct {
			Nashra struct{ Story string } `json:"_nashra"`
		}
	}
	_, body := sitetest.Get(t, public+"/feed.json")
	if err := json.Unmarshal([]byte(body), &feed); err != nil || len(feed.Items) == 0 {
		t.Fatalf("%v: %.300s", err, body)
	}
	const query = "?q=nvidia"
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if _, found := sitetest.Get(t, public+"/search.json"+query); strings.Contains(found, `"id"`) { // it is indexed
			break
		}
	}
	wanted := map[string]bool{"/stories/" + feed.Items[0].Nashra.Story + ".json": true}
	for _, edition := range []string{"", ".en", ".ar"} {
		for _, path := range []string{"/feed", "/tags/news", "/sources/tiqani"} {
			wanted[path+edition+".json"] = true
		}
		wanted["/search"+edition+".json"+query] = true
	}
	closed := feedSchema(t, true)
	for _, path := range slices.Sorted(maps.Keys(wanted)) {
		status, body := sitetest.Get(t, public+path)
		if status != 200 {
			t.Errorf("%s: status %d", path, status)
			continue
		}
		fits(t, closed, path, []byte(body), 1)
	}
}
