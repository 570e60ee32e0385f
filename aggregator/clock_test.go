package aggregator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
)

// With a clock that jumps, each source is still polled within a round of the right time, and
// nothing is published or bought twice.
func TestAClockThatJumps(t *testing.T) {
	r := newRig(t, newsPages())
	r.header["/two"] = http.Header{"Cache-Control": {"max-age=7200"}}
	pass := func(at time.Time) int {
		t.Helper()
		r.time = at
		rep, err := r.over(r.st).Pass(t.Context(), false, nil, aggregator.Watch{})
		if err != nil {
			t.Fatal(err)
		}
		return rep.Polled.Asked
	}
	ahead := noon.AddDate(14, 0, 0)
	for i, step := range []struct {
		at    time.Time
		asked int
	}{
		{noon, 2}, {noon.Add(time.Minute), 0}, {ahead, 2}, {ahead.Add(time.Minute), 0}, {noon.Add(2 * time.Minute),
			2}, {noon.Add(3 * time.Minute), 0},
		{time.Unix(0, 0).UTC(), 2}, {noon.Add(4 * time.Minute), 2}, {noon.Add(90 * time.Minute), 1},
	} {
		if asked := pass(step.at); asked != step.asked {
			t.Errorf("step %d, at %v: %d sources were asked, want %d", i, step.at, asked, step.asked)
		}
	}
	paid := r.chars
	if pass(noon.Add(24 * time.Hour)); r.chars != paid {
		t.Error("something was bought again")
	}
	if n := strings.Count(r.files(t)["feed.atom"], "<entry"); n != 2 {
		t.Errorf("%d entries", n)
	}
}
