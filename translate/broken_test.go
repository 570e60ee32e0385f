package translate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest"
	"github.com/nashra/nashra/translate/segment"
)

// thirty returns a headline and a body of thirty paragraphs; the twentieth holds the word Poison.
func thirty() []translate.Passage {
	var html strings.Builder
	for i := range 30 {
		word := "الشركة"
		if i == 20 {
			word = enginetest.Poison
		}
		fmt.Fprintf(&html, "<p>قالت %s إن الهاتف رقم %d متاح اليوم في السوق.</p>", word, 100+i)
	}
	return append(body(html.String()),
		translate.Passage{Article: "a", Role: translate.Title, Text: "هاتف جديد في السوق"})
}

// brisk has no pace.
type brisk struct{ translate.Engine }

func (e brisk) Limits() translate.Limits {
	lim := e.Engine.Limits()
	lim.PerSecond, lim.PerMinute = 0, 0
	return lim
}

// Whatever a service fails with, a pass ends after few calls with a line that names engine and failure,
// the next engine translates everything, and the next process makes at most one call.
func TestBrokenServiceCostsFewCalls(t *testing.T) {
	for _, broken := range enginetest.Breaks() {
		t.Run(broken.Name, func(t *testing.T) {
			t.Parallel()
			for name, v := range vendors {
				f := v.fake(t)
				f.Fault(0, broken.Fault)
				st := &memory{rows: map[translate.Key][]translate.Row{}}
				pass := func(next ...translate.Engine) ([]translate.Passage, translate.Report) {
					out, rep, err := translate.New(st, translate.Options{Sleep: noSleep,
						Titles: append([]translate.Engine{brisk{v.engine(t, f)}}, next...)}).Translate(t.Context(),
						arEn,
						thirty())
					if err != nil {
						t.Fatal(err)
					}
					return out, rep
				}
				_, rep := pass()
				if calls := len(f.Requests()); calls > 16 || len(rep.Failures) == 0 ||
					!strings.HasPrefix(rep.Failures[0].Error(), "engine e: ") {
					t.Errorf("%s: %d calls, %v", name, calls, rep.Failures)
				}
				if !strings.Contains(fmt.Sprint(rep.Failures), string(broken.Kind)) {
					t.Errorf("%s: no word of %q: %v", name, broken.Kind, rep.Failures)
				}
				if len(st.troubles) == 0 || st.troubles[0].Engine != "e" || st.troubles[0].Cause == "" ||
					st.troubles[0].Todo() == "" || st.troubles[0].Count == 0 || st.troubles[0].Since.IsZero() {
					t.Errorf("%s: the operator is told %+v", name, st.troubles)
				}
				before := len(f.Requests())
				out, _ := pass(paid("next", echo))
				if calls := len(f.Requests()) - before; calls > 1 || !whole(out) {
					t.Errorf("%s: %d calls in the next pass; whole: %v", name, calls, whole(out))
				}
			}
		})
	}
}

// A text that a service cannot take waits alone: the other texts are bought once, and the next pass
// makes no call.
func TestPoisonTextIsSetAside(t *testing.T) {
	for _, broken := range enginetest.Poisons() {
		t.Run(broken.Name, func(t *testing.T) {
			t.Parallel()
			for name, v := range vendors {
				f := v.fake(t)
				f.Fault(0, broken.Fault)
				st := &memory{rows: map[translate.Key][]translate.Row{}}
				now := time.Now()
				pass := func() (int, int, translate.Report) {
					before := len(f.Requests())
					out, rep, err := translate.New(st, translate.Options{Sleep: noSleep,
						Now:    func() time.Time { return now },
						Titles: []translate.Engine{brisk{v.engine(t, f)}}}).Translate(t.Context(), arEn, thirty())
					if err != nil {
						t.Fatal(err)
					}
					return len(f.Requests()) - before, out[0].Missing + out[1].Missing, rep
				}
				calls, missing, rep := pass()
				if calls > 20 || missing != 1 || len(rep.Failures) != 1 || rep.Failures[0].Texts != 1 ||
					rep.Failures[0].Kind != broken.Kind {
					t.Errorf("%s: %d calls, %d missing: %v", name, calls, missing, rep.Failures)
				}
				if calls, missing, _ := pass(); calls != 0 || missing != 1 {
					t.Errorf("%s: %d calls in the next pass, %d missing", name, calls, missing)
				}
				now = now.Add(15 * time.Minute)
				if calls, missing, _ := pass(); calls == 0 || calls > 5 || missing != 1 {
					t.Errorf("%s: %d calls after a quarter of an hour, %d missing", name, calls, missing)
				}
				f.Fault(0, enginetest.Fault{})
				now = now.Add(time.Hour)
				if _, missing, _ := pass(); missing != 0 {
					t.Errorf("%s: %d missing once the service takes the text", name, missing)
				}
			}
		})
	}
}

