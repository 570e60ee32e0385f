package render

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/nashra/nashra/feeds"
)

// Markdown writes b as CommonMark.
func (p Plain) Markdown(out io.Writer, where feeds.Site, ch feeds.Channel, b feeds.Bulletin) error {
	m, d := markdownText{}, p.page(where, ch, b)
	m.paragraph("# ", d.title)
	m.paragraph("", d.period)
	for i, e := range d.events {
		m.event(fmt.Sprintf("%d. ", i+1), e, p)
	}
	if len(d.events) == 0 {
		m.paragraph("", p.say(noStories, " · "))
	}
	for i, r := range d.only {
		if i == 0 {
			m.paragraph("## ", p.say(onlyHere, " · "))
		}
		m.report("- ", "", r)
	}
	_, err := io.WriteString(out, strings.TrimRight(m.String(), "\n")+"\n")
	return err
}

// markdownText is a document of Markdown while it is written.
type markdownText struct{ strings.Builder }

func (m *markdownText) event(number string, e told, p Plain) {
	beneath := strings.Repeat(" ", len(number))
	m.report(number, "**", e.head)
	m.paragraph(beneath, e.coverage)
	for _, o := range e.openings {
		m.paragraph(beneath, o)
	}
	if e.doubt != "" {
		m.paragraph(beneath, phrase{"[" + e.doubt + "]", "en"})
	}
	for _, r := range e.others {
		m.report(beneath+"- ", "", r)
	}
	if e.more > 0 {
		m.paragraph(beneath+"- ", p.say(moreReports(e.more), " · "))
	}
	if e.after != nil {
		m.paragraph(beneath, p.say(follows, " · "))
		m.report(beneath+"- ", "", *e.after)
	}
}

// paragraph writes texts as the lines of a paragraph after first.
func (m *markdownText) paragraph(first string, texts ...phrase) {
	for i, t := range texts {
		if i > 0 {
			m.WriteString("  \n")
		}
		m.WriteString(first + markdown(t.shown()))
		first = strings.Repeat(" ", len(first))
	}
	m.WriteString("\n\n")
}

// report writes a headline as a link between marks, its translation beneath, and its outlet.
func (m *markdownText) report(first, mark string, r report) {
	m.WriteString(first + mark + markdownLink(r.headlines[0].shown(), r.link) + mark)
	for _, h := range r.headlines[1:] {
		m.WriteString("  \n" + strings.Repeat(" ", len(first)) + markdown(h.shown()))
	}
	if mark == "" {
		m.WriteString(" (" + markdown(r.outlet) + ")")
	}
	m.WriteString("\n\n")
}

// markdownMarks are escaped wherever they stand; a dollar may begin a formula.
var markdownMarks = strings.NewReplacer(`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`,
	`<`, `\<`, `>`, `\>`, `&`, `\&`, `|`, `\|`, `~`, `\~`, `$`, `\$`)

// numbered is the beginning of an item of a numbered list.
var numbered = regexp.MustCompile(`^(\d+)([.)](?: |$))`)

// markdown returns plain text as CommonMark shows it.
func markdown(s string) string {
	s = markdownMarks.Replace(s)
	s = numbered.ReplaceAllString(s, `$1\$2`)
	if s != "" && strings.ContainsRune("#+-=", rune(s[0])) { // a heading, a list, a line under a heading
		return `\` + s
	}
	return s
}

// markdownAddresses escapes what would end an address, or be taken for a letter's name.
var markdownAddresses = strings.NewReplacer(`(`, `\(`, `)`, `\)`, `&`, `&amp;`)

func markdownLink(text, uri string) string {
	if uri == "" {
		return markdown(text)
	}
	return "[" + markdown(text) + "](" + markdownAddresses.Replace(uri) + ")"
}
