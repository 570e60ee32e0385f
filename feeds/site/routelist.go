package site

import (
	"bytes"
	"context"
	"io"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
)

// listRenderer returns the renderer of a list page without a file; nil: there is no such page.
func (s *Server) listRenderer(name string) renderer {
	m := pagePath.FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	e, path := feeds.Edition(m[1]), m[2]
	if path == TagsPath && len(s.Tags) == 0 {
		return nil
	}
	switch path {
	case IndexPath:
		return s.ofAll(func(ctx context.Context, b *Book, w io.Writer, all []feeds.Listed) error {
			newest, err := s.entries(ctx, b, all[:min(len(all), IndexStories)])
			if err != nil {
				return err
			}
			events, err := s.front(ctx, b, all)
			if err != nil {
				return err
			}
			return b.Index(w, e, events, newest)
		})
	case DaysPath:
		return s.ofAll(func(_ context.Context, b *Book, w io.Writer, all []feeds.Listed) error {
			return b.Days(w, e, DayListings(all))
		})
	case SourceListPath:
		return s.ofAll(func(_ context.Context, b *Book, w io.Writer, all []feeds.Listed) error {
			return b.SourceList(w, e, SourceListings(all))
		})
	case TagsPath:
		return s.ofAll(func(ctx context.Context, b *Book, w io.Writer, _ []feeds.Listed) error {
			list, err := s.tagListings(ctx)
			if err != nil {
				return err
			}
			return b.Tags(w, e, list)
		})
	}
	if ch, ok := s.lists[path]; ok {
		return func(ctx context.Context) ([]byte, time.Time, error) { return s.list(ctx, e, ch) }
	}
	if m := dayPath.FindStringSubmatch(path); m != nil {
		if at, err := time.Parse(time.DateOnly, m[1]); err == nil {
			return func(ctx context.Context) ([]byte, time.Time, error) { return s.day(ctx, e, at) }
		}
	}
	return nil
}

// front finds the events that most outlets told until the newest story of all.
func (s *Server) front(ctx context.Context, b *Book, all []feeds.Listed) (out []Event, err error) {
	if len(all) == 0 {
		return nil, nil
	}
	events, err := s.Reader.Events(ctx, FrontQuery(all[0].Published), s.Channels...)
	for _, ev := range events {
		var list []feeds.Listed
		for _, id := range ev.Stories {
			list = append(list, feeds.Listed{ID: id})
		}
		shown, err := s.entries(ctx, b, list)
		if err != nil {
			return nil, err
		}
		if len(shown) > 0 {
			out = append(out, Event{ev, shown})
		}
	}
	return out, err
}

// ofAll returns a renderer of a page that shows something of the stories of all channels.
func (s *Server) ofAll(write func(ctx context.Context, b *Book, w io.Writer, all []feeds.Listed) error) renderer {
	return func(ctx context.Context) ([]byte, time.Time, error) {
		where, all, err := s.shown(ctx)
		if err != nil {
			return nil, time.Time{}, err
		}
		return s.page(where, all, func(book *Book, b *bytes.Buffer) error { return write(ctx, book, b, all) })
	}
}

// entries returns the entries of the listed stories.
func (s *Server) entries(ctx context.Context, book *Book, list []feeds.Listed) (out []Entry, err error) {
	return out, s.Reader.Each(ctx, book.where, list, func(s feeds.Story) error {
		out = append(out, book.Entry(s))
		return nil
	})
}

// list renders the page of the stories of a channel, tag or source.
func (s *Server) list(ctx context.Context, e feeds.Edition, ch feeds.Channel) ([]byte, time.Time, error) {
	if ch.Digest.On() {
		where, list, err := s.Reader.Digests(ctx, ch)
		if err != nil {
			return nil, time.Time{}, err
		}
		return s.page(where, render.Digests(list), func(book *Book, b *bytes.Buffer) error {
			return book.DigestList(b, e, ch, written(list))
		})
	}
	where, shown, err := s.Reader.Channel(ctx, ch, feeds.Bilingual)
	if err != nil {
		return nil, time.Time{}, err
	}
	shown = shown[:min(len(shown), ListStories)]
	return s.page(where, shown, func(book *Book, b *bytes.Buffer) error {
		stories, err := s.entries(ctx, book, shown)
		if err != nil {
			return err
		}
		if id, ok := strings.CutPrefix(ch.ID, "sources/"); ok {
			return book.Source(b, e, id, stories)
		}
		return book.Channel(b, e, ch, stories)
	})
}

func (s *Server) tagListings(ctx context.Context) (out []Listing, err error) {
	for _, ch := range s.Tags {
		_, shown, err := s.Reader.Channel(ctx, ch, feeds.Bilingual)
		if err != nil {
			return nil, err
		}
		out = append(out, TagListing(ch, shown))
	}
	return out, nil
}

// day renders the page of a day.
func (s *Server) day(ctx context.Context, e feeds.Edition, at time.Time) ([]byte, time.Time, error) {
	end := at.AddDate(0, 0, 1).Add(-time.Millisecond) // the store's precision
	query := feeds.Query{From: at, Before: feeds.Cursor{Published: end}, Limit: DayStories}
	where, list, err := s.Reader.Find(ctx, query)
	if err != nil || len(list) == 0 {
		return nil, time.Time{}, err
	}
	_, all, err := s.shown(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	var around [2]time.Time
	for _, d := range DayListings(all) {
		switch near := Day(d.Newest); {
		case near.After(at):
			around[1] = near
		case near.Before(at) && around[0].IsZero():
			around[0] = near
		}
	}
	return s.page(where, listed(list), func(book *Book, b *bytes.Buffer) error {
		return book.Day(b, e, at, around, entries(book, list))
	})
}
