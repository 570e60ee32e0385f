package tmx_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/tmx"
)

var arEn = translate.Pair{From: "ar", To: "en"}

func TestTMXRoundTrip(t *testing.T) {
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	var rows []translate.Row
	for _, r := range [][2]string{
		{"خبر عاجل", "Breaking news"},
		{`أطلقت <g1>OpenAI</g1> نموذجا<x2/>جديدا`, `<g1>OpenAI</g1> has launched a<x2/>new model`},
		{"السعر &lt; 5 &amp; أكثر", "The price is &lt; 5 &amp; more"},
	} {
		rows = append(rows, translate.Row{Key: translate.KeyOf(arEn, translate.Body, r[0]), Pair: arEn,
			Role: translate.Body, Source: r[0], Target: r[1],
			Engine: "google", Model: "nmt", Revision: "html-1", Glossary: "00ff", At: at})
	}
	var buf bytes.Buffer
	w, err := tmx.NewWriter(&buf, arEn)
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
	skipped, err := tmx.Read(&buf, arEn, tmx.Nobodys,
		func(r translate.Row) error { got = append(got, r); return nil })
	if err != nil || skipped != 0 || len(got) != len(rows) {
		t.Fatalf("%d rows, %d skipped, %v", len(got), skipped, err)
	}
	for i := range rows {
		if got[i] != rows[i] {
			t.Errorf("row %d came back as %+v, was %+v", i, got[i], rows[i])
		}
	}
}

// A memory survives writing and reading, except for failures, and for rows of people unless the
// operator vouches for them.
func TestTMXOfAMixedMemory(t *testing.T) {
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	row := func(source, target string, human bool) translate.Row {
		r := translate.Row{Key: translate.KeyOf(arEn, translate.Title, source), Pair: arEn, Role: translate.Title,
			Source: source, Target: target, Human: human, At: at}
		if r.Engine = "google"; human {
			r.Engine = translate.MemoryName
		}
		return r
	}
	rows := []translate.Row{row("خبر", "News", false), row("خبر", "", false), row("رأي", "Opinion", true)}
	other := row("خبر", "Nouvelle", false)
	other.Pair.To = "fr"
	var file bytes.Buffer
	w, err := tmx.NewWriter(&file, arEn)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range append(rows, other) {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for people, humans := range map[tmx.People]int{tmx.Nobodys: 0, tmx.AsSaid: 1,
		tmx.Everyones: 2} {
		var got []translate.Row
		skipped, err := tmx.Read(bytes.NewReader(file.Bytes()), arEn, people,
			func(r translate.Row) error { got = append(got, r); return nil })
		n := 0
		for _, r := range got {
			if r.Human {
				n++
			}
		}
		if err != nil || skipped != 0 || len(got) != 2 || n != humans {
			t.Errorf("people %d: %+v, %d skipped, %v", people, got, skipped, err)
		}
		if people == tmx.AsSaid && (got[0] != rows[0] || got[1] != rows[2]) {
			t.Errorf("%+v came back as %+v", rows, got)
		}
	}
}

func TestReadTMXStopsAtEndlessUnit(t *testing.T) {
	endless := io.MultiReader(strings.NewReader("<tmx><body><tu><note>"), repeat("لا نهاية "))
	skipped, err := tmx.Read(endless, arEn, tmx.Nobodys, func(translate.Row) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "a unit is over") || skipped != 0 {
		t.Errorf("%d skipped, %v", skipped, err)
	}
}

// repeat reads an endless text.
type repeat string

func (r repeat) Read(p []byte) (int, error) {
	n := copy(p, r)
	return n, nil
}

func TestReadTMXSkipsBrokenUnits(t *testing.T) {
	file := `<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY lol "lol">]><tmx version="1.4"><header/><body>
	<tu><tuv xml:lang="fr"><seg>bonjour</seg></tuv><tuv xml:lang="en"><seg>hello</seg></tuv></tu>
	<tu><tuv xml:lang="ar"><seg>خبر</seg></tuv><tuv xml:lang="en">
		<seg><bpt i="9" x="9"/>a code the source lacks<ept i="9"/></seg></tuv></tu>
	<tu><tuv xml:lang="ar-EG"><seg>خبر <hi>مهم</hi></seg></tuv><tuv xml:lang="en-GB">
		<seg>important news</seg></tuv></tu>
	</body></tmx>`
	var got []translate.Row
	skipped, err := tmx.Read(strings.NewReader(file), arEn, tmx.Everyones,
		func(r translate.Row) error { got = append(got, r); return nil })
	if err != nil || skipped != 2 || len(got) != 1 || got[0].Source != "خبر مهم" || !got[0].Human {
		t.Errorf("%+v, %d skipped, %v", got, skipped, err)
	}
}
