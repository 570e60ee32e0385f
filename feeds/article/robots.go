package article

import (
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/temoto/robotstxt"
)

// maxRules is how many bytes of a robots.txt are read: the least that RFC 9309 2.5 allows.
const maxRules = 500 << 10

var ruleLine = regexp.MustCompile(`(?i)^\s*(user-?agent|allow|disallow|crawl-?delay)\s*:([^#]*)`)

// Rules returns the rules of a robots.txt; none of them means that every page is allowed. It drops
// other lines, and rules before any robot's name, which RFC 9309 2.2 ignores.
func Rules(body []byte) string {
	var b strings.Builder
	named := false // a robot
	text := strings.TrimPrefix(string(body[:min(len(body), maxRules)]), "\ufeff")
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		m := ruleLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		key, value := strings.ReplaceAll(strings.ToLower(m[1]), "-", ""), strings.TrimSpace(m[2])
		switch seconds, err := strconv.ParseFloat(value, 64); {
		case key == "useragent":
			named = true
		case !named, key == "crawldelay" && (err != nil || math.IsNaN(seconds) || seconds < 0):
			continue
		case key == "crawldelay":
			value = strconv.FormatFloat(min(seconds, 1e6), 'f', -1, 64) // a time.Duration would overflow
		}
		b.WriteString(key + ": " + unescapeLetters(value) + "\n")
	}
	return b.String()
}

// Allowed reports whether rules, as Rules returns them, allow us the page at u, and how long to
// pause between two pages.
func Allowed(rules string, u *url.URL) (ok bool, pause time.Duration) {
	data, err := robotstxt.FromString(rules)
	if err != nil {
		return false, 0
	}
	group := data.FindGroup(agent)
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return group.Test(unescapeLetters(path)), group.CrawlDelay
}

var escapedLetter = regexp.MustCompile(`%[89A-Fa-f][0-9A-Fa-f]`)

// unescapeLetters decodes the letters beyond ASCII in a path: rules have them decoded, or escaped
// with digits in either case. The result is valid UTF-8, as the store requires.
func unescapeLetters(path string) string {
	return strings.ToValidUTF8(escapedLetter.ReplaceAllStringFunc(path, func(s string) string {
		n, _ := strconv.ParseUint(s[1:], 16, 8) // cannot fail on a match
		return string([]byte{byte(n)})
	}), "\uFFFD")
}
