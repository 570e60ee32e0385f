package site

import (
	"bytes"
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/feeds/words"
)

// results is the content of the page of a search.
type results struct {
	inquiry
	Heading []heading // one for each language
	Notes   []phrase
	Filters []navLink // those in force; each leads to the search without it
	Action  string    // where the form of filters leads
	Tags    []option
	Sources []option
	Rows    []row
	Wider   string // the search for words that begin so; empty: it is this one, or finds nothing else
	More    string // address of the next page; empty: there is none
}

// heading says what was searched for, in quotes, and how much was found.
type heading struct {
	phrase
	Quoted, Count string
}

// option is one choice of a form.
type option struct {
	phrase
	Value  string
	Chosen bool
}

// Notes of a search, in English.
const (
	unfinished = "The search index is being built, the newest stories first: older ones may be missing for now."
	begun      = "No story has these words themselves. These have words that begin with them."
	wordless   = "There is no word in this question that can be searched for."
	overlong   = "Only the first 16 words count."
)

// resultsPage renders the page of the stories that q finds.
func (s *Server) resultsPage(ctx context.Context, q inquiry) (*document, error) {
	where, found, err := s.Reader.Search(ctx, q.query(pageResults))
	if err != nil {
		return nil, err
	}
	name := feeds.PagePath(q.edition, feeds.SearchPath+".html")
	body, _, err := s.page(where, nil, func(book *Book, b *bytes.Buffer) error {
		return book.results(b, q, found, s.Token)
	})
	if err != nil {
		return nil, err
	}
	d := s.newDocument(name, s.dressed(name, body), newest(listed(found.Stories)))
	d.header.Set("Cache-Control", "no-cache")
	return d, nil
}

// results writes the page of what q finds. token is part of the addresses of private feeds.
func (b *Book) results(w *bytes.Buffer, q inquiry, found feeds.Found, token string) error {
	p := b.page(q.edition, feeds.SearchPath)
	p.Search = searchBox(q.edition, p.Root, q.Words)
	parsed := words.Parse(q.Words)
	r := results{inquiry: q, Action: feeds.SearchPath, Heading: p.headings(q, found)}
	note := func(say bool, english string) {
		if say {
			r.Notes = append(r.Notes, inEdition(p.Edition, inBoth(english))...)
		}
	}
	note(found.Building, unfinished)
	note(found.Count > 0 && found.Words != parsed.String(), begun)
	note(q.Words != "" && parsed.Empty(), wordless)
	note(parsed.Cut(), overlong)
	p.Title = oneLine([]phrase{{Text: cmp.Or(q.Words, r.Heading[0].Text)}}) + " – " + p.Title
	p.Meta.Description = ""
	mark := words.Parse(found.Words).Marker()
	for _, s := range found.Stories {
		e := b.Entry(s).marked(s, mark)
		shown, ok := b.row(p, e, found.Stories[0].Published)
		if !ok { // an edition leaves out what a search finds
			whole := p
			whole.Edition = feeds.Bilingual
			shown, _ = b.row(whole, e, found.Stories[0].Published)
		}
		r.Rows = append(r.Rows, shown)
	}
	p.Paired = paired(r.Rows)
	if found.Next != (feeds.Cursor{}) {
		r.More = q.address() + "&before=" + formatCursor(found.Next)
	}
	if wider, ok := parsed.Beginnings(); ok && found.Words == parsed.String() && found.Count > 0 {
		of := q
		of.Words = wider.String()
		r.Wider = of.address()
	}
	b.filters(p, &r)
	if p.Channels = nil; !q.empty() {
		p.Channels = []channel{newChannel(q.subscription(found, token), p)}
	}
	for i := range p.Alternates {
		p.Alternates[i].Link += "?" + q.values().Encode()
	}
	p.Content = r
	return p.write(w, searchKind)
}

// subscription returns the channel of q as it was answered: a later story that has a word of q itself
// does not turn the beginning of words into that word.
func (q inquiry) subscription(found feeds.Found, token string) feeds.Channel {
	if strings.Contains(found.Words, "*") {
		q.Words = found.Words
	}
	ch := q.channel()
	if token != "" {
		ch.Search += "&t=" + url.QueryEscape(token)
	}
	return ch
}

