package site

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// storyPage returns the page of a story.
func storyPage(t *testing.T, s feeds.Story, a Beside) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := NewBook(place, []feeds.Channel{tech}, nil, nil).Story(&b, s, a); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// An event of 300 reports has a page of some screens, which says how many reports it leaves out, in both
// languages; the story itself is always on it.
func TestTimeLineIsCut(t *testing.T) {
	s := shelf()[1]
	var a Beside
	for i := range 300 {
		l := shelf()[3]
		l.ID, l.Published = fmt.Sprintf("%016x", i), utc(1, 0).Add(time.Duration(i)*time.Hour)
		l.Title += strings.Repeat("ا", 100_000)
		s.Related = append(s.Related, feeds.Member{Item: l.Items[0].Item, Kind: feeds.Linked, Story: l.ID})
		a.Linked = append(a.Linked, Neighbour{l, true})
	}
	page := storyPage(t, s, a)
	lines := elements(parsed(t, page), atom.Li)
	steps, own := 0, 0
	for _, l := range lines {
		if l.Parent.DataAtom == atom.Ol {
			steps++
		}
		if value(l, "class") == "own" {
			own++
		}
	}
	if steps != 2*maxSteps || own != 2 || !bytes.Contains(page, []byte("273 reports")) ||
		!bytes.Contains(page, []byte("273 تقريرًا")) || !bytes.Contains(page, []byte("302 reports")) {
		t.Errorf("%d steps, %d of the story itself; %.300s", steps, own, page[bytes.LastIndex(page, []byte("</ol>")):])
	}
	if len(page) > 200_000 {
		t.Errorf("%d bytes", len(page))
	}
}

// A time line leads to the pages that exist, in the language of its half, and to the originals.
func TestTimeLineLeadsInItsLanguage(t *testing.T) {
	list := newestFirst(shelf())
	a := aroundOf(list, "00000000000000a1")
	for _, paged := range []bool{true, false} {
		a.Linked[0].Paged, a.Earlier.Paged = paged, paged
		page := string(storyPage(t, shelf()[1], a))
		for _, link := range []string{"stories/00000000000000a6.html#en", "stories/00000000000000a6.html#ar",
			"stories/00000000000000a2.html#en"} {
			if strings.Contains(page, link) != paged {
				t.Errorf("pages exist: %v: %s", paged, link)
			}
		}
		if !strings.Contains(page, `href="https://khabar.example/9"`) {
			t.Error("no link to a copy")
		}
	}
}

// A story that nobody else has shows no time line. One in no language that we know, or without any
// text, has a page in one language.
func TestPageOfALoneStory(t *testing.T) {
	unknown := shelf()[5]
	unknown.Lang, unknown.Items[0].Lang = "", ""
	empty := shelf()[5]
	empty.Text, empty.Items[0].Text = feeds.Text{}, feeds.Text{}
	for name, s := range map[string]feeds.Story{"French": shelf()[5], "unknown": unknown, "empty": empty} {
		doc := parsed(t, storyPage(t, s, Beside{}))
		text := sanitize.Text(elements(doc, atom.Main)[0])
		if strings.Contains(text, "Time line") || len(elements(doc, atom.Ol)) > 0 {
			t.Errorf("%s: it has a time line: %s", name, text)
		}
		if !strings.Contains(text, "Read the original") || strings.Contains(text, "اقرأ الأصل") {
			t.Errorf("%s: %s", name, text)
		}
		if n := len(elements(doc, atom.Section)); n != 1 {
			t.Errorf("%s: %d halves", name, n)
		}
	}
}

// The first link of a story leads to the original.
func TestOriginalComesFirst(t *testing.T) {
	main := elements(parsed(t, storyPage(t, shelf()[1], Beside{})), atom.Main)[0]
	if first := elements(main, atom.A)[0]; !strings.HasPrefix(value(first, "href"), "https://tiqani.example/2025/") {
		t.Errorf("the first link is %v", first.Attr)
	}
}

// Words of sources stand in cards as they are: escaped once.
func TestCardsAreEscapedOnce(t *testing.T) {
	s := shelf()[0]
	s.Title, s.Body = `AT&T "wins" <b>`, "<p>AT&amp;T said «yes» &lt;b&gt;.</p>"
	got := said(t, storyPage(t, s, Beside{}))
	if got["og:title"] != `AT&T "wins" <b>` || got["og:description"] != "AT&T said «yes» <b>." {
		t.Errorf("%q %q", got["og:title"], got["og:description"])
	}
}

// The feed of a story is served, and found on its page.
func TestServerAnswersFollowers(t *testing.T) {
	s, _ := published(t, nil)
	page := ask(s, "GET", "/stories/00000000000000a1.html").Body.String()
	for ext, kind := range map[string]string{"atom": "application/atom+xml; charset=utf-8",
		"json": "application/feed+json; charset=utf-8"} {
		w := ask(s, "GET", "/stories/00000000000000a1."+ext)
		if w.Code != 200 || w.Header().Get("Content-Type") != kind ||
			!strings.Contains(w.Body.String(), "khabar.example/9") {
			t.Errorf("%s: %d %s %.200s", ext, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		if !strings.Contains(page, `href="../stories/00000000000000a1.`+ext+`"`) {
			t.Errorf("%s is not on the page", ext)
		}
	}
	for _, path := range []string{"/stories/00000000000000a1.rss", "/stories/00000000000000ff.atom"} {
		if w := ask(s, "GET", path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
