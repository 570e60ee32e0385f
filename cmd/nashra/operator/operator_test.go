package operator

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/publish"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds/site/sitetest"
	"github.com/nashra/nashra/translate"
)

// sampleStatus has ten sources, one failing, one late and one switched off; stories wait, an engine
// is paused, and the month's budget will not last.
func sampleStatus() Status {
	at := time.Date(2026, 11, 25, 9, 30, 0, 0, time.UTC)
	s := Status{At: at, Serving: at.Add(-26 * time.Hour), Version: "devel", Zone: "Asia/Riyadh", Ungrouped: 3,
		Loose: at.Add(-time.Minute),
		Spent: []store.Spent{{Day: "2026-11-03", Engine: "google", Cost: translate.Cost{Chars: 40_000}},
			{Day: "2026-11-25", Engine: "deepl", Cost: translate.Cost{Chars: 50_000}}},
		Budgets: []Budget{{Period: "month", Limit: translate.Cost{Chars: 100_000}, Used: translate.Cost{Chars: 90_000},
			Left: translate.Cost{Chars: 10_000}, Projected: translate.Cost{Chars: 108_000}},
			{Engine: "deepl", Period: "day", Limit: translate.Cost{Micros: 2e6}, Used: translate.Cost{Micros: 5e5},
				Left: translate.Cost{Micros: 15e5}, Projected: translate.Cost{Micros: 1e6}}}}
	for i := range 10 {
		src := Source{ID: fmt.Sprint("s", i), Title: "أخبار التقنية <script>", URL: "https://example.org/feed",
			Success: at.Add(-time.Duration(i) * time.Minute),
			Polled:  at, Due: at.Add(time.Hour), Why: "not due by schedule", PerDay: float64(i),
			Days: make([]int, shownDays)}
		src.Days[shownDays-1-i] = 10 * (i + 1)
		s.Sources = append(s.Sources, src)
	}
	s.Notify = []Target{{ID: "phone", Channel: "feed", Sent: 1200, Waiting: 2, GivenUp: 1,
		Error: "ntfy.sh: status 401 (Unauthorized)", Since: at.Add(-time.Hour)},
		{ID: "hook", Channel: "daily", Sent: 1}}
	s.Members = []fleet.Member{{ID: "host-1", Since: at.Add(-3 * time.Hour), Leader: true},
		{ID: "host-2", Since: at.Add(-time.Hour)}}
	s.Sources[3].Failures, s.Sources[3].Class, s.Sources[3].Error = 2, "status 500", "fetch "+
		"https://example.org/feed: status 500"
	s.Sources[4].Late, s.Sources[4].Success = true, time.Time{}
	s.Sources[6].Held, s.Sources[6].Why = true, "held by host example.org, which answered status 429 to source s1"
	s.Sources[7].Note, s.Sources[8].Moved = "its letters are broken", "https://example.org/new"
	s.Sources[5].Off, s.Sources[5].Why = true, "switched off"
	s.Lists = []List{{ID: "readers", Named: 1300, Polled: 1200, Beyond: 90, Configured: 10, Left: 2,
		Success: at.Add(-time.Hour), Due: at.Add(22 * time.Hour), Note: "an outline was left out: outline \"<i>\""},
		{ID: "gone", Polled: 3, Failures: 4, Class: "status 404", Error: "fetch https://example.org/l: status 404",
			Success: at.Add(-96 * time.Hour), Late: true}, {ID: "away", Off: true, Late: true}}
	s.setWaiting([]time.Time{at.Add(-48 * time.Hour), at.Add(-20 * time.Minute), at.Add(-time.Minute)})
	c := NewCalls()
	c.Count("deepl", 300*time.Millisecond, nil)
	c.Count("deepl", 2*time.Minute, &translate.Error{Kind: translate.Quota, Engine: "deepl"})
	s.Engines = []Engine{{Name: "deepl", Resting: "engine deepl: quota", Until: at.Add(time.Hour),
		EngineCalls: c.engine("deepl")},
		{Name: "libre", Free: true, Troubles: []Trouble{{Kind: translate.Transient,
			Cause: "transient: connection refused",
			Todo:  "check that its service works", Left: true, Count: 4, Since: at.Add(-time.Hour), Last: at}}},
		{Name: "local", Free: true, Lacks: "the model base-memory is not here", Remedy: "nashra model pull fetches it"},
		{Name: "offline", Free: true, Troubles: []Trouble{{Kind: translate.Withheld, Cause: "withheld numbers",
			Todo: "it stays in the original", Count: 7, Since: at.Add(-time.Hour), Last: at}}}}
	s.Judge()
	return s
}

