package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/notify"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/azure"
	"github.com/nashra/nashra/translate/chat"
	"github.com/nashra/nashra/translate/deepl"
	"github.com/nashra/nashra/translate/google"
	"github.com/nashra/nashra/translate/libre"
	"github.com/nashra/nashra/translate/offline"
)

// vars is an environment for tests.
func vars(m map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := m[name]; return v, ok }
}

func none(string) (string, bool) { return "", false }

func checkTarget(t feeds.Target) (key, problem, hint string) {
	if m := notify.Check(t); m != nil {
		return m.Key, m.Problem, m.Hint
	}
	return "", "", ""
}

// reader reads with env and every engine type that ships.
func reader(env func(string) (string, bool)) Reader {
	return Reader{env, translate.EngineTypes{google.Type(), chat.Type(), deepl.Type(), azure.Type(), libre.Type(),
		offline.Type(nil, nil)}, checkTarget}
}

func parse(name string, text []byte, env func(string) (string, bool)) (*Config, error) {
	return reader(env).parse(name, text)
}

func TestTemplate(t *testing.T) {
	c, err := reader(none).Read("")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range c.Sources {
		ids = append(ids, s.ID)
		if !s.On() || s.Private || s.Translate != "full" || s.Content != "full" || s.FullText != "never" ||
			s.Timezone != "UTC" {
			t.Errorf("source %s lacks its defaults: %+v", s.ID, s)
		}
	}
	if got, want := strings.Join(ids,
		" "), "aitnews tech-wd unlimit-tech arabhardware iphoneislam skynewsarabia euronews-next"; got != want {
		t.Errorf("sources %s, want %s", got, want)
	}
	ch := c.Channels[0]
	if len(c.Channels) != 2 || c.Channels[1].ID != "daily" || !c.Channels[1].Digest.On() || ch.ID != "feed" ||
		ch.Limit != 100 || ch.Wait != 10*time.Minute ||
		ch.Layout != "blocks" || ch.Titles != "both" || ch.Events != "link" {
		t.Errorf("channels %+v", c.Channels)
	}
	if got := c.Translate.Engines; len(got) != 1 || got[0] != "offline" {
		t.Errorf("engines %v", got)
	}
}

// The examples that the template shows in comments are valid, too.
func TestTemplateExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("key.json", []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	comment := regexp.MustCompile(`^( *)# (- \{.*| *(?:- )?[a-z_]+:(?: .*)?)$`)
	var lines []string
	explaining := false // the keys of a source, which belong inside the entries below
	for _, l := range strings.Split(string(Template()), "\n") {
		explaining = strings.HasPrefix(l, "# A source ") || explaining && strings.HasPrefix(l, "#")
		if m := comment.FindStringSubmatch(l); m != nil && !explaining && !strings.HasPrefix(l, "# nashra:") {
			l = m[1] + m[2]
		}
		lines = append(lines, l)
	}
	text := strings.Join(lines, "\n")
	env := vars(map[string]string{"NASHRA_TOKEN": "t", "GOOGLE_API_KEY": "k", "DEEPSEEK_API_KEY": "k",
		"DEEPL_API_KEY": "k", "AZURE_KEY": "k", "HOOK_SECRET": "k"})
	c, err := parse("template", []byte(text), env)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(c.Sources) < 40 || len(c.Engines) != 8 || c.Serve.Listen == "" || c.Tags["news"]["en"] != "News" ||
		len(c.Notify) != 2 {
		t.Errorf("%d sources, %d engines, tags %v: the comments were not all read", len(c.Sources), len(c.Engines),
			c.Tags)
	}
}

