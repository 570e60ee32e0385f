package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/rivo/uniseg"

	"github.com/nashra/nashra/feeds"
)

// Styles of text: the parameter of an escape sequence (ECMA-48, SGR).
type style string

const (
	normal style = ""
	bold   style = "1"
	faint  style = "2"
)

// text is a digest as it is written for a terminal.
type text struct {
	Plain
	b strings.Builder
}

// indent is the column of what stands beneath a headline, after its number.
const indent = 4

// Text writes b as lines of text.
func (p Plain) Text(out io.Writer, where feeds.Site, ch feeds.Channel, b feeds.Bulletin) error {
	t, d := text{Plain: p}, p.page(where, ch, b)
	t.line("", bold, d.title)
	t.line("", faint, d.period)
	for i, e := range d.events {
		t.event(fmt.Sprintf("%2d. ", i+1), e)
	}
	if len(d.events) == 0 {
		t.line("\n", normal, p.say(noStories, " · "))
	}
	for i, r := range d.only {
		if i == 0 {
			t.line("\n", bold, p.say(onlyHere, " · "))
		}
		t.report("  - ", normal, r)
	}
	_, err := io.WriteString(out, t.b.String())
	return err
}

func (t *text) event(number string, e told) {
	t.line("\n"+number, bold, e.head.headlines...)
	beneath := strings.Repeat(" ", indent)
	t.line(beneath, normal, e.coverage)
	t.line(beneath, normal, e.openings...)
	if e.doubt != "" {
		t.line(beneath, faint, phrase{"[" + e.doubt + "]", "en"})
	}
	t.link(beneath, e.head)
	for _, r := range e.others {
		t.report(beneath+"- ", faint, r)
	}
	if e.more > 0 {
		t.line(beneath+"- ", faint, t.say(moreReports(e.more), " · "))
	}
	if e.after != nil {
		t.line(beneath, faint, t.say(follows, " · "))
		t.report(beneath+"- ", faint, *e.after)
	}
}

// report writes a headline, its outlet and its page.
func (t *text) report(first string, st style, r report) {
	t.line(first, st, r.headlines...)
	t.link(strings.Repeat(" ", len(first)), r)
}

// link writes the outlet of r and its address, which stays whole, so that it can be opened.
func (t *text) link(first string, r report) {
	line := r.outlet
	if r.link != "" {
		line += ": " + r.link
	}
	t.print(first+line, faint)
}

// line writes texts in lines of their own after first, broken to the width of the terminal. Each line is
// isolated, as a terminal takes it for a paragraph.
func (t *text) line(first string, st style, texts ...phrase) {
	if rest, ok := strings.CutPrefix(first, "\n"); ok {
		t.b.WriteString("\n")
		first = rest
	}
	width := 0
	if t.Width > 0 {
		width = max(t.Width-len(first), leastWidth)
	}
	for _, s := range texts {
		for _, part := range wrap(s.text, width) {
			t.print(first+phrase{part, s.lang}.shown(), st)
			first = strings.Repeat(" ", len(first))
		}
	}
}

// leastWidth is the width of lines in a terminal that is too narrow: words would be broken.
const leastWidth = 20

// print writes a line.
func (t *text) print(s string, st style) {
	if t.Style && st != normal {
		s = "\x1b[" + string(st) + "m" + s + "\x1b[0m"
	}
	t.b.WriteString(s + "\n")
}

// wrap breaks a line where Unicode lets one end (UAX 14), so that lines have at most width columns; 0: no
// limit. Isolates and longer words stay whole. It breaks before terminals reorder, as they do it by line.
func wrap(s string, width int) (lines []string) {
	line, used, state := "", 0, -1
	for s != "" {
		var word string
		word, s, _, state = uniseg.FirstLineSegmentInString(s, state)
		for !balanced(word) && s != "" {
			var more string
			more, s, _, state = uniseg.FirstLineSegmentInString(s, state)
			word += more
		}
		columns := uniseg.StringWidth(strings.TrimRight(word, " "))
		if used > 0 && width > 0 && used+columns > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line, used = "", 0
		}
		line, used = line+word, used+uniseg.StringWidth(word)
	}
	return append(lines, strings.TrimRight(line, " "))
}
