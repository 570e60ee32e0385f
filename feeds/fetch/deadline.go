package fetch

import "time"

// deadline cancels a request after a time that can be paused. It is for one goroutine.
type deadline struct {
	timer *time.Timer
	left  time.Duration
	since time.Time // when left was true
}

func newDeadline(d time.Duration, cancel func()) *deadline {
	return &deadline{timer: time.AfterFunc(d, cancel), left: d, since: time.Now()}
}

// pause calls f, which waits for something other than the server, with the deadline stopped.
func (d *deadline) pause(f func() error) error {
	if d.timer.Stop() {
		d.left -= time.Since(d.since)
	}
	err := f()
	d.since = time.Now()
	d.timer.Reset(max(0, d.left))
	return err
}
