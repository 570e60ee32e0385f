package translate

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/check"
	"github.com/nashra/nashra/translate/segment"
)

// Passage is a text to translate, and afterwards its translation.
type Passage struct {
	Article  string     // id of its article; passages of one article may share a call to any engine
	Headline string     // of the article; context for engines that read it
	Opening  []Previous // of a Title's article; a headline that failed without it is asked for again with it
	Role     Role
	Text     string // Title: plain text. Body: sanitised HTML; sanitise the translation again

	// Translate fills these in.
	Segments int    // segments to translate
	Missing  int    // of these, left in the original and marked
	Refuted  bool   // one of these was translated earlier, and today's checks refuse that
	Stale    int    // of the segments, made before a change of the glossary or a call of Again
	Doubts   string // checks that the translation may fail, each with its place: see feeds.Translation
	Engine   string // that made most of them; empty: nothing was translated
	Model    string
}

// Report sums up a call of Translate.
type Report struct {
	Segments int      // distinct segments that need a translation
	Hits     int      // found in the memory
	Bought   int      // translated now
	Calls    int      // to engines
	Cost     Cost     // billed by paid engines; in an estimate, expected
	Withheld int      // answers that failed a check
	Failures []*Error // one for each engine and kind
}

// Options configures a Translator.
type Options struct {
	Titles, Bodies []Engine // in order: the next is asked if one fails
	Glossary       Glossary
	Limits         []Limit
	Location       *time.Location // of the budgets' days; nil: UTC
	Now            func() time.Time
	Sleep          func(context.Context, time.Duration) error // between tries; nil: real time
	Log            *slog.Logger                               // nil: silent
	Progress       func(segments int)                         // told of segments that were bought; nil: nobody is
}

// Translator translates passages through a memory and engines.
type Translator struct {
	Options
	store Store
	owed  *owed
	state map[string]*breaker // by engine
	reads map[string]bool     // by engine: whether it is given terms
	again bool                // buy again what machines made
	spare bool                // see Spare
}

// New returns a Translator over store. Engines with the same name share their state.
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
	if o.Progress == nil {
		o.Progress = func(int) {}
	}
	o.Titles, o.Bodies = sentenceEngines(o.Titles), sentenceEngines(o.Bodies)
	t := &Translator{Options: o, store: store, owed: &owed{}, state: o.breakers(), reads: map[string]bool{}}
	for _, e := range o.engines() {
		t.reads[e.ID().Engine] = e.Limits().Terms
	}
	return t
}

// Sum identifies the rules that decide over remembered translations: those of glossary and checks.
func (t *Translator) Sum() string { return t.Glossary.Sum() + ", checks " + check.Version }

// Asks reports whether t has engines; without any it serves what the memory holds.
func (t *Translator) Asks() bool { return len(t.Titles) > 0 }

// engines returns the engines for headlines and those for bodies.
func (o Options) engines() []Engine { return slices.Concat(o.Titles, o.Bodies) }

// breakers returns a new breaker for each engine.
func (o Options) breakers() map[string]*breaker {
	out := map[string]*breaker{}
	for _, e := range o.engines() {
		if name := e.ID().Engine; out[name] == nil {
			out[name] = newBreaker(e.Limits(), o.Now)
		}
	}
	return out
}

// Resting returns, by name, why engines are not asked now.
func (t *Translator) Resting() map[string]*Error {
	out := map[string]*Error{}
	for name, b := range t.state {
		if why := b.resting(); why != nil {
			out[name] = why
		}
	}
	return out
}

// Again returns a Translator that buys again what no person translated, from the engine of that
// name or, if name is empty, from t's engines. It reports false if t has no such engine.
func (t *Translator) Again(name string) (*Translator, bool) {
	again := *t
	again.again, again.state = true, t.breakers() // a person asks, so no engine rests
	if name == "" {
		return &again, len(t.Titles) > 0
	}
	for _, e := range t.engines() {
		if e.ID().Engine == name {
			again.Titles, again.Bodies = []Engine{e}, nil
			return &again, true
		}
	}
	return nil, false
}

// Spare returns a Translator that leaves budgets to t: of each it spends only what the part of the day
// or month that is over has left. A budget that is spent for it alone is no trouble.
func (t *Translator) Spare() *Translator {
	spare := *t
	spare.spare = true
	return &spare
}

func (t *Translator) chain(r Role) []Engine {
	if r == Title || len(t.Bodies) == 0 {
		return t.Titles
	}
	return t.Bodies
}

// unit is a distinct segment and its translation so far.
type unit struct {
	key      Key
	role     Role
	seg      segment.Segment
	article  string
	headline string
	opening  []Previous
	before   []*unit // up to maxPrevious segments before it in its article
	terms    []Term
	rows     []Row    // what the memory holds for it
	row      *Row     // its translation; nil: none
	stale    bool     // row is used until a better one is bought
	doubts   []string // checks that row may fail
	opinions int      // usable translations of machines under today's terms
	refuted  bool     // the memory holds a translation that is refused now
}

// draft is a passage that is cut into units.
type draft struct {
	doc   *segment.Doc // nil: a title
	units []*unit      // one for each segment; nil: nothing to translate
}

