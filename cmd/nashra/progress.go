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

// bar shows how long work goes on, on a terminal only. A nil bar shows and says nothing.
type bar struct {
	out io.Writer

	mu sync.Mutex // polls end while others are being translated
	*progressbar.ProgressBar
}

// begin shows a new bar; total -1: nobody knows how much there is to do.
func (b *bar) begin(what string, total int) {
	b.show(what, int64(total), progressbar.OptionShowCount())
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
	b.ProgressBar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.out), progressbar.OptionSetDescription(what),
		count, progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30),
		progressbar.OptionEnableColorCodes(os.Getenv("NO_COLOR") == ""), progressbar.OptionThrottle(100*time.Millisecond))
}

// bytes shows a new bar that counts bytes.
func (b *bar) bytes(what string, total int64) {
	b.end()
	b.show(what, total, progressbar.OptionShowBytes(true))
}

func (b *bar) step() { b.add(1) }

func (b *bar) add(n int64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ProgressBar != nil {
		_ = b.Add64(n) // a bar that cannot be drawn stops nothing
	}
}

// say prints a line above the bar, on a terminal or not.
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
