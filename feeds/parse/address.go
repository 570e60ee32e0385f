package parse

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/mmcdole/gofeed"

	"github.com/nashra/nashra/feeds/address"
)

var (
	// name is at the beginning of a host without a scheme, which is a name of dots and letters, as
	// few folders are.
	name = regexp.MustCompile(`^\s*[\pL\pN-]+(\.[\pL\pN-]+)*\.\pL{2,}(:\d+)?(/|\s*$)`)
	// file begins with the name of a page or file.
	file = regexp.MustCompile(`(?i)^\s*[^/]+\.(php|s?html?|aspx?|jspx?|js|css|cgi|xml|rss|rdf|atom|json|txt|pdf` +
		`|zip|docx?|jpe?g|png|gif|webp|svg|avif|ico|ogg|oga|ogv|wav|aac|flac|opus|mov|avi|mkv|webm)\s*(/|$)`)
)

// absolute returns the absolute http address of ref, a link of a feed, as found at base, its host
// in ASCII; empty where there is none. base may be nil.
func absolute(base *url.URL, ref string) string {
	u, err := address.Resolve(base, hosted(ref))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}

// hosted returns ref, with two slashes before it if it begins with a host that has no scheme.
func hosted(ref string) string {
	first, _, _ := strings.Cut(ref, "/")
	if !strings.HasSuffix(first, ":") && name.MatchString(ref) && !file.MatchString(ref) {
		return "//" + strings.TrimSpace(ref)
	}
	return ref
}

// malformed reports whether the link or a file of e has an address that had to be repaired.
func malformed(e original) bool {
	odd := func(ref string) bool { return address.Repair(e.base, hosted(ref)) != strings.TrimSpace(ref) }
	return odd(e.Link) || slices.ContainsFunc(e.Enclosures, func(x *gofeed.Enclosure) bool { return odd(x.URL) })
}
