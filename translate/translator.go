package translate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/check"
	"github.com/nashra/nashra/translate/segment"
)

// Passage is a text to translate, and afterwards its translation.
type Passage struct {
	Article  string // what it is from: passages of one article may share a call to any engine
	Headline string // of the article: context for engines that read it
	Role     Role
	Text     string // Title: plain text. Body: sanitised HTML; the translation is to be sanitised again

	Segments int    // filled in: how many there are to translate
	Missing  int    // filled in: how many are left in the original, marked
	Stale    int    // filled in: how many are older than the glossary's terms for them, or than the wish to buy again
	Engine   string // filled in: of the most segments; empty: nothing was translated
	Model    string
}

// Report is what a call of Translate did.
type Report struct {
	Segments int     // distinct ones that needed a translation
	Hits     int     // found in the memory
	Bought   int     // translated now
	Calls    int     // to engines
	Cost     Cost    // billed by paid engines; of an estimate: what would be
	Withheld int     // answers that failed a check
	Failures []error // one for each engine that failed, as it last failed
}

// Options of a Translator.
type Options struct {
	Titles, Bodies []Engine // in order; the next is asked where one fails
	Glossary       Glossary
	Limits         []Limit
	Location       *time.Location // of budget days; nil: UTC
	Now            func() time.Time
	Sleep          func(context.Context, time.Duration) error // between tries; nil: the clock
	Log            *slog.Logger                               // nil: silent
}

// Translator translates passages through a memory and engines.
type Translator struct {
	Options
	store Store
	owed  *owed
	state map[string]*breaker // by engine
	reads map[string]bool     // by engine: whether it is given terms
	again bool                // nothing of a machine's in the memory is good enough
}

// New returns a Translator over store. Engines of one name share their state.
func New(store Store, o Options) *Translator {
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Titles, o.Bodies = sentenceEngines(o.Titles), sentenceEngines(o.Bodies)
	t := &Translator{Options: o, store: store, owed: &owed{}, state: o.breakers(), reads: map[string]bool{}}
	for _, e := range append(o.Titles[:len(o.Titles):len(o.Titles)], o.Bodies...) {
		t.reads[e.ID().Engine] = e.Limits().Terms
	}
	return t
}

// breakers are new ones, one an engine.
func (o Options) breakers() map[string]*breaker {
	out := map[string]*breaker{}
	for _, e := range append(o.Titles[:len(o.Titles):len(o.Titles)], o.Bodies...) {
		if name := e.ID().Engine; out[name] == nil {
			out[name] = newBreaker(name, e.Limits(), o.Now)
		}
	}
	return out
}

// Resting is why engines are not asked now, by name; of those that are asked there is nothing.
func (t *Translator) Resting() map[string]*Error {
	out := map[string]*Error{}
	for name, b := range t.state {
		var why *Error
		if errors.As(b.resting(), &why) {
			out[name] = why
		}
	}
	return out
}

// Again is t asking the engine of that name alone, or where name is empty t's own, for all that no person translated: what the memory
// holds is only kept where they fail. It reports false where t has no such engine.
func (t *Translator) Again(name string) (*Translator, bool) {
	again := *t
	again.again, again.state = true, t.breakers() // a person asks: no engine rests
	if name == "" {
		return &again, len(t.Titles) > 0
	}
	for _, e := range append(t.Titles[:len(t.Titles):len(t.Titles)], t.Bodies...) {
		if e.ID().Engine == name {
			again.Titles, again.Bodies = []Engine{e}, nil
			return &again, true
		}
	}
	return nil, false
}

func (t *Translator) chain(r Role) []Engine {
	if r == Title || len(t.Bodies) == 0 {
		return t.Titles
	}
	return t.Bodies
}

// unit is one distinct segment on its way.
type unit struct {
	key      Key
	role     Role
	seg      segment.Segment
	article  string
	headline string
	before   []*unit // the last segments before it in its article, maxPrevious at most
	terms    []Term
	safe     string // seg.Text with the names that the glossary knows in English, for engines that are given no terms
	rows     []Row  // what the memory holds of it
	row      *Row   // its translation; nil: none
	stale    bool   // row stands only until a better one is bought
}

// draft is a passage cut up.
type draft struct {
	doc   *segment.Doc // nil: a title
	units []*unit      // one a segment; nil: nothing to translate there
}

// Translate returns in, translated as far as memory, engines and budget allow: titles first. What is left is marked and counted,
// never an error; an error means that the store failed or ctx ended, and then nothing is returned but everything bought is kept.
func (t *Translator) Translate(ctx context.Context, p Pair, in []Passage) ([]Passage, Report, error) {
	drafts, units, rep, err := t.prepare(ctx, p, in)
	if err != nil {
		return nil, rep, err
	}
	for _, role := range []Role{Title, Body} {
		for _, e := range t.chain(role) {
			left := t.pending(units, role, e)
			if len(left) == 0 {
				continue
			}
			if err := t.buy(ctx, e, p, left, &rep); err != nil {
				return nil, rep, err
			}
		}
	}
	out := make([]Passage, len(in))
	for i := range in {
		out[i] = drafts[i].finish(in[i])
	}
	return out, rep, nil
}

