package feeds

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestOPML(t *testing.T) {
	sources := []Source{
		{ID: "wire", URL: "https://wire.example/feed", Title: NewTitle("The Wire")},
		{ID: "khabar", URL: "https://user:secret@khabar.example/rss", Title: NewTitle("خبر تك"), Private: true},
		{ID: "tiqani", URL: "https://tiqani.example/feed/", Title: NewTitle("تقني"), Site: "https://tiqani.example/"},
		{
			ID:    "evil",
			URL:   "https://evil.example/تغذية?a=1&b=\"<x>",
			Title: NewTitle("\"><outline xmlUrl='https://x.example/'/>\u202e"),
			Tags:  []string{"news", "ai"},
		},
	}
	sources[2].Tags = []string{"news"}
	var b bytes.Buffer
	if err := EncodeOPML(&b, "أخبار", sources, map[string]string{"ai": "ذكاء / AI"}); err != nil {
		t.Fatal(err)
	}
	if want, err := os.ReadFile("testdata/sources.opml"); err != nil || !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%v: got\n%s\nwant\n%s", err, b.Bytes(), want)
	}
	back, err := DecodeOPML(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := []Source{
		{URL: "https://wire.example/feed", Title: NewTitle("The Wire")},
		{
			URL:   "https://evil.example/%D8%AA%D8%BA%D8%B0%D9%8A%D8%A9?a=1&b=%22%3Cx%3E",
			Title: NewTitle(`"><outline xmlUrl='https://x.example/'/>`),
			Tags:  []string{"ذكاء / AI", "news", "ai"},
		},
		{
			URL:   "https://tiqani.example/feed/",
			Title: NewTitle("تقني"),
			Site:  "https://tiqani.example/",
			Tags:  []string{"news"},
		},
	}
	if !reflect.DeepEqual(back.Sources, want) {
		t.Errorf("read back\n%+v\nwant\n%+v", back.Sources, want)
	}
}