// servePages serves the pages of a status, or of an error, and returns their address.
func servePages(t *testing.T, s Status, err error) string {
	read := func(context.Context) (Status, error) { return s, err }
	srv := httptest.NewServer(NewMetrics("devel").Handler(&publish.Catalog{}, read))
	t.Cleanup(srv.Close)
	return srv.URL
}

// The page has every figure, and each picture in light and dark, wide and narrow, as well-formed
// SVG. It contains nothing that its policy forbids, and escapes sources' titles.
func TestPageShowsStatus(t *testing.T) {
	at := servePages(t, sampleStatus(), nil)
	res, err := http.Get(at)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	if policy := res.Header.Get("Content-Security-Policy"); policy != operatorPolicy ||
		strings.Contains(policy, "unsafe") {
		t.Errorf("policy: %s", policy)
	}
	for _, want := range []string{`<p class="health warn" role="status">degraded</p>`,
		"1 fail, 1 are late", "3</b> <span>stories wait",
		"the first since 2 days ago; 3 items in no story yet", "1 of 4", "10%",
		`<b class="dot bad">libre</b> <small>free</small> <span>failing<br>since 2026-11-25 08:30, 4 times: ` +
			"transient: connection refused; check that its service works",
		"not ready: the model base-memory is not here; nashra model pull fetches it",
		`<b class="dot warn">offline</b> <small>free</small> <span>ready<br>since 2026-11-25 08:30, 7 texts: ` +
			"withheld numbers; it stays in the original",
		"all engines: not enough at this pace", "90,000 characters used of 100,000 characters this month, 10,000 " +
			"characters left", "$0.50 used of $2.00 this day",
		"paused until 2026-11-25 10:30: engine deepl: quota; 2 calls, 1 failed, 50% within 0.5 s, 95% within more " +
			"than 60 s",
		"status 500, 2 in a row", "host-1</b> <span>running, leader, since", "3 hours ago", "late; ok", "switched off",
		"held by host example.org, which answered status 429 to source s1", "ok; odd: its letters are broken; not due",
		"ok; moved for good to https://example.org/new; not due",
		`<b class="dot bad">phone</b> <small>feed</small> <span>1,200 messages sent, 2 wait, 1 given up; failing ` +
			"since 2026-11-25 08:30: ntfy.sh: status 401 (Unauthorized)", "hook</b> <small>daily</small>",
		"<b>notify phone</b> <span>ntfy.sh: status 401 (Unauthorized); since",
		`<b class="dot good">readers</b> <span>1,200 sources, 90 beyond max, 10 in the config file, 2 left it; ` +
			"read 2026-11-25 08:30; odd: an outline was left out: outline &#34;&lt;i&gt;&#34;; next 2026-11-26 07:30",
		`<b class="dot bad">gone</b> <span>3 sources; status 404, 4 in a row: fetch https://example.org/l: ` +
			"status 404; last read 2026-11-21 09:30", `<b class="dot off">away</b> <span>0 sources; switched off<`,
		"<b>list gone</b> <span>status 404: fetch https://example.org/l: status 404; since",
		"4 others", "أخبار التقنية &lt;script&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if m := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son\w+=|javascript:|https?://[^"]*"`).FindString(
		strings.ReplaceAll(page, "https://example.org", "")); m != "" {
		t.Errorf("the page has %q", m)
	}
	if first, last := strings.Index(page, ">s4<"), strings.Index(page, ">s5<"); first > strings.Index(page, ">s3<") ||
		last < strings.Index(page, ">s9<") {
		t.Error("what is in trouble does not come first, or what is off not last")
	}
	pictures := regexp.MustCompile(`pictures/[\w-]+\.svg`).FindAllString(page, -1)
	if len(pictures) != 16 {
		t.Errorf("%d pictures, want 4 of each of 4", len(pictures))
	}
	for _, name := range append(pictures, "operator.css") {
		code, body := sitetest.Get(t, at+"/"+name)
		if code != 200 {
			t.Errorf("%s: %d", name, code)
		}
		if strings.HasSuffix(name, ".svg") {
			if err := xml.Unmarshal([]byte(body), new(struct{ XMLName xml.Name })); err != nil ||
				!strings.HasPrefix(body, "<svg") || strings.Contains(body, "NaN") {
				t.Errorf("%s: %v, %.80s", name, err, body)
			}
		}
	}
	for _, path := range []string{"/pictures/other.svg", "/pictures/items.png", "/other"} {
		if code, _ := sitetest.Get(t, at+path); code != 404 {
			t.Errorf("%s: %d", path, code)
		}
	}
}

