package main

import (
	"io"
	"log/slog"
	"sync"
	"time"
)

// lines gathers what is logged and writes many lines at once: a write for each would cost a busy server as much as all else that it
// does for a request. What stands last in it when the process is killed is lost.
type lines struct {
	to    io.Writer
	mu    sync.Mutex
	held  []byte
	timer *time.Timer
}

const (
	holdLines = 100 * time.Millisecond // nobody who watches a log sees that it comes late
	mostLines = 64 << 10               // bytes: what a pipe takes (pipe(7))
)

func newLines(to io.Writer) *lines {
	l := &lines{to: to}
	l.timer = time.AfterFunc(holdLines, l.flush)
	return l
}

// Write takes whole lines, and never fails: there is nowhere else to say so.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.held) == 0 {
		l.timer.Reset(holdLines)
	}
	l.held = append(l.held, p...)
	if len(l.held) >= mostLines {
		l.write()
	}
	return len(p), nil
}

// flush writes what is held.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write()
}

func (l *lines) write() {
	if len(l.held) > 0 {
		_, _ = l.to.Write(l.held)
		l.held = l.held[:0]
	}
}

// logger writes lines for people, or as JSON for machines.
func logger(form string, w io.Writer) *slog.Logger {
	if form == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}