// whole.yaml has every key, as the documentation shows it.
func TestEveryKeyReads(t *testing.T) {
	sample, err := os.ReadFile(filepath.Join("testdata", "whole.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("key.json", []byte(`{"type":"service_account"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := parse("whole.yaml", sample,
		vars(map[string]string{"DEEPSEEK_API_KEY": "ds", "OPENAI_API_KEY": "oa", "DEEPL_API_KEY": "dl",
			"AZURE_KEY": "az", "PHONE": "ntfy://ntfy.sh/topic"}))
	if err != nil {
		t.Fatal(err)
	}
	if c.Fetch.MaxBody != 15_000_000 || c.Fetch.Timeout != 30*time.Second || c.Retention.Items != 180*day ||
		c.Publish.Keep != 14*day || c.Channels[0].Wait != 10*time.Minute || c.Serve.Log != "json" ||
		len(c.Serve.Hosts) != 1 || fmt.Sprint(c.Serve.Proxies()) != "[127.0.0.1/32 10.0.0.0/8 fc00::/7]" {
		t.Errorf("sizes and durations: %+v %+v", c.Fetch, c.Retention)
	}
	if c.Translate.Budget != (Budget{Day: Amount{Chars: 200000}, Month: Amount{Chars: 3000000}}) ||
		c.Engines["deepl"].Budget.Month.Chars != 500000 {
		t.Errorf("budgets: %+v", c.Translate.Budget)
	}
	if n := c.Notify; len(n) != 1 || n[0].URL != "ntfy://ntfy.sh/topic" || n[0].When.MinOutlets != 3 {
		t.Errorf("targets: %d", len(n))
	}
	if string(c.Engines["deepseek"].Key) != "ds" ||
		string(c.Engines["google"].Credentials) != `{"type":"service_account"}` {
		t.Errorf("references were not expanded: %q %q", string(c.Engines["deepseek"].Key),
			string(c.Engines["google"].Credentials))
	}
	shown, err := c.Show()
	if err != nil {
		t.Fatal(err)
	}
	// Show's output reads back to the same config if nothing was masked.
	again, err := parse("shown.yaml", shown,
		vars(map[string]string{"DEEPSEEK_API_KEY": "ds", "OPENAI_API_KEY": "oa", "DEEPL_API_KEY": "dl",
			"AZURE_KEY": "az", "PHONE": "ntfy://ntfy.sh/topic"}))
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	if !reflect.DeepEqual(c, again) {
		t.Errorf("read back otherwise:\n%+v\n%+v", c, again)
	}
}

func TestEnginesByDefault(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		env  map[string]string
		want []string
	}{
		"nothing set":      {"", nil, []string{"offline"}},
		"a key":            {"", map[string]string{"GOOGLE_API_KEY": "k"}, []string{"google"}},
		"credentials":      {"", map[string]string{"GOOGLE_APPLICATION_CREDENTIALS": "/f"}, []string{"google"}},
		"an empty key":     {"", map[string]string{"GOOGLE_API_KEY": ""}, []string{"offline"}},
		"none are wanted":  {"translate: {engines: []}", map[string]string{"GOOGLE_API_KEY": "k"}, []string{}},
		"a key, no value":  {"translate: {engines: }", map[string]string{"GOOGLE_API_KEY": "k"}, []string{"google"}},
		"memory, built in": {"translate: {engines: [memory]}", nil, []string{"memory"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := parse("t.yaml", []byte(tc.text), vars(tc.env))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(c.Translate.Engines, tc.want) {
				t.Errorf("%#v, want %#v", c.Translate.Engines, tc.want)
			}
			if len(c.Sources) != 7 {
				t.Errorf("%d sources where the file has none of its own", len(c.Sources))
			}
		})
	}
}

