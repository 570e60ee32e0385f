package site

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
	"github.com/nashra/nashra/translate/arabic"
)

// Where the index and the list of sources stand.
const (
	IndexPath   = "index.html"
	SourcesPath = "sources.opml"
)

var (
	storyPath  = regexp.MustCompile(`^stories/([0-9a-f]{16})\.(html|atom|json)$`)
	digestPath = regexp.MustCompile(`^digests/([a-z0-9-]+)/\d{8}T\d{4}Z\.html$`)
	dayPath    = regexp.MustCompile(`^days/(\d{4}-\d{2}-\d{2})\.html$`)
	pagePath   = regexp.MustCompile(`^(?:(en|ar)/)?(.+)$`)
)

// How long a document is served before it is looked at again. Publishing happens every few minutes
// at most.
const (
	fileMaxAge = time.Second
	viewMaxAge = time.Minute
)

// renderer returns a document's bytes, and when what they show last changed (zero: unknown).
// It returns nil if there is nothing to show.
type renderer func(ctx context.Context) ([]byte, time.Time, error)

// renderer returns the renderer of the document of that name, or nil if there is no such document.
// Only names that have a renderer reach the file system.
func (s *Server) renderer(name string) renderer {
	if f, ok := s.feeds[name]; ok {
		return func(ctx context.Context) ([]byte, time.Time, error) { return s.feed(ctx, f) }
	}
	if m := storyPath.FindStringSubmatch(name); m != nil {
		return func(ctx context.Context) ([]byte, time.Time, error) { return s.story(ctx, m[1], feeds.Format(m[2])) }
	}
	if m := digestPath.FindStringSubmatch(name); m != nil {
		return s.digest(name, m[1])
	}
	switch name {
	case SourcesPath:
		return s.sources
	case feeds.RobotsPath:
		return s.robots
	case feeds.SitemapPath:
		if s.Web.Index && s.URL != "" {
			return s.sitemap
		}
	}
	if picture := Pictures()[name]; picture != nil {
		return func(context.Context) ([]byte, time.Time, error) { return picture, time.Time{}, nil }
	}
	return s.listRenderer(name)
}

// document returns the published file of that name, or what render makes if there is no file. A file
// waits for no maker.
func (s *Server) document(ctx context.Context, name string, render renderer) (*document, error) {
	rendered := func(ctx context.Context, last *document) (*document, error) {
		leave, err := s.makers.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		body, modified, err := render(ctx)
		switch {
		case err != nil || body == nil:
			return nil, err
		case modified.IsZero():
			modified = time.Now()
		}
		body = s.dressed(name, body)
		if last != nil && bytes.Equal(last.plain, body) {
			return last, nil
		}
		return s.newDocument(name, body, modified), nil
	}
	wait := maxWait
	if s.makers.busy() {
		wait = 0
	}
	if s.feeds[name].view {
		return s.cache.get(ctx, name, viewMaxAge, wait, rendered)
	}
	return s.cache.get(ctx, name, fileMaxAge, wait, func(ctx context.Context, last *document) (*document, error) {
		d, err := s.file(name, last)
		if errors.Is(err, fs.ErrNotExist) {
			return rendered(ctx, last)
		}
		return d, err
	})
}

