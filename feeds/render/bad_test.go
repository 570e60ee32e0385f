package render

import (
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// everywhere returns a story with s wherever an outlet, an engine or a config may put text.
func everywhere(s string) (feeds.Site, feeds.Channel, []feeds.Story) {
	site := feeds.Site{
		URL:   "https://feeds.example/",
		Hub:   "https://hub.example/",
		Terms: map[string]string{"فئة" + s: "term" + s},
		Sources: map[string]feeds.Source{
			"one": {
				ID:    "one",
				URL:   "https://one.example/feed",
				Title: feeds.NewTitle("مصدر" + s),
				Site:  "https://one.example/" + s,
			},
			"two": {ID: "two", URL: "https://two.example/feed", Title: feeds.NewTitle("Two" + s)},
		},
	}
	ch := feeds.Channel{ID: "feed", Title: map[string]string{"en": "News" + s, "ar": "أخبار" + s}, Limit: 100}
	lead := feeds.Item{
		SourceID: "one",
		GUID:     "1" + s,
		URL:      "https://one.example/1?" + s,
		Text: feeds.Text{
			Lang:  "ar",
			Title: "عنوان" + s,
			Body: "<p title=\"" + s + "\">نص" + s + "</p><p><img src=\"https://one.example/a.jpg\" " +
				"alt=\"" + s + "\"/>" + s + "</p>",
		},
		Authors:    []string{"كاتب" + s, s},
		Categories: []string{"فئة" + s, s},
		Rights:     "حقوق" + s,
		Enclosures: []feeds.Enclosure{{URL: "https://one.example/a.mp3?" + s, Type: "audio/mpeg" + s, Length: 7}},
		Images: []feeds.Enclosure{
			{URL: "https://one.example/b.jpg?" + s, Type: "image/jpeg" + s},
		},
		Published: utc(28, 10),
		Seen:      utc(28, 11),
	}
	other := lead
	other.SourceID, other.URL, other.Title = "two", "https://two.example/"+s, "Title"+s
	third := other
	third.URL = "javascript:" + s
	return site, ch, []feeds.Story{
		{
			ID:      "00000000000000b1",
			Items:   []feeds.Member{{Item: lead, Kind: feeds.Lead, Why: s}, {Item: other, Kind: feeds.Copy, Why: s}},
			Related: []feeds.Member{{Item: third, Kind: feeds.Linked, Why: s}},
			Text:    lead.Text,
			Published: utc(
				28,
				10,
			),
			Updated: utc(28, 12),
			Translation: feeds.Translation{
				State:  feeds.Done,
				Engine: "engine" + s,
				Model:  "model" + s,
				At:     utc(28, 12),
				Text: feeds.Text{
					Lang:  "en",
					Title: "Headline" + s,
					Body:  "<p>Text" + s + "</p><p><img src=\"https://one.example/a.jpg\" alt=\"" + s + "\"/></p>",
				},
			},
		},
	}
}

// bad returns input that must not harm what is published, by name.
func bad() map[string]func() (feeds.Site, feeds.Channel, []feeds.Story) {
	with := func(s string) func() (feeds.Site, feeds.Channel, []feeds.Story) {
		return func() (feeds.Site, feeds.Channel, []feeds.Story) { return everywhere(s) }
	}
	less := func(strip func(it *feeds.Item, s *feeds.Story)) func() (feeds.Site, feeds.Channel, []feeds.Story) {
		return func() (feeds.Site, feeds.Channel, []feeds.Story) {
			site, ch, stories := everywhere("")
			s := &stories[0]
			strip(&s.Items[0].Item, s)
			s.Text = s.Items[0].Text
			return site, ch, stories
		}
	}
	return map[string]func() (feeds.Site, feeds.Channel, []feeds.Story){
		"controls":  with("\x00\x01\x08\x0b\x1b[31m\x7f\u0085\ufffe\uffff"),
		"overrides": with("\u202e\u2067 سر\u202d\u202a\u2066x"),
		"not-utf8":  with("\xff\xc0\xaf\xed\xa0\x80"),
		"cdata":     with("]]></title></description></entry></item><item>\"],}"),
		"script": with(
			`"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;script&gt;alert(2)&lt;/script&gt;&#60;b&#62;`,
		),
		"long-title": less(func(it *feeds.Item, s *feeds.Story) {
			it.Title, s.Translation.Title = strings.Repeat("ع", 100_000), strings.Repeat("long ", 20_000)
		}),
		"no-date": less(func(it *feeds.Item, s *feeds.Story) {
			it.Published, s.Published, s.Updated = time.Time{}, it.Seen, it.Seen
		}),
		"no-link": less(func(it *feeds.Item, _ *feeds.Story) { it.URL = "" }),
		"no-body": less(func(it *feeds.Item, s *feeds.Story) { it.Body, s.Translation.Body = "", "" }),
		"no-words": less(func(it *feeds.Item, s *feeds.Story) {
			it.Title, it.Body, s.Translation = "", "", feeds.Translation{State: feeds.None}
		}),
		"untouched": less(
			func(_ *feeds.Item, s *feeds.Story) { s.Translation = feeds.Translation{State: feeds.Waiting} },
		),
		"no-language": less(func(it *feeds.Item, s *feeds.Story) { it.Lang, s.Translation = "", feeds.Translation{} }),
	}
}

// People have read each of these files.
func TestBadInputGolden(t *testing.T) {
	for name, input := range bad() {
		site, ch, stories := input()
		p := editionOf(feeds.Bilingual, site, ch, stories)
		for _, f := range feeds.Formats {
			golden(t, "bad-"+name+"."+string(f), written(t, p, f))
		}
	}
}
