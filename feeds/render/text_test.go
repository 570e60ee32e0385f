package render

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

func TestLinesAreBrokenInReadingOrder(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, []string{""}},
		{"one two three", 0, []string{"one two three"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"a Donaudampfschifffahrt on the river", 10, []string{"a", "Donaudampfschifffahrt", "on the", "river"}},
		{"أعلنت شركة OpenAI عن نموذج جديد", 12, []string{"أعلنت شركة", "OpenAI عن", "نموذج جديد"}},
		{"أَعْلَنَتْ شَرِكَةٌ", 10, []string{"أَعْلَنَتْ شَرِكَةٌ"}}, // vowel signs take no column
		{"発表された新型", 6, []string{"発表さ", "れた新", "型"}},                  // two columns each
	} {
		if got := wrap(c.text, c.width); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
	long := strings.Repeat("كلمة ", 20_000)
	for _, line := range wrap(long, 80) {
		if uniseg.StringWidth(line) > 80 {
			t.Fatalf("%d columns: %s", uniseg.StringWidth(line), line)
		}
	}
}

func TestMarkdownShowsWhatTitlesHold(t *testing.T) {
	for in, want := range map[string]string{
		"plain, no marks":         "plain, no marks",
		"[a](b) <i>*x*</i> `c` _": `\[a\](b) \<i\>\*x\*\</i\> ` + "\\`c\\`" + ` \_`,
		"1. first":                `1\. first`,
		"2026) of":                `2026\) of`,
		"# no heading":            `\# no heading`,
		"- no list":               `\- no list`,
		"=====":                   `\=====`,
		"AT&T &copy; a|b ~~c~~":   `AT\&T \&copy; a\|b \~\~c\~\~`,
		"$5 and $6":               `\$5 and \$6`,
		`back\slash`:              `back\\slash`,
		"5.8 mm":                  `5.8 mm`,
		"7.":                      `7\.`,
	} {
		if got := markdown(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	const want = `[a](https://a.example/b_\(c\)?d=1&amp;lt=2)`
	if got := markdownLink("a", "https://a.example/b_(c)?d=1&lt=2"); got != want {
		t.Error(got)
	}
}

// shownDay is the digest of a day, with an event that everyone tells.
func shownDay() (feeds.Site, feeds.Channel, feeds.Bulletin) {
	site, ch, stories := shelf()
	b := day(site, stories)
	crowded := b.Events[0]
	for len(crowded.Told) < mostOthers+4 {
		crowded.Told = append(crowded.Told, crowded.Told[1])
	}
	b.Events = append(b.Events, crowded)
	return site, digestChannel(ch), b
}

func TestPlainDigests(t *testing.T) {
	site, ch, b := shownDay()
	for _, e := range feeds.Editions {
		var text, md bytes.Buffer
		p := Plain{Edition: e, Width: 80}
		if err := cmp.Or(p.Text(&text, site, ch, b), p.Markdown(&md, site, ch, b)); err != nil {
			t.Fatal(err)
		}
		golden(t, "digest-text"+string(e)+".txt", text.Bytes())
		golden(t, "digest-text"+string(e)+".md", md.Bytes())
		golden(t, "digest-page"+string(e)+".html", []byte(DigestPage(site, ch, b, e)))
		for line := range strings.Lines(text.String()) {
			long := uniseg.StringWidth(strings.TrimRight(line, "\n")) > 80 && !strings.Contains(line, "http")
			if long || !balanced(line) {
				t.Errorf("a line is too long or does not close its isolates: %q", line)
			}
		}
	}
}

func TestStylesStandAroundWholeLines(t *testing.T) {
	site, ch, b := shownDay()
	var styled, plain bytes.Buffer
	if err := cmp.Or(Plain{Style: true}.Text(&styled, site, ch, b), Plain{}.Text(&plain, site, ch, b)); err != nil {
		t.Fatal(err)
	}
	escapes := regexp.MustCompile("(?m)^\x1b\\[[12]m(.*)\x1b\\[0m$")
	if got := escapes.ReplaceAllString(styled.String(), "$1"); got != plain.String() || got == styled.String() {
		t.Errorf("without its styles the text is\n%s", got)
	}
}

func TestEmptyDigestsSaySo(t *testing.T) {
	for e, want := range map[feeds.Edition]string{feeds.English: "No stories.", feeds.Arabic: "لا أخبار.",
		feeds.Bilingual: "No stories. · "} {
		p, b := Plain{Edition: e}, feeds.Bulletin{Digest: feeds.Digest{From: utc(27, 7), To: utc(28, 7)}}
		var text, md bytes.Buffer
		if err := cmp.Or(p.Text(&text, feeds.Site{}, feeds.Channel{ID: "d"}, b),
			p.Markdown(&md, feeds.Site{}, feeds.Channel{ID: "d"}, b)); err != nil {
			t.Fatal(err)
		}
		page := DigestPage(feeds.Site{}, feeds.Channel{ID: "d"}, b, e)
		for _, got := range []string{text.String(), md.String(), page} {
			if !strings.Contains(got, want) {
				t.Errorf("%q lacks %q", got, want)
			}
		}
	}
}

func TestOpeningsEndWithAWord(t *testing.T) {
	for in, want := range map[string]string{"<p>one two three</p>": "one two…", "<p>أعلنت الشركة اليوم</p>": "أعلنت…",
		"<p>one two</p>": "one two", "<p>onetwothreefour</p>": "onetwothr…"} {
		if got := firstParagraph(sanitize.Parse(in, ""), 10); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
