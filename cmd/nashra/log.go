package main

import (
	"io"
	"log/slog"
	"sync"
	"time"
)

// lines gathers what is logged and writes many lines at once, while more may come: a write for each would cost a busy server as much
// as all else that it does for a request, and a reader does not wait for a disk. What came last before the process is killed is lost.
type lines struct {
	to          io.Writer
	timer       *time.Timer
	mu, writing sync.Mutex
	held, spare []byte // spare is for whoever holds writing
}

const (
	holdLines = 100 * time.Millisecond // nobody who watches a log sees that it comes late
	manyLines = 64 << 10               // bytes, about 250 lines: written without waiting longer
	mostLines = 1 << 20                // bytes: whoever brings more waits until they are written
)

func newLines(to io.Writer) *lines {
	l := &lines{to: to}
	l.timer = time.AfterFunc(holdLines, l.flush)
	return l
}

// Write takes whole lines, and never fails: there is nowhere else to say so.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	before := len(l.held)
	l.held = append(l.held, p...)
	now := len(l.held)
	l.mu.Unlock()
	switch {
	case now >= mostLines:
		l.flush()
	case before < manyLines && now >= manyLines:
		l.timer.Reset(0)
	case before == 0:
		l.timer.Reset(holdLines)
	}
	return len(p), nil
}

// flush writes what is held.
func (l *lines) flush() {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	out := l.held
	l.held = l.spare[:0]
	l.mu.Unlock()
	if len(out) > 0 {
		_, _ = l.to.Write(out)
	}
	l.spare = out
}

// logger writes lines for people, or as JSON for machines.
func logger(form string, w io.Writer) *slog.Logger {
	if form == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}
