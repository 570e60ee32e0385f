package translate_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
)

func TestTMXRoundTrip(t *testing.T) {
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	var rows []translate.Row
	for _, r := range [][2]string{
		{"خبر عاجل", "Breaking news"},
		{`أطلقت <g1>OpenAI</g1> نموذجا<x2/>جديدا`, `<g1>OpenAI</g1> has launched a<x2/>new model`},
		{"السعر &lt; 5 &amp; أكثر", "The price is &lt; 5 &amp; more"},
	} {
		rows = append(rows, translate.Row{Key: translate.KeyOf(arEn, translate.Body, r[0]), Pair: arEn, Role: translate.Body, Source: r[0], Target: r[1],
			Engine: "google", Model: "nmt", Glossary: "00ff", At: at})
	}
	var buf bytes.Buffer
	w, err := translate.NewTMXWriter(&buf, arEn)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var got []translate.Row
	skipped, err := translate.ReadTMX(&buf, arEn, false, func(r translate.Row) error { got = append(got, r); return nil })
	if err != nil || skipped != 0 || len(got) != len(rows) {
		t.Fatalf("%d rows, %d skipped, %v", len(got), skipped, err)
	}
	for i := range rows {
		if got[i] != rows[i] {
			t.Errorf("row %d came back as %+v, was %+v", i, got[i], rows[i])
		}
	}
}

func TestReadTMXSkipsWhatMakesNoSense(t *testing.T) {
	file := `<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY lol "lol">]><tmx version="1.4"><header/><body>
	<tu><tuv xml:lang="fr"><seg>bonjour</seg></tuv><tuv xml:lang="en"><seg>hello</seg></tuv></tu>
	<tu><tuv xml:lang="ar"><seg>خبر</seg></tuv><tuv xml:lang="en"><seg><bpt i="9" x="9"/>a code the source lacks<ept i="9"/></seg></tuv></tu>
	<tu><tuv xml:lang="ar-EG"><seg>خبر <hi>مهم</hi></seg></tuv><tuv xml:lang="en-GB"><seg>important news</seg></tuv></tu>
	</body></tmx>`
	var got []translate.Row
	skipped, err := translate.ReadTMX(strings.NewReader(file), arEn, true, func(r translate.Row) error { got = append(got, r); return nil })
	if err != nil || skipped != 2 || len(got) != 1 || got[0].Source != "خبر مهم" || !got[0].Human {
		t.Errorf("%+v, %d skipped, %v", got, skipped, err)
	}
}

func TestGlossaryNames(t *testing.T) {
	g, err := translate.Glossary{}.With(strings.NewReader("جوجل\tGoogle\talso غوغل، قوقل\nإيلون ماسك\tElon Musk\nهاتف\tphone\nبطاقة SIM\tSIM card\nزين\tZain\tonly the company"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"Google": {"جوجل", "غوغل", "قوقل"}, "Elon Musk": {"إيلون ماسك"}}
	if got := g.Names(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestGlossaryTerms(t *testing.T) {
	g, err := translate.BuiltinGlossary()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"": "",
		"خسر سهم إنفيديا وانفيديا":    "Nvidia",
		"متجر آبل آب ستور":            "Apple's App Store",
		"والذكاء الاصطناعي في واتساب": "artificial intelligence",
		"كان الكرم كريما":             "",
		"أطلقت غوغل نموذجا":           "Google",
	} {
		terms := g.Terms(text)
		var found bool
		for _, x := range terms {
			found = found || x.To == want
		}
		if want != "" && !found || want == "" && len(terms) > 0 {
			t.Errorf("Terms(%q) = %v, want %q", text, terms, want)
		}
	}
}
