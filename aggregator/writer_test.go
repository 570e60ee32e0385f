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
		poll := func(id string) {
			wg.Go(func() {
				got, err := w.store(t.Context(), time.Now(), Poll{State: polite.State{ID: id}})
				mu.Lock()
				defer mu.Unlock()
				if n += got.New; err != nil {
					failed = append(failed, id)
				}
			})
			synctest.Wait()
		}
		poll("first")
		for i := range pollsPerWrite + 2 {
			poll(fmt.Sprintf("%02d", i))
		}
		wg.Wait()
		if len(shelf.transactions) != 3 || len(shelf.transactions[0]) != 1 ||
			len(shelf.transactions[1]) != pollsPerWrite || n != pollsPerWrite+3 || len(failed) > 0 {
			t.Errorf("%d items in %q, failed: %q", n, shelf.transactions, failed)
		}
		shelf.transactions, n = nil, 0
		for _, id := range []string{"first", "a", "bad", "b"} {
			poll(id)
		}
		wg.Wait()
		slices.SortFunc(shelf.transactions[1:], slices.Compare)
		if got := fmt.Sprint(shelf.transactions); got != "[[first] [a] [b]]" || n != 3 ||
			!slices.Equal(failed, []string{"bad"}) {
			t.Errorf("%d items in %s, failed: %q", n, got, failed)
		}
	})
}
