package site

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/nashra/nashra/feeds"
)

// failure is the text of an error page.
type failure struct{ English, Arabic string }

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
