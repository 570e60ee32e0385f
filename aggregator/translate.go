package aggregator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate"
)

// Translated reports the outcome of translating a part of stories.
type Translated struct {
	translate.Report
	Part    translate.Role
	Stories int // with a changed translation
}

// passages per call of the Translator: enough to fill requests, and few enough to limit memory
const (
	titlesPerGo = 1000
	bodiesPerGo = 200
)

// storiesPerSource is how many stories of one source are translated in one run: what the busiest
// outlets print in a day. The rest of a flood waits for the next run.
const storiesPerSource = 100

// Translate translates a part of the stories that channels show, or of those with the ids: see todo.
// Stories that cannot be translated now keep waiting.
func (a *Aggregator) Translate(ctx context.Context, part translate.Role, ids ...string) (Translated, error) {
	if a.Translator == nil {
		return Translated{}, nil
	}
	w, err := a.waiting(ctx, ids...)
	if err != nil {
		return Translated{}, err
	}
	list, err := a.todo(ctx, part, w)
	if err != nil {
		return Translated{}, err
	}
	return a.translate(ctx, a.Translator, part, list)
}

// translateShown translates the headlines and then the bodies of all stories that channels show. The
// headlines that failed are asked for once more, with their bodies as context. Then it goes on beyond
// the channels.
func (a *Aggregator) translateShown(ctx context.Context, w Watch) (again time.Time, err error) {
	if a.Translator == nil {
		return again, nil
	}
	waits, err := a.waiting(ctx)
	if err != nil {
		return again, err
	}
	if w.Translating != nil {
		expected, err := a.estimate(ctx, waits)
		if err != nil {
			return again, fmt.Errorf("estimate: %w", err)
		}
		w.Translating(expected)
	}
	for round, part := range []translate.Role{translate.Title, translate.Body, translate.Title} {
		list, err := a.todo(ctx, part, waits)
		if err != nil {
			return again, err
		}
		if round == 2 { // headlines that failed, now with their text
			list = slices.DeleteFunc(list, func(s *feeds.Story) bool { return opening(s) == nil })
		}
		t, err := a.translate(ctx, a.Translator, part, list)
		w.done(Report{Translated: t})
		if len(t.Failures)+t.Withheld > 0 {
			again = time.Now().Add(retranslateAfter)
		}
		if err != nil {
			return again, err
		}
	}
	more, err := a.translateBeyond(ctx, w)
	return polite.Sooner(again, more), err
}

// Untranslated is stories with a part still to be translated.
type Untranslated struct {
	Part    translate.Role
	Stories []string // ids, in the order of todo
}

// Untranslated returns the stories shown with headlines to translate, then those with bodies to
// translate.
func (a *Aggregator) Untranslated(ctx context.Context) ([]Untranslated, error) {
	if a.Translator == nil {
		return nil, nil
	}
	waits, err := a.waiting(ctx)
	if err != nil {
		return nil, err
	}
	left := []Untranslated{{Part: translate.Title}, {Part: translate.Body}}
	for i := range left {
		todo, err := a.todo(ctx, left[i].Part, waits)
		if err != nil {
			return nil, err
		}
		for _, s := range todo {
			left[i].Stories = append(left[i].Stories, s.ID)
		}
	}
	return left, nil
}

// translate translates a part of stories, stores the translations and updates stories.
func (a *Aggregator) translate(ctx context.Context, tr *translate.Translator, part translate.Role,
	stories []*feeds.Story) (res Translated, err error) {
	res.Part = part
	size := titlesPerGo
	if part == translate.Body {
		size = bodiesPerGo
	}
	for batch := range slices.Chunk(stories, size) {
		out, rep, err := tr.Translate(ctx, a.Pair, passages(part, batch))
		res.Add(rep)
		if err != nil {
			return res, fmt.Errorf("translate: %w", err)
		}
		done := map[string]feeds.Translation{}
		for i, s := range batch {
			t := a.merge(*s, part, out[i], out[i].Missing > 0 && spent(rep))
			if t != s.Translation {
				done[s.ID], s.Translation = t, t
				a.Log.Info("translated", "story", s.ID, "part", part, "state", t.State, "engine", t.Engine)
			}
		}
		if err := a.Store.Translated(ctx, a.now(), done); err != nil {
			return res, fmt.Errorf("store translations: %w", err)
		}
		res.Stories += len(done)
	}
	return res, nil
}

