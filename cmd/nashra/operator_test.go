package main

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/translate"
)

// stands is how things may stand: ten sources, one of them failing, one late and one switched off; stories wait, an engine rests, and the
// month's budget will not last.
func stands() status {
	at := time.Date(2026, 11, 25, 9, 30, 0, 0, time.UTC)
	s := status{At: at, Serving: at.Add(-26 * time.Hour), Version: "devel", Zone: "Asia/Riyadh", Ungrouped: 3, Loose: at.Add(-time.Minute),
		Spent: []store.Spent{{Day: "2026-11-03", Engine: "google", Cost: translate.Cost{Chars: 40_000}}, {Day: "2026-11-25", Engine: "deepl", Cost: translate.Cost{Chars: 50_000}}},
		Budgets: []budgetStatus{{Period: "month", Limit: translate.Cost{Chars: 100_000}, Used: translate.Cost{Chars: 90_000}, Left: translate.Cost{Chars: 10_000}, Projected: translate.Cost{Chars: 108_000}},
			{Engine: "deepl", Period: "day", Limit: translate.Cost{Micros: 2e6}, Used: translate.Cost{Micros: 5e5}, Left: translate.Cost{Micros: 15e5}, Projected: translate.Cost{Micros: 1e6}}}}
	for i := range 10 {
		src := sourceStatus{ID: fmt.Sprint("s", i), Title: "أخبار التقنية <script>", URL: "https://example.org/feed", Success: at.Add(-time.Duration(i) * time.Minute),
			Polled: at, Due: at.Add(time.Hour), Why: "not due by schedule", PerDay: float64(i), Days: make([]int, shownDays)}
		src.Days[shownDays-1-i] = 10 * (i + 1)
		s.Sources = append(s.Sources, src)
	}
	s.Members = []fleet.Member{{ID: "host-1", Since: at.Add(-3 * time.Hour), Leader: true}, {ID: "host-2", Since: at.Add(-time.Hour)}}
	s.Sources[3].Failures, s.Sources[3].Class, s.Sources[3].Error = 2, "status 500", "fetch https://example.org/feed: status 500"
	s.Sources[4].Late, s.Sources[4].Success = true, time.Time{}
	s.Sources[5].Off, s.Sources[5].Why = true, "switched off"
	s.wait([]time.Time{at.Add(-48 * time.Hour), at.Add(-20 * time.Minute), at.Add(-time.Minute)})
	c := newCalls()
	c.seen("deepl", 300*time.Millisecond, nil)
	c.seen("deepl", 2*time.Minute, &translate.Error{Kind: translate.Quota, Engine: "deepl"})
	s.Engines = []engineStatus{{Name: "deepl", Resting: "engine deepl: quota", Until: at.Add(time.Hour), engineCalls: c.of("deepl")}, {Name: "offline", Free: true}}
	return s
}

// told serves the pages of a status, or of an error.
func told(t *testing.T, s status, err error) string {
	f := &facts{read: func(context.Context) (status, error) { return s, err }}
	srv := httptest.NewServer(newMetrics().pages(&aggregator.Aggregator{}, f))
	t.Cleanup(srv.Close)
	return srv.URL
}

// The page has every figure, each picture in light and dark, wide and narrow, as SVG that holds together, and nothing that its policy would
// not let through; what a publisher calls itself stays text.
func TestOperatorPage(t *testing.T) {
	at := told(t, stands(), nil)
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
	if policy := res.Header.Get("Content-Security-Policy"); policy != operatorPolicy || strings.Contains(policy, "unsafe") {
		t.Errorf("policy: %s", policy)
	}
	for _, want := range []string{"healthy", "1 fail, 1 are late", "3</b> <span>stories wait", "the first since 2 days ago; 3 items in no story yet", "1 of 2", "10%",
		"all engines: not enough at this pace", "90,000 characters used of 100,000 characters this month, 10,000 characters left", "$0.50 used of $2.00 this day",
		"rests until 2026-11-25 10:30: engine deepl: quota; 2 calls, 1 of them failed, half within 0.5 s, nineteen in twenty within more than 60 s",
		"status 500, 2 in a row", "host-1</b> <span>at work, leading, since", "3 hours ago", "late; ok", "switched off", "4 others", "أخبار التقنية &lt;script&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if m := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son\w+=|javascript:|https?://[^"]*"`).FindString(strings.ReplaceAll(page, "https://example.org", "")); m != "" {
		t.Errorf("the page has %q", m)
	}
	if first, last := strings.Index(page, ">s4<"), strings.Index(page, ">s5<"); first > strings.Index(page, ">s3<") || last < strings.Index(page, ">s9<") {
		t.Error("what is in trouble does not come first, or what is off not last")
	}
	pictures := regexp.MustCompile(`pictures/[\w-]+\.svg`).FindAllString(page, -1)
	if len(pictures) != 16 {
		t.Errorf("%d pictures, want 4 of each of 4", len(pictures))
	}
	for _, name := range append(pictures, "operator.css") {
		code, body := fetched(t, at+"/"+name)
		if code != 200 {
			t.Errorf("%s: %d", name, code)
		}
		if strings.HasSuffix(name, ".svg") {
			if err := xml.Unmarshal([]byte(body), new(struct{ XMLName xml.Name })); err != nil || !strings.HasPrefix(body, "<svg") || strings.Contains(body, "NaN") {
				t.Errorf("%s: %v, %.80s", name, err, body)
			}
		}
	}
	for _, path := range []string{"/pictures/other.svg", "/pictures/items.png", "/other"} {
		if code, _ := fetched(t, at+path); code != 404 {
			t.Errorf("%s: %d", path, code)
		}
	}
}

