package sitetest

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// layout describes a page by its computed styles and the boxes of its elements.
type layout struct {
	Wrong    []string // texts whose computed direction or alignment does not fit their language
	Arabic   int      // blocks of text
	English  int      // blocks of text
	Width    int      // of the page
	Window   int      // width of the window
	Wide     []string // elements that reach out of the window
	Controls int      // links and buttons
	Hidden   []string // controls that do not show their focus
}

const layoutScript = `(() => {
  document.querySelectorAll('details').forEach(d => d.open = true);
  const r = {Wrong: [], Arabic: 0, English: 0, Width: document.documentElement.scrollWidth, Window: innerWidth,
    Wide: [], Controls: 0, Hidden: []};
  const start = e => e.outerHTML.slice(0, 120);
  const texts = 'h1, h2, h2 *, h3, p, .mast *, .side *, .headline *, footer *, .editions span, bdi';
  const arabic = /[\u0620-\u064a\u0671-\u06d3]/;
  for (const e of document.querySelectorAll(texts)) {
    const text = [...e.childNodes].filter(n => n.nodeType == 3).map(n => n.data).join('').trim();
    if (!text) continue;
    const rtl = arabic.test(text), s = getComputedStyle(e);
    rtl ? r.Arabic++ : r.English++;
    const right = s.direction == (rtl ? 'rtl' : 'ltr') || s.direction == 'rtl' && e.closest('[lang]').lang == 'ar';
    if (!right) r.Wrong.push(s.direction + ': ' + text);
    const spaced = s.letterSpacing != 'normal' && s.letterSpacing != '0px';
    if (rtl && (spaced || s.fontStyle != 'normal' || s.textAlign == 'left')) r.Wrong.push('style: ' + text);
  }
  const clipped = e => {
    while (e = e.parentElement) if (getComputedStyle(e).overflowX != 'visible') return e != document.body;
  };
  for (const e of document.body.querySelectorAll('*')) {
    const b = e.getBoundingClientRect();
    const out = b.right > innerWidth + .5 || b.left < -.5;
    if (b.width && out && !e.classList.contains('skip') && !clipped(e)) r.Wide.push(start(e));
  }
  for (const e of document.querySelectorAll('a, summary')) {
    if (!e.checkVisibility()) continue;
    r.Controls++;
    e.focus({focusVisible: true, preventScroll: true});
    const s = getComputedStyle(e);
    const shown = document.activeElement == e && s.outlineStyle != 'none' && e.getBoundingClientRect().right >= 0;
    if (!shown) r.Hidden.push(start(e));
    e.blur();
  }
  return r;
})()`

// Judge fails t unless the page fits a window of that width, every block has the direction of its
// language, every control shows its focus, and the page's policy allows its stylesheet.
func (b *Browser) Judge(t *testing.T, width int) {
	var l layout
	b.Ask(layoutScript, &l)
	if l.Arabic+l.English == 0 || l.Controls == 0 {
		t.Errorf("%d blocks of Arabic, %d of English, %d links", l.Arabic, l.English, l.Controls)
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
		t.Error("the stylesheet does not apply")
	}
}

// Pictures is the environment variable that names the folder for pictures of the pages. If it is
// empty, none are taken.
const Pictures = "NASHRA_TEST_PICTURES"

// maxHeight bounds the height of a picture, in pixels.
const maxHeight = 2400

// Shoot saves a picture of the page if Pictures names a folder.
func (b *Browser) Shoot(t *testing.T, w Window, name string) {
	dir := os.Getenv(Pictures)
	if dir == "" {
		return
	}
	var height int
	b.Ask("document.documentElement.scrollHeight", &height)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name+"-"+w.Scheme+"-"+strconv.Itoa(w.Width)+".png")
	if err := os.WriteFile(file, b.Picture(w.Width, min(height, maxHeight)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Window is a size and a colour scheme.
type Window struct {
	Width, Height int // CSS pixels
	Scheme        string
}

// Windows returns the windows of a small phone, a phone and a desk. Only pictures need both colour
// schemes: the layout does not depend on colours.
func Windows() []Window {
	if os.Getenv(Pictures) == "" {
		return []Window{{320, 640, "light"}, {360, 800, "dark"}, {1280, 900, "light"}}
	}
	return []Window{
		{320, 640, "light"},
		{360, 800, "light"},
		{360, 800, "dark"},
		{1280, 900, "light"},
		{1280, 900, "dark"},
	}
}
