package main

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// writes remembers what each Write brought.
type writes []string

func (w *writes) Write(p []byte) (int, error) { *w = append(*w, string(p)); return len(p), nil }

func TestLinesComeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got writes
		l := newLines(&got)
		for i := range 3 {
			fmt.Fprintf(l, "line %d\n", i)
			time.Sleep(holdLines / 4)
		}
		if len(got) != 0 {
			t.Errorf("at once: %q", got)
		}
		time.Sleep(holdLines)
		fmt.Fprintln(l, "another")
		time.Sleep(2 * holdLines)
		fmt.Fprintln(l, strings.Repeat("x", manyLines)) // does not wait
		synctest.Wait()
		if len(got) != 3 {
			t.Errorf("%d writes", len(got))
		}
		fmt.Fprintln(l, "the last")
		l.flush()
		l.flush()
		time.Sleep(2 * holdLines) // and the timer has nothing more to say
		want := []string{"line 0\nline 1\nline 2\n", "another\n", strings.Repeat("x", manyLines) + "\n", "the last\n"}
		if fmt.Sprint([]string(got)) != fmt.Sprint(want) {
			t.Errorf("%.300q", got)
		}
	})
}

func TestLinesOfManyStayWhole(t *testing.T) {
	var got bytes.Buffer
	l := newLines(&got)
	line := strings.Repeat("y", 999) + "\n"
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				fmt.Fprint(l, line)
			}
		})
	}
	wg.Wait()
	l.flush()
	if got.String() != strings.Repeat(line, 8*200) {
		t.Error("lines are missing, or in pieces")
	}
}

// A log that is not taken holds nobody up at first, and all in the end: memory stays bounded.
func TestLinesThatNobodyTakes(t *testing.T) {
	slow := make(gate)
	l, done := newLines(slow), make(chan struct{})
	var brought atomic.Int64
	go func() {
		for range 4 * mostLines / manyLines {
			fmt.Fprint(l, strings.Repeat("z", manyLines))
			brought.Add(manyLines)
		}
		close(done)
	}()
	for brought.Load() < mostLines-manyLines {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond) // enough for all of it, if nothing held it up
	if n := brought.Load(); n > 2*mostLines {
		t.Errorf("%d bytes were taken in", n)
	}
	close(slow)
	<-done
}

// gate takes nothing until it is closed.
type gate chan struct{}

func (g gate) Write(p []byte) (int, error) { <-g; return len(p), nil }
