package feeds

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

func utc(day, hour int) time.Time { return time.Date(2025, 1, day, hour, 0, 0, 0, time.UTC) }

// shelf is one story of each kind that a channel may hold, and the site they are published on.
func shelf() (Site, Channel, []Story) {
	site := Site{URL: "https://feeds.example/", Hub: "https://hub.example/", Terms: map[string]string{"ذكاء اصطناعي": "artificial intelligence"},
		Sources: map[string]Source{
			"tiqani": {ID: "tiqani", URL: "https://tiqani.example/feed/", Title: "تقني", Site: "https://tiqani.example/"},
			"khabar": {ID: "khabar", URL: "https://user:secret@khabar.example/rss", Title: "خبر تك", Site: "https://khabar.example/", Private: true},
			"wire":   {ID: "wire", URL: "https://wire.example/feed", Title: "The Wire"},
		}}
	ch := Channel{ID: "feed", Title: map[string]string{"en": "Arabic tech news", "ar": "أخبار التقنية"}, Limit: 100, Layout: "blocks", Titles: "both"}

	lead := Item{SourceID: "tiqani", GUID: "1", URL: "https://tiqani.example/2025/ديب-سيك/?a=1&b=2",
		Text: Text{Lang: "ar", Title: "DeepSeek تربك «وول ستريت» وتهبط 17%", Body: `<figure><img src="https://tiqani.example/a.jpg" alt="شعار DeepSeek"/>` +
			`<figcaption>شعار DeepSeek</figcaption></figure><p>تراجع سهم <a href="https://nvidia.example/">Nvidia</a> بنسبة 17%.<br/>V3 وR1 نموذجان.</p>` +
			`<ul><li>الكلفة 6 ملايين دولار</li></ul><pre>pip install r1</pre>`},
		Authors: []string{"سارة"}, Categories: []string{"ذكاء اصطناعي", "Nvidia"}, Rights: "© تقني",
		Enclosures: []Enclosure{{URL: "https://tiqani.example/p.mp3", Type: "audio/mpeg", Length: 10}},
		Images:     []Enclosure{{URL: "https://tiqani.example/صورة.jpg", Type: "image/jpeg"}}, Published: utc(28, 10), Seen: utc(28, 11)}
	other := lead
	other.SourceID, other.URL, other.Title, other.Published = "khabar", "https://khabar.example/9", "ديب سيك تهبط بإنفيديا", utc(28, 12)
	translated := Story{ID: "00000000000000a1", Items: []Member{{Item: lead, Kind: Lead}, {Item: other, Kind: Copy, Why: "copy"}}, Text: lead.Text, Published: utc(28, 10), Updated: utc(28, 13),
		Translation: Translation{Text: Text{Lang: "en", Title: "DeepSeek rattles “Wall Street”, down 17%",
			Body: `<figure><img src="https://tiqani.example/a.jpg" alt="The DeepSeek logo"/><figcaption>The DeepSeek logo</figcaption></figure>` +
				`<p>Shares in <a href="https://nvidia.example/">Nvidia</a> fell 17%.<br/>V3 and R1 are models.</p><ul><li>It cost $6 million</li></ul><pre>pip install r1</pre>`},
			State: Done, Engine: "google", Model: "nmt", At: utc(28, 13), Source: lead.Hash()}}

	waits := Item{SourceID: "khabar", GUID: "2", URL: "https://khabar.example/2", Text: Text{Lang: "ar", Title: "OpenAI تطلق o3-mini",
		Summary: "<p>أتاحت الشركة نموذجها.</p><blockquote>iOS 18.3 قادم</blockquote>"}, Seen: utc(27, 9)}
	waiting := Story{ID: "00000000000000a2", Items: []Member{{Item: waits, Kind: Lead}}, Text: waits.Text, Published: utc(27, 9), Updated: utc(27, 9),
		Translation: Translation{State: Waiting}}

	half := Item{SourceID: "tiqani", GUID: "3", URL: "https://tiqani.example/3", Text: Text{Lang: "ar", Title: "آبل تطلق هاتفًا",
		Body: "<p>السعر 599 دولارًا.</p><p>يصل في مارس.</p>"}, Published: utc(26, 9), Seen: utc(26, 9)}
	partial := Story{ID: "00000000000000a3", Items: []Member{{Item: half, Kind: Lead}}, Text: half.Text, Published: utc(26, 9), Updated: utc(26, 10),
		Translation: Translation{Text: Text{Lang: "en", Title: "Apple launches a phone", Body: "<p>It costs $599.</p>" +
			`<p lang="ar" dir="rtl"><em lang="en" dir="ltr">[not translated]</em> ` + arabic.Isolate("يصل في مارس.") + "</p>"},
			State: Partial, Engine: "libre", At: utc(26, 10), Source: half.Hash()}}

	foreign := Item{SourceID: "wire", GUID: "4", URL: "https://wire.example/4", Text: Text{Lang: "en", Title: "Chips are scarce", Body: "<p>Again.</p>"},
		Published: utc(25, 9), Seen: utc(25, 9)}
	english := Story{ID: "00000000000000a4", Items: []Member{{Item: foreign, Kind: Lead}}, Text: foreign.Text, Published: utc(25, 9), Updated: utc(25, 9),
		Translation: Translation{State: None}}

	evil := Item{SourceID: "wire", GUID: "5", URL: "javascript:alert(1)", Text: Text{Lang: "ar", Title: "]]><script>خبر\u202e\x01 </title>",
		Body: "<p>نص ]]&gt;\u202e عكس</p>"}, Authors: []string{"<b>\x00"}, Categories: []string{"\ufffe&"}, Seen: utc(24, 9)}
	hostile := Story{ID: "00000000000000a5", Items: []Member{{Item: evil, Kind: Lead}}, Text: evil.Text, Published: utc(24, 9), Updated: utc(23, 9),
		Translation: Translation{State: None}}
	return site, ch, []Story{translated, waiting, partial, english, hostile}
}

