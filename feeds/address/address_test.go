package address

import (
	"net/url"
	"testing"
)

func TestResolveRepairsWhatBrowsersRepair(t *testing.T) {
	base, _ := url.Parse("https://site.example/blog/feed.xml")
	for in, want := range map[string]string{
		// good addresses stay as they are
		"https://a.example/x?q=1&r=%D8%A7#top": "https://a.example/x?q=1&r=%D8%A7#top",
		"https://A.example:8080/%d8%a7/":       "https://A.example:8080/%d8%a7/",
		"post/1":                               "https://site.example/blog/post/1",
		"/post:1":                              "https://site.example/post:1",
		"//a.example/x":                        "https://a.example/x",
		"mailto:a@b.example?subject=x":         "mailto:a@b.example?subject=x",
		"https://a.example/?sale=50%":          "https://a.example/?sale=50%", // browsers send it so

		"https://a.example/my report.html?a b#c d": "https://a.example/my%20report.html?a%20b#c%20d",
		"https://a.example/50%-off/100%":           "https://a.example/50%25-off/100%25",
		"https://a.example/%u0627/%zz#5%":          "https://a.example/%25u0627/%25zz#5%25",
		`https:\\a.example\x\y?z=\`:                `https://a.example/x/y?z=\`,
		`\\a.example\x`:                            "https://a.example/x",
		"http:/a.example/x":                        "http://a.example/x",
		"https:a.example/x":                        "https://a.example/x",
		"HTTPS:////a.example/x":                    "https://a.example/x",
		"///a.example/x":                           "https://a.example/x",
		"www.a.example/x":                          "https://www.a.example/x",
		"www.site.example":                         "https://www.site.example",
		"Site.example/x?y":                         "https://Site.example/x?y",
		"a.example:8080/x":                         "https://a.example:8080/x",
		"خبر:جديد": "https://site.example/blog/" +
			"%D8%AE%D8%A8%D8%B1:%D8%AC%D8%AF%D9%8A%D8%AF",
		"2026:11/x":                              "https://site.example/blog/2026:11/x",
		"\u200f https://a.example/x\u200e\ufeff": "https://a.example/x",
		"\u2067https://a.example/x\u2069\u00a0":  "https://a.example/x",
		"\n  https://a.example/x\n  /y\t\n":      "https://a.example/x/y",
		"https://a.example/a\u0007b":             "https://a.example/a%07b",
		"https://موقع.example:8443/x":            "https://xn--4gbrim.example:8443/x",
		"https://a.example/[x]|{y}":              "https://a.example/%5Bx%5D%7C%7By%7D",
		"java\nscript:alert(1)":                  "javascript:alert(1)", // for callers to refuse
	} {
		got, err := Resolve(base, in)
		if err != nil || got.String() != want {
			t.Errorf("Resolve(%q) = %v, %v, want %q", in, got, err, want)
			continue
		}
		if again, err := Resolve(base, got.String()); err != nil || again.String() != want {
			t.Errorf("Resolve(%q) again is %v, %v", in, again, err)
		}
	}
	for _, in := range []string{"https://a.example:port/", "http://[::1/", "https://a b.example/", "http://\u0001/",
		"", " \u200f"} {
		if got, err := Resolve(base, in); err == nil {
			t.Errorf("Resolve(%q) = %v, want an error", in, got)
		}
	}
}

func FuzzResolve(f *testing.F) {
	f.Add("http:/a.example/50% off?x#y")
	f.Fuzz(func(t *testing.T, ref string) {
		base, _ := url.Parse("https://site.example/")
		u, err := Resolve(base, ref)
		if err != nil || u.Host == "" {
			return
		}
		if _, err := url.Parse(u.String()); err != nil {
			t.Errorf("Resolve(%q) = %q, which cannot be parsed: %v", ref, u, err)
		}
	})
}

func BenchmarkResolve(b *testing.B) {
	base, _ := url.Parse("https://site.example/feed/")
	const good = "https://site.example/2026/11/27/%D9%85%D9%88/?utm_source=rss"
	b.Run("net/url", func(b *testing.B) {
		for b.Loop() {
			u, _ := url.Parse(good)
			_ = base.ResolveReference(u)
		}
	})
	b.Run("Resolve", func(b *testing.B) {
		for b.Loop() {
			_, _ = Resolve(base, good)
		}
	})
}
