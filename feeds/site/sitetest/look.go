package sitetest

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

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

// Judge holds the page that b shows to what every page of ours must be, in a window of that width: every block has the direction of its
// language, nothing is to be scrolled sideways for, whatever the keyboard reaches shows it, and the page's policy lets its own style through.
func (b *Browser) Judge(t *testing.T, width int) {
	var l look
	b.Ask(question, &l)
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
	if b.Ask("getComputedStyle(document.body).backgroundColor", &paper); paper == "rgba(0, 0, 0, 0)" {
		t.Error("the stylesheet is not in force")
	}
}

// Pictures names the folder, as an environment variable, that pictures of the pages are kept in; empty or unset: none are taken.
const Pictures = "NASHRA_TEST_PICTURES"

// tallest is how much of a page a picture shows, in pixels.
const tallest = 2400

// Shoot keeps a picture of what b shows where Pictures names a folder.
func (b *Browser) Shoot(t *testing.T, width int, name string) {
	dir := os.Getenv(Pictures)
	if dir == "" {
		return
	}
	var height int
	b.Ask("document.documentElement.scrollHeight", &height)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+"-"+strconv.Itoa(width)+".png"), b.Picture(width, min(height, tallest)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Window is a window that pages are looked at in.
type Window struct {
	Width  int // CSS pixels
	Scheme string
}

// Windows are a small phone's, a phone's and a desk's. Where pictures are kept phone and desk are looked at in light and dark: the
// direction of a text does not hang on colours, so else once is enough.
func Windows() []Window {
	if os.Getenv(Pictures) == "" {
		return []Window{{320, "light"}, {360, "dark"}, {1200, "light"}}
	}
	return []Window{{320, "light"}, {360, "light"}, {360, "dark"}, {1200, "light"}, {1200, "dark"}}
}
