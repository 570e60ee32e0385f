package site

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/nashra/nashra/feeds"
)

// Reader returns what may be shown: not what sources' policies withhold, nor hidden stories, nor
// English that is out of date.
type Reader interface {
	// Channel lists the stories that an edition of a channel shows now, newest first, and returns the
	// site it belongs to.
	Channel(ctx context.Context, ch feeds.Channel, e feeds.Edition) (feeds.Site, []feeds.Listed, error)
	// Each calls do with the listed stories, in their order, reading some at a time. It leaves out
	// those that are gone, and adds to the terms of the site.
	Each(ctx context.Context, where feeds.Site, list []feeds.Listed, do func(feeds.Story) error) error
	// Beside reads what stands beside a story on its page, and adds to the terms of the site.
	Beside(ctx context.Context, where feeds.Site, id string) (Beside, error)
	// Find returns the stories that match q, newest first, and the site. Without stories it may leave
	// the site out, unless q asks for none.
	Find(ctx context.Context, q feeds.Query) (feeds.Site, []feeds.Story, error)
	// Digests returns what a digest channel shows now, newest first, and the site it belongs to.
	Digests(ctx context.Context, ch feeds.Channel) (feeds.Site, []feeds.Bulletin, error)
	// Search returns the stories that match q, newest first, and the site.
	Search(ctx context.Context, q feeds.Query) (feeds.Site, feeds.Found, error)
	// Events returns the events that q asks for, the most covered first; of these channels if there are any.
	Events(ctx context.Context, q feeds.EventQuery, of ...feeds.Channel) ([]feeds.Event, error)
}

// Options is what a Server serves.
type Options struct {
	Dir      string          // published files; a file that is missing is made from Reader
	Reader   Reader          //
	Channels []feeds.Channel // published channels
	Tags     []feeds.Channel // published channels of tags, ids tags/T
	Views    []feeds.Channel // served without files, ids sources/ID; without a title, named after the source
	Web      feeds.Web       // what pages show
	URL      string          // public address; requests may come with its path as a prefix
	Hub      string          // WebSub hub, announced with the feeds; may be empty
	Token    string          // wanted as ?t=, as a password or as a cookie; empty: open to all
	Proxies  []netip.Prefix  // whose word on the client's address is believed

	Log  *slog.Logger // one line for each request, without query and token; may be nil
	Seen func(Seen)   // called after every request; may be nil
}

// Seen describes a request that was answered.
type Seen struct {
	Kind   string // feed, page, search, file or none
	Status int
	Bytes  int64 // sent, of the body
	Took   time.Duration
}

// Server answers requests for published files and pages. It is safe for concurrent use.
type Server struct {
	Options
	prefix string                   // path of the public address, without a slash at its end
	feeds  map[string]feed          // by path
	lists  map[string]feeds.Channel // by the path of the page of their stories, without editions
	token  secret
	wrong  wrongTokens
	cache  *cache
	makers makers
	finder makers            // for searches
	zips   chan *gzip.Writer // those not in use
}

// feed is an edition of a channel in a format.
type feed struct {
	channel feeds.Channel
	edition feeds.Edition
	format  feeds.Format
	view    bool // it has no file
}

// NewServer makes a Server.
func NewServer(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		Options: o,
		feeds:   map[string]feed{},
		lists:   map[string]feeds.Channel{},
		token:   newSecret(o.Token),
		cache:   newCache(),
		makers:  newMakers(maxMakers, maxWaiting),
		finder:  newMakers(maxSearches, maxWaitingSearches),
		zips:    newZips(),
	}
	if u, err := url.Parse(o.URL); err == nil {
		s.prefix = strings.TrimSuffix(u.Path, "/")
	}
	for _, ch := range slices.Concat(o.Channels, o.Tags) {
		s.route(ch, false)
	}
	for _, ch := range o.Views {
		s.route(ch, true)
	}
	return s
}

// route makes the feeds and the page of a channel reachable.
func (s *Server) route(ch feeds.Channel, view bool) {
	s.lists[ListPath(ch.ID)] = ch
	for _, e := range feeds.Editions {
		for _, f := range feeds.Formats {
			s.feeds[feeds.Path(ch.ID, e, f)] = feed{ch, e, f, view}
		}
	}
}

// Limits of a connection. A client on a slow line has a minute for the largest feed.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 10 * time.Second
	writeTimeout   = time.Minute
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 16 << 10 // more than any feed reader sends
	maxPath        = 512      // bytes; our longest paths have 80
)

// HTTP returns a server for h with timeouts and limits against clients that are slow or send too
// much.
func HTTP(h http.Handler, log *slog.Logger) *http.Server {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes}
	if log != nil {
		srv.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	}
	return srv
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	id := requestID(r)
	r.Header.Set(idHeader, id) // for the error log
	w.Header().Set(idHeader, id)
	rec := &recorder{ResponseWriter: w}
	kind := s.answer(rec, r)
	seen := Seen{Kind: kind, Status: rec.status, Bytes: rec.bytes, Took: time.Since(begun)}
	if s.Seen != nil {
		s.Seen(seen)
	}
	s.Log.LogAttrs(r.Context(), slog.LevelInfo, "served", slog.String("request", id),
		slog.String("method", short(r.Method)), slog.String("path", short(r.URL.Path)), slog.Int("status", seen.Status),
		slog.Int64("bytes", seen.Bytes), slog.Duration("took", seen.Took), slog.String("from", s.from(r).String()),
		slog.String("agent", short(r.UserAgent())))
}

// answer answers r and returns the kind of what was asked for.
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
	case !s.authorized(w, r):
		return "none"
	case s.prefix != "" && r.URL.Path == s.prefix:
		maps.Copy(h, safe)
		http.Redirect(w, r, path.Base(s.prefix)+"/", http.StatusMovedPermanently)
		return "none"
	}
	name, ok := strings.CutPrefix(r.URL.Path, s.prefix+"/")
	if !ok {
		name = strings.TrimPrefix(r.URL.Path, "/")
	}
	switch {
	case name == "" || strings.HasSuffix(name, "/"):
		name += IndexPath
	case name == openSearchPath:
		s.openSearch(w, r)
		return "file"
	}
	if find := s.searcher(name); find != nil {
		find(w, r)
		return "search"
	}
	render := s.renderer(name)
	switch {
	case render == nil && s.renderer(name+"/"+IndexPath) != nil:
		maps.Copy(h, safe)
		// http.Redirect would make an absolute path of it, without the prefix that a proxy cut off
		h.Set("Location", path.Base(name)+"/"+strings.TrimSuffix("?"+r.URL.RawQuery, "?"))
		w.WriteHeader(http.StatusMovedPermanently)
		return "none"
	case render == nil:
		s.fail(w, r, http.StatusNotFound)
		return "none"
	}
	d, err := s.document(r.Context(), name, render)
	switch {
	case err != nil:
		s.unavailable(w, r, err)
	case d == nil:
		s.fail(w, r, http.StatusNotFound)
	default:
		d.send(w, r)
	}
	return s.kind(name)
}

// kind returns the kind of the document of that name.
func (s *Server) kind(name string) string {
	if _, ok := s.feeds[name]; ok {
		return "feed"
	}
	if path.Ext(name) == ".html" {
		return "page"
	}
	return "file"
}

// safe are headers of every answer.
var safe = http.Header{
	"X-Content-Type-Options": {"nosniff"}, "Referrer-Policy": {"no-referrer"}, "X-Frame-Options": {"DENY"},
}