// headings says what q finds in the languages of p.
func (p page) headings(q inquiry, found feeds.Found) (out []heading) {
	say := func(english, ar string) {
		for _, h := range inEdition(p.Edition, []phrase{{"en", "ltr", english}, {"ar", "rtl", ar}}) {
			of := heading{phrase: h, Quoted: q.Words}
			switch of.Count = feeds.Count(h.Lang, found.Count, "story"); {
			case q.Words == "" && !q.filtered():
				of.Count = ""
			case found.Count == 0:
				of.Count = inLang(h.Lang, inBoth("no stories")).Text
			case found.Count > feeds.MaxCount && h.Lang == "ar":
				of.Count = "أكثر من " + feeds.Count("ar", feeds.MaxCount, "story")
			case found.Count > feeds.MaxCount:
				of.Count = "more than " + feeds.Count("en", feeds.MaxCount, "story")
			}
			out = append(out, of)
		}
	}
	switch {
	case q.Words != "":
		say("Search for", "نتائج البحث عن")
	case q.filtered():
		say("Search", "نتائج البحث")
	default:
		const asking = "What are you looking for?"
		say(asking, arabicWords[asking])
	}
	return out
}

// maxOptions is how many sources a form offers. More are no choice but a list to get lost in.
const maxOptions = 100

// filters fills what r shows of filters.
func (b *Book) filters(p page, r *results) {
	without := func(english string, name phrase, change func(q *inquiry)) {
		q := r.inquiry
		change(&q)
		name.Text = inLang(p.Lang, inBoth(english)).Text + ": " + name.Text
		r.Filters = append(r.Filters, navLink{phrase: name, Link: q.address()})
	}
	for _, ch := range b.tags {
		id := strings.TrimPrefix(ch.ID, "tags/")
		o := option{inLang(p.Lang, channelName(ch)), id, id == r.Tag}
		if r.Tags = append(r.Tags, o); o.Chosen {
			without("Tag", o.phrase, func(q *inquiry) { q.Tag = "" })
		}
	}
	for id := range b.where.Sources {
		o := option{sourceName(b.where, id, p.Edition), id, id == r.Source}
		if r.Sources = append(r.Sources, o); o.Chosen {
			without("Source", o.phrase, func(q *inquiry) { q.Source = "" })
		}
	}
	slices.SortFunc(r.Sources, func(x, y option) int {
		return cmp.Or(strings.Compare(x.Text, y.Text), strings.Compare(x.Value, y.Value))
	})
	if len(r.Sources) > maxOptions {
		r.Sources = slices.DeleteFunc(r.Sources, func(o option) bool { return !o.Chosen })
	}
	if r.Day != "" {
		day := inLang(p.Lang, newDay(p, r.at).Names)
		without("Day", day, func(q *inquiry) { q.Day = "" })
	}
}

// marked returns e with the words marked that mark finds in its headlines and texts. An excerpt shows
// the first of them.
func (e Entry) marked(s feeds.Story, mark func(string) []words.Span) Entry {
	e.Sides = slices.Clone(e.Sides)
	for i := range e.Sides {
		of := &e.Sides[i]
		of.Title = markRuns(of.Title, mark)
		text := s.Text
		if i < len(e.Sides)-1 {
			text = s.Translation.Text
		}
		whole := cleanText(feeds.OneLine(sanitize.TextOf(text.Main())))
		if len(mark(joined(of.Excerpt.Text))) == 0 && of.Excerpt.Text != nil {
			if spans := mark(whole); len(spans) > 0 {
				of.Excerpt = excerpt{Text: runs(around(whole, spans[0].From), of.Lang)}
			}
		}
		of.Excerpt.Text = markRuns(of.Excerpt.Text, mark)
	}
	return e
}

// wordsBefore is how many words of an excerpt stand before the first that is marked, so that it is seen
// on a phone too.
const wordsBefore = 4

// around returns the part of text that has the word at that place near its beginning.
func around(text string, at int) string {
	from := at
	for range wordsBefore + 1 {
		if from = strings.LastIndexByte(text[:max(0, from)], ' '); from < 0 {
			return feeds.Shorten(text, maxExcerpt)
		}
	}
	return feeds.Shorten("… "+text[from+1:], maxExcerpt)
}

// markRuns parts runs so that what mark finds in each are runs of their own.
func markRuns(list []run, mark func(string) []words.Span) (out []run) {
	for _, r := range list {
		at := 0
		for _, s := range mark(r.Text) {
			if s.From > at {
				out = append(out, run{Lang: r.Lang, Text: r.Text[at:s.From]})
			}
			out = append(out, run{r.Lang, r.Text[s.From:s.To], true})
			at = s.To
		}
		if at < len(r.Text) {
			out = append(out, run{Lang: r.Lang, Text: r.Text[at:]})
		}
	}
	return out
}