func written(t *testing.T, p Publication, f Format) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The golden files have been read by people of both languages.
func TestWriteGolden(t *testing.T) {
	site, ch, stories := shelf()
	for i, p := range RenderAll(site, ch, stories) {
		for _, f := range Formats {
			golden(t, Path("feed", Editions[i], f), written(t, p, f))
			if alone := Render(Editions[i], site, ch, stories); !bytes.Equal(written(t, alone, f), written(t, p, f)) {
				t.Errorf("%s is another one when it is made alone", Path("feed", Editions[i], f))
			}
		}
	}
	ch.Layout, ch.Titles = "interleaved", "en"
	golden(t, "interleaved.atom", written(t, Render(Bilingual, site, ch, stories), Atom))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "out", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// What is written is read back by our own parser: every entry with its id, title, link and date.
func TestWrittenIsReadBack(t *testing.T) {
	site, ch, stories := shelf()
	for _, e := range Editions {
		p := Render(e, site, ch, stories)
		for _, f := range Formats {
			feed, err := Parse(Source{ID: "back"}, Document{Base: "https://feeds.example/", Body: written(t, p, f), At: utc(30, 0)})
			if err != nil {
				t.Fatalf("%s: %v", Path("feed", e, f), err)
			}
			if len(feed.Items) != len(p.entries) || len(p.entries) < 4 {
				t.Fatalf("%s: %d items read back, %d written", Path("feed", e, f), len(feed.Items), len(p.entries))
			}
			for i, it := range feed.Items {
				x := p.entries[i]
				title := x.title
				if f == RSS {
					title = unlike(title)
				}
				title = strings.Join(strings.Fields(arabic.StripBidi(plain(html.EscapeString(title)))), " ")
				if it.GUID != x.id || it.Title != title || it.URL != x.link || !it.Published.Equal(x.published) {
					t.Errorf("%s: read back %q %q %q %v\nwritten %q %q %q %v", Path("feed", e, f), it.GUID, it.Title, it.URL, it.Published, x.id, title, x.link, x.published)
				}
			}
		}
	}
}

// No text of an item may break out of its element, and no format may hold what its syntax forbids.
func TestWrittenIsWellFormed(t *testing.T) {
	site, ch, stories := shelf()
	for _, e := range Editions {
		p := Render(e, site, ch, stories)
		for _, f := range []Format{Atom, RSS} {
			b := written(t, p, f)
			entries, d := 0, xml.NewDecoder(bytes.NewReader(b))
			for {
				tok, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s: %v", Path("feed", e, f), err)
				}
				if s, ok := tok.(xml.StartElement); ok && (s.Name.Local == "entry" || s.Name.Local == "item") {
					entries++
				}
			}
			if entries != len(p.entries) {
				t.Errorf("%s: %d entries, want %d", Path("feed", e, f), entries, len(p.entries))
			}
			forbidden(t, Path("feed", e, f), b)
		}
		b := written(t, p, JSON)
		if !json.Valid(b) {
			t.Errorf("%s is no JSON", Path("feed", e, JSON))
		}
		forbidden(t, Path("feed", e, JSON), bytes.ReplaceAll(b, []byte("]]><script>"), nil)) // a title is plain text
	}
}

func forbidden(t *testing.T, name string, b []byte) {
	t.Helper()
	for _, bad := range []string{"\u202e", "\x00", "\x01", "\ufffe", "<script", "javascript:", "secret@", "user:"} {
		if bytes.Contains(b, []byte(bad)) {
			t.Errorf("%s holds %q", name, bad)
		}
	}
}

