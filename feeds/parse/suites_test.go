package parse

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// gofeedExamples returns gofeed's own tests, from its module: documents, each with a result in JSON.
func gofeedExamples(t testing.TB) (out []example) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/mmcdole/gofeed").Output()
	if err != nil || len(dir) < 2 {
		fmt.Println("gofeed: its module's files are not here (go mod download github.com/mmcdole/gofeed)")
		return nil
	}
	err = filepath.WalkDir(
		filepath.Join(strings.TrimSpace(string(dir)), "testdata"),
		func(name string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(name) != ".xml" {
				return err
			}
			golden, err := os.ReadFile(strings.TrimSuffix(name, ".xml") + ".json")
			if errors.Is(err, os.ErrNotExist) {
				return nil
			}
			body, err2 := os.ReadFile(name)
			if err = errors.Join(err, err2); err != nil {
				return err
			}
			var said map[string]any
			if err := json.Unmarshal(golden, &said); err != nil {
				return nil // it tests errors
			}
			e := example{
				name:  filepath.Base(name),
				src:   feeds.Source{ID: "gofeed"},
				doc:   feeds.Document{Base: "http://base.example/", Body: body},
				loose: true,
			}
			if e.facts = goldenFacts(said); len(e.facts) > 0 {
				out = append(out, e)
			}
			return nil
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// goldenFacts returns what a result of gofeed says of the fields that we keep.
func goldenFacts(said map[string]any) (facts []fact) {
	add := func(path string, v any) {
		s, ok := v.(string)
		if ok && s != "" {
			facts = append(facts, fact{path, "is", s})
		}
	}
	has := func(path string, v any) {
		s, ok := v.(string)
		if ok && s != "" {
			facts = append(facts, fact{path, "has", s})
		}
	}
	add("feed title", said["title"])
	add("feed site", alternate(said))
	add("feed lang", said["language"])
	items, _ := said["items"].([]any)
	if entries, ok := said["entries"].([]any); ok {
		items = entries
	}
	for i, v := range items {
		it, _ := v.(map[string]any)
		at := fmt.Sprintf("item %d ", i+1)
		add(at+"title", it["title"])
		add(at+"url", alternate(it))
		add(at+"rights", it["rights"])
		add(at+"guid", it["id"])
		switch guid := it["guid"].(type) {
		case string:
			add(at+"guid", guid)
		case map[string]any:
			add(at+"guid", guid["value"])
		}
		content := it["content"]
		if c, ok := content.(map[string]any); ok {
			content = c["value"]
		}
		if content == nil {
			if content = it["description"]; content == nil {
				content = it["summary"]
			}
		}
		add(at+"html", content)
		for name, path := range map[string]string{
			"publishedParsed": "published", "pubDateParsed": "published", "updatedParsed": "updated",
		} {
			if s, ok := it[name].(string); ok {
				if when, err := time.Parse(time.RFC3339, s); err == nil {
					add(at+path, when.UTC().Format(time.RFC3339))
				}
			}
		}
		for _, a := range list(it["authors"]) {
			has(at+"authors", a["name"])
		}
		for _, c := range list(it["categories"]) {
			has(at+"categories", c["term"])
			has(at+"categories", c["value"])
		}
		if names, ok := it["categories"].([]any); ok {
			for _, c := range names {
				has(at+"categories", c)
			}
		}
	}
	return facts
}

func list(v any) (out []map[string]any) {
	all, _ := v.([]any)
	for _, e := range all {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// alternate returns the address of what v is about.
func alternate(v map[string]any) any {
	if s, ok := v["link"]; ok {
		return s
	}
	for _, l := range list(v["links"]) {
		if l["rel"] == "alternate" {
			return l["href"]
		}
	}
	return nil
}

// feedparserExamples returns the tests of Python's feedparser 6.0.12 (testdata/feedparser, under its
// own licence): documents that begin with an expression that must hold of the result.
func feedparserExamples(t testing.TB) (out []example) {
	file, err := os.Open("testdata/feedparser/tests.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for tests := tar.NewReader(zip); ; {
		h, err := tests.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(tests)
		if err != nil {
			t.Fatal(err)
		}
		if others.MatchString(h.Name) {
			continue
		}
		e := example{name: strings.TrimPrefix(h.Name, "tests/"), src: feeds.Source{ID: "feedparser"}, loose: true,
			doc: feeds.Document{Base: "http://127.0.0.1:8097/" + h.Name, Body: body}}
		head, _, _ := decode(body[:min(len(body), 4096)], "")
		about := string(head)
		for _, m := range headerLine.FindAllStringSubmatch(about, -1) {
			switch strings.ToLower(m[1]) {
			case "content-type":
				e.doc.ContentType = m[2]
			case "content-location":
				if u, err := url.Parse(e.doc.Base); err == nil {
					if u, err = u.Parse(m[2]); err == nil && u.Scheme == "http" {
						e.doc.Base = u.String()
					}
				}
			}
		}
		if m := expects.FindStringSubmatch(
			about,
		); m != nil &&
			!strings.Contains(about, "\nSkipUnless:  __import__('x") {
			e.facts = expected(m[1], two(body))
			for i, f := range e.facts {
				if strings.HasSuffix(f.path, "html") && strings.Contains(string(body), `<content type="text"`) {
					e.facts[i].want = html.EscapeString(f.want)
				}
			}
		}
		if len(e.facts) > 0 {
			out = append(out, e)
		}
	}
}

// others are tests of what is not supported: CDF; drawings and formulas; entities that a document
// defines itself; two entities that HTML redefined since; a feed's link to itself.
var others = regexp.MustCompile(`/cdf/|/namespace/.*(svg|math|xlink)|entity_in_doctype|entities/[lr]ang\.` +
	`|feed_link_xml_base_iri`)

var (
	fuller     = regexp.MustCompile(`<(content|content:encoded|fullitem|xhtml:body|body)[ >]`)
	summary    = regexp.MustCompile(`<summary[ >]`)
	described  = regexp.MustCompile(`<description[ >]`)
	headerLine = regexp.MustCompile(`(?m)^Header:\s+([^:]+):\s*(.+?)\s*$`)
	expects    = regexp.MustCompile(`(?s)Expect:\s*(.*?)\s*-->`)
	clause     = regexp.MustCompile(
		`(feed|entries)((?:\[\d+\])?(?:\[u?'\w+'\]|\[\d+\]|\.\w+)+)\s*==\s*` +
			`(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*"|\([\d, -]+\)|\d+)`,
	)
	byteEscape = regexp.MustCompile(`\\x([0-9a-f]{2})`) // a character, not a byte
	step       = regexp.MustCompile(`\[u?'(\w+)'\]|\[(\d+)\]|\.(\w+)`)
)

// theirs maps feedparser's names to ours.
var theirs = map[string]string{
	"title":                "title",
	"title_detail value":   "title",
	"link":                 "url",
	"id":                   "guid",
	"guid":                 "guid",
	"description":          "html",
	"summary":              "html",
	"summary_detail value": "html",
	"content value":        "html",
	"author_detail name":   "authors",
	"authors name":         "authors",
	"author":               "authors",
	"tags term":            "categories",
	"category":             "categories",
	"rights":               "rights",
	"copyright":            "rights",
	"published_parsed":     "published",
	"updated_parsed":       "updated",
	"created_parsed":       "published",
	"enclosures href":      "enclosures",
	"enclosures url":       "enclosures",
	"enclosures type":      "enclosures",
	"enclosures length":    "enclosures",
	"tags label":           "categories",
	"image href":           "images",
	"media_thumbnail url":  "images",
	"published":            "published",
	"updated":              "updated",
	"created":              "published",
	"issued":               "published",
	"modified":             "updated",
	"date_parsed":          "updated",
}

// two reports whether an item in body has two texts.
func two(body []byte) bool {
	full, short, other := fuller.Match(body), summary.Match(body), described.Match(body)
	return full && (short || other) || short && other
}

// expected returns the facts in a Python expression on fields that we keep. We keep one text of an
// item: a summary beside a fuller one is ignored.
func expected(expression string, full bool) (facts []fact) {
	for _, at := range clause.FindAllStringSubmatchIndex(expression, -1) {
		rest := strings.TrimSpace(expression[at[1]:])
		if strings.HasPrefix(rest, "+") || strings.HasPrefix(rest, "'") { // the value goes on
			continue
		}
		m := []string{"", expression[at[2]:at[3]], expression[at[4]:at[5]], expression[at[6]:at[7]]}
		var name []string
		item := ""
		for i, s := range step.FindAllStringSubmatch(m[2], -1) {
			switch {
			case s[2] != "" && i == 0 && m[1] == "entries":
				n, _ := strconv.Atoi(s[2])
				item = strconv.Itoa(n + 1)
			case s[2] == "":
				name = append(name, s[1]+s[3])
			}
		}
		want, ok := python(m[3])
		path, known := theirs[strings.Join(name, " ")]
		switch {
		case !ok || m[1] == "entries" && (item == "" || !known),
			full && (name[0] == "summary" || name[0] == "description"):
			continue
		case m[1] == "entries":
			path = "item " + item + " " + path
		case path == "title":
			path = "feed title"
		case path == "url",
			len(name) == 2 && name[0] == "links" && name[1] == "href" && strings.Contains(m[2], "[0]"):
			path = "feed site"
		case strings.Join(name, " ") == "language":
			path = "feed lang"
		default:
			continue
		}
		how := "is"
		switch _, last, _ := cutLast(path, " "); last {
		case "authors":
			want, _, _ = strings.Cut(want, " (") // names without addresses
			how = "has"
		case "categories", "enclosures", "images":
			how = "has"
		case "published", "updated":
			if when, err := mail.ParseDate(want); err == nil { // as written
				want = when.UTC().Format(time.RFC3339)
			}
			if _, err := time.Parse(time.RFC3339, want); err != nil {
				continue
			}
		}
		facts = append(facts, fact{path, how, want})
	}
	return facts
}

// python returns the value of a Python string, or of a tuple that is a time.
func python(literal string) (string, bool) {
	if literal[0] == '(' {
		var n [6]int
		for i, s := range strings.SplitN(strings.Trim(literal, "()"), ",", 7) {
			if i < 6 {
				n[i], _ = strconv.Atoi(strings.TrimSpace(s))
			}
		}
		return time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC).Format(time.RFC3339), true
	}
	s := strings.TrimPrefix(literal, "u")
	if s[0] != '\'' && s[0] != '"' {
		return "", false
	}
	inner := strings.ReplaceAll(strings.ReplaceAll(s[1:len(s)-1], `\'`, `'`), `"`, `\"`)
	inner = strings.ReplaceAll(inner, `\\"`, `\"`)
	inner = strings.NewReplacer("\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(inner)
	inner = byteEscape.ReplaceAllString(inner, `\u00$1`)
	out, err := strconv.Unquote(`"` + inner + `"`)
	return out, err == nil
}
