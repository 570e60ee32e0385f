package translate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/translate"
)

// paragraphs returns n paragraphs, one of which holds the word سم.
func paragraphs(n, poison int) []translate.Passage {
	var html strings.Builder
	for i := range n {
		word := "خبر"
		if i == poison {
			word = "سم"
		}
		fmt.Fprintf(&html, "<p>هذا %s رقم %d هنا.</p>", word, 100+i)
	}
	return body(html.String())
}

func holds(r translate.Request, word string) bool {
	return slices.ContainsFunc(r.Segments, func(s string) bool { return strings.Contains(s, word) })
}

// The next engine translates what one engine fails on or refuses; everything else is bought once.
func TestBadSegmentDoesNotSpoilItsCall(t *testing.T) {
	for kind, most := range map[translate.Kind]int{translate.Refused: 15, translate.Malformed: 22,
		translate.Truncated: 15} {
		t.Run(string(kind), func(t *testing.T) {
			first := paid("first", func(n int, r translate.Request) (translate.Response, error) {
				if holds(r, "سم") {
					return translate.Response{}, &translate.Error{Kind: kind, Engine: "first"}
				}
				return echo(n, r)
			})
			first.limits.Segments, first.limits.Size = 50, 10_000
			second := paid("second", echo)
			for _, poison := range []int{0, 17, 49} {
				first.calls, second.calls = nil, nil
				got, rep := one(t, translator(t, translate.Options{Titles: []translate.Engine{first, second}}),
					paragraphs(50, poison))
				if got.Missing != 0 || got.Engine != "first" || len(second.calls) != 1 ||
					len(second.calls[0].Segments) != 1 {
					t.Errorf("%d missing, by %s; the second was asked %d times: %v", got.Missing, got.Engine,
						len(second.calls), rep.Failures)
				}
				if len(first.calls) > most {
					t.Errorf("%d calls to isolate one segment of 50", len(first.calls))
				}
			}
		})
	}
}

// An engine whose answers are never usable is soon left alone.
func TestUnusableAnswersStopCalls(t *testing.T) {
	for name, answer := range map[string]func(int, translate.Request) (translate.Response, error){
		"an echo": func(_ int, r translate.Request) (translate.Response, error) {
			return translate.Response{Texts: r.Segments}, nil
		},
		"no JSON": func(int, translate.Request) (translate.Response, error) {
			return translate.Response{}, &translate.Error{Kind: translate.Malformed, Engine: "first", Billed: true}
		},
		"blanks": func(_ int, r translate.Request) (translate.Response, error) {
			return translate.Response{Texts: make([]string, len(r.Segments))}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := paid("first", answer), paid("second", echo)
			got, rep := one(t, translator(t, translate.Options{Titles: []translate.Engine{first, second}}),
				paragraphs(400, -1))
			if got.Missing != 0 || got.Engine != "second" || len(first.calls) > 20 {
				t.Errorf("%d calls, %d missing by %s", len(first.calls), got.Missing, got.Engine)
			}
			if len(rep.Failures) == 0 || !strings.Contains(fmt.Sprint(rep.Failures), "engine first: malformed") {
				t.Errorf("the operator is told %v", rep.Failures)
			}
		})
	}
}

// Headlines that a check refuses, many in a row, do not make an engine rest: it still gets the bodies,
// and the next engine is not paid for them.
func TestRefusedHeadlinesDoNotStopAnEngine(t *testing.T) {
	for _, varies := range []bool{false, true} {
		first := paid("first", func(n int, r translate.Request) (translate.Response, error) {
			res, err := echo(n, r)
			if r.Role == translate.Title {
				for i := range res.Texts {
					res.Texts[i] += " خبر عاجل"
				}
			}
			return res, err
		})
		first.limits.Segments, first.limits.Varies = 1, varies
		second := paid("second", echo)
		var in []translate.Passage
		for i := range 60 {
			in = append(in, translate.Passage{Article: fmt.Sprint(i), Role: translate.Title,
				Text: fmt.Sprintf("خبر عاجل عن شركة كبيرة %d", 1000+i)})
		}
		got, rep := one(t, translator(t, translate.Options{Titles: []translate.Engine{first},
			Bodies: []translate.Engine{first, second}}), append(paragraphs(30, -1), in...))
		if got.Missing != 0 || got.Engine != "first" || len(second.calls) != 0 ||
			fmt.Sprint(rep.Failures) != "[engine first: withheld residue, texts: 60; the next engine gets the text, "+
				"or it stays in the original, marked]" {
			t.Errorf("%d missing by %s, the second engine got %d calls: %v", got.Missing, got.Engine, len(second.calls),
				rep.Failures)
		}
	}
}

