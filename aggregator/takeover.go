package aggregator

import (
	"context"
	"fmt"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// takeOver stores translations that came with items of a trusted source in the translation memory, before
// the items: otherwise a program that is killed in between would buy them.
func (a *Aggregator) takeOver(ctx context.Context, s feeds.Source, items []Signed) error {
	if a.Translator == nil || !s.Trusted() {
		return nil
	}
	var made []translate.Version
	for _, it := range items {
		r := it.Rendition
		if r == nil || r.Original.Lang != a.Pair.From {
			continue
		}
		if t, ok := r.In(a.Pair.To); ok {
			title := translate.Version{Role: translate.Title, Source: r.Original.Title, Target: t.Title, Model: r.Maker,
				At: r.At}
			body := title
			body.Role, body.Source, body.Target = translate.Body, r.Original.Body, t.Body
			made = append(made, title, body)
		}
	}
	kept, refused, err := a.Translator.Adopt(ctx, a.Pair, feeds.TakenFrom+s.ID, made)
	if err != nil {
		return fmt.Errorf("take over translations of source %s: %w", s.ID, err)
	}
	if kept+refused > 0 {
		a.Log.Info("translations taken over", "source", s.ID, "texts", kept, "refused", refused)
	}
	return nil
}
