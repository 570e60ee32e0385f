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

	"github.com/goccy/go-yaml/token"
	"golang.org/x/net/http/httpguts"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/page"
	"github.com/nashra/nashra/feeds/rules"
	"github.com/nashra/nashra/translate/arabic"
)

// checkSources checks sources and the titles of tags. It returns the tags that sources have.
func (f *file) checkSources(c *Config) map[string]bool {
	seen, tags := map[string]string{}, map[string]bool{}
	for i, s := range c.Sources {
		path := fmt.Sprintf("sources[%d]", i)
		f.checkSource(path, s)
		for j, tag := range s.Tags {
			if at := fmt.Sprintf("%s.tags[%d]", path, j); !f.failed(at) && f.checkID(at, tag) {
				tags[tag] = true
			}
		}
		if s.ID != "" && f.checkID(path+".id", s.ID) {
			f.checkUnique(path, s.ID, seen, "give one of them another id")
		}
	}
	f.warnTwins(c)
	for _, tag := range slices.Sorted(maps.Keys(c.Tags)) {
		f.checkNamed("tags."+tag, tag, "source with the tag", tags)
	}
	return tags
}

// warnTwins records sources that are not polled because an earlier one has their address.
func (f *file) warnTwins(c *Config) {
	at := map[string]*token.Position{}
	twins := feeds.Twins(c.Sources)
	for i, s := range c.Sources {
		path := fmt.Sprintf("sources[%d].url", i)
		first := twins[s.ID]
		if at[s.ID] = f.at[path]; at[first] != nil {
			f.warn(path, fmt.Sprintf("source %s has the address of source %s in line %d, which is polled instead",
				s.ID, first, at[first].Line), "remove one")
		}
	}
}

func (f *file) checkSource(path string, s feeds.Source) {
	f.checkAddress(path, s)
	f.checkRules(path, s)
	if s.ID == "" && s.URL+s.OPML != "" && !f.failed(path+".id") && !f.failed(path+".url") {
		f.wrong(path+".id", "is missing: the address has no plain host to name the source by", "write id: news")
	}
	f.checkURL(path+".site", s.Site)
	if s.Outlet != "" && !outlet.MatchString(s.Outlet) {
		f.wrong(path+".outlet", f.said(path+".outlet", s.Outlet)+" is not a name of an outlet",
			"write outlet: example.com, of a-z, 0-9, . and -")
	}
	if arabic.Has(s.Title.EN) {
		f.wrong(path+".title.en", "has Arabic letters", "write that name under ar")
	}
	if s.Lang != "" && !IsLanguage(s.Lang) {
		f.wrong(path+".lang", f.said(path+".lang", s.Lang)+" is not a language", "write ar or en")
	}
	if s.Schedule != "" || f.has(path+".schedule") {
		f.checkSchedule(path+".schedule", s.Schedule)
	}
	f.checkZone(path+".timezone", s.Timezone)
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		at := join(path+".headers", name)
		if !httpguts.ValidHeaderFieldName(name) {
			f.wrong(at, "is not a header name", "write a-z, 0-9 and -")
		}
		if !httpguts.ValidHeaderFieldValue(s.Headers[name]) {
			f.wrong(at, "has line breaks or control characters", "write it on one line")
		}
		f.checkSecret(at, Secret(s.Headers[name]))
	}
}

// checkAddress checks url and opml, of which a source has one.
func (f *file) checkAddress(path string, s feeds.Source) {
	at, address := path+".url", s.URL
	if s.List() {
		at, address = path+".opml", s.OPML
		f.checkList(path, s)
	}
	if address == "" {
		if !f.failed(at) {
			f.wrong(at, "is missing", "write url: https://host/feed")
		}
		return
	}
	u := f.checkURL(at, address)
	if !s.Private && !f.has(path+".private") && holdsSecret(u) {
		f.warn(at, "the address seems to hold a secret",
			"write private: true beside it, or private: false if anyone may know it")
	}
}

// ofLists are the keys that a list of sources has, and the fields that it passes on.
var ofLists = []string{"opml", "id", "tags", "schedule", "translate", "max", "private", "enabled"}

// checkList refuses the keys that a list of sources has no use for: what it names gets no headers, and
// no selectors.
func (f *file) checkList(path string, s feeds.Source) {
	for _, field := range fields(reflect.TypeFor[feeds.Source]()) {
		if at := join(path, field.key); f.has(at) && !slices.Contains(ofLists, field.key) {
			f.wrong(at, "has no effect on a list of sources", "remove it")
		}
	}
	if s.Max < 1 {
		f.wrong(path+".max", "want at least 1", "")
	}
}

