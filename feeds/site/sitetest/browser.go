// Package sitetest opens pages in a browser and checks how it lays them out.
package sitetest

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
	"strconv"
	"testing"
	"time"
)

// Browser is a headless Chromium with one tab. It is driven by its DevTools protocol over a pipe:
// messages are JSON, each ended by a zero byte.
type Browser struct {
	t       *testing.T
	in      io.WriteCloser
	out     *bufio.Reader
	session string
	last    int
	Errors  []string // from the tab's log
}

// message is the answer to the call with the same id, or an event.
type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// timeout covers everything that one test does with the browser; a slow machine takes seconds.
const timeout = 5 * time.Minute

// New starts Chromium. Without Chromium it skips the test, or fails it in CI.
func New(t *testing.T) *Browser {
	t.Helper()
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("a browser reads")
	}
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
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	args := []string{"--headless=new", "--remote-debugging-pipe", "--user-data-dir=" + profile, "--no-first-run",
		"--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars"}
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
	b := &Browser{t: t, in: in, out: bufio.NewReaderSize(out, 1<<20)}
	t.Cleanup(func() {
		b.send("", "Browser.close", nil)
		_ = cmd.Wait() // its exit code does not depend on the page
		cancel()
		in.Close()
		out.Close()
		os.RemoveAll(profile)
	})
	b.openTab()
	return b
}

func chromium(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Chromium's pipe needs file descriptors, which Go cannot pass on under Windows")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	const text = "Chromium is missing: apt-get install chromium fonts-noto-core"
	if os.Getenv("CI") == "true" {
		t.Fatal(text)
	}
	t.Skip(text)
	return ""
}

// openTab opens the tab.
func (b *Browser) openTab() {
	var tab struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &tab)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": tab.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	b.call("Page.enable", nil, nil)
	b.call("Log.enable", nil, nil)
}

func (b *Browser) send(session, method string, params any) int {
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

// call calls a method of the tab, or of the browser before there is a tab, and decodes the answer
// into result.
func (b *Browser) call(method string, params, result any) {
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

// until reads messages until one is wanted, and returns it.
func (b *Browser) until(wanted func(message) bool) (message, error) {
	for {
		line, err := b.out.ReadBytes(0)
		if err != nil {
			return message{}, fmt.Errorf("read from chromium: %w", err)
		}
		var m message
		if err := json.Unmarshal(line[:len(line)-1], &m); err != nil {
			return m, err
		}
		if m.Method == "Log.entryAdded" {
			b.keepError(m.Params)
		}
		if wanted(m) {
			return m, nil
		}
	}
}

func (b *Browser) keepError(params json.RawMessage) {
	var p struct{ Entry struct{ Level, Text string } }
	if json.Unmarshal(params, &p) == nil && p.Entry.Level == "error" {
		b.Errors = append(b.Errors, p.Entry.Text)
	}
}

// Load opens a page and waits until it has loaded.
func (b *Browser) Load(url string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": url}, nil)
	b.awaitLoad()
}

// Click clicks on the first element that the selector finds, and waits until the page it links to
// has loaded.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	element := "document.querySelector(" + strconv.Quote(selector) + ")"
	var found bool
	if b.Ask("!!"+element, &found); !found {
		b.t.Fatalf("no element on the page matches %s", selector)
	}
	b.send(b.session, "Runtime.evaluate", map[string]any{"expression": element + ".click()", "userGesture": true})
	b.awaitLoad()
}

// Type replaces the text of the first field that the selector finds, presses Enter, and waits until
// the next page has loaded.
func (b *Browser) Type(selector, text string) {
	b.t.Helper()
	var found bool
	b.Ask("(e => e && (e.focus(), e.select(), document.activeElement == e))(document.querySelector("+
		strconv.Quote(selector)+")) || false", &found)
	if !found {
		b.t.Fatalf("no field on the page matches %s", selector)
	}
	b.call("Input.insertText", map[string]any{"text": text}, nil)
	b.send(b.session, "Input.dispatchKeyEvent",
		map[string]any{"type": "keyDown", "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13})
	b.awaitLoad()
}

func (b *Browser) awaitLoad() {
	b.t.Helper()
	if _, err := b.until(func(m message) bool { return m.Method == "Page.loadEventFired" }); err != nil {
		b.t.Fatal(err)
	}
}

// Ask evaluates JavaScript in the page. The page's policy does not apply to the debugger.
func (b *Browser) Ask(js string, result any) {
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

// Screen sets the window's size and colour scheme.
func (b *Browser) Screen(w Window) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride",
		map[string]any{"width": w.Width, "height": w.Height, "deviceScaleFactor": 1, "mobile": w.Width < 600}, nil)
	scheme := map[string]string{"name": "prefers-color-scheme", "value": w.Scheme}
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{scheme}}, nil)
}

// Picture returns the upper part of the page, width by height pixels, as PNG.
func (b *Browser) Picture(width, height int) []byte {
	b.t.Helper()
	var p struct{ Data []byte }
	b.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true,
		"clip": map[string]any{"x": 0, "y": 0, "width": width, "height": height, "scale": 1}}, &p)
	return p.Data
}
