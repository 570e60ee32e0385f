package translate_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/azure"
	"github.com/nashra/nashra/translate/chat"
	"github.com/nashra/nashra/translate/deepl"
	"github.com/nashra/nashra/translate/enginetest"
	"github.com/nashra/nashra/translate/google"
	"github.com/nashra/nashra/translate/libre"
)

// vendors lists all engines with their fakes.
var vendors = map[string]struct {
	fake   func(testing.TB) *enginetest.Fake
	engine func(*testing.T, *enginetest.Fake) translate.Engine
}{
	"google v2":   {enginetest.NewGoogleV2, googleOf},
	"google v3":   {enginetest.NewGoogleV3, googleOf},
	"deepl":       {enginetest.NewDeepL, deeplOf},
	"mtranserver": {enginetest.NewMTranServer, deeplOf},
	"azure": {enginetest.NewAzure, func(_ *testing.T, f *enginetest.Fake) translate.Engine {
		return azure.New(translate.Settings{Name: "e", URL: f.URL, Key: f.Key, Region: enginetest.Region}, f.Client())
	}},
	"libre": {enginetest.NewLibre, func(_ *testing.T, f *enginetest.Fake) translate.Engine {
		return libre.New(translate.Settings{Name: "e", URL: f.URL, Key: f.Key}, f.Client())
	}},
	"openai":   {enginetest.NewOpenAI, chatOf("openai")},
	"deepseek": {enginetest.NewDeepSeek, chatOf("deepseek")},
	"ollama":   {enginetest.NewOllama, chatOf("ollama")},
}

func googleOf(t *testing.T, f *enginetest.Fake) translate.Engine {
	cfg := translate.Settings{Name: "e", Key: f.Key, URL: f.URL}
	if f.Credentials != "" {
		cfg.Key, cfg.Credentials = "", f.Credentials
	}
	e, err := google.New(t.Context(), cfg, f.Client())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func deeplOf(_ *testing.T, f *enginetest.Fake) translate.Engine {
	cfg := translate.Settings{Name: "e", URL: f.URL, Key: f.Key}
	if strings.HasPrefix(f.Key, "mtran") {
		cfg.Dialect = "mtranserver"
	}
	return deepl.New(cfg, f.Client())
}

func chatOf(dialect string) func(*testing.T, *enginetest.Fake) translate.Engine {
	return func(_ *testing.T, f *enginetest.Fake) translate.Engine {
		return chat.New(translate.Settings{Name: "e", URL: f.URL, Model: "m", Key: f.Key, Dialect: dialect}, f.Client())
	}
}

// impatient has a shorter timeout and no pace.
type impatient struct{ translate.Engine }

func (e *impatient) Limits() translate.Limits {
	lim := e.Engine.Limits()
	lim.Timeout, lim.PerSecond, lim.PerMinute = 300*time.Millisecond, 0, 0
	return lim
}

// Whatever a service answers, nothing unsafe comes out, no call is endless and no error repeats the
// answer. Once the engine works again, everything is translated.
func TestHostileEngines(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,
		_ *http.Request) {
		t.Error("a redirect was followed")
	}))
	t.Cleanup(elsewhere.Close)
	const article = `<p>أطلقت <a href="https://a.example/x">OpenAI</a> نموذجا <img src="https://a.example/y.png" ` +
		`alt="شعار"> جديدا.</p>` +
		`<p>وتنخفض التكلفة بنسبة 63% في <strong>أول</strong> يوم.</p><ul><li>اكتب &lt;b&gt; هنا</li></ul>`
	for _, h := range enginetest.Hostiles(elsewhere.URL) {
		t.Run(h.Name, func(t *testing.T) {
			t.Parallel()
			for name, v := range vendors {
				t.Run(name, func(t *testing.T) {
					f := v.fake(t)
					f.Fault(0, h.Fault)
					st := &memory{rows: map[translate.Key][]translate.Row{}}
					in := append(body(article), translate.Passage{Article: "a", Role: translate.Title,
						Text: "خبر عن OpenAI"})
					quick := translate.Options{Titles: []translate.Engine{&impatient{v.engine(t, f)}}, Sleep: noSleep}
					began := time.Now()
					out, rep, err := translate.New(st, quick).Translate(t.Context(), arEn, in)
					if err != nil {
						t.Fatal(err)
					}
					if took := time.Since(began); took > 10*time.Second || rep.Calls > 40 {
						t.Errorf("%d calls in %v", rep.Calls, took)
					}
					for _, p := range out {
						text := p.Text
						if p.Role == translate.Body {
							text = sanitize.HTML(text, "https://a.example/")
						}
						if enginetest.Foreign.MatchString(text) || strings.Count(text, "<a ") > 1 ||
							strings.Count(text, "<img ") > 1 {
							t.Errorf("%s", text)
						}
						if p.Missing > 0 && p.Role == translate.Title && p.Text != in[1].Text {
							t.Errorf("title %q", p.Text)
						}
					}
					for _, failure := range rep.Failures {
						if enginetest.Foreign.MatchString(failure.Error()) {
							t.Errorf("repeats the answer: %v", failure)
						}
					}
					if whole(out) || h.Texts != nil { // a wrong answer is not paid for again
						return
					}
					f.Fault(0, enginetest.Fault{})
					quick.Titles = []translate.Engine{v.engine(t, f)} // with enough time for a slow machine
					quick.Now = func() time.Time { return time.Now().Add(25 * time.Hour) }
					if out, rep, err = translate.New(st, quick).Translate(t.Context(), arEn, in); err != nil ||
						!whole(out) {
						t.Errorf("not translated when the engine was well again: %+v %v", rep, err)
					}
				})
			}
		})
	}
}

// memory is a store without limits, for one test.
type memory struct {
	mu   sync.Mutex
	rows map[translate.Key][]translate.Row

	troubles []translate.Trouble
}

func (m *memory) Recall(_ context.Context, keys []translate.Key) (map[translate.Key][]translate.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.rows), nil
}

func (m *memory) Reserve(context.Context, translate.Order) (translate.Ticket, []translate.Key, error) {
	return 1, nil, nil
}

func (m *memory) Settle(_ context.Context, _ translate.Ticket, _ translate.Cost, rows []translate.Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range rows {
		m.rows[r.Key] = append(m.rows[r.Key], r)
	}
	return nil
}

func (m *memory) Troubles(context.Context) ([]translate.Trouble, error) { return m.troubles, nil }

func (m *memory) SetTroubles(_ context.Context, list []translate.Trouble) error {
	m.troubles = list
	return nil
}

func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func whole(out []translate.Passage) bool {
	for _, p := range out {
		if p.Missing > 0 {
			return false
		}
	}
	return true
}