func TestPrivate(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("url", []byte("https://b.example/feed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := parse("t.yaml", []byte(`sources:
  - {url: "https://open.example/feed?a=1"}
  - {url: "https://user:pw@login.example/feed"}
  - {url: "https://key.example/feed?k=${K}"}
  - {url: file:url, id: from-file}
`), vars(map[string]string{"K": "${HOME}file:url"}))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		id, url string
		private bool
	}{{"open", "https://open.example/feed?a=1", false}, {"login", "https://user:pw@login.example/feed", true},
		{"key", "https://key.example/feed?k=${HOME}file:url", true}, {"from-file", "https://b.example/feed", true}} {
		if s := c.Sources[i]; s.ID != want.id || s.URL != want.url || s.Private != want.private {
			t.Errorf("source %d: %s %s private %v, want %+v", i, s.ID, s.URL, s.Private, want)
		}
	}
}

func TestIDOf(t *testing.T) {
	for address, want := range map[string]string{
		"https://aitnews.com/feed/": "aitnews", "https://www.tech-wd.com/wd/feed/": "tech-wd",
		"https://rss.dw.com/x":  "dw",
		"https://me.ign.com/ar": "me-ign", "https://feeds.bbci.co.uk/x": "bbci", "http://127.0.0.1:80/": "127-0-0-1",
		"http://localhost/":  "localhost",
		"http://[::1]:8000/": "1", "https://t.co/feed": "t", "https://WWW.Example.COM./": "example", "file:x": "",
		"https://${H}.example/": "",
	} {
		if got := idOf(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "xdg"))
	find := func(explicit, want string) {
		t.Helper()
		if got, err := Find(explicit); got != want || err != nil {
			t.Errorf("Find(%q) = %q, %v; want %q", explicit, got, err, want)
		}
	}
	find("", "")
	inXDG := filepath.Join(dir, "xdg", "nashra", "nashra.yaml")
	if err := errors.Join(os.MkdirAll(filepath.Dir(inXDG), 0o755), os.WriteFile(inXDG, nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	find("", inXDG)
	if err := os.WriteFile("nashra.yaml", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	find("", "nashra.yaml")
	find(inXDG, inXDG)
	if _, err := Find("absent.yaml"); err == nil {
		t.Error("an absent file was found")
	}
}

// What is allowed and probably not meant is told at its place, once.
func TestWarnings(t *testing.T) {
	const remote, plain = "store: postgres://u:hunter2@", "store: the connection does not verify"
	const secret = "sources[0].url: the address seems to hold a secret"
	const public = "serve.metrics: anyone who reaches this machine"
	one := func(address string) string { return "sources: [{url: \"" + address + "\", id: a}]\n" }
	for text, want := range map[string]string{
		"serve: {metrics: \"0.0.0.0:9090\"}\n":                                        public,
		"serve: {metrics: \":9090\"}\n":                                               public,
		"serve: {metrics: \"[::]:9090\"}\n":                                           public,
		"serve: {metrics: \"10.0.0.7:9090\"}\n":                                       "",
		"serve: {metrics: \"localhost:9090\"}\n":                                      "",
		"serve: {listen: \":8080\"}\n":                                                "",
		remote + "db.example/n\n":                                                     plain,
		remote + "203.0.113.5/n?sslmode=require\n":                                    plain,
		remote + "db.example/n?sslmode=verify-full\n":                                 "",
		remote + "127.0.0.1/n\n":                                                      "",
		remote + "[::1]/n?sslmode=disable\n":                                          "",
		remote + "postgres:5432/n?sslmode=disable\n":                                  "",
		"store: \"postgres:///n?host=/run/postgresql&user=u\"\n":                      "",
		"store: \"postgres:///n?host=db.example&user=u\"\n":                           plain,
		one("https://a.example/rss?token=x1"):                                         secret,
		one("https://a.example/7f3a9c51e0b24d68.xml"):                                 secret,
		one("https://a.example/p/123e4567-e89b-12d3-a456-426614174000"):               secret,
		one("https://a.example/u/kT9xQ2mB7vLp4RsW/feed"):                              secret,
		one("https://user:pass@a.example/7f3a9c51e0b24d68.xml"):                       "",
		one("https://a.example/?cat=5&feed=rss2"):                                     "",
		one("https://a.example/2026/11/best-iphone-15-and-galaxy-s24-ultra-deals"):    "",
		one("https://a.example/feeds/1234567890123456789/posts/default"):              "",
		one("https://youtube.example/videos.xml?channel_id=UCBJycsmduvYEL83R_U4JriQ"): "",
		one("https://a.example/internationaltechnologynews2024/feed"):                 "",
		one("https://a.example/%D8%AA%D9%82%D9%86%D9%8A%D8%A9-2024/feed/"):            "",
		"sources: [{url: \"https://a.example/7f3a9c51e0b24d68\", private: false}]\n":  "",
		"sources: [{url: \"https://a.example/7f3a9c51e0b24d68\", private: true}]\n":   "",
	} {
		c, err := parse("t.yaml", []byte(text), none)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		said := c.Warnings.Error()
		if want == "" && said != "" || !strings.Contains(said, want) || strings.Contains(said, "\n") ||
			want != "" && !strings.HasPrefix(said, "t.yaml:1:") {
			t.Errorf("%s: said %q, want %q", text, said, want)
		}
		if strings.Contains(said, "hunter2") || strings.Contains(said, "7f3a") {
			t.Errorf("%s: told the secret: %s", text, said)
		}
	}
}
