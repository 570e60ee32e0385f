package aggregator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// Only the lead's outlet replaces the story's text, and only the change is bought. A copy's edit
// changes its own row and costs nothing.
func TestOnlyTheLeadsOutletReplacesTheText(t *testing.T) {
	const title, copied = "OpenAI تكشف نموذجا جديدا بكلفة أقل", "نموذج جديد من OpenAI بكلفة أقل"
	elsewhere := func(item string) string { return strings.ReplaceAll(item, "news.example", "other.example") }
	r := newRig(t, map[string]string{"/one": rss(article("1", title, firstText, secondText)),
		"/two": rss(elsewhere(article("9", copied, firstText, secondText)))})
	story := func() feeds.Story {
		t.Helper()
		list, err := r.st.Stories(t.Context(), feeds.Query{Limit: 2})
		if err != nil || len(list) != 1 {
			t.Fatalf("%d stories, %v", len(list), err)
		}
		return list[0]
	}
	r.pass(t)
	born := story()
	if born.Items[0].SourceID != "one" || len(born.Items) != 2 {
		t.Fatalf("%+v", born.Items)
	}
	hour := 0
	poll := func(path, document string) (paid int) {
		hour++
		before := r.chars
		r.pages[path], r.time = document, noon.Add(time.Duration(hour)*time.Hour)
		r.pass(t)
		return r.chars - before
	}

	weeks := func(n string) string {
		return strings.Replace(secondText, "خلال أسابيع", "خلال "+n+" أسابيع", 1)
	}
	paid := poll("/two", rss(elsewhere(article("9", copied+" كثيرا", firstText, weeks("بضعة")))))
	s := story()
	if paid != 0 || s.Text != born.Text || s.Translation.Text != born.Translation.Text ||
		s.Items[0].SourceID != "one" {
		t.Errorf("a copy's outlet: %d characters, lead %s, %q", paid, s.Items[0].SourceID, s.Body+s.Summary)
	}
	if m := s.Items[1]; m.SourceID != "two" || m.Kind != feeds.Copy || m.Title != copied+" كثيرا" {
		t.Errorf("a copy's outlet: its row does not show it: %+v", s.Items)
	}
	paid = poll("/one", rss(article("1", title, firstText, weeks("سبعة"))))
	s = story()
	if s.ID != born.ID || !s.Published.Equal(born.Published) || s.Items[0].SourceID != "one" ||
		!strings.Contains(s.Summary+s.Body, weeks("سبعة")) {
		t.Errorf("the lead's outlet: %q, %+v", s.Summary+s.Body, s.Items)
	}
	if want := len([]rune(weeks("سبعة"))); paid != want {
		t.Errorf("the lead's outlet: %d characters were bought, the changed block has %d", paid, want)
	}
}
