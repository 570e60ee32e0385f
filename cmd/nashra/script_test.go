package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nashra/nashra/aggregator/store/storetest"
	"github.com/nashra/nashra/translate/enginetest"
	"github.com/nashra/nashra/translate/offline/synthetic"
)

// cleaner ends the private PostgreSQL that tests started, and deletes the commands that they built.
type cleaner struct{ m *testing.M }

func (c cleaner) Run() int {
	defer func() { _ = os.RemoveAll(commands.dir) }()
	return storetest.Main(c.m)
}

// atOnce is how many tests run at once, unless -parallel says otherwise: most wait for timeouts.
const atOnce = "4"

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", atOnce)
	testscript.Main(cleaner{m}, map[string]func(){
		"nashra": func() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// commands are the built commands nashra and feedfarm.
var commands struct {
	sync.Once
	dir string
	err error
}

// build builds nashra and feedfarm as they are shipped, once for all tests, and returns their
// folder.
func build(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the built program, which the race detector does not see")
	}
	commands.Do(func() {
		if commands.dir, commands.err = os.MkdirTemp("", "nashra-test-"); commands.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-trimpath", "-o", commands.dir+string(os.PathSeparator), ".", "../feedfarm")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			commands.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if commands.err != nil {
		t.Fatal(commands.err)
	}
	return commands.dir
}

// long skips a test that takes long. The name of such a test ends in Long: .ci/run selects it by
// that.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv("NASHRA_TEST_LONG") == "" {
		t.Skip("takes long: set NASHRA_TEST_LONG=1 to run it")
	}
}

// The scripts specify the command. Each runs it in a new folder, with publishers at $ORIGIN and
// $BUSY, a fake service for each engine, and a registry of models at $MODELS. scriptCommands are
// its further commands.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: setUpScript, Cmds: scriptCommands(),
		RequireExplicitExec: true})
}

type bench struct {
	origin *origin
	fakes  map[string]*enginetest.Fake
	billed map[string]int64 // by fake, at the last check
	frozen map[string][32]byte
}

func setUpScript(env *testscript.Env) error {
	tb, ok := env.T().(testing.TB)
	if !ok {
		return errors.New("testscript runs without testing.TB")
	}
	b := &bench{origin: &origin{dir: filepath.Join(env.WorkDir, "feeds")}, billed: map[string]int64{},
		fakes: map[string]*enginetest.Fake{"LIBRE": enginetest.NewLibre(tb), "GOOGLE": enginetest.NewGoogleV2(tb),
			"DEEPL": enginetest.NewDeepL(tb),
			"MTRAN": enginetest.NewMTranServer(tb), "AZURE": enginetest.NewAzure(tb),
			"DEEPSEEK": enginetest.NewDeepSeek(tb), "OLLAMA": enginetest.NewOllama(tb)}}
	for _, host := range []string{"ORIGIN", "BUSY"} { // one with the same pages for what asks the whole host to wait
		srv := httptest.NewServer(b.origin)
		env.Defer(func() {
			srv.CloseClientConnections()
			srv.Close()
		})
		env.Setenv(host, srv.URL)
		env.Setenv(host+"_HOST", strings.TrimPrefix(srv.URL, "http://"))
	}
	env.Values["bench"] = b
	models := enginetest.NewRegistry(tb, synthetic.Speller())
	env.Setenv("MODELS", models.URL)
	env.Setenv("XDG_DATA_HOME", filepath.Join(env.WorkDir, "data"))
	for name, f := range b.fakes {
		env.Setenv(name, f.URL)
		env.Setenv(name+"_KEY", f.Key)
	}
	env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "no-config"))
	return copySamples(env.WorkDir)
}

// copySamples copies the demo's sample feeds to samples/.
func copySamples(dir string) error {
	return os.CopyFS(filepath.Join(dir, "samples"), os.DirFS(filepath.Join("demo", "samples")))
}

func scriptCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	of := func(ts *testscript.TestScript) *bench { return ts.Value("bench").(*bench) }
	cmds := map[string]func(ts *testscript.TestScript, neg bool, args []string){
		// expand FILE: replaces $NAME$ by the variable's value
		"expand": func(ts *testscript.TestScript, _ bool, args []string) {
			text := ts.ReadFile(args[0])
			for _, name := range []string{"ORIGIN", "BUSY", "LIBRE", "GOOGLE", "DEEPL", "MTRAN", "AZURE", "DEEPSEEK",
				"OLLAMA", "MODELS"} {
				text = strings.ReplaceAll(text, "$"+name+"$", ts.Getenv(name))
			}
			ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
		},
		// status N COMMAND...: runs the command and checks its exit code
		"status": func(ts *testscript.TestScript, _ bool, args []string) {
			code := 0
			if err := ts.Exec(args[1], args[2:]...); err != nil {
				var exit *exec.ExitError
				if !errors.As(err, &exit) {
					ts.Fatalf("%v", err)
				}
				code = exit.ExitCode()
			}
			if want, err := strconv.Atoi(args[0]); err != nil || code != want {
				ts.Fatalf("exit code %d, want %s", code, args[0])
			}
		},
		// asked N CONDITIONAL UNCHANGED: checks the requests to the publishers since the last check
		"asked": func(ts *testscript.TestScript, _ bool, args []string) {
			if got, want := of(ts).origin.asked(), strings.Join(args, " "); got != want {
				ts.Fatalf("the publishers had %s requests (all, conditional, unchanged), want %s", got, want)
			}
		},
		// billed SERVICE N|TEXT: checks the characters billed since the last check; a text counts
		// by length
		"billed": func(ts *testscript.TestScript, neg bool, args []string) {
			b := of(ts)
			got := b.fakes[args[0]].Billed() - b.billed[args[0]]
			b.billed[args[0]] += got
			want, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil {
				want = int64(utf8.RuneCountInString(args[1]))
			}
			if neg == (got == want) {
				ts.Fatalf("%d characters were billed, asked about %d", got, want)
			}
		},
		// service NAME STATUS [BODY] | slow | ok: makes a service fail, answer slowly, or work
		"service": func(ts *testscript.TestScript, _ bool, args []string) {
			var ft enginetest.Fault
			switch args[1] {
			case "ok":
			case "slow":
				ft.Delay = 500 * time.Millisecond
			default:
				status, err := strconv.Atoi(args[1])
				ts.Check(err)
				ft = enginetest.Fault{Status: status, Body: strings.Join(args[2:], " ")}
			}
			of(ts).fakes[args[0]].Fault(0, ft)
		},
		// speller DIR: writes an offline model that spells Arabic in Latin letters
		"speller": func(ts *testscript.TestScript, _ bool, args []string) {
			ts.Check(synthetic.Write(ts.MkAbs(args[0]), synthetic.Speller()))
		},
		// mumbler DIR: writes a model that also misspells Latin words
		"mumbler": func(ts *testscript.TestScript, _ bool, args []string) {
			ts.Check(synthetic.Write(ts.MkAbs(args[0]), synthetic.Mumbler()))
		},
		// stammerer DIR: writes a model that repeats its first letter
		"stammerer": func(ts *testscript.TestScript, _ bool, args []string) {
			ts.Check(synthetic.Write(ts.MkAbs(args[0]), synthetic.Stammerer()))
		},
		// hooked: prints what was posted to $ORIGIN/hook since it was last printed
		"hooked": func(ts *testscript.TestScript, _ bool, _ []string) {
			o := of(ts).origin
			o.mu.Lock()
			defer o.mu.Unlock()
			_, err := ts.Stdout().Write(o.hooked)
			ts.Check(err)
			o.hooked = nil
		},
		// freeze DIR; frozen DIR: checks that every file is unchanged since freeze
		"freeze": func(ts *testscript.TestScript, _ bool,
			args []string) {
			of(ts).frozen = hashes(ts, ts.MkAbs(args[0]))
		},
		"frozen": func(ts *testscript.TestScript, neg bool, args []string) {
			was, now, changed := of(ts).frozen, hashes(ts, ts.MkAbs(args[0])), []string{}
			for name := range was {
				if was[name] != now[name] {
					changed = append(changed, name)
				}
			}
			if len(was) == 0 || neg == (len(changed) == 0 && len(was) == len(now)) {
				ts.Fatalf("%d files were there, %d are; changed: %v", len(was), len(now), changed)
			}
		},
		// replace FILE OLD NEW
		"replace": func(ts *testscript.TestScript, _ bool, args []string) {
			text := ts.ReadFile(args[0])
			if strings.Count(text, args[1]) != 1 {
				ts.Fatalf("%s holds %q %d times", args[0], args[1], strings.Count(text, args[1]))
			}
			ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o644))
		},
		// ids FILE: prints the ids of an Atom file's entries
		"ids": func(ts *testscript.TestScript, _ bool, args []string) {
			for _, part := range strings.Split(ts.ReadFile(args[0]), "<entry")[1:] {
				_, after, _ := strings.Cut(part, "<id>")
				id, _, _ := strings.Cut(after, "</id>")
				fmt.Fprintln(ts.Stdout(), id)
			}
		},
	}
	maps.Copy(cmds, budgetCommands(of))
	return cmds
}

