package site

import (
	"bytes"
	"context"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/feeds"
)

// noSearch stands where the server puts its search box: a file has none.
const noSearch template.HTML = "<!--search-->"

// searchBox asks the server, from a page from which root leads to the index. It holds the words that were asked for.
func searchBox(root, words string) template.HTML {
	return template.HTML(`<form role="search" action="` + root + searchPath + `"><input type="search" name="q" value="` + template.HTMLEscapeString(words) +
		`" maxlength="` + strconv.Itoa(maxAsked) + `" ` +
		`aria-label="Search in both languages" placeholder="Search · بحث" dir="auto"><button>Search</button></form>`)
}

const (
	maxAsked   = 200 // letters of a question
	foundAPage = 20
)

// found is what a search came to.
type found struct {
	Words string // that were asked for
	Any   bool   // some story has them
	More  string // address of the next page; empty: there is none
}

// failure is said in place of a page.
type failure struct{ English, Arabic string }

// search answers a question of words.
func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	words := strings.Join(strings.Fields(tidy(strings.ToValidUTF8(q.Get("q"), ""))), " ")
	before, ok := cursor(q.Get("before"))
	if !ok || utf8.RuneCountInString(words) > maxAsked {
		s.fail(w, r, http.StatusBadRequest)
		return
	}
	body, err := s.found(r.Context(), words, before, q.Get("t"))
	if err != nil {
		s.broken(r, err)
		w.Header().Set("Retry-After", "30")
		s.fail(w, r, http.StatusServiceUnavailable)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Robots-Tag", "noindex")
	s.sendPage(w, r, http.StatusOK, body)
}

// found is the page of stories that have words. The token goes along to the next page where it came in the address.
func (s *Server) found(ctx context.Context, words string, before feeds.Cursor, token string) ([]byte, error) {
	select { // no more at a time than pages are made
	case s.cache.making <- struct{}{}:
		defer func() { <-s.cache.making }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, makeTime)
	defer cancel()
	query := feeds.Query{Words: words, Before: before, Limit: foundAPage + 1}
	if words == "" {
		query.Limit = 0
	}
	where, list, err := s.Reader.Find(ctx, query)
	if err != nil {
		return nil, err
	}
	f := found{Words: words, Any: len(list) > 0}
	if len(list) > foundAPage {
		list = list[:foundAPage]
		next := url.Values{"q": {words}, "before": {written(list[foundAPage-1])}}
		if token != "" {
			next.Set("t", token)
		}
		f.More = searchPath + "?" + next.Encode()
	}
	body, _, err := s.page(where, list, func(book *Book, b *bytes.Buffer) error {
		p := book.page("")
		p.Found, p.Search = &f, searchBox("", words)
		p.Title = line([]phrase{{Text: words}}) + " – " + p.Title
		book.file(&p, book.stories)
		return p.write(b)
	})
	return body, err
}

// written is the place of s in what is found, as it stands in an address.
func written(s feeds.Story) string {
	return strconv.FormatInt(s.Published.UnixMilli(), 10) + "-" + s.ID
}

// cursor reads what written wrote; empty is the beginning.
func cursor(s string) (c feeds.Cursor, ok bool) {
	if s == "" {
		return c, true
	}
	at, id, _ := strings.Cut(s, "-")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || ms < 0 || !paged.MatchString(id) {
		return c, false
	}
	return feeds.Cursor{Published: time.UnixMilli(ms).UTC(), ID: id}, true
}

var failures = map[int]failure{
	http.StatusBadRequest:         {"This question cannot be read. It has at most 200 letters.", "لا يمكن قراءة هذا السؤال. أقصى طوله 200 حرف."},
	http.StatusUnauthorized:       {"These feeds are private: they need a token.", "هذه الخلاصات خاصة وتحتاج رمزًا."},
	http.StatusNotFound:           {"There is no such page.", "لا توجد صفحة كهذه."},
	http.StatusMethodNotAllowed:   {"Pages can only be read.", "الصفحات للقراءة فقط."},
	http.StatusRequestURITooLong:  {"This address is too long.", "هذا العنوان أطول من اللازم."},
	http.StatusServiceUnavailable: {"This page cannot be shown now. Try again in a minute.", "تعذّر عرض هذه الصفحة الآن. حاول بعد دقيقة."},
}

// fail answers with a page that says why there is none.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, status int) {
	w.Header().Set("Cache-Control", "no-store")
	root := "./"
	if n := strings.Count(strings.TrimPrefix(r.URL.Path, s.prefix), "/"); len(r.URL.Path) <= maxPath && n > 1 {
		root = strings.Repeat("../", n-1)
	}
	book := NewBook(feeds.Site{}, nil, nil)
	if len(s.Channels) == 1 && status != http.StatusUnauthorized {
		book.channels = s.Channels
	}
	p := book.page(root)
	said := failures[status]
	p.Failed, p.Title, p.Channels = &said, said.English, nil
	var b bytes.Buffer
	if err := p.write(&b); err != nil {
		s.broken(r, err)
	}
	s.sendPage(w, r, status, b.Bytes())
}

// sendPage sends a page that is not kept.
func (s *Server) sendPage(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	maps.Copy(h, safe)
	h.Set("Content-Type", contentType(indexPath))
	h.Set("Content-Security-Policy", policy(false)+"; frame-ancestors 'none'")
	h.Set("Vary", "Accept-Encoding")
	if acceptsGzip(r) && status == http.StatusOK {
		body = compressed(slices.Clip(body))
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // whom it does not reach has gone
	}
}
