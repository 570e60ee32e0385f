package aggregator_test

import (
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// covered has three stories: OpenAI's of two outlets, Huawei's of one and Riyadh's of one, which are newer.
func covered() map[string]string {
	later := func(item, hour string) string { return strings.Replace(item, "08:00:00", hour+":00:00", 1) }
	return map[string]string{
		"/one": rss(article("1", "OpenAI تكشف نموذجا جديدا بكلفة أقل", firstText, secondText),
			later(article("2", "هواوي تكشف هاتفا بثلاث شاشات", otherText, lastText), "09"),
			later(article("3", "سدايا تعلن مشروعا جديدا", sdaiaText, "ولم تعلن الجهة بعد قيمة المشروع."), "10")),
		"/two": strings.ReplaceAll(rss(article("9", "OpenAI تكشف نموذجا جديدا بكلفة أقل", firstText, secondText)),
			"news.example", "other.example"),
	}
}

// Money goes to all headlines, then to the bodies that most outlets have, then to the newest. A budget
// that ends in the middle of a body leaves the rest of it.
func TestMoneyFollowsCoverage(t *testing.T) {
	titles := runes("OpenAI تكشف نموذجا جديدا بكلفة أقل") + runes("هواوي تكشف هاتفا بثلاث شاشات") +
		runes("سدايا تعلن مشروعا جديدا")
	most, newest := runes(firstText)+runes(secondText), runes(sdaiaText)
	for _, c := range []struct {
		bodies int // characters that are left for them
		want   map[string]feeds.State
	}{
		{most, map[string]feeds.State{"OpenAI": feeds.Done, "سدايا": feeds.Partial, "هواوي": feeds.Partial}},
		{runes(firstText), map[string]feeds.State{"OpenAI": feeds.Partial, "سدايا": feeds.Partial,
			"هواوي": feeds.Partial}},
		{most + newest + runes("ولم تعلن الجهة بعد قيمة المشروع."), map[string]feeds.State{"OpenAI": feeds.Done,
			"سدايا": feeds.Done, "هواوي": feeds.Partial}},
	} {
		r := newRig(t, covered())
		r.limits = []translate.Limit{{Chars: int64(titles+c.bodies)*5/4 + 1}} // a fifth is kept for headlines
		r.pass(t)
		if r.chars > titles+c.bodies || r.chars < titles {
			t.Errorf("%d characters were bought, there is money for %d", r.chars, titles+c.bodies)
		}
		for _, s := range shownStories(t, r) {
			name, _, _ := strings.Cut(s.Title, " ")
			if s.Translation.Title == "" || s.Translation.State != c.want[name] ||
				name != "OpenAI" && c.want[name] == feeds.Partial && s.Translation.Body != "" {
				t.Errorf("%d characters for bodies: %s: %s, headline %q, body %q", c.bodies, name, s.Translation.State,
					s.Translation.Title, s.Translation.Body)
			}
		}
		r.limits = nil
		r.pass(t)
		for _, s := range shownStories(t, r) {
			if s.Translation.State != feeds.Done {
				t.Errorf("with more money %s is %s", s.Title, s.Translation.State)
			}
		}
	}
}
