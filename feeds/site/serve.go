package site

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
)

// Reader tells what may be shown: what sources' policies withhold, what is hidden, and English that is out of date, is not in it.
type Reader interface {
	// Channel is what a channel shows now, newest first, and the place it stands in.
	Channel(ctx context.Context, ch feeds.Channel) (feeds.Site, []feeds.Story, error)
	// Find answers q, newest first.
	Find(ctx context.Context, q feeds.Query) (feeds.Site, []feeds.Story, error)
}

// Options is what a Server serves.
type Options struct {
	Dir      string // published files; what is not there is made from Reader
	Reader   Reader
	Channels []feeds.Channel // that are published
	Views    []feeds.Channel // that are only served: ids tags/T and sources/ID; one without title is called as its source
	URL      string          // public address; its path is a prefix that requests may come with
	Hub      string          // WebSub, announced with the feeds; empty: none
	Token    string          // to be given as ?t= or as a password; empty: open to all

	Log  *slog.Logger // a line a request, without query and without token; nil: silent
	Seen func(Seen)   // told of every request; nil: nobody
}

// Seen is a request that was answered.
type Seen struct {
	Kind   string // feed, page, search, file or none
	Status int
	Bytes  int64 // of the body that was sent
	Took   time.Duration
}

// Server answers requests for published files and pages. It is safe for concurrent use.
type Server struct {
	Options
	prefix string // of the public address: no slash at its end
	feeds  map[string]feed
	token  [sha256.Size]byte
	cache  cache
}

// feed is an edition of a channel in a format.
type feed struct {
	channel feeds.Channel
	edition feeds.Edition
	format  feeds.Format
	served  bool // only: no file
}

// NewServer makes a Server.
func NewServer(o Options) *Server {
	s := &Server{Options: o, feeds: map[string]feed{}, token: sha256.Sum256([]byte(o.Token)), cache: newCache()}
	if u, err := url.Parse(o.URL); err == nil {
		s.prefix = strings.TrimSuffix(u.Path, "/")
	}
	for _, list := range []struct {
		channels []feeds.Channel
		served   bool
	}{{o.Channels, false}, {o.Views, true}} {
		for _, ch := range list.channels {
			for _, e := range feeds.Editions {
				for _, f := range feeds.Formats {
					s.feeds[feeds.Path(ch.ID, e, f)] = feed{ch, e, f, list.served}
				}
			}
		}
	}
	return s
}

// Limits of a connection. A reader on a slow line has a minute for the largest feed; a header longer than 16 KB is none of a reader's.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 10 * time.Second
	writeTimeout   = time.Minute
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 16 << 10
	maxPath        = 512 // bytes; the longest of ours have 80
)

// HTTP is an HTTP server for h with time-outs and limits against readers that are slow or send too much.
func HTTP(h http.Handler, log *slog.Logger) *Front {
	srv := &Front{Server: http.Server{Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes}}
	if log != nil {
		srv.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	}
	return srv
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	rec := &recorder{ResponseWriter: w}
	if s.Log != nil {
		id := requestID(r)
		r.Header[idHeader] = []string{id} // whatever else is told of it bears the same
		w.Header()[idHeader] = r.Header[idHeader]
	}
	kind := s.answer(rec, r)
	seen := Seen{Kind: kind, Status: rec.status, Bytes: rec.bytes, Took: time.Since(begun)}
	if s.Seen != nil {
		s.Seen(seen)
	}
	if s.Log != nil && s.Log.Enabled(r.Context(), slog.LevelInfo) {
		line := slog.NewRecord(begun.Add(seen.Took), slog.LevelInfo, "served", 0) // by hand: a Logger looks up who calls it
		line.AddAttrs(slog.String("request", r.Header.Get(idHeader)), slog.String("method", short(r.Method)), slog.String("path", short(r.URL.Path)),
			slog.Int("status", seen.Status), slog.Int64("bytes", seen.Bytes), slog.Duration("took", seen.Took), slog.String("from", from(r)),
			slog.String("agent", short(r.UserAgent())))
		_ = s.Log.Handler().Handle(r.Context(), line) // as a Logger does
	}
}