// Before anything has happened the page says so, in words instead of pictures.
func TestOperatorPageOfNothing(t *testing.T) {
	at := told(t, status{At: time.Now(), Zone: "UTC"}, nil)
	_, page := fetched(t, at)
	for _, want := range []string{"healthy", "nothing is translated", "nothing is paid for", "No item has come in the last 14 days", "No story waits", "No engine was called", "No engine that costs money"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if code, _ := fetched(t, at+"/pictures/items.svg"); strings.Contains(page, "<picture") || code != 404 {
		t.Errorf("an empty picture: %d", code)
	}
}

// Metrics are the same facts; without any source that succeeds health is red and says why; without a store everything is.
func TestMetricsAndHealth(t *testing.T) {
	s := stands()
	at := told(t, s, nil)
	_, text := fetched(t, at+"/metrics")
	for _, want := range []string{"nashra_status_readable 1", "nashra_healthy 1", `nashra_source_last_success_timestamp_seconds{source="s1"} ` + strconv.FormatFloat(float64(s.Sources[1].Success.Unix()), 'g', -1, 64),
		`nashra_source_failures{source="s3"} 2`, `nashra_source_failing{class="status 500",source="s3"} 1`, `nashra_source_late{source="s4"} 1`, `nashra_source_items_per_day{source="s9"} 9`,
		"nashra_items_ungrouped 3", "nashra_fleet_members 2", "nashra_stories_waiting 3", "nashra_stories_waiting_oldest_timestamp_seconds", `nashra_engine_resting{engine="deepl"} 1`, `nashra_engine_resting{engine="offline"} 0`,
		`nashra_engine_call_seconds_bucket{engine="deepl",le="0.5"} 1`, `nashra_engine_call_seconds_count{engine="deepl"} 2`, `nashra_engine_failures_total{engine="deepl",kind="quota"} 1`,
		`nashra_budget_limit{engine="all",period="month",unit="characters"} 100000`, `nashra_budget_used{engine="deepl",period="day",unit="dollars"} 0.5`,
		`nashra_budget_projected{engine="all",period="month",unit="characters"} 108000`, "go_goroutines"} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	for _, not := range []string{`source="s5"`, `_success_timestamp_seconds{source="s4"}`} {
		if strings.Contains(text, not) {
			t.Errorf("metrics have %s", not)
		}
	}
	if code, body := fetched(t, at+"/healthz"); code != 200 || body != "ok\n" {
		t.Errorf("health: %d %s", code, body)
	}
	for i := range s.Sources {
		s.Sources[i].Late = true
	}
	at = told(t, s, nil)
	want := "no source has succeeded within three rounds of its schedule; the last was s0 at 2026-11-25 09:30; s3: status 500\n"
	if code, body := fetched(t, at+"/healthz"); code != 503 || body != want {
		t.Errorf("health: %d %s", code, body)
	}
	if _, text := fetched(t, at+"/metrics"); !strings.Contains(text, "nashra_healthy 0") {
		t.Error("the metrics call it healthy")
	}
	at = told(t, s, errors.New("password=hidden"))
	for _, path := range []string{"/", "/healthz", "/status", "/pictures/items.svg"} {
		if code, body := fetched(t, at+path); code != 503 || body != "the store does not answer\n" {
			t.Errorf("%s without a store: %d %s", path, code, body)
		}
	}
	if code, text := fetched(t, at+"/metrics"); code != 200 || !strings.Contains(text, "nashra_status_readable 0") || !strings.Contains(text, "go_goroutines") || strings.Contains(text, "nashra_healthy") {
		t.Errorf("metrics without a store: %d", code)
	}
}

// What is asked for together is read once.
func TestFactsAreReadOnce(t *testing.T) {
	reads := 0
	f := &facts{read: func(context.Context) (status, error) { reads++; return status{Waiting: reads}, nil }}
	for range 3 {
		if s, err := f.status(t.Context()); err != nil || s.Waiting != 1 {
			t.Errorf("%+v, %v", s, err)
		}
	}
	f.until = time.Now()
	if s, _ := f.status(t.Context()); s.Waiting != 2 {
		t.Error("they are never read again")
	}
}
