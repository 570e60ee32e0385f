package feeds

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/nashra/nashra/feeds/address"
)

// CleanURL returns a key that is the same for all addresses of a page: without letter case, default
// port, fragment, escapes, and parameters of tracking and sessions. It is for comparison only.
func CleanURL(address string) string {
	address = strings.TrimSpace(address)
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if scheme != "http" && scheme != "https" {
		return address
	}
	if scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	} else {
		host = strings.TrimSuffix(host, ":443")
	}
	path := norm.NFC.String(u.Path) // decoded
	path, _, _ = strings.Cut(path, ";jsessionid=")
	if path == "" {
		path = "/"
	}
	var kept []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		key, value, _ := strings.Cut(strings.ToLower(pair), "=")
		if pair != "" && !tracks(key) && !session(key, value) {
			kept = append(kept, pair)
		}
	}
	if len(kept) > 0 {
		path += "?" + strings.Join(kept, "&")
	}
	return scheme + "://" + host + path
}

// Hostless returns an address from CleanURL without scheme and "www.", which a host changes for all its
// addresses at once. What is no web address stays as it is.
func Hostless(clean string) string {
	if _, rest, ok := strings.Cut(clean, "://"); ok && strings.HasPrefix(clean, "http") {
		return strings.TrimPrefix(rest, "www.")
	}
	return clean
}

// WebURL returns an address without the scheme feed:, which feed:https://… and feed://… have.
func WebURL(address string) string {
	rest, ok := strings.CutPrefix(strings.TrimSpace(address), "feed:")
	if ok && strings.HasPrefix(rest, "//") {
		return "http:" + rest
	}
	return rest
}

// FeedKey returns a key that is the same for all addresses that a person would take for one feed:
// CleanURL of its FeedAddress, without scheme, "www." and final slash. It keeps a user name and password.
func FeedKey(address string) string {
	address = FeedAddress(WebURL(address))
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return address
	}
	if strings.ContainsFunc(u.Host, func(c rune) bool { return c > unicode.MaxASCII }) {
		address = URI(address)
	}
	path, query, _ := strings.Cut(Hostless(CleanURL(address)), "?")
	return u.User.String() + "@" + strings.TrimRight(path, "/") + "?" + query
}

// tracks reports whether a parameter says where a reader came from, not which page is meant.
func tracks(key string) bool {
	switch key {
	case "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "igshid", "mc_cid", "mc_eid",
		"_ga", "_gl", "ref_src", "feature_src", "at_medium", "at_campaign", "ns_source", "ns_mchannel", "cmpid",
		"ftag", "ocid", "xtor":
		return true
	}
	return strings.HasPrefix(key, "utm_") || strings.HasPrefix(key, "pk_") || strings.HasPrefix(key, "mtm_")
}

// session reports whether a parameter names the visit in which the page was asked for. Short names also
// stand for stories, whose numbers are shorter.
func session(key, value string) bool {
	switch key {
	case "phpsessid", "jsessionid", "sessionid", "session_id", "asp.net_sessionid", "cfid", "cftoken", "zenid",
		"oscsid":
		return true
	case "s", "sid", "session", "sess":
		return len(value) >= 26 // PHP's shortest by default
	}
	return strings.HasPrefix(key, "aspsessionid")
}

// URI returns ref, an address, as feeds must have it: everything but ASCII percent-encoded, the host in its
// ASCII form. It returns "" for what is no absolute http address.
func URI(ref string) string {
	u, err := address.Resolve(nil, ref)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		if c <= ' ' || c >= 0x7F || strings.IndexByte("\"<>\\^`{|}", c) >= 0 { // not in a URI (RFC 3986)
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// Redact returns an address fit for errors, logs and status: without userinfo, query and fragment.
// What is no URL may hold anything and becomes "(unreadable address)".
func Redact(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(unreadable address)"
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	if u.RawQuery != "" {
		u.RawQuery = "…"
	}
	return u.String()
}

// paths fits the addresses in a text, and what follows their hosts.
var paths = regexp.MustCompile(`(https?://[^/\s"']+/)[^\s"';,]*[^\s"';,:]`)

// Shown returns text, an address or an error about s, fit for output: without the paths of addresses
// if s is private.
func (s Source) Shown(text string) string {
	if !s.Private {
		return text
	}
	return paths.ReplaceAllString(text, "${1}…")
}

// Hide returns err with a text as Shown makes it.
func (s Source) Hide(err error) error {
	if err == nil || !s.Private {
		return err
	}
	return hidden{err, s.Shown(err.Error())}
}

// hidden is an error that is told in another text.
type hidden struct {
	error
	text string
}

func (h hidden) Error() string { return h.text }

func (h hidden) Unwrap() error { return h.error }
