package feeds

import "testing"

func TestCleanURL(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "kt-77115": "kt-77115",
		" HTTPS://Site.Example:443/a?utm_source=rss&id=7&fbclid=x#top": "https://site.example/a?id=7",
		"http://site.example":               "http://site.example/",
		"http://site.example:8080/":         "http://site.example:8080/",
		"https://site.example/%D8%A3%D8%AE": "https://site.example/أخ",
		"https://site.example/ا\u0654خ":     "https://site.example/أخ",
		"https://site.example/?p=1&q=2":     "https://site.example/?p=1&q=2",
	} {
		if got := CleanURL(in); got != want {
			t.Errorf("CleanURL(%q) = %q, want %q", in, got, want)
		}
		if again := CleanURL(CleanURL(in)); again != CleanURL(in) {
			t.Errorf("CleanURL(%q) cleaned again is %q", in, again)
		}
	}
}

func TestURI(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"javascript:alert(1)":               "",
		"/relative":                         "",
		"https://a.example/ديب?q=س&x=1+2#ج": "https://a.example/%D8%AF%D9%8A%D8%A8?q=%D8%B3&x=1+2#%D8%AC",
		"https://a.example/%D8%AF/a b":      "https://a.example/%D8%AF/a%20b",
		"https://موقع.example:8443/":        "https://xn--4gbrim.example:8443/",
	} {
		if got := URI(in); got != want {
			t.Errorf("URI(%q) = %q, want %q", in, got, want)
		}
	}
}
