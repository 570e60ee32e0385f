package aggregator_test

import (
	"strings"
	"testing"
	"time"
)

// Hundreds of stories of one source are all published but translated in turns, while another
// source's are translated at once.
func TestAFloodIsTranslatedInTurns(t *testing.T) {
	var flood []string
	state := uint64(1)
	words := func(n int) string {
		var b strings.Builder
		for range n {
			for range 7 {
				state = state*6364136223846793005 + 1442695040888963407
				b.WriteRune(rune('ب' + state>>60))
			}
			b.WriteByte(' ')
		}
		return b.String()
	}
	for range 250 {
		id := words(1)
		flood = append(flood, article(strings.TrimSpace(id), words(8), words(20), words(20)))
	}
	r := newRig(t, map[string]string{"/flood": rss(flood...),
		"/good": rss(article("1", "OpenAI تكشف نموذجا جديدا بكلفة أقل", firstText, secondText))})
	r.opt.Channels[0].Limit = 1000
	for _, want := range []int{150, 50, 0} {
		rep := r.pass(t)
		if rep.Published.Stories != 251 || rep.Published.Waiting != want {
			t.Errorf("%d stories are published and %d of them wait, want 251 and %d", rep.Published.Stories,
				rep.Published.Waiting, want)
		}
		if shown := r.files(t)["feed.en.atom"]; strings.Count(shown, "63%") == 0 || strings.Contains(shown, firstText) {
			t.Error("another's story waits too")
		}
		r.time = r.time.Add(time.Hour)
	}
}
