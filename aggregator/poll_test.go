package aggregator_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/robfig/cron/v3"
	"golang.org/x/text/encoding/charmap"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
)

// dueAfter polls a publisher that answers as set, and returns when it is due again.
func dueAfter(t *testing.T, set func(r *rig)) time.Duration {
	t.Helper()
	r := newRig(t, map[string]string{"/one": rss(article("1", "خبر عن هاتف جديد", firstText, secondText))})
	set(r)
	every, err := cron.ParseStandard("@every 1h")
	if err != nil {
		t.Fatal(err)
	}
	r.opt.Schedule = every
	a := r.over(r.st)
	if _, err := a.Poll(t.Context(), nil, false, "one"); err != nil {
		t.Fatal(err)
	}
	memos, err := r.st.States(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return memos["one"].Due.Sub(noon)
}

func TestWhenASourceIsAskedAgain(t *testing.T) {
	header := func(key, value string) func(*rig) {
		return func(r *rig) { r.header["/one"] = http.Header{key: {value}} }
	}
	for name, c := range map[string]struct {
		set  func(*rig)
		want time.Duration
	}{
		"by the common schedule":       {func(*rig) {}, time.Hour},
		"by its publisher's freshness": {header("Cache-Control", "max-age=7200"), 2 * time.Hour},
		"which is capped at a day":     {header("Cache-Control", "max-age=99999999"), 24 * time.Hour},
		"and never shortens":           {header("Cache-Control", "max-age=60"), time.Hour},
		"by ttl": {func(r *rig) {
			r.pages["/one"] = strings.Replace(r.pages["/one"],
				"<link>", "<ttl>180</ttl><link>", 1)
		}, 3 * time.Hour},
		"after a failure, by schedule at least": {func(r *rig) { r.status["/one"] = 500 }, time.Hour},
		"after Retry-After": {func(r *rig) {
			r.status["/one"] = 429
			header("Retry-After",
				"10800")(r)
		}, 3 * time.Hour},
		"not on the days that it skips, a week at most": {func(r *rig) {
			r.pages["/one"] = strings.Replace(r.pages["/one"], "<link>", "<skipDays><day>Wednesday</day>"+
				"<day>Thursday</day><day>Friday</day><day>Saturday</day></skipDays><link>", 1)
			r.opt.MinInterval = 12 * time.Hour
		}, 4*24*time.Hour + 12*time.Hour},
		"nor in the hours that it skips, after a failure too": {func(r *rig) {
			r.pages["/one"] = strings.Replace(r.pages["/one"], "<link>", "<skipHours><hour>13</hour>"+
				"<hour>14</hour></skipHours><link>", 1)
			r.pages["/one"] = strings.TrimSuffix(r.pages["/one"], "</rss>")[:len(r.pages["/one"])-20]
		}, 3 * time.Hour},
		"daily, where it sends no validators": {header("ETag", " "), 24 * time.Hour},
		"but not daily where it has a schedule": {func(r *rig) {
			header("ETag",
				" ")(r)
			r.opt.Sources[0].Schedule = "@hourly"
		}, time.Hour},
		"not before the least interval has passed": {func(r *rig) { r.opt.MinInterval = 5 * time.Hour }, 5 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			if got := dueAfter(t, c.set); got != c.want {
				t.Errorf("due after %v, want %v", got, c.want)
			}
		})
	}
}

