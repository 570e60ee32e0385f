package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/demo"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest"
	"github.com/nashra/nashra/translate/segment"
)

// vendor is a fake service and its engine's config entry, with %s for the address and %q for the
// key or credentials.
type vendor struct {
	fake  func(testing.TB) *enginetest.Fake
	entry string
}

func vendors() map[string]vendor {
	return map[string]vendor{
		"google":   {enginetest.NewGoogleV2, `{type: google, url: %s, key: %q}`},
		"googlev3": {enginetest.NewGoogleV3, `{type: google, url: %s, credentials: %q}`},
		"deepl":    {enginetest.NewDeepL, `{type: deepl, url: %s, key: %q}`},
		"mtran":    {enginetest.NewMTranServer, `{type: deepl, url: %s, dialect: mtranserver, key: %q}`},
		"azure": {enginetest.NewAzure, `{type: azure, url: %s, key: %q, region: westeurope, chars_per_minute: ` +
			`100000000}`},
		"libre":  {enginetest.NewLibre, `{type: libretranslate, url: %s, key: %q}`},
		"openai": {enginetest.NewOpenAI, `{type: chat, url: %s, key: %q, model: gpt-6-luna}`},
		"deepseek": {enginetest.NewDeepSeek, `{type: chat, url: %s, key: %q, model: deepseek-flash, dialect: ` +
			`deepseek}`},
		"ollama": {enginetest.NewOllama, `{type: chat, url: %s, key: %q, model: gemma, dialect: ollama}`},
	}
}

// configured returns the config entry for the fake f.
func (v vendor) configured(f *enginetest.Fake) string {
	secret := f.Key
	if f.Credentials != "" {
		secret = f.Credentials
	}
	return strings.Replace(fmt.Sprintf(v.entry, f.URL, secret), `, key: ""`, "", 1)
}

// samplePassages returns the titles and bodies of the demo's Arabic items.
func samplePassages(t *testing.T) (out []translate.Passage) {
	t.Helper()
	for _, p := range demo.Publishers() {
		text, err := os.ReadFile(filepath.Join("demo", "samples", p.File))
		if err != nil {
			t.Fatal(err)
		}
		address := "https://" + p.ID + ".example/feed"
		feed, err := parse.Feed(feeds.Source{ID: p.ID, URL: address, Timezone: p.Timezone},
			feeds.Document{URL: address, Base: address,
				ContentType: "application/xml", Body: text, At: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range feed.Items {
			body := it.Body
			if body == "" {
				body = it.Summary
			}
			if it.Lang == "ar" {
				out = append(out, translate.Passage{Article: p.ID + it.GUID, Role: translate.Title, Text: it.Title},
					translate.Passage{Article: p.ID + it.GUID, Headline: it.Title, Role: translate.Body, Text: body})
			}
		}
	}
	return out
}

// reach returns the config's translator with one engine that calls f.
func reach(t *testing.T, name string, v vendor, f *enginetest.Fake) (*wire, *translate.Translator) {
	t.Helper()
	t.Chdir(t.TempDir())
	text := fmt.Sprintf("translate: {engines: [%s]}\nsources: []\nengines:\n  %s: %s\n", name, name, v.configured(f))
	if err := os.WriteFile("nashra.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := configReader().Read("nashra.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWire(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.client.CloseIdle)
	st, err := store.Open(t.Context(), "nashra.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	tr, err := w.translator(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	return w, tr
}

var address = regexp.MustCompile(`(?:href|src)="[^"]*"`)

// TestSamplesThroughEveryEngine: each engine translates all sample feeds, keeps links and pictures
// in place, and bills nothing twice. It prints the calls and how full they are.
func TestSamplesThroughEveryEngine(t *testing.T) {
	in := samplePassages(t)
	if len(in) < 80 {
		t.Fatalf("%d passages", len(in))
	}
	pair := translate.Pair{From: "ar", To: "en"}
	for name, v := range vendors() {
		t.Run(name, func(t *testing.T) {
			f := v.fake(t)
			w, tr := reach(t, name, v, f)
			out, rep, err := tr.Translate(t.Context(), pair, in)
			if err != nil || len(rep.Failures) > 0 {
				t.Fatal(err, rep.Failures)
			}
			for i, p := range out {
				if p.Missing > 0 {
					t.Errorf("%s: %d of %d segments left in Arabic: %s", p.Article, p.Missing, p.Segments, p.Text)
				}
				want, got := address.FindAllString(in[i].Text,
					-1), address.FindAllString(sanitize.HTML(p.Text, "https://x.example/"), -1)
				slices.Sort(want)
				slices.Sort(got)
				if p.Role == translate.Body && !slices.Equal(want, got) {
					t.Errorf("%s: links and pictures\n%q\nwant\n%q", p.Article, got, want)
				}
			}
			lim := w.made[name].Limits()
			sent := f.Requests()
			if !lim.Free && rep.Cost.Chars < f.Billed() {
				t.Errorf("%d characters in the report, %d billed", rep.Cost.Chars, f.Billed())
			}
			seen, twice := map[string]bool{}, int64(0)
			chars, texts := map[segment.Codec]int64{}, map[segment.Codec]int{}
			for _, q := range sent {
				for _, s := range q.Texts {
					if seen[s] {
						twice += lim.Unit.Count(s)
					}
					seen[s] = true
				}
				chars[q.Codec] += q.Chars
				texts[q.Codec] += len(q.Texts)
			}
			full := 0.0
			for codec := range chars {
				full += max(float64(chars[codec])/float64(lim.Size), float64(texts[codec])/float64(lim.Segments))
			}
			t.Logf("%d passages, %d segments: %d calls, %.1f full ones; %d characters billed, %d of them for what "+
				"was sent before", len(in), rep.Segments, len(sent), full, f.Billed(), twice)
			// 4: titles and bodies, with and without markup, each start a call
			if lim.Mixed && float64(len(sent)) > 1.2*full+4 {
				t.Errorf("%d calls where %.1f would do", len(sent), full)
			}
			if float64(twice) > 0.05*float64(f.Billed()) {
				t.Errorf("%d of %d characters were paid for twice", twice, f.Billed())
			}
			billed := f.Billed()
			if _, rep, err = tr.Translate(t.Context(), pair, in); err != nil || rep.Calls != 0 || f.Billed() != billed {
				t.Errorf("a second time: %+v %v", rep, err)
			}
		})
	}
}
