package operator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/translate"
)

// State says in one word how nashra is doing.
type State string

// The states.
const (
	Healthy  State = "healthy"
	Degraded State = "degraded" // feeds are published, and something needs the operator
	Failing  State = "failing"  // readers get nothing new
)

// states are all states.
var states = []State{Healthy, Degraded, Failing}

// Health is the state and its reasons, those of failing first. The command, /healthz, metrics and
// the page all show it.
type Health struct {
	State   State    `json:"state"`
	Reasons []Reason `json:"reasons"`
}

// Reason is a fault that makes nashra degraded or failing.
type Reason struct {
	What   string    `json:"what"` // store, sources, list, publishing, member, model, engine, budget, backlog, notify
	Name   string    `json:"name"` // which one; may be empty
	Cause  string    `json:"cause"`
	Since  time.Time `json:"since,omitzero"` // zero: unknown
	Remedy string    `json:"remedy"`
}

// failing reports whether r makes nashra failing, not only degraded.
func (r Reason) failing() bool {
	return slices.Contains([]string{"store", "sources", "publishing"}, r.What)
}

// oldBacklog is how long stories may wait for their translation: engines recover in minutes and
// publishers' bursts end in hours (the maintainers' choice, 2026-11-29).
const oldBacklog = 6 * time.Hour

// memberPatience is how long a failure of another member to publish counts after its last try. A
// member that runs tries every minute (chosen on 2026-11-30).
const memberPatience = time.Hour

func newHealth(reasons ...Reason) Health {
	h := Health{State: Healthy, Reasons: []Reason{}}
	for _, r := range reasons {
		if r.failing() {
			h.State = Failing
		}
	}
	if len(reasons) > 0 && h.State == Healthy {
		h.State = Degraded
	}
	h.Reasons = append(h.Reasons, reasons...)
	return h
}

// NoStore returns the status while the store does not answer.
func NoStore(cause string) Status {
	return Status{At: time.Now().UTC().Truncate(time.Second), Health: newHealth(Reason{What: "store", Cause: cause,
		Remedy: "check its file or its server: nashra store check, and the log of nashra serve"})}
}

// Judge sets s.Health by the rest of s.
func (s *Status) Judge() {
	s.Health = newHealth(slices.Concat(s.silence(), s.listReasons(), s.unpublishedReasons(), s.engineReasons(),
		s.budgetReasons(), s.backlogReasons(), s.notifyReasons())...)
	if s.Held > 0 {
		s.HeldWhy = s.heldWhy()
	}
}

// heldWhy says why the headlines of stories that English editions hold back are not translated.
func (s *Status) heldWhy() string {
	for _, r := range s.Health.Reasons {
		if slices.Contains([]string{"model", "engine", "budget"}, r.What) {
			return strings.TrimSpace(r.What+" "+r.Name) + ": " + r.Cause
		}
	}
	return "their headlines wait for the next translation"
}

// silence returns a reason if no enabled source has succeeded within three rounds of its schedule.
func (s *Status) silence() []Reason {
	var last, worst Source
	on := 0
	for _, src := range s.Sources {
		if src.Off {
			continue
		}
		on++
		if never := src.Success.IsZero() && src.Failures > 0; !src.Late && !never {
			return nil
		}
		if src.Success.After(last.Success) {
			last = src
		}
		if src.Failures > worst.Failures {
			worst = src
		}
	}
	if on == 0 {
		return nil
	}
	r := Reason{What: "sources", Since: last.Success, Cause: "none has succeeded within three rounds of its schedule",
		Remedy: "check the network of this machine; nashra sources check shows what each source answers"}
	switch {
	case worst.ID != "":
		r.Cause += fmt.Sprintf("; %s: %s", worst.ID, worst.Class)
	case s.Serving.IsZero():
		r.Cause, r.Remedy = "none was polled for three rounds of its schedule",
			"run nashra fetch by a timer, or keep nashra serve running"
	default:
		r.Remedy = "see the log of nashra serve: no poll has been stored"
	}
	return []Reason{r}
}

