package aggregator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
)

// slowShelf is a store whose transactions take a second, and which refuses polls of the source
// "bad".
type slowShelf struct {
	Store
	transactions [][]string
}

func (s *slowShelf) Polled(_ context.Context, _ time.Time, polls ...Poll) (Arrived, error) {
	time.Sleep(time.Second)
	var ids []string
	for _, p := range polls {
		ids = append(ids, p.State.ID)
	}
	slices.Sort(ids)
	if slices.Contains(ids, "bad") {
		return Arrived{}, errors.New("refused")
	}
	s.transactions = append(s.transactions, ids)
	return Arrived{New: len(polls)}, nil
}

// Polls that end while another is stored share the next transaction, up to a limit, and one that
// cannot be stored fails alone.
func TestPollsAreStoredTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := &slowShelf{}
		w := newWriter(shelf)
		var wg sync.WaitGroup
		var mu sync.Mutex
		n, failed := 0, []string{}
		poll := func(id string, items int) {
			wg.Go(func() {
				p := Poll{State: polite.State{ID: id}, Items: make([]Signed, items)}
				got, err := w.store(t.Context(), time.Now(), p)
				mu.Lock()
				defer mu.Unlock()
				if n += got.New; err != nil {
					failed = append(failed, id)
				}
			})
			synctest.Wait()
		}
		poll("first", 0)
		for _, id := range []string{"a", "b", "c"} {
			poll(id, itemsPerWrite/2)
		}
		poll("d", 0)
		poll("e", 0)
		wg.Wait()
		if got := fmt.Sprint(shelf.transactions); got != "[[first] [a b] [c d e]]" || n != 6 || len(failed) > 0 {
			t.Errorf("%d polls in %s, failed: %q", n, got, failed)
		}
		shelf.transactions, n = nil, 0
		for _, id := range []string{"first", "a", "bad", "b"} {
			poll(id, 0)
		}
		wg.Wait()
		slices.SortFunc(shelf.transactions[1:], slices.Compare)
		if got := fmt.Sprint(shelf.transactions); got != "[[first] [a] [b]]" || n != 3 ||
			!slices.Equal(failed, []string{"bad"}) {
			t.Errorf("%d items in %s, failed: %q", n, got, failed)
		}
	})
}
