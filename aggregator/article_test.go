package aggregator_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
)

// webPage is a page with an article of four paragraphs, the first and the last as given, and a
// menu.
func webPage(head, first, last string) string {
	return `<html lang="ar"><head><title>خبر</title>` + head +
		`</head><body><nav><a href="/">الرئيسية</a></nav><article><p>` + first + "</p><p>" + secondText +
		"</p><blockquote><p>" + otherText + `</p></blockquote><ul><li>شاشة</li></ul><img src="/a.jpg">` +
		`<pre><code>go test</code></pre><p onclick="x()">` + last + "</p></article></body></html>"
}

// inShort adds a source whose feed has a line on each of n articles, at /NAME/1 and so on.
func (r *rig) inShort(name, fullText string, n int) {
	var items []string
	for i := 1; i <= n; i++ {
		path := fmt.Sprintf("/%s/%d", name, i)
		r.pages[path] = webPage("", fmt.Sprintf("هذا هو النص الكامل للخبر رقم %d من %s، وفيه ما ليس في الملخص من "+
			"التفاصيل الكثيرة.", i, name), lastText)
		items = append(items, fmt.Sprintf("<item><title>خبر رقم %d عن %s وهاتفها</title><link>%s%s</link>"+
			"<guid>%s</guid><pubDate>Tue, 24 Nov 2026 0%d:00:00 GMT</pubDate>"+
			"<description>ملخص قصير رقم %d من %s.</description></item>", i, name, r.URL, path, path, i, i, name))
	}
	r.pages["/"+name] = rss(items...)
	r.opt.Sources = append(r.opt.Sources, feeds.Source{ID: name, URL: r.URL + "/" + name, FullText: fullText})
}

func (r *rig) requests(path string) int {
	r.publisher.mu.Lock()
	defer r.publisher.mu.Unlock()
	return r.asked[path]
}

// An article is fetched once, before anything is translated, and stays in its story.
func TestArticleIsReadOnceAndBoughtOnce(t *testing.T) {
	r := newRig(t, map[string]string{})
	r.inShort("one", "auto", 3)
	rep := r.pass(t)
	if rep.Fetched.Read != 3 || len(rep.Fetched.Left) != 0 || !rep.Fetched.Next.IsZero() {
		t.Fatalf("%+v", rep.Fetched)
	}
	ar, en := r.files(t)["feed.ar.atom"], r.files(t)["feed.en.atom"]
	for _, keeps := range []string{"النص الكامل للخبر رقم 1", "النص الكامل للخبر رقم 3", "&lt;blockquote", "&lt;li",
		"http://publisher/a.jpg", "&lt;code"} {
		if !strings.Contains(ar, keeps) {
			t.Errorf("lost %q", keeps)
		}
	}
	for _, drops := range []string{"الرئيسية", "onclick"} {
		if strings.Contains(ar, drops) {
			t.Errorf("kept %q", drops)
		}
	}
	if strings.Contains(en, "[not translated]") {
		t.Error("the articles are not translated")
	}
	paid := r.chars
	if most := 3 * (len([]rune(secondText+otherText+lastText)) + 400); paid > most {
		t.Errorf("%d characters were bought, the articles have %d at most", paid, most)
	}
	for n := range 3 { // first the same feed, then one item more
		if r.time = r.time.Add(2 * time.Hour); n == 2 {
			r.pages["/one"] = strings.Replace(r.pages["/one"], "</channel>", "", 1)
			more := article("9", "خبر رابع مختلف تماما", "نص قصير", "")
			r.pages["/one"] = strings.Replace(r.pages["/one"], "<item>", more+"<item>", 1)
		}
		r.pass(t)
	}
	for path, want := range map[string]int{"/robots.txt": 1, "/one/1": 1, "/one/2": 1, "/one/3": 1} {
		if got := r.requests(path); got != want {
			t.Errorf("%s was asked for %d times, want %d", path, got, want)
		}
	}
}

// Articles that cannot be had leave the feed's text, with a reason, and are retried only if there
// is hope.
// A page whose transfer breaks off behind its end is whole.
func TestArticleOfABrokenTransfer(t *testing.T) {
	r := newRig(t, map[string]string{})
	r.inShort("one", "auto", 2)
	for path, page := range r.pages {
		if strings.HasPrefix(path, "/one/") {
			r.header[path] = http.Header{"Content-Length": {fmt.Sprint(len(page) + 100)}}
		}
	}
	r.pages["/one/2"] = r.pages["/one/2"][:len(r.pages["/one/2"])/2]
	if rep := r.pass(t); rep.Fetched.Read != 1 {
		t.Errorf("%+v", rep.Fetched)
	}
}

