package feeds

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestBulletinShowsWhatReadersMaySee tests what becomes of an event when its stories change.
func TestBulletinShowsWhatReadersMaySee(t *testing.T) {
	at := time.Date(2026, 11, 29, 7, 1, 0, 0, time.UTC)
	story := func(id string, items ...string) Story { // items are of "source@minutes" before at
		s := Story{ID: id, Published: at}
		for _, text := range items {
			source, ago, _ := strings.Cut(text, "@")
			minutes, err := time.ParseDuration(ago + "m")
			if err != nil {
				t.Fatal(err)
			}
			s.Items = append(s.Items, Member{Item: Item{SourceID: source, Seen: at.Add(-minutes)}})
		}
		return s
	}
	older := story("o", "x@90")
	older.Published = at.AddDate(0, 0, -1)
	d := Digest{From: at.AddDate(0, 0, -1), To: at, At: at, Events: []Event{
		{Stories: []string{"1", "2"}, Follows: []string{"o", "p"}, Outlets: []string{"b", "c", "a"}, Reports: 2}}}
	all := []Story{story("1", "a@5", "b@9", "late@-1"), story("2", "c@7", "c2@8", "b@1"), older, story("p", "x@99")}
	for _, c := range []struct {
		name   string
		hidden string
		outlet string // of source c
		want   string
	}{
		{"all are shown", "", "c", "1 2; b c a; b@9 c2@8 a@5; 2; p"},
		{"the headline is hidden", "1", "c", "2; b c; b@1 c2@8; 1; p"},
		{"another report is hidden", "2", "c", "1; b a; b@9 a@5; 1; p"},
		{"what it follows is hidden", "p", "c", "1 2; b c a; b@9 c2@8 a@5; 2; o"},
		{"all are hidden", "12", "c", ""},
		{"an outlet has another name now", "", "new", "1 2; b c a; b@9 c@? a@5; 2; p"},
	} {
		stories := map[string]Story{}
		for _, s := range all {
			if !strings.Contains(c.hidden, s.ID) {
				stories[s.ID] = s
			}
		}
		b := d.Bulletin(stories, func(source string) string {
			if strings.HasPrefix(source, "c") {
				return c.outlet
			}
			return source
		})
		got := ""
		for _, e := range b.Events {
			var first []string
			for _, m := range e.First {
				ago := "?"
				if !m.Seen.IsZero() {
					ago = fmt.Sprint(at.Sub(m.Seen).Minutes())
				}
				first = append(first, m.SourceID+"@"+ago)
			}
			got += fmt.Sprintf("%s; %s; %s; %d; %s", strings.Join(e.Stories, " "), strings.Join(e.Outlets, " "),
				strings.Join(first, " "), e.Reports, e.Follows.ID)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
