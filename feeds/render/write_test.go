package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

var update = flag.Bool("update", false, "write the golden files anew")

func utc(day, hour int) time.Time { return time.Date(2025, 1, day, hour, 0, 0, 0, time.UTC) }

// shelf returns one story of each kind that a channel may hold, and their site.
func shelf() (feeds.Site, feeds.Channel, []feeds.Story) {
	site := feeds.Site{
		URL:   "https://feeds.example/",
		Hub:   "https://hub.example/",
		Terms: map[string]string{"ذكاء اصطناعي": "artificial intelligence"},
		Sources: map[string]feeds.Source{
			"tiqani": {
				ID:    "tiqani",
				URL:   "https://tiqani.example/feed/",
				Title: feeds.NewTitle("تقني"),
				Site:  "https://tiqani.example/",
			},
			"khabar": {
				ID: "khabar", URL: "https://user:secret@khabar.example/rss", Title: feeds.NewTitle("خبر تك"),
				Site: "https://khabar.example/", Private: true,
			},
			"wire": {ID: "wire", URL: "https://wire.example/feed", Title: feeds.NewTitle("The Wire")},
		},
	}
	ch := feeds.Channel{
		ID:     "feed",
		Title:  map[string]string{"en": "Arabic tech news", "ar": "أخبار التقنية"},
		Limit:  100,
		Layout: "blocks",
		Titles: "both",
	}

	lead := feeds.Item{
		SourceID: "tiqani",
		GUID:     "1",
		URL:      "https://tiqani.example/2025/ديب-سيك/?a=1&b=2",
		Text: feeds.Text{
			Lang:  "ar",
			Title: "DeepSeek تربك «وول ستريت» وتهبط 17%",
			Body: `<figure><img src="https://tiqani.example/a.jpg" alt="شعار DeepSeek"/>` +
				`<figcaption>شعار DeepSeek</figcaption></figure><p>تراجع سهم <a ` +
				`href="https://nvidia.example/">Nvidia</a> بنسبة 17%.<br/>V3 وR1 نموذجان.</p>` +
				`<ul><li>الكلفة 6 ملايين دولار</li></ul><pre>pip install r1</pre>`,
		},
		Authors:    []string{"سارة"},
		Categories: []string{"ذكاء اصطناعي", "Nvidia"},
		Rights:     "© تقني",
		Enclosures: []feeds.Enclosure{{URL: "https://tiqani.example/p.mp3", Type: "audio/mpeg", Length: 10}},
		Images: []feeds.Enclosure{
			{URL: "https://tiqani.example/صورة.jpg", Type: "image/jpeg"},
		},
		Published: utc(28, 10),
		Seen:      utc(28, 11),
	}
	other := lead
	other.SourceID, other.URL, other.Title, other.Published = "khabar", "https://khabar.example/9", "ديب سيك "+
		"تهبط بإنفيديا", utc(
		28,
		12,
	)
	translated := feeds.Story{
		ID:        "00000000000000a1",
		Items:     []feeds.Member{{Item: lead, Kind: feeds.Lead}, {Item: other, Kind: feeds.Copy, Why: "copy"}},
		Text:      lead.Text,
		Published: utc(28, 10),
		Updated:   utc(28, 13),
		Translation: feeds.Translation{Text: feeds.Text{
			Lang:  "en",
			Title: "DeepSeek rattles “Wall Street”, down 17%",
			Body: `<figure><img src="https://tiqani.example/a.jpg" alt="The DeepSeek logo"/><figcaption>The ` +
				`DeepSeek logo</figcaption></figure>` +
				`<p>Shares in <a href="https://nvidia.example/">Nvidia</a> fell 17%.<br/>V3 and R1 are ` +
				`models.</p><ul><li>It cost $6 million</li></ul><pre>pip install r1</pre>`,
		},
			State: feeds.Done, Engine: "google", Model: "nmt", At: utc(28, 13), Source: lead.Hash()},
	}

	waits := feeds.Item{
		SourceID: "khabar",
		GUID:     "2",
		URL:      "https://khabar.example/2",
		Text: feeds.Text{Lang: "ar", Title: "OpenAI تطلق o3-mini",
			Summary: "<p>أتاحت الشركة نموذجها.</p><blockquote>iOS 18.3 قادم</blockquote>"},
		Seen: utc(27, 9),
	}
	waiting := feeds.Story{
		ID:          "00000000000000a2",
		Items:       []feeds.Member{{Item: waits, Kind: feeds.Lead}},
		Text:        waits.Text,
		Published:   utc(27, 9),
		Updated:     utc(27, 9),
		Translation: feeds.Translation{State: feeds.Waiting},
	}

	half := feeds.Item{
		SourceID: "tiqani",
		GUID:     "3",
		URL:      "https://tiqani.example/3",
		Text: feeds.Text{Lang: "ar", Title: "آبل تطلق هاتفًا",
			Body: "<p>السعر 599 دولارًا.</p><p>يصل في مارس.</p>"},
		Published: utc(26, 9),
		Seen:      utc(26, 9),
	}
	partial := feeds.Story{
		ID:        "00000000000000a3",
		Items:     []feeds.Member{{Item: half, Kind: feeds.Lead}},
		Text:      half.Text,
		Published: utc(26, 9),
		Updated:   utc(26, 10),
		Translation: feeds.Translation{
			Text: feeds.Text{Lang: "en", Title: "Apple launches a phone", Body: "<p>It costs $599.</p>" +
				`<p lang="ar" dir="rtl"><em lang="en" dir="ltr">[not translated]</em> ` + arabic.Isolate("يصل في "+
				"مارس.") + "</p>"},
			State:  feeds.Partial,
			Engine: "libre",

			TitleDoubts: "amounts title", BodyDoubts: "numbers 1",
			At:     utc(26, 10),
			Source: half.Hash(),
		},
	}

	refused := feeds.Item{
		SourceID: "tiqani",
		GUID:     "6",
		URL:      "https://tiqani.example/6",
		Text:     feeds.Text{Lang: "ar", Title: "إليك سعر الهاتف", Body: "<p>يباع الهاتف غدًا.</p>"},
		Seen:     utc(25, 10),
	}
	headless := feeds.Story{
		ID:        "00000000000000a6",
		Items:     []feeds.Member{{Item: refused, Kind: feeds.Lead}},
		Text:      refused.Text,
		Published: utc(25, 10),
		Updated:   utc(25, 11),
		Translation: feeds.Translation{
			Text:   feeds.Text{Lang: "en", Body: "<p>The phone goes on sale tomorrow.</p>"},
			State:  feeds.Partial,
			Engine: "libre",
			At:     utc(25, 11),
			Source: refused.Hash(),
		},
	}

	foreign := feeds.Item{
		SourceID:  "wire",
		GUID:      "4",
		URL:       "https://wire.example/4",
		Text:      feeds.Text{Lang: "en", Title: "Chips are scarce", Body: "<p>Again.</p>"},
		Published: utc(25, 9),
		Seen:      utc(25, 9),
	}
	english := feeds.Story{
		ID:          "00000000000000a4",
		Items:       []feeds.Member{{Item: foreign, Kind: feeds.Lead}},
		Text:        foreign.Text,
		Published:   utc(25, 9),
		Updated:     utc(25, 9),
		Translation: feeds.Translation{State: feeds.None},
	}

	evil := feeds.Item{
		SourceID: "wire",
		GUID:     "5",
		URL:      "javascript:alert(1)",
		Text: feeds.Text{
			Lang:  "ar",
			Title: "]]><script>خبر\u202e\x01 </title>",
			Body:  "<p>نص ]]&gt;\u202e عكس</p>",
		},
		Authors:    []string{"<b>\x00"},
		Categories: []string{"\ufffe&"},
		Seen:       utc(24, 9),
	}
	hostile := feeds.Story{
		ID:          "00000000000000a5",
		Items:       []feeds.Member{{Item: evil, Kind: feeds.Lead}},
		Text:        evil.Text,
		Published:   utc(24, 9),
		Updated:     utc(23, 9),
		Translation: feeds.Translation{State: feeds.None},
	}
	return site, ch, []feeds.Story{translated, waiting, partial, headless, english, hostile}
}