func TestArticlesThatAreNotTaken(t *testing.T) {
	const allRobots = "User-agent: *\n"
	for name, c := range map[string]struct {
		robots string
		page   func(p *publisher, path string)
		reason string
		asked  int // requests for the page in ten passes an hour apart
	}{
		"robots.txt":  {allRobots + "Disallow: /x/", nil, "robots.txt does not allow it", 0},
		"our robot":   {"User-agent: nashra\nDisallow: /", nil, "robots.txt does not allow it", 0},
		"long pauses": {allRobots + "Crawl-delay: 3600", nil, "robots.txt asks for pauses of more than 1m0s", 0},
		"paywalled": {"", head(`<script type="application/ld+json">{"isAccessibleForFree":false}</script>`),
			"the page says it is not free to read", 1},
		"noindex": {"", head(`<meta name="robots" content="noindex">`), "the page asks not to be kept (noindex)",
			1},
		"X-Robots-Tag": {"", func(p *publisher, path string) {
			p.header[path] = http.Header{"X-Robots-Tag": {"noindex"}}
		}, "the page asks not to be kept (noindex)", 1},
		"gone": {"", func(p *publisher, path string) { p.status[path] = http.StatusGone }, "status 410", 1},
		"forbidden": {"", func(p *publisher, path string) { p.status[path] = http.StatusForbidden }, "status 403",
			1},
		"a teaser": {"", func(p *publisher, path string) { p.pages[path] = "<p>اشترك لتقرأ</p>" },
			"no article was found on the page", 1},
		"less than the feed": {"", func(p *publisher, path string) {
			p.pages["/x"] = strings.Replace(p.pages["/x"], "ملخص", strings.Repeat("ملخص طويل جدا ", 100), 1)
		}, "the page has less than the feed", 1},
		"the home page": {"", func(p *publisher, path string) {
			p.pages[path] = webPage("", "نستخدم ملفات تعريف الارتباط لنحسن تجربتك، فهل توافق على الشروط؟", lastText)
		}, "the page is about something else", 1},
		"overloaded": {"", func(p *publisher, path string) { p.status[path] = http.StatusServiceUnavailable },
			"status 503", 4},
		"no robots.txt to be had": {"", func(p *publisher,
			_ string) {
			p.status["/robots.txt"] = http.StatusInternalServerError
		},
			"status 500", 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, map[string]string{"/robots.txt": c.robots})
			r.opt.Sources = nil
			r.inShort("x", "always", 1)
			if c.page != nil {
				c.page(r.publisher, "/x/1")
			}
			rep := r.pass(t)
			if want := map[string]int{c.reason: 1}; rep.Fetched.Read != 0 || !maps.Equal(rep.Fetched.Left, want) {
				t.Errorf("%+v, want %v", rep.Fetched, want)
			}
			if files := r.files(t); !strings.Contains(files["feed.ar.atom"], "ملخص") ||
				strings.Contains(files["feed.ar.atom"], "النص الكامل") ||
				strings.Contains(files["feed.en.atom"], "[not translated]") {
				t.Error("the feed's own words are not published, in both languages")
			}
			for range 9 {
				r.time = r.time.Add(time.Hour)
				r.pass(t)
			}
			if got := r.requests("/x/1"); got != c.asked {
				t.Errorf("asked for %d times in all, want %d", got, c.asked)
			}
			if got := r.requests("/robots.txt"); got > 4 {
				t.Errorf("robots.txt was asked for %d times", got)
			}
		})
	}
}

func head(more string) func(p *publisher, path string) {
	return func(p *publisher, path string) { p.pages[path] = webPage(more, firstText, lastText) }
}

func TestArticlesOnlyWhereAskedFor(t *testing.T) {
	off := false
	for name, c := range map[string]struct {
		change func(s *feeds.Source)
		whole  bool // the feed has the body
		asked  int
	}{
		"never":                   {func(s *feeds.Source) { s.FullText = "never" }, false, 0},
		"unsaid":                  {func(s *feeds.Source) { s.FullText = "" }, false, 0},
		"summaries republished":   {func(s *feeds.Source) { s.Content = "summary" }, false, 0},
		"auto, and the body came": {func(*feeds.Source) {}, true, 0},
		"always":                  {func(s *feeds.Source) { s.FullText = "always" }, true, 1},
		"switched off":            {func(s *feeds.Source) { s.Enabled = &off }, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, map[string]string{})
			r.inShort("x", "auto", 1)
			if c.whole {
				r.pages["/x"] = strings.Replace(r.pages["/x"], "</item>",
					"<content:encoded>"+firstText+secondText+otherText+"</content:encoded></item>", 1)
			}
			r.opt.Sources[0].FullText = "never"
			r.pass(t) // make a story of the source before it is switched off
			r.opt.Sources[0].FullText = "auto"
			c.change(&r.opt.Sources[0])
			r.time = r.time.Add(2 * time.Hour)
			r.pass(t)
			if got := r.requests("/x/1"); got != c.asked {
				t.Errorf("the article was asked for %d times, want %d", got, c.asked)
			}
			if full := strings.Contains(r.files(t)["feed.ar.atom"], "النص الكامل للخبر"); full != (c.asked > 0) {
				t.Errorf("published in full: %v", full)
			}
		})
	}
}