// checkRules checks what says which items of a source become stories, and how they are changed.
func (f *file) checkRules(path string, s feeds.Source) {
	f.checkWords(path+".include", s.Include)
	f.checkWords(path+".exclude", s.Exclude)
	if s.Max < 0 || s.Max == 0 && f.has(path+".max") && !s.List() {
		f.wrong(path+".max", "want at least 1", "remove it for no limit")
	}
	for i, r := range s.Replace {
		f.checkRule(fmt.Sprintf("%s.replace[%d].from", path, i), r.From, rules.CheckText)
	}
	if s.Page.On() && s.Page.Item == "" {
		f.wrong(path+".page.item", "is missing", `write item: "article", a CSS selector of what holds one item`)
	}
	if bad := new(page.Error); !compiles(s.Page, &bad) {
		at, example := path+".page."+bad.Key, `"h2 a" or "time@datetime"`
		if bad.Key == "item" {
			example = `"article"`
		}
		f.wrong(at, f.said(at, bad.Text)+" "+bad.Err.Error(), "write a CSS selector, such as "+example)
	}
	for i, d := range s.Drop {
		at := fmt.Sprintf("%s.drop[%d]", path, i)
		if _, err := page.CompileOne(d); err != nil {
			f.wrong(at, f.said(at, d)+" "+err.Error(), `write a CSS selector, such as ".ad"`)
		}
	}
	if s.Trusted() && s.Page.On() {
		f.wrong(path+".trust", "has no effect on a page", "remove it")
	}
}

// compiles reports whether the selectors of p can be used, and sets bad to the one that cannot.
func compiles(p feeds.Page, bad **page.Error) bool {
	_, err := page.Compile(p)
	return !errors.As(err, bad)
}

