package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// writes remembers how many lines each Write brought, and all of them.
type writes struct {
	mu     sync.Mutex
	counts []int
	all    bytes.Buffer
}

func (w *writes) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts = append(w.counts, bytes.Count(p, []byte("\n")))
	return w.all.Write(p)
}

func TestLinesComeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got writes
		l := newLines(&got)
		log := logger("text", l).With("a", 1).WithGroup("g")
		for i := range 3 {
			log.Info("said", "i", i)
			time.Sleep(holdLines / 4)
		}
		got.mu.Lock()
		if len(got.counts) != 0 {
			t.Errorf("at once: %q", got.all.String())
		}
		got.mu.Unlock()
		time.Sleep(holdLines)
		log.Info("another")
		time.Sleep(2 * holdLines)
		for range manyLines { // these do not wait
			log.Info("many")
		}
		synctest.Wait()
		log.Info("the last")
		l.flush()
		l.flush()
		time.Sleep(2 * holdLines) // and the timer has nothing more to say
		synctest.Wait()
		if !slices.Equal(got.counts, []int{3, 1, manyLines, 1}) || !strings.Contains(got.all.String(), "msg=said a=1 g.i=0\n") {
			t.Errorf("%v, %.300q", got.counts, got.all.String())
		}
	})
}

func TestLinesOfManyStayWhole(t *testing.T) {
	var got writes
	l := newLines(&got)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				logger("json", l).Info("said", "what", strings.Repeat("y", 99))
			}
		})
	}
	wg.Wait()
	l.flush()
	if n := strings.Count(got.all.String(), fmt.Sprintf(`"msg":"said","what":%q}`, strings.Repeat("y", 99))+"\n"); n != 8000 {
		t.Errorf("%d lines are whole", n)
	}
}

// A log that is not taken holds nobody up at first, and all in the end: memory stays bounded.
func TestLinesThatNobodyTakes(t *testing.T) {
	slow := make(gate)
	l, done := newLines(slow), make(chan struct{})
	log := logger("text", l)
	var brought atomic.Int64
	go func() {
		for range 4 * mostLines {
			log.Info("x")
			brought.Add(1)
		}
		close(done)
	}()
	for brought.Load() < mostLines-1 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond) // enough for all of it, if nothing held it up
	if n := brought.Load(); n > 3*mostLines {
		t.Errorf("%d lines were taken in", n)
	}
	close(slow)
	<-done
}

// gate takes nothing until it is closed.
type gate chan struct{}

func (g gate) Write(p []byte) (int, error) { <-g; return len(p), nil }
