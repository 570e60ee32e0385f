package aggregator_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

const sdaiaText = "أعلنت سدايا عن مشروع جديد للذكاء الاصطناعي في الرياض يبدأ العمل به مطلع العام المقبل بالتعاون مع " +
	"جامعات سعودية عدة."

func glossary(t testing.TB, lines string) translate.Glossary {
	t.Helper()
	g, err := translate.Glossary{}.With(strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func twoStories() map[string]string {
	return map[string]string{"/one": rss(article("1", "سدايا تعلن مشروعا جديدا", sdaiaText, secondText),
		article("2", "هواوي تكشف هاتفا بثلاث شاشات", otherText, lastText))}
}

func runes(s string) int { return len([]rune(s)) }

// A glossary edit buys only the segments with the term again, and shows the old text until then.
func TestAGlossaryEditBuysItsSegmentsOnly(t *testing.T) {
	r := newRig(t, twoStories())
	var log bytes.Buffer
	r.opt.Log = slog.New(slog.NewTextHandler(&log, nil))
	r.pass(t)
	for _, s := range shownStories(t, r) {
		if want := "msg=translated story=" + s.ID +
			" part=body state=done engine=mt"; !strings.Contains(log.String(), want) {
			t.Errorf("the log does not tell of %s:\n%s", s.ID, log.String())
		}
	}
	paid, before := r.chars, r.files(t)["feed.json"]
	r.glossary = glossary(t, "سدايا\tSDAIA\nلا توجد\tNowhere")
	r.time = noon.Add(time.Hour)
	want := runes(strings.Replace(sdaiaText, "سدايا", "SDAIA", 1)) + runes("SDAIA تعلن مشروعا جديدا")

	r.broken = true
	if est, err := r.over(r.st).Estimate(t.Context()); err != nil || est.Cost.Chars != int64(want) {
		t.Errorf("the estimate is %d characters, the two segments have %d; %v", est.Cost.Chars, want, err)
	}
	rep := r.pass(t)
	if r.chars != paid || rep.Published.Waiting != 0 || r.files(t)["feed.json"] != before {
		t.Errorf("with the engine down the old text does not stand: %+v", rep.Published)
	}
	r.broken = false
	rep = r.pass(t)
	if got := r.chars - paid; got != want || rep.Translated.Stories == 0 {
		t.Errorf("%d characters were bought, the two segments that hold the term have %d", got, want)
	}
	if en := r.files(t)["feed.en.json"]; !strings.Contains(en, "SDAIA") {
		t.Errorf("%s", en)
	}
	for _, s := range shownStories(t, r) {
		if other := s.Title == "هواوي تكشف هاتفا بثلاث شاشات"; other != s.Updated.Equal(noon) {
			t.Errorf("story %q was last changed at %v", s.Title, s.Updated)
		}
	}
	if rep := r.pass(t); rep.Translated.Segments != 0 {
		t.Errorf("there is nothing left to look at: %+v", rep.Translated)
	}
}

// Stories beyond the channel's limit are left alone.
func TestAGlossaryEditStopsAtTheChannelsLimit(t *testing.T) {
	r := newRig(t, twoStories())
	r.pass(t)
	paid := r.chars
	r.opt.Channels[0].Limit = 1
	shown := shownStories(t, r)[0].Title
	r.glossary = glossary(t, map[bool]string{true: "هواوي",
		false: "سدايا"}[strings.HasPrefix(shown, "سدايا")]+"\tBrand")
	if r.pass(t); r.chars != paid {
		t.Errorf("%d characters were bought for a story that no channel shows", r.chars-paid)
	}
}

func shownStories(t testing.TB, r *rig) []feeds.Story {
	t.Helper()
	list, err := r.st.Stories(t.Context(), feeds.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestNeitherAnotherEngineNorAnotherModelBuysAgain(t *testing.T) {
	r := newRig(t, twoStories())
	r.pass(t)
	paid, files := r.chars, r.files(t)
	r.model, r.time = "m2", noon.Add(time.Hour)
	if rep := r.pass(t); r.chars != paid || rep.Translated.Segments != 0 || len(rep.Published.Written) != 0 ||
		r.files(t)["feed.json"] != files["feed.json"] {
		t.Errorf("%+v", rep)
	}
}

func TestRetranslate(t *testing.T) {
	r := newRig(t, twoStories())
	r.pass(t)
	s, paid := shownStories(t, r)[0], r.chars
	a := r.over(r.st)
	r.broken = true
	if res, err := a.Retranslate(t.Context(), s.ID, ""); err != nil || res.Bought != 0 || len(res.Failures) == 0 ||
		shownStories(t, r)[0].Translation != s.Translation {
		t.Errorf("a failed purchase must leave the old translation: %+v, %v", res, err)
	}
	r.broken, r.shift = false, 1
	res, err := a.Retranslate(t.Context(), s.ID, "mt")
	if err != nil || res.Bought != 3 || r.chars == paid {
		t.Fatalf("%+v, %v", res, err)
	}
	again := shownStories(t, r)[0]
	if again.Translation.Title == s.Translation.Title || again.Translation.Body == s.Translation.Body ||
		again.Translation.State != feeds.Done {
		t.Errorf("%+v", again.Translation)
	}
	paid = r.chars
	if rep := r.pass(t); r.chars != paid || rep.Translated.Segments != 0 || len(rep.Published.Written) == 0 {
		t.Errorf("the new translation is to be published, and not paid for once more: %+v", rep.Published)
	}
	for _, bad := range [][2]string{{"0000000000000000", ""}, {s.ID, "nobody"}} {
		if _, err := a.Retranslate(t.Context(), bad[0], bad[1]); err == nil {
			t.Errorf("retranslate %v: no error", bad)
		}
	}
}

// What the budget leaves untranslated is shown in Arabic or held back, as on_budget says; raising
// the budget shows all.
func TestOnBudget(t *testing.T) {
	title1, title2 := runes("سدايا تعلن مشروعا جديدا"), runes("هواوي تكشف هاتفا بثلاث شاشات")
	for _, c := range []struct {
		on      string
		chars   int
		stories int // published
		waiting int
	}{
		{"original", 1, 2, 2},
		{"original", (title1+title2)*5/4 + 1, 2, 2},
		{"titles", 1, 0, 0},
		{"titles", max(title1, title2), 1, 1},
		{"titles", (title1 + title2) * 5 / 4, 2, 2},
		{"hold", (title1 + title2) * 5 / 4, 0, 0},
	} {
		r := newRig(t, twoStories())
		r.opt.OnBudget = c.on
		r.limits = []translate.Limit{{Day: true, Chars: int64(c.chars)}}
		rep := r.pass(t)
		if rep.Published.Stories != c.stories || rep.Published.Waiting != c.waiting || r.chars > c.chars {
			t.Errorf("%s, %d characters: %d stories are published, %d wait, %d characters were spent", c.on, c.chars,
				rep.Published.Stories, rep.Published.Waiting, r.chars)
		}
		r.limits, r.time = nil, noon.Add(time.Hour)
		if rep := r.pass(t); rep.Published.Stories != 2 || rep.Published.Waiting != 0 {
			t.Errorf("%s, %d characters: with the budget raised: %+v", c.on, c.chars, rep.Published)
		}
	}
}

// A story that readers have seen stays while its edit waits, and held stories push none out of the
// channel.
func TestHoldingBackWithdrawsNothing(t *testing.T) {
	r := newRig(t, map[string]string{"/one": rss(article("2", "هواوي تكشف هاتفا بثلاث شاشات", otherText, lastText))})
	r.opt.OnBudget, r.opt.Channels[0].Limit = "hold", 1
	r.pass(t)
	ids := func() int { return strings.Count(r.files(t)["feed.atom"], "<entry") }
	if ids() != 1 {
		t.Fatal("nothing is published")
	}
	r.limits = []translate.Limit{{Chars: 1}}
	r.pages["/one"], r.time = rss(article("3", "سدايا تعلن مشروعا جديدا", sdaiaText, secondText),
		article("2", "هواوي تكشف هاتفا بثلاث شاشات كبيرة", otherText, lastText)), noon.Add(time.Hour)
	rep := r.pass(t)
	if rep.Grouped.Born != 1 || rep.Polled.Changed != 1 || ids() != 1 ||
		!strings.Contains(r.files(t)["feed.ar.atom"], "شاشات كبيرة") {
		t.Errorf("%+v: %s", rep, r.files(t)["feed.ar.atom"])
	}
}

// If an engine is down, its stories are published in Arabic whatever on_budget says.
func TestAFailureIsNoSpentBudget(t *testing.T) {
	for _, on := range []string{"hold", "titles"} {
		r := newRig(t, twoStories())
		r.opt.OnBudget, r.broken = on, true
		if rep := r.pass(t); rep.Published.Stories != 2 || rep.Published.Waiting != 2 {
			t.Errorf("%s: %+v", on, rep.Published)
		}
	}
}

// Forgotten translations are bought again; if they cannot be, the original is shown. Kept ones keep
// their date.
func TestForgottenIsBoughtAgain(t *testing.T) {
	r := newRig(t, twoStories())
	r.pass(t)
	paid := r.chars
	a := r.over(r.st)
	keys, err := a.Keys(t.Context(), "one")
	if err != nil || len(keys) != 6 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	first := translate.KeyOf(a.Pair, translate.Body, sdaiaText)
	if n, err := r.st.Forget(t.Context(), "mt", time.Time{}, []translate.Key{first}); err != nil || n != 1 {
		t.Fatalf("%d rows, %v", n, err)
	}
	r.broken, r.time = true, noon.Add(time.Hour)
	if rep := r.pass(t); rep.Published.Waiting != 1 || r.chars != paid ||
		!strings.Contains(r.files(t)["feed.en.atom"], "[not translated]") {
		t.Errorf("%+v", rep.Published)
	}
	r.broken = false
	if r.pass(t); r.chars-paid != runes(sdaiaText) {
		t.Errorf("%d characters were bought, %d forgotten", r.chars-paid, runes(sdaiaText))
	}
	for _, s := range shownStories(t, r) {
		if strings.HasPrefix(s.Title, "هواوي") && !s.Updated.Equal(noon) {
			t.Errorf("a story that lost nothing was changed at %v", s.Updated)
		}
	}
}

// A translation that the checks of a later build refuse is withdrawn, though no other can be had. All
// else stays as it is, with its date.
func TestTranslationsThatLaterChecksRefuseAreWithdrawn(t *testing.T) {
	r := newRig(t, twoStories())
	r.pass(t)
	var wrong string
	pair := r.over(r.st).Pair
	for _, s := range shownStories(t, r) {
		if strings.HasPrefix(s.Title, "هواوي") {
			wrong = s.Translation.Title
			row := translate.Row{Key: translate.KeyOf(pair, translate.Title, s.Title), Role: translate.Title,
				Pair: pair, Source: s.Title, Target: s.Title, Engine: "mt", Model: "m", At: noon}
			if err := r.st.Settle(t.Context(), 0, translate.Cost{}, []translate.Row{row}); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.glossary = glossary(t, "لا توجد\tNowhere") // as a later build has another sum
	r.broken, r.time = true, noon.Add(time.Hour)
	r.pass(t)
	for _, s := range shownStories(t, r) {
		bad := strings.HasPrefix(s.Title, "هواوي")
		if (s.Translation.Title == "") != bad || s.Updated.Equal(noon) == bad {
			t.Errorf("%q is shown as %q, at %v", s.Title, s.Translation.Title, s.Updated)
		}
	}
	if en := r.files(t)["feed.en.json"]; strings.Contains(en, wrong) || !strings.Contains(en, "[not translated] ") {
		t.Errorf("%q is still shown: %s", wrong, en)
	}
}

// What a check doubts is published and marked in every edition that shows it. The mark goes with the
// text.
func TestDoubtsArePublishedWithTheText(t *testing.T) {
	const denied, sold = "لم تعلن الشركة اليوم عن سعر الهاتف الجديد في الأسواق.",
		"The company announced the price of the new phone today."
	pages := map[string]string{"/one": rss(article("1", "سدايا تعلن مشروعا جديدا", sdaiaText, denied))}
	r := newRig(t, pages)
	r.known = map[string]string{denied: sold, sdaiaText: "SDAIA announced a new artificial intelligence project in " +
		"Riyadh, which starts next year with several Saudi universities."}
	r.pass(t)
	const mark, sign = `"check": "negation",
              "where": "2"`, "translation may be wrong: negation in paragraph 2"
	files := r.files(t)
	for name, want := range map[string][2]bool{ // mark, sign
		"feed.json": {true, true}, "feed.en.json": {true, true}, "feed.ar.json": {true, false},
		"feed.atom": {false, true}, "index.html": {false, true},
		feeds.StoryPath(shownStories(t, r)[0].ID): {false, true}} {
		if text := files[name]; strings.Contains(text, mark) != want[0] || strings.Contains(text, sign) != want[1] {
			t.Errorf("%s: mark and sign wanted: %v\n%s", name, want, text)
		}
	}
	if paid, rep := r.chars, r.pass(t); r.chars != paid || len(rep.Published.Written) != 0 {
		t.Errorf("an unchanged pass: %+v", rep)
	}
	r.pages["/one"] = rss(article("1", "سدايا تعلن مشروعا جديدا", sdaiaText, lastText))
	r.time = noon.Add(time.Hour)
	if r.pass(t); strings.Contains(r.files(t)["feed.json"], "may be wrong") {
		t.Errorf("the mark outlives its text: %s", r.files(t)["feed.json"])
	}
}

// A headline that a check refuses hides no body: that is published in English, whatever on_budget
// says, and the headline is asked for again with its opening, once.
func TestRefusedHeadlineHidesNoBody(t *testing.T) {
	const title, wrong, right = "سدايا تعلن مشروعا جديدا بـ 25 مليون دولار",
		"SDAIA announces a new project for $99 million", "SDAIA announces a new project for $25 million"
	for _, on := range []string{"original", "titles", "hold"} {
		for _, helps := range []bool{false, true} {
			r := newRig(t, map[string]string{"/one": rss(article("1", title, sdaiaText, secondText))})
			r.opt.OnBudget, r.reads = on, true
			r.known = map[string]string{title: wrong}
			r.knows = map[string]string{title: wrong}
			if helps {
				r.knows[title] = right
			}
			r.known[sdaiaText] = "SDAIA announced a new artificial intelligence project in Riyadh, which starts at " +
				"the beginning of next year with several Saudi universities."
			rep, paid := r.pass(t), r.chars
			if len(r.around) != 1 || !strings.HasPrefix(r.around[0], sdaiaText+" = SDAIA announced") {
				t.Errorf("%s: the headline was asked for with %q", on, r.around)
			}
			en := r.files(t)["feed.en.json"]
			if rep.Published.Stories != 1 || !strings.Contains(en, "Riyadh, which starts") ||
				strings.Contains(en, right) != helps || strings.Contains(en, `"title": "[not translated] `) == helps {
				t.Errorf("%s, helps %v: %s", on, helps, en)
			}
			if r.pass(t); r.chars != paid || len(r.around) != 1 {
				t.Errorf("%s: an unchanged pass buys %d characters", on, r.chars-paid)
			}
		}
	}
}
