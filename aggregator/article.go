package aggregator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/semaphore"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/article"
	"github.com/nashra/nashra/feeds/fetch"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

const (
	// pages looked for in a day (UTC) on behalf of one source, unless Options say: what the busiest outlets print, and the stories that a
	// channel shows by default
	articlesPerDay = 100
	// words that a feed's text has at most which may be a summary though it is not called one: WordPress cuts an excerpt at 55
	summaryWords = 60
	// how often a page is asked for that fails in a way that passes
	articleTries = 4
	// how long the step goes on asking: a pass is not held up for longer, and the rest is the next one's
	articleTurn = time.Minute
)

// Fetched is what looking for articles came to.
type Fetched struct {
	Read int            // articles that now stand in their stories
	Left map[string]int // those that stay as their feed has them, by reason
	Next time.Time      // UTC; when to look again; zero: nothing waits
}

// Article gets the full text of every story's lead that a channel shows and whose source asks for it, or of those of ids only: one
// request a story, under its host's robots.txt. Where it is not to be had the feed's own words stay. An error means that the store
// failed or ctx ended.
func (a *Aggregator) Article(ctx context.Context, ids ...string) (Fetched, error) {
	if !slices.ContainsFunc(a.Sources, fullText) {
		return Fetched{}, nil
	}
	shown, err := a.Catalog.Shown(ctx, ids...)
	if err != nil {
		return Fetched{}, err
	}
	return a.articles(ctx, shown)
}

// fullText says whether articles of s are to be asked for: not where only summaries are republished, which its feed has.
func fullText(s feeds.Source) bool {
	return s.On() && s.Content != "summary" && (s.FullText == "auto" || s.FullText == "always")
}

func (a *Aggregator) newHosts() *polite.Hosts { return polite.NewHosts(a.Client, a.now, a.Store.Host) }

// lead is a story whose lead's article is to be asked for now.
type lead struct {
	Article
	story string // its id
	url   *url.URL
	title string
	has   string // what the feed has of it
}

// page is what came of asking for a lead's article. free gives back the room that its document takes.
type page struct {
	lead
	doc  feeds.Document
	err  error
	free func()
}

