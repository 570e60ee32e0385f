package render

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// day returns the digest of a day with stories: the first with the third, after the fourth; the second;
// the rest only here.
func day(site feeds.Site, stories []feeds.Story) feeds.Bulletin {
	known := map[string]feeds.Story{}
	outlet := site.Publishers()
	event := func(list ...feeds.Story) (e feeds.Event) {
		for _, s := range list {
			known[s.ID] = s
			e.Stories, e.Reports = append(e.Stories, s.ID), e.Reports+1
			for _, m := range s.Items {
				if o := outlet(m.SourceID); !slices.Contains(e.Outlets, o) {
					e.Outlets = append(e.Outlets, o)
				}
			}
		}
		return e
	}
	d := feeds.Digest{Channel: "daily", From: utc(27, 7), To: utc(28, 7), At: utc(29, 7)}
	if len(stories) < 4 {
		for _, s := range stories {
			d.Events, d.Only = append(d.Events, event(s)), append(d.Only, event(s))
		}
		return d.Bulletin(known, outlet)
	}
	first := event(stories[0], stories[2])
	first.Follows = []string{stories[3].ID}
	known[stories[3].ID] = stories[3]
	d.Events = []feeds.Event{first, event(stories[1])}
	for _, s := range stories[3:] {
		d.Only = append(d.Only, event(s))
	}
	return d.Bulletin(known, outlet)
}

// digestChannel returns a digest channel with the title of ch.
func digestChannel(ch feeds.Channel) feeds.Channel {
	return feeds.Channel{ID: "daily", Title: ch.Title, Limit: 30, Titles: "both",
		Digest: feeds.Schedule{Cron: "0 7 * * *", Timezone: "UTC", Top: 20, MinOutlets: 1}}
}

// digestFiles returns all feeds of a digest channel by path.
func digestFiles(t *testing.T, site feeds.Site, ch feeds.Channel, list ...feeds.Bulletin) map[string][]byte {
	t.Helper()
	buffers := map[string]*bytes.Buffer{}
	w := NewWriter(site, ch, Digests(list))
	for _, e := range feeds.Editions {
		for _, f := range feeds.Formats {
			b := &bytes.Buffer{}
			if err := w.Begin(b, e, f); err != nil {
				t.Fatal(err)
			}
			buffers[feeds.Path(ch.ID, e, f)] = b
		}
	}
	if err := w.AddDigests(list); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for name, b := range buffers {
		files[name] = b.Bytes()
	}
	return files
}

// People of both languages have read the golden files.
func TestDigestGolden(t *testing.T) {
	site, ch, stories := shelf()
	ch = digestChannel(ch)
	b := day(site, stories)
	for name, text := range digestFiles(t, site, ch, b) {
		golden(t, "digest-"+name, text)
	}
	for _, e := range feeds.Editions {
		body := DigestBody(site, ch, b, e, func(id string) string { return "../../" + feeds.StoryPath(id) })
		golden(t, "digest-body"+string(e)+".html", []byte(body))
	}
}

func TestDigestsAreValid(t *testing.T) {
	inputs := bad()
	inputs["shelf"] = shelf
	inputs["empty"] = func() (feeds.Site, feeds.Channel, []feeds.Story) { site, ch, _ := shelf(); return site, ch, nil }
	for name, input := range inputs {
		site, ch, stories := input()
		ch = digestChannel(ch)
		b := day(site, stories)
		next := b
		next.From, next.To = b.To, b.To.AddDate(0, 0, 1)
		for _, e := range feeds.Editions {
			for _, f := range feeds.Formats {
				path := feeds.Path(ch.ID, e, f)
				file := digestFiles(t, site, ch, next, b)[path]
				got := check(file, f, site.URL+path)
				for _, rule := range slices.Sorted(maps.Keys(got)) {
					t.Errorf("%s, %s: %s: %s", name, path, rule, got[rule])
				}
				if f != feeds.JSON { // whose titles are plain text
					forbidden(t, path, file)
				}
			}
		}
	}
}

