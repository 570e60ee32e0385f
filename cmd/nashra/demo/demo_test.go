package demo_test

import (
	"fmt"
	"io"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/nashra/nashra/cmd/nashra/demo"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/arabic"
	"github.com/nashra/nashra/translate/check"
	"github.com/nashra/nashra/translate/segment"
	"github.com/nashra/nashra/translate/tmx"
)

var arEn = translate.Pair{From: "ar", To: "en"}

// wanted is a text of the samples to be translated.
type wanted struct {
	where string
	role  translate.Role
	text  string // neutral form
}

// samples returns the parsed feeds, as Handler serves them.
func samples(t *testing.T) map[string]feeds.Feed {
	t.Helper()
	h := demo.Handler()
	all := map[string]feeds.Feed{}
	for _, p := range demo.Publishers() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/"+p.File, nil))
		res := w.Result()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/xml" {
			t.Fatalf("%s: %s, %s, %v", p.File, res.Status, res.Header.Get("Content-Type"), err)
		}
		address := "http://127.0.0.1:8080/" + p.File
		f, err := parse.Feed(feeds.Source{ID: p.ID, URL: address, Timezone: p.Timezone},
			feeds.Document{URL: address, Base: address,
				ContentType: res.Header.Get("Content-Type"), Body: body,
				At: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		all[p.ID] = f
	}
	return all
}

// texts returns what a Translator looks up for the samples, each once, in order.
func texts(t *testing.T) (out []wanted, byKey map[translate.Key]wanted) {
	t.Helper()
	byKey = map[translate.Key]wanted{}
	all := samples(t)
	for _, p := range demo.Publishers() {
		for _, it := range all[p.ID].Items {
			want := func(role translate.Role, neutral string) {
				k := translate.KeyOf(arEn, role, neutral)
				if _, known := byKey[k]; !known && segment.Translatable(neutral, arEn.From) {
					byKey[k] = wanted{fmt.Sprintf("%s %s %s", p.ID, it.URL, role), role, neutral}
					out = append(out, byKey[k])
				}
			}
			want(translate.Title, segment.Escape(it.Title))
			doc, err := segment.Parse(it.Main())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range doc.Segments() {
				want(translate.Body, s.Text)
			}
		}
	}
	return out, byKey
}

// remembered returns the units of the memory, in order.
func remembered(t *testing.T) (rows []translate.Row) {
	t.Helper()
	skipped, err := tmx.Read(demo.Memory(), arEn, tmx.Everyones, func(r translate.Row) error {
		rows = append(rows, r)
		return nil
	})
	if err != nil || skipped != 0 {
		t.Fatalf("%d units skipped, %v", skipped, err)
	}
	return rows
}

func TestMemoryIsThatOfTheSamples(t *testing.T) {
	list, byKey := texts(t)
	if len(list) < 100 {
		t.Fatalf("only %d texts in the samples", len(list))
	}
	have := map[translate.Key]bool{}
	var keys []translate.Key // of the rows that are used
	for _, r := range remembered(t) {
		switch {
		case have[r.Key]:
			t.Errorf("two units for this %s: %s", r.Role, r.Source)
		case byKey[r.Key].text == "":
			t.Errorf("no sample has this %s: %s", r.Role, r.Source)
		default:
			keys = append(keys, r.Key)
		}
		have[r.Key] = true
	}
	at := 0
	for _, w := range list {
		k := translate.KeyOf(arEn, w.role, w.text)
		if !have[k] {
			t.Errorf("%s has no translation: %s", w.where, w.text)
			continue
		}
		if at < len(keys) && keys[at] != k {
			t.Errorf("%s is not in its place: %s", w.where, w.text)
			at = len(keys) // one report is enough
		}
		at++
	}
}

func TestTranslationsAreSound(t *testing.T) {
	_, byKey := texts(t)
	for _, r := range remembered(t) {
		w, ok := byKey[r.Key]
		if !ok {
			continue // the other test tells
		}
		if err := segment.Verify(w.text, r.Target); err != nil {
			t.Errorf("%s: %v\n%s\n%s", w.where, err, w.text, r.Target)
		}
		for _, p := range check.Text(segment.Plaintext(w.text), segment.Plaintext(r.Target)) {
			if !p.Doubt {
				t.Errorf("%s: %s: %s\n%s\n%s", w.where, p.Check, p.Detail, w.text, r.Target)
			}
		}
		if arabic.Has(r.Target) { // none quotes any
			t.Errorf("%s: Arabic is left: %s", w.where, r.Target)
		}
		if r.At.IsZero() || !r.Human {
			t.Errorf("%s: made %v, by a person: %v", w.where, r.At, r.Human)
		}
	}
}
