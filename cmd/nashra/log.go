package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// lines gathers what is logged, and lays it out and writes it in one go, while more may come: done for each request while its reader
// waits, that would cost a busy server a fifth of all that it does. What came last before the process is killed is lost.
type lines struct {
	to          io.Writer
	timer       *time.Timer
	mu, writing sync.Mutex
	held, spare []line       // spare is for whoever holds writing
	laid        bytes.Buffer // likewise
}

// line is what is yet to be laid out.
type line struct {
	h slog.Handler
	r slog.Record
}

const (
	holdLines = 100 * time.Millisecond // nobody who watches a log sees that it comes late
	manyLines = 256                    // 64 KB of them, what a pipe takes (pipe(7)): written without waiting longer
	mostLines = 16 * manyLines         // whoever brings more waits until they are written
)

func newLines(to io.Writer) *lines {
	l := &lines{to: to}
	l.timer = time.AfterFunc(holdLines, l.flush)
	return l
}

func (l *lines) add(x line) {
	l.mu.Lock()
	l.held = append(l.held, x)
	n := len(l.held)
	l.mu.Unlock()
	switch n {
	case 1:
		l.timer.Reset(holdLines)
	case manyLines:
		l.timer.Reset(0)
	}
	if n >= mostLines {
		l.flush()
	}
}

// flush writes what is held.
func (l *lines) flush() {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	out := l.held
	l.held = l.spare[:0]
	l.mu.Unlock()
	for _, x := range out {
		_ = x.h.Handle(context.Background(), x.r) // nothing fails that writes into memory
	}
	if l.laid.Len() > 0 {
		_, _ = l.to.Write(l.laid.Bytes()) // there is nowhere else to say that a log fails
		l.laid.Reset()
	}
	clear(out)
	l.spare = out
}

// held is a handler whose lines come into being when they are written.
type held struct {
	slog.Handler
	l *lines
}

func (h held) Handle(_ context.Context, r slog.Record) error {
	h.l.add(line{h.Handler, r.Clone()})
	return nil
}

func (h held) WithAttrs(attrs []slog.Attr) slog.Handler { return held{h.Handler.WithAttrs(attrs), h.l} }
func (h held) WithGroup(name string) slog.Handler       { return held{h.Handler.WithGroup(name), h.l} }

// logger has what is logged laid out as lines, for people or as JSON for machines, when they are written: not while a reader waits.
func logger(form string, l *lines) *slog.Logger {
	var h slog.Handler = slog.NewTextHandler(&l.laid, nil)
	if form == "json" {
		h = slog.NewJSONHandler(&l.laid, nil)
	}
	return slog.New(held{h, l})
}
