package aggregator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/notify"
	"github.com/nashra/nashra/feeds"
)

// notice is what a webhook is sent.
type notice struct {
	ID   string `json:"-"`
	Type string
	Data struct {
		Story, URL, Page string
		Title            struct{ EN, AR string }
		Outlets          []string
		Stories, Reports int
		Events           []struct{ URL string }
	}
}

// hook is a webhook that takes notices, or answers with a status, or not at all.
type hook struct {
	*httptest.Server
	mu     sync.Mutex
	got    []notice // taken
	tried  []string // ids, also of those that it refused
	status func(notice) int
	after  string // Retry-After
	hang   chan struct{}
}

func newHook(t *testing.T) *hook {
	h := &hook{status: func(notice) int { return http.StatusNoContent }}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	n := notice{ID: r.Header.Get("webhook-id")}
	if err := json.Unmarshal(body, &n); err != nil || n.ID == "" {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tried = append(h.tried, n.ID)
	if h.hang != nil {
		h.mu.Unlock()
		select {
		case <-h.hang:
		case <-r.Context().Done():
		}
		h.mu.Lock()
	}
	status := h.status(n)
	if status/100 == 2 {
		h.got = append(h.got, n)
	}
	w.Header().Set("Retry-After", h.after)
	w.WriteHeader(status)
}

// titles returns the headlines of what was taken, in order, and forgets it.
func (h *hook) titles() (out []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range h.got {
		switch n.Type {
		case "more":
			out = append(out, fmt.Sprint(n.Data.Stories, " more"))
		default:
			out = append(out, n.Data.Title.AR)
		}
	}
	h.got, h.tried = nil, nil
	return out
}

// notify adds a target at h to the config.
func (r *rig) notify(t *testing.T, h *hook, to feeds.Target) {
	t.Helper()
	to.URL = h.URL + "/?token=hidden"
	s, err := notify.NewSender(to, h.Client(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.opt.Senders == nil {
		r.opt.Senders = map[string]*notify.Sender{}
	}
	r.opt.Targets = append(r.opt.Targets, to)
	r.opt.Senders[to.ID] = s
}

// target returns what is stored of a target.
func (r *rig) target(t *testing.T, id string) notify.Target {
	t.Helper()
	known, err := r.st.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return known[id]
}

// later runs a pass after d.
func (r *rig) later(t *testing.T, d time.Duration) aggregator.Report {
	t.Helper()
	r.time = r.time.Add(d)
	return r.pass(t)
}

// flood returns n items, of which each is a story.
func flood(n int) (items []string) {
	for i := range n {
		items = append(items, strings.Replace(article(fmt.Sprint("f", i), fmt.Sprintf("خبر %s رقم %d", unlike(i), i),
			unlike(i+100)+" "+unlike(i+200)+" "+unlike(i+300), ""), "08:00:00", fmt.Sprintf("08:%02d:00", i%60), 1))
	}
	return items
}

// unlike returns a word that no other number has.
func unlike(i int) string {
	letters := []rune("بتثجحخدذرزسشصضطظعغفقكلمنه")
	var word []rune
	for range 6 {
		word = append(word, letters[(i*7+len(word)*i)%len(letters)])
		i = i/2 + 13
	}
	return string(word)
}

func TestATargetIsToldOfStoriesBornAfterIt(t *testing.T) {
	r, h := newRig(t, newsPages()), newHook(t)
	r.opt.URL = "https://feeds.example/"
	r.notify(t, h, feeds.Target{ID: "hook", Channel: "feed"})
	if rep := r.pass(t); rep.Notified.Sent != 0 || len(h.titles()) > 0 {
		t.Fatalf("a burst at the start: %+v", rep.Notified)
	}
	r.edit("/one", rss(newsAt("a1", 24), article("1", "OpenAI تكشف نموذجا جديدا بكلفة أقل", firstText, secondText)))
	rep := r.later(t, time.Hour)
	if rep.Notified.Sent != 1 || len(h.got) != 1 {
		t.Fatalf("%+v, %+v", rep.Notified, h.got)
	}
	n := h.got[0]
	page := "https://feeds.example/stories/" + n.Data.Story + ".html"
	if n.Type != "story" || n.Data.Title.AR != pieces["a1"][0] || n.Data.Title.EN == "" ||
		n.Data.URL != "https://news.example/a1" || n.Data.Page != page ||
		!slices.Equal(n.Data.Outlets, []string{"news.example"}) {
		t.Errorf("%+v", n)
	}
	h.titles()
	// Neither a later pass, nor another outlet, nor an edit tells it again.
	r.edit("/two", rss(strings.ReplaceAll(newsAt("a1", 24), "news.example", "other.example")))
	r.edit("/one", rss(strings.Replace(newsAt("a1", 24), "تؤجل", "تؤخر", 1)))
	if rep := r.later(t, time.Hour); rep.Grouped.Joined != 1 || rep.Polled.Changed != 1 || len(h.titles()) > 0 ||
		rep.Notified.Waiting != 0 {
		t.Errorf("told again: %+v", rep)
	}
	if got := r.target(t, "hook"); got.Sent != 1 || got.Waiting != 0 || got.Error != "" || !got.Since.Equal(noon) {
		t.Errorf("stored %+v", got)
	}
}

func TestATargetThatFailsIsTriedAgainForADay(t *testing.T) {
	r, h := newRig(t, map[string]string{"/one": rss()}), newHook(t)
	r.notify(t, h, feeds.Target{ID: "hook", Channel: "feed"})
	r.pass(t)
	h.status = func(notice) int { return http.StatusServiceUnavailable }
	r.edit("/one", rss(newsAt("a1", 24), newsAt("a2", 24)))
	rep := r.later(t, time.Hour)
	if len(h.tried) != 1 || rep.Notified.Waiting != 2 || rep.Published.Stories != 2 {
		t.Fatalf("%v tried, %+v", h.tried, rep.Notified)
	}
	text := fmt.Sprint(rep.Notified.Errors["hook"])
	if !strings.Contains(text, "503") || strings.Contains(text, "hidden") {
		t.Error(text)
	}
	if r.later(t, time.Second); len(h.tried) != 1 {
		t.Errorf("tried again at once: %v", h.tried)
	}
	h.after = "3600"
	if r.later(t, time.Minute); len(h.tried) != 2 {
		t.Errorf("not tried after a minute: %v", h.tried)
	}
	if r.later(t, 59*time.Minute); len(h.tried) != 2 {
		t.Errorf("tried before the time it asked for: %v", h.tried)
	}
	since := r.target(t, "hook").Failing
	h.status, h.after = func(notice) int { return http.StatusOK }, ""
	rep = r.later(t, time.Minute)
	ids := slices.Sorted(slices.Values(h.tried))
	if len(ids) != 4 || len(slices.Compact(ids)) != 2 {
		t.Errorf("another id at a retry: %v", h.tried)
	}
	got := r.target(t, "hook")
	if rep.Notified.Sent != 2 || got.Sent != 2 || got.Error != "" || !got.Failing.IsZero() ||
		!since.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v, %+v, failing since %v", rep.Notified, got, since)
	}

	h.titles()
	h.status = func(notice) int { return http.StatusUnauthorized }
	r.edit("/one", rss(newsAt("b1", 24), newsAt("c0", 24)))
	r.later(t, time.Hour)
	for range 23 {
		r.later(t, time.Hour)
	}
	if got := r.target(t, "hook"); got.GivenUp != 0 || got.Waiting != 2 {
		t.Errorf("within a day: %+v", got)
	}
	if rep = r.later(t, time.Hour); rep.Notified.GivenUp != 2 || rep.Notified.Waiting != 0 {
		t.Errorf("after a day: %+v", rep.Notified)
	}
	h.status = func(notice) int { return http.StatusOK }
	r.later(t, 24*time.Hour)
	if got := r.target(t, "hook"); got.GivenUp != 2 || got.Sent != 2 || len(h.titles()) > 0 {
		t.Errorf("given up and sent: %+v", got)
	}
}

func TestWhatIsRefusedKeepsNoOtherWaiting(t *testing.T) {
	r, h := newRig(t, map[string]string{"/one": rss()}), newHook(t)
	r.notify(t, h, feeds.Target{ID: "hook", Channel: "feed"})
	r.pass(t)
	h.status = func(n notice) int {
		if n.Data.Title.AR == pieces["a1"][0] {
			return http.StatusBadRequest
		}
		return http.StatusOK
	}
	r.edit("/one", rss(newsAt("a1", 23), newsAt("a2", 24), newsAt("b1", 24)))
	if rep := r.later(t, time.Hour); rep.Notified.Sent != 2 || rep.Notified.Waiting != 1 {
		t.Errorf("%+v", rep.Notified)
	}
	h.status = func(notice) int { return http.StatusRequestEntityTooLarge }
	if rep := r.later(t, time.Hour); rep.Notified.GivenUp != 1 || rep.Notified.Waiting != 0 {
		t.Errorf("of what will never be taken: %+v", rep.Notified)
	}
}

func TestOneLineSumsUpAFlood(t *testing.T) {
	r, h := newRig(t, map[string]string{"/one": rss()}), newHook(t)
	r.notify(t, h, feeds.Target{ID: "hook", Channel: "feed"})
	r.pass(t)
	h.status = func(notice) int { return http.StatusServiceUnavailable }
	r.edit("/one", rss(flood(30)...))
	if rep := r.later(t, time.Hour); rep.Grouped.Born != 30 || rep.Notified.Waiting != 21 {
		t.Fatalf("%+v, %+v", rep.Grouped, rep.Notified)
	}
	r.edit("/one", rss(append(flood(30), newsAt("a1", 24), newsAt("a2", 24))...))
	r.later(t, time.Minute)
	h.titles()
	h.status = func(notice) int { return http.StatusOK }
	r.later(t, time.Hour)
	got := h.titles()
	if len(got) != 21 || got[20] != "12 more" {
		t.Errorf("%d: %q", len(got), got)
	}
	for i := range 10 { // the oldest are those that the line sums up
		end := fmt.Sprint(" رقم ", i)
		if slices.ContainsFunc(got, func(title string) bool { return strings.HasSuffix(title, end) }) {
			t.Errorf("story %d is told", i)
		}
	}
	if rep := r.later(t, time.Hour); len(h.titles()) > 0 || rep.Notified.Waiting > 0 {
		t.Errorf("told later: %+v", rep.Notified)
	}
}

func TestConditionsDecideWhatIsTold(t *testing.T) {
	other := func(feed, host string) string { return strings.ReplaceAll(feed, "news.example", host) }
	r := newRig(t, map[string]string{"/one": rss(), "/two": rss(), "/three": rss()})
	covered, words, not, hidden := newHook(t), newHook(t), newHook(t), newHook(t)
	r.notify(t, covered, feeds.Target{ID: "covered", Channel: "feed", When: feeds.When{MinOutlets: 2}})
	r.notify(t, words, feeds.Target{ID: "words", Channel: "feed", When: feeds.When{Include: []string{"المغرب"}}})
	r.notify(t, not, feeds.Target{ID: "not", Channel: "feed", When: feeds.When{Exclude: []string{"/مغرب/"}}})
	r.notify(t, hidden, feeds.Target{ID: "hidden", Channel: "feed"})
	hidden.status = func(notice) int { return http.StatusServiceUnavailable }
	r.pass(t)
	r.edit("/one", rss(newsAt("a1", 24), newsAt("a2", 24)))
	r.later(t, time.Hour)
	check := func(what string, h *hook, want ...string) {
		t.Helper()
		got := h.titles()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	check("one outlet", covered)
	check("a word", words, pieces["a2"][0])
	check("without a word", not, pieces["a1"][0])
	r.edit("/two", other(rss(newsAt("a2", 24)), "other.example"))
	r.later(t, time.Hour)
	check("two outlets", covered, pieces["a2"][0])
	r.edit("/three", other(rss(newsAt("a2", 24)), "third.example"))
	r.later(t, time.Hour)
	check("three outlets", covered)

	list, err := r.st.Stories(t.Context(), feeds.Query{Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if s.Title == pieces["a1"][0] {
			err = r.st.Hide(t.Context(), s.ID)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	hidden.titles()
	hidden.status = func(notice) int { return http.StatusOK }
	r.later(t, 2*time.Hour)
	check("a hidden story", hidden, pieces["a2"][0])
	if got := r.target(t, "hidden"); got.Sent != 1 || got.Waiting+got.GivenUp != 0 {
		t.Errorf("%+v", got)
	}
}

func TestADigestIsToldOnceAPeriod(t *testing.T) {
	r, h := newRig(t, map[string]string{"/one": rss(newsAt("b1", 24))}), newHook(t)
	few := newHook(t)
	r.opt.Channels = append(r.opt.Channels, daily())
	r.notify(t, h, feeds.Target{ID: "hook", Channel: "daily"})
	r.notify(t, few, feeds.Target{ID: "few", Channel: "daily", When: feeds.When{MinOutlets: 2}})
	if rep := r.pass(t); len(rep.Digested.Written) != 1 || len(h.titles()) > 0 {
		t.Errorf("the first digest is told: %+v", rep.Notified)
	}
	r.edit("/one", rss(newsAt("a1", 25), newsAt("a2", 25)))
	r.later(t, time.Hour)
	if rep := r.later(t, 23*time.Hour); len(rep.Digested.Written) != 1 || rep.Notified.Sent != 1 {
		t.Fatalf("%+v, %+v", rep.Digested, rep.Notified)
	}
	if n := h.got[0]; n.Type != "digest" || len(n.Data.Events) != 2 {
		t.Errorf("%+v", n)
	}
	if rep := r.later(t, time.Hour); rep.Notified.Sent+rep.Notified.Waiting != 0 || len(few.titles()) > 0 {
		t.Errorf("told again: %+v", rep.Notified)
	}
}

func TestAHangingTargetKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]string{"/one": rss()})
	dead, well := newHook(t), newHook(t)
	dead.hang = make(chan struct{})
	defer close(dead.hang)
	r.notify(t, dead, feeds.Target{ID: "dead", Channel: "feed"})
	r.notify(t, well, feeds.Target{ID: "well", Channel: "feed"})
	r.pass(t)
	r.edit("/one", rss(flood(20)...))
	begun := time.Now()
	rep := r.later(t, time.Hour)
	if took := time.Since(begun); took > 12*time.Second { // 10 for messages
		t.Errorf("the pass took %v", took)
	}
	if got := len(well.titles()); got != 20 || rep.Notified.Sent != 20 || rep.Notified.Waiting != 20 {
		t.Errorf("%d told, %+v", got, rep.Notified)
	}
	begun = time.Now()
	if r.later(t, time.Second); time.Since(begun) > 3*time.Second {
		t.Errorf("the next pass took %v", time.Since(begun))
	}
}