// idHeader is by which a request can be found in the logs of those it passes.
const idHeader = "X-Request-Id"

// maxID bounds what is taken for an id: those of common proxies have 32 to 36 characters.
const maxID = 64

// requestID is the id that a proxy gave r, or a new one where it gave none that a log can hold.
func requestID(r *http.Request) string {
	id := r.Header.Get(idHeader)
	odd := func(c rune) bool {
		return c != '-' && c != '_' && c != '.' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	}
	if id == "" || len(id) > maxID || strings.ContainsFunc(id, odd) {
		return strconv.FormatUint(rand.Uint64()|1<<63, 36)
	}
	return id
}

// recorder remembers what was sent.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets net/http reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// maxLogged bounds what of a request's own words goes into the log, in bytes.
const maxLogged = 200

func short(s string) string { return s[:min(len(s), maxLogged)] }

// from is who asks: behind a proxy on a private address, the last one that the proxy names.
func from(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	forwarded := r.Header.Get("X-Forwarded-For")
	if forwarded == "" {
		return host
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() && !ip.IsPrivate() {
		return host
	}
	last := strings.TrimSpace(forwarded[strings.LastIndexByte(forwarded, ',')+1:])
	if net.ParseIP(last) == nil {
		return host
	}
	return last
}

// answer answers r and says what it was about.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) (kind string) {
	h := w.Header()
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		s.fail(w, r, http.StatusMethodNotAllowed)
		return "none"
	case len(r.URL.Path) > maxPath:
		s.fail(w, r, http.StatusRequestURITooLong)
		return "none"
	case !s.admitted(r):
		h.Set("WWW-Authenticate", `Basic realm="nashra", charset="UTF-8"`)
		s.fail(w, r, http.StatusUnauthorized)
		return "none"
	}
	name, ok := strings.CutPrefix(r.URL.Path, s.prefix+"/")
	if !ok && s.prefix != "" && r.URL.Path == s.prefix {
		maps.Copy(h, safe)
		http.Redirect(w, r, path.Base(s.prefix)+"/", http.StatusMovedPermanently)
		return "none"
	}
	if !ok {
		name = strings.TrimPrefix(r.URL.Path, "/")
	}
	if name == "" {
		name = indexPath
	}
	if name == searchPath {
		s.search(w, r)
		return "search"
	}
	var err error
	d := s.cache.right(name)
	if d == nil {
		load := s.route(name)
		if load == nil {
			s.fail(w, r, http.StatusNotFound)
			return "none"
		}
		d, err = s.cache.get(r.Context(), name, load)
	}
	switch {
	case err != nil:
		s.broken(r, err)
		h.Set("Retry-After", "30")
		s.fail(w, r, http.StatusServiceUnavailable)
	case d == nil:
		s.fail(w, r, http.StatusNotFound)
	default:
		s.send(w, r, d)
	}
	return s.kind(name)
}

// kind is what stands at name, where something does.
func (s *Server) kind(name string) string {
	if _, ok := s.feeds[name]; ok {
		return "feed"
	}
	if path.Ext(name) == ".html" {
		return "page"
	}
	return "file"
}

func (s *Server) broken(r *http.Request, err error) {
	if s.Log != nil && r.Context().Err() == nil {
		s.Log.ErrorContext(r.Context(), "cannot serve", "request", r.Header.Get(idHeader), "path", short(r.URL.Path), "error", err)
	}
}

// admitted says whether r brings the token, where one is wanted: as ?t=, or as the password of any user.
func (s *Server) admitted(r *http.Request) bool {
	if s.Token == "" {
		return true
	}
	same := func(given string) bool {
		sum := sha256.Sum256([]byte(given))
		return subtle.ConstantTimeCompare(sum[:], s.token[:]) == 1
	}
	_, password, ok := r.BasicAuth()
	return ok && same(password) || r.URL.RawQuery != "" && same(r.URL.Query().Get("t"))
}

// safe are the headers that all answers have but that nothing has changed, which leaves those of before in force.
var safe = http.Header{"X-Content-Type-Options": {"nosniff"}, "Referrer-Policy": {"no-referrer"}, "X-Frame-Options": {"DENY"}}
