package config

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// badConfigs holds files with mistakes, by name. testdata/mistakes.txt has what is said of each.
var badConfigs = map[string]string{
	"1 for true":                          "sources:\n  - url: https://a.example/\n    enabled: 1\n",
	"a bool in words":                     "fetch: {allow_private: yes}\n",
	"a budget":                            "translate: {budget: {day: \"€5\"}}\n",
	"a budget in words":                   "translate:\n  budget: {month: 5 USD}\n",
	"a budget without a period":           "translate:\n  budget: 500000\n",
	"a choice":                            "translate: {on_budget: stop}\n",
	"a choice from elsewhere":             "translate: {on_budget: \"${FTP}\"}\n",
	"a city for a zone":                   "timezone: Riyadh\n",
	"a colon in a title":                  "sources:\n  - url: https://a.example/\n    title: News: tech\n",
	"a comma in an address":               "sources:\n  - {url: https://a.example/feed?a,b, id: x}\n",
	"a complex key":                       "? store\n: a.db\n",
	"a device for a file":                 "serve: {token: file:/dev/zero}\n",
	"a dialect for a type":                "engines:\n  gpt: {type: openai, model: gpt-6, key: k}\n",
	"a duration for a schedule":           "schedule: 30m\n",
	"a duration of no unit":               "fetch: {timeout: 30}\n",
	"a feed: address":                     "sources:\n  - {url: feed://a.example/, id: x}\n",
	"a file not there":                    "serve: {token: file:absent}\n",
	"a folder for the store":              "store: /tmp/\n",
	"a header with a break":               "sources: [{url: https://a.example, headers: {X: \"a\\r\\nB: c\"}}]\n",
	"a host alone":                        "serve:\n  listen: localhost\n",
	"a key indented too far":              "fetch:\n  timeout: 30s\n   per_host: 2\n",
	"a key indented too little":           "fetch:\n    timeout: 30s\n  per_host: 2\n",
	"a libpq keyword string":              "store: host=db user=nashra password=hunter2 dbname=n\n",
	"a libpq keyword string with quotes":  "store: \"dbname=n password='hunter 2'\"\n",
	"a limit of 0":                        "channels: [{id: f, limit: 0}]\n",
	"a list for a mapping":                "fetch: [1]\n",
	"a mapping for a value":               "store: {a: b}\n",
	"a merge conflict":                    "store: a.db\n<<<<<<< HEAD\nschedule: x\n=======\nschedule: y\n>>>>>>> b\n",
	"a list for a title":                  "sources: [{url: https://a.example, title: [a]}]\n",
	"a title in French":                   "sources: [{url: https://a.example, title: {fr: Le Fil}}]\n",
	"an Arabic title under en":            "sources:\n- {url: https://a.example, title: {en: تقني, ar: تقني}}\n",
	"a misspelt key of a source":          "sources:\n- url: https://a.example/\n  titel: x\n",
	"a negative duration":                 "fetch: {timeout: -1s}\n",
	"a number in quotes":                  "fetch: {per_host: \"2\"}\n",
	"a number past 32 bits":               "fetch: {per_host: 99999999999}\n",
	"a number sign in a password":         "store: \"postgres://u:hunter2#x@db/n\"\n",
	"a page":                              "<!doctype html>\n<html><body>404</body></html>\n",
	"a percent sign without quotes":       "publish: {dir: %TEMP%}\n",
	"a port alone":                        "serve:\n  metrics: 9090\n",
	"a reserved id":                       "sources: [{url: https://a.example, id: tags}]\n",
	"an edition for an id":                "sources: [{url: https://a.example, tags: [ar]}]\nchannels: [{id: en}]\n",
	"images that are neither":             "publish: {images: local}\n",
	"a retention too short":               "retention: {items: 6h}\n",
	"a retention without items":           "retention: 180d\n",
	"a second document":                   "store: a\n---\nstore: b\n",
	"a site without https":                "publish:\n  url: news.example.com\n",
	"a size":                              "fetch: {max_body: 15 miles}\n",
	"a size past all bounds":              "fetch: {max_body: 9223372036854775807KB}\n",
	"a source that is none":               "channels: [{id: a, sources: [aitnew]}]\n",
	"a source's cron, empty":              "sources: [{url: https://a.example, schedule: \"\"}]\n",
	"a star without quotes":               "schedule: */30 * * * *\n",
	"a tab for an indent":                 "fetch:\n\ttimeout: 30s\n",
	"a tag in capitals":                   "sources:\n  - url: https://a.example/\n    tags: [news, AI]\n",
	"a tag that is none":                  "channels: [{id: a, tags: [nwes]}]\n",
	"a tag's title without a language":    "tags:\n  news: News\n",
	"a page whose items are attributes":   "sources:\n  - {url: https://a.example/, page: {item: a@href}}\n",
	"a page without items":                "sources:\n  - {url: https://a.example/, page: {title: h2}}\n",
	"drop by jQuery":                      "sources:\n  - {url: https://a.example/, drop: [.ad, \"p:first\"]}\n",
	"a time to keep pages without a unit": "publish: {keep: 14}\n",
	"a title of no tag":                   "tags:\n  nwes: {en: News}\n",
	"a title without a language":          "channels:\n  - id: feed\n    title: Tech news\n",
	"a value for a list":                  "sources: x\n",
	"a variable not set":                  "serve: {token: \"${ABSENT}\"}\n",
	"a variable set to none":              "serve: {token: \"${EMPTY}\"}\n",
	"a variable without braces":           "store: $DATABASE_URL\n",
	"a Windows path in quotes":            "store: \"C:\\nashra\\data.db\"\n",
	"a Windows path that never ends":      "publish:\n  dir: \"C:\\Users\\x\"\n",
	"a word for a list":                   "sources:\n  - url: https://a.example/\n    tags: news\n",
	"a word to include":                   "channels:\n  - id: f\n    include: ai\n",
	"a YAML tag":                          "store: !!str a\n",
	"a zone":                              "timezone: Mars/Olympus\n",
	"an outlet with spaces":               "sources: [{url: https://a.example/, outlet: The Verge}]\n",
	"an outlet with a path":               "sources: [{url: https://a.example/, outlet: https://a.example}]\n",
	"all at once":                         "timezone: Nowhere\nstor: x\nfetch: {timeout: 0s}\n",
	"an address for a source":             "sources:\n  - https://a.example/feed\n",
	"an address of secrets":               "sources: [{url: \"https://${HOST}/\"}]\n",
	"an address with a fragment":          "publish:\n  url: https://a.example/#frag\n",
	"an address for a host":               "serve: {hosts: [\"http://status.example:9090\"]}\n",
	"a target of no service":              "notify: [{id: a, url: \"phone://${FTP}\", channel: feed}]\n",
	"a page by XPath": "sources:\n  - url: https://a.example/\n    page: " +
		"{item: \"//div[@class='x']\"}\n",
	"a page with an open bracket": "sources:\n  - url: https://a.example/\n    page: " +
		"{item: article, date: \"time[\"}\n",
	"a target with a wrong token": "notify:\n  - id: a\n    channel: feed\n    url: " +
		"\"telegram://hunter@telegram?chats=@a\"\n",
	"a vendor's webhook": "notify:\n  - {id: a, channel: feed, secret: \"${EMPTY}\",\n     url: " +
		"\"https://hooks.slack.com/services/A/B/hunter\"}\n",
	"secrets that sign nothing": "notify:\n  - {id: a, channel: feed, url: \"ntfy://ntfy.sh/a\", secret: hunter}\n" +
		"  - {id: b, channel: feed, url: \"https://a.example/\", secret: whsec_hunter!}\n",
	"a name for a proxy":             "serve: {trusted_proxies: [10.0.0.0/8, proxy.example]}\n",
	"an alias to nothing":            "store: *a\n",
	"an alias to nothing above":      "sources:\n  - {<<: *base, url: https://a.example/}\n",
	"an Arabic comma":                "sources:\n  - url: https://a.example/\n    tags: [news، ai]\n",
	"an Arabic id":                   "channels:\n  - id: أخبار\n",
	"an at sign without quotes":      "schedule: @hourly\n",
	"an empty entry":                 "channels:\n  - id: a\n    include: [a, ~]\n",
	"an empty source":                "sources:\n  -\n",
	"an engine of no type":           "engines:\n  x:\n",
	"an engine that is none":         "translate: {engines: [gogle]}\n",
	"an engine twice":                "translate: {engines: [memory, memory]}\n",
	"an engine without a key":        "engines:\n  deepl: {type: deepl}\n",
	"an engine without a type":       "engines:\n  mychat: {url: https://x.example, model: m}\n",
	"an engine without an entry":     "translate:\n  engines: [deepl]\n",
	"an engine's needs":              "engines:\n  x:\n    type: chat\n",
	"an expression":                  "channels: [{id: a, include: [\"/(/\"]}]\n",
	"an id from elsewhere":           "sources: [{url: https://a.example, id: \"${HOST}\"}]\n",
	"an id in capitals":              "channels:\n  - id: Feed\n",
	"an id that climbs":              "channels: [{id: ../x}]\n",
	"an id twice":                    "sources:\n  - url: https://a.example/1\n  - url: https://a.example/2\n",
	"an offset for a zone":           "timezone: UTC+3\n",
	"an open brace":                  "channels:\n  - {id: feed, limit: 10\nstore: x\n",
	"an open bracket":                "sources:\n  - url: https://a.example/\n    tags: [news\nstore: a\n",
	"an open quote":                  "schedule: \"@hourly\nstore: a.db\n",
	"an open single quote":           "publish:\n  dir: 'public\nstore: x\n",
	"an unknown key at the top":      "google_api_key: abc\n",
	"an unquoted reference":          "engines: {x: {type: deepl, key: ${K}}}\n",
	"another database":               "store: mysql://u:hunter2@db/n\n",
	"another scheme":                 "sources: [{url: file:///etc/passwd, id: a}]\n",
	"another type's dialect":         "engines:\n  x: {type: deepl, key: k, dialect: ollama}\n",
	"Arabic digits":                  "fetch:\n  per_host: ٢\n",
	"channels without dashes":        "channels:\n  feed:\n    limit: 10\n",
	"cron":                           "schedule: often\n",
	"cron that panics":               "schedule: TZ=UTC\n",
	"cron with seconds":              "schedule: \"0 */30 * * * *\"\n",
	"cron, 30 February":              "schedule: 0 0 30 2 *\n",
	"cron, backwards":                "schedule: \"@every -5m\"\n",
	"cron, empty":                    "schedule: \"\"\n",
	"cron, empty zone":               "schedule: \"CRON_TZ=\"\n",
	"cron, too often":                "schedule: \"@every 0s\"\n",
	"days without end":               "retention: {items: 99999999d}\n",
	"false for a choice":             "sources:\n  - url: https://a.example/\n    translate: false\n",
	"file: before the store":         "store: file:nashra.db\n",
	"from another language":          "translate: {from: en, to: ar}\n",
	"ftp from a variable":            "sources: [{url: \"${FTP}\", id: a}]\n",
	"half a reference":               "serve: {token: \"${A-B}\"}\n",
	"headers as a list":              "sources:\n  - url: https://a.example/\n    headers: [\"Cookie: a=b\"]\n",
	"INI":                            "[fetch]\ntimeout=30s\n",
	"into another language":          "translate:\n  to: fr\n",
	"JSON with an unknown key":       "{\"store\": \"a.db\", \"fetchh\": {}}\n",
	"memory redefined":               "engines: {memory: {type: chat}}\n",
	"no dash":                        "sources:\n  url: https://a.example/\n",
	"no scheme":                      "sources: [{url: a.example/feed, id: a}]\n",
	"no space after a colon":         "store:nashra.db\n",
	"no space after a colon, deeper": "fetch:\n  timeout:30s\n",
	"no space after a dash":          "sources:\n  -url: https://a.example/\n",
	"no url":                         "sources:\n  - title: x\n    id: a\n",
	"no-break spaces":                "fetch:\n\u00a0\u00a0timeout: 30s\n",
	"none at a time":                 "fetch: {concurrency: 0}\n",
	"one engine without brackets":    "translate:\n  engines: google\n",
	"POSTGRES in capitals":           "store: POSTGRES://u:hunter2@db/n\n",
	"postgres without slashes":       "store: postgres:nashra:hunter2@db/n\n",
	"postgresql with one slash":      "store: postgresql:/nashra:hunter2@db/n\n",
	"sources twice":                  "sources:\n  - url: https://a.example/\nsources:\n",
	"sqlite as a scheme":             "store: sqlite:nashra.db\n",
	"sqlite as an address":           "store: sqlite:///var/nashra.db\n",
	"the file is a list":             "- a\n",
	"TOML":                           "store = \"nashra.db\"\n[fetch]\ntimeout = \"30s\"\n",
	"twice":                          "store: a\nstore: b\n",
	"typographic quotes":             "schedule: “@hourly”\n",
	"unknown and far":                "retention: {things: 1d}\n",
	"unknown key":                    "sorces: []\n",
	"unknown key below":              "fetch:\n  time_out: 1s\n",
	"UTF-16":                         "\xff\xfes\x00t\x00o\x00r\x00e\x00:\x00 \x00a\x00\n\x00",
	"wrong case":                     "Store: x\n",
	"windows-1256":                   "store: a.db\ntags:\n  news: {ar: \xca\xde\xe4\xed}\n",
}

