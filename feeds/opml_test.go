package feeds

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestOPML(t *testing.T) {
	sources := []Source{
		{ID: "wire", URL: "https://wire.example/feed", Title: "The Wire"},
		{ID: "khabar", URL: "https://user:secret@khabar.example/rss", Title: "خبر تك", Private: true},
		{ID: "tiqani", URL: "https://tiqani.example/feed/", Title: "تقني", Site: "https://tiqani.example/"},
		{
			ID:    "evil",
			URL:   "https://evil.example/تغذية?a=1&b=\"<x>",
			Title: "\"><outline xmlUrl='https://x.example/'/>\u202e",
			Tags:  []string{"news", "ai"},
		},
	}
	sources[2].Tags = []string{"news"}
	var b bytes.Buffer
	if err := EncodeOPML(&b, "أخبار", sources); err != nil {
		t.Fatal(err)
	}
	if want, err := os.ReadFile("testdata/sources.opml"); err != nil || !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%v: got\n%s\nwant\n%s", err, b.Bytes(), want)
	}
	back, err := DecodeOPML(&b)
	if err != nil {
		t.Fatal(err)
	}
	want := []Source{
		{URL: "https://wire.example/feed", Title: "The Wire"},
		{
			URL:   "https://evil.example/%D8%AA%D8%BA%D8%B0%D9%8A%D8%A9?a=1&b=%22%3Cx%3E",
			Title: `"><outline xmlUrl='https://x.example/'/>`,
			Tags:  []string{"news", "ai"},
		},
		{URL: "https://tiqani.example/feed/", Title: "تقني", Site: "https://tiqani.example/", Tags: []string{"news"}},
	}
	if !reflect.DeepEqual(back, want) {
		t.Errorf("read back\n%+v\nwant\n%+v", back, want)
	}
}

func TestDecodeOPML(t *testing.T) {
	for name, c := range map[string]struct {
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
					URL: "https://a.example/f", Title: "A", Site: "https://a.example/",
					Tags: []string{"tech", "ai-robots"},
				},
				{URL: "https://b.example/f", Title: "B", Tags: []string{"arby", "world", "news", "x"}}}},
		"Arabic folders": {in: `<opml><body><outline text="هواتف ذكيّة"><outline text="الـ5G و/أو أمن"><outline ` +
			`text="A" xmlUrl="https://a.example/"/></outline></outline></body></opml>`,
			want: []Source{{URL: "https://a.example/", Title: "A", Tags: []string{"hwatf-dhkyh", "al5g-w-aw-amn"}}}},
		"windows-1256": {in: "<?xml version=\"1.0\" encoding=\"windows-1256\"?><opml><body><outline " +
			"text=\"\xca\xde\xe4\xed\" xmlUrl=\"https://a.example/\"/></body></opml>",
			want: []Source{{URL: "https://a.example/", Title: "تقني"}}},
		"a page":  {in: "<html><body>x</body></html>", err: "begins with <html>"},
		"no feed": {in: `<opml><body><outline text="x"/></body></opml>`, err: "names no feed"},
		"empty":   {in: "", err: "names no feed"},
		"cut":     {in: `<opml><body><outline xmlUrl="https://a.example/"`, err: "read OPML"},
		"deep":    {in: "<opml>" + strings.Repeat("<outline>", 40), err: "32 deep"},
		"entity bomb": {in: `<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><opml><body><outline ` +
			`text="&b;" xmlUrl="https://a.example/"/></body></opml>`,
			want: []Source{{URL: "https://a.example/", Title: "&b;"}}},
	} {
		got, err := DecodeOPML(strings.NewReader(c.in))
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %s", name, err, c.err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
