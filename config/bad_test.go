package config

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// badConfigs holds files and all the errors about them.
var badConfigs = map[string]struct{ text, want string }{
	"unknown key": {"sorces: []\n", `t.yaml:1:1: unknown key "sorces"; did you mean "sources"?`},
	"unknown key below": {"fetch:\n  time_out: 1s\n",
		`t.yaml:2:3: unknown key "time_out"; did you mean "timeout"?`},
	"unknown and far":       {"retention: {things: 1d}\n", `t.yaml:1:13: unknown key "things"; known here: items`},
	"wrong case":            {"Store: x\n", `t.yaml:1:1: unknown key "Store"; did you mean "store"?`},
	"twice":                 {"store: a\nstore: b\n", `t.yaml:2:1: key "store" is here twice, first in line 1`},
	"a list for a mapping":  {"fetch: [1]\n", `t.yaml:1:8: fetch: want a mapping, not a list`},
	"a value for a list":    {"sources: x\n", `t.yaml:1:10: sources: want a list, not one value`},
	"a mapping for a value": {"store: {a: b}\n", `t.yaml:1:8: store: want text, not a mapping`},
	"the file is a list":    {"- a\n", `t.yaml:1:1: the file: want a mapping, not a list`},
	"a bool in words": {"fetch: {allow_private: yes}\n",
		`t.yaml:1:24: fetch.allow_private: "yes" is not true or false`},
	"a number in quotes": {"fetch: {per_host: \"2\"}\n",
		`t.yaml:1:19: fetch.per_host: "2" is not a whole number: write it without quotes`},
	"a number past 32 bits": {"fetch: {per_host: 99999999999}\n",
		`t.yaml:1:19: fetch.per_host: "99999999999" is not a whole number`},
	"none at a time": {"fetch: {concurrency: 0}\n", `t.yaml:1:22: fetch.concurrency: want at least 1`},
	"a duration of no unit": {"fetch: {timeout: 30}\n",
		`t.yaml:1:18: fetch.timeout: "30" is not a duration: write 30s, 5m, 1h30m or 180d`},
	"a negative duration": {"fetch: {timeout: -1s}\n",
		`t.yaml:1:18: fetch.timeout: "-1s" is not a duration: write 30s, 5m, 1h30m or 180d`},
	"a time to keep pages without a unit": {"publish: {keep: 14}\n",
		`t.yaml:1:17: publish.keep: "14" is not a duration: write 30s, 5m, 1h30m or 180d`},
	"days without end": {"retention: {items: 99999999d}\n",
		`t.yaml:1:20: retention.items: "99999999d" is not a duration: write 30s, 5m, 1h30m or 180d`},
	"a size": {"fetch: {max_body: 15 miles}\n",
		`t.yaml:1:19: fetch.max_body: "15 miles" is not a size: write 15MB, 512KiB or bytes, at most 1GiB`},
	"a size past all bounds": {"fetch: {max_body: 9223372036854775807KB}\n",
		`t.yaml:1:19: fetch.max_body: "9223372036854775807KB" is not a size: write 15MB, 512KiB or bytes, at most ` +
			`1GiB`},
	"a budget": {"translate: {budget: {day: \"€5\"}}\n",
		`t.yaml:1:27: translate.budget.day: "€5" is not a budget: write characters (200000) or money ("$1.50"), ` +
			`more than 0`},
	"cron": {"schedule: often\n",
		`t.yaml:1:11: schedule: "often" is not a schedule; write @hourly, @every 30m or "*/30 * * * *"`},
	"cron that panics": {"schedule: TZ=UTC\n",
		`t.yaml:1:11: schedule: "TZ=UTC" is not a schedule; write @hourly, @every 30m or "*/30 * * * *"`},
	"cron, empty zone": {"schedule: \"CRON_TZ=\"\n",
		`t.yaml:1:11: schedule: "CRON_TZ=" is not a schedule; write @hourly, @every 30m or "*/30 * * * *"`},
	"cron, 30 February": {"schedule: 0 0 30 2 *\n",
		`t.yaml:1:11: schedule: "0 0 30 2 *" never occurs; write @hourly, @every 30m or "*/30 * * * *"`},
	"cron, too often": {"schedule: \"@every 0s\"\n",
		`t.yaml:1:11: schedule: "@every 0s" is more often than once a second; write @hourly, @every 30m or "*/30 * ` +
			`* * *"`},
	"cron, backwards": {"schedule: \"@every -5m\"\n",
		`t.yaml:1:11: schedule: "@every -5m" is more often than once a second; write @hourly, @every 30m or "*/30 ` +
			`* * * *"`},
	"cron, empty": {"schedule: \"\"\n",
		`t.yaml:1:11: schedule: "" is not a schedule; write @hourly, @every 30m or "*/30 * * * *"`},
	"a source's cron, empty": {"sources: [{url: https://a.example, schedule: \"\"}]\n",
		`t.yaml:1:46: sources[0].schedule: "" is not a schedule; write @hourly, @every 30m or "*/30 * * * *"`},
	"a zone": {"timezone: Mars/Olympus\n",
		`t.yaml:1:11: timezone: "Mars/Olympus" is not a timezone; write UTC or Africa/Cairo`},
	"another scheme": {"sources: [{url: file:///etc/passwd, id: a}]\n",
		`t.yaml:1:17: sources[0].url: is not an address; write https://host/path`},
	"no scheme": {"sources: [{url: a.example/feed, id: a}]\n",
		`t.yaml:1:17: sources[0].url: is not an address; write https://host/path`},
	"ftp from a variable": {"sources: [{url: \"${FTP}\", id: a}]\n",
		`t.yaml:1:17: sources[0].url: want an address with http or https`},
	"no url": {"sources:\n  - title: x\n    id: a\n", `t.yaml:2:5: sources[0].url: is missing`},
	"an address of secrets": {"sources: [{url: \"https://${HOST}/\"}]\n",
		`t.yaml:1:12: sources[0].id: is missing: the address has no plain host to name the source by`},
	"a reserved id": {"sources: [{url: https://a.example, id: tags}]\n",
		`t.yaml:1:40: sources[0].id: "tags" is the name of a page; take another`},
	"an id that climbs": {"channels: [{id: ../x}]\n",
		`t.yaml:1:17: channels[0].id: "../x" cannot name a file or an address; write a-z, 0-9 and -, at most 63 of ` +
			`them, not - first`},
	"an id from elsewhere": {"sources: [{url: https://a.example, id: \"${HOST}\"}]\n",
		`t.yaml:1:40: sources[0].id: ids and tags are published: write them out, without ${} and file:`},
	"an id twice": {"sources:\n  - url: https://a.example/1\n  - url: https://a.example/2\n",
		`t.yaml:3:5: sources[1].id: "a" is here twice, first in line 2`},
	"a choice": {"translate: {on_budget: stop}\n",
		`t.yaml:1:24: translate.on_budget: "stop" is none of ["original" "hold" "titles"]; known here: hold, ` +
			`original, titles`},
	"a choice from elsewhere": {"translate: {on_budget: \"${FTP}\"}\n",
		`t.yaml:1:24: translate.on_budget: the value of "${FTP}" is none of ["original" "hold" "titles"]`},
	"an engine that is none": {"translate: {engines: [gogle]}\n",
		`t.yaml:1:23: translate.engines[0]: there is no engine "gogle"; did you mean "google"?`},
	"an engine twice": {"translate: {engines: [memory, memory]}\n",
		`t.yaml:1:31: translate.engines[1]: "memory" is in this list twice`},
	"a source that is none": {"channels: [{id: a, sources: [aitnew]}]\n",
		`t.yaml:1:30: channels[0].sources[0]: there is no source "aitnew"; did you mean "aitnews"?`},
	"a tag that is none": {"channels: [{id: a, tags: [nwes]}]\n",
		`t.yaml:1:27: channels[0].tags[0]: there is no source with the tag "nwes"; did you mean "news"?`},
	"an expression": {"channels: [{id: a, include: [\"/(/\"]}]\n",
		`t.yaml:1:30: channels[0].include[0]: "/(/" is not a Go regular expression`},
	"an engine's needs": {"engines:\n  x:\n    type: chat\n",
		"t.yaml:3:5: engines.x.model: is missing\nt.yaml:3:5: engines.x.url: is missing"},
	"another type's dialect": {"engines:\n  x: {type: deepl, key: k, dialect: ollama}\n",
		`t.yaml:2:37: engines.x.dialect: "ollama" is not a dialect of type deepl`},
	"an engine of no type": {"engines:\n  x:\n", "t.yaml:2:3: engines.x.type: is missing"},
	"memory redefined": {"engines: {memory: {type: chat}}\n",
		"t.yaml:1:20: engines.memory: memory is built in and takes no entry"},
	"a variable not set": {"serve: {token: \"${ABSENT}\"}\n",
		`t.yaml:1:16: serve.token: the environment has no variable ABSENT`},
	"a variable set to none": {"serve: {token: \"${EMPTY}\"}\n",
		`t.yaml:1:16: serve.token: the value of "${EMPTY}" is empty`},
	"an address for a host": {"serve: {hosts: [\"http://status.example:9090\"]}\n",
		`t.yaml:1:17: serve.hosts[0]: "http://status.example:9090" is not a host name; write status.example.org, ` +
			`without scheme and port`},
	"a name for a proxy": {"serve: {trusted_proxies: [10.0.0.0/8, proxy.example]}\n",
		`t.yaml:1:39: serve.trusted_proxies[1]: "proxy.example" is not an address or a network; write 203.0.113.7 or ` +
			`10.0.0.0/8`},
	"half a reference": {"serve: {token: \"${A-B}\"}\n",
		`t.yaml:1:16: serve.token: "${" opens no reference; write ${NAME}, a name of letters, digits and _`},
	"a file not there": {"serve: {token: file:absent}\n",
		`t.yaml:1:16: serve.token: cannot read the file of "file:absent"; a path is relative to the folder that ` +
			`nashra runs in`},
	"a device for a file": {"serve: {token: file:/dev/zero}\n",
		`t.yaml:1:16: serve.token: cannot read the file of "file:/dev/zero"; a path is relative to the folder that ` +
			`nashra runs in`},
	"a header with a break": {"sources: [{url: https://a.example, headers: {X: \"a\\r\\nB: c\"}}]\n",
		`t.yaml:1:49: sources[0].headers.X: has line breaks or control characters`},
	"an unquoted reference": {"engines: {x: {type: deepl, key: ${K}}}\n",
		`t.yaml:1:34: ',' or '}' must be specified; between braces a reference needs quotes: "${NAME}"`},
	"an alias to nothing": {"store: *a\n", `t.yaml:1:8: nothing above is anchored as "a"`},
	"a YAML tag":          {"store: !!str a\n", `t.yaml:1:8: YAML tags are not used here`},
	"a second document":   {"store: a\n---\nstore: b\n", `t.yaml:3:6: a second document; put everything into one`},
	"an empty entry": {"channels:\n  - id: a\n    include: [a, ~]\n",
		"t.yaml:3:18: channels[0].include[1]: an empty entry"},
	"an empty source": {"sources:\n  -\n", "t.yaml:2:5: sources[0].url: is missing"},
	"all at once": {"timezone: Nowhere\nstor: x\nfetch: {timeout: 0s}\n",
		"t.yaml:1:11: timezone: \"Nowhere\" is not a timezone; write UTC or Africa/Cairo\nt.yaml:2:1: unknown key " +
			"\"stor\"; did you mean \"store\"?\nt.yaml:3:18: fetch.timeout: want more than 0"},
}

func TestBadConfigs(t *testing.T) {
	env := vars(map[string]string{"FTP": "ftp://x.example/hidden", "HOST": "a.example", "EMPTY": "", "K": "k"})
	for name, tc := range badConfigs {
		t.Run(name, func(t *testing.T) {
			_, err := parse("t.yaml", []byte(tc.text), env)
			var all Errors
			if !errors.As(err, &all) {
				t.Fatalf("%v, want\n%s", err, tc.want)
			}
			if err.Error() != tc.want {
				t.Errorf("said:\n%s\nwant:\n%s", err, tc.want)
			}
		})
	}
}

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