// articles asks for the articles of those of shown that want it: of each host one after the other, and no more of one that fails.
func (a *Aggregator) articles(ctx context.Context, shown []feeds.Story) (Fetched, error) {
	res := Fetched{Left: map[string]int{}}
	r := a.newHosts()
	leads, next, err := a.unread(ctx, r, shown)
	res.Next = next
	if err != nil || len(leads) == 0 {
		return res, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	turn, over := context.WithTimeout(ctx, articleTurn)
	defer over()
	queues := map[string][]lead{}
	for _, l := range leads {
		queues[polite.Origin(l.url)] = append(queues[polite.Origin(l.url)], l)
	}
	pages := make(chan page)
	var wg sync.WaitGroup
	gate := semaphore.NewWeighted(int64(max(1, a.Concurrency)))
	for _, queue := range queues {
		wg.Go(func() {
			for _, l := range queue {
				if gate.Acquire(turn, 1) != nil {
					return
				}
				p := page{lead: l}
				p.doc, p.free, p.err = r.Get(ctx, turn, l.url)
				gate.Release(1)
				if errors.Is(p.err, polite.ErrTurn) {
					return
				}
				select {
				case pages <- p:
				case <-ctx.Done():
					p.free()
					return
				}
				if passing(p.err) {
					return
				}
			}
		})
	}
	go func() { wg.Wait(); close(pages) }()
	for p := range pages { // read here, one at a time: a page's tree is large
		if err == nil {
			err = a.readPage(ctx, r, p, &res)
		}
		p.free()
		if err != nil {
			cancel()
		}
	}
	if turn.Err() != nil {
		res.Next = a.now()
	}
	return res, cmp.Or(err, ctx.Err())
}

// readPage stores what a page says, or why it says nothing.
func (a *Aggregator) readPage(ctx context.Context, r *polite.Hosts, p page, res *Fetched) error {
	text, err := feeds.Text{}, p.err
	if err == nil {
		text, err = p.read()
	}
	if ctx.Err() != nil { // it is no fault of the page
		return ctx.Err()
	}
	p.At, p.Again, p.Error = a.now(), time.Time{}, ""
	if err != nil {
		p.Error = err.Error()
		if p.Tries++; passing(err) {
			held := r.Hold(p.url, err)
			if p.Tries < articleTries {
				p.Again = polite.Latest(held, p.At.Add(polite.FirstBackoff<<(p.Tries-1)))
				res.Next = polite.Sooner(res.Next, p.Again)
			}
		}
		res.Left[reason(err)]++
	} else {
		res.Read++
	}
	if !passing(err) {
		r.Answered(p.url)
	}
	if err := a.Store.Fetched(ctx, p.At, p.Article, text.Body, r.Changed()...); err != nil {
		return fmt.Errorf("store article: %w", err)
	}
	return nil
}

var (
	errShorter = errors.New("the page has less than the feed")
	errOther   = errors.New("the page is about something else")
)

func (p page) read() (feeds.Text, error) {
	if p.doc.Cut {
		return feeds.Text{}, polite.ErrCut
	}
	text, err := article.Extract(p.doc)
	switch {
	case err != nil:
	case words(text.Body) < words(p.has):
		err = errShorter
	case !about(p.title, text.Body):
		err = errOther
	}
	if err != nil {
		return feeds.Text{}, err
	}
	return text, nil
}

// about says whether a page's text has a quarter of the words of a headline. A request to agree to cookies has none, nor has the home page
// that what was withdrawn redirects to.
func about(title, html string) bool {
	text := arabic.Fold(sanitize.Text(sanitize.Parse(html, "")))
	all, there := 0, 0
	for _, w := range strings.Fields(arabic.Fold(title)) {
		if utf8.RuneCountInString(w) > 2 {
			all++
			if strings.Contains(text, w) {
				there++
			}
		}
	}
	return 4*there >= all
}

func words(html string) int { return len(strings.Fields(sanitize.Text(sanitize.Parse(html, "")))) }

// unread are those of shown whose lead's article is to be asked for now, the newest of each source first, and when one that waits may be.
func (a *Aggregator) unread(ctx context.Context, r *polite.Hosts, shown []feeds.Story) (leads []lead, next time.Time, err error) {
	byID := map[string]lead{}
	var ids []string
	for _, s := range shown {
		src, _ := a.Catalog.Source(s.Items[0].SourceID)
		if !fullText(src) {
			continue
		}
		u, err := url.Parse(s.Items[0].URL)
		home := err != nil || strings.Trim(u.Path, "/")+u.RawQuery == "" // of an item without a link of its own
		if !home && (src.FullText == "always" || s.Body == "" || words(s.Body) <= summaryWords) {
			byID[s.ID] = lead{story: s.ID, url: u, title: s.Title, has: s.Main()}
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		return nil, next, nil
	}
	now := a.now()
	known, err := a.Store.Articles(ctx, now, ids)
	if err != nil {
		return nil, next, fmt.Errorf("read articles: %w", err)
	}
	today := map[string]int{}
	for _, id := range ids {
		l := byID[id]
		l.Article = known[id]
		host, err := r.Host(ctx, l.url)
		if err != nil {
			return nil, next, err
		}
		free := polite.Latest(l.Again, host.Held)
		switch {
		case l.GUID == "", !l.At.IsZero() && l.Again.IsZero():
		case free.After(now):
			next = polite.Sooner(next, free)
		case l.Today+today[l.SourceID] >= cmp.Or(a.ArticlesPerDay, articlesPerDay):
			next = polite.Sooner(next, now.Truncate(24*time.Hour).Add(24*time.Hour))
		default:
			today[l.SourceID]++
			leads = append(leads, l)
		}
	}
	slices.SortStableFunc(leads, func(x, y lead) int { return cmp.Compare(x.Tries, y.Tries) })
	return leads, next, nil
}

// passing says whether err may be gone in a while.
func passing(err error) bool {
	var status *fetch.StatusError
	if errors.As(err, &status) {
		return status.Code >= 500 || status.Code == http.StatusTooManyRequests || status.Code == http.StatusRequestTimeout
	}
	switch fetch.Class(err) {
	case "timeout", "name", "connection", "cut", "tls":
		return true
	}
	return errors.Is(err, polite.ErrCut)
}

// reason is err in words that many pages have in common.
func reason(err error) string {
	for _, known := range []error{article.ErrPaywalled, article.ErrNoIndex, article.ErrNoArticle, polite.ErrDisallowed, polite.ErrPause, polite.ErrCut, errShorter, errOther} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return cmp.Or(fetch.Class(err), "the page cannot be read")
}
