package aggregator_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
)

// mute is a store that cannot store the outcome of publishing, as on a full disk.
type mute struct{ both }

func (mute) SetPublished(context.Context, time.Time, string) error { return errors.New("disk full") }

// Where publishing fails is known, since when too, until it succeeds: in this process always, in
// others if it could be stored.
func TestFailureToPublishIsKnown(t *testing.T) {
	r := newRig(t, map[string]string{"/one": rss()})
	for name, st := range map[string]both{"stored": r.st, "not stored": mute{r.st}} {
		t.Run(name, func(t *testing.T) {
			a := r.over(st)
			failed := func(a *aggregator.Aggregator) []aggregator.Unpublished {
				t.Helper()
				list, err := a.Unpublished(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return list
			}
			if _, err := a.Publish(t.Context()); err != nil || len(failed(a)) > 0 {
				t.Fatalf("%v, %+v", err, failed(a))
			}
			err := errors.Join(os.Rename(r.opt.Dir, r.opt.Dir+".away"), os.WriteFile(r.opt.Dir, nil, 0o600))
			if err != nil {
				t.Fatal(err)
			}
			var since time.Time
			for try := range 2 {
				_, err := a.Publish(t.Context())
				list := failed(a)
				if err == nil || len(list) != 1 || !list[0].Ours || list[0].Cause != err.Error() ||
					list[0].Place != r.opt.Dir || try > 0 && !list[0].Since.Equal(since) {
					t.Fatalf("%v, known is %+v", err, list)
				}
				since = list[0].Since
				r.time = r.time.Add(time.Hour)
			}
			if list := failed(r.over(r.st)); (len(list) > 0) != (name == "stored") {
				t.Errorf("another process knows of %+v", list)
			}
			if err := errors.Join(os.Remove(r.opt.Dir), os.Rename(r.opt.Dir+".away", r.opt.Dir)); err != nil {
				t.Fatal(err)
			}
			if _, err := a.Publish(t.Context()); err != nil || len(failed(a)) > 0 {
				t.Errorf("%v, and after it succeeded %+v", err, failed(a))
			}
		})
	}
}
