package fetch

import (
	"net/http"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestRetryAfter(t *testing.T) {
	for said, want := range map[string]time.Duration{
		"":                                 0,
		"120":                              2 * time.Minute,
		"0":                                0,
		"-5":                               0,
		"1.5":                              0,
		"soon":                             0,
		"604800":                           maxWait,
		"99999999999999999999999":          maxWait, // more than an integer holds
		"Tue, 24 Nov 2026 12:30:00 GMT":    30 * time.Minute,
		"Tuesday, 24-Nov-26 12:30:00 GMT":  30 * time.Minute,
		"Mon, 23 Nov 2026 12:00:00 GMT":    0, // past
		"Fri, 01 Jan 2100 00:00:00 GMT":    maxWait,
		"Tue, 24 Nov 2026 12:30:00 +99:00": 0,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {said}}, noon); got != want {
			t.Errorf("%q: %s, want %s", said, got, want)
		}
	}
	skewed := http.Header{"Retry-After": {"Tue, 24 Nov 2026 15:30:00 GMT"}, "Date": {"Tue, 24 Nov 2026 15:00:00 GMT"}}
	if got := RetryAfter(skewed, noon); got != 30*time.Minute {
		t.Errorf("by a server three hours ahead: %s", got)
	}
}

func TestFresh(t *testing.T) {
	in := func(d time.Duration) time.Time { return noon.Add(d) }
	cached := func(lines ...string) http.Header { return http.Header{"Cache-Control": lines} }
	const atOne = "Tue, 24 Nov 2026 13:00:00 GMT"
	for name, tc := range map[string]struct {
		header http.Header
		want   time.Time
	}{
		"nothing":             {http.Header{}, time.Time{}},
		"max-age":             {cached("public, max-age=600"), in(10 * time.Minute)},
		"any case, quotes":    {cached(`Max-Age="600"`), in(10 * time.Minute)},
		"two lines":           {cached("public", "max-age=600"), in(10 * time.Minute)},
		"less its age":        {http.Header{"Cache-Control": {"max-age=600"}, "Age": {"400"}}, in(200 * time.Second)},
		"older than its age":  {http.Header{"Cache-Control": {"max-age=600"}, "Age": {"700"}}, time.Time{}},
		"a year":              {cached("max-age=31536000"), in(maxWait)},
		"no integer holds it": {cached("max-age=99999999999999999999"), in(maxWait)},
		"nonsense":            {http.Header{"Cache-Control": {"max-age=-1"}, "Expires": {atOne}}, time.Time{}},
		"no-cache":            {cached("no-cache, max-age=600"), time.Time{}},
		"no-cache of a field": {cached(`no-cache="set-cookie", max-age=600`), in(10 * time.Minute)},
		"no-store after":      {cached("max-age=600, no-store"), time.Time{}},
		"max-age wins":        {http.Header{"Cache-Control": {"max-age=60"}, "Expires": {atOne}}, in(time.Minute)},
		"Expires":             {http.Header{"Expires": {atOne}}, in(time.Hour)},
		"Expires by the server's clock": {
			http.Header{"Expires": {atOne}, "Date": {"Tue, 24 Nov 2026 12:50:00 GMT"}}, in(10 * time.Minute),
		},
		"Expires 0":          {http.Header{"Expires": {"0"}}, time.Time{}},
		"shared caches only": {cached("s-maxage=600"), time.Time{}},
	} {
		if got := fresh(tc.header, noon); !got.Equal(tc.want) {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}
