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

// maxRules is how many bytes of a robots.txt are read: what RFC 9309 2.5 has a robot read at least.
const maxRules = 500 << 10

var ruleLine = regexp.MustCompile(`(?i)^\s*(user-?agent|allow|disallow|crawl-?delay)\s*:([^#]*)`)

// Rules are the lines of body, a robots.txt, that bind robots; empty: all may be asked for. What is no rule, or belongs to no robot, is
// left out, as RFC 9309 2.2 has it: one such line does not make the others void.
func Rules(body []byte) string {
	var b strings.Builder
	begun := false
	text := strings.TrimPrefix(string(body[:min(len(body), maxRules)]), "\ufeff")
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		m := ruleLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		key, value := strings.ReplaceAll(strings.ToLower(m[1]), "-", ""), strings.TrimSpace(m[2])
		switch seconds, err := strconv.ParseFloat(value, 64); {
		case key == "useragent":
			begun = true
		case !begun,
			key == "crawldelay" && (err != nil || math.IsNaN(seconds) || seconds < 0):
			continue
		case key == "crawldelay":
			value = strconv.FormatFloat(min(seconds, 1e6), 'f', -1, 64) // more than the library's clock holds
		}
		b.WriteString(key + ": " + spelt(value) + "\n")
	}
	return b.String()
}

// Allowed says whether rules, as Rules gives them, let us ask for the page at u, and how long a robot is to pause between two pages.
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
	return group.Test(spelt(path)), group.CrawlDelay
}

var escapedLetter = regexp.MustCompile(`%[89A-Fa-f][0-9A-Fa-f]`)

// spelt is a path with letters beyond ASCII as themselves: rules name them so or escaped, in either case of digits. It is valid UTF-8, as
// what is stored must be.
func spelt(path string) string {
	return strings.ToValidUTF8(escapedLetter.ReplaceAllStringFunc(path, func(s string) string {
		n, _ := strconv.ParseUint(s[1:], 16, 8) // what the expression found is a number
		return string([]byte{byte(n)})
	}), "\uFFFD")
}
