package site

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
)

// said returns what a page tells programs: names of meta elements with their content, and of links
// with their target.
func said(t *testing.T, page []byte) map[string]string {
	t.Helper()
	out := map[string]string{}
	for n := range parsed(t, page).Descendants() {
		switch {
		case n.DataAtom == atom.Meta:
			out[value(n, "name")+value(n, "property")] = value(n, "content")
		case n.DataAtom == atom.Link && (value(n, "rel") == "canonical" || value(n, "type") == ""):
			out[value(n, "rel")+" "+value(n, "hreflang")] = value(n, "href")
		}
	}
	return out
}

// shown returns the pages of the shelf, which tell and show what web says.
func shown(t *testing.T, web feeds.Web, url string) map[string][]byte {
	t.Helper()
	where := place
	where.Web, where.URL = web, url
	stories := shelf()
	stories[1].Items[0].Images = []feeds.Enclosure{{URL: "https://tiqani.example/lead.jpg"}}
	return files(t, bookOf{where, []feeds.Channel{tech}, stories})
}

func TestPagesTellWhoMayListThem(t *testing.T) {
	const story, url = "stories/00000000000000a1.html", "https://feeds.example/news/"
	for _, c := range []struct {
		name, url, page string
		index           bool
		want            map[string]string // empty: not said
	}{
		{"not indexed", url, story, false, map[string]string{"robots": "noindex", "canonical ": "", "alternate en": "",
			"og:url": url + story, "og:type": "article", "og:image": "https://tiqani.example/lead.jpg",
			"og:description": "Shares in Nvidia fell 17%, says نشرة."}},
		{"indexed", url, story, true, map[string]string{"robots": "", "canonical ": url + story,
			"alternate en": url + story, "alternate ar": url + story}},
		{"without an address", "", story, true, map[string]string{"robots": "", "canonical ": "", "og:url": "",
			"alternate en": "", "og:type": "article"}},
		{"in one language", url, "stories/00000000000000a7.html", true,
			map[string]string{"canonical ": url + "stories/00000000000000a7.html", "alternate ar": ""}},
		{"a list", url, IndexPath, false,
			map[string]string{"robots": "", "canonical ": "", "og:url": url, "og:type": "website"}},
		{"a list, indexed", url, IndexPath, true, map[string]string{"robots": "", "canonical ": url}},
	} {
		got := said(t, shown(t, feeds.Web{Index: c.index}, c.url)[c.page])
		for key, want := range c.want {
			if got[key] != want {
				t.Errorf("%s: %s is %q, want %q", c.name, key, got[key], want)
			}
		}
		for _, key := range []string{"og:title", "og:description", "description"} {
			if got[key] == "" {
				t.Errorf("%s: no %s", c.name, key)
			}
		}
	}
}

// With images off, no page asks a third party for anything; lists ask only if thumbnails are shown.
func TestPagesShowPicturesAsConfigured(t *testing.T) {
	const story = "stories/00000000000000a1.html"
	for _, c := range []struct {
		web         feeds.Web
		list, story int // pictures
	}{
		{feeds.Web{}, 0, 2},
		{feeds.Web{Thumbnails: true}, 1, 2},
		{feeds.Web{Thumbnails: true, NoImages: true}, 0, 0},
	} {
		pages := shown(t, c.web, "")
		for name, want := range map[string]int{IndexPath: c.list, story: c.story} {
			page := pages[name]
			pictures := elements(parsed(t, page), atom.Img)
			foreign := strings.Contains(said(t, page)[""], "img-src 'self' https: http:") // of the policy
			if len(pictures) != want || foreign != (want > 0) {
				t.Errorf("%+v: %s has %d pictures, other hosts are allowed: %v", c.web, name, len(pictures), foreign)
			}
			if image := said(t, page)["og:image"]; name == story && (image == "") != c.web.NoImages {
				t.Errorf("%+v: og:image is %q", c.web, image)
			}
		}
		linked := bytes.Contains(pages[story], []byte(`<a rel="nofollow" href="https://tiqani.example/a.jpg">logo</a>`))
		if linked != c.web.NoImages {
			t.Errorf("%+v: the picture is linked: %v", c.web, linked)
		}
	}
}

