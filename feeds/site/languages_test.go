package site

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site/sitetest"
)

// A link to a language of a story's page shows that half alone, with its pictures, and says so; without
// one both show, and pictures once. Pictures keep their room though they never come.
func TestLanguagesOfAStoryInBrowser(t *testing.T) {
	b := sitetest.New(t)
	stories := shelf()
	stories[1].Body += `<p><img src="https://tiqani.example/b.jpg"/></p>`
	dir := t.TempDir()
	for name, body := range files(t, bookOf{place, []feeds.Channel{tech}, stories}) {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, body, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range sitetest.Windows() {
		for fragment, want := range map[string][]string{"": {"en", "ar"}, "#both": {"en", "ar"}, "#en": {"en"},
			"#ar": {"ar"}} {
			b.Screen(w)
			b.Load("about:blank")
			b.Load("file://" + filepath.Join(dir, "stories", "00000000000000a1.html") + fragment)
			var got struct {
				Halves  []string
				Heights []float64
				Current string
			}
			b.Ask(`(() => {
				const seen = s => [...document.querySelectorAll(s)].filter(e => e.checkVisibility());
				const bold = seen('.switch a').filter(a => getComputedStyle(a).fontWeight >= 600);
				return {Halves: seen('.half').map(e => e.lang),
					Heights: seen('.half img').map(e => e.getBoundingClientRect().height),
					Current: bold.map(a => a.hash).join()};
			})()`, &got)
			name := fmt.Sprintf("%d px, %q", w.Width, fragment)
			if !slices.Equal(got.Halves, want) {
				t.Errorf("%s: shows %q, want %q", name, got.Halves, want)
			}
			if current := "#both"; got.Current != current && got.Current != fragment {
				t.Errorf("%s: %s is said to be shown", name, got.Current)
			}
			pictures := map[bool]int{true: 1, false: 2}[want[0] == "en"]
			if len(got.Heights) != pictures || slices.Min(got.Heights) < 100 {
				t.Errorf("%s: pictures %v px high, want %d of them", name, got.Heights, pictures)
			}
			t.Run(name, func(t *testing.T) { b.Shoot(t, w, "story"+fragment) })
		}
	}
}
