package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

// What is written for a source is read as the same names, and on one line.
func TestTitlesAreWrittenAsTheyAreRead(t *testing.T) {
	for title, want := range map[feeds.Title]string{
		{}:                           `{url: "https://a.example/", id: "a"}`,
		{AR: "تقني: «أ»"}:            `{url: "https://a.example/", id: "a", title: "تقني: «أ»"}`,
		{EN: "Wire", AR: "Wire"}:     `{url: "https://a.example/", id: "a", title: "Wire"}`,
		{EN: "A, {B} #1", AR: "أ"}:   `{url: "https://a.example/", id: "a", title: {en: "A, {B} #1", ar: "أ"}}`,
		{EN: "Wire"}:                 `{url: "https://a.example/", id: "a", title: {en: "Wire", ar: ""}}`,
		{EN: "Wire", AR: "The Wire"}: `{url: "https://a.example/", id: "a", title: {en: "Wire", ar: "The Wire"}}`,
	} {
		path := filepath.Join(t.TempDir(), "nashra.yaml")
		if err := os.WriteFile(path, []byte("sources: [] # none\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		r := reader(func(string) (string, bool) { return "", false })
		_, err := r.AddSources(path, false, feeds.Source{URL: "https://a.example/", ID: "a", Title: title})
		if err != nil {
			t.Errorf("%+v: %v", title, err)
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "- "+want+"\n") {
			t.Errorf("%+v is written as\n%s\nwant %s, %v", title, text, want, err)
		}
		c, err := r.Read(path)
		if err != nil || c.Sources[0].Title != title {
			t.Errorf("%+v is read back as %+v, %v", title, c.Sources[0].Title, err)
			continue
		}
		shown, err := c.Show()
		if err != nil {
			t.Fatal(err)
		}
		again, err := r.parse("shown.yaml", shown)
		if err != nil || again.Sources[0].Title != title {
			t.Errorf("%+v is shown as\n%s, %v", title, shown, err)
		}
	}
}

// What tells the kind of a source is written and read back: selectors of a page, a list, whom it trusts. A
// selector that the file would read as a reference is not written.
func TestKindsAreWrittenAsTheyAreRead(t *testing.T) {
	whole := feeds.Page{Item: "article.card", Title: "h3 > a", Link: "a", Date: "time@datetime",
		Summary: `[data-x="a, {b} #c"]`, Image: "img@src"}
	for want, s := range map[string]feeds.Source{
		`{url: "https://a.example/", id: "a", page: {item: "article.card", title: "h3 > a", link: "a", ` +
			`date: "time@datetime", ` +
			`summary: "[data-x=\"a, {b} #c\"]", image: "img@src"}}`: {URL: "https://a.example/",
			Page: whole},
		`{url: "https://a.example/", id: "a", page: {item: "li.خبر"}}`: {URL: "https://a.example/",
			Page: feeds.Page{Item: "li.خبر"}},
		`{opml: "https://a.example/list.opml", id: "a", tags: ["x"]}`: {OPML: "https://a.example/list.opml",
			Tags: []string{"x"}},
		`{url: "https://a.example/f.json", id: "a", trust: "nashra"}`: {URL: "https://a.example/f.json",
			Trust: "nashra"},
		"": {URL: "https://a.example/", Page: feeds.Page{Item: "${HOME}"}},
	} {
		path := filepath.Join(t.TempDir(), "nashra.yaml")
		if err := os.WriteFile(path, []byte("sources: []\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.ID = "a"
		r := reader(vars(map[string]string{"HOME": "/root"}))
		c, err := r.AddSources(path, false, s)
		text, _ := os.ReadFile(path)
		if want == "" {
			if err == nil || string(text) != "sources: []\n" {
				t.Errorf("%+v is written as\n%s, %v", s, text, err)
			}
			continue
		}
		if err != nil || !strings.Contains(string(text), "- "+want+"\n") {
			t.Errorf("%+v is written as\n%s\nwant %s, %v", s, text, want, err)
			continue
		}
		got := c.Sources[0]
		if got.Page != s.Page || got.OPML != s.OPML || got.URL != s.URL || got.Trust != s.Trust {
			t.Errorf("%+v is read back as %+v", s, got)
		}
	}
}

// An edit changes the entry alone, or nothing if it would not be safe.
func TestSourcesAreEditedInPlace(t *testing.T) {
	const fresh = `{url: "https://x.example/feed?a=1,2#y", id: "fresh", title: "س: «x» [1], {2}", tags: ["news"]}`
	added := feeds.Source{URL: "https://x.example/feed?a=1,2#y", ID: "fresh", Title: feeds.NewTitle("س: «x» [1], {2}"),
		Tags: []string{"news"}}
	for _, c := range []struct {
		// add, remove: the text afterwards; empty: refused. Source "b" is removed
		name, text, add, remove string
	}{
		{"lines, with comments and another key below",
			"# top\nsources: # of ours\n  # the first\n  - url: https://a.example/   # why\n    id: a\n\n  # the " +
				"second\n  - {url: https://b.example/, id: b} # off?\n\n  # - {url: https://c.example/}\n\nstore:  " +
				" x.db # kept\n",
			"# top\nsources: # of ours\n  # the first\n  - url: https://a.example/   # why\n    id: a\n\n  # the " +
				"second\n  - {url: https://b.example/, id: b} # off?\n  - " + fresh +
				"\n\n  # - {url: https://c.example/}\n\nstore:   x.db # kept\n",
			"# top\nsources: # of ours\n  # the first\n  - url: https://a.example/   # why\n    id: a\n\n  # the " +
				"second\n\n  # - {url: https://c.example/}\n\nstore:   x.db # kept\n"},
		{"no indent, DOS lines, no end of the last",
			"sources:\r\n- url: https://b.example/\r\n  id: b\r\n- {url: https://a.example/,\r\n   id: a}",
			"sources:\r\n- url: https://b.example/\r\n  id: b\r\n- {url: https://a.example/,\r\n   id: a}\r\n- " +
				fresh + "\r\n",
			"sources:\r\n- {url: https://a.example/,\r\n   id: a}\r\n"},
		{"the only one", "sources:\n  - {url: https://b.example/, id: b}\nstore: x.db\n",
			"sources:\n  - {url: https://b.example/, id: b}\n  - " + fresh + "\nstore: x.db\n",
			"sources: []\nstore: x.db\n"},
		{"an empty list", "sources: [] # none\nstore: x.db\n", "sources: # none\n  - " + fresh + "\nstore: x.db\n", ""},
		{"brackets", "sources: [{url: https://b.example/, id: b}]\n", "", ""},
		{"an anchor that is used", "sources:\n  - &b {url: https://b.example/, id: b}\n  - {<<: *b, id: a}\n",
			"sources:\n  - &b {url: https://b.example/, id: b}\n  - {<<: *b, id: a}\n  - " + fresh + "\n", ""},
		{"a channel that names it",
			"sources:\n  - {url: https://b.example/, id: b}\nchannels:\n  - {id: c, sources: [b]}\n",
			"sources:\n  - {url: https://b.example/, id: b}\n  - " + fresh +
				"\nchannels:\n  - {id: c, sources: [b]}\n", ""},
		{"a reference in a list that goes on", "sources:\n  - url: ${FEED}\n    id: b\n  - {url: https://a.example/}\n",
			"sources:\n  - url: ${FEED}\n    id: b\n  - {url: https://a.example/}\n  - " + fresh + "\n",
			"sources:\n  - {url: https://a.example/}\n"},
		{"mistakes", "sources:\n  - {url: https://b.example/, id: b, tagss: []}\n", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := func(name string) (string, bool) { return "https://b.example/secret", name == "FEED" }
			for _, does := range []struct {
				verb, want string
				edit       func(path string) error
			}{
				{"add", c.add, func(path string) error {
					_, err := reader(env).AddSources(path, false, added)
					return err
				}},
				{"remove", c.remove, func(path string) error { return reader(env).RemoveSource(path, "b") }},
			} {
				path := filepath.Join(t.TempDir(), "nashra.yaml")
				if err := os.WriteFile(path, []byte(c.text), 0o640); err != nil {
					t.Fatal(err)
				}
				err := does.edit(path)
				got, _ := os.ReadFile(path)
				want := does.want
				if want == "" {
					want = c.text
				}
				if string(got) != want || (err != nil) != (does.want == "") {
					t.Errorf("%s: %v\n%s\nwant\n%s", does.verb, err, got, want)
				}
				if info, _ := os.Stat(path); runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
					t.Errorf("%s: its mode is now %v", does.verb, info.Mode())
				}
			}
		})
	}
}

// A file without sources uses the built-in ones and keeps them when one is added.
// A switch changes the value of enabled alone, or adds it.
func TestSourcesAreSwitchedInPlace(t *testing.T) {
	for name, c := range map[string]struct{ text, off, on string }{
		"between braces": {"sources:\n  - {url: https://b.example/, id: b} # why\n",
			"sources:\n  - {url: https://b.example/, id: b, enabled: false} # why\n",
			"sources:\n  - {url: https://b.example/, id: b, enabled: true} # why\n"},
		"in lines": {"sources:\n- url: https://b.example/\r\n  id: b\r\n",
			"sources:\n- url: https://b.example/\r\n  enabled: false\r\n  id: b\r\n",
			"sources:\n- url: https://b.example/\r\n  enabled: true\r\n  id: b\r\n"},
		"braces over lines": {"sources:\n  - {url: https://b.example/,\n     title: \"س } س\", id: b}\n",
			"sources:\n  - {url: https://b.example/,\n     title: \"س } س\", id: b, enabled: false}\n",
			"sources:\n  - {url: https://b.example/,\n     title: \"س } س\", id: b, enabled: true}\n"},
		"a value that is there": {"sources:\n  - {title: س, enabled: true, url: https://b.example/, id: b}\n",
			"sources:\n  - {title: س, enabled: false, url: https://b.example/, id: b}\n",
			"sources:\n  - {title: س, enabled: true, url: https://b.example/, id: b}\n"},
		"no list": {"store: x.db\n", "", ""},
		"a reference": {"sources:\n  - &a {url: https://a.example/}\n  - {<<: *a, url: https://b.example, id: b}\n",
			"sources:\n  - &a {url: https://a.example/}\n  - {<<: *a, url: https://b.example, id: b, enabled: false}\n",
			"sources:\n  - &a {url: https://a.example/}\n  - {<<: *a, url: https://b.example, id: b, enabled: true}\n"},
	} {
		path := filepath.Join(t.TempDir(), "t.yaml")
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{c.off, c.on} {
			err := reader(vars(nil)).SwitchSource(path, "b", i == 1)
			got, rerr := os.ReadFile(path)
			if rerr != nil {
				t.Fatal(rerr)
			}
			if want == "" && (err == nil || string(got) != c.text) {
				t.Errorf("%s: switched to %q", name, got)
			} else if want != "" && (err != nil || string(got) != want) {
				t.Errorf("%s: %v, %q, want %q", name, err, got, want)
			}
		}
	}
}

func TestFirstSourceOfAFileKeepsTheBuiltInOnes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nashra.yaml")
	if err := os.WriteFile(path, []byte("store: x.db # ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(string) (string, bool) { return "", false }
	builtin, err := reader(env).Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := reader(env).RemoveSource(path, builtin.Sources[0].ID); err == nil ||
		!strings.Contains(err.Error(), "nashra init") {
		t.Errorf("a built-in source was taken from a file that has none: %v", err)
	}
	if _, err := reader(env).AddSources(path, false, feeds.Source{URL: "https://x.example/feed"}); err != nil {
		t.Fatal(err)
	}
	after, err := reader(env).Read(path)
	if err != nil || len(after.Sources) != len(builtin.Sources)+1 || after.Sources[len(builtin.Sources)].ID != "x" {
		t.Errorf("%v: %v", err, after)
	}
	if text, _ := os.ReadFile(path); !strings.HasPrefix(string(text), "store: x.db # ours\n") {
		t.Errorf("%s", text)
	}
	if err := reader(env).RemoveSource(path, "absent"); err == nil {
		t.Error("a source that is not there was removed")
	}
}

// Sources without ids get free ids; titles that read as references are dropped.
func TestSourcesAreNamedApart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nashra.yaml")
	if err := os.WriteFile(path, []byte("sources:\n  - {url: https://a.example/}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(string) (string, bool) { return "secret", true }
	list := []feeds.Source{{URL: "https://a.example/2"}, {URL: "https://a.example/3", Title: feeds.NewTitle("${KEY}")},
		{URL: "https://b.example/"}, {URL: "https://أخبار.example/", Title: feeds.NewTitle("file:/etc/hosts")},
		{URL: "https://search.example/"}, {URL: "https://c.example/", ID: "a-4"}, {URL: "https://a.example/4"},
		{URL: "https://feeds.burner.example/one?x=1", Title: feeds.NewTitle("Mobile & Apps")},
		{URL: "https://feeds.burner.example/two", Title: feeds.NewTitle("تقنية")},
		{URL: "https://feeds.burner.example/7f3a9c51e0b24d68.xml"},
		{URL: "https://feeds.burner.example/rss/tech-news.xml"}}
	if _, err := reader(env).AddSources(path, false, list...); err != nil {
		t.Fatal(err)
	}
	c, err := reader(env).Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range c.Sources {
		got = append(got, s.ID+" "+s.Title.In(feeds.Bilingual))
	}
	if want := "a |a-2 |a-3 |b |akhbar |search-2 |a-4 |a-4-2 |mobile-apps Mobile & Apps|tqnyh تقنية|" +
		"burner |burner-tech-news "; strings.Join(got, "|") != want {
		t.Errorf("%s, want %s", strings.Join(got, "|"), want)
	}
	if _, err := reader(env).AddSources(path, false, feeds.Source{URL: "https://a.example/${KEY}"}); err == nil {
		t.Error("an address that refers to a variable was added")
	}
	long := make([]feeds.Source, 2000)
	for i := range long {
		long[i].URL = "https://a.example/" + strings.Repeat("x", maxFileBytes/2000) + strings.Repeat("y", i)
	}
	_, err = reader(env).AddSources(path, false, long...)
	if err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a file that could not be read again: %v", err)
	}
}

// Names of folders become tags with titles, unless a tag has the name already.
func TestFoldersBecomeTags(t *testing.T) {
	const head = "sources:\n  - {url: https://a.example/, tags: [news, plain]}\n"
	const titles = "tags:\n  news: {en: News, ar: أخبار} # ours\n"
	list := func(names ...string) []feeds.Source { return []feeds.Source{{URL: "https://b.example/", Tags: names}} }
	for _, c := range []struct {
		name, text string
		list       []feeds.Source
		tags       string // of the added source
		want       string // the end of the text; empty: refused
	}{
		{"no titles yet", head, list("Mobile & Apps", "تقنية"), "mobile-apps tqnyh",
			"\ntags:\n  mobile-apps: {en: \"Mobile & Apps\"}\n  tqnyh: {ar: \"تقنية\"}\n"},
		{"titles below", head + titles + "store: x.db\n", list("AI"), "ai",
			titles + "  ai: {en: \"AI\"}\nstore: x.db\n"},
		{"titles above", titles + head, list("AI"), "ai", head + "  - {url: \"https://b.example/\", tags: [\"ai\"]}\n"},
		{"one empty mapping", head + "tags: {} # none\n", list("AI"), "ai", "tags: # none\n  ai: {en: \"AI\"}\n"},
		{"titles between braces", head + "tags: {news: {en: News}}\n", list("AI"), "", ""},
		{"titles between braces, none new", head + "tags: {news: {en: News}}\n", list("NEWS"), "news",
			"tags: {news: {en: News}}\n"},
		{"a title that a tag has", head + titles, list("أخبار", "News", "news"), "news", titles},
		{"the name of a tag without a title", head, list("Plain"), "plain", "\ntags:\n  plain: {en: \"Plain\"}\n"},
		{"names that give one id", head, list("C++", "C#", "C", "c"), "c c-2 c-3",
			"\ntags:\n  c: {en: \"C++\"}\n  c-2: {en: \"C#\"}\n  c-3: {en: \"C\"}\n"},
		{"names without letters, and of pages", head, list("日本", "📱", "search"), "tag tag-2 search-2",
			"\ntags:\n  search-2: {en: \"search\"}\n  tag: {en: \"日本\"}\n  tag-2: {en: \"📱\"}\n"},
		{"a reference", head, list("${HOME}", "file:/etc/passwd"), "home file-etc-passwd",
			"tags: [\"home\", \"file-etc-passwd\"]}\n"},
	} {
		path := filepath.Join(t.TempDir(), "nashra.yaml")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, dryErr := reader(none).AddSources(path, true, c.list...)
		if text, _ := os.ReadFile(path); string(text) != c.text {
			t.Errorf("%s: a dry run changed the file", c.name)
		}
		after, err := reader(none).AddSources(path, false, c.list...)
		if (err != nil) != (c.want == "") || (dryErr != nil) != (err != nil) {
			t.Errorf("%s: %v, dry %v", c.name, err, dryErr)
		}
		if err != nil {
			continue
		}
		if got := strings.Join(after.Sources[1].Tags, " "); got != c.tags {
			t.Errorf("%s: tags %s, want %s", c.name, got, c.tags)
		}
		if text, _ := os.ReadFile(path); !strings.HasSuffix(string(text), c.want) {
			t.Errorf("%s:\n%s\nwant at its end\n%s", c.name, text, c.want)
		}
	}
}
