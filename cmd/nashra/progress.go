package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar shows the progress of long work, if out is a terminal. A nil bar shows nothing.
type bar struct {
	out io.Writer

	mu sync.Mutex // polls end while others are being translated
	*progressbar.ProgressBar
}

// begin shows a new bar; total -1: unknown.
func (b *bar) begin(what string, total int) {
	b.show(what, int64(total), progressbar.OptionShowCount())
}

// beginBytes shows a new bar that counts bytes.
func (b *bar) beginBytes(what string, total int64) {
	b.end()
	b.show(what, total, progressbar.OptionShowBytes(true))
}

func (b *bar) show(what string, total int64, count progressbar.Option) {
	if b == nil {
		return
	}
	file, ok := b.out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ProgressBar = progressbar.NewOptions64(total, count,
		progressbar.OptionSetWriter(b.out), progressbar.OptionSetDescription(what), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetWidth(30), progressbar.OptionEnableColorCodes(os.Getenv("NO_COLOR") == ""),
		progressbar.OptionThrottle(100*time.Millisecond))
}

func (b *bar) advance(n int64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ProgressBar != nil {
		_ = b.Add64(n) // only the display fails
	}
}

// say prints a line above the bar, also if out is not a terminal.
func (b *bar) say(line string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ProgressBar != nil {
		_ = b.Clear()
	}
	fmt.Fprintln(b.out, line)
}

func (b *bar) end() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ProgressBar != nil {
		_ = b.Finish()
		b.ProgressBar = nil
	}
}
