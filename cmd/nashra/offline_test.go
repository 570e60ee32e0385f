package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/feeds/site/sitetest"
	"github.com/nashra/nashra/translate/enginetest"
	"github.com/nashra/nashra/translate/offline"
	"github.com/nashra/nashra/translate/offline/synthetic"
)

// A daemon without a model tries to download it, logs the failure and publishes in Arabic. Once the
// model is installed it translates the waiting stories too.
func TestServeWithoutModel(t *testing.T) {
	dir := t.TempDir()
	publish := func(sample string) {
		news, err := os.ReadFile(filepath.Join("demo", "samples", sample))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "news.xml"), news, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	publish("souqphone-windows1256.xml")
	origin := httptest.NewServer(&origin{dir: dir})
	defer origin.Close()
	registry := enginetest.NewRegistry(t, synthetic.Speller()) // its model is unknown to this program
	t.Setenv("XDG_DATA_HOME", filepath.Join(dir, "data"))
	file := filepath.Join(dir, "nashra.yaml")
	text := fmt.Sprintf("store: %s\npublish: {dir: %s}\nschedule: \"@every 1s\"\nfetch: {allow_private: true, "+
		"min_interval: 0s}\nchannels: [{id: feed, wait: 1s}]\n"+
		"sources:\n  - {id: souq, url: %q}\nengines: {offline: {type: offline, mirror: %q}}\n",
		filepath.Join(dir, "nashra.db"), filepath.Join(dir, "public"), origin.URL+"/news.xml", registry.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, cfg, err := readConfig(&options{config: file})
	if err != nil {
		t.Fatal(err)
	}
	public, _, end := serving(t, cfg)
	shows := func(state string, stories int) bool {
		for range 600 {
			if status, body := sitetest.Get(t, public+"/feed.json"); status == 200 &&
				strings.Count(body, `"state": "`+state+`"`) == stories {
				return true
			}
			time.Sleep(100 * time.Millisecond)
		}
		return false
	}
	if !shows("waiting", 5) {
		t.Error("its stories are not published in Arabic")
	}
	models := offline.UserPlaces(dir).Models()
	folder := filepath.Join(dir, "folder")
	if err := synthetic.Write(folder, synthetic.Speller()); err != nil {
		t.Fatal(err)
	}
	if err := models.InstallFolder("base-memory", folder, true); err != nil {
		t.Fatal(err)
	}
	publish("gulfit-atom.xml")
	if !shows("done", 10) {
		t.Error("its stories are not filled in")
	}
	log := end()
	for _, want := range []string{"downloading the model base-memory 3.0, Arabic to English: ", "licence MPL-2.0",
		"the model base-memory is not here and could not be fetched"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
}

// puller is the program, built to accept the fake registry's model, and a source that it polls.
type puller struct {
	t              *testing.T
	dir, source    string
	registry       *enginetest.Registry
	damaged        bool         // files have a flipped bit
	asked, fetched atomic.Int64 // requests for the registry's list, and for files
}

func newPuller(t *testing.T) *puller {
	p := &puller{t: t, dir: t.TempDir(), registry: enginetest.NewRegistry(t, synthetic.Speller())}
	pin := fmt.Sprintf("-s -X github.com/nashra/nashra/translate/offline.pinBaseMemory=%x",
		sha256.Sum256(synthetic.Speller()["model.spell.bin"]))
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", pin, "-o", filepath.Join(p.dir, "nashra"), ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is shipped
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p.registry.Serve = func(w http.ResponseWriter, _ *http.Request, file []byte) bool {
		p.fetched.Add(1)
		file = bytes.Clone(file)
		if p.damaged {
			file[len(file)/2] ^= 1
		}
		_, _ = w.Write(file) // fails if the client disconnects
		return true
	}
	p.registry.Server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/" {
			p.asked.Add(1)
		}
		p.registry.ServeHTTP(w, r)
	})
	origin := httptest.NewServer(&origin{dir: filepath.Join("demo", "samples")})
	t.Cleanup(origin.Close)
	p.source = origin.URL + "/souqphone-windows1256.xml"
	return p
}

// pass runs nashra fetch with a mirror, and returns its output and the published feed.
func (p *puller) pass(mirror string) (stdout, stderr, feed string) {
	p.t.Helper()
	p.asked.Store(0)
	p.fetched.Store(0)
	file := filepath.Join(p.dir, "nashra.yaml")
	text := fmt.Sprintf("store: %s\npublish: {dir: %s}\nfetch: {allow_private: true, min_interval: 0s}\nsources:\n  "+
		"- {id: souq, url: %q}\n"+
		"engines: {offline: {type: offline, model: base-memory, pull: auto, mirror: %q}}\n",
		filepath.Join(p.dir, "nashra.db"), filepath.Join(p.dir, "public"), p.source, mirror)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(p.dir, "nashra"), "fetch", "--now", "-c", file)
	cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+filepath.Join(p.dir, "data"), "GOOGLE_API_KEY=",
		"GOOGLE_APPLICATION_CREDENTIALS=")
	var out, said strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("%v\n%s", err, said.String())
	}
	published, err := os.ReadFile(filepath.Join(p.dir, "public", "feed.json"))
	if err != nil {
		p.t.Fatal(err)
	}
	return out.String(), said.String(), string(published)
}

