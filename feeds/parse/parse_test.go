package parse

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

var update = flag.Bool("update", false, "write the golden files anew")

var at = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

// sample returns a fixture as Feed gets it.
func sample(t testing.TB, path string) (feeds.Source, feeds.Document) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	host, _, _ := strings.Cut(filepath.Base(path), "-")
	return feeds.Source{
			ID:       host,
			Timezone: "Asia/Riyadh",
		}, feeds.Document{
			Base: "https://" + host + ".example/feed/",
			Body: body,
			At:   at,
		}
}

func fixtures(t testing.TB) []string {
	t.Helper()
	xml, _ := filepath.Glob("testdata/in/*.xml")
	other, _ := filepath.Glob("testdata/in/*-feed.json")
	if len(xml) < 8 || len(other) == 0 {
		t.Fatal("fixtures are missing")
	}
	return append(xml, other...)
}

func TestGolden(t *testing.T) {
	for _, path := range fixtures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			feed, err := Feed(sample(t, path))
			var got bytes.Buffer
			if err != nil {
				fmt.Fprintf(&got, "error: %v\n", err)
			} else {
				e := json.NewEncoder(&got)
				e.SetIndent("", "  ")
				e.SetEscapeHTML(false)
				if err := e.Encode(feed); err != nil {
					t.Fatal(err)
				}
			}
			golden := path + ".golden"
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
			}
		})
	}
}

// Every line of the reference must be found, and none of its boilerplate.
func TestReference(t *testing.T) {
	file, err := os.Open("testdata/in/reference-en.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	items := map[string]map[string]feeds.Item{}
	base, _ := url.Parse("https://nilegadget.example/") // its links are relative
	kept, gone := 0, 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var ref struct{ Feed, Item, Kind, Ar string }
		if err := json.Unmarshal(lines.Bytes(), &ref); err != nil {
			t.Fatal(err)
		}
		if items[ref.Feed] == nil {
			feed, err := Feed(sample(t, "testdata/in/"+ref.Feed))
			if err != nil {
				t.Fatal(err)
			}
			items[ref.Feed] = map[string]feeds.Item{}
			for _, it := range feed.Items {
				items[ref.Feed][feeds.CleanURL(it.URL)] = it
			}
		}
		it, ok := items[ref.Feed][feeds.CleanURL(absolute(base, ref.Item))]
		if !ok {
			t.Errorf("%s: item %s was not read", ref.Feed, ref.Item)
			continue
		}
		text := it.Title + "\n" + strings.Join(strings.Fields(sanitize.Text(sanitize.Parse(it.Main(), ""))), " ")
		switch has := strings.Contains(text, feeds.PlainText(ref.Ar)); {
		case ref.Kind == "boilerplate" && (standsAlone(it.Main(), ref.Ar) || has && ref.Ar != "DeepSeek"):
			t.Errorf("%s: boilerplate stays: %s", ref.Item, ref.Ar)
		case ref.Kind == "boilerplate":
			gone++
		case !has:
			t.Errorf("%s: %s is gone: %s\nfrom %s", ref.Item, ref.Kind, ref.Ar, text)
		default:
			kept++
		}
	}
	if kept < 140 || gone < 12 {
		t.Errorf("%d lines kept, %d gone: the reference has more", kept, gone)
	}
}

// standsAlone reports whether a block or line of the HTML is exactly text.
func standsAlone(s, text string) bool {
	for line := range strings.SplitSeq(sanitize.Text(sanitize.Parse(s, "")), "\n") {
		if strings.TrimSpace(line) == text {
			return true
		}
	}
	return false
}

func TestNotAFeed(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"empty": {"", "parse source s: not a feed: an empty document"},
		"page": {
			"<!DOCTYPE html>\n<html><body>خطأ</body></html>", "parse source s: not a feed: an HTML page",
		},
		"page in XML": {
			`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>`,
			"parse source s: not a feed: an HTML page",
		},
		"text": {"Not found", "parse source s: not a feed: neither XML nor JSON"},
		"sitemap": {
			"<urlset><url/></urlset>", "parse source s: a sitemap without headlines: only those of news have them",
		},
		"bomb": {
			"<rss><channel>" + strings.Repeat("<m:a>", 2_000_000), "parse source s: elements nested deeper than 256",
		},
		"bomb behind a bracket": {
			"<rss><channel><!a [><m:b>" + strings.Repeat("<m:a>", 2_000_000),
			"parse source s: elements nested deeper than 256",
		},
		"bomb of line breaks": {
			"<rss><channel><item><m:b>" + strings.Repeat("<br>", 2_000_000),
			"parse source s: elements nested deeper than 256",
		},
		"an open declaration": {"<rss><channel><!a ", "parse source s: the document ends before its first item does"},
		"no items": {
			"<rss><channel><title>ا</title>", "parse source s: the document ends before its first item does",
		},
	} {
		_, err := Feed(feeds.Source{ID: "s"}, feeds.Document{Body: []byte(c.body)})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	if _, err := Feed(feeds.Source{ID: "s"}, feeds.Document{Body: []byte(`{"a": 1}`)}); err == nil {
		t.Error("JSON that is no feed was read")
	}
}

