package operator

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/nashra/nashra/translate"
)

// Print writes s as text for people.
func (s Status) Print(out io.Writer) error {
	fmt.Fprintln(out, s.Health)
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "SOURCE\tLAST SUCCESS\tNEXT\tA DAY\tSTATE")
	for _, src := range s.Sources {
		success := cmp.Or(Stamp(src.Success), "never")
		fmt.Fprintf(tw, "%s\t%s\t%s\t%.1f\t%s\n", src.ID, success, src.next(), src.PerDay, src.State())
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for _, l := range s.Lists {
		fmt.Fprintf(out, "list %s: %s; %s\n", l.ID, l.Counts(), l.State())
	}
	if s.Ungrouped > 0 {
		fmt.Fprintf(out, "%s, the first since %s\n", counted(s.Ungrouped, "item is in no story yet",
			"items are in no story yet"), Stamp(s.Loose))
	}
	if s.Waiting > 0 {
		fmt.Fprintf(out, "%s, the first since %s\n", s.waiting(), Stamp(s.Since))
	} else {
		fmt.Fprintln(out, "no story waits for its translation")
	}
	if s.Held > 0 {
		fmt.Fprintln(out, s.held())
	}
	if s.Beyond > 0 {
		fmt.Fprintln(out, BeyondLimit(s.Beyond))
	}
	for _, e := range s.Engines {
		fmt.Fprintf(out, "engine %s: %s\n", e.Name, e.State())
		for _, t := range e.Troubles {
			fmt.Fprintf(out, "engine %s: %s\n", e.Name, t)
		}
	}
	for _, t := range s.Notify {
		fmt.Fprintf(out, "notify %s: %s\n", t.ID, t.State())
	}
	for _, m := range s.Members {
		state := "running"
		if m.Leader {
			state = "running, leader"
		}
		fmt.Fprintf(out, "member %s: %s since %s\n", m.ID, state, Stamp(m.Since))
	}
	for _, b := range s.Budgets {
		fmt.Fprintf(out, "budget of %s: %s\n", b.Of(), b.State())
	}
	if s.Serving.IsZero() {
		fmt.Fprintln(out, "no daemon answers")
	} else {
		fmt.Fprintf(out, "a daemon has been serving since %s\n", Stamp(s.Serving))
	}
	return nil
}

// next is when the source is polled next.
func (s Source) next() string {
	switch {
	case !s.Due.IsZero():
		return Stamp(s.Due)
	case s.Why != "":
		return "never"
	}
	return "now"
}

// State says whether the source succeeds, and why it is not polled now.
func (s Source) State() string {
	text := "ok"
	switch {
	case s.Error != "":
		text = fmt.Sprintf("%s, %d in a row: %s", s.Class, s.Failures, s.Error)
	case s.Polled.IsZero():
		text = "never polled"
	}
	if s.Late {
		text = "late; " + text
	}
	if s.Note != "" {
		text += "; odd: " + s.Note
	}
	if s.LeftOut > 0 {
		text += "; " + counted(s.LeftOut, "item", "items") + " left out by its rules"
	}
	if s.Moved != "" {
		text += "; moved for good to " + s.Moved
	}
	if s.Why != "" {
		text += "; " + s.Why
	}
	return text
}

// State says whether the engine is called, and how its calls went.
func (e Engine) State() string {
	text := "ready"
	switch {
	case e.Resting != "":
		text = fmt.Sprintf("paused until %s: %s", Stamp(e.Until), e.Resting)
	case e.Lacks != "":
		text = "not ready: " + e.Lacks + "; " + e.Remedy
	case e.failing():
		text = "failing"
	}
	if e.Calls == 0 {
		return text
	}
	failed := 0
	for _, n := range e.Failed {
		failed += n
	}
	return fmt.Sprintf("%s; %d calls, %d failed, 50%% within %s, 95%% within %s",
		text, e.Calls, failed, e.within(.5), e.within(.95))
}

// failing reports whether the engine was left when it was last asked, other than for a spent budget.
func (e Engine) failing() bool {
	return slices.ContainsFunc(e.Troubles, func(t Trouble) bool { return t.Left && t.Kind != translate.Budget })
}

// Tone is good, warn or bad.
func (e Engine) Tone() string {
	switch {
	case e.Resting != "" || e.Lacks != "" || e.failing():
		return "bad"
	case len(e.Troubles) > 0:
		return "warn"
	}
	return "good"
}

// String says what fails since when, how often, and what to do.
func (t Trouble) String() string {
	count := fmt.Sprintf("%d texts", t.Count)
	if t.Left {
		count = fmt.Sprintf("%d times", t.Count)
	}
	return fmt.Sprintf("since %s, %s: %s; %s", Stamp(t.Since), count, t.Cause, t.Todo)
}

// within says how long the given share of the calls took at most.
func (e EngineCalls) within(share float64) string {
	sum := 0
	for i, n := range e.Took[:min(len(e.Took), len(latencyBounds))] {
		if sum += n; float64(sum) >= share*float64(e.Calls) {
			return fmt.Sprintf("%g s", latencyBounds[i])
		}
	}
	return fmt.Sprintf("more than %g s", latencyBounds[len(latencyBounds)-1])
}

// Of names the engines that the budget limits.
func (b Budget) Of() string { return cmp.Or(b.Engine, "all engines") }

// State says how much of the budget is used.
func (b Budget) State() string {
	return fmt.Sprintf("%s used of %s this %s, %s left, %s at this pace",
		b.amount(b.Used), b.amount(b.Limit), b.Period, b.amount(b.Left), b.amount(b.Projected))
}

// amount formats a cost in the unit of the limit.
func (b Budget) amount(c translate.Cost) string {
	if b.Limit.Micros > 0 {
		return fmt.Sprintf("$%.2f", c.Dollars())
	}
	return humanize.Comma(c.Chars) + " characters"
}

func (s Status) waiting() string {
	return counted(s.Waiting, "story waits for its translation", "stories wait for their translation")
}

// held says how many stories English editions hold back, why and since when.
func (s Status) held() string {
	text := counted(s.Held, "story is", "stories are") + " held back from the English edition"
	if !s.HeldSince.IsZero() {
		text += ", the first since " + Stamp(s.HeldSince)
	}
	return text + ": " + s.HeldWhy
}

// BeyondLimit says how many stories are beyond the limits of the channels.
func BeyondLimit(n int) string {
	return counted(n, "story is beyond the limit", "stories are beyond the limit") + ": channels show the newest only"
}

// counted is a number with what it counts.
func counted(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return humanize.Comma(int64(n)) + " " + several
}

// Stamp formats a time in UTC, to the minute; the zero time is empty.
func Stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}
