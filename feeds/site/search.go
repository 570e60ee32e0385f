package site

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/feeds"
)

// noSearch marks the place in a published page where the server puts its search box.
const noSearch template.HTML = "<!--search-->"

// searchBox returns a form that asks the server for words. root leads from the page to the index.
func searchBox(root, words string) template.HTML {
	return template.HTML(`<form role="search" action="` + root + searchPath + `">` +
		`<input type="search" name="q" value="` + template.HTMLEscapeString(words) +
		`" maxlength="` + strconv.Itoa(maxQuery) + `" aria-label="Search in both languages" ` +
		`placeholder="Search · بحث" dir="auto">` +
		`<button>Search</button></form>`)
}

const (
	maxQuery    = 200 // letters
	pageResults = 20
)

// results is the outcome of a search.
type results struct {
	Words string // that were asked for
	Any   bool   // there are stories that have them
	Rows  []row
	More  string // address of the next page; empty: there is none
}

// failure is the text of an error page.
type failure struct{ English, Arabic string }

// search answers a request for the stories that have words.
func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	words := strings.Join(strings.Fields(cleanText(strings.ToValidUTF8(q.Get("q"), ""))), " ")
	before, ok := parseCursor(q.Get("before"))
	if !ok || utf8.RuneCountInString(words) > maxQuery {
		s.fail(w, r, http.StatusBadRequest)
		return
	}
	body, err := s.resultsPage(r.Context(), words, before)
	if err != nil {
		s.unavailable(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("X-Robots-Tag", "noindex")
	s.sendPage(w, r, http.StatusOK, body)
}

// resultsPage renders the page of stories that have words.
func (s *Server) resultsPage(ctx context.Context, words string, before feeds.Cursor) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	leave, err := s.makers.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	query := feeds.Query{Words: words, Before: before, Limit: pageResults + 1}
	if words == "" {
		query.Limit = 0
	}
	where, list, err := s.Reader.Find(ctx, query)
	if err != nil {
		return nil, err
	}
	f := results{Words: words, Any: len(list) > 0}
	if len(list) > pageResults {
		list = list[:pageResults]
		next := url.Values{"q": {words}, "before": {formatCursor(list[pageResults-1])}}
		f.More = searchPath + "?" + next.Encode()
	}
	body, _, err := s.page(where, listed(list), func(book *Book, b *bytes.Buffer) error {
		p := book.page(feeds.Bilingual, searchPath)
		p.Alternates = nil
		p.Search, p.Title = searchBox("", words), oneLine([]phrase{{Text: words}})+" – "+p.Title
		f.Rows = book.rows(p, entries(book, list))
		p.Paired = paired(f.Rows)
		p.Content = f
		return p.write(b, searchKind)
	})
	return s.dressed(IndexPath, body), err
}

// formatCursor returns the place of s among the results, as it stands in an address.
func formatCursor(s feeds.Story) string {
	return strconv.FormatInt(s.Published.UnixMilli(), 10) + "-" + s.ID
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

var failures = map[int]failure{
	http.StatusBadRequest: {"This question cannot be read. It has at most 200 letters.",
		"لا يمكن قراءة هذا السؤال. أقصى طوله 200 حرف."},
	http.StatusUnauthorized:      {"These feeds are private: they need a token.", "هذه الخلاصات خاصة وتحتاج رمزًا."},
	http.StatusNotFound:          {"There is no such page.", "لا توجد صفحة كهذه."},
	http.StatusMethodNotAllowed:  {"Pages can only be read.", "الصفحات للقراءة فقط."},
	http.StatusRequestURITooLong: {"This address is too long.", "هذا العنوان أطول من اللازم."},
	http.StatusTooManyRequests: {"Too many wrong tokens. Try again in a minute.",
		"رموز خاطئة كثيرة. حاول بعد دقيقة."},
	http.StatusServiceUnavailable: {"This page cannot be shown now. Try again in a minute.",
		"تعذّر عرض هذه الصفحة الآن. حاول بعد دقيقة."},
}

// statusGone stands in the log for a request whose client has disconnected, as nginx writes it.
const statusGone = 499

// unavailable answers that the page cannot be shown now. It logs err, unless there are only too many
// requests.
func (s *Server) unavailable(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		w.WriteHeader(statusGone)
		return
	}
	if !errors.Is(err, errBusy) {
		s.logError(r, err)
	}
	w.Header().Set("Retry-After", retryAfter)
	s.fail(w, r, http.StatusServiceUnavailable)
}

func (s *Server) logError(r *http.Request, err error) {
	s.Log.ErrorContext(r.Context(), "cannot serve", "request", r.Header.Get(idHeader), "path", short(r.URL.Path),
		"error", err)
}

// fail answers with a page that says what is wrong.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, status int) {
	w.Header().Set("Cache-Control", "no-store")
	root := "./"
	if n := strings.Count(strings.TrimPrefix(r.URL.Path, s.prefix), "/"); len(r.URL.Path) <= maxPath && n > 1 {
		root = strings.Repeat("../", n-1)
	}
	var channels, tags []feeds.Channel
	if status != http.StatusUnauthorized {
		channels, tags = s.Channels, s.Tags
	}
	p := NewBook(feeds.Site{}, channels, tags, nil).pageFrom(feeds.Bilingual, "", root)
	p.Channels, p.Alternates = nil, nil
	if status == http.StatusUnauthorized {
		p.Nav = nil
	}
	p.Title, p.Content = failures[status].English, []phrase{{"en", "ltr", failures[status].English},
		{"ar", "rtl", failures[status].Arabic}}
	var b bytes.Buffer
	if err := p.write(&b, errorKind); err != nil {
		s.logError(r, err)
	}
	s.sendPage(w, r, status, b.Bytes())
}

// sendPage sends a page that is not cached.
func (s *Server) sendPage(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	maps.Copy(h, safe)
	h.Set("Content-Type", contentType(IndexPath))
	h.Set("Content-Security-Policy", s.contentPolicy(IndexPath))
	h.Set("Vary", "Accept-Encoding")
	if acceptsGzip(r) && status == http.StatusOK {
		body = s.compress(body)
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // fails if the client has disconnected
	}
}