// A headline that failed alone is asked for again with the opening of its text, once, and only from
// engines that read it.
func TestFailedHeadlineIsAskedForWithItsText(t *testing.T) {
	const source, right = "خبر عاجل عن الشركة الكبيرة رقم 1000", "Breaking news about big company number 1000"
	around := []translate.Previous{{Source: "نص الخبر", Target: "The text of the news"}}
	for _, reads := range []bool{true, false} {
		for _, helps := range []bool{true, false} {
			e := paid("mt", func(_ int, r translate.Request) (translate.Response, error) {
				if text := "Breaking news about big company number 99"; !helps || len(r.Previous) == 0 {
					return translate.Response{Texts: []string{text}}, nil
				}
				if len(r.Segments) > 1 || r.Context != "" || r.Previous[0] != around[0] {
					t.Errorf("%+v", r)
				}
				return translate.Response{Texts: []string{right}}, nil
			})
			e.limits.Context = reads
			tr := translator(t, translate.Options{Titles: []translate.Engine{e}})
			in := []translate.Passage{{Article: "a", Role: translate.Title, Text: source}}
			if got, _ := one(t, tr, in); got.Missing != 1 || len(e.calls) != 1 {
				t.Errorf("alone: %+v, %d calls", got, len(e.calls))
			}
			in[0].Opening = around
			for range 2 {
				got, rep := one(t, tr, in)
				want := 1
				if reads {
					want = 2
				}
				if len(e.calls) != want || (got.Text == right) != (reads && helps) || len(rep.Failures) > 0 {
					t.Errorf("reads %v, helps %v: %+v, %d calls", reads, helps, got, len(e.calls))
				}
			}
		}
	}
}

// A segment that is too long for the service is cut at a sentence and joined again, with its codes.
func TestTooLongSegmentIsCutAtASentence(t *testing.T) {
	const limit = 120
	e := paid("mt", func(n int, r translate.Request) (translate.Response, error) {
		for _, s := range r.Segments {
			if utf8.RuneCountInString(s) > limit {
				return translate.Response{}, &translate.Error{Kind: translate.TooLarge, Engine: "mt"}
			}
		}
		return echo(n, r)
	})
	e.limits.Size = 100_000
	text := "<p>"
	for i := range 12 {
		word := strings.Repeat("نبأ", 1+i)
		text += fmt.Sprintf(`%s <a href="https://a.example/%d">الشركة</a> %s بلغ %d. `, word, i, word, 1000+i)
	}
	tr := translator(t, translate.Options{Titles: []translate.Engine{e}})
	got, rep := one(t, tr, body(text+"</p>"))
	if got.Missing != 0 || rep.Bought != 1 || strings.Count(got.Text, "<p") != 1 {
		t.Fatalf("%d missing, %+v: %s", got.Missing, rep, got.Text)
	}
	at := 0
	for i := range 12 {
		next := strings.Index(got.Text[at:], fmt.Sprintf(`https://a.example/%d"`, i))
		if next < 0 || !strings.Contains(got.Text[at:], fmt.Sprint(1000+i)) {
			t.Fatalf("sentence %d is not in its place: %s", i, got.Text)
		}
		at += next
	}
	calls := len(e.calls)
	if _, rep := one(t, tr, body(text+"</p>")); rep.Hits != 1 || len(e.calls) != calls {
		t.Errorf("bought again: %+v", rep)
	}
}

