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

// plainEvery is how often progress is told in a line of its own if the output is not a terminal:
// seldom enough for a log, or for the mail of a cron job (chosen on 2026-11-30). Shorter work is not
// told of.
const plainEvery = 30 * time.Second

// units name what the steps of a pass count.
var units = map[string]string{"polling": "sources", "fetching articles": "pages", "translating": "segments",
	"publishing": "files"}

// bar shows the progress of long work: as a bar in a terminal, else as plain lines now and then. A
// nil bar shows nothing.
type bar struct {
	out io.Writer

	mu   sync.Mutex               // polls end while others are being translated
	now  *progressbar.ProgressBar // nil: nothing is at work
	what string
	stop chan struct{} // ends the ticker
}

// step says how far a step is: see aggregator.Options. While a step is at work, what others report
// is not shown unless they begin.
func (b *bar) step(what string, done, total int) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.what != what {
		if b.now != nil && done > 0 && !b.now.IsFinished() {
			return
		}
		b.begin(what, int64(total), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetItsString(units[what]))
	} else if done == 0 && total >= 0 {
		b.now.Reset()
		b.now.ChangeMax(total)
	}
	_ = b.now.Set(done) // only the display fails
}

// download shows that so many bytes are being downloaded.
func (b *bar) download(total int64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begin("downloading", total, progressbar.OptionShowBytes(true))
}

// begin replaces the bar, and redraws it each second, so that its times go on. The caller holds
// b.mu.
func (b *bar) begin(what string, total int64, count ...progressbar.Option) {
	b.finish()
	file, ok := b.out.(*os.File)
	live := ok && term.IsTerminal(int(file.Fd()))
	to, every := io.Discard, plainEvery
	if live {
		to, every = b.out, time.Second
	}
	b.what, b.stop = what, make(chan struct{})
	b.now = progressbar.NewOptions64(total, append(count,
		progressbar.OptionSetWriter(to), progressbar.OptionSetDescription(what), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetWidth(30), progressbar.OptionEnableColorCodes(os.Getenv("NO_COLOR") == ""),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionSetSpinnerChangeInterval(0))...)
	go b.tick(b.stop, every, live)
}

// tick redraws the bar or tells of it, until stop is closed.
func (b *bar) tick(stop <-chan struct{}, every time.Duration, live bool) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		b.mu.Lock()
		if b.stop == stop {
			if live {
				_ = b.now.RenderBlank()
			} else {
				fmt.Fprintln(b.out, b.line())
			}
		}
		b.mu.Unlock()
	}
}

// line tells the progress in plain words.
func (b *bar) line() string {
	s := b.now.State()
	switch {
	case b.what == "downloading":
		return fmt.Sprintf("%s: %.1f of %.1f MB", b.what, float64(s.CurrentNum)/1e6, float64(s.Max)/1e6)
	case s.Max < 0:
		return b.what + " …"
	}
	left := time.Duration(s.SecondsLeft * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%s: %d of %d %s, %v left", b.what, s.CurrentNum, s.Max, units[b.what], left)
}

func (b *bar) advance(n int64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.now != nil {
		_ = b.now.Add64(n) // only the display fails
	}
}

// say prints a line above the bar.
func (b *bar) say(line string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.now != nil {
		_ = b.now.Clear()
	}
	fmt.Fprintln(b.out, line)
}

func (b *bar) end() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.finish()
}

// finish removes the bar. The caller holds b.mu.
func (b *bar) finish() {
	if b.now != nil {
		close(b.stop)
		_ = b.now.Finish()
		b.now, b.stop, b.what = nil, nil, ""
	}
}
