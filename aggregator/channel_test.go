package aggregator_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

func TestChannelsChoose(t *testing.T) {
	pages := map[string]string{
		"/one": rss(article("1", "OpenAI تكشف نموذجا جديدا بكلفة أقل", firstText, secondText),
			article("2", "هواوي تكشف هاتفا بثلاث شاشات", otherText, lastText)),
		"/two": rss(article("3", "حديث بالمقابل عن الشاشات",
			"ارتفعت مبيعات الشاشات في المنطقة بنسبة 12% خلال الربع الثالث وفق تقرير جديد لشركة أبحاث.", secondText)),
	}
	for name, c := range map[string]struct {
		ch   feeds.Channel
		want string // initials of the guids, in no order
	}{
		"all":                                    {feeds.Channel{}, "123"},
		"by source":                              {feeds.Channel{Sources: []string{"two"}}, "3"},
		"by tag":                                 {feeds.Channel{Tags: []string{"phones"}}, "12"},
		"by a tag of nobody":                     {feeds.Channel{Tags: []string{"none"}}, ""},
		"by a source that another is polled for": {feeds.Channel{Sources: []string{"twin"}}, "12"},
		"by word, spelt otherwise":               {feeds.Channel{Include: []string{"أوبن", "هواوى"}}, "2"},
		"by word behind a prefix":                {feeds.Channel{Include: []string{"مقابل"}}, "3"},
		"no word within another":                 {feeds.Channel{Include: []string{"ابل"}}, ""},
		"by a word of both languages":            {feeds.Channel{Include: []string{"openai"}}, "1"},
		"by expression":                          {feeds.Channel{Include: []string{"/[0-9]{4} دولار/"}}, "2"},
		"without":                                {feeds.Channel{Exclude: []string{"openai"}}, "23"},
		"no more than the limit":                 {feeds.Channel{Limit: 1}, "?"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, pages)
			r.opt.Sources[0].Tags = []string{"phones"}
			r.opt.Sources = append(r.opt.Sources, feeds.Source{ID: "twin", URL: r.opt.Sources[0].URL + "/"})
			c.ch.ID = "ch"
			if c.ch.Limit == 0 {
				c.ch.Limit = 10
			}
			r.opt.Channels = []feeds.Channel{c.ch}
			r.pass(t)
			got, atom := "", r.files(t)["ch.atom"]
			for _, id := range []string{"1", "2", "3"} {
				if strings.Contains(atom, `<link href="https://news.example/`+id+`"`) {
					got += id
				}
			}
			if c.want == "?" && len(got) == 1 {
				return
			}
			if got != c.want {
				t.Errorf("shows %q, want %q", got, c.want)
			}
		})
	}
}

// A window leaves out what is older, but never shrinks a channel below its newest twenty.
func TestAWindowKeepsTheNewest(t *testing.T) {
	var list []string
	for i := range 40 { // one a day
		list = append(list, strings.Replace(article(fmt.Sprint(i), fmt.Sprintf("خبر رقم %d عن شركة %d", 1000+i*37, i),
			fmt.Sprintf("أعلنت الشركة رقم %d عن منتج بسعر %d دولار.", i, 500+i*91), lastText),
			"Tue, 24 Nov 2026 08:00:00 GMT", noon.AddDate(0, 0, -i).Format(time.RFC1123), 1))
	}
	for window, want := range map[time.Duration]int{0: 40, 36 * time.Hour: 20, 30*24*time.Hour + time.Hour: 31} {
		r := newRig(t, map[string]string{"/one": rss(list...)})
		r.opt.Channels[0].Limit, r.opt.Channels[0].Window = 100, window
		if rep := r.pass(t); rep.Published.Stories != want {
			t.Errorf("a window of %v shows %d stories, want %d", window, rep.Published.Stories, want)
		}
	}
}

// Files that nashra wrote and no longer publishes are removed; other files stay.
func TestOnlyOurFilesAreRemoved(t *testing.T) {
	r := newRig(t, newsPages())
	r.pass(t)
	mine := filepath.Join(r.opt.Dir, "feed.txt")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.opt.Channels[0].ID = "other"
	rep := r.pass(t)
	if len(rep.Published.Removed) != 9+3 || len(rep.Published.Written) != 9+2+3*6 { // the pages name the feeds
		t.Errorf("%+v", rep.Published)
	}
	files := r.files(t)
	if files["feed.txt"] != "mine" || files["feed.atom"] != "" || files["other.ar.json"] == "" {
		t.Errorf("left: %d files", len(files))
	}
}

// If the directory cannot be written to, an error names it and the published files stay.
func TestAnUnwritableFolderLosesNothing(t *testing.T) {
	r := newRig(t, newsPages())
	r.pass(t)
	before := r.files(t)
	r.pages["/one"] = rss(article("7", "خبر جديد كليا", otherText, firstText))
	// root may write anywhere: block the temporary file
	if err := os.MkdirAll(filepath.Join(r.opt.Dir, ".feed.atom.new", "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := r.over(r.st).Publish(t.Context())
	if err != nil {
		t.Fatal("nothing was to be written yet")
	}
	if _, err := r.over(r.st).Poll(t.Context(), nil, false, "one"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.over(r.st).Group(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.over(r.st).Publish(t.Context()); err == nil || !strings.Contains(err.Error(), "feed.atom") {
		t.Errorf("error %v", err)
	}
	after, err := os.ReadFile(filepath.Join(r.opt.Dir, "feed.atom"))
	if err != nil || strings.ReplaceAll(string(after), r.URL, "http://publisher") != before["feed.atom"] {
		t.Error("the published file is not what it was")
	}
}
