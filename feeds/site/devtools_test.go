package site

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

// browser is a headless Chromium with one tab, driven by its DevTools protocol over a pipe: messages are JSON, each ended by a zero.
type browser struct {
	t       *testing.T
	in      io.WriteCloser
	out     *bufio.Reader
	session string
	last    int
	errors  []string // what the tab's log called an error
}

// message is what comes back: the answer to a call, by its id, or an event.
type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// patience is for everything that one test asks of the browser; a slow machine takes seconds.
const patience = 2 * time.Minute

// newBrowser starts Chromium, and skips the test where there is none; where CI installs it, it must be there.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	program := chromium(t)
	profile, err := os.MkdirTemp("", "nashra-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	theirIn, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	args := []string{"--headless=new", "--remote-debugging-pipe", "--user-data-dir=" + profile, "--no-first-run", "--disable-gpu",
		"--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars"}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // Chromium refuses to run as root with it
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	b := &browser{t: t, in: in, out: bufio.NewReaderSize(out, 1<<20)}
	t.Cleanup(func() {
		b.send("", "Browser.close", nil)
		cmd.Wait()
		cancel()
		in.Close()
		out.Close()
		os.RemoveAll(profile)
	})
	b.open()
	return b
}

func chromium(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Chromium's pipe needs descriptors that Go cannot hand on under Windows")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	const text = "no Chromium to look at the page with: apt-get install chromium fonts-noto-core"
	if os.Getenv("CI") == "true" {
		t.Fatal(text)
	}
	t.Skip(text)
	return ""
}

// open makes the tab.
func (b *browser) open() {
	var tab struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &tab)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": tab.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	b.call("Page.enable", nil, nil)
	b.call("Log.enable", nil, nil)
}

func (b *browser) send(session, method string, params any) int {
	b.last++
	m := map[string]any{"id": b.last, "method": method}
	if params != nil {
		m["params"] = params
	}
	if session != "" {
		m["sessionId"] = session
	}
	line, err := json.Marshal(m)
	if err == nil {
		_, err = b.in.Write(append(line, 0))
	}
	if err != nil {
		b.t.Error(err)
	}
	return b.last
}

// call asks the tab, or the browser where there is none yet, and reads its answer into result.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	id := b.send(b.session, method, params)
	answer, err := b.until(func(m message) bool { return m.ID == id })
	if err == nil && answer.Error != nil {
		err = errors.New(answer.Error.Message)
	}
	if err == nil && result != nil {
		err = json.Unmarshal(answer.Result, result)
	}
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
}

// until reads messages up to the one that is wanted.
func (b *browser) until(wanted func(message) bool) (message, error) {
	for {
		line, err := b.out.ReadBytes(0)
		if err != nil {
			return message{}, fmt.Errorf("chromium has gone: %w", err)
		}
		var m message
		if err := json.Unmarshal(line[:len(line)-1], &m); err != nil {
			return m, err
		}
		if m.Method == "Log.entryAdded" {
			b.note(m.Params)
		}
		if wanted(m) {
			return m, nil
		}
	}
}

func (b *browser) note(params json.RawMessage) {
	var p struct{ Entry struct{ Level, Text string } }
	if json.Unmarshal(params, &p) == nil && p.Entry.Level == "error" {
		b.errors = append(b.errors, p.Entry.Text)
	}
}

// load goes to a page and waits until it is shown.
func (b *browser) load(url string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": url}, nil)
	if _, err := b.until(func(m message) bool { return m.Method == "Page.loadEventFired" }); err != nil {
		b.t.Fatal(err)
	}
}

// ask evaluates JavaScript in the page. The page's policy does not bind the one who holds its debugger.
func (b *browser) ask(js string, result any) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": js, "returnByValue": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", js, r.ExceptionDetails)
	}
	if err := json.Unmarshal(r.Result.Value, result); err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
}

// screen sets the width of the window in CSS pixels, and light or dark.
func (b *browser) screen(width int, scheme string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// picture is what the tab shows from its top, at most height pixels of it, as PNG.
func (b *browser) picture(width, height int) []byte {
	b.t.Helper()
	var p struct{ Data []byte }
	b.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true,
		"clip": map[string]any{"x": 0, "y": 0, "width": width, "height": height, "scale": 1}}, &p)
	return p.Data
}