// None of these may take quadratic time: the test would not end.
func TestLongNonsense(t *testing.T) {
	item := "<item><title>%s</title><link>https://s.example/%d</link><description>%s</description></item>"
	for name, nonsense := range map[string]string{
		"comments": "&lt;!-- > ", "tags": "&lt;a", "scripts": "&lt;script", "ampersands": "&", "brackets": "< ",
		"marks": mark, "frames": "&lt;iframe src=x> ", "spaces": " \n", "tatweel": "ـ", "sections": "<![CDATA[x]]>",
		"bases": ` xml:base="/`, "entities": "&#x41;", "breaks": "&lt;br>", "blocks": "&lt;div>",
		"embeds": "&lt;object>",
	} {
		long := strings.Repeat(nonsense, 1<<20/len(nonsense))
		doc := "<rss><channel>" + fmt.Sprintf(item, long, 1, "") + fmt.Sprintf(item, "", 2, long) + "</channel></rss>"
		f, err := Feed(feeds.Source{ID: "s"}, feeds.Document{Body: []byte(doc)})
		t.Log(name, len(f.Items), err)
	}
	broken := strings.Repeat("<item><title>ا</title><pubDate <</item>", 20_000)
	f, err := Feed(feeds.Source{ID: "s"}, feeds.Document{Body: []byte("<rss><channel>" + broken + "</channel></rss>")})
	if err == nil {
		t.Errorf("a feed of broken items gave %d", len(f.Items))
	}
}

func TestBracketsThatNestNothing(t *testing.T) {
	inner := "<!-- " + strings.Repeat("<a>", 400) + " --><![CDATA[" + strings.Repeat("<a>", 400) + "]]>" +
		strings.Repeat(`<m:a b=">" c='>'/>`, 400)
	f, err := Feed(
		feeds.Source{},
		feeds.Document{
			Body: []byte(
				`<rss xmlns:m="m"><channel><item><title>ا</title><description>` + inner +
					"</description></item></channel></rss>",
			),
		},
	)
	if err != nil || len(f.Items) != 1 {
		t.Errorf("got %d items, error %v", len(f.Items), err)
	}
}

// Private use characters like those of placeholders change nothing.
func TestMarksInDocument(t *testing.T) {
	for _, path := range fixtures(t) {
		src, doc := sample(t, path)
		if !utf8.Valid(doc.Body) || !strings.HasSuffix(path, ".xml") {
			continue
		}
		want, err := Feed(src, doc)
		for _, tag := range []string{"<channel", "<entry"} {
			doc.Body = bytes.Replace(doc.Body, []byte(tag), []byte("<!-- "+mark+"0"+mark+" -->"+tag), 1)
		}
		got, errGot := Feed(src, doc)
		if !reflect.DeepEqual(got, want) || (err == nil) != (errGot == nil) {
			t.Errorf("%s:\n%+v\nwant\n%+v", path, got, want)
		}
	}
}

func TestHeaderCharset(t *testing.T) {
	body := []byte(
		"<rss><channel><item><title>\xc2\xe1\xed\xd3 \xc7\xe4\xe4 \xe3\xc7 \xe6</title></item></channel></rss>",
	)
	for header, want := range map[string]string{
		"text/xml": "آليس انن ما و", "": "آليس انن ما و",
		"text/xml; charset=iso-8859-1":   "آليس انن ما و", // what servers say of anything
		"text/xml; charset=iso-8859-6":   "آليس انن ما و", // the other Arabic encoding
		"text/xml; charset=windows-1251": "ВбнУ Здд гЗ ж",
	} {
		f, err := Feed(feeds.Source{}, feeds.Document{Body: body, ContentType: header})
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Items[0].Title; got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, path := range fixtures(f) {
		_, doc := sample(f, path)
		if len(doc.Body) < 6000 {
			f.Add(doc.Body)
		}
	}
	for _, e := range ownExamples(f) {
		f.Add(e.doc.Body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		feed, err := Feed(feeds.Source{ID: "s"}, feeds.Document{Base: "https://s.example/f", Body: body, At: at})
		if err != nil {
			return
		}
		for _, it := range feed.Items {
			if it.GUID == "" || !utf8.ValidString(it.Title) || strings.ContainsAny(it.Title, "\n\u202e\x00") {
				t.Fatalf("item %+v", it)
			}
			if u, err := url.Parse(it.URL); err != nil || it.URL != "" && u.Scheme != "http" && u.Scheme != "https" {
				t.Fatalf("address %q", it.URL)
			}
			if again := sanitize.HTML(it.Main(), ""); again != it.Main() {
				t.Fatalf("%q sanitised again is %q", it.Main(), again)
			}
		}
	})
}

// BenchmarkParse parses a feed of 1 MB like those of WordPress.
func BenchmarkParse(b *testing.B) {
	item := "<item><title>خبر %d</title><link>https://s.example/%d</link><pubDate>" +
		"Tue, 28 Jan 2025 06:15:00 +0000</pubDate>" +
		"<description><![CDATA[<p>قفز تطبيق الدردشة إلى الصدارة " +
		"[&#8230;]</p>]]></description><content:encoded><![CDATA[%s]]></content:encoded></item>"
	_, doc := sample(b, "testdata/in/tiqani-wordpress.xml")
	_, body, _ := bytes.Cut(doc.Body, []byte("<content:encoded><![CDATA["))
	var content string
	for part := range strings.SplitSeq(string(body), "<content:encoded><![CDATA[") { // the longest is the whole article
		if c, _, _ := strings.Cut(part, "]]>"); len(c) > len(content) {
			content = c
		}
	}
	var feed bytes.Buffer
	feed.WriteString(
		`<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>س</title>`,
	)
	for i := 0; feed.Len() < 1<<20; i++ {
		fmt.Fprintf(&feed, item, i, i, content)
	}
	feed.WriteString("</channel></rss>")
	doc = feeds.Document{Base: "https://s.example/", Body: feed.Bytes(), At: at}
	b.SetBytes(int64(feed.Len()))
	b.ReportAllocs()
	for b.Loop() {
		f, err := Feed(feeds.Source{ID: "s"}, doc)
		if err != nil || len(f.Items) < 50 {
			b.Fatal(len(f.Items), err)
		}
	}
}
