package article

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestRobots(t *testing.T) {
	const all = "User-agent: *\n"
	for name, c := range map[string]struct {
		robots, path string
		want         bool
		pause        time.Duration
	}{
		"nothing":                    {"", "/a", true, 0},
		"a web page in its place":    {"<!doctype html><p>Disallow: everything</p>", "/a", true, 0},
		"all":                        {all + "Disallow: /", "/a", false, 0},
		"none":                       {all + "Disallow:", "/a", true, 0},
		"the root alone":             {all + "Disallow: /$\n", "/", false, 0},
		"no path":                    {all + "Disallow: /", "", false, 0},
		"another folder":             {all + "Disallow: /private/", "/news/1", true, 0},
		"that folder":                {all + "Disallow: /private/", "/private/1", false, 0},
		"the longer rule counts":     {all + "Disallow: /news/\nAllow: /news/free/", "/news/free/1", true, 0},
		"a wildcard":                 {all + "Disallow: /*?print=", "/news/1?print=1", false, 0},
		"another robot's":            {"User-agent: Googlebot\nDisallow: /\n", "/a", true, 0},
		"our own, in any case":       {"User-agent: NASHRA\nDisallow: /\n\n" + all + "Allow: /", "/a", false, 0},
		"our own frees us":           {all + "Disallow: /\n\nUser-agent: nashra\nAllow: /", "/a", true, 0},
		"of several named":           {"User-agent: Googlebot\nUser-agent: nashra\nDisallow: /", "/a", false, 0},
		"a pause":                    {all + "Crawl-delay: 2.5\nDisallow: /x", "/a", true, 2500 * time.Millisecond},
		"a pause of ages":            {all + "Crawl-delay: 1e300", "/a", true, 1_000_000 * time.Second},
		"a pause that is none":       {all + "Crawl-delay: soon\nDisallow: /", "/a", false, 0},
		"a rule before any robot":    {"Disallow: /\n" + all + "Disallow: /x", "/x", false, 0},
		"that rule alone":            {"Disallow: /", "/a", true, 0},
		"byte order mark":            {"\ufeff" + all + "Disallow: /x", "/x/1", false, 0},
		"comments":                   {"# ours\r\nUser-agent: * # all\r\nDisallow: /x # yet\r\n", "/x/1", false, 0},
		"rules in letters":           {all + "Disallow: /وسم/", "/%D9%88%D8%B3%D9%85/1", false, 0},
		"rules in small digits":      {all + "Disallow: /%d9%88%d8%b3%d9%85/", "/%D9%88%D8%B3%D9%85/1", false, 0},
		"a long one, past its limit": {all + strings.Repeat("Allow: /x\n", 60_000) + "Disallow: /", "/a", true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse("https://news.example" + c.path)
			if err != nil {
				t.Fatal(err)
			}
			if ok, pause := Allowed(Rules([]byte(c.robots)), u); ok != c.want || pause != c.pause {
				t.Errorf("allowed %v after %v, want %v after %v", ok, pause, c.want, c.pause)
			}
		})
	}
}

func FuzzRobots(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /*x$\nCrawl-delay: 1"), "/a%D9%88?b=c")
	f.Add([]byte("Disallow: /\xff\x00\nuseragent:\ncrawldelay: NaN"), "")
	f.Fuzz(func(t *testing.T, body []byte, path string) {
		rules := Rules(body)
		if again := Rules([]byte(rules)); again != rules {
			t.Errorf("%q, read again %q", rules, again)
		}
		if _, pause := Allowed(rules, &url.URL{Path: path}); pause < 0 {
			t.Errorf("a pause of %v", pause)
		}
	})
}
