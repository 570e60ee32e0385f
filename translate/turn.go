package translate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/nashra/nashra/translate/glossary"
)

// end is how an engine's turn at a unit ended so far.
type end uint8

const (
	pending end = iota
	yielded     // another buyer is buying it or has bought it
	none        // no readable answer came
	refused     // the engine will not take it on any rung
	wrong       // the answer lost its codes
	untrue      // a check refused the answer
)

// outcome is the end of an engine's turn at a unit, and its reason unless the end is pending or
// yielded.
type outcome struct {
	end end
	why *Error
}

// buyer is the turn of one engine at a set of units.
type buyer struct {
	t       *Translator
	e       Engine
	p       Pair
	lim     Limits
	breaker *breaker

	mu     sync.Mutex // guards the fields below and the units' rows
	rep    *Report
	last   *Error            // why the engine is not asked for the rest of the turn
	met    map[*unit]outcome // of the units that it has been asked for
	heard  time.Time         // the last answer, or the first call; zero: no call yet
	fails  int               // calls in a row that failed by no fault of a text
	duds   int               // texts in a row of which no answer came
	waited time.Duration     // for the other buyers
}

func newBuyer(t *Translator, e Engine, p Pair, rep *Report) *buyer {
	return &buyer{t: t, e: e, p: p, lim: e.Limits(), breaker: t.state[e.ID().Engine], rep: rep,
		met: map[*unit]outcome{}}
}

func (b *buyer) stopped() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last != nil
}

// stop ends the turn because of e.
func (b *buyer) stop(e *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last == nil {
		b.last = e
	}
}

// leave ends the turn because of e, with which a call for pieces failed, and stops calls to the
// engine for a while. If an answer was lost, the pieces wait longer: one of them may be the cause.
func (b *buyer) leave(e *Error, pieces []piece) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leaveLocked(e)
	for _, pc := range pieces {
		if errors.Is(e, errSilent) || e.Billed {
			b.met[pc.u] = outcome{none, e}
		}
	}
}

func (b *buyer) leaveLocked(e *Error) {
	if b.last == nil {
		b.last = e
		if !b.lim.Human {
			b.breaker.rest(e)
		}
	}
}

// Texts in a row of which no answer came before an engine is left: few if it has not answered at
// all yet. News of one affair may be refused ten times in a row.
const (
	fewDuds  = 3
	manyDuds = 12
)

// setAside leaves pieces, each asked for alone or often, to the next engine because of e.
func (b *buyer) setAside(e *Error, pieces ...piece) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := outcome{none, e}
	if e.Kind == Refused || e.Kind == TooLarge {
		o.end = refused
	}
	for _, pc := range pieces {
		b.met[pc.u] = o
	}
	b.dud(e)
}

// miscounted notes an answer for so many texts that has another number of them.
func (b *buyer) miscounted(e *Error, texts int) {
	b.breaker.miscounted(1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rep.note(e, texts)
}

// dud counts a text of which no answer came. The caller holds b.mu.
func (b *buyer) dud(e *Error) {
	most := map[trust]int{doubtful: 1, unknown: fewDuds, proven: manyDuds}[b.breaker.trusted()]
	if b.duds++; b.duds >= most {
		b.leaveLocked(e)
	}
}

// failed returns a failure of the engine that its answer shows.
func (b *buyer) failed(k Kind, code string) *Error {
	return &Error{Kind: k, Engine: b.e.ID().Engine, Code: code}
}

// errSilent says that an engine has not answered any call for its patience.
var errSilent = errors.New("no answer")

// A service that is alive answers within a minute, if only with an error.
const longestSilence = time.Minute

// patience is how long the engine may leave all calls unanswered. A machine of one's own may have to
// load its model first, so it has the whole time of a call.
func (b *buyer) patience() time.Duration {
	if b.lim.Free {
		return b.lim.Timeout
	}
	return min(2*b.lim.Timeout, longestSilence)
}

// silence is for how long no call was answered.
func (b *buyer) silence() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Since(b.heard)
}

// hear notes an answer.
func (b *buyer) hear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard = time.Now()
}

// ask calls the engine. It gives up after the time of a call, or once no call is answered.
func (b *buyer) ask(ctx context.Context, req Request) (Response, error) {
	b.mu.Lock()
	if b.heard.IsZero() {
		b.heard = time.Now()
	}
	b.mu.Unlock()
	if !b.lim.Free {
		var cancel context.CancelFunc
		ctx, cancel = outlasting(ctx)
		defer cancel()
	}
	if b.lim.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, b.lim.Timeout)
		defer cancel()
		if b.patience() < b.lim.Timeout {
			go b.watch(ctx, cancel)
		}
	}
	res, err := b.e.Translate(ctx, req)
	var e *Error
	if !errors.As(err, &e) || e.Status != 0 {
		b.hear()
	}
	return res, err
}

// watch cancels a call once no call has been answered for the engine's patience.
func (b *buyer) watch(ctx context.Context, cancel context.CancelFunc) {
	for left := b.patience(); left > 0; left = b.patience() - b.silence() {
		if sleep(ctx, left) != nil {
			return
		}
	}
	cancel()
}

