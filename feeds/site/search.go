package site

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
	"github.com/nashra/nashra/feeds/words"
)

// noSearch marks the place in a published page where the server puts its search box.
const noSearch template.HTML = "<!--search-->"

// searchBox returns a form that asks the server for words. root leads from the page to the publish
// folder.
func searchBox(e feeds.Edition, root, asked string) template.HTML {
	say := func(english string) string { return inLang(frameLang(e), inBoth(english)).Text }
	hint := say("Search")
	if e == feeds.Bilingual {
		hint += " · " + arabicWords["Search"]
	}
	return template.HTML(`<form role="search" action="` + root + feeds.PagePath(e, feeds.SearchPath) + `">` +
		`<input type="search" name="q" value="` + template.HTMLEscapeString(asked) +
		`" maxlength="` + strconv.Itoa(maxQuery) + `" aria-label="` + say("Search in both languages") + `" ` +
		`placeholder="` + hint + `" dir="auto"><button>` + say("Search") + `</button></form>`)
}

const (
	maxQuery    = 200 // letters
	pageResults = 20
	feedResults = 50 // in the feed of a search: a day of the commonest word (chosen on 2026-11-30)
)

// inquiry is what a request searches for.
type inquiry struct {
	Words, Tag, Source, Day string
	edition                 feeds.Edition
	before                  feeds.Cursor
	at                      time.Time // the day
}

// searcher returns the handler of searches at that path; nil: there is none.
func (s *Server) searcher(name string) http.HandlerFunc {
	if !strings.HasPrefix(path.Base(name), feeds.SearchPath) { // nearly all requests: without allocations
		return nil
	}
	for _, e := range feeds.Editions {
		if name == feeds.PagePath(e, feeds.SearchPath) {
			return func(w http.ResponseWriter, r *http.Request) { s.search(w, r, e, "", s.resultsPage) }
		}
		for _, f := range feeds.Formats {
			if name == feeds.Path(feeds.SearchPath, e, f) {
				return func(w http.ResponseWriter, r *http.Request) { s.search(w, r, e, f, s.resultsFeed(f)) }
			}
		}
	}
	return nil
}

// errBuilding says that a feed would lack stories.
var errBuilding = errors.New("the search index is being built")

// search answers a search with what answer makes of it.
func (s *Server) search(w http.ResponseWriter, r *http.Request, e feeds.Edition, f feeds.Format,
	answer func(ctx context.Context, q inquiry) (*document, error)) {
	q, status := s.inquiry(r)
	if q.edition = e; status == 0 && f != "" && q.empty() {
		status = http.StatusBadRequest
	}
	if status != 0 {
		s.fail(w, r, status)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), searchTimeout)
	defer cancel()
	leave, err := s.finder.enter(ctx)
	if err != nil {
		s.unavailable(w, r, errBusy)
		return
	}
	d, err := answer(ctx, q)
	leave()
	if err != nil {
		s.unavailable(w, r, err)
		return
	}
	d.header.Set("X-Robots-Tag", "noindex")
	d.send(w, r)
}

// inquiry reads a request. status is not 0 if it cannot be answered.
func (s *Server) inquiry(r *http.Request) (q inquiry, status int) {
	v := r.URL.Query()
	q = inquiry{Tag: v.Get("tag"), Source: v.Get("source"), Day: v.Get("day"),
		Words: strings.Join(strings.Fields(cleanText(strings.ToValidUTF8(v.Get("q"), ""))), " ")}
	var ok bool
	if q.before, ok = parseCursor(v.Get("before")); !ok || utf8.RuneCountInString(q.Words) > maxQuery {
		return q, http.StatusBadRequest
	}
	if q.Day != "" {
		var err error
		if q.at, err = time.Parse(time.DateOnly, q.Day); err != nil {
			return q, http.StatusBadRequest
		}
	}
	for kind, id := range map[string]string{"tags/": q.Tag, "sources/": q.Source} {
		if _, known := s.feeds[feeds.Path(kind+id, feeds.Bilingual, feeds.Atom)]; id != "" && !known {
			return q, http.StatusNotFound
		}
	}
	return q, 0
}

// filtered reports whether q asks for more than words.
func (q inquiry) filtered() bool { return q.Tag+q.Source+q.Day != "" }

// empty reports whether q finds nothing, whatever there is.
func (q inquiry) empty() bool {
	return words.Parse(q.Words).Empty() && (q.Words != "" || !q.filtered())
}

// query returns q for the store.
func (q inquiry) query(limit int) feeds.Query {
	out := feeds.Query{Words: q.Words, Tag: q.Tag, Before: q.before, Limit: limit}
	if q.Source != "" {
		out.Sources = []string{q.Source}
	}
	if q.Day != "" {
		out.From, out.Until = q.at, q.at.AddDate(0, 0, 1)
	}
	if q.empty() {
		out.Limit = 0
	}
	return out
}

// filters returns the filters of q in the form of an address.
func (q inquiry) filters() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"tag": q.Tag, "source": q.Source, "day": q.Day} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// address returns the address of the first page of q from a page of the same edition.
func (q inquiry) address() string { return feeds.SearchPath + "?" + q.values().Encode() }

func (q inquiry) values() url.Values {
	v := q.filters()
	if q.Words != "" {
		v.Set("q", q.Words)
	}
	return v
}

// channel returns the channel of q's feeds. Its id has the folded query, so that the spellings of a
// query share their entries.
func (q inquiry) channel() feeds.Channel {
	id := "search/" + words.Parse(q.Words).String()
	if q.filtered() {
		id += "?" + q.filters().Encode()
	}
	of := []string{}
	for _, part := range []string{q.Words, q.Tag, q.Source, q.Day} {
		if part != "" {
			of = append(of, part)
		}
	}
	what := strings.Join(of, ", ")
	return feeds.Channel{ID: id, Search: q.values().Encode(),
		Title: map[string]string{"en": "Search: " + what, "ar": "بحث: " + what}}
}

// resultsFeed returns a function that renders the feed of a search.
func (s *Server) resultsFeed(f feeds.Format) func(ctx context.Context, q inquiry) (*document, error) {
	return func(ctx context.Context, q inquiry) (*document, error) {
		where, found, err := s.Reader.Search(ctx, q.query(feedResults))
		if err == nil && found.Building {
			err = errBuilding
		}
		if err != nil {
			return nil, err
		}
		where.Hub = "" // nobody tells it of changes
		var b bytes.Buffer
		w := render.NewWriter(where, q.channel(), listed(found.Stories))
		if err := w.Begin(&b, q.edition, f); err != nil {
			return nil, err
		}
		for _, story := range found.Stories {
			if err := w.Add(story); err != nil {
				return nil, err
			}
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		d := s.newDocument(feeds.Path(feeds.SearchPath, q.edition, f), b.Bytes(), newest(listed(found.Stories)))
		if s.Token == "" { // programs in browsers may ask too
			d.header.Set("Access-Control-Allow-Origin", "*")
		}
		return d, nil
	}
}

// formatCursor returns a place among the results, as it stands in an address.
func formatCursor(c feeds.Cursor) string {
	return strconv.FormatInt(c.Published.UnixMilli(), 10) + "-" + c.ID
}

// parseCursor parses what formatCursor returned. An empty s is the beginning.
func parseCursor(s string) (c feeds.Cursor, ok bool) {
	if s == "" {
		return c, true
	}
	at, id, _ := strings.Cut(s, "-")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || ms < 0 || !storyID.MatchString(id) {
		return c, false
	}
	return feeds.Cursor{Published: time.UnixMilli(ms).UTC(), ID: id}, true
}
