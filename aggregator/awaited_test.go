package aggregator_test

import (
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/store"
)

// After a loss of the store, readers keep everything until all sources have answered again. Then
// stories have their old ids. A source that never answers is given up.
func TestALostStoreTakesNothingFromReaders(t *testing.T) {
	for _, back := range []bool{true, false} {
		r := newRig(t, map[string]string{"/one": rss(article("1", "OpenAI تكشف نموذجا جديدا بكلفة أقل", firstText,
			secondText)),
			"/two": rss(article("2", "هواوي تكشف هاتفا بثلاث شاشات", otherText, lastText))})
		r.pass(t)
		was := r.files(t)
		st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nashra.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		r.st = st
		r.status["/one"] = http.StatusServiceUnavailable
		for failures := 1; failures < 7; failures++ {
			r.time = r.time.Add(25 * time.Hour)
			r.pass(t)
			if got := r.files(t); !maps.Equal(got, was) {
				t.Fatalf("after %d failures what is published has changed", failures)
			}
		}
		if back {
			delete(r.status, "/one")
		}
		r.time = r.time.Add(25 * time.Hour)
		r.pass(t)
		ids := func(files map[string]string) string {
			var out []string
			for _, part := range strings.Split(files["feed.atom"], "<entry")[1:] {
				_, after, _ := strings.Cut(part, "<id>")
				id, _, _ := strings.Cut(after, "</id>")
				out = append(out, id)
			}
			return strings.Join(out, " ")
		}
		before, now := ids(was), ids(r.files(t))
		if back && now != before || !back && (now == before || now == "") {
			t.Errorf("the source is back: %v; entries before %s, now %s", back, before, now)
		}
	}
}
