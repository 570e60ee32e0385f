package aggregator_test

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/storetest"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
)

// mix is how a synthetic source writes its keys, and how its items live.
type mix struct {
	guid  string // own | same | site | none | pairs | lost | shared: the last two are own in the first and last rounds
	link  string // own | page | fragment | session | visit | hosts | none
	title string // own | series
	body  string // text | picture | boilerplate
	date  string // own | build | none
	life  string // window | one | returning
	edit  bool   // headlines are edited
}

// every returns all mixes that can be told apart.
func every() (all []mix) {
	for _, guid := range []string{"own", "same", "site", "none", "pairs", "lost", "shared"} {
		for _, link := range []string{"own", "page", "fragment", "session", "visit", "hosts", "none"} {
			for _, title := range []string{"own", "series"} {
				for _, body := range []string{"text", "picture", "boilerplate"} {
					for _, date := range []string{"own", "build", "none"} {
						for _, life := range []string{"window", "one", "returning"} {
							for _, edit := range []bool{false, true} {
								if m := (mix{guid, link, title, body, date, life, edit}); m.tellable() {
									all = append(all, m)
								}
							}
						}
					}
				}
			}
		}
	}
	return all
}

// tellable reports whether what is left says which items are the same.
func (m mix) tellable() bool {
	page := m.link == "page" || m.link == "none"
	switch {
	case m.title == "series" && m.edit: // it would not be one
		return false
	case m.title == "series" && m.body == "boilerplate" && m.date != "own": // the rule folds these
		return false
	case m.guid == "own":
		return true
	case m.body == "boilerplate" && m.life == "returning" && (page || m.link == "visit"):
		return false // in a document of few items, parse keeps a line that it drops from others
	case m.title == "series" && m.life == "one" && m.guid != "none": // an edit, by title
		return m.body == "text" && !page && m.date == "own" && m.link != "visit"
	case m.title == "series" && m.life == "one" && m.link == "fragment":
		return m.body == "text"
	case m.edit && (page || m.link == "visit"): // neither link nor title stays
		return false
	case m.title == "series" && page: // text and date are all that differs
		return m.body != "boilerplate" && m.date == "own" && m.life != "one"
	}
	return true
}

// word returns a word of its own for a number.
func word(n ...any) string {
	h := fnv.New64a()
	fmt.Fprint(h, n...)
	letters, out, sum := []rune("بتجحدرزسشصطعفقكلمنهي"), "", h.Sum64()
	for range 6 {
		out += string(letters[sum%20])
		sum /= 20
	}
	return out
}

func words(n int, of ...any) string {
	var out []string
	for i := range n {
		out = append(out, word(append(slices.Clone(of), "-", i)...))
	}
	return strings.Join(out, " ")
}

// synthetic is a source of the soak.
type synthetic struct {
	mix
	number int
}

const soakRounds, soakEvery, soakWindow = 20, 12 * time.Hour, 4

// last returns the number of the newest item in a round; each second round brings one.
func (s synthetic) last(round int) int { return soakWindow - 2 + round/2 }

// present returns the numbers of the items in the document of a round, newest first.
func (s synthetic) present(round int) (out []int) {
	for k := s.last(round); k >= 0 && k > s.last(round)-soakWindow; k-- {
		if s.life == "one" && k < s.last(round) || s.life == "returning" && k%3 == 0 && round%4 == 1 {
			continue
		}
		out = append(out, k)
	}
	return out
}

func (s synthetic) born(k int) time.Time {
	return noon.Add(time.Duration(2*(k-soakWindow+2))*soakEvery - time.Hour)
}

func (s synthetic) titles(k int) (first, edited string) {
	if s.title == "series" {
		first = "النشرة " + words(3, s.number)
		return first, first
	}
	first = words(5, s.number, "/", k)
	return first, strings.Replace(first, word(s.number, "/", k, "-", 4), "محدث", 1)
}

// guidOf returns the guid of an item in a round; empty: none.
func (s synthetic) guidOf(k, round int) string {
	bad := round >= 6 && round < 12
	switch {
	case s.guid == "own", (s.guid == "lost" || s.guid == "shared") && !bad:
		return fmt.Sprint("own-", k)
	case s.guid == "same", s.guid == "shared":
		return "1"
	case s.guid == "site":
		return fmt.Sprintf("https://s%d.example/", s.number)
	case s.guid == "pairs":
		return fmt.Sprint("pair-", k/2)
	}
	return ""
}

func (s synthetic) linkOf(k, round int) string {
	site := fmt.Sprintf("https://s%d.example", s.number)
	switch s.link {
	case "page":
		return site + "/page/"
	case "fragment":
		return fmt.Sprintf("%s/page/#r%d", site, k)
	case "session":
		return fmt.Sprintf("%s/n/%d?PHPSESSID=%032d", site, k, round)
	case "visit":
		return fmt.Sprintf("%s/n/%d?visit=%d", site, k, round)
	case "hosts":
		start := []string{"https://", "http://", "https://www."}[round%3]
		return fmt.Sprintf("%ss%d.example/n/%d", start, s.number, k)
	case "none":
		return ""
	}
	return fmt.Sprintf("%s/n/%d", site, k)
}

