package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
)

// found is what stands at an address: a source, as the config may name it, and what it has now.
type found struct {
	feeds.Source
	kind    parse.Kind
	feed    feeds.Feed
	list    feeds.List // of a list; feed is empty
	guessed bool       // the selectors of Page are a guess
}

// has says how much f has now.
func (f found) has() string {
	if f.List() {
		return count(len(f.list.Sources), "feed")
	}
	return count(len(f.feed.Items), "entry")
}

// find returns what stands at s.URL: what can be polled as it is, or a feed that the page there names, or a news
// sitemap of its site, or else the page, with selectors that find its items. If s trusts a nashra, it finds only
// one. Without a scheme it tries https, then http.
func (w *wire) find(ctx context.Context, s feeds.Source) (found, error) {
	bare := strings.TrimPrefix(feeds.WebURL(s.URL), "//")
	s = webAddress(s)
	if u, err := url.Parse(s.URL); err != nil || u.Hostname() == "" {
		return found{Source: s}, mistake("", "not an address of the web",
			"write one like aitnews.com or https://host/page")
	}
	f, doc, err := w.look(ctx, s)
	if err != nil && len(doc.Body) == 0 && s.URL != bare {
		plain := s
		plain.URL = "http://" + bare
		if g, d, perr := w.look(ctx, plain); perr == nil || len(d.Body) > 0 {
			s, f, doc, err = plain, g, d, perr
		}
	}
	switch kind := parse.KindOf(feeds.Source{URL: s.URL}, doc); {
	case err == nil, len(doc.Body) == 0:
		return f, err
	case kind == parse.Sitemap:
		if f, ok := w.mapped(ctx, s, doc); ok {
			return f, nil
		}
		return f, err
	case kind != parse.Page && kind != parse.Unknown && (!s.Trusted() || kind == parse.Nashra):
		return f, err // a channel that is none, a sitemap without news: its error says so
	}
	if f, ok := w.named(ctx, s, doc); ok {
		return f, nil
	}
	if ctx.Err() != nil {
		return f, ctx.Err()
	}
	if s.Trusted() {
		return f, hinted{fmt.Errorf("%s is no JSON feed of a nashra, and its page links to none that can be read",
			feeds.Redact(s.URL)), "give the address of its feed.json, or leave out --trust"}
	}
	return w.guess(ctx, s, doc)
}

// look polls s as it is, or reads it as a list. With an error the document is returned, too.
func (w *wire) look(ctx context.Context, s feeds.Source) (found, feeds.Document, error) {
	if feeds.IsTelegram(s.URL) {
		s.URL = feeds.FeedAddress(s.URL)
	}
	doc, feed, err := w.poll(ctx, s)
	plain := s
	plain.Trust = ""
	f := found{Source: s, kind: parse.KindOf(plain, doc), feed: feed}
	switch {
	case f.kind == parse.OPML && len(doc.Body) > 0:
		f.URL, f.OPML = "", s.Address()
		f.list, err = feeds.DecodeOPML(parse.Text(doc.Body))
		err = s.Hide(err)
	case err == nil && s.Trusted() && f.kind != parse.Nashra:
		err = errors.New("not the JSON feed of a nashra")
	}
	if f.Title == (feeds.Title{}) {
		f.Title = feeds.NewTitle(strings.TrimSpace(feed.Title))
	}
	return f, doc, err
}

// named returns the first feed that the page doc of s names, or that stands where sites have theirs, and that has
// items; or else one without.
func (w *wire) named(ctx context.Context, s feeds.Source, doc feeds.Document) (first found, ok bool) {
	addresses := parse.Discover(doc)
	if s.Trusted() {
		other := func(address string) bool { return !strings.HasSuffix(address, ".json") }
		addresses = slices.DeleteFunc(addresses, other)
	}
	for _, address := range addresses {
		at := s
		at.URL = address
		f, _, err := w.look(ctx, at)
		switch {
		case err != nil || f.List():
		case len(f.feed.Items) > 0:
			return f, true
		case !ok:
			first, ok = f, true
		}
	}
	return first, ok
}

// guess returns a news sitemap of the site, if doc is its front page, or else s with selectors that find items in
// doc.
func (w *wire) guess(ctx context.Context, s feeds.Source, doc feeds.Document) (found, error) {
	none := found{Source: s, kind: parse.Page}
	if err := w.permit(ctx, s.URL); err != nil {
		return none, s.Hide(fmt.Errorf("%s is a page without a feed: %w", feeds.Redact(s.URL), err))
	}
	if f, ok := w.mapped(ctx, s, w.robots(ctx, s.URL)); ok {
		return f, nil
	}
	for _, p := range parse.Propose(doc) {
		f := none
		f.Page, f.guessed = p.Page, true
		var err error
		if f.feed, err = parse.Feed(f.Source, doc); err == nil && len(f.feed.Items) > 0 {
			f.Title = f.Title.Or(feeds.NewTitle(strings.TrimSpace(f.feed.Title)))
			return f, nil
		}
	}
	return none, hinted{fmt.Errorf("%s is not a feed, its page links to none that can be read, "+
		"and no part of the page repeats as news does", feeds.Redact(s.URL)),
		"if a script makes the page, nashra cannot read it; else give the address of a feed, " +
			"write selectors yourself (docs/sources.md), or add it as it is with --force"}
}

// maxMaps limits the sitemaps that are asked for: a list of sitemaps names dozens.
const maxMaps = 5

// mapped returns the first sitemap of news, with items, that doc names: a robots.txt or a list of sitemaps.
func (w *wire) mapped(ctx context.Context, s feeds.Source, doc feeds.Document) (found, bool) {
	queue := parse.Sitemaps(doc)
	for i := 0; i < min(len(queue), maxMaps); i++ {
		s.URL = queue[i]
		f, d, err := w.look(ctx, s)
		if err == nil && f.kind == parse.Sitemap && len(f.feed.Items) > 0 {
			return f, true
		}
		queue = append(queue, parse.Sitemaps(d)...)
	}
	return found{}, false
}

// robots returns the robots.txt of the site at address, if that is its front page: what the site's sitemap of news
// has is no part of a section.
func (w *wire) robots(ctx context.Context, address string) (doc feeds.Document) {
	u, err := url.Parse(address)
	if err != nil || strings.Trim(u.Path, "/") != "" {
		return doc
	}
	turn := w.waits.Turn("robots.txt", time.Time{})
	doc, free, _ := w.client.Page(ctx, polite.Origin(u)+"/robots.txt", nil, feeds.Validators{}, nil, turn)
	free() // without one, nothing is named
	return doc
}

// permit returns an error if a robots.txt forbids to fetch the page at address.
func (w *wire) permit(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	return w.hosts.Permit(ctx, ctx, u)
}