// Before anything has happened the page has sentences instead of pictures.
func TestPageOfEmptyStatus(t *testing.T) {
	s := Status{At: time.Now(), Zone: "UTC"}
	s.Judge()
	at := servePages(t, s, nil)
	_, page := sitetest.Get(t, at)
	for _, want := range []string{"healthy", "nothing is translated", "nothing is paid for",
		"No new items in the last 14 days", "No story waits", "No engine was called", "No paid engine"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if code, _ := sitetest.Get(t, at+"/pictures/items.svg"); strings.Contains(page, "<picture") || code != 404 {
		t.Errorf("an empty picture: %d", code)
	}
}

// Metrics and the page show the same status. Everything fails without a store.
func TestMetricsAndHealth(t *testing.T) {
	s := sampleStatus()
	at := servePages(t, s, nil)
	_, text := sitetest.Get(t, at+"/metrics")
	for _, want := range []string{"nashra_status_readable 1", `nashra_health{state="healthy"} 0`,
		`nashra_health{state="degraded"} 1`, `nashra_health{state="failing"} 0`,
		`nashra_source_last_success_timestamp_seconds{source="s1"} ` +
			strconv.FormatFloat(float64(s.Sources[1].Success.Unix()), 'g', -1, 64),
		`nashra_source_failures{source="s3"} 2`, `nashra_source_failing{class="status 500",source="s3"} 1`,
		`nashra_source_late{source="s4"} 1`, `nashra_source_odd{source="s7"} 1`,
		`nashra_source_held_timestamp_seconds{source="s6"} ` +
			strconv.FormatFloat(float64(s.Sources[6].Due.Unix()), 'g', -1, 64),
		`nashra_source_items_per_day{source="s9"} 9`,
		`nashra_list_sources{list="readers"} 1200`, `nashra_list_failures{list="gone"} 4`,
		`nashra_list_late{list="gone"} 1`, `nashra_list_late{list="readers"} 0`,
		`nashra_list_last_success_timestamp_seconds{list="gone"} ` + strconv.FormatFloat(float64(
			sampleStatus().Lists[1].Success.Unix()), 'g', -1, 64),
		`nashra_messages_sent_total{target="phone"} 1200`, `nashra_messages_waiting{target="phone"} 2`,
		`nashra_messages_given_up_total{target="phone"} 1`, `nashra_messages_waiting{target="hook"} 0`,
		`nashra_target_failing_timestamp_seconds{target="phone"} ` + strconv.FormatFloat(float64(
			sampleStatus().Notify[0].Since.Unix()), 'g', -1, 64),
		"nashra_items_ungrouped 3", "nashra_fleet_members 2", "nashra_stories_waiting 3",
		"nashra_stories_waiting_oldest_timestamp_seconds", `nashra_engine_resting{engine="deepl"} 1`,
		`nashra_engine_resting{engine="offline"} 0`, `nashra_engine_ready{engine="deepl"} 0`,
		`nashra_engine_ready{engine="libre"} 0`, `nashra_engine_ready{engine="local"} 0`,
		`nashra_engine_ready{engine="offline"} 1`,
		`nashra_engine_trouble{cause="transient: connection refused",engine="libre",kind="transient",` +
			`todo="check that its service works"} 4`,
		`nashra_engine_trouble_since_timestamp_seconds{engine="libre",kind="transient"} ` +
			strconv.FormatFloat(float64(s.Engines[1].Troubles[0].Since.Unix()), 'g', -1, 64),
		`nashra_engine_call_seconds_bucket{engine="deepl",le="0.5"} 1`,
		`nashra_engine_call_seconds_count{engine="deepl"} 2`,
		`nashra_engine_failures_total{engine="deepl",kind="quota"} 1`,
		`nashra_budget_limit{engine="all",period="month",unit="characters"} 100000`,
		`nashra_budget_used{engine="deepl",period="day",unit="dollars"} 0.5`,
		`nashra_budget_projected{engine="all",period="month",unit="characters"} 108000`, "go_goroutines"} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	for _, not := range []string{`_odd{source="s1"}`, `_held_timestamp_seconds{source="s1"}`,
		`source="s5"`, `_success_timestamp_seconds{source="s4"}`} {
		if strings.Contains(text, not) {
			t.Errorf("metrics have %s", not)
		}
	}
	at = servePages(t, s, errors.New("password=hidden"))
	noStore := "failing\nstore: it does not answer; " +
		"check its file or its server: nashra store check, and the log of nashra serve\n"
	for _, path := range []string{"/", "/healthz", "/status", "/pictures/items.svg"} {
		if code, body := sitetest.Get(t, at+path); code != 503 || body != noStore {
			t.Errorf("%s without a store: %d %s", path, code, body)
		}
	}
	if code, text := sitetest.Get(t, at+"/metrics"); code != 200 ||
		!strings.Contains(text, "nashra_status_readable 0") ||
		!strings.Contains(text, "go_goroutines") || !strings.Contains(text, `nashra_health{state="failing"} 1`) {
		t.Errorf("metrics without a store: %d", code)
	}
}

func TestStatusIsCached(t *testing.T) {
	reads := 0
	c := &cache{read: func(context.Context) (Status, error) { reads++; return Status{Waiting: reads}, nil }}
	for range 3 {
		if s, err := c.status(t.Context()); err != nil || s.Waiting != 1 {
			t.Errorf("%+v, %v", s, err)
		}
	}
	c.until = time.Now()
	if s, _ := c.status(t.Context()); s.Waiting != 2 {
		t.Error("the status is never read again")
	}
}

// deploy/alerts.yml uses only metrics that the daemon has.
func TestAlertsUseExistingMetrics(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "deploy", "alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr, For string
				Annotations      map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &rules); err != nil || len(rules.Groups) == 0 {
		t.Fatalf("%d groups, %v", len(rules.Groups), err)
	}
	requests, err := os.ReadFile("pages.go") // metrics of requests are missing before the first request
	if err != nil {
		t.Fatal(err)
	}
	_, metrics := sitetest.Get(t, servePages(t, sampleStatus(), nil)+"/metrics")
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.For == "" || r.Annotations["summary"] == "" {
				t.Errorf("a rule lacks its name, time or summary: %+v", r)
			}
			for _, name := range regexp.MustCompile(`nashra_\w+`).FindAllString(r.Expr, -1) {
				name = strings.TrimSuffix(name, "_bucket")
				if !bytes.Contains(requests, []byte(`"`+name+`"`)) && !strings.Contains(metrics, "# TYPE "+name+" ") {
					t.Errorf("%s uses %s, which does not exist", r.Alert, name)
				}
			}
		}
	}
}