// An answer that was none is asked for again after growing pauses, of free engines sooner.
func TestPausesAfterNoAnswerGrow(t *testing.T) {
	for free, pauses := range map[bool][]time.Duration{
		false: {15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 24 * time.Hour},
		true:  {time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, time.Hour},
	} {
		e := paid("mt", func(n int, r translate.Request) (translate.Response, error) {
			res, err := echo(n, r)
			for i, s := range r.Segments {
				if strings.Contains(s, "سم") {
					res.Texts[i] = ""
				}
			}
			return res, err
		})
		e.limits.Free = free
		now, st := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), open(t)
		calls := func() int {
			before := len(e.calls)
			one(t, translate.New(st, translate.Options{Titles: []translate.Engine{e}, Sleep: noSleep,
				Now: func() time.Time { return now }}), paragraphs(3, 1))
			return len(e.calls) - before
		}
		if n := calls(); n != 1 {
			t.Fatalf("%d calls", n)
		}
		for i, pause := range pauses {
			now = now.Add(pause - time.Second)
			if n := calls(); n != 0 {
				t.Errorf("free %v: asked again before pause %d has ended", free, i+1)
			}
			now = now.Add(time.Second)
			if n := calls(); n != 1 {
				t.Errorf("free %v: %d calls after pause %d", free, n, i+1)
			}
		}
	}
}

// Texts that always come back joined into one get calls of their own from the second time on, also in
// the next process.
func TestJoinedTextsAreLearnt(t *testing.T) {
	e := paid("mt", func(n int, r translate.Request) (translate.Response, error) {
		if len(r.Segments) > 1 {
			return translate.Response{}, &translate.Error{Kind: translate.Miscounted, Engine: "mt", Billed: true}
		}
		return echo(n, r)
	})
	e.limits.Segments = 10
	st := open(t)
	for pass, want := range []int{2 + 30, 40} {
		before := len(e.calls)
		got, rep := one(t, translate.New(st, translate.Options{Titles: []translate.Engine{e}, Sleep: noSleep}),
			paragraphs(30+40*pass, -1))
		if n := len(e.calls) - before; got.Missing != 0 || n != want {
			t.Errorf("pass %d: %d calls, want %d; %d missing: %v", pass, n, want, got.Missing, rep.Failures)
		}
	}
}

// What a process knows of an engine's failures, the next one tells; the engine's first answer ends
// them.
func TestTroublesOutliveTheProcess(t *testing.T) {
	now, st := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), open(t)
	down := true
	e := paid("mt", func(n int, r translate.Request) (translate.Response, error) {
		if down {
			return translate.Response{}, &translate.Error{Kind: translate.Auth, Engine: "mt", Status: 403}
		}
		return echo(n, r)
	})
	pass := func() []translate.Trouble {
		e.calls = nil
		one(t, translate.New(st, translate.Options{Titles: []translate.Engine{e}, Sleep: noSleep,
			Now: func() time.Time { return now }}), paragraphs(9, -1))
		list, err := st.Troubles(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	began := now
	for i := range 3 {
		list := pass()
		want := translate.Trouble{Engine: "mt", Kind: translate.Auth, Cause: "auth (status 403)", Left: true,
			Count: i + 1, Since: began, Last: now}
		if len(list) != 1 || list[0] != want || !strings.Contains(list[0].Todo(), "check its key") {
			t.Errorf("pass %d: %+v, want %+v", i, list, want)
		}
		if i > 0 && (len(e.calls) != 1 || len(e.calls[0].Segments) != 1) {
			t.Errorf("pass %d: a doubtful engine got %d calls", i, len(e.calls))
		}
		now = now.Add(time.Hour)
	}
	down = false
	if list := pass(); len(list) != 0 || len(e.calls) != 3 {
		t.Errorf("after an answer: %+v, %d calls", list, len(e.calls))
	}
}

// Answers with control characters are cleaned and told of.
func TestControlCharactersAreToldOf(t *testing.T) {
	e := paid("mt", func(n int, r translate.Request) (translate.Response, error) {
		res, err := echo(n, r)
		for i := range res.Texts {
			res.Texts[i] = strings.ReplaceAll(res.Texts[i], " ", "\x07 ")
		}
		return res, err
	})
	e.limits.Codec = segment.HTML
	got, rep := one(t, translator(t, translate.Options{Titles: []translate.Engine{e}}), paragraphs(2, -1))
	if got.Missing != 0 || strings.Contains(got.Text, "\x07") || len(rep.Failures) != 1 ||
		!strings.Contains(rep.Failures[0].Error(), "control characters, removed, texts: 2") {
		t.Errorf("%d missing, %v: %q", got.Missing, rep.Failures, got.Text)
	}
}

// A text at which a service always breaks down holds up the others of its call for some passes, but not
// for good.
func TestTextThatBreaksTheServiceIsIsolated(t *testing.T) {
	e := paid("mt", func(n int, r translate.Request) (translate.Response, error) {
		if holds(r, "سم") {
			return translate.Response{}, &translate.Error{Kind: translate.Transient, Engine: "mt", Status: 502,
				Billed: true}
		}
		return echo(n, r)
	})
	e.limits.Segments = 10
	now, st, missing := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), open(t), 0
	for range 6 {
		got, _ := one(t, translate.New(st, translate.Options{Titles: []translate.Engine{e}, Sleep: noSleep,
			Now: func() time.Time { return now }}), paragraphs(30, 3))
		now, missing = now.Add(time.Hour), got.Missing
	}
	if missing != 1 || len(e.calls) > 60 {
		t.Errorf("%d missing after six passes and %d calls", missing, len(e.calls))
	}
}
