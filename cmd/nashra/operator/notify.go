package operator

import (
	"context"
	"fmt"
	"time"
)

// Target is the status of a place that is told of new stories.
type Target struct {
	ID      string    `json:"id"`
	Channel string    `json:"channel"`
	Sent    int       `json:"sent"`     // messages, of all time
	Waiting int       `json:"waiting"`  // messages
	GivenUp int       `json:"given_up"` // messages, of all time
	Error   string    `json:"error,omitempty"`
	Since   time.Time `json:"error_since,omitzero"`
	Next    time.Time `json:"next_try,omitzero"` // after a failure
}

// shortFailure is how long a target may fail before that is a fault: services restart in minutes, and
// four attempts fail in this time (notify.Patience).
const shortFailure = 10 * time.Minute

// targets returns the status of the targets of the config.
func (p *Process) targets(ctx context.Context) ([]Target, error) {
	out := []Target{}
	if len(p.Config.Notify) == 0 {
		return out, nil
	}
	known, err := p.Store.Targets(ctx)
	if err != nil {
		return nil, err
	}
	for _, to := range p.Config.Notify {
		t := known[to.ID]
		out = append(out, Target{ID: to.ID, Channel: to.Channel, Sent: t.Sent, Waiting: t.Waiting, GivenUp: t.GivenUp,
			Error: t.Error, Since: t.Failing, Next: t.Again})
	}
	return out, nil
}

// notifyReasons returns a reason for each target that has failed for a while.
func (s *Status) notifyReasons() (out []Reason) {
	for _, t := range s.Notify {
		if t.Error != "" && s.At.Sub(t.Since) >= shortFailure {
			out = append(out, Reason{"notify", t.ID, t.Error, t.Since,
				"nashra notify test " + t.ID + " sends it a message, or says why it cannot"})
		}
	}
	return out
}

// State says how many messages were sent, and what fails.
func (t Target) State() string {
	text := counted(t.Sent, "message sent", "messages sent")
	if t.Waiting > 0 {
		text += ", " + counted(t.Waiting, "waits", "wait")
	}
	if t.GivenUp > 0 {
		text += ", " + counted(t.GivenUp, "given up", "given up")
	}
	if t.Error != "" {
		text += fmt.Sprintf("; failing since %s: %s", Stamp(t.Since), t.Error)
	}
	return text
}

// Tone is good, warn or bad.
func (t Target) Tone() string {
	switch {
	case t.Error != "":
		return "bad"
	case t.GivenUp > 0:
		return "warn"
	}
	return "good"
}
