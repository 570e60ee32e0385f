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

// engineCheckJSON is the answer of an engine to the sample, in JSON.
type engineCheckJSON struct {
	Name    string  `json:"name"`
	Status  string  `json:"status"` // ok or failed
	Error   string  `json:"error,omitempty"`
	Human   bool    `json:"human,omitempty"` // serves what people translated, and is not called
	Free    bool    `json:"free"`
	Millis  int64   `json:"milliseconds"`
	Chars   int64   `json:"characters"` // billed
	Dollars float64 `json:"dollars"`
	Markup  string  `json:"markup,omitempty"` // intact, mended or lost
	Answer  string  `json:"answer,omitempty"`
}

func (c engineCheckJSON) columns() string {
	billed := fmt.Sprintf("%s, $%.6f", count(c.Chars, "character"), c.Dollars)
	switch {
	case c.Error != "":
		return c.Name + "\tfailed: " + c.Error
	case c.Human:
		return c.Name + "\tok\t-\t-\t-\tserves what people translated, and calls no service"
	case c.Free:
		billed = "free"
	}
	return fmt.Sprintf("%s\tok\t%v\t%s\t%s\t%s", c.Name, time.Duration(c.Millis)*time.Millisecond, billed, c.Markup,
		c.Answer)
}

// checkEngine has an engine translate the sample. The ledger has what it cost.
func (w *wire) checkEngine(ctx context.Context, name string) (c engineCheckJSON, err error) {
	if name == translate.MemoryName {
		return engineCheckJSON{Human: true, Free: true}, nil
	}
	e, err := w.engine(ctx, name)
	if err != nil {
		return c, err
	}
	began := time.Now()
	got, rep, err := w.raw(ctx, e, []string{sample})
	if err != nil {
		return c, err
	}
	if len(rep.Failures) > 0 {
		return c, rep.Failures[0]
	}
	if got[0] == "" {
		return c, errors.New("an empty answer")
	}
	c = engineCheckJSON{Free: e.Limits().Free, Millis: time.Since(began).Milliseconds(), Chars: rep.Cost.Chars,
		Dollars: rep.Cost.Dollars(), Markup: "intact", Answer: segment.Plaintext(got[0])}
	if segment.Verify(sample, got[0]) != nil {
		c.Markup = "lost"
		if _, ok := (segment.Segment{Links: []int{sampleLink}}).Repair(sample, got[0]); ok {
			c.Markup = "mended"
		}
	}
	return c, nil
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
