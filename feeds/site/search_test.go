package site

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site/sitetest"
)

// seeker is a Reader that keeps what it was asked and answers with found.
type seeker struct {
	library
	found feeds.Found
	asked feeds.Query
	wait  time.Duration
	most  int // searches at once
	now   int
}

func (r *seeker) Search(ctx context.Context, q feeds.Query) (feeds.Site, feeds.Found, error) {
	r.mu.Lock()
	r.asked = q
	r.now++
	r.most = max(r.most, r.now)
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.now--
	}()
	select {
	case <-time.After(r.wait):
	case <-ctx.Done():
		return feeds.Site{}, feeds.Found{}, ctx.Err()
	}
	found := r.found
	found.Stories = found.Stories[:min(len(found.Stories), q.Limit)]
	where := place
	where.URL = "https://feeds.example/nashra/"
	return where, found, nil
}

// seeking returns a Server over a seeker with a tag, a source and a story.
func seeking(t *testing.T, change func(o *Options)) (*Server, *seeker) {
	t.Helper()
	r := &seeker{found: feeds.Found{Stories: shelf()[:1], Count: 1, Words: "deepseek"}}
	tag := feeds.Channel{ID: "tags/ai", Tags: []string{"ai"}, Title: map[string]string{"en": "AI", "ar": "الذكاء"}}
	source := feeds.Channel{ID: "sources/tiqani", Sources: []string{"tiqani"}}
	o := Options{Dir: t.TempDir(), Reader: r, Channels: []feeds.Channel{tech}, Tags: []feeds.Channel{tag},
		Views: []feeds.Channel{tag, source}, URL: "https://feeds.example/nashra/", Hub: "https://hub.example/"}
	if change != nil {
		change(&o)
	}
	return NewServer(o), r
}

// A search takes tag, source and day, alone or together; what is unknown or no day is refused.
func TestSearchTakesFilters(t *testing.T) {
	s, r := seeking(t, nil)
	day := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	for target, want := range map[string]feeds.Query{
		"q=x":                                   {Words: "x"},
		"q=x&tag=ai":                            {Words: "x", Tag: "ai"},
		"source=tiqani":                         {Sources: []string{"tiqani"}},
		"day=2026-11-29":                        {From: day, Until: day.AddDate(0, 0, 1)},
		"q=+%E2%80%AEa%00b++&tag=&source=&day=": {Words: "ab"},
	} {
		for path, limit := range map[string]int{"/search": pageResults, "/ar/search": pageResults,
			"/search.json": feedResults, "/search.en.rss": feedResults} {
			want.Limit = limit
			if w := ask(s, "GET", path+"?"+target); w.Code != 200 || fmt.Sprint(r.asked) != fmt.Sprint(want) {
				t.Errorf("%s?%s: %d, asked %+v", path, target, w.Code, r.asked)
			}
		}
	}
	for target, want := range map[string]int{"/search?tag=nope": 404, "/search?source=nope": 404,
		"/search?day=2026-13-01": 400, "/search?day=today": 400, "/search.atom?tag=../x": 404, "/search.atom": 400,
		"/search.json?q=!":        400,
		"/search.json?q=!&tag=ai": 400, "/search?q=!": 200, "/search.txt?q=x": 404, "/en/search.atom?q=x": 404} {
		if w := ask(s, "GET", target); w.Code != want {
			t.Errorf("%s: %d, want %d", target, w.Code, want)
		}
	}
}

