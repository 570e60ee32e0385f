package site

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
	"github.com/nashra/nashra/translate/arabic"
)

const (
	indexPath  = "index.html"
	searchPath = "search"
)

var (
	storyPath = regexp.MustCompile(`^stories/([0-9a-f]{16})\.html$`)
	dayPath   = regexp.MustCompile(`^days/(\d{4}-\d{2}-\d{2})\.html$`)
)

// route says how what stands at name is had; nil: nothing does. No name but these reaches the file system.
func (s *Server) route(name string) loader {
	if f, ok := s.feeds[name]; ok {
		if f.served {
			return s.made(name, func(ctx context.Context) ([]byte, time.Time, error) { return s.feed(ctx, f) })
		}
		return s.published(name, func(ctx context.Context) ([]byte, time.Time, error) { return s.feed(ctx, f) })
	}
	if m := storyPath.FindStringSubmatch(name); m != nil {
		return s.published(name, func(ctx context.Context) ([]byte, time.Time, error) { return s.story(ctx, m[1]) })
	}
	if m := dayPath.FindStringSubmatch(name); m != nil {
		at, err := time.Parse(time.DateOnly, m[1])
		if err != nil {
			return nil
		}
		return s.published(name, func(ctx context.Context) ([]byte, time.Time, error) { return s.day(ctx, at) })
	}
	switch name {
	case indexPath:
		return s.published(name, s.index)
	case sourcesPath:
		return s.published(name, s.sources)
	case feeds.IconPath:
		return s.published(name, func(context.Context) ([]byte, time.Time, error) { return icon, time.Time{}, nil })
	case feeds.LogoPath:
		return s.published(name, func(context.Context) ([]byte, time.Time, error) { return logo, time.Time{}, nil })
	}
	return nil
}

// maker makes a document's bytes, and says when what it shows last changed. No bytes: there is nothing to show.
type maker func(ctx context.Context) ([]byte, time.Time, error)

// published loads the file of that name; where there is none it is made.
func (s *Server) published(name string, otherwise maker) loader {
	made := s.made(name, otherwise)
	make := func(ctx context.Context, had *document) (*document, error) { // until the file is there, which may be any moment
		d, err := made(ctx, had)
		if d != nil {
			d = d.now()
			d.life = fileLife
		}
		return d, err
	}
	return func(ctx context.Context, had *document) (*document, error) {
		root, err := os.OpenRoot(s.Dir)
		if errors.Is(err, fs.ErrNotExist) {
			return make(ctx, had)
		}
		if err != nil {
			return nil, err
		}
		defer root.Close()
		info, err := root.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return make(ctx, had)
		case err != nil:
			return nil, err
		case !info.Mode().IsRegular():
			return nil, nil
		}
		is := fileState{info.ModTime(), info.Size()}
		if had != nil && had.file == is {
			return had, nil
		}
		body, err := root.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(name, ".html") {
			body = bytes.Replace(body, []byte(noSearch), []byte(searchBox(strings.Repeat("../", strings.Count(name, "/")), "")), 1)
		}
		d := s.newDocument(name, body, is.modified)
		d.file, d.life = is, fileLife
		return d, nil
	}
}

// made makes what no file holds.
func (s *Server) made(name string, from maker) loader {
	return func(ctx context.Context, had *document) (*document, error) {
		body, modified, err := from(ctx)
		if err != nil || body == nil {
			return nil, err
		}
		if had != nil && bytes.Equal(had.plain, body) {
			return had, nil
		}
		if modified.IsZero() {
			modified = time.Now()
		}
		d := s.newDocument(name, body, modified)
		d.life = madeLife
		return d, nil
	}
}

func (s *Server) feed(ctx context.Context, f feed) ([]byte, time.Time, error) {
	where, stories, err := s.Reader.Channel(ctx, f.channel)
	if err != nil {
		return nil, time.Time{}, err
	}
	if len(f.channel.Title) == 0 && len(f.channel.Sources) == 1 {
		title, lang := where.Sources[f.channel.Sources[0]].Title, "en"
		if arabic.Has(title) {
			lang = "ar"
		}
		f.channel.Title = map[string]string{lang: title}
	}
	var b bytes.Buffer
	err = render.Edition(f.edition, where, f.channel, stories).Write(&b, f.format)
	return b.Bytes(), newest(stories), err
}

// newest is when any of stories last changed.
func newest(stories []feeds.Story) (at time.Time) {
	for _, s := range stories {
		if s.Updated.After(at) {
			at = s.Updated
		}
	}
	return at
}

func (s *Server) index(ctx context.Context) ([]byte, time.Time, error) {
	var all []feeds.Story
	where := feeds.Site{}
	for _, ch := range s.Channels {
		site, stories, err := s.Reader.Channel(ctx, ch)
		if err != nil {
			return nil, time.Time{}, err
		}
		where, all = site, append(all, stories...)
	}
	return s.page(where, all, func(book *Book, b *bytes.Buffer) error { return book.Index(b) })
}

// page writes a page of a book of stories.
func (s *Server) page(where feeds.Site, stories []feeds.Story, write func(book *Book, b *bytes.Buffer) error) ([]byte, time.Time, error) {
	book := NewBook(where, s.Channels, stories)
	book.live = true
	var b bytes.Buffer
	err := write(book, &b)
	return b.Bytes(), newest(stories), err
}

func (s *Server) story(ctx context.Context, id string) ([]byte, time.Time, error) {
	where, list, err := s.Reader.Find(ctx, feeds.Query{IDs: []string{id}, Limit: 1})
	if err != nil || len(list) == 0 {
		return nil, time.Time{}, err
	}
	return s.page(where, list, func(book *Book, b *bytes.Buffer) error { return book.Story(b, list[0]) })
}

// storiesADay is how many stories the page of one day shows: the thousand sources of a large instance bring as many.
const storiesADay = 500

func (s *Server) day(ctx context.Context, at time.Time) ([]byte, time.Time, error) {
	end := at.AddDate(0, 0, 1).Add(-time.Millisecond) // the store's precision
	where, list, err := s.Reader.Find(ctx, feeds.Query{Before: feeds.Cursor{Published: end}, Limit: storiesADay})
	if err != nil {
		return nil, time.Time{}, err
	}
	list = slices.DeleteFunc(list, func(s feeds.Story) bool { return s.Published.Before(at) })
	if len(list) == 0 {
		return nil, time.Time{}, nil
	}
	return s.page(where, list, func(book *Book, b *bytes.Buffer) error { return book.Day(b, at) })
}

func (s *Server) sources(ctx context.Context) ([]byte, time.Time, error) {
	where, _, err := s.Reader.Find(ctx, feeds.Query{})
	if err != nil {
		return nil, time.Time{}, err
	}
	body, err := NewBook(where, s.Channels, nil).sources()
	return body, time.Time{}, err
}