// file reads a published file, unless it is still the one that last was read from.
func (s *Server) file(name string, last *document) (*document, error) {
	f, err := os.OpenInRoot(s.Dir, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	state := fileState{info.ModTime(), info.Size()}
	if last != nil && last.file == state {
		return last, nil
	}
	body, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	d := s.newDocument(name, s.dressed(name, body), state.modified)
	d.file = state
	return d, nil
}

// dressed returns a page with a search box and, if the feeds are private, with the token in the links
// to subscribe. Other documents stay as they are.
func (s *Server) dressed(name string, body []byte) []byte {
	if path.Ext(name) != ".html" {
		return body
	}
	root, e := rootOf(name), feeds.Edition(pagePath.FindStringSubmatch(name)[1])
	body = bytes.Replace(body, []byte(noSearch), []byte(searchBox(e, root, "")), 1)
	body = bytes.Replace(body, []byte("</head>"), []byte(openSearchLink(root)+"</head>"), 1)
	if s.Token == "" {
		return body
	}
	var links []string
	for path, f := range s.feeds {
		if !f.view {
			link := `href="` + root + path
			links = append(links, link+`"`, link+"?t="+url.QueryEscape(s.Token)+`"`)
		}
	}
	if m := storyPath.FindStringSubmatch(name); m != nil {
		for _, f := range render.FollowFormats {
			link := `href="` + root + render.FollowPath(m[1], f)
			links = append(links, link+`"`, link+"?t="+url.QueryEscape(s.Token)+`"`)
		}
	}
	return []byte(strings.NewReplacer(links...).Replace(string(body)))
}

// digests returns an edition of a digest channel.
func (s *Server) digests(ctx context.Context, f feed) ([]byte, time.Time, error) {
	where, list, err := s.Reader.Digests(ctx, f.channel)
	if err != nil {
		return nil, time.Time{}, err
	}
	return f.write(where, render.Digests(list), func(w *render.Writer) error { return w.AddDigests(list) })
}

// write returns the feed of what is listed, which add adds.
func (f feed) write(where feeds.Site, shown []feeds.Listed, add func(*render.Writer) error) ([]byte, time.Time, error) {
	var b bytes.Buffer
	w := render.NewWriter(where, f.channel, shown)
	err := w.Begin(&b, f.edition, f.format)
	if err == nil {
		err = add(w)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), newest(shown), err
}

// written returns the digests of list, without their stories.
func written(list []feeds.Bulletin) (out []feeds.Digest) {
	for _, b := range list {
		out = append(out, b.Digest)
	}
	return out
}

// digest returns the renderer of the page of that name, of a digest of a channel.
func (s *Server) digest(name, channelID string) renderer {
	i := slices.IndexFunc(s.Channels, func(ch feeds.Channel) bool { return ch.ID == channelID && ch.Digest.On() })
	if i < 0 {
		return nil
	}
	return func(ctx context.Context) ([]byte, time.Time, error) {
		where, list, err := s.Reader.Digests(ctx, s.Channels[i])
		at := slices.IndexFunc(list, func(b feeds.Bulletin) bool { return b.Path() == name })
		if err != nil || at < 0 {
			return nil, time.Time{}, err
		}
		return s.page(where, render.Digests(list[at:at+1]), func(book *Book, b *bytes.Buffer) error {
			return book.Digest(b, s.Channels[i], list[at], Around(written(list), at))
		})
	}
}

func (s *Server) feed(ctx context.Context, f feed) ([]byte, time.Time, error) {
	if f.channel.Digest.On() {
		return s.digests(ctx, f)
	}
	where, shown, err := s.Reader.Channel(ctx, f.channel, f.edition)
	if err != nil {
		return nil, time.Time{}, err
	}
	if len(f.channel.Title) == 0 && len(f.channel.Sources) == 1 {
		title, lang := where.Sources[f.channel.Sources[0]].Name(f.edition), "en"
		if arabic.Has(title) {
			lang = "ar"
		}
		f.channel.Title = map[string]string{lang: title}
	}
	return f.write(where, shown, func(w *render.Writer) error { return s.Reader.Each(ctx, where, shown, w.Add) })
}

// newest returns when any of the listed stories last changed.
func newest(list []feeds.Listed) (at time.Time) {
	for _, l := range list {
		if l.Updated.After(at) {
			at = l.Updated
		}
	}
	return at
}

// shown lists the stories that any channel shows now, newest first.
func (s *Server) shown(ctx context.Context) (where feeds.Site, all []feeds.Listed, err error) {
	for _, ch := range s.Channels {
		site, shown, err := s.Reader.Channel(ctx, ch, feeds.Bilingual)
		if err != nil {
			return where, nil, err
		}
		where, all = site, append(all, shown...)
	}
	return where, feeds.NewestFirst(all), nil
}

// page renders a page of a book, which shows the listed stories.
func (s *Server) page(where feeds.Site, list []feeds.Listed, render func(book *Book, b *bytes.Buffer) error) (
	[]byte, time.Time, error) {
	var b bytes.Buffer
	err := render(NewBook(where, s.Channels, s.Tags, nil), &b)
	return b.Bytes(), newest(list), err
}

// listed returns stories as a list.
func listed(stories []feeds.Story) (out []feeds.Listed) {
	for _, s := range stories {
		out = append(out, feeds.Listed{ID: s.ID, Source: s.Items[0].SourceID, Lang: s.Lang, Published: s.Published,
			Updated: s.Updated})
	}
	return out
}

func entries(book *Book, stories []feeds.Story) []Entry {
	out := make([]Entry, len(stories))
	for i, s := range stories {
		out[i] = book.Entry(s)
	}
	return out
}

// story renders the page of a story or, in a format, its feed.
func (s *Server) story(ctx context.Context, id string, f feeds.Format) ([]byte, time.Time, error) {
	where, list, err := s.Reader.Find(ctx, feeds.Query{IDs: []string{id}, Limit: 1})
	if err != nil || len(list) == 0 {
		return nil, time.Time{}, err
	}
	a, err := s.Reader.Beside(ctx, where, id)
	if err != nil {
		return nil, time.Time{}, err
	}
	return s.page(where, listed(list), func(book *Book, b *bytes.Buffer) error {
		if f == "html" {
			return book.Story(b, list[0], a)
		}
		return render.Follow(where, list[0], a.Stories(), map[feeds.Format]io.Writer{f: b})
	})
}

func (s *Server) robots(context.Context) ([]byte, time.Time, error) {
	var b bytes.Buffer
	err := NewBook(feeds.Site{Web: s.Web, URL: s.URL}, nil, nil, nil).Robots(&b)
	return b.Bytes(), time.Time{}, err
}

func (s *Server) sitemap(ctx context.Context) ([]byte, time.Time, error) {
	where, all, err := s.shown(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	lists := []string{IndexPath}
	for _, d := range DayListings(all) {
		lists = append(lists, feeds.DayPath(d.Newest))
	}
	return s.page(where, all, func(book *Book, b *bytes.Buffer) error { return book.Sitemap(b, lists, all) })
}

func (s *Server) sources(ctx context.Context) ([]byte, time.Time, error) {
	where, _, err := s.Reader.Find(ctx, feeds.Query{})
	if err != nil {
		return nil, time.Time{}, err
	}
	var b bytes.Buffer
	err = NewBook(where, s.Channels, s.Tags, nil).Sources(&b)
	return b.Bytes(), time.Time{}, err
}