// outlet fits a domain, or an id.
var outlet = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,252}$`)

// uuid fits the usual form of a UUID.
var uuid = regexp.MustCompile(`(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// secretKeys are the parameters whose values are secrets nearly always.
var secretKeys = []string{"token", "key", "auth", "secret", "password", "pass", "pwd", "sig", "signature", "apikey",
	"api_key", "api-key", "access_token", "auth_token", "feed_token", "private_token", "rss_token", "hash"}

// holdsSecret reports whether u looks as if only some may know it: a parameter is named as secrets
// are, or a part of the path is a UUID, or mixes letters and digits as no word does.
func holdsSecret(u *url.URL) bool {
	query := url.Values{}
	if u.RawQuery != "" {
		query = u.Query()
	}
	for key, values := range query {
		if slices.Contains(secretKeys, strings.ToLower(key)) && values[0] != "" {
			return true
		}
	}
	if strings.Count(u.Path, "-") >= 4 && uuid.MatchString(u.Path) {
		return true
	}
	letter := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
	other := func(r rune) bool { return !letter(r) && (r < '0' || r > '9') }
	for word := range strings.FieldsFuncSeq(u.Path, other) {
		changes := 0 // from letters to digits and back; "galaxy24ultra" has two
		for i := 1; i < len(word); i++ {
			if letter(rune(word[i])) != letter(rune(word[i-1])) {
				changes++
			}
		}
		if len(word) >= 16 && changes >= 4 { // chosen on lists of feeds: 16 hex digits have 7 on average
			return true
		}
	}
	return false
}

// checkNotify checks targets of messages.
func (f *file) checkNotify(c *Config) {
	channels := map[string]bool{}
	for _, ch := range c.Channels {
		channels[ch.ID] = true
	}
	seen := map[string]string{}
	for i, t := range c.Notify {
		path := fmt.Sprintf("notify[%d]", i)
		switch {
		case t.ID == "" && !f.failed(path+".id"):
			f.wrong(path+".id", "is missing", "write id: phone; status names the target by it")
		case t.ID != "" && f.checkID(path+".id", t.ID):
			f.checkUnique(path, t.ID, seen, "give one of them another id")
		}
		f.checkSecret(path+".secret", Secret(t.Secret))
		if t.URL == "" && !f.failed(path+".url") {
			f.wrong(path+".url", "is missing", `write url: "ntfy://ntfy.sh/my-topic"`)
		} else if t.URL != "" && f.Target != nil {
			if key, problem, hint := f.Target(t); key != "" {
				f.wrong(join(path, key), problem, hint)
			}
		}
		if t.Channel == "" && !f.failed(path+".channel") {
			f.wrong(path+".channel", "is missing", "write the id of a channel")
		} else if t.Channel != "" {
			f.checkNamed(path+".channel", t.Channel, "channel", channels)
		}
		if t.When.MinOutlets < 0 {
			f.wrong(path+".when.min_outlets", "want at least 1", "")
		}
		f.checkWords(path+".when.include", t.When.Include)
		f.checkWords(path+".when.exclude", t.When.Exclude)
	}
}

func (f *file) checkChannels(c *Config, tags map[string]bool) {
	ids := map[string]bool{}
	for _, s := range c.Sources {
		if !s.List() {
			ids[s.ID] = true
		}
	}
	seen := map[string]string{}
	for i, ch := range c.Channels {
		path := fmt.Sprintf("channels[%d]", i)
		switch {
		case ch.ID == "" && !f.failed(path+".id"):
			f.wrong(path+".id", "is missing", "write id: news; the feed's files have its name")
		case ch.ID != "" && f.checkID(path+".id", ch.ID):
			f.checkUnique(path, ch.ID, seen,
				"give one of them another id: a channel has both languages, and an edition in each")
		}
		if ch.Limit < 1 {
			f.wrong(path+".limit", "want at least 1", "")
		}
		if ch.Link == "page" && c.Publish.URL == "" {
			f.warn(path+".link", "entries lead to the original pages, as publish.url is not set", "write publish.url")
		}
		if ch.Digest.On() {
			f.checkDigest(path, ch.Digest)
		}
		for lang := range ch.Title {
			if !language.MatchString(lang) {
				f.wrong(join(path+".title", lang), "want a language for a key", shapes["channels[].title"])
			}
		}
		for j, tag := range ch.Tags {
			f.checkNamed(fmt.Sprintf("%s.tags[%d]", path, j), tag, "source with the tag", tags)
		}
		for j, id := range ch.Sources {
			f.checkNamed(fmt.Sprintf("%s.sources[%d]", path, j), id, "source", ids)
		}
		f.checkWords(path+".include", ch.Include)
		f.checkWords(path+".exclude", ch.Exclude)
	}
	if len(c.Channels) == 0 && !f.failed("channels") {
		f.wrong("channels", "is empty: nothing would be published", "leave it out for one channel of everything")
	}
}

// storiesOnly are the keys of a channel that say nothing of digests.
var storiesOnly = []string{"window", "wait", "layout", "events", "link", "untranslated"}

func (f *file) checkDigest(path string, d feeds.Schedule) {
	for _, key := range storiesOnly {
		if at := path + "." + key; f.has(at) {
			f.wrong(at, "has no effect on a digest", "remove it")
		}
	}
	path += ".digest"
	at, example := path+".schedule", `write @daily or "0 7 * * *"`
	if err := schedule(d.Cron); err != nil {
		f.wrong(at, f.said(at, d.Cron)+" "+err.Error(), example)
	}
	if strings.Contains(d.Cron, "TZ=") {
		f.wrong(at, "names a timezone", "write timezone: Africa/Cairo beside it")
	}
	if strings.HasPrefix(d.Cron, "@every") {
		f.wrong(at, "does not say when its periods begin", example)
	}
	f.checkZone(path+".timezone", d.Timezone)
	if d.Top < 1 {
		f.wrong(path+".top", "want at least 1", "")
	}
	if d.MinOutlets < 1 {
		f.wrong(path+".min_outlets", "want at least 1", "")
	}
}

// checkWords accepts words, and /regular expressions/ that compile.
func (f *file) checkWords(path string, words []string) {
	for i, w := range words {
		f.checkRule(fmt.Sprintf("%s[%d]", path, i), w, rules.CheckWord)
	}
}

// checkRule accepts what check does.
func (f *file) checkRule(path, said string, check func(string) error) {
	if strings.TrimSpace(said) == "" || said == "//" {
		f.wrong(path, "is empty", "remove it")
		return
	}
	switch err := check(said); {
	case errors.Is(err, rules.ErrNoWord):
		f.wrong(path, f.said(path, said)+" "+err.Error(), "write an expression for signs, such as /[!?]{3}/")
	case errors.Is(err, rules.ErrFlags):
		f.wrong(path, f.said(path, said)+" "+err.Error(), "write /text/: expressions ignore case")
	case errors.Is(err, rules.ErrHalf):
		f.wrong(path, f.said(path, said)+" "+err.Error(),
			`write an expression between two slashes, and in quotes if it has a comma: "/a{2,}/"`)
	case err != nil:
		f.wrong(path, f.said(path, said)+" is not a Go regular expression",
			"https://go.dev/s/re2syntax lists what one may hold")
	}
}
