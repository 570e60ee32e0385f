package feeds

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
)

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

func TestAddressesOfOneFeed(t *testing.T) {
	keys := map[string]string{}
	for _, same := range [][]string{
		{"https://site.example/feed", "http://www.site.example:80/feed/",
			"HTTPS://WWW.Site.example/feed?utm_source=x#top",
			"feed://site.example/feed", "feed:https://site.example:443/feed//"},
		{"https://site.example", "http://www.site.example/"},
		{"https://site.example/?feed=rss2", "http://site.example?feed=rss2"},
		{"https://site.example/feed?feed=rss2"},
		{"https://user:one@site.example/feed", "https://user:one@site.example/feed/"},
		{"https://user:two@site.example/feed"},
		{"https://site.example:8443/feed"},
		{"https://en.site.example/feed"},
		{"https://site.example/Feed"},
		{"https://موقع.example/خلاصة", "http://xn--4gbrim.example/%D8%AE%D9%84%D8%A7%D8%B5%D8%A9/"},
		{"javascript:alert(1)"},
		{"file:///etc/passwd"},
	} {
		for _, address := range same {
			if FeedKey(address) != FeedKey(same[0]) {
				t.Errorf("%s has the key %s, and %s %s", address, FeedKey(address), same[0], FeedKey(same[0]))
			}
		}
		if was, ok := keys[FeedKey(same[0])]; ok {
			t.Errorf("%s and %s have one key", same[0], was)
		}
		keys[FeedKey(same[0])] = same[0]
	}
}

// Of the sources with one address the first that is on is polled, unless their headers differ.
func TestTwins(t *testing.T) {
	off := false
	got := Twins([]Source{{ID: "off", URL: "https://a.example/", Enabled: &off}, {ID: "one", URL: "https://a.example"},
		{ID: "two", URL: "http://www.a.example/"},
		{ID: "key", URL: "https://a.example", Headers: map[string]string{"X": "1"}},
		{ID: "page", URL: "https://a.example", Page: Page{Item: "article"}},
		{ID: "other part", URL: "https://a.example", Page: Page{Item: "li"}},
		{ID: "again", URL: "https://a.example/", Page: Page{Item: "li"}},
		{ID: "three", URL: "https://a.example/#x"}, {ID: "other", URL: "https://b.example"}})
	if want := map[string]string{"two": "one", "three": "one", "again": "other part"}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Texts about private sources name hosts alone.
func TestPrivateSourcesAreShownByHost(t *testing.T) {
	hidden := Source{Private: true}
	for text, want := range map[string]string{
		"fetch https://a.example:81/x/s3cret.xml: status 404": "fetch https://a.example:81/…: status 404",
		`Get "https://a.example/s3cret": EOF`:                 `Get "https://a.example/…": EOF`,
		"moved to http://b.example/s3cret?…; asked daily":     "moved to http://b.example/…; asked daily",
		"http://b.example/s":                                  "http://b.example/…",
		"https://a.example":                                   "https://a.example",
		"https://a.example/":                                  "https://a.example/",
		"no address":                                          "no address",
	} {
		if got := hidden.Shown(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		err := fmt.Errorf("%s%w", text, io.EOF)
		if got := hidden.Hide(err); !errors.Is(got, io.EOF) || strings.Contains(got.Error(), "s3cret") {
			t.Errorf("%s: %v", text, got)
		}
		if (Source{}).Shown(text) != text || (Source{}).Hide(err).Error() != err.Error() || hidden.Hide(nil) != nil {
			t.Errorf("%s: changed for a public source", text)
		}
	}
}
