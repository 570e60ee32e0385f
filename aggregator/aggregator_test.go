package aggregator_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/arabic"
	"github.com/nashra/nashra/translate/enginetest/english"
	"github.com/nashra/nashra/translate/segment"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// publisher serves documents by path, each with an ETag, and may add headers or fail.
type publisher struct {
	*httptest.Server

	mu     sync.Mutex
	pages  map[string]string
	header map[string]http.Header
	status map[string]int
	asked  map[string]int
	clock  func() time.Time // nil: no Date header
}

func publish(t testing.TB, pages map[string]string) *publisher {
	p := &publisher{pages: pages, header: map[string]http.Header{}, status: map[string]int{}, asked: map[string]int{}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked[r.URL.Path]++
	body, ok := p.pages[r.URL.Path]
	w.Header()["Date"] = nil
	if p.clock != nil {
		w.Header().Set("Date", p.clock().UTC().Format(http.TimeFormat))
	}
	maps.Copy(w.Header(), p.header[r.URL.Path])
	if s := p.status[r.URL.Path]; s != 0 || !ok {
		w.WriteHeader(max(s, http.StatusNotFound*btoi(!ok)))
		return
	}
	if w.Header().Get("ETag") == "" {
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(body))))
	}
	if r.Header.Get("If-None-Match") == w.Header().Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write([]byte(body))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// engine answers in English words, always the same way; it is down while broken.
type engine struct {
	mu     sync.Mutex
	broken bool
	chars  int
	model  string            // empty: m
	known  map[string]string // answers by source, in place of transliteration; empty: none
	reads  bool              // context
	knows  map[string]string // known for headlines with context
	around []string          // the first Previous of each call that had one
	shift  rune              // another value changes every word
}

func (e *engine) ID() translate.Identity {
	return translate.Identity{Engine: "mt", Model: cmp.Or(e.model, "m")}
}
func (e *engine) Limits() translate.Limits {
	return translate.Limits{Segments: 20, Size: 4000, Codec: segment.HTML, Mixed: true,
		Context: e.reads, Price: translate.Price{PerMillionChars: 20e6}}
}
func (e *engine) Translate(_ context.Context, r translate.Request) (res translate.Response, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken {
		return res, &translate.Error{Kind: translate.Auth, Engine: "mt"}
	}
	known := e.known
	if r.Role == translate.Title && len(r.Previous) > 0 {
		e.around = append(e.around, r.Previous[0].Source+" = "+r.Previous[0].Target)
		known = e.knows
	}
	for _, s := range r.Segments {
		e.chars += len([]rune(s))
		if text, ok := known[s]; ok {
			res.Texts = append(res.Texts, text)
			continue
		}
		res.Texts = append(res.Texts, english.Translate(strings.Map(func(c rune) rune {
			if arabic.Letter(c) && arabic.Letter(c+e.shift) {
				return c + e.shift
			}
			return c
		}, s), true))
	}
	return res, nil
}

// rig is an aggregator over a real store, with publishers and an engine.
type rig struct {
	*publisher
	*engine
	st       *store.Store
	opt      aggregator.Options
	glossary translate.Glossary
	limits   []translate.Limit
	time     time.Time
}

func newRig(t testing.TB, pages map[string]string) *rig {
	t.Helper()
	r := &rig{publisher: publish(t, pages), engine: &engine{}, time: noon}
	dir := t.TempDir()
	st, err := store.Open(t.Context(), filepath.Join(dir, "nashra.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	client, err := fetch.New(fetch.Options{Timeout: 5 * time.Second, MaxBody: 1 << 20, AllowPrivate: true,
		Version: "test",
		PerHost: 4, Now: func() time.Time { return r.time }})
	if err != nil {
		t.Fatal(err)
	}
	hourly, err := cron.ParseStandard("@hourly")
	if err != nil {
		t.Fatal(err)
	}
	r.st = st
	r.opt = aggregator.Options{Client: client, Pair: translate.Pair{From: "ar", To: "en"},
		Dir: filepath.Join(dir, "public"), Schedule: hourly,
		MinInterval: 5 * time.Minute, Concurrency: 4, PerHost: 4, Now: func() time.Time { return r.time },
		Channels: []feeds.Channel{{ID: "feed", Title: map[string]string{"en": "News"}, Limit: 100}}}
	for _, path := range slices.Sorted(maps.Keys(pages)) {
		r.opt.Sources = append(
			r.opt.Sources,
			feeds.Source{ID: strings.Trim(path, "/"), URL: r.URL + path, Title: feeds.NewTitle(path)},
		)
	}
	return r
}

