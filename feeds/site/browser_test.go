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

// On a phone and on a desk, a browser gives every block the direction of its language, scrolls
// nothing sideways, shows the keyboard's focus, and reports no violation of the page's policy.
func TestPagesInBrowser(t *testing.T) {
	b := sitetest.New(t)
	where, all := samples(t)
	evilPlace, evilChannels, evil := hostile()
	empty := feeds.Site{}
	for _, p := range []struct {
		name  string
		book  bookOf
		pages []string // in addition to the index
	}{
		{"shelf", bookOf{place, []feeds.Channel{tech}, shelf()}, []string{"stories/00000000000000a1.html",
			"stories/00000000000000a2.html", "stories/00000000000000a4.html", "days/2025-01-26.html"}},
		{"channels", bookOf{place, []feeds.Channel{tech, chip}, shelf()}, nil},
		{"samples", bookOf{where, []feeds.Channel{tech}, all}, []string{feeds.StoryPath(all[0].ID)}},
		{"single", bookOf{place, []feeds.Channel{tech}, shelf()[6:]}, nil},
		{"hostile", bookOf{evilPlace, evilChannels, evil}, []string{feeds.StoryPath(evil[0].ID)}},
		{"empty", bookOf{empty, []feeds.Channel{tech}, nil}, nil},
	} {
		dir := t.TempDir()
		for name, body := range files(t, p.book) {
			name = filepath.Join(dir, filepath.FromSlash(name))
			if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, body, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		for _, page := range append([]string{"index.html"}, p.pages...) {
			for _, w := range sitetest.Windows() {
				b.Screen(w)
				b.Load("file://" + filepath.Join(dir, filepath.FromSlash(page)))
				name := p.name + "-" + strings.ReplaceAll(strings.TrimSuffix(page, ".html"), "/", "-") + "-" + w.Scheme
				if t.Run(fmt.Sprintf("%s at %d px", name, w.Width), func(t *testing.T) { b.Judge(t, w.Width) }) {
					b.Shoot(t, w.Width, name)
				}
			}
		}
	}
	for _, e := range b.Errors {
		// The pictures' hosts do not exist.
		if !strings.Contains(e, "ERR_NAME_NOT_RESOLVED") && !strings.Contains(e, "ERR_INTERNET_DISCONNECTED") {
			t.Error("the browser's log:", e)
		}
	}
}