// unpublishedReasons returns a reason for each place where publishing failed at the last try. A
// failure of another member keeps none of the own readers waiting.
func (s *Status) unpublishedReasons() (out []Reason) {
	for _, u := range s.unpublished {
		r := Reason{"publishing", u.Place, u.Cause, u.Since,
			"make sure that nashra may write there and that the disk has room"}
		if !u.Ours {
			r.What = "member"
		}
		if u.Ours || s.At.Sub(u.Last) < memberPatience {
			out = append(out, r)
		}
	}
	return out
}

// engineReasons returns a reason for each engine that lacks its model, or that has failed since its
// last success.
func (s *Status) engineReasons() (out []Reason) {
	for _, e := range s.Engines {
		at := len(out)
		if e.Lacks != "" {
			out = append(out, Reason{What: "model", Name: e.Name, Cause: e.Lacks, Remedy: e.Remedy})
		}
		for _, t := range e.Troubles {
			switch {
			case !t.Left || t.Kind == translate.Budget:
			case e.Lacks != "" && t.Kind == translate.Unsupported: // for want of its model
				out[at].Since = t.Since
			default:
				out = append(out, Reason{"engine", e.Name, t.Cause, t.Since, t.Todo})
			}
		}
	}
	return out
}

// budgetReasons returns a reason for each budget that is spent: nothing is left, or too little was
// left for a call in the present period.
func (s *Status) budgetReasons() (out []Reason) {
	since := map[int]time.Time{} // by index of a spent budget
	for i, b := range s.Budgets {
		if b.Left == (translate.Cost{}) {
			since[i] = time.Time{}
		}
	}
	for _, e := range s.Engines {
		for _, t := range e.Troubles {
			if i := s.shortest(e.Name, t); t.Kind == translate.Budget && i >= 0 {
				since[i] = t.Since
			}
		}
	}
	for i, b := range s.Budgets {
		if at, spent := since[i]; spent {
			out = append(out, Reason{"budget", b.Of(), "the budget of the " + b.Period + " is spent: " +
				b.amount(b.Used) + " of " + b.amount(b.Limit), at,
				"raise it under translate.budget, add a free engine, or wait for the next " + b.Period})
		}
	}
	return out
}

// shortest returns the index of the budget of which an engine with that trouble has the least left,
// among those of the period that the trouble is of; -1: none, as a new period has begun.
func (s *Status) shortest(engine string, t Trouble) int {
	least := -1
	for i, b := range s.Budgets {
		of := b.Engine == "" || b.Engine == engine
		if of && !t.Last.Before(b.Begun) && (least < 0 || b.Share() > s.Budgets[least].Share()) {
			least = i
		}
	}
	return least
}

func (s *Status) backlogReasons() (out []Reason) {
	if at := s.Untouched; !at.IsZero() && s.At.Sub(at) > oldBacklog {
		out = append(out, Reason{"backlog", "translation", s.waiting(), at,
			"nashra engines check shows what each engine answers"})
	}
	if s.Ungrouped > 0 && s.At.Sub(s.Loose) > oldBacklog {
		out = append(out, Reason{"backlog", "grouping", counted(s.Ungrouped, "item is in no story yet",
			"items are in no story yet"), s.Loose, "nashra fetch groups them, or says why it cannot"})
	}
	return out
}

// String says in one line what is wrong, why, since when, and what to do.
func (r Reason) String() string {
	text := r.What
	if r.Name != "" {
		text += " " + r.Name
	}
	if text += ": " + r.Cause; !r.Since.IsZero() {
		text += "; since " + Stamp(r.Since)
	}
	return text + "; " + r.Remedy
}

// String is the state, and the reasons on lines of their own.
func (h Health) String() string {
	text := string(h.State) + "\n"
	for _, r := range h.Reasons {
		text += r.String() + "\n"
	}
	return text
}

// Tone is good, warn or bad.
func (h Health) Tone() string {
	return map[State]string{Healthy: "good", Degraded: "warn", Failing: "bad"}[h.State]
}