var update = flag.Bool("update", false, "write the golden files anew")

// Every mistake is told in one line that names the place and says what to write.
func TestMistakes(t *testing.T) {
	env := vars(map[string]string{"FTP": "ftp://x.example/hidden", "HOST": "a.example", "EMPTY": "", "K": "k"})
	var said strings.Builder
	for _, name := range slices.Sorted(maps.Keys(badConfigs)) {
		_, err := parse("t.yaml", []byte(badConfigs[name]), env)
		var all Errors
		if !errors.As(err, &all) {
			t.Errorf("%s: %v", name, err)
		}
		for _, e := range all {
			fmt.Fprintf(&said, "%s\n\t%s\n", name, known.ReplaceAllString(e.Error(), "known here: …"))
			if e.Hint == "" && !remedy.MatchString(e.Message) {
				t.Errorf("%s: %v: no remedy", name, e)
			}
			if strings.Contains(e.Error(), "hunter") {
				t.Errorf("%s: %v: tells the password", name, e)
			}
		}
	}
	golden := filepath.Join("testdata", "mistakes.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(said.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	told := strings.SplitAfter(said.String(), "\n")
	for i, line := range strings.SplitAfter(string(want), "\n") {
		if i >= len(told) || told[i] != line {
			t.Fatalf("line %d of %s: %q, want %q", i+1, golden, told[min(i, len(told)-1)], line)
		}
	}
}

// known fits the list of keys in a message, which grows.
var known = regexp.MustCompile(`known here: .*`)

// remedy fits messages that say by themselves what to write.
var remedy = regexp.MustCompile(`: write | want at least | is not true or false$| is none of |want more than 0$`)

// Small files that expand to large or deep ones fail, and soon.
func TestSmallFilesCannotGrowLarge(t *testing.T) {
	lol := "store: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 9 {
		lol += "k" + string(rune('a'+i)) + ": &" + string(rune('b'+i)) + " [" +
			strings.TrimSuffix(strings.Repeat("*"+string(rune('a'+i))+",", 10), ",") + "]\n"
	}
	tags := "sources:\n  - {url: https://a.example, tags: &t [" + strings.TrimSuffix(strings.Repeat("x,", 20000),
		",") + "]}\n" +
		strings.Repeat("  - {url: https://a.example, tags: *t}\n", 100)
	for name, text := range map[string]string{
		"laughs": lol, "tags by alias": tags,
		"brackets":       strings.Repeat("[", 500_000),
		"braces":         strings.Repeat("{a: ", 200_000),
		"dashes":         strings.Repeat("- ", 500_000),
		"question marks": strings.Repeat("? ", 500_000),
		"tags":           strings.Repeat("!a ", 300_000),
		"anchors":        strings.Repeat("&a ", 300_000),
		"into itself":    "fetch: &a {<<: *a}\n",
		"list of itself": "sources: &a [*a]\n",
		"many mistakes":  strings.Repeat("- {}\n", 100_000),
		"many sources":   "sources:\n" + strings.Repeat("  - {}\n", 100_000),
		"many keys":      strings.Repeat("a: b\n", 200_000), // the parser would take a minute and a half
		// the parser would take as long if nothing counted the keys of a mapping across its lists
		"many keys of lists":    strings.Repeat("a:\n- b\n", 200_000),
		"many keys in a list":   "a:\n- b: c\n" + strings.Repeat("  b: c\n", 100_000),
		"many keys, deep":       "a:\n  b:\n" + strings.Repeat("    c: d\n", 100_000),
		"many keys in brackets": "{" + strings.Repeat("a: b, ", 300_000) + "}",
		"one long word":         strings.Repeat("x", 1_000_000),
	} {
		t.Run(name, func(t *testing.T) {
			// Several times the slowest under the race detector on a busy machine. A bomb would
			// take minutes.
			const most = 30 * time.Second
			start := time.Now()
			_, err := parse("t.yaml", []byte(text), none)
			if err == nil {
				t.Error("accepted")
			} else if n := strings.Count(err.Error(), "\n"); n > maxErrors {
				t.Errorf("%d lines of errors", n)
			}
			if took := time.Since(start); took > most {
				t.Errorf("took %v", took)
			} else {
				t.Log(took)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("big.yaml", make([]byte, maxFileBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := reader(none).Read("big.yaml"); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("%v", err)
	}
	if _, err := reader(none).Read("."); err == nil {
		t.Error("a folder was read")
	}
}

// Sources may merge what they share.
func TestMerge(t *testing.T) {
	c, err := parse("t.yaml",
		[]byte("sources:\n  - &a {url: https://a.example/1, id: one, tags: [x], content: summary}\n  - {<<: *a, "+
			"url: https://a.example/2, id: two}\n"), none)
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Sources[1]; s.ID != "two" || s.URL != "https://a.example/2" || s.Content != "summary" ||
		len(s.Tags) != 1 {
		t.Errorf("%+v", s)
	}
}