func hashes(ts *testscript.TestScript, dir string) map[string][32]byte {
	out := map[string][32]byte{}
	ts.Check(fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		out[name] = sha256.Sum256(b)
		return err
	}))
	return out
}

// origin serves the files of a folder, with validators, and some addresses that fail.
type origin struct {
	dir string

	mu                          sync.Mutex
	all, conditional, unchanged int
	hooked                      []byte // what was posted to /hook, a line each
}

func (o *origin) asked() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := fmt.Sprint(o.all, o.conditional, o.unchanged)
	o.all, o.conditional, o.unchanged = 0, 0, 0
	return s
}

func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.all++
	if r.Header.Get("If-None-Match") != "" {
		o.conditional++
	}
	o.mu.Unlock()
	switch r.URL.Path {
	case "/down":
		http.Error(w, "down", http.StatusInternalServerError)
	case "/hook":
		body, _ := io.ReadAll(r.Body)
		o.mu.Lock()
		defer o.mu.Unlock()
		o.hooked = append(append(o.hooked, body...), '\n')
	case "/gone":
		http.Error(w, "gone", http.StatusGone)
	case "/busy":
		w.Header().Set("Retry-After", "3600")
		http.Error(w, "busy", http.StatusTooManyRequests)
	case "/slow":
		<-r.Context().Done()
	case "/huge":
		for range 40 {
			if _, err := w.Write(bytes.Repeat([]byte("<x>نص</x>"), 40_000)); err != nil {
				return
			}
		}
	case "/locked.xml":
		if user, password, _ := r.BasicAuth(); user+password != "subscriberhush-hush" &&
			r.Header.Get("X-Key") != "hush-hush" {
			http.Error(w, "who are you, with "+r.Header.Get("X-Key")+"?", http.StatusUnauthorized)
			return
		}
		o.file(w, r)
	case "/forever/good.xml":
		http.Redirect(w, r, "/good.xml", http.StatusMovedPermanently)
	case "/while/other.xml":
		http.Redirect(w, r, "/other.xml", http.StatusFound)
	case "/private":
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
	default:
		o.file(w, r)
	}
}

func (o *origin) file(w http.ResponseWriter, r *http.Request) {
	b, err := os.ReadFile(filepath.Join(o.dir, filepath.FromSlash(path.Clean(r.URL.Path))))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	tag := fmt.Sprintf(`W/"%x"`, sha256.Sum256(b))
	w.Header().Set("ETag", tag)
	w.Header().Set("Last-Modified", time.Date(2025, 1, 28, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat))
	if r.Header.Get("If-None-Match") == tag {
		o.mu.Lock()
		o.unchanged++
		o.mu.Unlock()
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", cmp.Or(map[string]string{".html": "text/html",
		".txt": "text/plain"}[path.Ext(r.URL.Path)], "application/xml"))
	_, _ = io.Copy(w, bytes.NewReader(b))
}