func (p *puller) installed() bool {
	_, err := os.Stat(filepath.Join(p.dir, "data", "nashra", "models", "base-memory", "manifest.json"))
	return err == nil
}

// TestFetchPulls: a pass without a model downloads it and translates. If that fails it publishes in
// Arabic, says why, and asks the registry once only.
func TestFetchPulls(t *testing.T) {
	p := newPuller(t)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	p.damaged = true
	for mirror, want := range map[string]string{closed.URL: "refused", p.registry.URL: "its sha256 is "} {
		stdout, stderr, feed := p.pass(mirror)
		for _, want := range []string{want, "the model base-memory is not here and could not be fetched",
			"hint: nashra model pull fetches it"} {
			if !strings.Contains(stderr, want) {
				t.Errorf("stderr lacks %q:\n%s", want, stderr)
			}
		}
		if n := strings.Count(feed, `"state": "waiting"`); n != 5 ||
			!strings.Contains(stdout, "5 stories wait for their translation") {
			t.Errorf("%s: %d stories wait:\n%s", want, n, stdout)
		}
		if p.installed() || p.asked.Load() > 1 || p.fetched.Load() > 1 {
			t.Errorf("%s: asked %d times, %d files fetched, installed: %v", want, p.asked.Load(), p.fetched.Load(),
				p.installed())
		}
	}

	p.damaged = false
	stdout, stderr, feed := p.pass(p.registry.URL)
	said := regexp.MustCompile(`downloading the model base-memory 3\.0, Arabic to English: \d+\.\d MB from ` +
		`127\.0\.0\.1:\d+, licence MPL-2\.0, by Mozilla`)
	if !said.MatchString(stderr) || strings.Contains(stderr, "warning") {
		t.Errorf("size, source and licence were not said:\n%s", stderr)
	}
	if n := strings.Count(feed, `"state": "done"`); n != 5 || !strings.Contains(feed, `"engine": "offline"`) {
		t.Errorf("%d of 5 stories are translated:\n%s", n, stdout)
	}
	if !p.installed() || p.asked.Load() != 1 || p.fetched.Load() != 4 {
		t.Errorf("asked %d times, %d files fetched, installed: %v", p.asked.Load(), p.fetched.Load(), p.installed())
	}
	if _, stderr, _ = p.pass(p.registry.URL); p.asked.Load() != 0 || stderr != "" {
		t.Errorf("with the model there the registry was asked %d times\n%s", p.asked.Load(), stderr)
	}
}

// Odd lines come back as one line each, translated or unchanged.
func TestTranslateOddLines(t *testing.T) { translateOddLines(t, 10_000) }

func TestTranslateOddLinesLong(t *testing.T) {
	long(t)
	translateOddLines(t, 100_000)
}

func translateOddLines(t *testing.T, letters int) {
	t.Helper()
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("it runs in one goroutine")
	}
	dir, endless := t.TempDir(), strings.Repeat("ن", letters)
	lines := []string{endless, "", "سامانه\u200cای پیچیده با گچ و ژله", "🔥🔥🔥 👨\u200d👩\u200d👧\u200d👦 📱", "   ",
		"\x01\u202e\u0000", "\xff\xfe\xfa", "ـــــــــــــــــ", strings.Repeat("هاها ", 200), "漢字 ไทย ไม่มีช่องว่าง"}
	file, folder, config := filepath.Join(dir, "lines"), filepath.Join(dir, "folder"), filepath.Join(dir, "nashra.yaml")
	if err := synthetic.Write(folder, synthetic.Speller()); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{file: strings.Join(lines, "\n") + "\n", config: "store: " +
		filepath.Join(dir, "nashra.db") + "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, raw := range []bool{false, true} {
		var stdout, stderr strings.Builder
		args := []string{"translate", "-c", config, "--model", folder, file}
		if raw {
			args = append(args, "--raw")
		}
		if code := run(args, &stdout, &stderr); code > 1 || strings.Contains(stderr.String(), "panic") {
			t.Errorf("raw %v: exit code %d: %s", raw, code, stderr.String())
		}
		got := strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
		if len(got) != len(lines) {
			t.Fatalf("raw %v: %d lines became %d", raw, len(lines), len(got))
		}
		if got[1] != "" || strings.ReplaceAll(got[0], " ", "") != strings.Repeat("N", letters) && got[0] != endless {
			t.Errorf("raw %v: %.40q, %q", raw, got[0], got[1])
		}
		for i := 2; i < len(lines); i++ {
			t.Logf("raw %v: %.60q is %.60q", raw, lines[i], got[i])
			if !utf8.ValidString(got[i]) && got[i] != lines[i] {
				t.Errorf("raw %v: %.60q is %.60q", raw, lines[i], got[i])
			}
		}
	}
}
