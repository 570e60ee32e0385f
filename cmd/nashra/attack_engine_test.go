package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest"
	"github.com/nashra/nashra/translate/offline/synthetic"
)

// opening is the beginning of an RSS feed.
const opening = `<?xml version="1.0" encoding="utf-8"?><rss ` +
	`version="2.0"><channel><title>نشرة</title><link>https://news.example/</link>`

// entry is an item of an RSS feed.
func entry(n int, body string) string {
	return fmt.Sprintf("<item><title>خبر رقم %d عن "+
		"التقنية</title><link>https://news.example/%d</link><guid>%d</guid>"+
		"<description><![CDATA[%s]]></description></item>\n", n, n, n, body)
}

// hasty is an engine with a short timeout and no rate limit.
type hasty struct{ translate.Engine }

func (e hasty) Limits() translate.Limits {
	lim := e.Engine.Limits()
	lim.Timeout, lim.PerSecond, lim.PerMinute = 300*time.Millisecond, 0, 0
	return lim
}

// desk publishes one source, to which a test adds items, with one engine.
type desk struct {
	file   string // the config
	public string
	name   string // of the engine
	items  atomic.Int64
}

func (d *desk) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprint(w, opening)
	for n := range int(d.items.Load()) { // each with its own words, so that each is bought
		fmt.Fprint(w, entry(n, fmt.Sprintf(`<p>أطلقت <a href="https://a.example/%[1]d">OpenAI</a> نموذجا <img `+
			`src="https://a.example/%[1]d.png" alt="شعار %[1]d"> جديدا يحمل الرقم 70%[1]d.</p>`+
			`<p>وتنخفض التكلفة بنسبة %[1]d%% في <strong>أول</strong> يوم من الشهر.</p><ul><li>اكتب &lt;b%[1]d&gt; `+
			`هنا</li></ul>`, n+10)))
	}
	fmt.Fprint(w, "</channel></rss>")
}