// What a source's documents were read as before counts: another reading that changes stored texts must
// come twice, so that one mislabelled answer does not rewrite what was published, and the next one back.
func TestAnotherEncodingMustComeTwice(t *testing.T) {
	one := article("1", "أوبن إيه آي تعلن عن نموذج جديد", firstText, secondText)
	two := article("2", "هواوي تكشف عن هاتف بثلاث شاشات", otherText, lastText)
	legacy := func(doc string) string {
		out, err := charmap.Windows1256.NewEncoder().String(doc)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	r := newRig(t, map[string]string{"/one": rss(one)})
	for i, step := range []struct {
		page, label          string
		added, changed, held int
		charset              string
	}{
		{rss(one), "", 1, 0, 0, "utf-8"},
		{legacy(rss(one)), "windows-1251", 0, 0, 1, "windows-1251"},  // mislabelled: all texts would change
		{rss(one), "", 0, 0, 0, "utf-8"},                             // and now change back
		{legacy(rss(one, two)), "", 1, 0, 0, "windows-1256"},         // stored texts confirm this one
		{legacy(rss(two)), "windows-1251", 0, 0, 1, "windows-1251"},  // mislabelled again
		{legacy(rss(two)), "windows-1251", 0, 1, 0, "windows-1251"},  // twice: the publisher means it
		{rss(one, two), "windows-1251", 0, 1, 0, "utf-8"},            // UTF-8 needs no second look
		{"\xff\xfe" + utf16le(rss(one, two)), "", 0, 0, 0, "utf-16"}, // nor has any other Unicode
	} {
		r.pages["/one"] = step.page
		r.header["/one"] = http.Header{"Content-Type": {"text/xml; charset=" + step.label}}
		r.time = r.time.Add(time.Hour)
		got := r.pass(t).Polled
		states, err := r.st.States(t.Context())
		if err != nil || got.New != step.added || got.Changed != step.changed || got.Failed != step.held ||
			states["one"].Charset != step.charset {
			t.Errorf("step %d: %+v, read as %s, %v; want %+v", i, got, states["one"].Charset, err, step)
		}
	}
}

func utf16le(s string) string {
	out := make([]byte, 0, 2*len(s))
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

// A body that breaks off behind the end of its document lost nothing: no failure, and no back-off.
func TestWholeDocumentsOfBrokenTransfersCount(t *testing.T) {
	r := newRig(t, map[string]string{"/one": rss(article("1", "خبر", firstText, secondText))})
	r.header["/one"] = http.Header{"Content-Length": {"100000"}}
	for i := range 3 {
		r.time = r.time.Add(time.Hour)
		r.pages["/one"] = strings.Replace(r.pages["/one"], "<link>", fmt.Sprintf("<ttl>%d</ttl><link>", i+1), 1)
		rep := r.pass(t)
		states, err := r.st.States(t.Context())
		if note := states["one"].Note; err != nil || rep.Polled.Failed != 0 ||
			!strings.Contains(note, "nothing is missing") {
			t.Errorf("round %d: %+v, note %q, %v", i, rep.Polled, note, err)
		}
	}
	whole := r.pages["/one"]
	r.pages["/one"] = whole[:len(whole)-40]
	if rep := r.pass(t); rep.Polled.Failed != 1 {
		t.Errorf("cut within the document: %+v", rep.Polled)
	}
}

func TestDueSaysWhyNot(t *testing.T) {
	r := newRig(t, map[string]string{"/busy": "", "/gone": "", "/off": "",
		"/ok": rss(article("1", "خبر", firstText, secondText))})
	r.status["/busy"], r.header["/busy"] = 503, http.Header{"Retry-After": {"3600"}}
	r.status["/gone"] = 410
	off := false
	for i := range r.opt.Sources {
		if r.opt.Sources[i].ID == "off" {
			r.opt.Sources[i].Enabled = &off
		}
	}
	a := r.over(r.st)
	ids, _, err := a.Due(t.Context(), false)
	if err != nil || len(ids) != 3 {
		t.Fatalf("%v %v", ids, err)
	}
	if _, err := a.Poll(t.Context(), nil, false, ids...); err != nil {
		t.Fatal(err)
	}
	for _, force := range []bool{false, true} {
		ids, why, err := a.Due(t.Context(), force)
		if err != nil {
			t.Fatal(err)
		}
		if (len(ids) == 1) != force || why["busy"].String() != "asked by its publisher to wait until "+
			"2026-11-24T13:00:00Z" ||
			why["gone"].String() != "gone: its publisher says so (410)" {
			t.Errorf("force %v: ask %v, leave %v", force, ids, why)
		}
	}
	r.time = noon.Add(61 * time.Minute)
	if ids, _, _ := a.Due(t.Context(), false); len(ids) != 2 {
		t.Errorf("an hour later: %v", ids)
	}
}

// A permanent redirect is remembered; a new address in the config voids all that was learnt.
func TestMovesAreRemembered(t *testing.T) {
	r := newRig(t, map[string]string{"/old": "", "/new": rss(article("1", "خبر", firstText, secondText))})
	r.status["/old"], r.header["/old"] = http.StatusMovedPermanently, http.Header{"Location": {"/new"}}
	r.opt.Sources = []feeds.Source{{ID: "s", URL: r.URL + "/old"}}
	for range 2 {
		if rep := r.pass(t); rep.Polled.Failed != 0 {
			t.Fatal(rep.Polled.Errors)
		}
	}
	if r.asked["/old"] != 1 || r.asked["/new"] != 2 {
		t.Errorf("asked %v", r.asked)
	}
	r.pages["/third"] = rss(article("5", "خبر آخر", otherText, lastText))
	r.opt.Sources[0].URL = r.URL + "/third"
	if rep := r.pass(t); rep.Polled.New != 1 || r.asked["/third"] != 1 {
		t.Errorf("%+v, asked %v", rep.Polled, r.asked)
	}
}

// Validators of an unreadable document are not kept, as the next answer must not be a 304.
func TestNothingIsLearntFromRubbish(t *testing.T) {
	r := newRig(t, map[string]string{"/one": "<html><body>soon</body></html>"})
	if rep := r.pass(t); rep.Polled.Failed != 1 {
		t.Fatalf("%+v", rep.Polled)
	}
	memos, err := r.st.States(t.Context())
	if err != nil || memos["one"].Validators != (feeds.Validators{}) || memos["one"].Failures != 1 ||
		memos["one"].Error == "" {
		t.Errorf("%+v %v", memos["one"], err)
	}
}

// Only another title or home page of a source counts as a change of what its stories show.
func TestRenamedSourceIsAChange(t *testing.T) {
	r := newRig(t, map[string]string{"/one": rss(article("1", "خبر عن هاتف جديد", firstText, secondText))})
	a := r.over(r.st)
	var last int64
	for _, c := range []struct {
		old, new string
		changed  bool
	}{
		{"", "", true},
		{"", "", false},
		{"</link>", "</link><ttl>60</ttl>", false},
		{"<title>", "<title>New ", true},
		{"<link>", "<link>https://other.example/", true},
	} {
		r.time = r.time.Add(time.Hour)
		r.pages["/one"] = strings.Replace(r.pages["/one"], c.old, c.new, 1)
		if _, err := a.Poll(t.Context(), nil, false, "one"); err != nil {
			t.Fatal(err)
		}
		n, err := r.st.Changes(t.Context())
		if err != nil || (n > last) != c.changed {
			t.Errorf("%s for %s: number %d after %d, %v", c.new, c.old, n, last, err)
		}
		last = n
	}
}

// However many hosts there are, few goroutines poll them: a goroutine that waits holds a large stack.
func TestManyHostsTakeFewGoroutines(t *testing.T) {
	const hosts, concurrency = 600, 2
	r := newRig(t, nil)
	var named []string
	r.opt.Concurrency = concurrency
	for i := range hosts {
		named = append(named, fmt.Sprint("s", i))
		r.opt.Sources = append(r.opt.Sources, feeds.Source{ID: named[i],
			URL: fmt.Sprintf("http://127.0.%d.%d:1/", 1+i/200, 1+i%200)}) // nothing listens there
	}
	before, most := runtime.NumGoroutine(), 0
	polled, err := r.over(r.st).Poll(t.Context(), func(aggregator.Poll, error) {
		most = max(most, runtime.NumGoroutine()-before)
	}, true, named...)
	if err != nil || polled.Asked != hosts {
		t.Errorf("%d of %d hosts were asked, %v", polled.Asked, hosts, err)
	}
	if most > 20*concurrency {
		t.Errorf("%d goroutines poll %d hosts, %d at once", most, hosts, concurrency)
	}
}
