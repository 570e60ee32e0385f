package render

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

// item is what the tests here look at of an entry.
type item struct {
	URL     string   `json:"url"`
	Via     string   `json:"external_url"`
	Content string   `json:"content_html"`
	Tags    []string `json:"tags"`
}

func firstItem(t *testing.T, e feeds.Edition, site feeds.Site, ch feeds.Channel, stories []feeds.Story) item {
	t.Helper()
	var feed struct{ Items []item }
	if err := json.Unmarshal(written(t, editionOf(e, site, ch, stories), feeds.JSON), &feed); err != nil {
		t.Fatal(err)
	}
	return feed.Items[0]
}

func TestEntriesLeadToTheOriginalOrToOurPage(t *testing.T) {
	site, ch, stories := shelf()
	page := site.URL + feeds.StoryPath(stories[0].ID)
	original := feeds.URI(stories[0].Items[0].URL)
	for _, c := range []struct{ link, url, want, via string }{
		{"original", site.URL, original, ""},
		{"page", site.URL, page, original},
		{"page", "", original, ""}, // there is no page to lead to
	} {
		ch.Link, site.URL = c.link, c.url
		for _, e := range feeds.Editions {
			it := firstItem(t, e, site, ch, stories)
			if it.URL != c.want || it.Via != c.via {
				t.Errorf("link %s, url %q, edition %q: leads to %s by way of %q", c.link, c.url, e, it.URL, it.Via)
			}
			if offered := strings.Contains(it.Content, `<a href="`+page+`">our page`); offered != (e == feeds.English &&
				c.url != "") {
				t.Errorf("link %s, url %q, edition %q: our page is offered: %v", c.link, c.url, e, offered)
			}
		}
		atom := string(written(t, editionOf(feeds.English, site, ch, stories[:1]), feeds.Atom))
		if strings.Contains(atom, `rel="via"`) != (c.via != "") || strings.Count(atom, `rel="alternate"`) == 0 {
			t.Errorf("link %s, url %q: %s", c.link, c.url, atom)
		}
	}
}

func TestUnknownCategoriesAreLeftOutOfTheEnglishEdition(t *testing.T) {
	site, ch, stories := shelf()
	site.Terms = map[string]string{"أخبار": "news"}
	stories[0].Items[0].Categories = []string{"زحل", "أخبار", "AI"}
	for e, want := range map[feeds.Edition]string{feeds.Bilingual: "زحل news AI", feeds.English: "news AI",
		feeds.Arabic: "زحل أخبار AI"} {
		if got := strings.Join(firstItem(t, e, site, ch, stories).Tags, " "); got != want {
			t.Errorf("edition %q has the categories %s, want %s", e, got, want)
		}
	}
}

func TestAChannelWithoutAnEnglishTitleIsCalledByItsID(t *testing.T) {
	ch := feeds.Channel{ID: "feed", Title: map[string]string{"ar": "أخبار التقنية"}}
	for e, want := range map[feeds.Edition]string{feeds.English: "feed", feeds.Bilingual: "أخبار التقنية",
		feeds.Arabic: "أخبار التقنية"} {
		if got := channelTitle(ch, e); got != want {
			t.Errorf("edition %q is called %s, want %s", e, got, want)
		}
	}
}