// Retranslate buys the translation of a story again, from the named engine or else from the
// configured ones. If they fail, the old translation stays.
func (a *Aggregator) Retranslate(ctx context.Context, id, engine string) (res Translated, err error) {
	if a.Translator == nil {
		return res, errors.New("retranslate: the config names no engine")
	}
	again, ok := a.Translator.Again(engine)
	if !ok {
		return res, fmt.Errorf("retranslate: no engine %q is in translate.engines or translate.bodies", engine)
	}
	found, err := a.Store.Stories(ctx, feeds.Query{IDs: []string{id}, Limit: 1})
	if err != nil {
		return res, fmt.Errorf("read story %s: %w", id, err)
	}
	if len(found) == 0 {
		return res, fmt.Errorf("retranslate: there is no story %s", id)
	}
	s := a.Catalog.Republished(found[0])
	if !a.Catalog.Translatable(s) {
		return res, fmt.Errorf("retranslate: story %s is not in the language %q, "+
			"or its source's stories are not translated", id, a.Pair.From)
	}
	parts := []translate.Role{translate.Title, translate.Body}
	if !a.Catalog.HasBody(s) {
		parts = parts[:1]
	}
	for _, part := range parts {
		t, err := a.translate(ctx, again, part, []*feeds.Story{&s})
		res.Add(t.Report)
		res.Stories = max(res.Stories, t.Stories)
		if err != nil {
			return res, err
		}
	}
	return res, nil
}

// Estimate returns what translating all that is pending would cost after memory hits. It calls no
// engine and stores nothing.
func (a *Aggregator) Estimate(ctx context.Context) (translate.Report, error) {
	if a.Translator == nil {
		return translate.Report{}, nil
	}
	waits, err := a.waiting(ctx)
	if err != nil {
		return translate.Report{}, err
	}
	return a.estimate(ctx, waits)
}

func (a *Aggregator) estimate(ctx context.Context, w waiting) (translate.Report, error) {
	var all []translate.Passage
	for _, part := range []translate.Role{translate.Title, translate.Body} {
		list, err := a.todo(ctx, part, w)
		if err != nil {
			return translate.Report{}, err
		}
		all = append(all, passages(part, list)...)
	}
	return a.Translator.Estimate(ctx, a.Pair, all)
}

// spent reports whether the budget left something untranslated.
func spent(r translate.Report) bool {
	return slices.ContainsFunc(r.Failures, func(e *translate.Error) bool { return e.Kind == translate.Budget })
}

// waiting is the stories with a part to translate.
type waiting struct {
	stories []feeds.Story  // newest first
	newest  []*feeds.Story // the same
	covered []*feeds.Story // the same, those of most outlets first, then the newest
}

// waiting returns the stories that channels show, or those of them with the ids.
func (a *Aggregator) waiting(ctx context.Context, ids ...string) (w waiting, err error) {
	w.stories, err = a.Catalog.Shown(ctx, a.untranslated, ids...)
	if err != nil || len(w.stories) == 0 {
		return w, err
	}
	where, _, err := a.Catalog.Find(ctx, feeds.Query{})
	if err != nil {
		return w, err
	}
	outlets, of := map[*feeds.Story]int{}, where.Publishers()
	for i := range w.stories {
		s := &w.stories[i]
		w.newest = append(w.newest, s)
		outlets[s] = len(s.Outlets(of))
	}
	w.covered = slices.Clone(w.newest)
	slices.SortStableFunc(w.covered, func(x, y *feeds.Story) int { return outlets[y] - outlets[x] })
	return w, nil
}

// todo returns the stories with a part to translate, at most storiesPerSource of each source: of
// headlines the newest first, of bodies those of most outlets, so that a budget goes to what is told
// most. A body waits until its article was fetched, so that it is bought once.
func (a *Aggregator) todo(ctx context.Context, part translate.Role, w waiting) (out []*feeds.Story, err error) {
	var unread []lead
	list := w.newest
	if part == translate.Body {
		list = w.covered
		if unread, _, err = a.unread(ctx, a.newHosts(), w.stories); err != nil {
			return nil, err
		}
	}
	sent := map[string]int{}
	for _, s := range list {
		waits := slices.ContainsFunc(unread, func(l lead) bool { return l.story == s.ID })
		if source := s.Items[0].SourceID; !waits && a.wants(*s, part) && sent[source] < storiesPerSource {
			sent[source]++
			out = append(out, s)
		}
	}
	return out, nil
}

// untranslated reports whether a part of s is to be translated.
func (a *Aggregator) untranslated(s feeds.Story) bool {
	return a.wants(s, translate.Title) || a.wants(s, translate.Body)
}

// wants reports whether s's part is untranslated, or may change under a new glossary.
func (a *Aggregator) wants(s feeds.Story, part translate.Role) bool {
	if !a.Catalog.Translatable(s) || part == translate.Body && !a.Catalog.HasBody(s) {
		return false
	}
	t, terms := s.Translation, a.Translator.Sum()
	switch {
	case t.Source != s.Hash():
		return true
	case part == translate.Title:
		return t.TitleTerms != terms
	}
	return t.BodyTerms != terms || t.State == feeds.Held
}

func passages(part translate.Role, stories []*feeds.Story) []translate.Passage {
	out := make([]translate.Passage, len(stories))
	for i, s := range stories {
		out[i] = translate.Passage{Article: s.ID, Headline: s.Title, Role: part, Text: s.Title, Opening: opening(s)}
		if part == translate.Body {
			out[i].Text, out[i].Opening = s.Main(), nil
		}
	}
	return out
}

