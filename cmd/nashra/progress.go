package main

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar shows how long work goes on, on a terminal only.
type bar struct {
	out io.Writer

	mu sync.Mutex // polls end while others are being translated
	*progressbar.ProgressBar
}

// begin shows a new bar; total -1: nobody knows how much there is to do.
func (b *bar) begin(what string, total int) {
	file, ok := b.out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ProgressBar = progressbar.NewOptions(total, progressbar.OptionSetWriter(b.out), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30),
		progressbar.OptionEnableColorCodes(os.Getenv("NO_COLOR") == ""), progressbar.OptionThrottle(100*time.Millisecond))
}

func (b *bar) step() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ProgressBar != nil {
		_ = b.Add(1) // a bar that cannot be drawn stops nothing
	}
}

func (b *bar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ProgressBar != nil {
		_ = b.Finish()
		b.ProgressBar = nil
	}
}
