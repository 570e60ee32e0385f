package sanitize

import (
	"net/url"
	"testing"
)

// FuzzAtRest holds the quick answer against what the parser makes of an address.
func FuzzAtRest(f *testing.F) {
	for _, s := range []string{"https://a.example/", "http://127.0.0.1:8900/i/0/1?utm_source=rss&id=1", "https://a.example/%d8%a3/x-y_(z)", "https://a.example/a/../b",
		"https://a.example/.well-known/x", "https://a.example//b?", "https://a.example/%", "https://a.example/a%2fb", "https://:1/x", "https://a:b@c.example/", "HTTPS://a.example/",
		"https://a.example:/x", "https://a.example/x#y", "https://a.example/x y", "https://a.example/x?y z", "https://a.example?/x", "https://a.example/%2e%2e/b", "https://[::1]/"} {
		f.Add(s)
	}
	start, err := url.Parse(base)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !AtRest(s) {
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.Host == "" {
			t.Fatalf("%q: %v", s, err)
		}
		if u.String() != s || start.ResolveReference(u).String() != s {
			t.Fatalf("%q is written %q, and resolved %q", s, u, start.ResolveReference(u))
		}
	})
}