// Translate translates in as far as memory, engines and budget allow, titles first, and marks the
// rest. It fails only if the store fails or ctx ends; what was bought is kept even then.
func (t *Translator) Translate(ctx context.Context, p Pair, in []Passage) ([]Passage, Report, error) {
	drafts, units, rep, err := t.prepare(ctx, p, in)
	if err == nil {
		err = t.buyAll(ctx, p, units, &rep)
	}
	if err != nil {
		return nil, rep, err
	}
	out := make([]Passage, len(in))
	for i := range in {
		out[i] = drafts[i].finish(in[i])
	}
	return out, rep, nil
}

// buyAll asks the engines in order for what units lack, titles first.
func (t *Translator) buyAll(ctx context.Context, p Pair, units []*unit, rep *Report) error {
	known, err := t.knownTroubles(ctx)
	if err != nil {
		return err
	}
	for _, role := range []Role{Title, Body} {
		for _, e := range t.chain(role) {
			left := t.pending(units, role, e)
			if len(left) == 0 {
				continue
			}
			if err := t.buy(ctx, e, p, left, rep); err != nil {
				return err
			}
		}
	}
	return t.storeTroubles(ctx, known, rep)
}

// Estimate reports what Translate would send to the first engine, if it is a paid one, and makes no
// call.
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
				c := lim.Price.Expected(lim.Unit.Count(t.wire(text, codec, lim)))
				rep.Cost.Chars += c.Chars
				rep.Cost.Micros += c.Micros
			}
		}
	}
	return rep, nil
}

// prepare cuts passages into distinct units and looks them up in the memory.
func (t *Translator) prepare(ctx context.Context, p Pair, in []Passage) (
	drafts []draft, units []*unit, rep Report, err error) {
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
			u.terms = t.Glossary.Terms(u.seg.Text)
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
		}
	}
	return drafts, units, rep, nil
}

// Context is billed, too. Two paragraphs of usual length are enough.
const (
	maxPrevious      = 2
	maxPreviousRunes = 400 // longer ones are left out
)

// before returns the last units that are short enough to send as context.
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
		return &unit{role: ps.Role, seg: s, article: ps.Article, headline: ps.Headline, opening: ps.Opening}
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

// pending returns the units of a role to ask e for, those without a translation first.
func (t *Translator) pending(units []*unit, role Role, e Engine) []*unit {
	var none, others []*unit
	for _, u := range units {
		switch {
		case u.role != role || !t.wants(u, e) || !t.again && u.failedBy(e, t.Now()):
		case u.row == nil:
			none = append(none, u)
		default:
			others = append(others, u)
		}
	}
	slices.SortStableFunc(none, func(u, v *unit) int { // what often got no answer delays nothing else
		m, _ := u.unanswered(e)
		n, _ := v.unanswered(e)
		return m - n
	})
	return append(none, others...)
}

// wants reports whether e is asked for u. Only the first engine is asked for stale ones: the next
// might make them worse. Doubts are put to the next engine, the last one's to itself.
func (t *Translator) wants(u *unit, e Engine) bool {
	chain := t.chain(u.role)
	switch {
	case u.row == nil:
		return true
	case u.stale:
		return e == chain[0]
	case !u.unsure():
		return false
	case u.row.Engine == e.ID().Engine:
		return e == chain[len(chain)-1] && e.Limits().Varies
	}
	return !e.Limits().Human
}

// unsure reports whether u's translation is in doubt and no other was made.
func (u *unit) unsure() bool { return len(u.doubts) > 0 && u.opinions < 2 }

// finish returns ps with the translations of d's units.
func (d draft) finish(ps Passage) Passage {
	targets := make([]string, len(d.units))
	type maker struct{ engine, model string }
	made := map[maker]int{}
	var doubts []string
	best := 0
	for i, u := range d.units {
		if u == nil {
			continue
		}
		ps.Segments++
		if u.row == nil {
			ps.Missing++
			ps.Refuted = ps.Refuted || u.refuted
			continue
		}
		if u.stale {
			ps.Stale++
		}
		targets[i] = u.row.Target
		where := string(Title)
		if d.doc != nil {
			where = strconv.Itoa(d.doc.Segments()[i].Paragraph)
		}
		for _, check := range u.doubts {
			doubts = append(doubts, check+" "+where)
		}
		m := maker{u.row.Engine, u.row.Model}
		made[m]++
		if made[m] > best {
			best, ps.Engine, ps.Model = made[m], m.engine, m.model
		}
	}
	ps.Doubts = strings.Join(doubts, " ")
	switch {
	case d.doc != nil:
		ps.Text = d.doc.HTML(targets)
	case targets[0] != "":
		ps.Text = segment.Plaintext(targets[0])
	}
	return ps
}

// examine checks target as a translation of source, both in neutral form. It reports which checks
// doubt it, and which refuses it, if any.
func examine(source, target string) (doubts []string, fault string) {
	for _, p := range check.Text(segment.Plaintext(source), segment.Plaintext(target)) {
		switch {
		case !p.Doubt:
			return nil, p.Check
		case !slices.Contains(doubts, p.Check):
			doubts = append(doubts, p.Check)
		}
	}
	return doubts, ""
}