// In every edition each Arabic word stands in a block that says so, and in a reader that strips attributes English comes first.
func TestDirections(t *testing.T) {
	site, ch, stories := shelf()
	for _, layout := range []string{"blocks", "interleaved"} {
		ch.Layout = layout
		for _, e := range Editions {
			for _, x := range Render(e, site, ch, stories).entries {
				first := ""
				for n := range sanitize.Parse(x.content, "").Descendants() {
					if n.Type != html.TextNode || strings.TrimSpace(n.Data) == "" {
						continue
					}
					if arabic.Has(n.Data) && where(n, "lang") != "ar" || arabic.Has(n.Data) && where(n, "dir") != "rtl" {
						t.Errorf("%s %q: %q stands in lang %q dir %q", e, x.title, n.Data, where(n, "lang"), where(n, "dir"))
					}
					if first == "" {
						first = n.Data
					}
				}
				if x.lang == "en" && arabic.Has(first) {
					t.Errorf("%s %q: begins with %q", e, x.title, first)
				}
				if x.lang == "ar" && (!strings.HasPrefix(x.title, arabic.RLM) || !strings.HasPrefix(first, arabic.RLM)) {
					t.Errorf("%s %q: an entry in Arabic begins with %q", e, x.title, first)
				}
				for _, s := range []string{x.title, x.content} {
					if strings.Count(s, arabic.RLI) != strings.Count(s, arabic.PDI) {
						t.Errorf("%s %q: isolates are not closed", e, x.title)
					}
				}
			}
		}
	}
}

// where is the value of the nearest attribute that n inherits.
func where(n *html.Node, key string) string {
	for ; n != nil; n = n.Parent {
		for _, a := range n.Attr {
			if a.Key == key {
				return a.Val
			}
		}
	}
	return ""
}

// Every character there is, and bytes that are none, come out as encoding/xml and encoding/json have them.
func TestEscaped(t *testing.T) {
	var b strings.Builder
	for r := range rune(0x110000) {
		b.WriteRune(r)
	}
	b.WriteString("a\xff\xc3(\xe2\x80")
	text := legal(b.String())
	var want strings.Builder
	if err := xml.EscapeText(&want, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if escaped(text) != want.String() || strings.Contains(text, "\r") || strings.Contains(text, "\u202e") || !strings.Contains(text, "\u2067") {
		t.Error("another text")
	}
	var got, line bytes.Buffer
	quote(&got, text)
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil || got.String()+"\n" != line.String() {
		t.Error("another string", err)
	}
	if fine := "a\t\n\u00a0\u2067س\U0001F600"; legal(fine) != fine || fine != legal(fine+"\x7f\u0085\ufffe") {
		t.Errorf("%q, %q", legal(fine), legal(fine+"\x7f\u0085\ufffe"))
	}
}

func TestURI(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"javascript:alert(1)":               "",
		"/relative":                         "",
		"https://a.example/ديب?q=س&x=1+2#ج": "https://a.example/%D8%AF%D9%8A%D8%A8?q=%D8%B3&x=1+2#%D8%AC",
		"https://a.example/%D8%AF/a b":      "https://a.example/%D8%AF/a%20b",
		"https://موقع.example:8443/":        "https://xn--4gbrim.example:8443/",
	} {
		if got := uri(in); got != want {
			t.Errorf("uri(%q) = %q, want %q", in, got, want)
		}
	}
}

// Nobody's id may depend on what can be configured or change.
func TestIDsStay(t *testing.T) {
	site, ch, stories := shelf()
	before := Render(Bilingual, site, ch, stories)
	site.URL, ch.Title, ch.Layout = "https://elsewhere.example/", map[string]string{"en": "Other"}, "interleaved"
	stories[1].Translation = stories[0].Translation
	stories[0].Title, stories[0].Updated = "عنوان آخر", utc(29, 0)
	after := Render(Bilingual, site, ch, stories)
	if before.id != after.id {
		t.Error("the feed's id moved")
	}
	seen := map[string]bool{before.id: true}
	for i := range before.entries {
		b, a := before.entries[i], after.entries[i]
		if b.id != a.id || !b.published.Equal(a.published) {
			t.Errorf("%s %v became %s %v", b.id, b.published, a.id, a.published)
		}
		for _, e := range Editions {
			id := Render(e, site, Channel{ID: "other"}, stories[i:i+1]).id + Render(e, site, ch, stories[i:i+1]).id
			if e != Bilingual && strings.Contains(id, before.id) {
				t.Errorf("edition %s shares an id", e)
			}
		}
		if seen[b.id] {
			t.Errorf("two entries are %s", b.id)
		}
		seen[b.id] = true
	}
}
