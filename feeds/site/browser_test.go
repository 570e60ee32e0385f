package site

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

var pictures = flag.String("pictures", "", "folder for pictures of the pages, at every width, light and dark")

// look is what the browser made of a page. The questions are asked in its own words: computed styles and laid-out boxes.
type look struct {
	Wrong    []string // texts whose computed direction, or the side they are flush with, is not their language's
	Arabic   int      // blocks of text in Arabic
	English  int
	Width    int // of all that can be scrolled to
	Window   int
	Wide     []string // elements that reach out of the window
	Controls int      // links and buttons
	Hidden   []string // of these, those that show no focus
}

const question = `(() => {
  document.querySelectorAll('details').forEach(d => d.open = true);
  const r = {Wrong: [], Arabic: 0, English: 0, Width: document.documentElement.scrollWidth, Window: innerWidth, Wide: [], Controls: 0, Hidden: []};
  const arabic = /[\u0620-\u064a\u0671-\u06d3]/;
  for (const e of document.querySelectorAll('h1, h2, h2 *, h3, p, .mast *, .side *, footer *, summary bdi, .editions span, bdi')) {
    const text = [...e.childNodes].filter(n => n.nodeType == 3).map(n => n.data).join('').trim();
    if (!text) continue;
    const rtl = arabic.test(text), s = getComputedStyle(e);
    rtl ? r.Arabic++ : r.English++;
    const claims = e.closest('[lang]').lang;
    if (s.direction != (rtl ? 'rtl' : 'ltr') && !(claims == 'ar' && s.direction == 'rtl')) r.Wrong.push(s.direction + ': ' + text);
    if (rtl && (s.letterSpacing != 'normal' && s.letterSpacing != '0px' || s.fontStyle != 'normal' || s.textAlign == 'left')) r.Wrong.push('style: ' + text);
  }
  for (const e of document.body.querySelectorAll('*')) {
    const b = e.getBoundingClientRect();
    if (b.width && !e.classList.contains('skip') && (b.right > innerWidth + .5 || b.left < -.5)) r.Wide.push(e.outerHTML.slice(0, 120));
  }
  for (const e of document.querySelectorAll('a, summary')) {
    if (!e.checkVisibility()) continue;
    r.Controls++;
    e.focus({focusVisible: true, preventScroll: true});
    const s = getComputedStyle(e);
    if (document.activeElement != e || s.outlineStyle == 'none' || e.getBoundingClientRect().right < 0) r.Hidden.push(e.outerHTML.slice(0, 120));
    e.blur();
  }
  return r;
})()`

// A browser gives every block the direction of its language, on a phone and on a desk, with nothing to scroll sideways for, and
// shows where the keyboard is. The page's own policy lets its stylesheet through and has nothing to complain of.
func TestInABrowser(t *testing.T) {
	b := newBrowser(t)
	where, all := samples(t)
	evilPlace, evilChannels, evil := hostile()
	empty := feeds.Site{}
	for _, p := range []struct {
		name  string
		book  *Book
		pages []string // beside the index
	}{
		{"shelf", NewBook(place, []feeds.Channel{tech}, shelf()), []string{"stories/00000000000000a1.html", "stories/00000000000000a2.html", "stories/00000000000000a4.html", "days/2025-01-26.html"}},
		{"channels", NewBook(place, []feeds.Channel{tech, chip}, shelf()), nil},
		{"samples", NewBook(where, []feeds.Channel{tech}, all), []string{feeds.StoryPath(all[0].ID)}},
		{"single", NewBook(place, []feeds.Channel{tech}, shelf()[6:]), nil},
		{"hostile", NewBook(evilPlace, evilChannels, evil), []string{feeds.StoryPath(evil[0].ID)}},
		{"empty", NewBook(empty, []feeds.Channel{tech}, nil), nil},
	} {
		dir := t.TempDir()
		for name, body := range files(t, p.book) {
			name = filepath.Join(dir, filepath.FromSlash(name))
			if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, body, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		for _, page := range append([]string{"index.html"}, p.pages...) {
			for _, width := range []int{320, 360, 1200} {
				for _, scheme := range []string{"light", "dark"} {
					b.screen(width, scheme)
					b.load("file://" + filepath.Join(dir, filepath.FromSlash(page)))
					name := p.name + "-" + strings.ReplaceAll(strings.TrimSuffix(page, ".html"), "/", "-")
					if !t.Run(fmt.Sprintf("%s at %d px, %s", name, width, scheme), func(t *testing.T) { judge(t, b, width) }) {
						continue
					}
					shoot(t, b, width, name+"-"+scheme)
				}
			}
		}
	}
	for _, e := range b.errors {
		if strings.Contains(e, "ERR_NAME_NOT_RESOLVED") || strings.Contains(e, "ERR_INTERNET_DISCONNECTED") { // pictures of publishers that are none
			continue
		}
		t.Error("the browser's log:", e)
	}
}

func judge(t *testing.T, b *browser, width int) {
	var l look
	b.ask(question, &l)
	if l.Arabic == 0 || l.English == 0 || l.Controls == 0 {
		t.Errorf("%d blocks of Arabic, %d of English, %d links: the page is not as the question expects", l.Arabic, l.English, l.Controls)
	}
	if l.Window != width || l.Width > l.Window || len(l.Wide) > 0 {
		t.Errorf("%d px wide in a window of %d: %q", l.Width, l.Window, l.Wide)
	}
	for _, w := range l.Wrong {
		t.Error("direction: ", w)
	}
	for _, h := range l.Hidden {
		t.Error("focus does not show: ", h)
	}
	var paper string
	if b.ask("getComputedStyle(document.body).backgroundColor", &paper); paper == "rgba(0, 0, 0, 0)" {
		t.Error("the stylesheet is not in force")
	}
}

// shoot keeps a picture where -pictures asks for it.
func shoot(t *testing.T, b *browser, width int, name string) {
	if *pictures == "" {
		return
	}
	var height int
	b.ask("document.documentElement.scrollHeight", &height)
	file := filepath.Join(*pictures, fmt.Sprintf("%s-%d.png", name, width))
	if err := os.WriteFile(file, b.picture(width, min(height, 2400)), 0o644); err != nil {
		t.Fatal(err)
	}
}