// Estimate says what Translate would send to the first paid engine after memory hits, and calls none.
func (t *Translator) Estimate(ctx context.Context, p Pair, in []Passage) (Report, error) {
	_, units, rep, err := t.prepare(ctx, p, in)
	if err != nil {
		return rep, err
	}
	for _, role := range []Role{Title, Body} {
		if chain := t.chain(role); len(chain) > 0 {
			lim := chain[0].Limits()
			if lim.Free {
				continue
			}
			for _, u := range t.pending(units, role, chain[0]) {
				text, codec := whole.at(u, lim)
				c := lim.cost(lim.Unit.Count(segment.Encode(text, codec)))
				rep.Cost.Chars += c.Chars
				rep.Cost.Micros += c.Micros
			}
		}
	}
	return rep, nil
}

// prepare cuts passages into distinct units and fills in what the memory holds.
func (t *Translator) prepare(ctx context.Context, p Pair, in []Passage) (drafts []draft, units []*unit, rep Report, err error) {
	byKey := map[Key]*unit{}
	for _, ps := range in {
		d, err := cut(ps)
		if err != nil {
			return nil, nil, rep, fmt.Errorf("cut passage of %s: %w", ps.Article, err)
		}
		for i, u := range d.units {
			if u == nil || !segment.Translatable(u.seg.Text, p.From) {
				d.units[i] = nil
				continue
			}
			u.key = KeyOf(p, ps.Role, u.seg.Text)
			if known := byKey[u.key]; known != nil {
				d.units[i] = known
				continue
			}
			u.before = before(d.units[:i])
			u.terms = t.Glossary.Terms(segment.Plaintext(u.seg.Text))
			byKey[u.key] = u
			units = append(units, u)
		}
		drafts = append(drafts, d)
	}
	rep.Segments = len(units)
	keys := make([]Key, len(units))
	for i, u := range units {
		keys[i] = u.key
	}
	rows, err := t.store.Recall(ctx, keys)
	if err != nil {
		return nil, nil, rep, fmt.Errorf("recall translations: %w", err)
	}
	for _, u := range units {
		u.rows = rows[u.key]
		if t.recall(u); u.row != nil && !u.stale {
			rep.Hits++
			continue
		}
		u.safe = segment.EachText(u.seg.Text, t.Glossary.Protect)
	}
	return drafts, units, rep, nil
}

// Context costs what it is long: two paragraphs of usual length say what is spoken of.
const (
	maxPrevious      = 2
	maxPreviousRunes = 400 // longer ones are left out
)

// before are the last of units that are short enough to be sent along.
func before(units []*unit) (out []*unit) {
	for _, u := range slices.Backward(units) {
		if len(out) < maxPrevious && u != nil && utf8.RuneCountInString(u.seg.Text) <= maxPreviousRunes {
			out = append(out, u)
		}
	}
	slices.Reverse(out)
	return out
}

func cut(ps Passage) (draft, error) {
	newUnit := func(s segment.Segment) *unit {
		return &unit{role: ps.Role, seg: s, article: ps.Article, headline: ps.Headline}
	}
	if ps.Role == Title {
		return draft{units: []*unit{newUnit(segment.Segment{Text: segment.Escape(ps.Text)})}}, nil
	}
	doc, err := segment.Parse(ps.Text)
	if err != nil {
		return draft{}, err
	}
	d := draft{doc: doc}
	for _, s := range doc.Segments() {
		d.units = append(d.units, newUnit(s))
	}
	return d, nil
}

// pending are the units of a role that e has still to be asked for: those without a translation first. What stands already, if only
// for now, is asked of the first engine alone: it is not made worse by the next.
func (t *Translator) pending(units []*unit, role Role, e Engine) []*unit {
	var none, stale []*unit
	for _, u := range units {
		switch {
		case u.role != role || u.row != nil && !u.stale || !t.again && u.failedBy(e, t.Now()):
		case u.row == nil:
			none = append(none, u)
		case e == t.chain(role)[0]:
			stale = append(stale, u)
		}
	}
	return append(none, stale...)
}

// finish is ps with the text that d's units give.
func (d draft) finish(ps Passage) Passage {
	targets := make([]string, len(d.units))
	type maker struct{ engine, model string }
	made := map[maker]int{}
	best := 0
	for i, u := range d.units {
		if u == nil {
			continue
		}
		ps.Segments++
		if u.row == nil {
			ps.Missing++
			continue
		}
		if u.stale {
			ps.Stale++
		}
		targets[i] = u.row.Target
		m := maker{u.row.Engine, u.row.Model}
		made[m]++
		if made[m] > best {
			best, ps.Engine, ps.Model = made[m], m.engine, m.model
		}
	}
	switch {
	case d.doc != nil:
		ps.Text = d.doc.HTML(targets)
	case targets[0] != "":
		ps.Text = segment.Plaintext(targets[0])
	}
	return ps
}

// faults are the hard faults of target as a translation of source, both in neutral form; none for a fit one.
func faults(role Role, source, target string) (out []check.Problem) {
	for _, p := range check.Text(segment.Plaintext(source), segment.Plaintext(target), check.Options{Title: role == Title}) {
		if !p.Warn {
			out = append(out, p)
		}
	}
	return out
}