// hopeless counts a call that failed with e by no fault of a text, and reports whether to leave the
// engine. It makes e the reason.
func (b *buyer) hopeless(e *Error, part bool) bool {
	silence, trusted := b.silence(), b.breaker.trusted()
	b.mu.Lock()
	defer b.mu.Unlock()
	late := errors.Is(e, context.DeadlineExceeded) || errors.Is(e, context.Canceled)
	if late && (silence >= b.patience() || trusted == doubtful) {
		e.Err = fmt.Errorf("%w for %v", errSilent, silence.Round(time.Second))
		return true
	}
	if !e.particular() || !part && trusted != proven {
		b.fails++
	}
	return e.RetryAfter > longestPause || b.fails >= tries || trusted == doubtful && !e.particular()
}

// pauses are the times after which an answer that was none is asked for again, and freePauses those
// of an engine that bills nothing: a service recovers in minutes, or its text is not to be had.
var (
	pauses     = []time.Duration{15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}
	freePauses = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}
)

// suspect is after how many answers that were none a text is sent alone: it may be the cause.
const suspect = 2

// noAnswer returns the revision of a row of a text that an engine gave no answer for, so many times.
func noAnswer(id Identity, times int) string {
	revision := attempt(id) + ", no answer"
	if times > 1 {
		revision += " " + strconv.Itoa(times)
	}
	return revision
}

// unanswered returns how often, at most len(pauses), e gave no answer for u, and when it did last.
func (u *unit) unanswered(e Engine) (times int, last time.Time) {
	if len(u.rows) == 0 {
		return 0, last
	}
	id, terms := u.asks(e), glossary.Fingerprint(told(u.terms, e.Limits().Terms))
	for n := range pauses {
		for _, r := range u.rows {
			if r.failedAttempt(id, terms, noAnswer(id, n+1)) {
				times, last = n+1, r.At
			}
		}
	}
	return times, last
}

// asks identifies e as it is asked for u: what it fails at alone it may know with the opening.
func (u *unit) asks(e Engine) Identity {
	id := e.ID()
	if u.opening != nil && e.Limits().Context {
		id.Revision += ", with the opening"
	}
	return id
}

// failedAttempt reports whether r says that an engine failed.
func (r Row) failedAttempt(id Identity, terms, revision string) bool {
	return r.Target == "" && r.Engine == id.Engine && r.Model == id.Model && r.Glossary == terms &&
		r.Revision == revision
}

// failedBy reports whether the memory says that e gets u wrong, or gave no answer lately.
func (u *unit) failedBy(e Engine, now time.Time) bool {
	if len(u.rows) == 0 {
		return false
	}
	id, terms := u.asks(e), glossary.Fingerprint(told(u.terms, e.Limits().Terms))
	if slices.ContainsFunc(u.rows, func(r Row) bool { return r.failedAttempt(id, terms, attempt(id)) }) {
		return true
	}
	wait := pauses
	if e.Limits().Free {
		wait = freePauses
	}
	times, last := u.unanswered(e)
	return times > 0 && now.Sub(last).Abs() < wait[times-1]
}

// lacks reports whether u still lacks what this turn was to bring.
func (u *unit) lacks() bool { return u.row == nil || u.stale || u.unsure() }

// failures returns the rows that say what e failed to translate, so that it is not paid for the same
// mistake again. After an engine that gives no answers, all units wait.
func (b *buyer) failures(units []*unit) (rows []Row) {
	b.mu.Lock()
	defer b.mu.Unlock()
	stopped := b.last != nil
	for _, u := range units {
		o := b.met[u]
		if stopped && b.last.Kind == Malformed && o.end == pending {
			o.end = none
		}
		if !u.lacks() || o.end == pending || o.end == yielded {
			continue
		}
		row := b.row(u)
		row.Revision = attempt(u.asks(b.e))
		switch o.end {
		case none:
			times, _ := u.unanswered(b.e)
			if o.why != nil { // asked for
				times++
			}
			row.Revision = noAnswer(u.asks(b.e), min(max(times, 1), len(pauses)))
		case wrong, untrue:
			if stopped {
				continue // not every rung was tried
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// report adds to the report what the engine failed at. An engine that answered for none of several
// texts is left. A headline that is asked for again with its opening was told of before.
func (b *buyer) report(units []*unit) {
	b.mu.Lock()
	defer b.mu.Unlock()
	missed := 0
	for _, u := range units {
		o := b.met[u]
		if o.end == none {
			if missed++; missed >= fewDuds && b.breaker.trusted() != proven {
				b.leaveLocked(o.why)
			}
		}
		told := u.opening != nil && slices.ContainsFunc(u.rows, func(r Row) bool { return r.Target == "" })
		if o.why != nil && u.lacks() && (!told || o.why.Kind != Withheld) {
			b.rep.note(o.why, 1)
		}
	}
	if b.last != nil {
		b.rep.note(b.last, 0)
	}
}