// openingLength is in graphemes: a paragraph of usual length. Context is billed, too.
const openingLength = 400

// opening returns the first paragraph of s with its translation; nil if s is not translated or its
// headline is.
func opening(s *feeds.Story) []translate.Previous {
	if t := s.Translation; t.Title != "" || t.Body == "" || t.Source != s.Hash() {
		return nil
	}
	first := func(body string) string {
		return feeds.Shorten(sanitize.Text(sanitize.Parse(sanitize.FirstBlock(body), "")), openingLength)
	}
	return []translate.Previous{{Source: first(s.Main()), Target: first(s.Translation.Body)}}
}

// outdated replaces the glossary's sum for texts with passages made under an older glossary.
const outdated = "older"

// merge returns s's translation after its part came back as p. Only a complete text replaces a
// complete one, unless that was to be forgotten or is found wrong. If no shown text changed, the
// date stays.
func (a *Aggregator) merge(s feeds.Story, part translate.Role, p translate.Passage, spent bool) feeds.Translation {
	t := s.Translation
	if sum := s.Hash(); t.Source != sum { // translated from an older text: begin anew
		t = feeds.Translation{Text: feeds.Text{Lang: a.Pair.To}, Source: sum}
	}
	text, terms, doubts := &t.Title, &t.TitleTerms, &t.TitleDoubts
	if part == translate.Body {
		text, terms, doubts = &t.Body, &t.BodyTerms, &t.BodyDoubts
		p.Text = sanitize.HTML(p.Text, "")
	}
	switch {
	case p.Missing == 0:
		*text, *doubts = p.Text, p.Doubts
		switch {
		case p.Stale == 0:
			*terms = a.Translator.Sum()
		case *terms == "" || *terms == feeds.Forgotten:
			*terms = outdated
		}
	case *terms != "" && *terms != feeds.Forgotten && !p.Refuted: // keep the old text
		p.Engine = ""
	default:
		*text, *terms, *doubts = "", "", ""
		if part == translate.Body && p.Missing < p.Segments {
			*text, *doubts = p.Text, p.Doubts
		}
	}
	if p.Engine != "" && (part == translate.Body || t.Engine == "" || t.Body == "") {
		t.Engine, t.Model = p.Engine, p.Model
	}
	t.State = a.state(s, t, part, spent)
	was := s.Translation
	was.TitleTerms, was.BodyTerms = t.TitleTerms, t.BodyTerms
	was.TitleDoubts, was.BodyDoubts = t.TitleDoubts, t.BodyDoubts
	if t.At = was.At; t != was {
		t.At = a.now()
	}
	return t
}

// state returns the state of t after its part was requested. A story is Held if readers may not see
// it untranslated and have not seen it yet.
func (a *Aggregator) state(s feeds.Story, t feeds.Translation, part translate.Role, spent bool) feeds.State {
	state := feeds.Partial
	switch {
	case t.TitleTerms != "" && (t.BodyTerms != "" || !a.Catalog.HasBody(s)):
		return feeds.Done
	case t.Title == "" && t.Body == "":
		state = feeds.Waiting
	}
	if !a.Catalog.Unseen(s) || a.OnBudget == "titles" && t.Title != "" {
		return state
	}
	switch {
	case spent,
		part == translate.Title && t.Title != "" && a.Catalog.HasBody(s), // its body is requested next
		// the headline could not be translated
		part == translate.Body && t.Title == "" && s.Translation.State == feeds.Held:
		return feeds.Held
	}
	return state
}

// storiesPerPage is how many stories Keys reads at once.
const storiesPerPage = 200

// Keys returns the translation memory's keys of all texts that a source published.
func (a *Aggregator) Keys(ctx context.Context, sourceID string) (keys []translate.Key, err error) {
	q := feeds.Query{Sources: []string{sourceID}, Limit: storiesPerPage}
	for {
		page, err := a.Store.Stories(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("read stories of source %s: %w", sourceID, err)
		}
		var in []translate.Passage
		for _, s := range page {
			for _, m := range s.Items {
				if m.SourceID == sourceID {
					whole := feeds.Story{ID: s.ID, Items: []feeds.Member{m}, Text: m.Text}
					shown := a.Catalog.Republished(whole)
					in = append(in, passages(translate.Title, []*feeds.Story{&whole})...)
					in = append(in, passages(translate.Body, []*feeds.Story{&whole})...)
					if shown.Title != whole.Title {
						in = append(in, passages(translate.Title, []*feeds.Story{&shown})...)
					}
					if shown.Text != whole.Text {
						in = append(in, passages(translate.Body, []*feeds.Story{&shown})...)
					}
				}
			}
		}
		some, err := translate.Keys(a.Pair, in)
		if err != nil {
			return nil, err
		}
		keys = append(keys, some...)
		if len(page) < q.Limit {
			return keys, nil
		}
		last := page[len(page)-1]
		q.Before = feeds.Cursor{Published: last.Published, ID: last.ID}
	}
}
