package main

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/nashra/nashra/feeds"
)

// outlined is an outline as a reader sees it.
type outlined struct {
	Text     string     `xml:"text,attr"`
	Title    string     `xml:"title,attr"`
	Type     string     `xml:"type,attr"`
	XMLURL   string     `xml:"xmlUrl,attr"`
	HTMLURL  string     `xml:"htmlUrl,attr"`
	Outlines []outlined `xml:"outline"`
}

// lines returns a line for each feed in o: its folder, title, address and page.
func (o outlined) lines(folder string) (out []string) {
	if o.XMLURL != "" {
		return []string{strings.Join([]string{folder, cmp.Or(o.Title, o.Text), o.XMLURL, o.HTMLURL}, " | ")}
	}
	for _, below := range o.Outlines {
		out = append(out, below.lines(cmp.Or(o.Title, o.Text))...)
	}
	slices.Sort(out)
	return out
}

// What FreshRSS, Miniflux and NetNewsWire export comes in and goes out with the same folders, titles
// and addresses. The files have the form of their exports.
func TestListsOfOtherReadersComeBack(t *testing.T) {
	names, err := filepath.Glob("testdata/opml/*.opml")
	if err != nil || len(names) != 3 {
		t.Fatal(names, err)
	}
	feedsOf := func(name string, text []byte) []string {
		var doc struct {
			Body outlined `xml:"body"`
		}
		if err := xml.Unmarshal(text, &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return doc.Body.lines("")
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "nashra.yaml")
		if err := os.WriteFile(path, []byte("sources: []\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		again := filepath.Join(filepath.Dir(path), "again.opml")
		for _, list := range []string{name, again} { // the second time nothing is new
			cfg, err := configReader().Read(path)
			if err != nil {
				t.Fatal(err)
			}
			read, err := readOPML(list)
			if err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			if err := importSources(read, path, cfg, false, &said, io.Discard); err != nil {
				t.Fatalf("%s: %v", list, err)
			}
			if list == again && !strings.Contains(said.String(), "added 0 sources") {
				t.Errorf("%s: imported twice: %s", name, said.String())
			}
			if cfg, err = configReader().Read(path); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := exportSources(cfg, &out, io.Discard); err != nil {
				t.Fatal(err)
			}
			want := slices.DeleteFunc(feedsOf(name, text), func(line string) bool {
				return strings.Contains(line, "page.example") || strings.Contains(line, "untitled.example")
			})
			got := slices.DeleteFunc(feedsOf(name, out.Bytes()), func(line string) bool {
				return strings.Contains(line, "untitled.example") // has no title, and gets its id for one
			})
			if !slices.Equal(got, want) {
				t.Errorf("%s: came back as\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if err := os.WriteFile(again, out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Lists in old encodings, and in another than they say, are read; what is no list is named in one line.
func TestListsInAnyEncodingAreRead(t *testing.T) {
	const list = `<?xml version="1.0" encoding="ENC"?><opml><body>
		<outline text="تقنية" xmlUrl="https://a.example/"/></body></opml>`
	cp1256, err := charmap.Windows1256.NewEncoder().String(list)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(list)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, err string }{
		"windows-1256":                {strings.Replace(cp1256, "ENC", "windows-1256", 1), ""},
		"windows-1256 called UTF-8":   {strings.Replace(cp1256, "ENC", "UTF-8", 1), ""},
		"UTF-16":                      {wide, ""},
		"UTF-8 called windows-1256":   {strings.Replace(list, "ENC", "windows-1256", 1), ""},
		"an encoding that nobody has": {strings.Replace(list, "ENC", "klingon", 1), ""},
		"a page":                      {"<!doctype html><html><body>404</body></html>", "begins with <html>"},
		"JSON":                        {`{"feeds": []}`, "it is empty, or no XML"},
		"binary":                      {string([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff}), "read OPML"},
		"too long":                    {strings.Repeat("x", maxList+1), "larger than 10 MB"},
	} {
		path := filepath.Join(t.TempDir(), "list.opml")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readOPML(path)
		said := fmt.Sprint(err)
		switch {
		case c.err != "" && (!strings.Contains(said, c.err) || strings.Contains(said, "\n")):
			t.Errorf("%s: %v, want %s", name, err, c.err)
		case c.err == "" && (err != nil || got.Sources[0].Title != feeds.NewTitle("تقنية")):
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
