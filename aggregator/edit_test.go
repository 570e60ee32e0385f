package aggregator_test

import (
	"slices"
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
	for _, c := range []struct{ what, document string }{
		{"edits its copy", elsewhere(article("9", copied+" كثيرا", firstText, weeks("بضعة")))},
		{"prints it again", elsewhere(article("10", copied+"، بالأرقام", firstText, weeks("بضعة")))},
	} {
		paid := poll("/two", rss(c.document))
		s := story()
		if paid != 0 || s.Text != born.Text || s.Translation.Text != born.Translation.Text ||
			s.Items[0].SourceID != "one" {
			t.Errorf("a copy's outlet %s: %d characters, lead %s, %q", c.what, paid, s.Items[0].SourceID,
				s.Body+s.Summary)
		}
		if !slices.ContainsFunc(s.Items[1:], func(m feeds.Member) bool {
			return m.SourceID == "two" && m.Kind == feeds.Copy && strings.Contains(c.document, ">"+m.Title+"<")
		}) {
			t.Errorf("a copy's outlet %s: its row does not show it: %+v", c.what, s.Items)
		}
	}
	for _, c := range []struct{ what, guid, weeks string }{{"edits", "1", "سبعة"}, {"prints it again", "2", "تسعة"}} {
		paid := poll("/one", rss(article(c.guid, title, firstText, weeks(c.weeks))))
		s := story()
		if s.ID != born.ID || !s.Published.Equal(born.Published) || s.Items[0].SourceID != "one" ||
			s.Items[0].GUID != c.guid || !strings.Contains(s.Summary+s.Body, weeks(c.weeks)) {
			t.Errorf("the lead's outlet %s: %q, %+v", c.what, s.Summary+s.Body, s.Items)
		}
		if want := len([]rune(weeks(c.weeks))); paid != want {
			t.Errorf("the lead's outlet %s: %d characters were bought, the changed block has %d", c.what, paid, want)
		}
	}
}
