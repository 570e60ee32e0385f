package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"golang.org/x/net/http/httpguts"

	"github.com/nashra/nashra/translate"
)

// check records what is wrong with values that have the right type.
func (f *file) check(c *Config) {
	f.checkPlaces(c)
	f.checkBounds(c)
	tags := f.checkSources(c)
	f.checkChannels(c, tags)
	f.checkTranslate(c)
	for _, name := range slices.Sorted(maps.Keys(c.Engines)) {
		f.checkEngine(name, c.Engines[name])
	}
}

// wrong records a mistake in the value at path, unless it has one already. If path is not in the
// file, the nearest mapping around it takes its place.
func (f *file) wrong(path, message, hint string) {
	at := path
	for f.at[at] == nil && at != "" {
		at = at[:max(0, strings.LastIndexAny(at, ".["))]
	}
	if at == path && f.failed(path) {
		return
	}
	f.fail(f.at[at], path+": "+message, hint)
}

func (f *file) checkPlaces(c *Config) {
	if c.Store == "" {
		f.wrong("store", "is empty", "name a file, or a postgres:// address")
	} else if scheme, _, ok := strings.Cut(c.Store, "://"); ok && scheme != "postgres" && scheme != "postgresql" {
		f.wrong("store", "is neither a file nor a postgres:// address", "")
	} else if _, err := url.Parse(c.Store); ok && err != nil {
		f.wrong("store", "is no address that can be read", "its form is postgres://user:password@host:5432/database")
	}
	if c.Publish.Dir == "" {
		f.wrong("publish.dir", "is empty", "")
	}
	f.checkURL("publish.url", c.Publish.URL)
	if u, err := url.Parse(c.Publish.URL); err == nil && (u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		f.wrong("publish.url", "want an address without user, query and fragment", "")
	}
	f.checkURL("publish.hub", c.Publish.Hub)
	f.checkURL("fetch.proxy", c.Fetch.Proxy, "socks5", "socks5h")
	f.checkListen("serve.listen", c.Serve.Listen)
	if c.Serve.Metrics != "" {
		f.checkListen("serve.metrics", c.Serve.Metrics)
	}
	f.checkAccess(c)
	f.checkSchedule("schedule", c.Schedule)
	f.checkZone("timezone", c.Timezone)
}

func (f *file) checkBounds(c *Config) {
	for _, b := range []struct {
		path string
		ok   bool
		want string
	}{
		{"fetch.timeout", c.Fetch.Timeout > 0, "want more than 0"},
		{"fetch.concurrency", c.Fetch.Concurrency >= 1, "want at least 1"},
		{"fetch.per_host", c.Fetch.PerHost >= 1, "want at least 1"},
		{"retention.items", c.Retention.Items >= day, "want at least 1d"},
	} {
		if !b.ok {
			f.wrong(b.path, b.want, "")
		}
	}
	if agent := c.Fetch.UserAgent; !httpguts.ValidHeaderFieldValue(agent) {
		f.wrong("fetch.user_agent", "has line breaks or control characters", "")
	}
}

// checkURL accepts "" and addresses with http, https or one of the schemes in also.
func (f *file) checkURL(path, address string, also ...string) {
	if address == "" {
		return
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		f.wrong(path, "is not an address", "write https://host/path")
		return
	}
	if u.Scheme != "http" && u.Scheme != "https" && !slices.Contains(also, u.Scheme) {
		f.wrong(path, "want an address with http or https", "")
	}
}

func (f *file) checkListen(path, address string) {
	_, port, err := net.SplitHostPort(address)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n > 65535 {
		f.wrong(path, f.said(path, address)+" is not host:port", "write 127.0.0.1:8080")
	}
}

// minToken is how long serve.token should be at least: 16 random letters are too many to try, chosen on
// 2026-11-30.
const minToken = 16

// checkAccess checks who may read what is served.
func (f *file) checkAccess(c *Config) {
	const token = "serve.token"
	f.checkSecret(token, c.Serve.Token)
	if n := len(c.Serve.Token); n > 0 && n < minToken {
		c.Warnings = append(c.Warnings, &Error{File: f.name, Line: f.at[token].Line, Column: f.at[token].Column,
			Message: fmt.Sprintf("%s: shorter than %d characters, it may be guessed", token, minToken),
			Hint:    "write what openssl rand -hex 16 prints"})
	}
	for i, name := range c.Serve.Hosts {
		if path := fmt.Sprintf("serve.hosts[%d]", i); !hostName.MatchString(name) {
			f.wrong(path, f.said(path, name)+" is not a host name", "write status.example.org, without scheme and port")
		}
	}
	for i, place := range c.Serve.TrustedProxies {
		if _, err := network(place); err != nil {
			path := fmt.Sprintf("serve.trusted_proxies[%d]", i)
			f.wrong(path, f.said(path, place)+" is not an address or a network", "write 203.0.113.7 or 10.0.0.0/8")
		}
	}
}

// hostName matches names as browsers send them in the Host header.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// checkSecret refuses a reference to an empty value: a call with an empty key fails later and less
// clearly.
func (f *file) checkSecret(path string, s Secret) {
	if ref := f.refs[path]; ref != "" && s == "" {
		f.wrong(path, f.said(path, "")+" is empty", "")
	}
}

func (f *file) checkZone(path, zone string) {
	err, met := f.zones[zone]
	if !met {
		_, err = time.LoadLocation(zone) // reads a file
		f.zones[zone] = err
	}
	if err != nil || zone == "" {
		f.wrong(path, f.said(path, zone)+" is not a timezone", "write UTC or Africa/Cairo")
	}
}

