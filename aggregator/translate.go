package aggregator

import (
	"context"
	"fmt"
	"slices"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate"
)

// Translated is what translating came to.
type Translated struct {
	translate.Report
	Stories int // whose translation changed
}

// passages translated in one go: enough to fill an engine's calls, few enough that a kill costs little work
const (
	titlesPerGo = 500
	bodiesPerGo = 50
)

// Translate has the part translated of every story that a channel shows, or of those of ids only: newest first. What cannot be
// translated now stays as it is and waits.
func (a *Aggregator) Translate(ctx context.Context, part translate.Role, ids ...string) (Translated, error) {
	var res Translated
	if a.Translator == nil {
		return res, nil
	}
	todo, err := a.todo(ctx, part, ids)
	if err != nil {
		return res, err
	}
	size := titlesPerGo
	if part == translate.Body {
		size = bodiesPerGo
	}
	for batch := range slices.Chunk(todo, size) {
		out, rep, err := a.Translator.Translate(ctx, a.Pair, a.passages(part, batch))
		res.add(rep)
		if err != nil {
			return res, fmt.Errorf("translate: %w", err)
		}
		done := map[string]feeds.Translation{}
		for i, s := range batch {
			was := s.Translation
			s.Translation = a.merge(s, part, out[i])
			if s.Translation != was {
				done[s.ID] = s.Translation
			}
		}
		if err := a.Store.Translated(ctx, a.now(), done); err != nil {
			return res, fmt.Errorf("store translations: %w", err)
		}
		res.Stories += len(done)
	}
	return res, nil
}

// Estimate says what translating both parts would bill after memory hits; it calls no engine and stores nothing.
func (a *Aggregator) Estimate(ctx context.Context) (rep translate.Report, err error) {
	if a.Translator == nil {
		return rep, nil
	}
	var passages []translate.Passage
	for _, part := range []translate.Role{translate.Title, translate.Body} {
		todo, err := a.todo(ctx, part, nil)
		if err != nil {
			return rep, err
		}
		passages = append(passages, a.passages(part, todo)...)
	}
	return a.Translator.Estimate(ctx, a.Pair, passages)
}

func (t *Translated) add(r translate.Report) {
	t.Segments += r.Segments
	t.Hits += r.Hits
	t.Bought += r.Bought
	t.Calls += r.Calls
	t.Withheld += r.Withheld
	t.Cost.Chars += r.Cost.Chars
	t.Cost.Micros += r.Cost.Micros
	t.Failures = append(t.Failures, r.Failures...)
}

// todo are the stories whose part is to be translated.
func (a *Aggregator) todo(ctx context.Context, part translate.Role, ids []string) ([]feeds.Story, error) {
	shown, err := a.shown(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(shown, func(s feeds.Story) bool {
		return len(ids) > 0 && !slices.Contains(ids, s.ID) || !a.wants(s, part)
	}), nil
}

// wants says whether s's part has still to be translated.
func (a *Aggregator) wants(s feeds.Story, part translate.Role) bool {
	policy := a.policy(s)
	if policy == "none" || s.Lang != a.Pair.From || part == translate.Body && (policy == "title" || s.Main() == "") {
		return false
	}
	t := s.Translation
	if t.Source != s.Hash() {
		return true
	}
	if part == translate.Title {
		return t.Title == ""
	}
	return t.State != feeds.Done
}

// policy is the lead's source's: full, title or none. Items of a source that left the config are not paid for any more.
func (a *Aggregator) policy(s feeds.Story) string {
	src, ok := a.sources[s.Items[0].SourceID]
	switch {
	case !ok:
		return "none"
	case src.Translate == "":
		return "full"
	}
	return src.Translate
}

func (a *Aggregator) passages(part translate.Role, stories []feeds.Story) []translate.Passage {
	out := make([]translate.Passage, len(stories))
	for i, s := range stories {
		out[i] = translate.Passage{Article: s.ID, Headline: s.Title, Role: part, Text: s.Title}
		if part == translate.Body {
			out[i].Text = a.republished(s.Text, s.Items[0].SourceID).Main()
		}
	}
	return out
}

// republished is t as far as its source's content policy lets it be shown.
func (a *Aggregator) republished(t feeds.Text, sourceID string) feeds.Text {
	if a.sources[sourceID].Content == "summary" {
		if t.Summary == "" {
			t.Summary = sanitize.FirstBlock(t.Body)
		}
		t.Body = ""
	}
	return t
}

// merge is s's translation once p came back for the part. Where nothing that is shown changed it is the old one, date and all.
func (a *Aggregator) merge(s feeds.Story, part translate.Role, p translate.Passage) feeds.Translation {
	was, sum := s.Translation, s.Hash()
	t := was
	if t.Source != sum { // made from other words: begin anew
		t = feeds.Translation{Text: feeds.Text{Lang: a.Pair.To}, Source: sum, At: was.At}
	}
	switch {
	case part == translate.Title && p.Missing == 0:
		t.Title = p.Text
		if t.Engine == "" {
			t.Engine, t.Model = p.Engine, p.Model
		}
	case part == translate.Body && p.Missing < p.Segments || part == translate.Body && p.Segments == 0:
		t.Body = sanitize.HTML(p.Text, "")
		if p.Engine != "" {
			t.Engine, t.Model = p.Engine, p.Model
		}
	}
	t.State = feeds.Partial
	switch bodyDone := part == translate.Body && p.Missing == 0 || !a.wants(s, translate.Body); {
	case t.Title != "" && bodyDone:
		t.State = feeds.Done
	case t.Title == "" && t.Body == "":
		t.State = feeds.Waiting
	}
	if t.At = was.At; t != was {
		t.At = a.now()
	}
	return t
}