// both is the aggregator's store and the translator's.
type both interface {
	aggregator.Store
	translate.Store
}

func (r *rig) over(st both) *aggregator.Aggregator {
	o := r.opt
	o.Store = st
	o.Translator = translate.New(st, translate.Options{Titles: []translate.Engine{r.engine}, Now: o.Now,
		Glossary: r.glossary, Limits: r.limits})
	return aggregator.New(o)
}

func (r *rig) pass(t testing.TB) aggregator.Report {
	t.Helper()
	rep, err := r.over(r.st).Pass(t.Context(), true, nil, aggregator.Watch{})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// files returns all published files.
func (r *rig) files(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(r.opt.Dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(r.opt.Dir, name))
		out[name] = strings.ReplaceAll(string(b), r.URL, "http://publisher")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// article is an RSS item of two paragraphs.
func article(id, title, first, second string) string {
	return fmt.Sprintf("<item><title>%s</title><link>https://news.example/%s</link><guid>%s</guid><pubDate>Tue, 24 "+
		"Nov 2026 08:00:00 GMT</pubDate>"+
		"<description>&lt;p&gt;%s&lt;/p&gt;&lt;p&gt;%s&lt;/p&gt;</description></item>", title, id, id, first, second)
}

func rss(items ...string) string {
	return `<rss version="2.0"><channel><title>قناة</title><link>https://news.example/</link>` +
		strings.Join(items, "") + "</channel></rss>"
}

const (
	firstText = "أعلنت شركة OpenAI عن نموذج جديد للاستدلال يعمل بكلفة أقل بنسبة 63% من سابقه ويتاح للمطورين في " +
		"واجهتها البرمجية ابتداء من اليوم."
	secondText = "وقالت الشركة إن النموذج الجديد يتفوق في اختبارات الرياضيات والبرمجة على النماذج السابقة، وإنه " +
		"سيصل إلى المستخدمين خلال أسابيع."
	otherText = "كشفت هواوي عن هاتفها القابل للطي بثلاث شاشات في مؤتمر بمدينة شنجن، بسعر يبدأ من 2800 دولار " +
		"وبطارية سعتها 5600 مللي أمبير."
	lastText = "ويأتي الهاتف بكاميرا دقتها 50 ميغابكسل وشاشة قياسها 10.2 بوصة عند فتحها بالكامل، وهو أنحف هاتف من " +
		"نوعه في السوق حتى الآن."
)

func newsPages() map[string]string {
	return map[string]string{
		"/one": rss(article("1", "OpenAI تكشف نموذجا جديدا بكلفة أقل", firstText, secondText),
			article("2", "هواوي تكشف هاتفا بثلاث شاشات", otherText, lastText)),
		"/two": rss(strings.ReplaceAll(article("9", "نموذج جديد من OpenAI بكلفة أقل", firstText, secondText),
			"news.example", "other.example")),
	}
}

func TestPassPublishesEachStoryOnceAndThenNothing(t *testing.T) {
	r := newRig(t, newsPages())
	rep := r.pass(t)
	if rep.Polled.New != 3 || rep.Grouped.Born != 2 || rep.Grouped.Joined != 1 || rep.Published.Stories != 2 ||
		rep.Published.Waiting != 0 {
		t.Fatalf("%+v", rep)
	}
	files, paid := r.files(t), r.chars
	if len(files) != 16+3*6+2*2 || strings.Count(files["feed.atom"], "<entry") != 2 ||
		!strings.Contains(files["feed.atom"], "also in: ") {
		t.Errorf("%d files; %s", len(files), files["feed.atom"])
	}
	if rep.Translated.Cost.Chars != int64(paid) || paid == 0 {
		t.Errorf("reported %d characters, the engine was sent %d", rep.Translated.Cost.Chars, paid)
	}
	r.time = noon.Add(2 * time.Hour)
	rep = r.pass(t)
	if rep.Polled.New+rep.Polled.Changed+rep.Grouped.Born+rep.Translated.Calls+len(rep.Published.Written) != 0 ||
		r.chars != paid {
		t.Errorf("an unchanged pass did %+v and paid %d", rep, r.chars-paid)
	}
	if again := r.files(t); !maps.Equal(files, again) {
		t.Error("an unchanged pass changed a file")
	}
}

// A copy that arrives later from another outlet joins the story, which keeps its id and date and
// costs nothing.
func TestALateCopyJoinsWithoutMovingOrPaying(t *testing.T) {
	pages := newsPages()
	two := pages["/two"]
	pages["/two"] = rss(article("8", "خبر آخر تماما عن شركة ناشئة",
		"جمعت شركة ناشئة في الرياض 12 مليون دولار في جولة تمويل لتوسيع خدماتها.", lastText))
	r := newRig(t, pages)
	r.pass(t)
	before, paid := r.files(t)["feed.atom"], r.chars
	r.pages["/two"], r.time = two, noon.Add(time.Hour)
	rep := r.pass(t)
	if rep.Grouped.Joined != 1 || r.chars != paid {
		t.Fatalf("%+v, %d characters more", rep.Grouped, r.chars-paid)
	}
	for _, part := range strings.Split(before, "<entry")[1:] {
		_, id, _ := strings.Cut(part, "<id>")
		id, _, _ = strings.Cut(id, "</id>")
		_, at, _ := strings.Cut(part, "<published>")
		at, _, _ = strings.Cut(at, "</published>")
		if now := r.files(t)["feed.atom"]; !strings.Contains(now, id) || !strings.Contains(now, "<published>"+at) {
			t.Errorf("entry %s of %s moved", id, at)
		}
	}
}

// While an edit waits for its translation, the changed block shows Arabic and the others keep their
// English; then only that block is bought.
func TestAnEditWaitsBlockByBlock(t *testing.T) {
	r := newRig(t, map[string]string{"/one": rss(article("1", "OpenAI تكشف نموذجا جديدا بكلفة أقل", firstText,
		secondText))})
	r.pass(t)
	paid := r.chars
	edited := strings.Replace(secondText, "خلال أسابيع", "خلال 3 أسابيع", 1)
	r.pages["/one"], r.time, r.broken = rss(article("1", "OpenAI تكشف نموذجا جديدا بكلفة أقل", firstText,
		edited)), noon.Add(time.Hour), true
	if rep := r.pass(t); rep.Polled.Changed != 1 || rep.Published.Waiting != 1 {
		t.Fatalf("%+v", rep)
	}
	en := r.files(t)["feed.en.atom"]
	if !strings.Contains(en, "63%") || !strings.Contains(en, "[not translated]") ||
		!strings.Contains(en, "خلال 3 أسابيع") || strings.Contains(en, "خلال أسابيع") {
		t.Errorf("English edition: %s", en)
	}
	if json := r.files(t)["feed.json"]; !strings.Contains(json, `"state": "partial"`) {
		t.Errorf("state: %s", json)
	}
	r.broken = false
	r.pass(t)
	if got, want := r.chars-paid, len([]rune(edited)); got != want {
		t.Errorf("%d characters were bought, the edited block has %d", got, want)
	}
	if en := r.files(t)["feed.en.atom"]; arabic.Has(strings.SplitN(en, "Source:", 2)[0]) {
		t.Errorf("Arabic is left: %s", en)
	}
}

var errStopped = errors.New("stopped here")

// stopper fails its n-th writing or reading call, before or after the call is done.
type stopper struct {
	both
	left  int
	after bool
	mu    sync.Mutex
}

func (s *stopper) do(call func() error) error {
	s.mu.Lock()
	s.left--
	stop := s.left <= 0
	s.mu.Unlock()
	if stop && !s.after {
		return errStopped
	}
	if err := call(); err != nil {
		return err
	}
	if stop {
		return errStopped
	}
	return nil
}

func (s *stopper) States(ctx context.Context, ids ...string) (m map[string]polite.State, err error) {
	err = s.do(func() (e error) { m, e = s.both.States(ctx, ids...); return e })
	return m, err
}
func (s *stopper) Kin(ctx context.Context, items []aggregator.Signed, all bool) (out []feeds.Item, err error) {
	err = s.do(func() (e error) { out, e = s.both.Kin(ctx, items, all); return e })
	return out, err
}

func (s *stopper) Unstored(ctx context.Context, at time.Time, items []aggregator.Signed) (
	out []aggregator.Signed, err error) {
	err = s.do(func() (e error) { out, e = s.both.Unstored(ctx, at, items); return e })
	return out, err
}
func (s *stopper) Polled(ctx context.Context, at time.Time, polls ...aggregator.Poll) (n aggregator.Arrived,
	err error) {
	err = s.do(func() (e error) { n, e = s.both.Polled(ctx, at, polls...); return e })
	return n, err
}
func (s *stopper) Grouped(ctx context.Context, at time.Time, p []aggregator.Placement) error {
	return s.do(func() error { return s.both.Grouped(ctx, at, p) })
}
func (s *stopper) Translated(ctx context.Context, at time.Time, done map[string]feeds.Translation) error {
	return s.do(func() error { return s.both.Translated(ctx, at, done) })
}
func (s *stopper) Articles(ctx context.Context, at time.Time, ids []string) (m map[string]aggregator.Article,
	err error) {
	err = s.do(func() (e error) { m, e = s.both.Articles(ctx, at, ids); return e })
	return m, err
}
func (s *stopper) Fetched(ctx context.Context, at time.Time, art aggregator.Article, body string,
	hosts ...polite.Host) error {
	return s.do(func() error { return s.both.Fetched(ctx, at, art, body, hosts...) })
}
func (s *stopper) Stories(ctx context.Context, q feeds.Query) (list []feeds.Story, err error) {
	err = s.do(func() (e error) { list, e = s.both.Stories(ctx, q); return e })
	return list, err
}
func (s *stopper) List(ctx context.Context, q feeds.Query) (list []feeds.Listed, err error) {
	err = s.do(func() (e error) { list, e = s.both.List(ctx, q); return e })
	return list, err
}
func (s *stopper) SetDigest(ctx context.Context, d feeds.Digest, keep int) error {
	return s.do(func() error { return s.both.SetDigest(ctx, d, keep) })
}
func (s *stopper) SetOutputs(ctx context.Context, at time.Time, put map[string]aggregator.Output, gone []string) error {
	return s.do(func() error { return s.both.SetOutputs(ctx, at, put, gone) })
}
func (s *stopper) Settle(ctx context.Context, t translate.Ticket, c translate.Cost, rows []translate.Row) error {
	return s.do(func() error { return s.both.Settle(ctx, t, c, rows) })
}

// A pass that is stopped before or after any call of the store, and run again, ends like one that
// was not stopped.
func TestStoppedAnywhereEndsTheSame(t *testing.T) {
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("it runs in one goroutine")
	}
	whole := newRig(t, newsPages())
	whole.opt.Concurrency = 1
	whole.opt.Channels = append(whole.opt.Channels, daily())
	whole.pass(t)
	want := whole.files(t)
	stops := 0
	for _, after := range []bool{false, true} {
		for n := 1; ; n++ {
			r := newRig(t, newsPages())
			r.opt.Concurrency = 1
			r.opt.Channels = whole.opt.Channels
			_, err := r.over(&stopper{both: r.st, left: n, after: after}).Pass(t.Context(), true, nil,
				aggregator.Watch{})
			if err == nil {
				break
			}
			if !errors.Is(err, errStopped) {
				t.Fatalf("stop %d: %v", n, err)
			}
			stops++
			r.pass(t)
			if got := r.files(t); !maps.Equal(got, want) {
				t.Errorf("stopped at call %d (after it: %v): %d files differ from a whole pass", n, after,
					differ(got, want))
			}
			if after && r.chars > whole.chars {
				t.Errorf("stopped after call %d: %d characters bought, a whole pass buys %d", n, r.chars, whole.chars)
			}
		}
	}
	if stops < 20 {
		t.Errorf("only %d places to stop at", stops)
	}
}

func differ(a, b map[string]string) (n int) {
	for k := range b {
		n += btoi(a[k] != b[k])
	}
	return n
}
