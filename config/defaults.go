package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
)

// defaults returns the config of an empty file, without what depends on the environment or on other
// values. README's table and the template state the same figures.
func defaults() *Config {
	return &Config{
		Store: "nashra.db", Schedule: "@hourly", Timezone: "UTC",
		Publish: Publish{Dir: "public", Keep: 14 * day, Images: "remote"},
		Serve: Serve{Listen: "127.0.0.1:8080", Metrics: "127.0.0.1:9090", Log: "text",
			TrustedProxies: []string{"127.0.0.0/8", "::1", // loopback and private networks
				"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"}},
		Fetch: Fetch{Timeout: 30 * time.Second, MaxBody: 15e6, Concurrency: 32, PerHost: 2,
			MinInterval: 5 * time.Minute},
		Retention: Retention{Items: 180 * day},
		Translate: Translate{From: "ar", To: "en", OnBudget: "original"},
	}
}

// complete fills in what the file leaves out.
func (f *file) complete(c *Config) {
	for i := range c.Sources {
		f.completeSource(&c.Sources[i], fmt.Sprintf("sources[%d]", i))
	}
	if !f.has("channels") {
		c.Channels = []feeds.Channel{{ID: "feed", Title: map[string]string{"en": "Arabic tech news",
			"ar": "أخبار التقنية"}}}
	}
	for i := range c.Channels {
		f.completeChannel(&c.Channels[i], fmt.Sprintf("channels[%d]", i), c.Timezone)
	}
	if c.Publish.URL != "" && !strings.HasSuffix(c.Publish.URL, "/") {
		c.Publish.URL += "/"
	}
	f.completeEngines(c)
}

func or(s *string, otherwise string) {
	if *s == "" {
		*s = otherwise
	}
}

func (f *file) completeSource(s *feeds.Source, path string) {
	or(&s.Translate, "full")
	or(&s.Content, "full")
	or(&s.FullText, "never")
	or(&s.Timezone, "UTC")
	if s.List() && !f.has(path+".max") {
		s.Max = listMax
	}
	if s.Enabled == nil {
		on := true
		s.Enabled = &on
	}
	address, key := s.URL, ".url"
	if s.List() {
		address, key = s.OPML, ".opml"
	}
	written, came := f.refs[path+key]
	if u, err := url.Parse(address); came || err == nil && u.User != nil {
		s.Private = true
	}
	if s.ID == "" && !f.has(path+".id") {
		if !came {
			written = address
		}
		s.ID = idOf(written) // as written: a secret host must not show in an id
	}
}

// listMax is the most sources that a list brings by default: more than people read, fewer than would
// surprise a small machine.
const listMax = 200

// feedLabels are first labels of hosts that do not name the outlet.
var feedLabels = []string{"www", "feed", "feeds", "rss", "m"}

// registries are second-level labels below a country, as in bbc.co.uk and elbalad.com.eg.
var registries = []string{"co", "com", "org", "net", "gov", "edu", "ac"}

// idOf derives a source's id from its address's host: https://www.aitnews.com/feed/ gives aitnews.
// It returns "" if the address has no host.
func idOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return strings.Trim(strings.NewReplacer(".", "-", ":", "-", "%", "-").Replace(host), "-")
	}
	labels := strings.Split(host, ".")
	for len(labels) > 2 && slices.Contains(feedLabels, labels[0]) {
		labels = labels[1:]
	}
	if len(labels) > 1 {
		labels = labels[:len(labels)-1]
	}
	if n := len(labels); n > 1 && slices.Contains(registries, labels[n-1]) {
		labels = labels[:n-1]
	}
	return strings.Join(labels, "-")
}

// NewChannel returns a channel with the defaults.
func NewChannel() feeds.Channel {
	return feeds.Channel{Limit: 100, Wait: 10 * time.Minute, Layout: "blocks", Titles: "both", Events: "link",
		Link: "original", Untranslated: "show"}
}

// digestLimit is how many digests a feed has by default: a month of days.
const digestLimit = 30

func (f *file) completeChannel(ch *feeds.Channel, path, zone string) {
	usual := NewChannel()
	if f.has(path + ".digest") {
		usual = feeds.Channel{Limit: digestLimit, Titles: usual.Titles}
		f.completeDigest(&ch.Digest, path+".digest", zone)
	}
	if !f.has(path + ".limit") {
		ch.Limit = usual.Limit
	}
	if !f.has(path + ".wait") {
		ch.Wait = usual.Wait
	}
	or(&ch.Layout, usual.Layout)
	or(&ch.Titles, usual.Titles)
	or(&ch.Events, usual.Events)
	or(&ch.Link, usual.Link)
	or(&ch.Untranslated, usual.Untranslated)
	if len(ch.Title) == 0 && ch.ID != "" {
		ch.Title = map[string]string{"en": ch.ID}
	}
}

func (f *file) completeDigest(d *feeds.Schedule, path, zone string) {
	or(&d.Cron, "0 7 * * *")
	or(&d.Timezone, zone)
	if !f.has(path + ".top") {
		d.Top = 20 // five minutes of reading
	}
	if !f.has(path + ".min_outlets") {
		d.MinOutlets = 1
	}
}

// completeEngines adds the entries google and offline if the file lacks them, and chooses one of
// the two if translate.engines is not set.
func (f *file) completeEngines(c *Config) {
	if c.Engines == nil {
		c.Engines = map[string]Engine{}
	}
	credentials, _ := f.LookupEnv("GOOGLE_APPLICATION_CREDENTIALS")
	key, _ := f.LookupEnv("GOOGLE_API_KEY")
	if _, ok := c.Engines["google"]; !ok {
		google := Engine{Type: "google"}
		if credentials == "" { // Google's client finds credentials by itself, and they allow v3
			google.Key = Secret(key)
		}
		c.Engines["google"] = google
	}
	if _, ok := c.Engines["offline"]; !ok {
		c.Engines["offline"] = Engine{Type: "offline"}
	}
	for name, e := range c.Engines {
		usual := f.Engines.Of(e.Type).Defaults
		or(&e.Model, usual.Model)
		or(&e.Pull, usual.Pull)
		c.Engines[name] = e
	}
	if c.Translate.Engines != nil || f.failed("translate.engines") {
		return
	}
	c.Translate.Engines = []string{"offline"}
	if credentials != "" || key != "" {
		c.Translate.Engines = []string{"google"}
	}
}
