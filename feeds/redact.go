package feeds

import "net/url"

// Redact is an address fit for errors, logs and status: without userinfo, query values and fragment. What is no URL becomes
// "(unreadable address)", since it may hold anything.
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
