// Package address reads addresses as browsers do (WHATWG URL standard): it repairs what net/url
// would refuse or misread, and leaves all other addresses as they are.
package address

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Resolve returns the address that ref stands for at base, its host in ASCII. base may be nil. An empty
// ref stands for none.
func Resolve(base *url.URL, ref string) (*url.URL, error) {
	ref = Repair(base, ref)
	u, err := url.Parse(ref)
	if err != nil || ref == "" {
		return nil, errors.New("unreadable address") // the error of url.Parse repeats it
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if strings.IndexFunc(u.Host, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		host, err := idna.Lookup.ToASCII(u.Hostname())
		if err != nil {
			return nil, errors.New("unreadable address: its host name is none")
		}
		u.Host = strings.Replace(u.Host, u.Hostname(), host, 1)
	}
	return u, nil
}

var (
	scheme   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+-]*$`) // without the dots of host:port
	hostPort = regexp.MustCompile(`^[\w-]+(\.[\w-]+)+:\d+$`)
	folds    = regexp.MustCompile(`[ \t]*[\r\n]+[ \t]*|\t`) // line breaks with indentation
)

// Repair returns ref as net/url must have it: without white space and invisible marks around it, with
// slashes where there are backslashes, after a scheme, and before a host that has no scheme, and with
// escapes in place of spaces, control characters and bare percent signs. base may be nil.
func Repair(base *url.URL, ref string) string {
	ref = strings.TrimFunc(ref, beside)
	if strings.ContainsAny(ref, "\t\r\n") {
		ref = folds.ReplaceAllString(ref, "")
	}
	path, tail := ref, ""
	if i := strings.IndexAny(ref, "?#"); i >= 0 {
		path, tail = ref[:i], ref[i:]
	}
	fixed := strings.ReplaceAll(path, `\`, "/")
	before, after, colon := strings.Cut(fixed, ":")
	switch {
	case colon && (strings.EqualFold(before, "http") || strings.EqualFold(before, "https")):
		if !strings.HasPrefix(after, "//") || strings.HasPrefix(after, "///") {
			fixed = before + "://" + strings.TrimLeft(after, "/")
		}
	case colon && scheme.MatchString(before):
	case strings.HasPrefix(fixed, "///"):
		fixed = "//" + strings.TrimLeft(fixed, "/")
	case schemeless(base, fixed):
		fixed = "//" + fixed
	case colon && !strings.Contains(before, "/"):
		fixed = "./" + fixed
	}
	if fixed != path {
		ref = fixed + tail
	}
	return escape(ref)
}

// schemeless reports whether a path begins with a host: a name in www, the host of base, or one
// with a port.
func schemeless(base *url.URL, path string) bool {
	first, _, _ := strings.Cut(strings.ToLower(path), "/")
	host, www := strings.CutPrefix(first, "www.")
	return www && strings.Contains(host, ".") || hostPort.MatchString(first) ||
		base != nil && first != "" && host == strings.TrimPrefix(strings.ToLower(base.Host), "www.")
}

// beside reports whether r is white space, or a control character or invisible mark, which are no
// part of an address at its edges.
func beside(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// escape escapes spaces, control characters, and, outside the query, each percent sign that begins
// no escape.
func escape(s string) string {
	var out []byte
	done := 0
	part := byte(0) // what s[i] is in: the path, the query after ?, or the fragment after #
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '#', c == '?' && part == 0:
			part = c
		case c <= ' ', c == 0x7F, c == '%' && part != '?' && !escapes(s[i:]):
			out = fmt.Appendf(out, "%s%%%02X", s[done:i], c)
			done = i + 1
		}
	}
	if done == 0 {
		return s
	}
	return string(append(out, s[done:]...))
}

// escapes reports whether s, which begins with a percent sign, begins with an escape.
func escapes(s string) bool { return len(s) > 2 && hex(s[1]) && hex(s[2]) }

func hex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }
