package feeds

import (
	"strings"
	"testing"
	"time"
)

// everywhere is a story that holds s wherever an outlet, an engine or a config may put text, beside what it needs to be one.
func everywhere(s string) (Site, Channel, []Story) {
	site := Site{URL: "https://feeds.example/", Hub: "https://hub.example/", Terms: map[string]string{"فئة" + s: "term" + s},
		Sources: map[string]Source{"one": {ID: "one", URL: "https://one.example/feed", Title: "مصدر" + s, Site: "https://one.example/" + s},
			"two": {ID: "two", URL: "https://two.example/feed", Title: "Two" + s}}}
	ch := Channel{ID: "feed", Title: map[string]string{"en": "News" + s, "ar": "أخبار" + s}, Limit: 100}
	lead := Item{SourceID: "one", GUID: "1" + s, URL: "https://one.example/1?" + s, Text: Text{Lang: "ar", Title: "عنوان" + s,
		Body: "<p title=\"" + s + "\">نص" + s + "</p><p><img src=\"https://one.example/a.jpg\" alt=\"" + s + "\"/>" + s + "</p>"},
		Authors: []string{"كاتب" + s, s}, Categories: []string{"فئة" + s, s}, Rights: "حقوق" + s,
		Enclosures: []Enclosure{{URL: "https://one.example/a.mp3?" + s, Type: "audio/mpeg" + s, Length: 7}},
		Images:     []Enclosure{{URL: "https://one.example/b.jpg?" + s, Type: "image/jpeg" + s}}, Published: utc(28, 10), Seen: utc(28, 11)}
	other := lead
	other.SourceID, other.URL, other.Title = "two", "https://two.example/"+s, "Title"+s
	third := other
	third.URL = "javascript:" + s
	return site, ch, []Story{{ID: "00000000000000b1", Items: []Member{{Item: lead, Kind: Lead, Why: s}, {Item: other, Kind: Copy, Why: s}}, Related: []Member{{Item: third, Kind: Event, Why: s}}, Text: lead.Text,
		Published: utc(28, 10), Updated: utc(28, 12), Translation: Translation{State: Done, Engine: "engine" + s, Model: "model" + s, At: utc(28, 12),
			Text: Text{Lang: "en", Title: "Headline" + s, Body: "<p>Text" + s + "</p><p><img src=\"https://one.example/a.jpg\" alt=\"" + s + "\"/></p>"}}}}
}

// bad is input that must not harm what is published, by name.
func bad() map[string]func() (Site, Channel, []Story) {
	with := func(s string) func() (Site, Channel, []Story) {
		return func() (Site, Channel, []Story) { return everywhere(s) }
	}
	less := func(strip func(it *Item, s *Story)) func() (Site, Channel, []Story) {
		return func() (Site, Channel, []Story) {
			site, ch, stories := everywhere("")
			s := &stories[0]
			strip(&s.Items[0].Item, s)
			s.Text = s.Items[0].Text
			return site, ch, stories
		}
	}
	return map[string]func() (Site, Channel, []Story){
		"controls":  with("\x00\x01\x08\x0b\x1b[31m\x7f\u0085\ufffe\uffff"),
		"overrides": with("\u202e\u2067 سر\u202d\u202a\u2066x"),
		"not-utf8":  with("\xff\xc0\xaf\xed\xa0\x80"),
		"cdata":     with("]]></title></description></entry></item><item>\"],}"),
		"script":    with(`"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;script&gt;alert(2)&lt;/script&gt;&#60;b&#62;`),
		"long-title": less(func(it *Item, s *Story) {
			it.Title, s.Translation.Title = strings.Repeat("ع", 100_000), strings.Repeat("long ", 20_000)
		}),
		"no-date":     less(func(it *Item, s *Story) { it.Published, s.Published, s.Updated = time.Time{}, it.Seen, it.Seen }),
		"no-link":     less(func(it *Item, _ *Story) { it.URL = "" }),
		"no-body":     less(func(it *Item, s *Story) { it.Body, s.Translation.Body = "", "" }),
		"no-words":    less(func(it *Item, s *Story) { it.Title, it.Body, s.Translation = "", "", Translation{State: None} }),
		"untouched":   less(func(_ *Item, s *Story) { s.Translation = Translation{State: Waiting} }),
		"no-language": less(func(it *Item, s *Story) { it.Lang, s.Translation = "", Translation{} }),
	}
}

// Each of these files has been read.
func TestBadInputGolden(t *testing.T) {
	for name, input := range bad() {
		site, ch, stories := input()
		p := Render(Bilingual, site, ch, stories)
		for _, f := range Formats {
			golden(t, "bad-"+name+"."+string(f), written(t, p, f))
		}
	}
}
