package sitetest

import (
	_ "embed" // the script
	"fmt"
	"testing"
)

//go:embed audit.js
var auditScript string

// Page is a page to be checked. A kind of page is checked by adding one of its pages to the table of
// TestPagesInBrowser in package site.
type Page struct {
	Path    string // in the publish folder
	Foreign bool   // it may load pictures of other hosts
	// how many stories the first screen of a desk (1280 × 900) and of a phone (360 × 800) shows at
	// least, each with its headline and the beginning of its text; 0: not measured
	Desk, Phone int
}

// schemes are the colour schemes that pages have.
var schemes = []string{"light", "dark"}

// Audit fails t unless the page that the browser shows has headings and landmarks in order, an order of
// focus as one reads, targets of 24 pixels, contrast as WCAG 2.2 AA wants it in both schemes, room kept
// for pictures, and no request to another host.
func (b *Browser) Audit(t *testing.T, p Page, w Window) {
	t.Helper()
	in := schemes
	if w.Width < 600 { // colours do not depend on the width
		in = []string{w.Scheme}
	}
	for _, scheme := range in {
		b.Screen(Window{w.Width, w.Height, scheme})
		var wrong []string
		b.Ask(fmt.Sprintf("(%s)({foreign: %v})", auditScript, p.Foreign), &wrong)
		for _, text := range wrong {
			t.Errorf("%s: %s", scheme, text)
		}
	}
	b.Screen(w)
}

// visibleScript counts the stories whose headline and beginning are wholly on the first screen, in
// letters of 16 pixels or more. The reports of an event have only headlines.
const visibleScript = `[...document.querySelectorAll('article, .reports li')].filter(a => {
  const texts = [...a.querySelectorAll(':scope h3, :scope .brief, .headline')]
    .filter(e => (a.matches('li') || !e.closest('li')) && e.checkVisibility());
  return texts.length && texts.every(e => e.getBoundingClientRect().bottom <= innerHeight &&
    parseFloat(getComputedStyle(e).fontSize) >= 16);
}).length`

// FirstScreen fails t unless the first screens show as many stories as p says.
func (b *Browser) FirstScreen(t *testing.T, p Page) {
	t.Helper()
	for _, s := range []struct{ width, height, want int }{{1280, 900, p.Desk}, {360, 800, p.Phone}} {
		if s.want == 0 {
			continue
		}
		b.Screen(Window{s.width, s.height, "light"})
		var got int
		if b.Ask(visibleScript, &got); got < s.want {
			t.Errorf("%d × %d shows %d stories, want %d", s.width, s.height, got, s.want)
		}
	}
}
