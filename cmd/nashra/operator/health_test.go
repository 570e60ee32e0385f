package operator

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds/site/sitetest"
	"github.com/nashra/nashra/translate"
)

// noon is the time of the statuses below.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// engine returns an engine with a trouble that began an hour before it was met last.
func engine(kind translate.Kind, left bool, last time.Time) Engine {
	return Engine{Name: "libre", Troubles: []Trouble{{Kind: kind, Cause: "status 500", Todo: "look", Left: left,
		Since: last.Add(-time.Hour), Last: last}}}
}

// The state follows from the facts, and each reason says what, why, since when and what to do.
func TestHealth(t *testing.T) {
	ok := Source{ID: "ok", Success: noon}
	down := Source{ID: "down", Failures: 4, Class: "status 500", Polled: noon}
	late := Source{ID: "late", Late: true, Success: noon.Add(-5 * time.Hour), Polled: noon.Add(-5 * time.Hour)}
	failed := []aggregator.Unpublished{{Place: "public", Ours: true, Cause: "disk full", Since: noon.Add(-time.Hour),
		Last: noon}}
	month := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	chars := func(used, limit int64) Budget {
		return Budget{Period: "month", Begun: month, Limit: translate.Cost{Chars: limit},
			Used: translate.Cost{Chars: used}, Left: translate.Cost{Chars: max(0, limit-used)}}
	}
	day := Budget{Engine: "libre", Period: "day", Begun: noon.Add(-12 * time.Hour), Limit: translate.Cost{Micros: 1e6},
		Used: translate.Cost{Micros: 5e5}, Left: translate.Cost{Micros: 5e5}}
	const network = "check the network of this machine; nashra sources check shows what each source answers"
	const address = "check its address under opml; what it named when it was last read is polled"
	const folder = "make sure that nashra may write there and that the disk has room"
	const budget = "raise it under translate.budget, add a free engine, or wait for the next "
	for name, c := range map[string]struct {
		status Status
		want   string
	}{
		"nothing yet":            {Status{Sources: []Source{{ID: "new"}}}, "healthy"},
		"a config of no sources": {Status{}, "healthy"},
		"all are switched off":   {Status{Sources: []Source{{ID: "off", Off: true, Late: true}}}, "healthy"},
		"one succeeds":           {Status{Sources: []Source{ok, down, late}}, "healthy"},
		"one has not been polled": {Status{Sources: []Source{down, {ID: "new"}}},
			"healthy"},
		"all fail since ever": {Status{Sources: []Source{down}},
			"failing\nsources: none has succeeded within three rounds of its schedule; down: status 500; " + network},
		"all fail for a while": {Status{Sources: []Source{down, late}}, "failing\nsources: none has succeeded within " +
			"three rounds of its schedule; down: status 500; since 2026-11-25 07:00; " + network},
		"nobody polls": {Status{Sources: []Source{late}}, "failing\nsources: none was polled for three rounds of its " +
			"schedule; since 2026-11-25 07:00; run nashra fetch by a timer, or keep nashra serve running"},
		"the daemon stores no poll": {Status{Sources: []Source{late}, Serving: noon.Add(-9 * time.Hour)},
			"failing\nsources: none has succeeded within three rounds of its schedule; since 2026-11-25 07:00; " +
				"see the log of nashra serve: no poll has been stored"},
		"a list was never read": {Status{Lists: []List{{ID: "l", Failures: 1, Class: "dns", Error: "no such host"}}},
			"degraded\nlist l: dns: no such host; " + address},
		"a list is not read for days": {Status{Lists: []List{{ID: "l", Failures: 9, Class: "format", Error: "no list",
			Late: true, Success: noon.Add(-96 * time.Hour)}}},
			"degraded\nlist l: format: no list; since 2026-11-21 12:00; " + address},
		"a list fails for a day": {Status{Lists: []List{{ID: "l", Failures: 3, Class: "format", Error: "no list",
			Success: noon.Add(-25 * time.Hour)}}}, "healthy"},
		"nobody reads a list": {Status{Lists: []List{{ID: "l", Late: true, Success: noon.Add(-96 * time.Hour)}}},
			"healthy"},
		"a list is switched off": {Status{Lists: []List{{ID: "l", Off: true, Failures: 9, Late: true}}}, "healthy"},
		"publishing failed": {Status{unpublished: failed},
			"failing\npublishing public: disk full; since 2026-11-25 11:00; " + folder},
		"a member fails to publish": {Status{unpublished: []aggregator.Unpublished{{Place: "b:/srv", Cause: "disk full",
			Since: noon.Add(-time.Hour), Last: noon.Add(-time.Minute)}}},
			"degraded\nmember b:/srv: disk full; since 2026-11-25 11:00; " + folder},
		"a member that is gone failed": {Status{unpublished: []aggregator.Unpublished{{Place: "b:/srv",
			Last: noon.Add(-memberPatience)}}}, "healthy"},
		"an engine fails": {Status{Engines: []Engine{engine(translate.Transient, true, noon)}},
			"degraded\nengine libre: status 500; since 2026-11-25 11:00; look"},
		"single texts fail": {Status{Engines: []Engine{engine(translate.Withheld, false, noon)}}, "healthy"},
		"a model is missing": {Status{Engines: []Engine{{Name: "offline", Lacks: "no model", Remedy: "pull it"}}},
			"degraded\nmodel offline: no model; pull it"},
		"a model was missed": {Status{Engines: []Engine{{Name: "offline", Lacks: "no model", Remedy: "pull it",
			Troubles: engine(translate.Unsupported, true, noon).Troubles}}},
			"degraded\nmodel offline: no model; since 2026-11-25 11:00; pull it"},
		"a budget has nothing left": {Status{Budgets: []Budget{chars(100, 100)}}, "degraded\nbudget all engines: the " +
			"budget of the month is spent: 100 characters of 100 characters; " + budget + "month"},
		"a budget has too little left": {Status{Budgets: []Budget{chars(81, 100)},
			Engines: []Engine{engine(translate.Budget, true, noon)}},
			"degraded\nbudget all engines: the budget of the month is spent: 81 characters of 100 characters; " +
				"since 2026-11-25 11:00; " + budget + "month"},
		"of two budgets the one with less left": {Status{Budgets: []Budget{chars(40, 100), day},
			Engines: []Engine{engine(translate.Budget, true, noon)}},
			"degraded\nbudget libre: the budget of the day is spent: $0.50 of $1.00; since 2026-11-25 11:00; " +
				budget + "day"},
		"a budget was spent last month": {Status{Budgets: []Budget{chars(0, 100)},
			Engines: []Engine{engine(translate.Budget, true, month.Add(-time.Hour))}}, "healthy"},
		"another engine's budget": {Status{Budgets: []Budget{{Engine: "deepl", Begun: month,
			Limit: translate.Cost{Chars: 9}, Left: translate.Cost{Chars: 9}}},
			Engines: []Engine{engine(translate.Budget, true, noon)}}, "healthy"},
		"a story waits": {Status{Waiting: 1, Untouched: noon.Add(-oldBacklog)}, "healthy"},
		"a story waits for long": {Status{Waiting: 1, Untouched: noon.Add(-oldBacklog - 1)},
			"degraded\nbacklog translation: 1 story waits for its translation; since 2026-11-25 05:59; " +
				"nashra engines check shows what each engine answers"},
		"parts of stories stay in the original": {Status{Waiting: 3, Since: noon.Add(-9 * time.Hour)}, "healthy"},
		"items wait for long": {Status{Ungrouped: 1200, Loose: noon.Add(-7 * time.Hour)},
			"degraded\nbacklog grouping: 1,200 items are in no story yet; since 2026-11-25 05:00; " +
				"nashra fetch groups them, or says why it cannot"},
		"all at once": {Status{Sources: []Source{down}, unpublished: failed,
			Engines: []Engine{engine(translate.Auth, true, noon)}},
			"failing\nsources: none has succeeded within three rounds of its schedule; down: status 500; " + network +
				"\npublishing public: disk full; since 2026-11-25 11:00; " + folder +
				"\nengine libre: status 500; since 2026-11-25 11:00; look"},
	} {
		t.Run(name, func(t *testing.T) {
			c.status.At = noon
			c.status.Judge()
			if got := c.status.Health.String(); got != c.want+"\n" {
				t.Errorf("got:\n%swant:\n%s", got, c.want)
			}
			everywhere(t, c.status)
		})
	}
}

