package deepl

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest"
	"github.com/nashra/nashra/translate/segment"
)

func TestDeepL(t *testing.T) {
	enginetest.Run(t, enginetest.NewDeepL, func(_ *testing.T, f *enginetest.Fake) translate.Engine {
		return New(translate.Settings{Name: "deepl", URL: f.URL, Key: f.Key}, f.Client())
	})
}

func TestMTranServer(t *testing.T) {
	enginetest.Run(t, enginetest.NewMTranServer, func(_ *testing.T, f *enginetest.Fake) translate.Engine {
		return New(translate.Settings{Name: "mtran", URL: f.URL + "/deepl", Key: f.Key}, f.Client())
	})
}

func TestAddress(t *testing.T) {
	for _, c := range []struct {
		cfg     translate.Settings
		address string
		own     bool
	}{
		{translate.Settings{Key: "k"}, "https://api.deepl.com/v2/translate", false},
		{translate.Settings{Key: "k:fx"}, "https://api-free.deepl.com/v2/translate", false},
		{translate.Settings{URL: "https://deepl.example", Key: "k"}, "https://deepl.example/v2/translate", false},
		{translate.Settings{URL: "http://127.0.0.1:8989/deepl"}, "http://127.0.0.1:8989/deepl", true},
		{translate.Settings{URL: "http://127.0.0.1:8989/", Dialect: "mtranserver"}, "http://127.0.0.1:8989/deepl",
			true},
		{translate.Settings{URL: "https://proxy.example/deepl", Dialect: "deepl"}, "https://proxy.example/deepl",
			false},
	} {
		if e := New(c.cfg, http.DefaultClient); e.address != c.address || e.own != c.own || e.Limits().Free != c.own {
			t.Errorf("%+v: %s, own %v", c.cfg, e.address, e.own)
		}
	}
}

// Markup characters in the source are escaped once, in the texts and in the context.
func TestCallWithCodesIsXML(t *testing.T) {
	f := enginetest.NewDeepL(t)
	e := New(translate.Settings{Name: "deepl", URL: f.URL, Key: f.Key, Model: "quality_optimized"}, f.Client())
	const source = "أطلقت <g1>شركة &lt;b&gt;</g1> &amp; <x2/> نموذجا"
	res, err := e.Translate(t.Context(), translate.Request{Pair: translate.Pair{From: "ar-SA", To: "en"},
		Codec:    translate.XML,
		Segments: []string{segment.Encode(source, segment.XML)}, Context: "عنوان <b> & \x01 آخر"})
	if err != nil {
		t.Fatal(err)
	}
	if got := segment.Decode(res.Texts[0], segment.XML); segment.Verify(source, got) != nil ||
		!strings.Contains(got, "&lt;b&gt;</g1> &amp; <x2/>") {
		t.Errorf("%q", got)
	}
	if want := int64(len([]rune(segment.Plaintext(source)))); res.Billed.Chars != want ||
		res.Model != "quality_optimized" {
		t.Errorf("billed %d of %d, model %s", res.Billed.Chars, want, res.Model)
	}
	var q request
	if err := json.Unmarshal(f.Requests()[0].Body, &q); err != nil {
		t.Fatal(err)
	}
	if q.TagHandling != "xml" || q.TagVersion != "v2" || q.Outline == nil || *q.Outline || q.Source != "AR" ||
		q.Target != "EN-US" {
		t.Errorf("%+v", q)
	}
	if q.Context != "<t>عنوان &lt;b&gt; &amp; \uFFFD آخر</t>" {
		t.Errorf("context %q", q.Context)
	}
}

func TestGlossaryIsSentAndPartOfTheIdentity(t *testing.T) {
	f := enginetest.NewDeepL(t)
	e := New(translate.Settings{Name: "deepl", URL: f.URL, Key: f.Key, Glossary: "abc-123"}, f.Client())
	if _, err := e.Translate(t.Context(), translate.Request{Pair: translate.Pair{From: "ar", To: "en"},
		Segments: []string{"خبر"}}); err != nil {
		t.Fatal(err)
	}
	if body := string(f.Requests()[0].Body); !strings.Contains(body, `"glossary_id":"abc-123"`) {
		t.Errorf("%s", body)
	}
	if id := e.ID(); id.Revision != "xml-1, glossary abc-123" {
		t.Errorf("%+v", id)
	}
}
