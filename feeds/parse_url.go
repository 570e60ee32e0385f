package feeds

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/nashra/nashra/feeds/sanitize"
)

// CleanURL is address as a key that is the same for all addresses of one page: scheme and host lowered, no default port,
// fragment or parameters that only track readers, the path decoded and composed (NFC). It is for comparison, not for use. What is
// no http address is given back trimmed.
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
	path := norm.NFC.String(u.Path)
	if path == "" {
		path = "/"
	}
	var kept []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if key, _, _ := strings.Cut(pair, "="); pair != "" && !tracks(strings.ToLower(key)) {
			kept = append(kept, pair)
		}
	}
	if len(kept) > 0 {
		path += "?" + strings.Join(kept, "&")
	}
	return scheme + "://" + host + path
}

// tracks says whether a parameter tells publishers where a reader came from, not which page is meant.
func tracks(key string) bool {
	switch key {
	case "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "igshid", "mc_cid", "mc_eid", "_ga", "_gl",
		"ref_src", "feature_src", "at_medium", "at_campaign", "ns_source", "ns_mchannel", "cmpid", "ftag", "ocid", "xtor":
		return true
	}
	return strings.HasPrefix(key, "utm_") || strings.HasPrefix(key, "pk_") || strings.HasPrefix(key, "mtm_")
}

// absolute is the whole http address for ref as found at base; empty where it is none.
func absolute(base *url.URL, ref string) string {
	if sanitize.AtRest(ref) {
		return ref
	}
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
	if strings.IndexFunc(u.Host, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 { // as the address is asked for on the net
		if u.Host, err = idna.Lookup.ToASCII(u.Host); err != nil {
			return ""
		}
	}
	return u.String()
}
