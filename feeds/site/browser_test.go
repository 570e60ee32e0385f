package site

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site/sitetest"
)

// On a phone and on a desk, in both schemes, a browser finds every kind of page as sitetest wants it. It
// gives every block the direction of its language, scrolls nothing sideways, shows the keyboard's focus,
// and reports no violation of the page's policy.
func TestPagesInBrowser(t *testing.T) {
	b := sitetest.New(t)
	where, all := samples(t)
	evilPlace, evilChannels, evil := hostile()
	plain := func(paths ...string) (out []sitetest.Page) {
		for _, p := range paths {
			out = append(out, sitetest.Page{Path: p, Foreign: strings.HasPrefix(p, "stories/")})
		}
		return out
	}
	for _, p := range []struct {
		name  string
		book  bookOf
		pages []sitetest.Page
	}{
		{"shelf", bookOf{place, []feeds.Channel{tech}, shelf()}, plain("index.html", "ar/index.html",
			"digests/daily/20250128T0700Z.html", "channels/daily.html", "ar/channels/daily.html",
			"stories/00000000000000a1.html", "stories/00000000000000a2.html", "stories/00000000000000a4.html",
			"days/2025-01-26.html", "ar/days/2025-01-26.html", "days/index.html", "ar/days/index.html",
			"en/tags/index.html", "ar/tags/index.html", "tags/quiet.html", "sources/index.html",
			"ar/sources/index.html",
			"en/sources/tiqani.html")},
		{"channels", bookOf{place, []feeds.Channel{tech, chip}, shelf()}, plain("index.html", "ar/channels/feed.html")},
		{"samples", bookOf{where, []feeds.Channel{tech}, all}, append([]sitetest.Page{
			{Path: "index.html", Desk: 12, Phone: 4}, {Path: "en/index.html", Desk: 12, Phone: 4},
			{Path: "ar/index.html", Desk: 12, Phone: 4}, {Path: "channels/feed.html", Desk: 12, Phone: 4},
			{Path: "en/channels/feed.html", Desk: 12, Phone: 4}, {Path: "ar/tags/news.html", Desk: 12, Phone: 4},
		}, plain(feeds.StoryPath(all[0].ID))...)},
		{"single", bookOf{place, []feeds.Channel{tech}, shelf()[6:]}, plain("index.html", "en/index.html")},
		{"hostile", bookOf{evilPlace, evilChannels, evil}, plain("index.html", "digests/daily/20250128T0700Z.html",
			feeds.StoryPath(evil[0].ID))},
		{"long", bookOf{place, []feeds.Channel{tech}, endless()}, plain("index.html",
			"digests/daily/20250128T0700Z.html", "en/index.html", "ar/index.html")},
		{"empty", bookOf{feeds.Site{}, []feeds.Channel{tech}, nil}, plain("index.html", "en/index.html",
			"ar/index.html",
			"ar/days/index.html", "sources/index.html")},
	} {
		dir := t.TempDir()
		for name, body := range files(t, p.book) {
			name = filepath.Join(dir, filepath.FromSlash(name))
			if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, body, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		for _, page := range p.pages {
			t.Run(p.name+" "+page.Path, func(t *testing.T) { look(t, b, dir, p.name, page) })
		}
	}
	for _, e := range b.Errors {
		// The pictures' hosts do not exist.
		if !strings.Contains(e, "ERR_NAME_NOT_RESOLVED") && !strings.Contains(e, "ERR_INTERNET_DISCONNECTED") {
			t.Error("the browser's log:", e)
		}
	}
}

// look checks a page in all windows. name begins the names of its pictures.
func look(t *testing.T, b *sitetest.Browser, dir, name string, page sitetest.Page) {
	b.Load("file://" + filepath.Join(dir, filepath.FromSlash(page.Path)))
	b.FirstScreen(t, page)
	name += "-" + strings.ReplaceAll(strings.TrimSuffix(page.Path, ".html"), "/", "-")
	for _, w := range sitetest.Windows() {
		b.Screen(w)
		b.Load("file://" + filepath.Join(dir, filepath.FromSlash(page.Path))) // with nothing opened
		b.Shoot(t, w, name)
		t.Run(fmt.Sprintf("%d px", w.Width), func(t *testing.T) {
			b.Judge(t, w.Width)
			b.Audit(t, page, w)
		})
	}
}