func (f *file) checkSchedule(path, spec string) {
	if err := schedule(spec); err != nil {
		f.wrong(path, f.said(path, spec)+" "+err.Error(), `write @hourly, @every 30m or "*/30 * * * *"`)
	}
}

// schedule returns what is wrong with a cron spec. The library's own errors repeat the value, which
// may be secret, and it panics on some specs (TZ=UTC).
func schedule(spec string) (err error) {
	bad := errors.New("is not a schedule")
	defer func() {
		if recover() != nil {
			err = bad
		}
	}()
	if every, ok := strings.CutPrefix(spec, "@every "); ok {
		// the library silently makes it a second
		if d, err := time.ParseDuration(every); err == nil && d < time.Second {
			return errors.New("is more often than once a second")
		}
	}
	s, parseErr := cron.ParseStandard(spec)
	if parseErr != nil {
		return bad
	}
	// Cron looks five years ahead, which is enough for every date that exists.
	if s.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return errors.New("never occurs")
	}
	return nil
}

// idPattern fits names that are safe in file names and addresses.
var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// reserved holds the names of pages beside the feeds.
var reserved = []string{"index", "sources", "tags", "stories", "days", "search"}

// IsID reports whether name may be the id of a source or a tag.
func IsID(name string) bool { return idPattern.MatchString(name) && !slices.Contains(reserved, name) }

// checkID reports whether id is safe in file names and addresses, and records why not.
func (f *file) checkID(path, id string) bool {
	switch {
	case slices.Contains(reserved, id):
		f.wrong(path, quote(id)+" is the name of a page", "take another")
	case !idPattern.MatchString(id):
		f.wrong(path, quote(id)+" cannot name a file or an address",
			"write a-z, 0-9 and -, at most 63 of them, not - first")
	default:
		return true
	}
	return false
}

// checkUnique records an id that is in seen, which maps earlier ids to their paths.
func (f *file) checkUnique(path, id string, seen map[string]string) {
	if first, ok := seen[id]; ok {
		where := "first at " + first
		if pos := f.at[first]; pos != nil {
			where = fmt.Sprintf("first in line %d", pos.Line)
		}
		f.wrong(path+".id", quote(id)+" is here twice, "+where, "")
		return
	}
	seen[id] = path
}

func (f *file) checkTranslate(c *Config) {
	t := c.Translate
	names := map[string]bool{translate.MemoryName: true}
	for name := range c.Engines {
		names[name] = true
	}
	lists := []struct {
		path  string
		names []string
	}{{"translate.engines", t.Engines}, {"translate.bodies", t.Bodies}}
	for _, l := range lists {
		for i, name := range l.names {
			path := fmt.Sprintf("%s[%d]", l.path, i)
			if slices.Contains(l.names[:i], name) {
				f.wrong(path, f.said(path, name)+" is in this list twice", "")
			}
			f.checkNamed(path, name, "engine", names)
		}
	}
	if len(t.Engines) == 0 && len(t.Bodies) > 0 {
		f.wrong("translate.bodies", "has engines where translate.engines has none", "")
	}
	for path, lang := range map[string]string{"translate.from": t.From, "translate.to": t.To} {
		if !language.MatchString(lang) {
			f.wrong(path, f.said(path, lang)+" is not a language", "write ar or en")
		}
	}
	if t.From == t.To {
		f.wrong("translate.to", "is the language of translate.from", "")
	}
}

// language fits the part of BCP 47 that we use: a language, with an optional script and region.
var language = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// checkNamed records a name that is not in known, the names of what.
func (f *file) checkNamed(path, name, what string, known map[string]bool) {
	if known[name] {
		return
	}
	hint := ""
	if f.refs[path] == "" {
		hint = Suggest(name, slices.Collect(maps.Keys(known)))
	}
	f.wrong(path, "there is no "+what+" "+f.said(path, name), hint)
}

func (f *file) checkEngine(name string, e Engine) {
	path := "engines." + name
	if name == translate.MemoryName {
		f.wrong(path, "memory is built in and takes no entry", "")
		return
	}
	if !idPattern.MatchString(name) {
		f.wrong(path, "is not a name for an engine", "write a-z, 0-9 and -, at most 63 of them")
	}
	known := f.Engines.Of(e.Type)
	need := append([]string{"type"}, known.Needs...)
	if e.URL == "" {
		need = append(need, known.NeedsWithoutURL...)
	}
	if e.Dialect != "" && !slices.Contains(known.Dialects, e.Dialect) {
		f.wrong(path+".dialect", f.said(path+".dialect", e.Dialect)+" is not a dialect of type "+e.Type, "")
	}
	for _, field := range fields(reflect.TypeFor[Engine]()) {
		below := join(path, field.key)
		if slices.Contains(need, field.key) && reflect.ValueOf(e).Field(field.index).IsZero() && !f.failed(below) {
			f.wrong(below, "is missing", "")
		}
	}
	f.checkURL(path+".url", e.URL)
	f.checkURL(path+".mirror", e.Mirror)
	f.checkSecret(path+".key", e.Key)
	f.checkSecret(path+".credentials", e.Credentials)
	if !httpguts.ValidHeaderFieldValue(string(e.Key)) {
		f.wrong(path+".key", "has line breaks or control characters", "")
	}
}