// Pages and lists are outlines by which no reader takes them for feeds.
func TestPagesAndListsAreNoFeedsInOPML(t *testing.T) {
	var b bytes.Buffer
	err := EncodeOPML(&b, "x", []Source{
		{ID: "page", URL: "https://page.example/", Title: NewTitle("Page"), Page: Page{Item: "article"}},
		{ID: "list", OPML: "https://list.example/a.opml", Tags: []string{"t"}},
		{ID: "hidden", OPML: "https://list.example/secret.opml", Private: true}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{`type="link" url="https://page.example/"`,
		`type="include" url="https://list.example/a.opml"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "xmlUrl") || strings.Contains(got, "secret") {
		t.Error(got)
	}
}

// decodeCases holds lists, and the sources or the error that they give.
var decodeCases = map[string]struct {
	in   string
	want []Source
	err  string
}{
	"nested folders are tags": {in: `<?xml version="1.0" encoding="utf-8"?><opml ` +
		`version="1.1"><body><outline text="Tech"><outline text="AI &amp; robots">
			<outline text="A" xmlurl="https://a.example/f" HTMLURL="https://a.example/"/></outline></outline>
			<outline title="B" xmlUrl=" https://b.example/f "/><outline text="عربي"><outline text="B" ` +
		`xmlUrl="https://b.example/f" category="/World/News,x"/></outline></body></opml>`,
		want: []Source{
			{
				URL:   "https://a.example/f",
				Title: NewTitle("A"),
				Site:  "https://a.example/",
				Tags:  []string{"Tech", "AI & robots"},
			},
			{URL: "https://b.example/f", Title: NewTitle("B"), Tags: []string{"عربي", "World", "News", "x"}},
		}},
	"no body": {in: `<opml><outline text="A" xmlUrl="https://a.example/"/></opml>`,
		want: []Source{{URL: "https://a.example/", Title: NewTitle("A")}}},
	"ampersands as they are": {in: `<opml><body><outline text="R & D &copy;" xmlUrl="https://a.example/?a=1&b=2"/>` +
		`</body></opml>`,
		want: []Source{{URL: "https://a.example/?a=1&b=2", Title: NewTitle("R & D ©")}}},
	"another encoding than it says": {in: `<?xml version="1.0" encoding="windows-1256"?><opml><body><outline ` +
		`text="تقني" xmlUrl="https://a.example/"/></body></opml>`,
		want: []Source{{URL: "https://a.example/", Title: NewTitle("تقني")}}},
	"a name in each language": {in: `<opml><body>
		<outline text="AITnews" title="البوابة التقنية" xmlUrl="https://a.example/"/>
		<outline text="عالم التقنية" title="Tech-WD" xmlUrl="https://b.example/"/>
		<outline text="The Wire" title="Wire" xmlUrl="https://c.example/"/>
		<outline text="تقني" title="تقني" xmlUrl="https://d.example/"/></body></opml>`,
		want: []Source{
			{URL: "https://a.example/", Title: Title{"AITnews", "البوابة التقنية"}},
			{URL: "https://b.example/", Title: Title{"Tech-WD", "عالم التقنية"}},
			{URL: "https://c.example/", Title: Title{"Wire", "Wire"}},
			{URL: "https://d.example/", Title: Title{AR: "تقني"}}}},
	"a page":  {in: "<html><body>x</body></html>", err: "begins with <html>"},
	"a feed":  {in: "<rss version='2.0'><channel/></rss>", err: "begins with <rss>"},
	"no feed": {in: `<opml><body><outline text="x"/></body></opml>`, err: "names no feed"},
	"empty":   {in: "", err: "it is empty"},
	"cut":     {in: `<opml><body><outline xmlUrl="https://a.example/"`, err: "read OPML"},
	"deep":    {in: "<opml>" + strings.Repeat("<outline>", 40), err: "32 deep"},
	"long": {in: "<opml>" + strings.Repeat(`<outline text="x"/>`, 10_002) + "</opml>",
		err: "more than 10000"},
	"entity bomb": {in: `<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><opml><body><outline ` +
		`text="&b;" xmlUrl="https://a.example/"/></body></opml>`,
		want: []Source{{URL: "https://a.example/", Title: NewTitle("&b;")}}},
}

func TestDecodeOPML(t *testing.T) {
	for name, c := range decodeCases {
		got, err := DecodeOPML([]byte(c.in))
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %s", name, err, c.err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got.Sources, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// What a list has and its sources lack is named.
func TestOutlinesLeftOutAreNamed(t *testing.T) {
	got, err := DecodeOPML([]byte(`<opml version="2.0"><body>
		<outline text="Empty folder"/><outline type="rss" text="No address" htmlUrl="https://x.example/"/>
		<outline type="rss" title="Flym folder"><outline text="A" xmlUrl="https://a.example/rss"/></outline>
		<outline text="Off" isComment="true"><outline text="B" xmlUrl="https://b.example/rss"/></outline>
		<outline text="Page" type="HTML+XPath" xmlUrl="https://page.example/"/>
		<outline text="List" type="include" url="https://list.example/a.opml?key=1"/>
		<outline text="Link" type="Link" url="https://link.example/"/>
		<outline text="Both"><outline text="A" xmlUrl="https://a.example/rss"/></outline>
		<outline text="Again"><outline text="A, again" xmlUrl="http://www.a.example/rss/"/></outline>
		<outline text="Both"><outline text="A" xmlUrl="https://a.example/rss"/></outline></body></opml>`))
	if err != nil {
		t.Fatal(err)
	}
	only := Source{URL: "https://a.example/rss", Title: NewTitle("A"), Tags: []string{"Flym folder", "Both", "Again"}}
	if !reflect.DeepEqual(got.Sources, []Source{only}) {
		t.Errorf("sources %+v, want %+v", got.Sources, only)
	}
	if want := []string{`outline "Empty folder" has no xmlUrl, and no feeds are in it`,
		`outline "No address" has no xmlUrl, and no feeds are in it`, `outline "B" is commented out`,
		`outline "Page" is a page, of type "HTML+XPath"`,
		`outline "List" is another list: https://list.example/a.opml?…`,
		`outline "Link" is a page: https://link.example/`}; !reflect.DeepEqual(got.NoFeeds, want) {
		t.Errorf("no feeds: %q, want %q", got.NoFeeds, want)
	}
	if want := []string{`"A, again" is in the list before, as "A": http://www.a.example/rss/`,
		`"A" is in the list before, as "A": https://a.example/rss`}; !reflect.DeepEqual(got.Repeats, want) {
		t.Errorf("repeats: %q, want %q", got.Repeats, want)
	}
}

// Ten thousand feeds, and one feed in as many folders, are read in linear time.
func TestLongListsAreRead(t *testing.T) {
	var many, folders strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&many, `<outline text="F %d" xmlUrl="https://a%d.example/rss"/>`, i, i)
		fmt.Fprintf(&folders, `<outline text="T %d"><outline text="A" xmlUrl="https://a.example/"/></outline>`, i)
	}
	start := time.Now()
	list, err := DecodeOPML([]byte("<opml>" + many.String() + folders.String() + "</opml>"))
	if err == nil || !strings.Contains(err.Error(), "more than 10000") {
		t.Errorf("%d sources, %v", len(list.Sources), err)
	}
	if list, err = DecodeOPML([]byte("<opml>" + many.String() + "</opml>")); err != nil || len(list.Sources) != 10_000 {
		t.Errorf("%d sources, %v", len(list.Sources), err)
	}
	list, err = DecodeOPML([]byte("<opml>" + folders.String() + "</opml>"))
	if err != nil || len(list.Sources) != 1 || len(list.Sources[0].Tags) != maxOPMLFolders {
		t.Errorf("%d sources, %v", len(list.Sources), err)
	}
	if took := time.Since(start); took > 20*time.Second { // a tenth of a second on an idle machine
		t.Errorf("took %v", took)
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"Mobile & Apps": "mobile-apps", "تقنية": "tqnyh", "هواتف ذكيّة": "hwatf-dhkyh", "أنباء المسائل": "anba-almsayl",
		"الـ5G و/أو أمن": "al5g-w-aw-amn", "Actualités, Über": "actualites-uber", "日本": "", "C++": "c", "": "",
		strings.Repeat("word ", 20): "word-word-word-word-word-word-word-word",
		strings.Repeat("x", 50):     strings.Repeat("x", 40),
	} {
		if got := Slug(name, 40); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