// publication is an edition of a channel with its stories.
type publication struct {
	edition feeds.Edition
	site    feeds.Site
	channel feeds.Channel
	id      string
	stories []feeds.Story
	entries []*entry // of the stories that the edition shows
}

func editionOf(e feeds.Edition, site feeds.Site, ch feeds.Channel, stories []feeds.Story) publication {
	p := publication{e, site, ch, urn("", ch.ID, e), stories, nil}
	w := NewWriter(site, ch, nil)
	for _, s := range stories {
		if shows(e, s.Lang) {
			p.entries = append(p.entries, w.render(s, s.ID).in(e))
		}
	}
	return p
}

func written(t *testing.T, p publication, f feeds.Format) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(p.site, p.channel, listed(p.stories))
	if err := w.Begin(&b, p.edition, f); err != nil {
		t.Fatal(err)
	}
	fill(t, w, p.stories)
	return b.Bytes()
}

func fill(t testing.TB, w *Writer, stories []feeds.Story) {
	t.Helper()
	for _, s := range stories {
		if err := w.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func listed(stories []feeds.Story) (out []feeds.Listed) {
	for _, s := range stories {
		out = append(out, feeds.Listed{ID: s.ID, Lang: s.Lang, Published: s.Published, Updated: s.Updated})
	}
	return out
}

// nineFiles writes all feeds of a channel at once, and returns them by path.
func nineFiles(t testing.TB, site feeds.Site, ch feeds.Channel, stories []feeds.Story) map[string]*bytes.Buffer {
	t.Helper()
	files := map[string]*bytes.Buffer{}
	w := NewWriter(site, ch, listed(stories))
	for _, e := range feeds.Editions {
		for _, f := range feeds.Formats {
			var b bytes.Buffer
			if err := w.Begin(&b, e, f); err != nil {
				t.Fatal(err)
			}
			files[feeds.Path(ch.ID, e, f)] = &b
		}
	}
	fill(t, w, stories)
	return files
}

// People of both languages have read the golden files.
func TestWriteGolden(t *testing.T) {
	site, ch, stories := shelf()
	together := nineFiles(t, site, ch, stories)
	for _, e := range feeds.Editions {
		for _, f := range feeds.Formats {
			name := feeds.Path("feed", e, f)
			golden(t, name, together[name].Bytes())
			if !bytes.Equal(written(t, editionOf(e, site, ch, stories), f), together[name].Bytes()) {
				t.Errorf("%s is another one when it is made alone", name)
			}
		}
	}
	ch.Layout, ch.Titles = "interleaved", "en"
	golden(t, "interleaved.atom", written(t, editionOf(feeds.Bilingual, site, ch, stories), feeds.Atom))
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

// Package parse finds every entry of a written file, with its id, title, link and date.
func TestWrittenIsReadBack(t *testing.T) {
	site, ch, stories := shelf()
	for _, e := range feeds.Editions {
		p := editionOf(e, site, ch, stories)
		for _, f := range feeds.Formats {
			feed, err := parse.Feed(
				feeds.Source{ID: "back"},
				feeds.Document{Base: "https://feeds.example/", Body: written(t, p, f), At: utc(30, 0)},
			)
			if err != nil {
				t.Fatalf("%s: %v", feeds.Path("feed", e, f), err)
			}
			if len(feed.Items) != len(p.entries) || len(p.entries) < 4 {
				t.Fatalf(
					"%s: %d items read back, %d written",
					feeds.Path("feed", e, f),
					len(feed.Items),
					len(p.entries),
				)
			}
			for i, it := range feed.Items {
				x := p.entries[i]
				title := x.title
				if f == feeds.RSS {
					title = defuse(title)
				}
				title = strings.Join(strings.Fields(arabic.StripBidi(feeds.PlainText(html.EscapeString(title)))), " ")
				if it.GUID != x.id || it.Title != title || it.URL != x.link || !it.Published.Equal(x.published) {
					t.Errorf(
						"%s: read back %q %q %q %v\nwritten %q %q %q %v",
						feeds.Path("feed", e, f),
						it.GUID,
						it.Title,
						it.URL,
						it.Published,
						x.id,
						title,
						x.link,
						x.published,
					)
				}
			}
		}
	}
}

// No text of an item may break out of its element, and no format may hold what its syntax forbids.
func TestWrittenIsWellFormed(t *testing.T) {
	site, ch, stories := shelf()
	for _, e := range feeds.Editions {
		p := editionOf(e, site, ch, stories)
		for _, f := range []feeds.Format{feeds.Atom, feeds.RSS} {
			b := written(t, p, f)
			entries, d := 0, xml.NewDecoder(bytes.NewReader(b))
			for {
				tok, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s: %v", feeds.Path("feed", e, f), err)
				}
				if s, ok := tok.(xml.StartElement); ok && (s.Name.Local == "entry" || s.Name.Local == "item") {
					entries++
				}
			}
			if entries != len(p.entries) {
				t.Errorf("%s: %d entries, want %d", feeds.Path("feed", e, f), entries, len(p.entries))
			}
			forbidden(t, feeds.Path("feed", e, f), b)
		}
		b := written(t, p, feeds.JSON)
		if !json.Valid(b) {
			t.Errorf("%s is no JSON", feeds.Path("feed", e, feeds.JSON))
		}
		forbidden(
			t,
			feeds.Path("feed", e, feeds.JSON),
			bytes.ReplaceAll(b, []byte("]]><script>"), nil),
		) // a title is plain text
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

// In every edition each Arabic word stands in a block that says so. In readers that strip
// attributes, English comes first.
func TestDirections(t *testing.T) {
	site, ch, stories := shelf()
	for _, layout := range []string{"blocks", "interleaved"} {
		ch.Layout = layout
		for _, e := range feeds.Editions {
			for _, x := range editionOf(e, site, ch, stories).entries {
				first := ""
				for n := range sanitize.Parse(x.content, "").Descendants() {
					if n.Type != html.TextNode || strings.TrimSpace(n.Data) == "" {
						continue
					}
					if arabic.Has(n.Data) && where(n, "lang") != "ar" ||
						arabic.Has(n.Data) && where(n, "dir") != "rtl" {
						t.Errorf(
							"%s %q: %q stands in lang %q dir %q",
							e,
							x.title,
							n.Data,
							where(n, "lang"),
							where(n, "dir"),
						)
					}
					if first == "" {
						first = n.Data
					}
				}
				if x.lang == "en" && arabic.Has(first) {
					t.Errorf("%s %q: begins with %q", e, x.title, first)
				}
				if x.lang == "ar" &&
					(!strings.HasPrefix(x.title, arabic.RLM) || !strings.HasPrefix(first, arabic.RLM)) {
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

// where returns the value of the nearest attribute that n inherits.
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

// Ids must not depend on what can be configured or change.
func TestIDsStay(t *testing.T) {
	site, ch, stories := shelf()
	before := editionOf(feeds.Bilingual, site, ch, stories)
	site.URL, ch.Title, ch.Layout = "https://elsewhere.example/", map[string]string{"en": "Other"}, "interleaved"
	stories[1].Translation = stories[0].Translation
	stories[0].Title, stories[0].Updated = "عنوان آخر", utc(29, 0)
	after := editionOf(feeds.Bilingual, site, ch, stories)
	if before.id != after.id {
		t.Error("the feed's id moved")
	}
	seen := map[string]bool{before.id: true}
	for i := range before.entries {
		b, a := before.entries[i], after.entries[i]
		if b.id != a.id || !b.published.Equal(a.published) {
			t.Errorf("%s %v became %s %v", b.id, b.published, a.id, a.published)
		}
		for _, e := range feeds.Editions {
			id := editionOf(
				e,
				site,
				feeds.Channel{ID: "other"},
				stories[i:i+1],
			).id + editionOf(
				e,
				site,
				ch,
				stories[i:i+1],
			).id
			if e != feeds.Bilingual && strings.Contains(id, before.id) {
				t.Errorf("edition %s shares an id", e)
			}
		}
		if seen[b.id] {
			t.Errorf("two entries are %s", b.id)
		}
		seen[b.id] = true
	}
}
