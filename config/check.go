package config

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"regexp"
	"slices"
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
	f.checkNotify(c)
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
	if f.shape[at] || at == path && f.failed(path) {
		return
	}
	f.fail(f.at[at], path+": "+message, hint)
}

// warn records what is allowed at path and probably not meant.
func (f *file) warn(path, message, hint string) {
	if pos := f.at[path]; pos != nil {
		f.warnings = append(f.warnings,
			&Error{File: f.name, Line: pos.Line, Column: pos.Column, Message: path + ": " + message, Hint: hint})
	}
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
		f.wrong("fetch.user_agent", "has line breaks or control characters", "write it on one line")
	}
}

// checkURL accepts "" and addresses with http, https or one of the schemes in also. It returns what
// it has read, or the empty address.
func (f *file) checkURL(path, address string, also ...string) *url.URL {
	u, err := url.Parse(address)
	if address == "" {
		return u
	}
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		f.wrong(path, "is not an address", "write https://host/path")
		return &url.URL{}
	}
	if u.Scheme != "http" && u.Scheme != "https" && !slices.Contains(also, u.Scheme) {
		f.wrong(path, "want an address with http or https", "write https://host/path")
	}
	return u
}

// checkSecret refuses a reference to an empty value: a call with an empty key fails later and less
// clearly.
func (f *file) checkSecret(path string, s Secret) {
	if ref := f.refs[path]; ref != "" && s == "" {
		f.wrong(path, f.said(path, "")+" is empty", "set the variable or fill the file, or remove the key")
	}
}

func (f *file) checkZone(path, zone string) {
	err, met := f.zones[zone]
	if !met {
		_, err = time.LoadLocation(zone) // reads a file
		f.zones[zone] = err
	}
	if err != nil || zone == "" {
		f.wrong(path, f.said(path, zone)+" is not a timezone", f.zoneHint(path, zone))
	}
}

func (f *file) checkSchedule(path, spec string) {
	err := schedule(spec)
	if err == nil {
		return
	}
	hint := `write @hourly, @every 30m or "*/30 * * * *"`
	if d, wrong := time.ParseDuration(spec); wrong == nil && d >= time.Second && f.refs[path] == "" {
		hint = "write @every " + spec
	}
	if n := len(strings.Fields(spec)); n == 6 || n == 7 {
		hint = "write five fields: minute, hour, day, month, weekday"
	}
	f.wrong(path, f.said(path, spec)+" "+err.Error(), hint)
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

// reserved holds the names of pages and of their folders beside the feeds.
var reserved = []string{"index", "sources", "tags", "stories", "days", "search", "en", "ar", "channels", "digests"}

// IsID reports whether name may be the id of a source or a tag.
func IsID(name string) bool { return idPattern.MatchString(name) && !slices.Contains(reserved, name) }

// checkID reports whether id is safe in file names and addresses, and records why not.
func (f *file) checkID(path, id string) bool {
	switch {
	case slices.Contains(reserved, id):
		f.wrong(path, quote(id)+" is the name of a page", "take another, such as "+id+"-news")
	case !idPattern.MatchString(id):
		f.wrong(path, quote(id)+" cannot name a file or an address",
			idHint(id))
	default:
		return true
	}
	return false
}

// checkUnique records an id that is in seen, which maps earlier ids to their paths.
func (f *file) checkUnique(path, id string, seen map[string]string, hint string) {
	if first, ok := seen[id]; ok {
		where := "first at " + first
		if pos := f.at[first]; pos != nil {
			where = fmt.Sprintf("first in line %d", pos.Line)
		}
		f.wrong(path+".id", quote(id)+" is here twice, "+where, hint)
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
				f.wrong(path, f.said(path, name)+" is in this list twice", "remove one")
			}
			if kind := f.Engines.Of(name).Name; kind != "" && !names[name] {
				f.wrong(path, "there is no engine "+quote(name), "write it under engines, with type: "+kind)
				continue
			}
			f.checkNamed(path, name, "engine", names)
		}
	}
	if len(t.Engines) == 0 && len(t.Bodies) > 0 {
		f.wrong("translate.bodies", "has engines where translate.engines has none", "write engines, too")
	}
	pair := []struct{ path, lang, only string }{{"translate.from", t.From, "ar"}, {"translate.to", t.To, "en"}}
	for _, p := range pair {
		if p.lang != p.only {
			f.wrong(p.path, f.said(p.path, p.lang)+" is not supported: nashra translates from ar to en alone",
				"write "+p.only)
			return
		}
	}
}

// language fits the part of BCP 47 that we use: a language, with an optional script and region.
var language = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// IsLanguage reports whether lang may be the language of a source.
func IsLanguage(lang string) bool { return language.MatchString(lang) }

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
		f.wrong(path, "memory is built in and takes no entry", "remove it")
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
		hint := "remove it"
		if len(known.Dialects) > 0 {
			hint = "write one of " + strings.Join(known.Dialects, ", ")
		}
		f.wrong(path+".dialect", f.said(path+".dialect", e.Dialect)+" is not a dialect of type "+e.Type, hint)
	}
	for _, field := range fields(reflect.TypeFor[Engine]()) {
		below := join(path, field.key)
		if slices.Contains(need, field.key) && reflect.ValueOf(e).Field(field.index).IsZero() && !f.failed(below) {
			f.wrong(below, "is missing", missing[field.key])
		}
	}
	f.checkURL(path+".url", e.URL)
	f.checkURL(path+".mirror", e.Mirror)
	f.checkSecret(path+".key", e.Key)
	f.checkSecret(path+".credentials", e.Credentials)
	if !httpguts.ValidHeaderFieldValue(string(e.Key)) {
		f.wrong(path+".key", "has line breaks or control characters", "write it on one line")
	}
}