// What is beyond the limits of channels is told in the terminal and on the page, and is no fault.
func TestBeyondLimitIsTold(t *testing.T) {
	for n, want := range map[int]string{1: "1 story is beyond the limit", 1180: "1,180 stories are beyond the limit"} {
		s := Status{At: noon, Beyond: n}
		s.Judge()
		var text strings.Builder
		err := s.Print(&text)
		if err != nil || !strings.Contains(text.String(), want+": ") || s.Health.State != Healthy {
			t.Errorf("%v, %v:\n%s", s.Health, err, text.String())
		}
		if _, page := sitetest.Get(t, servePages(t, s, nil)); !strings.Contains(page, want+": ") {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// everywhere tests that terminal, JSON, /healthz, metrics and page tell the health of s alike.
func everywhere(t *testing.T, s Status) {
	t.Helper()
	var text strings.Builder
	if err := s.Print(&text); err != nil || !strings.HasPrefix(text.String(), s.Health.String()+"\n") {
		t.Errorf("the terminal, %v:\n%s", err, text.String())
	}
	at, code := servePages(t, s, nil), 200
	if s.Health.State == Failing {
		code = 503
	}
	if got, body := sitetest.Get(t, at+"/healthz"); got != code || body != s.Health.String() {
		t.Errorf("/healthz: %d %s", got, body)
	}
	_, body := sitetest.Get(t, at+"/status")
	var told struct{ Health Health }
	if err := json.Unmarshal([]byte(body), &told); err != nil || fmt.Sprint(told.Health) != fmt.Sprint(s.Health) ||
		!strings.Contains(body, `"reasons":[`) {
		t.Errorf("/status: %v, %s", err, body)
	}
	_, page := sitetest.Get(t, at)
	_, metrics := sitetest.Get(t, at+"/metrics")
	for _, state := range states {
		line := fmt.Sprintf("nashra_health{state=%q} %g\n", state, number(state == s.Health.State))
		if !strings.Contains(metrics, line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	for _, r := range s.Health.Reasons {
		line := fmt.Sprintf("nashra_health_reason_since_timestamp_seconds{cause=%q,name=%q,remedy=%q,what=%q}", r.Cause,
			r.Name, r.Remedy, r.What)
		if !strings.Contains(metrics, line) {
			t.Errorf("the metrics lack %s", line)
		}
		for _, part := range []string{r.What, r.Name, r.Cause, r.Remedy} {
			if !strings.Contains(html.UnescapeString(page), part) {
				t.Errorf("the page lacks %q", part)
			}
		}
	}
	if !strings.Contains(page, ">"+string(s.Health.State)+"</p>") {
		t.Error("the page lacks the state")
	}
}
