package fetch

import (
	"cmp"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxWait limits Retry-After and freshness: a mistaken header must not silence a source for longer
// than a day.
const maxWait = 24 * time.Hour

// fresh returns until when a response stays fresh (RFC 9111 4.2): max-age, else Expires, less the
// time it spent in caches. It returns zero if h does not say, or forbids reuse.
func fresh(h http.Header, now time.Time) time.Time {
	var wait time.Duration
	age, stated := maxAge(h)
	switch {
	case stated:
		wait = age
	case h.Get("Expires") != "":
		expires, err := http.ParseTime(h.Get("Expires"))
		if err != nil {
			return time.Time{} // "0" and the like: already stale
		}
		wait = expires.Sub(serverNow(h, now))
	}
	if spent, err := strconv.ParseUint(h.Get("Age"), 10, 31); err == nil {
		wait -= time.Duration(spent) * time.Second
	}
	if wait <= 0 {
		return time.Time{}
	}
	return now.Add(min(wait, maxWait))
}

// maxAge returns the max-age of Cache-Control. no-store, no-cache and a max-age that is no number
// count as zero.
func maxAge(h http.Header) (age time.Duration, stated bool) {
	for part := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, valued := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(name) {
		case "no-store":
			return 0, true
		case "no-cache": // with a value it is about single header fields
			if !valued {
				return 0, true
			}
		case "max-age":
			if !stated {
				age, stated = seconds(strings.Trim(value, `"`)), true
			}
		}
	}
	return age, stated
}

// RetryAfter returns how long h asks to wait (RFC 9110 10.2.3), at most a day, or zero.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	s := h.Get("Retry-After")
	if s == "" {
		return 0
	}
	wait := seconds(s)
	if t, err := http.ParseTime(s); err == nil {
		wait = t.Sub(serverNow(h, now))
	}
	return min(max(wait, 0), maxWait)
}

// seconds parses decimal digits. Anything else is zero, and numbers over 2^31 are cut to that.
func seconds(s string) time.Duration {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > math.MaxInt32 {
		n = math.MaxInt32
	}
	return time.Duration(n) * time.Second
}

// serverNow returns the server's own time, so that differences to it hold even if our clock is
// wrong, or now.
func serverNow(h http.Header, now time.Time) time.Time { return cmp.Or(dateOf(h), now) }

// dateOf returns the Date of a response, or zero.
func dateOf(h http.Header) time.Time {
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
