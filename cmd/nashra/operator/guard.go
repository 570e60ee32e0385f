package operator

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Guard passes a request to h if it names this host by an IP address, by a name without a dot or by
// one of names. A page of another site whose name leads here (DNS rebinding) sends its own name.
func Guard(h http.Handler, names []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !known(r.Host, names) {
			answerText(w, http.StatusForbidden, "this page does not answer at this name; if it is yours, add it to "+
				"serve.hosts in the config\n")
			return
		}
		h.ServeHTTP(w, r)
	})
}

func known(host string, names []string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil || !strings.Contains(host, ".") {
		return true
	}
	return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, host) })
}