// The page counts what was found in good English and Arabic, says what is missing or was taken
// otherwise, and marks the words as they stand.
func TestSearchPage(t *testing.T) {
	s, r := seeking(t, nil)
	stories := shelf()
	story := stories[slices.IndexFunc(stories, func(s feeds.Story) bool { return s.ID == "00000000000000a1" })]
	story.Title, story.Translation.Title = "<b>ديب سيك</b> & «DeepSeek»", "The <i>phone</i> & phones"
	for _, c := range []struct {
		target string
		found  feeds.Found
		want   []string
	}{
		{"/search?q=phone", feeds.Found{Count: 37, Words: "phone"}, []string{": 37 stories", ": 37 خبرًا",
			"The &lt;i&gt;<mark>phone</mark>&lt;/i&gt; &amp; <mark>phones</mark>"}},
		{"/ar/search?q=deepseek", feeds.Found{Count: 1, Words: "deepseek"}, []string{"نتائج البحث عن", ": خبر واحد",
			"&lt;b&gt;<mark>ديب سيك</mark>&lt;/b&gt; &amp; «<mark>DeepSeek</mark>»",
			`href="../search.ar.atom?q=deepseek"`}},
		{"/ar/search?q=x", feeds.Found{Count: 2, Words: "x"}, []string{": خبران"}},
		{"/ar/search?q=x", feeds.Found{Count: 3, Words: "x"}, []string{": 3 أخبار"}},
		{"/ar/search?q=x", feeds.Found{Count: 0, Words: "x"}, []string{": لا أخبار"}},
		{"/search?q=x", feeds.Found{Count: 1001, Words: "x"}, []string{": more than 1000 stories",
			": أكثر من 1000 خبر"}},
		{"/en/search?q=nvid", feeds.Found{Count: 3, Words: "nvid*"}, []string{begun, "search.en.atom?q=nvid%2A"}},
		{"/en/search?q=phone", feeds.Found{Count: 3, Words: "phone"}, []string{`href="search?q=phone%2A">Look for`}},
		{"/en/search?q=phone", feeds.Found{Building: true, Words: "phone"}, []string{unfinished}},
		{"/en/search?q=%F0%9F%98%80", feeds.Found{}, []string{wordless, ": no stories"}},
		{"/en/search?q=" + "a1+a2+a3+a4+a5+a6+a7+a8+a9+b1+b2+b3+b4+b5+b6+b7+b8", feeds.Found{}, []string{overlong}},
		{"/en/search?tag=ai&day=2026-11-29", feeds.Found{Count: 5}, []string{"Search: 5 stories", "Tag: AI",
			`<a href="search?day=2026-11-29">remove</a>`, `selected>AI`, `name="day" value="2026-11-29"`,
			`href="../search.en.atom?day=2026-11-29&amp;tag=ai"`}},
		{"/en/search?q=%3Cscript%3E%22", feeds.Found{Count: 1, Words: "script"},
			[]string{"<bdi>&lt;script&gt;&#34;</bdi>"}},
	} {
		r.found = c.found
		if r.found.Count > 0 {
			r.found.Stories = []feeds.Story{story}
		}
		body := ask(s, "GET", c.target).Body.String()
		for _, want := range c.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s has no %q\n%.4000s", c.target, want, body[strings.Index(body, "<main"):])
			}
		}
	}
}

// The feed of a search is valid, has a self link, ids of its folded query, and answers conditional
// requests. While the index is built it is refused, as readers would miss stories for ever.
func TestFeedOfASearch(t *testing.T) {
	s, r := seeking(t, nil)
	first := map[string]string{}
	for _, q := range []string{"q=DeepSeek", "q=deepseek!", "q=%22DEEPSEEK%22", "q=deepseek&tag=ai",
		"q=deepseek&day=2026-11-29"} {
		for _, path := range []string{"/search.atom", "/search.rss", "/search.json"} {
			w := ask(s, "GET", path+"?"+q)
			body := w.Body.String()
			if w.Code != 200 || w.Header().Get("X-Robots-Tag") != "noindex" || strings.Contains(body, "hub.example") {
				t.Errorf("%s?%s: %d %v", path, q, w.Code, w.Header())
			}
			if again := ask(s, "GET", path+"?"+q, "If-None-Match", w.Header().Get("Etag")); again.Code != 304 {
				t.Errorf("%s?%s again: %d", path, q, again.Code)
			}
			_, id, _ := strings.Cut(body, "urn:uuid:")
			switch same := first[path] == id[:36]; {
			case first[path] == "":
				first[path] = id[:36]
			case same != !strings.Contains(q, "&"):
				t.Errorf("%s?%s has the id %s, the first %s", path, q, id[:36], first[path])
			}
		}
	}
	body := ask(s, "GET", "/search.atom?tag=ai&q=%22DeepSeek%22").Body.String()
	self := `href="https://feeds.example/nashra/search.atom?q=%22DeepSeek%22&amp;tag=ai" rel="self"`
	if !strings.Contains(body, self) || !strings.Contains(body, "Search: &#34;DeepSeek&#34;, ai") {
		t.Errorf("no %s in\n%.1500s", self, body)
	}
	r.found.Building = true
	if w := ask(s, "GET", "/search.atom?q=x"); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("while the index is built: %d %v", w.Code, w.Header())
	}
}