// Each item of the list of events begins with its link, and each Arabic word stands in an element that
// says so; English comes first.
func TestDigestBodies(t *testing.T) {
	site, ch, stories := shelf()
	ch = digestChannel(ch)
	for _, e := range feeds.Editions {
		body := DigestBody(site, ch, day(site, stories), e, func(id string) string { return "https://x.example/" + id })
		events, first := 0, ""
		for n := range sanitize.Parse(body, "").Descendants() {
			if n.DataAtom == atom.Li && n.Parent.DataAtom == atom.Ol {
				if events++; n.FirstChild.DataAtom != atom.A {
					t.Errorf("%q: an event begins with %s", e, n.FirstChild.Data)
				}
			}
			if n.Type != html.TextNode || strings.TrimSpace(n.Data) == "" {
				continue
			}
			if first == "" {
				first = n.Data
			}
			if arabic.Has(n.Data) &&
				(where(n, "lang") != "ar" || where(n, "dir") != "rtl") {
				t.Errorf("%q: %q stands in lang %q dir %q", e, n.Data, where(n, "lang"), where(n, "dir"))
			}
		}
		if events != 2 {
			t.Errorf("%q: %d events", e, events)
		}
		if e == feeds.Arabic && !strings.HasPrefix(first, arabic.RLM) || e != feeds.Arabic && arabic.Has(first) {
			t.Errorf("%q begins with %q", e, first)
		}
		if strings.Count(body, arabic.RLI) != strings.Count(body, arabic.PDI) {
			t.Errorf("%q: isolates are not closed", e)
		}
	}
}

func TestDigestsWithoutPublicAddressLinkToOriginals(t *testing.T) {
	site, ch, stories := shelf()
	site.URL, site.Hub = "", ""
	for name, file := range digestFiles(t, site, digestChannel(ch), day(site, stories)) {
		text := string(file)
		for _, ours := range []string{"stories/", "digests/", "↗"} {
			if strings.Contains(text, ours) {
				t.Errorf("%s names %s:\n%s", name, ours, text)
			}
		}
		if !strings.Contains(text, "https://tiqani.example/2025/") {
			t.Errorf("%s lacks the original", name)
		}
	}
}

// An edition has no entry of a digest none of whose stories it shows.
func TestDigestWithoutArabicIsNotInTheArabicEdition(t *testing.T) {
	site, ch, stories := shelf()
	for name, file := range digestFiles(t, site, digestChannel(ch), day(site, stories[4:5])) {
		if has := strings.Contains(string(file), "Chips are scarce"); has == strings.Contains(name, ".ar.") {
			t.Errorf("%s has it: %v", name, has)
		}
	}
}

func TestPeriodInWords(t *testing.T) {
	cairo, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		t.Fatal(err)
	}
	at := func(month time.Month, day, hour int) time.Time {
		return time.Date(2026, month, day, hour, 0, 0, 0, cairo)
	}
	for _, c := range []struct {
		from, to time.Time
		en, ar   string
	}{
		{at(11, 28, 7), at(11, 29, 7), "28–29 November 2026", "28–29 نوفمبر 2026"},
		{at(11, 28, 0), at(11, 29, 0), "28 November 2026", "28 نوفمبر 2026"},
		{at(11, 22, 7), at(11, 29, 7), "22–29 November 2026", "22–29 نوفمبر 2026"},
		{at(11, 30, 7), at(12, 1, 7), "30 November – 1 December 2026", "30 نوفمبر – 1 ديسمبر 2026"},
		{at(11, 1, 0), at(12, 1, 0), "1–30 November 2026", "1–30 نوفمبر 2026"},
		{at(12, 31, 7), at(12, 32, 7), "31 December 2026 – 1 January 2027", "31 ديسمبر 2026 – 1 يناير 2027"},
		{at(11, 29, 6), at(11, 29, 7), "29 November 2026, 06:00–07:00 EET", "29 نوفمبر 2026، 06:00–07:00 EET"},
		{at(11, 28, 19), at(11, 29, 7), "28 November, 19:00 – 29 November 2026, 07:00 EET",
			"28 نوفمبر، 19:00 – 29 نوفمبر 2026، 07:00 EET"},
		{at(4, 24, 0), at(4, 25, 0), "24 April 2026", "24 أبريل 2026"}, // 23 hours
	} {
		en, ar := Period(c.from.UTC(), c.to.UTC(), cairo, "en"), Period(c.from.UTC(), c.to.UTC(), cairo, "ar")
		if en != c.en || ar != c.ar {
			t.Errorf("%v: %s, %s, want %s, %s", c.from, en, ar, c.en, c.ar)
		}
	}
}
