package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

// sample is a sentence with what engines get wrong: a link, a name and numbers. sampleLink is its
// link.
const (
	sample     = "أطلقت شركة <g1>OpenAI</g1> نموذج o3-mini الجديد، وتنخفض تكلفته بنسبة 63%."
	sampleLink = 1
)

// checkEngine has an engine translate the sample, and returns the result in tab-separated columns.
// The ledger has what it cost.
func (w *wire) checkEngine(ctx context.Context, name string) (string, error) {
	if name == translate.MemoryName {
		return "ok\t-\t-\t-\tserves what people translated, and calls no service", nil
	}
	e, err := w.engine(ctx, name)
	if err != nil {
		return "", err
	}
	began := time.Now()
	got, rep, err := w.raw(ctx, e, []string{sample})
	if err != nil {
		return "", err
	}
	if len(rep.Failures) > 0 {
		return "", rep.Failures[0]
	}
	if got[0] == "" {
		return "", errors.New("an empty answer")
	}
	markup, billed := "intact", "free"
	if segment.Verify(sample, got[0]) != nil {
		markup = "lost"
		if _, ok := (segment.Segment{Links: []int{sampleLink}}).Repair(sample, got[0]); ok {
			markup = "mended"
		}
	}
	if !e.Limits().Free {
		billed = fmt.Sprintf("%d characters, $%.6f", rep.Cost.Chars, rep.Cost.Dollars())
	}
	took := time.Since(began).Round(time.Millisecond)
	return fmt.Sprintf("ok\t%s\t%s\t%s\t%s", took, billed, markup, segment.Plaintext(got[0])), nil
}

// raw translates texts, in neutral form, with e alone. A paid engine is limited by the budget.
func (w *wire) raw(ctx context.Context, e translate.Engine, texts []string) ([]string, translate.Report, error) {
	tr, end, err := w.rawTranslator(ctx, e)
	if err != nil {
		return nil, translate.Report{}, err
	}
	defer end()
	return tr.Raw(ctx, w.pair(), texts)
}

// rawTranslator returns a translator with e alone. For a paid engine it opens the config's store,
// which end closes.
func (w *wire) rawTranslator(ctx context.Context, e translate.Engine) (
	tr *translate.Translator, end func(), err error,
) {
	zone, err := w.zone()
	if err != nil {
		return nil, nil, err
	}
	opt := translate.Options{Titles: []translate.Engine{e}, Limits: w.limits(), Location: zone, Log: w.log}
	if e.Limits().Free {
		return translate.New(nil, opt), func() {}, nil
	}
	st, err := store.Open(ctx, w.cfg.Store)
	if err != nil {
		return nil, nil, err
	}
	return translate.New(st, opt), func() { st.Close() }, nil
}