// document returns what the source sends in a round.
func (s synthetic) document(round int) string {
	var items []string
	for _, k := range s.present(round) {
		title, edited := s.titles(k)
		if s.edit && round > 2*(k-soakWindow+2) {
			title = edited
		}
		item := "<item><title>" + title + "</title>"
		if guid := s.guidOf(k, round); guid != "" {
			item += `<guid isPermaLink="false">` + guid + "</guid>"
		}
		if link := s.linkOf(k, round); link != "" {
			item += "<link>" + link + "</link>"
		}
		switch s.date {
		case "own":
			item += "<pubDate>" + s.born(k).Format(time.RFC1123Z) + "</pubDate>"
		case "build":
			item += "<pubDate>" + noon.Add(time.Duration(round)*soakEvery).Format(time.RFC1123Z) + "</pubDate>"
		}
		body := map[string]string{
			"text":        title + "، " + words(30, s.number, "/", k, "text"),
			"picture":     fmt.Sprintf(`&lt;img src="https://cdn.example/%d-%d.jpg"&gt;`, s.number, k),
			"boilerplate": words(4, s.number, "boilerplate"),
		}[s.body]
		items = append(items, item+"<description>"+body+"</description></item>")
	}
	return fmt.Sprintf("<rss version='2.0'><channel><title>S</title><link>https://s%d.example/</link>", s.number) +
		strings.Join(items, "") + "</channel></rss>"
}

// holds reports whether a story is of item k.
func (s synthetic) holds(st feeds.Story, k int) bool {
	title, edited := s.titles(k)
	switch {
	case st.Title != title && st.Title != edited:
		return false
	case s.title == "own":
		return true
	case s.body == "boilerplate":
		return st.Published.Equal(s.born(k))
	case s.body == "picture":
		return strings.Contains(st.Main(), fmt.Sprintf("/%d-%d.jpg", s.number, k))
	}
	return strings.Contains(st.Main(), words(30, s.number, "/", k, "text"))
}

// TestIdentitySoak polls sources of every mix of good and bad keys over twenty rounds. After each, every item
// sent is a story with the id that it had before, and no item is two.
func TestIdentitySoak(t *testing.T) {
	sources := 30
	if testing.Short() {
		sources = 4
	}
	soakIdentity(t, t.TempDir()+"/nashra.db", mixes(sources))
}

func TestIdentitySoakLong(t *testing.T) {
	if os.Getenv("NASHRA_TEST_LONG") == "" {
		t.Skip("takes long: set NASHRA_TEST_LONG=1 to run it")
	}
	t.Run("SQLite", func(t *testing.T) { soakIdentity(t, t.TempDir()+"/nashra.db", mixes(300)) })
	t.Run("PostgreSQL", func(t *testing.T) { soakIdentity(t, storetest.Postgres(t), mixes(300)) })
}

// mixes returns n sources, whose mixes are spread over all.
func mixes(n int) (soaked []synthetic) {
	all := every()
	for i := range n {
		soaked = append(soaked, synthetic{all[i*len(all)/n], i})
	}
	return soaked
}

// pollSoak polls soaked over its rounds into the store st, and calls after after each.
func pollSoak(t *testing.T, soaked []synthetic, st both,
	after func(a *aggregator.Aggregator, ids []string, round int)) {
	r, round := newRig(t, nil), 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var n int
		_, _ = fmt.Sscanf(req.URL.Path, "/%d", &n)
		w.Header().Set("Content-Type", "application/rss+xml")
		_, _ = fmt.Fprint(w, soaked[n].document(round))
	}))
	t.Cleanup(srv.Close)
	var err error
	r.opt.Client, err = fetch.New(fetch.Options{Timeout: 5 * time.Second, MaxBody: 1 << 20, AllowPrivate: true,
		Version: "test", PerHost: 8, Now: func() time.Time { return r.time }})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i := range soaked {
		ids = append(ids, fmt.Sprint("s", i))
		r.opt.Sources = append(r.opt.Sources, feeds.Source{ID: ids[i], URL: fmt.Sprintf("%s/%d", srv.URL, i)})
	}
	r.opt.Concurrency, r.opt.PerHost = 8, 8
	a := r.over(st)
	for ; round < soakRounds; round++ {
		r.time = noon.Add(time.Duration(round) * soakEvery)
		if _, err := a.Poll(t.Context(), nil, false, ids...); err != nil {
			t.Fatal(err)
		}
		after(a, ids, round)
	}
}

func soakIdentity(t *testing.T, address string, soaked []synthetic) {
	st, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	of := map[string]string{} // source and item to story
	broken := map[int]bool{}
	pollSoak(t, soaked, st, func(a *aggregator.Aggregator, ids []string, round int) {
		if _, err := a.Group(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, s := range soaked {
			if broken[i] {
				continue
			}
			stories, err := st.Stories(t.Context(), feeds.Query{Sources: []string{ids[i]}, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			if fault := s.fault(stories, round, of); fault != "" {
				broken[i] = true
				t.Errorf("round %d, source %d, %+v: %s", round, i, s.mix, fault)
			}
		}
	})
	t.Logf("%d of %d sources are broken", len(broken), len(soaked))
}

// fault says what is wrong with the stories of s after a round.
func (s synthetic) fault(stories []feeds.Story, round int, of map[string]string) string {
	sent := map[int]bool{}
	for r := range round + 1 {
		for _, k := range s.present(r) {
			sent[k] = true
		}
	}
	if len(stories) != len(sent) {
		return fmt.Sprintf("%d stories of %d items", len(stories), len(sent))
	}
	for k := range sent {
		n := slices.IndexFunc(stories, func(st feeds.Story) bool { return s.holds(st, k) })
		if n < 0 {
			return fmt.Sprintf("item %d is lost", k)
		}
		key := fmt.Sprint(s.number, "/", k)
		if id := of[key]; id != "" && id != stories[n].ID {
			return fmt.Sprintf("item %d moved from %s to %s", k, id, stories[n].ID)
		}
		of[key] = stories[n].ID
	}
	return ""
}