// Links and pictures of sources are marked, wherever they stand.
func TestLinksOfSourcesAreNotFollowed(t *testing.T) {
	for name, page := range shown(t, feeds.Web{}, "") {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		for n := range parsed(t, page).Descendants() {
			if value(n, "href") == "https://nvidia.example/" && value(n, "rel") != "nofollow" {
				t.Errorf("%s: a link has rel=%q", name, value(n, "rel"))
			}
		}
	}
}

func TestRobots(t *testing.T) {
	for _, c := range []struct {
		url, want string
		index     bool
	}{
		{"", "User-agent: *\nDisallow: /search\nDisallow: /en/search\nDisallow: /ar/search\n", true},
		{"https://a.example/", "User-agent: *\nDisallow: /search\nDisallow: /en/search\nDisallow: /ar/search\n", false},
		{"https://a.example/أخبار/", "User-agent: *\nDisallow: /%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/search\n" +
			"Disallow: /%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/en/search\n" +
			"Disallow: /%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/ar/search\n\n" +
			"Sitemap: https://a.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/sitemap.xml\n", true},
	} {
		var b bytes.Buffer
		where := feeds.Site{URL: c.url, Web: feeds.Web{Index: c.index}}
		if err := NewBook(where, nil, nil, nil).Robots(&b); err != nil || b.String() != c.want {
			t.Errorf("%q: %q, %v", c.url, &b, err)
		}
	}
}

// A sitemap has no more addresses than sitemaps.org allows, the newest stories first.
func TestSitemap(t *testing.T) {
	list := []feeds.Listed{{ID: "00000000000000a1", Updated: utc(2, 3)}}
	for i := range maxAddresses {
		list = append(list, feeds.Listed{ID: fmt.Sprintf("%016x", i), Updated: utc(1, 1)})
	}
	var b bytes.Buffer
	book := NewBook(feeds.Site{URL: "https://a.example/", Web: feeds.Web{Index: true}}, nil, nil, nil)
	if err := book.Sitemap(&b, []string{"days/2025-01-01.html", "en/index.html", "index.html"}, list); err != nil {
		t.Fatal(err)
	}
	var m sitemap
	if err := xml.Unmarshal(b.Bytes(), &m); err != nil || len(m.Pages) != maxAddresses || b.Len() > 50<<20 {
		t.Fatalf("%d addresses in %d bytes, %v", len(m.Pages), b.Len(), err)
	}
	want := []sitemapURL{{"https://a.example/days/2025-01-01.html", ""}, {"https://a.example/en/", ""},
		{"https://a.example/", ""}, {"https://a.example/stories/00000000000000a1.html", "2025-01-02T03:00:00Z"}}
	if !slices.Equal(m.Pages[:4], want) {
		t.Errorf("begins with %v, want %v", m.Pages[:4], want)
	}
}

// What browsers and crawlers look for at the root is there.
func TestServerAnswersBrowsersAndCrawlers(t *testing.T) {
	for _, index := range []bool{false, true} {
		s, lib := published(t, func(o *Options) { o.Web.Index = index })
		lib.web = s.Web
		for name, want := range map[string]struct {
			status int
			kind   string
		}{
			"favicon.ico": {http.StatusOK, "image/x-icon"},
			"robots.txt":  {http.StatusOK, "text/plain; charset=utf-8"},
			"sitemap.xml": {map[bool]int{false: http.StatusNotFound, true: http.StatusOK}[index], ""},
		} {
			a := ask(s, http.MethodGet, "/nashra/"+name)
			if a.Code != want.status || want.kind != "" && a.Header().Get("Content-Type") != want.kind {
				t.Errorf("%s, indexed: %v: %d %s", name, index, a.Code, a.Header().Get("Content-Type"))
			}
		}
		story := ask(s, http.MethodGet, "/stories/00000000000000a1.html").Header().Get("X-Robots-Tag")
		if (story == "noindex") == index {
			t.Errorf("indexed: %v: X-Robots-Tag %q", index, story)
		}
	}
}
