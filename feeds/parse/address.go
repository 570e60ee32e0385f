package parse

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// absolute returns the absolute http address of ref as found at base, its host in ASCII; empty where
// there is none. base may be nil.
func absolute(base *url.URL, ref string) string {
	ref = strings.Join(strings.Fields(ref), "")
	if ref == "" {
		return ""
	}
	u, err := url.Parse(ref)
	if err != nil {
		return ""
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	if strings.IndexFunc(u.Host, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		if u.Host, err = idna.Lookup.ToASCII(u.Host); err != nil {
			return ""
		}
	}
	return u.String()
}