func TestArticleOfTheLeadAlone(t *testing.T) {
	r := newRig(t, map[string]string{})
	r.inShort("one", "auto", 1)
	r.inShort("two", "auto", 1)
	r.pages["/two"] = strings.ReplaceAll(r.pages["/one"], "/one/", "/two/")
	r.opt.Concurrency = 1
	rep := r.pass(t)
	if asked := r.requests("/one/1") + r.requests("/two/1"); rep.Grouped.Joined != 1 || asked != 1 {
		t.Errorf("%+v, %d articles were asked for, want the lead's", rep.Grouped, asked)
	}
}

// A source has a daily limit. The rest waits for the next day, and is translated as the feed has
// it.
func TestArticlesOfADay(t *testing.T) {
	r := newRig(t, map[string]string{})
	r.inShort("x", "auto", 5)
	r.opt.ArticlesPerDay = 2
	for hour, want := range []int{2, 0, 0} {
		r.time = noon.Add(time.Duration(hour) * time.Hour)
		if rep := r.pass(t); rep.Fetched.Read != want || rep.Fetched.Next.Sub(noon) > 12*time.Hour ||
			rep.Published.Waiting > 0 {
			t.Errorf("after %d hours: %+v, %+v", hour, rep.Fetched, rep.Published)
		}
	}
	if r.requests("/x/5") != 1 || r.requests("/x/4") != 1 || r.requests("/x/3") != 0 {
		t.Error("not the newest were asked for")
	}
	r.time = noon.Add(24 * time.Hour)
	if rep := r.pass(t); rep.Fetched.Read != 2 || r.requests("/x/3") != 1 {
		t.Errorf("on the next day: %+v", rep.Fetched)
	}
}

// A host that fails gets no requests for as long as it asks, while other hosts do.
func TestArticlesOfAHostThatAsksToWait(t *testing.T) {
	r := newRig(t, map[string]string{})
	r.inShort("x", "auto", 3)
	for i := 1; i <= 3; i++ {
		r.status[fmt.Sprintf("/x/%d", i)] = http.StatusTooManyRequests
		r.header[fmt.Sprintf("/x/%d", i)] = http.Header{"Retry-After": {"7200"}}
	}
	all := func() int { return r.requests("/x/1") + r.requests("/x/2") + r.requests("/x/3") }
	for minutes, want := range []int{1, 1, 1} {
		r.time = noon.Add(time.Duration(minutes) * 59 * time.Minute)
		rep := r.pass(t)
		if got := all(); got != want || !rep.Fetched.Next.Equal(noon.Add(2*time.Hour)) {
			t.Errorf("after %d minutes %d pages were asked for, want %d; next %v", 59*minutes, got, want,
				rep.Fetched.Next)
		}
	}
	clear(r.status)
	r.time = noon.Add(3 * time.Hour)
	if rep := r.pass(t); rep.Fetched.Read != 3 {
		t.Errorf("once it is well: %+v", rep.Fetched)
	}
}

func TestArticlesInTheRhythmOfRobots(t *testing.T) {
	r := newRig(t, map[string]string{"/robots.txt": "User-agent: *\nCrawl-delay: 0.2"})
	r.opt.Sources = nil
	r.inShort("x", "auto", 3)
	begun := time.Now()
	r.opt.Now = func() time.Time { return noon.Add(time.Since(begun)) }
	rep := r.pass(t)
	if took := time.Since(begun); rep.Fetched.Read != 3 || took < 400*time.Millisecond {
		t.Errorf("%+v in %v, want two pauses of 200 ms", rep.Fetched, took)
	}
}

// A redirect to another host is followed if that host's robots.txt allows it.
func TestArticleElsewhere(t *testing.T) {
	for robots, want := range map[string]int{"User-agent: *\nDisallow: /": 0, "": 1} {
		there := publish(t, map[string]string{"/robots.txt": robots,
			"/page": webPage("", "هذا خبر رقم 1، "+firstText, lastText)})
		r := newRig(t, map[string]string{})
		r.inShort("x", "auto", 1)
		r.status["/x/1"], r.header["/x/1"] = http.StatusFound, http.Header{"Location": {there.URL + "/page"}}
		rep := r.pass(t)
		if there.asked["/page"] != want || rep.Fetched.Read != want {
			t.Errorf("robots %q: %+v, the page was asked for %d times", robots, rep.Fetched, there.asked["/page"])
		}
	}
}

// An edit in the feed lets the article be fetched again; if that fails, the feed's new text is
// shown.
func TestArticleOfAnEditedItem(t *testing.T) {
	r := newRig(t, map[string]string{})
	r.inShort("x", "auto", 1)
	r.pass(t)
	r.pages["/x"] = strings.Replace(r.pages["/x"], "ملخص قصير", "ملخص مصحح", 1)
	r.pages["/x/1"] = strings.Replace(r.pages["/x/1"], "النص الكامل", "النص المصحح", 1)
	r.time = noon.Add(2 * time.Hour)
	if rep := r.pass(t); rep.Fetched.Read != 1 || !strings.Contains(r.files(t)["feed.ar.atom"], "النص المصحح") {
		t.Errorf("%+v", rep.Fetched)
	}
	r.pages["/x"] = strings.Replace(r.pages["/x"], "ملخص مصحح", "ملخص أخير", 1)
	r.status["/x/1"] = http.StatusNotFound
	r.time = noon.Add(4 * time.Hour)
	r.pass(t)
	if ar := r.files(t)["feed.ar.atom"]; !strings.Contains(ar, "ملخص أخير") || strings.Contains(ar, "النص المصحح") {
		t.Error("not the feed's own words")
	}
}

// A body is not translated before its article is fetched, as it would be bought twice.
func TestBodyWaitsForItsArticle(t *testing.T) {
	r := newRig(t, map[string]string{})
	r.inShort("x", "auto", 1)
	a := r.over(r.st)
	if _, err := a.Poll(t.Context(), nil, false, "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Group(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rep, err := a.Estimate(t.Context()); err != nil || rep.Segments != 1 {
		t.Errorf("%+v, %v, want the headline alone", rep, err)
	}
	if f, err := a.Article(t.Context(), "no story's id"); err != nil || f.Read != 0 {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err := a.Article(t.Context()); err != nil || f.Read != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	if rep, err := a.Estimate(t.Context()); err != nil || rep.Segments < 5 {
		t.Errorf("%+v, %v, want the article too", rep, err)
	}
}

// A pass stopped at any call and run again ends with each article, fetched twice at most.
func TestArticlesStoppedAnywhere(t *testing.T) {
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("it runs in one goroutine")
	}
	var want map[string]string
	for n := 0; ; n++ {
		r := newRig(t, map[string]string{})
		r.inShort("x", "auto", 2)
		if n == 0 {
			r.pass(t)
			want = r.files(t)
			continue
		}
		_, err := r.over(&stopper{both: r.st, left: n}).Pass(t.Context(), true, nil, aggregator.Watch{})
		if err == nil {
			if n < 8 {
				t.Errorf("only %d places to stop at", n)
			}
			return
		}
		r.pass(t)
		if got := r.files(t); !maps.Equal(got, want) {
			t.Errorf("stopped at call %d: %d files differ from a whole pass", n, differ(got, want))
		}
		if r.requests("/x/1") > 2 || r.requests("/x/2") > 2 {
			t.Errorf("stopped at call %d: asked for %d and %d times", n, r.requests("/x/1"), r.requests("/x/2"))
		}
	}
}

// A host that is down gets one request at a time, less and less often.
func TestArticlesOfAHostThatIsDown(t *testing.T) {
	r := newRig(t, map[string]string{})
	r.inShort("x", "auto", 9)
	r.status["/robots.txt"] = http.StatusBadGateway
	for quarter := range 4 * 24 {
		r.time = noon.Add(time.Duration(quarter) * 15 * time.Minute)
		if _, err := r.over(r.st).Article(t.Context()); quarter > 0 && err != nil {
			t.Fatal(err)
		} else if quarter == 0 {
			r.pass(t)
		}
	}
	if got := r.requests("/robots.txt"); got < 5 || got > 8 { // after 0, 15, 45 and 105 minutes, 3¾, 7¾ and 15¾ hours
		t.Errorf("asked %d times in a day", got)
	}
	delete(r.status, "/robots.txt")
	r.time = noon.Add(48 * time.Hour)
	if f, err := r.over(r.st).Article(t.Context()); err != nil || f.Read < 7 {
		t.Errorf("once it is up: %+v, %v", f, err)
	}
}