// openDesk returns a desk whose engine has the given entry in the config.
func openDesk(t *testing.T, name, entry string) *desk {
	t.Helper()
	dir := t.TempDir()
	d := &desk{file: filepath.Join(dir, "nashra.yaml"), public: filepath.Join(dir, "public"), name: name}
	srv := httptest.NewServer(d)
	t.Cleanup(srv.Close)
	text := fmt.Sprintf("store: %s/nashra.db\npublish: {dir: %s, url: https://news.example/}\nfetch: "+
		"{allow_private: true, min_interval: 0s}\ntranslate: {engines: [%s], budget: {month: "+
		"100000000}}\nengines:\n  %s: %s\n"+
		"channels: [{id: feed, events: off}]\nsources: [{id: good, url: %q}]\n", dir, d.public, name, name, entry,
		srv.URL)
	if err := os.WriteFile(d.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

// pass runs a pass at a later time, with the engine as change returns it.
func (d *desk) pass(t *testing.T, after time.Duration,
	change func(translate.Engine) translate.Engine) aggregator.Report {
	t.Helper()
	w, st, a, done := joined(t, d.file)
	defer done()
	a.Now = func() time.Time { return time.Now().Add(after) }
	a.Translator = translate.New(st, translate.Options{Titles: []translate.Engine{change(w.made[d.name])},
		Limits: w.limits(), Now: a.Now,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	rep, err := a.Pass(t.Context(), true, nil, aggregator.Watch{})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// states checks that the published files have every item with its original and nothing of the
// service, and returns the state of the translations by the items' links.
func (d *desk) states(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	fail := filepath.WalkDir(d.public, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		// remove the page's own style; undo JSON's escaping
		page := strings.ReplaceAll(strings.Replace(string(text), "<style>", "", 1), `\u003c`, "<")
		if m := enginetest.Foreign.FindString(page); m != "" {
			t.Errorf("%s holds %q", name, m)
		}
		return err
	})
	text, err := os.ReadFile(filepath.Join(d.public, "feed.json"))
	if fail = errors.Join(fail, err); fail != nil {
		t.Fatal(fail)
	}
	var feed struct {
		Items []struct {
			URL, Title string
			Content    string                                       `json:"content_html"`
			Nashra     struct{ Translation struct{ State string } } `json:"_nashra"`
		}
	}
	if err := json.Unmarshal(text, &feed); err != nil {
		t.Fatal(err)
	}
	for _, it := range feed.Items {
		out[it.URL] = it.Nashra.Translation.State
		if !strings.Contains(it.Title, "خبر رقم") || strings.Count(it.Content, "<img ") != 1 &&
			strings.Count(it.Content, "<a href=\"https://a.example/") > 2 {
			t.Errorf("the original is not whole: %s\n%s", it.Title, it.Content)
		}
	}
	if len(out) != int(d.items.Load()) {
		t.Errorf("%d items of %d are published", len(out), d.items.Load())
	}
	return out
}

// mostCalls limits the calls of a pass: three times what the ladder and twenty useless answers
// need.
const mostCalls = 60

// Each fault is tried with one engine, each engine with several faults.
func TestHostileEnginesPublishNothingOfTheirs(t *testing.T) {
	if testing.Short() {
		t.Skip("dozens of passes")
	}
	t.Parallel()
	hostileEngines(t, len(vendors()))
}

// Each fault is tried with each engine: hundreds of passes.
func TestHostileEnginesPublishNothingOfTheirsLong(t *testing.T) {
	long(t)
	hostileEngines(t, 1)
}

// hostileEngines runs a pass for each way in which a service fails, with every so many engines.
// Nothing of the service's answers is published, and calls are bounded.
func hostileEngines(t *testing.T, every int) {
	t.Helper()
	var away atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { away.Add(1) }))
	t.Cleanup(elsewhere.Close)
	ways := enginetest.Hostiles(elsewhere.URL)
	var folders, engines []string
	table := map[string][]string{}
	for i, name := range slices.Sorted(maps.Keys(vendors())) {
		t.Run(name, func(t *testing.T) {
			v := vendors()[name]
			f := v.fake(t)
			d := openDesk(t, name, v.configured(f))
			folders, engines = append(folders, d.public), append(engines, name)
			var tried []enginetest.Hostile // by item number
			for w, way := range ways {
				if w%every != i%every {
					continue
				}
				tried = append(tried, way)
				f.Fault(0, way.Fault)
				link := fmt.Sprintf("https://news.example/%d", d.items.Add(1)-1)
				before := len(f.Requests())
				rep := d.pass(t, 0, func(e translate.Engine) translate.Engine { return hasty{e} })
				state, calls := d.states(t)[link], len(f.Requests())-before
				if calls > mostCalls {
					t.Errorf("%s: %d calls", way.Name, calls)
				}
				if state == "" || state == "done" && way.Texts == nil {
					t.Errorf("%s: the item's translation is %q", way.Name, state)
				}
				for _, err := range rep.Translated.Failures {
					if m := enginetest.Foreign.FindString(err.Error()); m != "" ||
						strings.Contains(err.Error(), f.URL) {
						t.Errorf("%s: repeats the answer: %v", way.Name, err)
					}
				}
				table[way.Name] = append(table[way.Name], fmt.Sprintf("%8s %3d", state, calls))
			}
			f.Fault(0, enginetest.Fault{})
			d.pass(t, 25*time.Hour, func(e translate.Engine) translate.Engine { return e })
			for link, state := range d.states(t) {
				var n int
				if _, err := fmt.Sscanf(link, "https://news.example/%d", &n); err != nil {
					t.Fatal(err)
				}
				if tried[n].Texts == nil && state != "done" {
					t.Errorf("%s: when the service works again the translation is %s", tried[n].Name, state)
				}
			}
		})
	}
	if n := away.Load(); n > 0 {
		t.Errorf("%d requests followed a redirect", n)
	}
	if !t.Failed() {
		judged(t, folders...)
	}
	t.Logf("what became of an item, and calls of the pass, with %s", strings.Join(engines, ", "))
	for _, way := range ways {
		t.Logf("%-16s %s", way.Name, strings.Join(table[way.Name], " |"))
		if n := len(table[way.Name]); n != len(engines)/every {
			t.Errorf("%s was tried with %d engines", way.Name, n)
		}
	}
}

// A missing or damaged offline model leaves the originals and is reported. It is used again once it
// is restored.
func TestBrokenModelsPublishTheOriginals(t *testing.T) {
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("one model after the other")
	}
	t.Parallel()
	model := t.TempDir()
	if err := synthetic.Write(model, synthetic.Speller()); err != nil {
		t.Fatal(err)
	}
	d := openDesk(t, "offline", fmt.Sprintf("{type: offline, model: %q, pull: never}", model))
	same := func(e translate.Engine) translate.Engine { return e }
	whole := map[string][]byte{}
	files, err := os.ReadDir(model)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if whole[f.Name()], err = os.ReadFile(filepath.Join(model, f.Name())); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range whole {
		for how, damaged := range map[string][]byte{"emptied": {}, "cut": text[:len(text)/2],
			"another file": []byte("<html>SECRET sign in</html>"), "gone": nil} {
			file := filepath.Join(model, name)
			if err := os.WriteFile(file, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if damaged == nil {
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
			}
			if how == "gone" && strings.HasPrefix(name, "lex") { // a model may have none
				continue
			}
			d.items.Add(1)
			rep := d.pass(t, 0, same)
			link := fmt.Sprintf("https://news.example/%d", d.items.Load()-1)
			if state := d.states(t)[link]; state == "done" || len(rep.Translated.Failures) == 0 {
				t.Errorf("%s %s: the item's translation is %s, and said is %v", name, how, state,
					rep.Translated.Failures)
			}
			for _, err := range rep.Translated.Failures {
				if enginetest.Foreign.MatchString(err.Error()) {
					t.Errorf("%s %s: %v", name, how, err)
				}
			}
		}
		if err := os.WriteFile(filepath.Join(model, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d.pass(t, 25*time.Hour, same)
	for link, state := range d.states(t) {
		if state != string(feeds.Done) {
			t.Errorf("%s: when the model is whole again its translation is %s", link, state)
		}
	}
}