// An edited paragraph goes out with its headline and the text before it, but its key is its own.
func TestEditedParagraphIsSentWithContext(t *testing.T) {
	e := paid("llm", echo)
	e.limits.Context, e.limits.Mixed = true, false
	tr := translator(t, translate.Options{Titles: []translate.Engine{e}})
	long := strings.Repeat("كلمة ", 200)
	article := func(last string) []translate.Passage {
		return []translate.Passage{
			{Article: "a", Headline: "عنوان المقال", Role: translate.Title, Text: "عنوان المقال"},
			{Article: "a", Headline: "عنوان المقال", Role: translate.Body,
				Text: "<p>بعيد جدا</p><p>فقرة <b>أولى</b></p><p>" + long + "</p><p>فقرة ثانية</p><p>" + last + "</p>"},
		}
	}
	one(t, tr, article("التفاصيل"))
	if title := e.calls[0]; title.Role != translate.Title || title.Context != "" || title.Previous != nil {
		t.Errorf("a headline is no context of its own: %+v", title)
	}
	before := len(e.calls)
	if _, rep := one(t, tr, article("تفاصيل")); rep.Bought != 1 || len(e.calls) != before+1 {
		t.Fatalf("%+v", rep)
	}
	got := e.calls[before]
	want := []translate.Previous{{Source: "فقرة أولى", Target: latin("فقرة أولى")},
		{Source: "فقرة ثانية", Target: latin("فقرة ثانية")}}
	if got.Context != "عنوان المقال" || !slices.Equal(got.Previous, want) {
		t.Errorf("sent with the headline %q and %q", got.Context, got.Previous)
	}
	if _, rep := one(t, tr,
		[]translate.Passage{{Article: "b", Headline: "آخر", Role: translate.Body,
			Text: "<p>نص جديد هنا</p><p>التفاصيل</p>"}}); rep.Bought != 1 || rep.Hits != 1 {
		t.Errorf("a short segment was bought again in other surroundings: %+v", rep)
	}
}

// An engine that never answers costs two of its timeouts, not five. Then the next engine is asked.
func TestHangingEngineCostsTwoTimeouts(t *testing.T) {
	first, second := paid("first", nil), paid("second", echo)
	first.limits.Timeout = 50 * time.Millisecond
	began := time.Now()
	tr := translator(t, translate.Options{Titles: []translate.Engine{hanging{first}, second}})
	got, rep := one(t, tr, paragraphs(3, -1))
	if got.Missing != 0 || got.Engine != "second" || rep.Calls > 5 {
		t.Errorf("%d missing by %s after %d calls", got.Missing, got.Engine, rep.Calls)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if rep.Cost.Chars <= int64(second.billed()) {
		t.Errorf("%d characters in the report: what may have been billed is not counted", rep.Cost.Chars)
	}
}

type hanging struct{ *engine }

func (h hanging) Translate(ctx context.Context, _ translate.Request) (translate.Response, error) {
	<-ctx.Done()
	return translate.Response{}, &translate.Error{Kind: translate.Transient, Engine: h.name, Billed: true,
		Err: ctx.Err()}
}

// A spent quota or a refused key stops calls for an hour.
func TestSpentQuotaStopsCallsForAnHour(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	first := paid("first", func(n int, r translate.Request) (translate.Response, error) {
		if n == 1 {
			return translate.Response{}, &translate.Error{Kind: translate.Quota, Engine: "first", Status: 456}
		}
		return echo(n, r)
	})
	second := paid("second", echo)
	tr := translator(t, translate.Options{Titles: []translate.Engine{first, second},
		Now: func() time.Time { return now }})
	for i := range 3 {
		got, rep := one(t, tr, paragraphs(2+i, -1)[:1])
		if got.Engine != "second" || len(first.calls) != 1 {
			t.Errorf("pass %d: by %s, %d calls", i, got.Engine, len(first.calls))
		}
		if len(rep.Failures) > 0 && translate.KindOf(rep.Failures[0]) != translate.Quota {
			t.Errorf("pass %d says %v", i, rep.Failures)
		}
	}
	now = now.Add(time.Hour)
	if got, _ := one(t, tr, body("<p>نص جديد تماما.</p>")); got.Engine != "first" {
		t.Errorf("an hour later: by %s", got.Engine)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	for kind, want := range map[translate.Kind]string{
		translate.Auth:        "check its key",
		translate.Quota:       "vendor's allowance",
		translate.Unsupported: "check its model, url and languages",
	} {
		err := &translate.Error{Kind: kind, Engine: "deepl", Status: 400, Code: "x", Err: errors.New("cause")}
		if s := err.Error(); !strings.HasPrefix(s, "engine deepl: "+string(kind)+" (status 400) x: cause") ||
			!strings.Contains(s, want) {
			t.Error(s)
		}
	}
}
