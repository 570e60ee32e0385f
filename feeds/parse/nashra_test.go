package parse

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// bulletin is a feed of another nashra with these items.
func bulletin(items string) []byte {
	return []byte(`{"version":"https://jsonfeed.org/version/1.1","title":"x","language":"en","items":[` + items + `]}`)
}

// told is an item whose _nashra is as given.
func told(nashra string) string {
	return `{"id":"1","url":"https://n.example/stories/1.html","external_url":"https://o.example/1",` +
		`"title":"English | عربي","content_html":"<p>English</p><hr><p>عربي</p>",` +
		`"date_published":"2026-11-24T08:00:00Z","_nashra":` + nashra + `}`
}

// read returns the items of a document of a source, trusted or not.
func read(t *testing.T, body []byte, trust string) feeds.Feed {
	t.Helper()
	f, err := Feed(feeds.Source{ID: "s", Trust: trust},
		feeds.Document{Base: "https://n.example/feed.json", Body: body, At: at})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const toldWhole = `{"original":"ar","texts":{` +
	`"ar":{"title":"عنوان الخبر الأول","content_html":"<p>نص الخبر الأول كاملا</p>"},` +
	`"en":{"title":"The first headline","content_html":"<p>The whole text</p><script>x</script>"}},"sources":[` +
	`{"id":"b","title":"Other bulletin","url":"https://o.example/1","kind":"lead","bulletin":true},` +
	`{"id":"o","title":"The outlet","title_ar":"المنفذ","url":"https://www.o.example/1","item_title":"x","published":` +
	`"2026-11-24T09:00:00+01:00","kind":"copy"},{"id":"T.me","title":"قناة","url":"https://t.me/c/1","kind":"copy"},` +
	`{"id":"again","url":"https://o.example/2"},{"id":"","url":"javascript:alert(1)"}],` +
	`"translation":{"engine":"libre","model":"m","at":"2026-11-24T10:00:00Z","state":"done"}}`

func TestNashraIsReadUnderTrust(t *testing.T) {
	it := read(t, bulletin(told(toldWhole)), "nashra").Items[0]
	if it.URL != "https://o.example/1" || it.Title != "عنوان الخبر الأول" || it.Body != "<p>نص الخبر الأول كاملا</p>" ||
		it.Lang != "ar" || it.GUID != "1" {
		t.Errorf("%+v", it)
	}
	r := it.Rendition
	if r == nil || r.Maker != "libre/m" || r.Original.Title != it.Title || r.Original.Body != it.Body ||
		r.At.Hour() != 10 {
		t.Fatalf("%+v", r)
	}
	if en, ok := r.In("en"); !ok || en.Title != "The first headline" || en.Body != "<p>The whole text</p>" {
		t.Errorf("%+v", en)
	}
	if got, want := fmt.Sprint(it.Origins),
		"[{o {The outlet المنفذ} https://www.o.example/1 x 2026-11-24 08:00:00 +0000 UTC} "+
			"{t-me { قناة} https://t.me/c/1  0001-01-01 00:00:00 +0000 UTC}]"; got != want {
		t.Errorf("origins %s, want %s", got, want)
	}
	it = read(t, bulletin(told(toldWhole)), "").Items[0]
	if it.URL != "https://n.example/stories/1.html" || it.Title != "English | عربي" ||
		it.Rendition != nil || it.Origins != nil {
		t.Errorf("without the word: %+v", it)
	}
	short := strings.ReplaceAll(toldWhole, "content_html", "summary_html")
	it = read(t, bulletin(told(short)), "nashra").Items[0]
	if it.Body != "" || it.Summary != "<p>نص الخبر الأول كاملا</p>" {
		t.Errorf("a summary: %+v", it)
	}
}

func TestNashraBelongsToItsItem(t *testing.T) {
	second := strings.Replace(told(toldWhole), `"id":"1"`, `"id":"2"`, 1)
	second = strings.Replace(second, "الخبر الأول", "الخبر الثاني", 2)
	for name, items := range map[string]string{
		"null before":        "null," + told(toldWhole) + "," + second,
		"a number as author": `{"id":"0","title":"x","authors":7},` + told(toldWhole) + "," + second,
		"a raw line break":   "{\"id\":\"0\",\"title\":\"a\nb\"}," + told(toldWhole) + "," + second,
		"cut short":          told(toldWhole) + "," + second + `,{"id":"3","title":"cu`,
	} {
		body := bulletin(items)
		if name == "cut short" {
			body = body[:strings.LastIndex(string(body), "cu")+2]
		}
		found := 0
		for _, it := range read(t, body, "nashra").Items {
			if it.GUID != "1" && it.GUID != "2" {
				continue
			}
			found++
			if it.Rendition == nil || it.Rendition.Original.Title != it.Title ||
				strings.Contains(it.Title, "الثاني") != (it.GUID == "2") {
				t.Errorf("%s: %+v, %+v", name, it, it.Rendition)
			}
		}
		if found != 2 {
			t.Errorf("%s: %d items", name, found)
		}
	}
}

func TestTrustThatHasNoEffectSaysSo(t *testing.T) {
	rss := []byte(`<rss version="2.0"><channel><item><title>x</title><link>https://x.example/</link></item></channel>` +
		`</rss>`)
	for name, body := range map[string][]byte{"no _nashra": bulletin(`{"id":"1","title":"x"}`), "RSS": rss} {
		if f := read(t, body, "nashra"); !strings.Contains(f.Note, "trust has no effect") || len(f.Items) != 1 {
			t.Errorf("%s: %q", name, f.Note)
		}
		if f := read(t, body, ""); strings.Contains(f.Note, "trust") {
			t.Errorf("%s: %q", name, f.Note)
		}
	}
	if f := read(t, bulletin(told(`{"original":7}`)), "nashra"); !strings.Contains(f.Note, "1 of its items") {
		t.Errorf("%q", f.Note)
	}
}

// What changes in _nashra alone makes the item anew.
func TestKnownItemsAreMadeAnewForATranslation(t *testing.T) {
	whole := strings.Replace(toldWhole, "كاملا", strings.Repeat("كاملا مع كل ما يلزم من تفاصيل ", 9), 1)
	first := read(t, bulletin(told(strings.Replace(whole, `"en":`, `"xx":`, 1))), "nashra").Items[0]
	second := read(t, bulletin(told(whole)), "nashra").Items[0]
	if first.Raw == second.Raw || first.Raw == (feeds.Short{}) {
		t.Errorf("%x, %x", first.Raw, second.Raw)
	}
}

func FuzzNashra(f *testing.F) {
	f.Add(toldWhole)
	f.Add(`{"original":1,"texts":[],"sources":{"a":[]},"translation":"x"}`)
	f.Add(`{"original":"ar","texts":{"ar":{"title":"\u202e<script>","content_html":"<a href=javascript:x>نص"},` +
		`"en":{}}}`)
	f.Add(`{"sources":[{"url":"//x"},{"url":"http://127.0.0.1/"},{"id":"../../x","published":"0000"}]}`)
	f.Fuzz(func(t *testing.T, nashra string) {
		if !json.Valid([]byte(nashra)) {
			return
		}
		feed, err := Feed(feeds.Source{ID: "s", Trust: "nashra"},
			feeds.Document{Base: "https://n.example/f", Body: bulletin(told(nashra)), At: at})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range feed.Items {
			if len(it.Origins) > feeds.MaxOrigins {
				t.Fatalf("%d origins", len(it.Origins))
			}
			for _, o := range it.Origins {
				u, err := url.Parse(o.URL)
				if err != nil || o.URL != "" && u.Scheme != "http" && u.Scheme != "https" ||
					strings.ContainsAny(o.ID+o.Key(), "/ \n<") ||
					strings.ContainsAny(o.Title.EN+o.Title.AR+o.ItemTitle, "\n\u202e") {
					t.Fatalf("%+v", o)
				}
			}
			if it.Rendition == nil {
				continue
			}
			for _, text := range append(it.Rendition.Texts, it.Rendition.Original) {
				if again := sanitize.HTML(text.Body, ""); again != text.Body {
					t.Fatalf("%q sanitised again is %q", text.Body, again)
				}
			}
		}
	})
}
