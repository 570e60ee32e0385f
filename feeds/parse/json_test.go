package parse

import (
	"encoding/json"
	"testing"

	"github.com/nashra/nashra/feeds"
)

// Each field of a JSON feed may hold a value of any type: the two items are read nonetheless, with all
// other fields.
func TestJSONFieldsOfWrongTypes(t *testing.T) {
	values := []string{`7`, `7.5`, `"نص"`, `true`, `null`, `{}`, `{"a": 1}`, `[]`, `[7]`,
		`["نص"]`, `[{}]`, `[null]`, `[[]]`,
		`{"0": "a", "2": "b"}`}
	const whole = `{"version": "https://jsonfeed.org/version/1.1", "title": "مصدر",
		"home_page_url": "https://site.example/",
		"feed_url": "https://site.example/f", "description": "د", "user_comment": "د",
		"next_url": "https://site.example/n",
		"icon": "https://site.example/i", "favicon": "https://site.example/i",
		"author": {"name": "ليلى", "url": "u", "avatar": "a"},
		"authors": [{"name": "ليلى"}], "expired": false, "language": "ar", "hubs": [], "items": [
		{"id": "1", "url": "https://site.example/1", "external_url": "https://site.example/e", "title": "الأول",
		"content_html": "<p>نص الأول</p>", "content_text": "نص", "summary": "ملخص",
		"image": "https://site.example/p",
		"banner_image": "https://site.example/b", "date_published": "2026-11-01T10:00:00Z",
		"author": {"name": "ليلى"},
		"date_modified": "2026-11-01T11:00:00Z", "tags": ["a"], "language": "ar", "authors": [{"name": "سامي"}],
		"attachments": [{"url": "https://site.example/1.mp3", "mime_type": "audio/mpeg", "title": "t",
			"size_in_bytes": 9, "duration_in_seconds": 9}]},
		{"id": "2", "url": "https://site.example/2", "title": "الثاني",
		"content_html": "<p>نص الثاني</p>"}]}`
	var doc map[string]any
	if err := json.Unmarshal([]byte(whole), &doc); err != nil {
		t.Fatal(err)
	}
	check := func(object map[string]any, key, path string) {
		was := object[key]
		for _, value := range values {
			object[key] = json.RawMessage(value)
			body, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			f, err := Feed(feeds.Source{ID: "s"}, feeds.Document{Body: body})
			if err != nil || len(f.Items) != 2 || f.Items[1].Title != "الثاني" || f.Items[1].GUID != "2" {
				t.Errorf("%s.%s %s: %v %+v", path, key, value, err, f.Items)
				continue
			}
			it := f.Items[0]
			if key != "id" && it.GUID != "1" || (path != "item" || key != "title") && it.Title != "الأول" {
				t.Errorf("%s.%s %s: %+v", path, key, value, it)
			}
		}
		object[key] = was
	}
	item := doc["items"].([]any)[0].(map[string]any)
	file := item["attachments"].([]any)[0].(map[string]any)
	person := item["authors"].([]any)[0].(map[string]any)
	for path, object := range map[string]map[string]any{"feed": doc, "item": item, "file": file, "person": person} {
		for key := range object {
			if key != "items" && key != "attachments" || path == "item" {
				check(object, key, path)
			}
		}
	}
	for _, value := range values { // without items there is nothing to read, but nothing breaks
		doc["items"] = json.RawMessage(value)
		body, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Feed(feeds.Source{ID: "s"}, feeds.Document{Body: body})
		if len(f.Items) != 0 || value == "7" && err == nil || value == "[]" && err != nil {
			t.Errorf("items %s: %v %+v", value, err, f.Items)
		}
	}
}