// Two searches run at once; others wait, and those that wait too long are told when to come again.
func TestTwoSearchesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := seeking(t, nil)
		r.wait = time.Second
		codes := make(chan int, 100)
		for i := range 40 {
			go func() { codes <- ask(s, "GET", fmt.Sprint("/search.json?q=x", i)).Code }()
		}
		got := map[int]int{}
		for range 40 {
			got[<-codes]++
		}
		if r.most != maxSearches || got[200] < 8 || got[200]+got[503] != 40 ||
			got[503] < 40-maxSearches-maxWaitingSearches {
			t.Errorf("%d at once, answers %v", r.most, got)
		}
		if w := ask(s, "GET", "/search?q=later"); w.Code != http.StatusOK || len(s.finder.places) != 0 {
			t.Errorf("later: %d, %d places are taken", w.Code, len(s.finder.places))
		}
	})
}

// Browsers are told of the search by its public address; without one, only by a name that no other
// site can own.
func TestOpenSearch(t *testing.T) {
	for _, c := range []struct{ url, host, want string }{
		{"https://feeds.example/nashra/", "evil.example", "https://feeds.example/nashra/search?q={searchTerms}"},
		{"", "127.0.0.1:8080", "http://127.0.0.1:8080/search?q={searchTerms}"},
		{"", "[::1]:8080", "http://[::1]:8080/search?q={searchTerms}"},
		{"", "localhost:8080", "http://localhost:8080/search?q={searchTerms}"},
		{"", "evil.example", ""},
		{"", "", ""},
		{"", `a"><b:8080`, ""},
	} {
		s, _ := seeking(t, func(o *Options) { o.URL = c.url })
		r, w := httptest.NewRequest("GET", "/opensearch.xml", nil), httptest.NewRecorder()
		r.Host = c.host
		s.ServeHTTP(w, r)
		var d openSearchDescription
		switch err := xml.Unmarshal(w.Body.Bytes(), &d); {
		case c.want == "" && w.Code == 404:
		case err != nil || w.Code != 200 || len(d.URLs) != 4 || d.URLs[0].Template != c.want ||
			!strings.HasPrefix(w.Header().Get("Content-Type"), openSearchType):
			t.Errorf("%+v: %d %v %v\n%s", c, w.Code, w.Header(), err, w.Body)
		}
	}
	s, _ := seeking(t, nil)
	if body := ask(s, "GET", "/ar/search?q=x").Body.String(); !strings.Contains(body, `<link rel="search"`) ||
		!strings.Contains(body, `href="../opensearch.xml"`) {
		t.Error("pages do not link to opensearch.xml")
	}
}

// The pages of a search and of an error can be read and used in every window, edition and state.
func TestSearchInBrowser(t *testing.T) {
	b := sitetest.New(t)
	s, r := seeking(t, nil)
	home := "http://" + serving(t, HTTP(s, nil)) + "/nashra/"
	next := feeds.Cursor{Published: time.Now(), ID: "00000000000000a1"}
	for path, found := range map[string]feeds.Found{
		"search?q=deepseek": {Stories: newestFirst(shelf()), Count: 37, Words: "deepseek", Next: next},
		"en/search?q=phon&tag=ai&source=tiqani&day=2025-01-27": {Stories: newestFirst(shelf()), Count: 2,
			Words: "phon*"},
		"ar/search?q=%D9%87%D9%88%D8%A7%D8%AA%D9%81&day=2025-01-27": {Stories: newestFirst(shelf()), Count: 1001,
			Words: "هواتف", Next: next, Building: true},
		"ar/search": {}, "nothing.html": {}, "ar/nothing.html": {},
		"en/search?q=" + strings.Repeat("W", maxQuery): {Words: strings.Repeat("w", maxQuery)},
	} {
		r.found = found
		name, _, _ := strings.Cut(strings.ReplaceAll(path, "/", "-"), "?")
		if len(found.Stories) == 0 {
			name += "-nothing"
		}
		for _, w := range sitetest.Windows() {
			b.Screen(w)
			b.Load(home + path)
			b.Shoot(t, w, "search-"+name)
			t.Run(fmt.Sprintf("%s %d px", name, w.Width), func(t *testing.T) {
				b.Judge(t, w.Width)
				b.Audit(t, sitetest.Page{Path: path}, w)
			})
		}
	}
}
