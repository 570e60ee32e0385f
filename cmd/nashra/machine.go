package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"
)

// checkClock refuses a clock that is years behind, as of a machine without a battery that has not
// reached its time server yet: items would be kept, and later expired, by wrong dates.
func checkClock(now time.Time) error {
	// chosen on 2026-11-30: no release is older
	if now.Before(time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)) {
		return hinted{fmt.Errorf("the clock says %s, when this program did not exist", now.UTC().Format(time.DateOnly)),
			"set the clock, or start nashra when the time server has set it"}
	}
	return nil
}

// makeTemp makes a temporary folder.
func makeTemp(name string) (string, error) {
	dir, err := os.MkdirTemp("", name)
	if err != nil {
		return "", hinted{fmt.Errorf("make a temporary folder: %w", err), "set TMPDIR to a folder that can be written"}
	}
	return dir, nil
}

// reporting is a listener that says, once a minute at most, why it cannot accept connections.
type reporting struct {
	net.Listener
	log  *slog.Logger
	last time.Time
}

// Accept is called by one goroutine only, as http.Server does.
func (r *reporting) Accept() (net.Conn, error) {
	conn, err := r.Listener.Accept()
	if err != nil && !errors.Is(err, net.ErrClosed) && time.Since(r.last) > time.Minute {
		r.last = time.Now()
		r.log.Warn("cannot accept connections", "at", r.Addr(), "error", err,
			"hint", "a larger limit of open files (ulimit -n, LimitNOFILE=)")
	}
	return conn, err
}
