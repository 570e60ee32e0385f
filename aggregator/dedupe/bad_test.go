package dedupe_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// words returns n invented words, the same for the same seed.
func words(seed, n int) string {
	letters, dice := []rune("بتثجحخدذرزسشصضطظعغفقكلمنه"), rand.New(rand.NewPCG(7, uint64(seed)))
	var b strings.Builder
	for range n {
		for range 4 + dice.IntN(3) {
			b.WriteRune(letters[dice.IntN(len(letters))])
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// series returns n items, each with what differs of it.
func series(n int, edit func(i int, it *feeds.Item)) (out []feeds.Item) {
	for i := range n {
		it := item("a", fmt.Sprint(i), words(i, 7), words(i, 60))
		it.Published = noon.Add(time.Duration(i) * time.Hour)
		edit(i, &it)
		out = append(out, it)
	}
	return out
}

// outlets makes the items of different outlets.
func outlets(items []feeds.Item) []feeds.Item {
	for i := range items {
		items[i].SourceID = fmt.Sprint("s", i)
		items[i].URL = fmt.Sprintf("https://s%d.example/%d", i, i)
	}
	return items
}

// Input that has misled other programs, and ours, makes as many stories as there are news.
func TestBadInput(t *testing.T) {
	const body = 60
	subscribe := " " + words(999, 120)
	daily := []string{"الأحد", "الاثنين", "الثلاثاء"}
	for _, c := range []struct {
		name    string
		items   []feeds.Item
		stories int
	}{
		{"guids renamed, with tracking parameters", series(3, func(i int, it *feeds.Item) {
			it.URL, it.Title, it.Body = fmt.Sprintf("https://a.example/1?utm_source=f%d", i), words(1, 7),
				words(1, body)
		}), 1},
		{"a token in each address", series(3, func(i int, it *feeds.Item) {
			it.URL, it.Title, it.Body = fmt.Sprintf("https://a.example/1?token=%d", i), words(1, 7), words(1, body)
		}), 1},
		{"an address with fragments", series(3, func(i int, it *feeds.Item) {
			it.URL, it.Title, it.Body = fmt.Sprintf("https://a.example/1#%d", i), words(1, 7), words(1, body)
		}), 1},
		{"an advertisement before the text", outlets(series(2, func(i int, it *feeds.Item) {
			it.Title, it.Body = words(1, 7), strings.Repeat(words(500, 12)+" ", i)+words(1, body)
		})), 1},
		{"one word in each title", outlets(series(3, func(i int, it *feeds.Item) {
			it.Title, it.Body = words(i, 1), words(1, body)
		})), 1},
		{"one word for a title, other texts", outlets(series(6, func(_ int, it *feeds.Item) { it.Title = "هاتف" })), 6},
		{"no titles, other texts", outlets(series(6, func(_ int, it *feeds.Item) { it.Title = "" })), 6},
		{"a column with one headline", outlets(series(6, func(_ int, it *feeds.Item) {
			it.Title = "رسالة المحرر إلى القراء هذا الأسبوع"
		})), 6},
		{"a paragraph that all items of a feed share", series(12,
			func(_ int, it *feeds.Item) { it.Body += subscribe }), 12},
		{"a paragraph that all outlets of a publisher share", outlets(series(12, func(_ int, it *feeds.Item) {
			it.Body += subscribe
		})), 12},
		{"a summary for all episodes", series(5, func(i int, it *feeds.Item) {
			it.Title, it.Body = fmt.Sprintf("الحلقة %d: %s", i+1, words(i, 3)), subscribe
		}), 5},
		{"a newsletter with other numbers", series(3, func(i int, it *feeds.Item) {
			it.Published = noon.AddDate(0, 0, i)
			it.Title = "نشرة التقنية الأسبوعية"
			it.Body = fmt.Sprintf("<p>في العدد %d %s</p>", 40+i, subscribe)
		}), 3},
		{"prices of each day", series(3, func(i int, it *feeds.Item) {
			it.Published = noon.AddDate(0, 0, i)
			it.Title = "أسعار الذهب اليوم في المتاجر"
			it.Body = fmt.Sprintf("<p>بلغ سعر الغرام %d جنيها %s</p>", 4100+37*i, words(3, body))
		}), 3},
		{"prayer times of each day", series(3, func(i int, it *feeds.Item) {
			it.Published = noon.AddDate(0, 0, i)
			it.Title = "مواقيت الصلاة يوم " + daily[i]
			it.Body = "<p>مواقيت الصلاة في عمّان يوم " + daily[i] + " " + words(3, body) + "</p>"
		}), 3},
		{"the weather of two cities", outlets(series(2, func(i int, it *feeds.Item) {
			it.Title = "طقس اليوم في " + []string{"الرباط", "مسقط"}[i]
			it.Body = "<p>تتوقع الأرصاد في " + []string{"الرباط", "مسقط"}[i] + " " + words(3, body) + "</p>"
		})), 2},
		{"round-ups that share an item with the next", outlets(series(6, func(i int, it *feeds.Item) {
			it.Title = words(600+i, 7)
			it.Body = words(i, body) + " " + words(i+1, body)
		})), 6},
		{"a text of one word", outlets(series(6, func(_ int, it *feeds.Item) {
			it.Body = strings.Repeat("عاجل ",
				5000)
		})), 6},
		{"Latin letters only", outlets(series(6, func(i int, it *feeds.Item) {
			it.Title = "Review of phone number " + string(rune('A'+i))
			it.Body = strings.Repeat(fmt.Sprintf("word%c%[1]c is of %[1]c%[1]c and ", 'a'+i), 20)
		})), 6},
		{"a phrase for each item", outlets(series(1000, func(i int, it *feeds.Item) {
			it.Title,
				it.Body = words(i, 4), ""
		})), 1000},
		{"a megabyte each", outlets(series(2, func(_ int, it *feeds.Item) {
			it.Title, it.Body = words(1, 7), words(1, 110_000)
		})), 1},
		{"others of a megabyte each", outlets(series(2, func(i int,
			it *feeds.Item) {
			it.Body = words(i, 110_000)
		})), 2},
	} {
		begun, stories := time.Now(), map[string]string{}
		for i, p := range group(t, c.items) {
			if first, ok := stories[p.story]; ok && c.stories > 1 {
				t.Logf("%s: %.40q joined %.40q: %s", c.name, c.items[i].Title, first, p.why)
			}
			if p.story != "" { // of one source's printings the store gives only some
				stories[p.story] = c.items[i].Title
			}
		}
		if took := time.Since(begun); len(stories) != c.stories || took > 10*time.Second {
			t.Errorf("%s: %d stories in %v, want %d within 10 s", c.name, len(stories), took, c.stories)
		}
	}
}

func TestFloodIsLinear(t *testing.T) { floods(t, 5_000) }

func TestFloodIsLinearLong(t *testing.T) {
	if os.Getenv("NASHRA_TEST_LONG") == "" {
		t.Skip("NASHRA_TEST_LONG is not set")
	}
	floods(t, 50_000)
}

// floods tests that a flood of n items of nearly the same text, and of twice as many, stays linear.
func floods(t *testing.T, n int) {
	t.Helper()
	for _, c := range []struct {
		name string
		body func(i int) string
	}{
		{"one text", func(int) string { return words(1, 60) }},
		{"one word differs", func(i int) string { return words(1, 30) + fmt.Sprint(" كلمة", i, " ") + words(2, 30) }},
		{"one word for a text", func(int) string { return strings.Repeat("عاجل ", 100) }},
	} {
		flood := func(n int) (stories int, took time.Duration) {
			printings := make([]dedupe.Printing, n)
			for i, it := range outlets(series(n, func(i int, it *feeds.Item) {
				it.Title, it.Body, it.Published = words(1, 7), c.body(i), noon
			})) {
				printings[i] = printing(it)
			}
			begun := time.Now()
			shelf := dedupe.NewShelf(printings)
			for i, p := range printings {
				d := dedupe.Decide(p, shelf.Near(i))
				if d.Story == "" {
					stories++
				}
				story := d.Story
				if story == "" {
					story = fmt.Sprint(i)
				}
				shelf.Place(i, story, d.Story == "", d.Known)
			}
			return stories, time.Since(begun)
		}
		_, half := flood(n)
		stories, whole := flood(2 * n)
		t.Logf("%s: %d items in %v, %d in %v", c.name, n, half, 2*n, whole)
		if stories != 1 || whole > 4*half+time.Second {
			t.Errorf("%s: %d stories; %d items take %v, twice as many %v", c.name, stories, n, half, whole)
		}
	}
}
