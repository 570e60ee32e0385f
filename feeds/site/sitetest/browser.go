// Package sitetest opens pages in a browser and judges what it makes of them.
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

// Browser is a headless Chromium with one tab, driven by its DevTools protocol over a pipe: messages are JSON, each ended by a zero.
type Browser struct {
	t       *testing.T
	in      io.WriteCloser
	out     *bufio.Reader
	session string
	last    int
	Errors  []string // what the tab's log called an error
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
const patience = 5 * time.Minute

// New starts Chromium, and skips the test where there is none; where CI installs it, it must be there.
func New(t *testing.T) *Browser {
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
	b := &Browser{t: t, in: in, out: bufio.NewReaderSize(out, 1<<20)}
	t.Cleanup(func() {
		b.send("", "Browser.close", nil)
		_ = cmd.Wait() // how it ends tells nothing of the page
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
	const text = "no Chromium to look at the pages with: apt-get install chromium fonts-noto-core"
	if os.Getenv("CI") == "true" {
		t.Fatal(text)
	}
	t.Skip(text)
	return ""
}

// open makes the tab.
func (b *Browser) open() {
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

// call asks the tab, or the browser where there is none yet, and reads its answer into result.
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

// until reads messages up to the one that is wanted.
func (b *Browser) until(wanted func(message) bool) (message, error) {
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

func (b *Browser) note(params json.RawMessage) {
	var p struct{ Entry struct{ Level, Text string } }
	if json.Unmarshal(params, &p) == nil && p.Entry.Level == "error" {
		b.Errors = append(b.Errors, p.Entry.Text)
	}
}

// Load goes to a page and waits until it is shown.
func (b *Browser) Load(url string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": url}, nil)
	b.arrive()
}

// Click clicks on the first element that the selector finds, which must lead somewhere, and waits until that is shown.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	var found bool
	if b.Ask("!!document.querySelector("+strconv.Quote(selector)+")", &found); !found {
		b.t.Fatalf("nothing on the page is %s", selector)
	}
	b.send(b.session, "Runtime.evaluate", map[string]any{"expression": "document.querySelector(" + strconv.Quote(selector) + ").click()", "userGesture": true})
	b.arrive()
}

// Type types text into the first field that the selector finds, in place of what is there, ends it with the Enter key, and waits until what that leads to is shown.
func (b *Browser) Type(selector, text string) {
	b.t.Helper()
	var found bool
	if b.Ask("(e => e && (e.focus(), e.select(), document.activeElement == e))(document.querySelector("+strconv.Quote(selector)+")) || false", &found); !found {
		b.t.Fatalf("nothing on the page can be typed into as %s", selector)
	}
	b.call("Input.insertText", map[string]any{"text": text}, nil)
	b.send(b.session, "Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13})
	b.arrive()
}

func (b *Browser) arrive() {
	b.t.Helper()
	if _, err := b.until(func(m message) bool { return m.Method == "Page.loadEventFired" }); err != nil {
		b.t.Fatal(err)
	}
}

// Ask evaluates JavaScript in the page. The page's policy does not bind the one who holds its debugger.
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

// Screen sets the window.
func (b *Browser) Screen(w Window) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": w.Width, "height": 900, "deviceScaleFactor": 1, "mobile": w.Width < 600}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": w.Scheme}}}, nil)
}

// Picture is what the tab shows from its top, at most height pixels of it, as PNG.
func (b *Browser) Picture(width, height int) []byte {
	b.t.Helper()
	var p struct{ Data []byte }
	b.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true,
		"clip": map[string]any{"x": 0, "y": 0, "width": width, "height": height, "scale": 1}}, &p)
	return p.Data
}
