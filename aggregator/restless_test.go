package aggregator_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// restless changes a feed of old news at its n-th poll.
type restless func(n int, guid, link string) (newGUID, newLink, date string)

// A source that renames guids, changes tracking parameters or re-dates its old news makes no new
// stories, costs nothing and moves nothing.
func TestRestlessSourcesMakeNoNews(t *testing.T) {
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("it runs in one goroutine")
	}
	const date = "Tue, 24 Nov 2026 08:00:00 GMT"
	later := func(n int) string { return noon.Add(time.Duration(n) * time.Hour).Format(time.RFC1123) }
	for name, write := range map[string]restless{
		"guids renamed": func(n int, guid, link string) (string, string, string) {
			return fmt.Sprint(guid, "-", n),
				link, date
		},
		"tracking changed": func(n int, guid, link string) (string, string, string) {
			return guid, fmt.Sprint(link, "?utm_source=rss&utm_id=", n, "&fbclid=", n), date
		},
		"no guids, tracked": func(n int, _, link string) (string, string, string) {
			return "", fmt.Sprint(link, "?utm_campaign=", n), date
		},
		"dated anew": func(n int, guid, link string) (string, string, string) { return guid, link, later(n) },
		"all of it": func(n int, guid, link string) (string, string, string) {
			return fmt.Sprint(guid, "-", n), fmt.Sprint(link, "?gclid=", n), later(n)
		},
		"all, other address": func(n int, guid, link string) (string, string, string) {
			return fmt.Sprint(guid, "-", n), fmt.Sprint(link, "?visit=", n), later(n)
		},
	} {
		t.Run(name, func(t *testing.T) {
			feed := func(n int) string {
				var items []string
				for i, text := range []string{firstText + secondText, otherText + lastText, "خبر قصير عن هاتف جديد"} {
					guid, link, at := write(n, fmt.Sprint("g", i), fmt.Sprint("https://news.example/", i))
					if guid != "" {
						guid = `<guid isPermaLink="false">` + guid + "</guid>"
					}
					items = append(items, fmt.Sprintf("<item><title>عنوان الخبر رقم %d</title><link>%s</link>"+
						"%s<pubDate>%s</pubDate><description>&lt;p&gt;%s&lt;/p&gt;</description></item>",
						i, strings.ReplaceAll(link, "&", "&amp;"), guid, at, text))
				}
				if n%2 == 1 {
					slices.Reverse(items)
				}
				return rss(items...)
			}
			r := newRig(t, map[string]string{"/one": feed(0)})
			if rep := r.pass(t); rep.Grouped.Born != 3 {
				t.Fatalf("%+v", rep)
			}
			paid, atom := r.chars, r.files(t)["feed.atom"]
			// past the windows of similarity; a headline of a few words may be news again after
			// three days
			for n, hours := range []int{2, 4, 24, 96, 120, 190} {
				r.pages["/one"], r.time = feed(n+1), noon.Add(time.Duration(hours)*time.Hour)
				if rep := r.pass(t); rep.Grouped.Born != 0 || r.chars != paid {
					t.Errorf("poll %d: %+v, %d characters more", n+1, rep.Grouped, r.chars-paid)
				}
			}
			now := r.files(t)["feed.atom"]
			if !slices.Equal(idsAndDates(now), idsAndDates(atom)) {
				t.Errorf("entries moved: %q, want %q", idsAndDates(now), idsAndDates(atom))
			}
			if renamed := strings.Contains(feed(1), "g0-1"); !renamed && now != atom {
				t.Errorf("the feed changed: %s, was %s", now, atom)
			}
		})
	}
}

var idOrDate = regexp.MustCompile(`<id>urn:uuid:[^<]*</id>|<published>[^<]*`)

func idsAndDates(atom string) []string {
	_, entries, _ := strings.Cut(atom, "<entry")
	return idOrDate.FindAllString(entries, -1)
}
