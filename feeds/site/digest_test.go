package site

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

var daily = feeds.Channel{ID: "daily", Title: map[string]string{"en": "The day", "ar": "نشرة اليوم"}, Limit: 30,
	Digest: feeds.Schedule{Cron: "0 7 * * *", Timezone: "UTC", Top: 20, MinOutlets: 1}}

// bulletinOf returns a digest of stories: the first two are one event, the last is only here.
func bulletinOf(where feeds.Site, stories []feeds.Story) feeds.Bulletin {
	d := feeds.Digest{Channel: daily.ID, From: time.Date(2025, 1, 28, 7, 0, 0, 0, time.UTC),
		To: time.Date(2025, 1, 29, 7, 0, 0, 0, time.UTC), At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	outlet, known := where.Publishers(), map[string]feeds.Story{}
	for i, s := range stories {
		known[s.ID] = s
		e := feeds.Event{Stories: []string{s.ID}, Outlets: []string{outlet(s.Items[0].SourceID)}, Own: 1, Reports: 1}
		switch {
		case i == 1:
			first := &d.Events[0]
			first.Stories, first.Reports = append(first.Stories, s.ID), 2
			first.Follows = []string{stories[0].ID}
		case i > 0 && i == len(stories)-1:
			d.Only = append(d.Only, e)
		default:
			d.Events = append(d.Events, e)
		}
	}
	return d.Bulletin(known, outlet)
}

func TestServerMakesDigests(t *testing.T) {
	l := &library{stories: shelf()}
	l.digests = []feeds.Bulletin{bulletinOf(place, shelf())}
	s := NewServer(Options{Dir: t.TempDir(), Reader: l, Channels: []feeds.Channel{tech, daily}})
	for path, want := range map[string]string{
		"/daily.atom":                           "urn:uuid:",
		"/daily.en.json":                        "28–29 January 2025: ",
		"/digests/daily/20250128T0700Z.html":    "<h1><bdi lang=\"en\" dir=\"ltr\">28–29 January 2025</bdi>",
		"/channels/daily.html":                  `href="../digests/daily/20250128T0700Z.html"`,
		"/ar/channels/daily.html":               "28–29 يناير 2025",
		"/digests/daily/20250127T0700Z.html":    "",
		"/digests/feed/20250128T0700Z.html":     "",
		"/digests/none/20250128T0700Z.html":     "",
		"/en/digests/daily/20250128T0700Z.html": "",
	} {
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		body := rec.Body.String()
		switch {
		case want == "" && rec.Code != http.StatusNotFound, want != "" && rec.Code != http.StatusOK:
			t.Errorf("%s: status %d", path, rec.Code)
		case !strings.Contains(body, want):
			t.Errorf("%s lacks %q:\n%s", path, want, body)
		}
	}
}
