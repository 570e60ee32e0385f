package aggregator

import (
	"bytes"
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
	// the default of Options.ArticlesPerDay: what the busiest outlets print in a day
	articlesPerDay = 100
	// a feed's text of at most this many words may be a summary: WordPress cuts an excerpt at 55
	summaryWords = 60
	// how often a page is asked for after transient failures
	articleTries = 4
	// how long one run asks for pages; the rest is left to the next run
	articleTurn = time.Minute
)

// Fetched reports the outcome of one Article call.
type Fetched struct {
	Read int            // articles now stored in their stories
	Left map[string]int // stories that keep the feed's text, by reason
	Next time.Time      // UTC; when to look again; zero: nothing waits
}

// Article fetches the full text of the leads that channels show and whose sources ask for it, or of
// the stories with those ids. An error means that the store failed or ctx ended.
func (a *Aggregator) Article(ctx context.Context, ids ...string) (Fetched, error) {
	if !slices.ContainsFunc(a.Sources, fullText) {
		return Fetched{}, nil
	}
	shown, err := a.Catalog.Shown(ctx, func(s feeds.Story) bool {
		src, _ := a.Catalog.Source(s.Items[0].SourceID)
		return fullText(src)
	}, ids...)
	if err != nil {
		return Fetched{}, err
	}
	return a.articles(ctx, shown)
}

// fullText reports whether articles of s are fetched. Where only summaries are shown, the feed has
// them.
func fullText(s feeds.Source) bool {
	return s.On() && s.Content != "summary" && (s.FullText == "auto" || s.FullText == "always")
}

func (a *Aggregator) newHosts() *polite.Hosts {
	return polite.NewHosts(a.Client, a.waits, a.now, a.Store.Host)
}

// lead is a story's lead whose article is to be fetched now.
type lead struct {
	Article
	story string // its id
	url   *url.URL
	title string
	has   string // the feed's text
	drop  []string
}

// page is the answer to a request for an article. free releases the memory reserved for its
// document.
type page struct {
	lead
	doc  feeds.Document
	err  error
	free func()
}

// articles fetches the articles that shown lacks: one request at a time to each host, and no more
// to a host that fails.
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
		wg.Go(func() { ask(ctx, turn, r, gate, queue, pages) })
	}
	go func() { wg.Wait(); close(pages) }()
	a.Progress("fetching articles", 0, len(leads))
	done := 0
	for p := range pages { // parse one page at a time: its tree is large
		if err == nil {
			err = a.readPage(ctx, r, p, &res)
		}
		p.free()
		done++
		a.Progress("fetching articles", done, len(leads))
		if err != nil {
			cancel()
		}
	}
	if turn.Err() != nil {
		res.Next = a.now()
	}
	return res, cmp.Or(err, ctx.Err())
}

// ask sends the pages of one host to pages until one could not be had for the moment. It asks for none
// once turn has ended.
func ask(ctx, turn context.Context, r *polite.Hosts, gate *semaphore.Weighted, queue []lead, pages chan<- page) {
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
}

// readPage stores the text of a page, or why it has none.
func (a *Aggregator) readPage(ctx context.Context, r *polite.Hosts, p page, res *Fetched) error {
	text, err := feeds.Text{}, p.err
	if err == nil {
		text, err = p.extract()
	}
	if ctx.Err() != nil { // the page is not at fault
		return ctx.Err()
	}
	p.At, p.Again, p.Error = a.now(), time.Time{}, ""
	if wait := new(polite.WaitError); errors.As(err, &wait) {
		p.Error, p.Again = err.Error(), wait.Until
		res.Next = polite.Sooner(res.Next, p.Again)
		res.Left[reason(err)]++
	} else if err != nil {
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

// extract returns the article of a page, if it is whole and on the same news.
func (p page) extract() (feeds.Text, error) {
	if p.doc.Cut && !bytes.Contains(p.doc.Body, []byte("</html>")) {
		return feeds.Text{}, polite.ErrCut
	}
	text, err := article.Extract(p.doc, p.drop...)
	switch {
	case err != nil:
	case countWords(text.Body) < countWords(p.has):
		err = errShorter
	case !about(p.title, text.Body):
		err = errOther
	}
	if err != nil {
		return feeds.Text{}, err
	}
	return text, nil
}

// about reports whether html has a quarter of the words of a headline. A cookie banner has none,
// nor has the home page that a withdrawn article redirects to.
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

func countWords(html string) int { return len(strings.Fields(sanitize.Text(sanitize.Parse(html, "")))) }

// unread returns the leads of shown whose articles are to be fetched now, newest first per source,
// and when the first of those that must wait may be fetched.
func (a *Aggregator) unread(ctx context.Context, r *polite.Hosts, shown []feeds.Story) (leads []lead, next time.Time,
	err error) {
	byID := map[string]lead{}
	var ids []string
	for _, s := range shown {
		src, _ := a.Catalog.Source(s.Items[0].SourceID)
		if !fullText(src) {
			continue
		}
		u, err := url.Parse(s.Items[0].URL)
		home := err != nil || strings.Trim(u.Path, "/")+u.RawQuery == "" // an item without a link of its own
		if !home && (src.FullText == "always" || s.Body == "" || countWords(s.Body) <= summaryWords) {
			byID[s.ID] = lead{story: s.ID, url: u, title: s.Title, has: s.Main(), drop: src.Drop}
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
	today, waiting := map[string]int{}, a.waits.All(ctx, time.Time{})
	for _, id := range ids {
		l := byID[id]
		l.Article = known[id]
		host, err := r.Host(ctx, l.url)
		if err != nil {
			return nil, next, err
		}
		free := polite.Latest(l.Again, host.Held, waiting[polite.HostOf(l.url.Host)].Until)
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

// passing reports whether err is transient.
func passing(err error) bool {
	var status *fetch.StatusError
	if errors.As(err, &status) {
		return status.Code >= 500 || status.Code == http.StatusTooManyRequests ||
			status.Code == http.StatusRequestTimeout
	}
	switch fetch.Class(err) {
	case "timeout", "name", "connection", "cut", "tls":
		return true
	}
	return errors.Is(err, polite.ErrCut) || errors.As(err, new(*polite.WaitError))
}

// reason returns the class of err, so that pages can be counted by it.
func reason(err error) string {
	for _, known := range []error{article.ErrPaywalled, article.ErrNoIndex, article.ErrNoArticle,
		polite.ErrDisallowed, polite.ErrPause, polite.ErrCut, errShorter, errOther} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if errors.As(err, new(*polite.WaitError)) {
		return "the host asks to wait"
	}
	return cmp.Or(fetch.Class(err), "the page cannot be read")
}
