package fetch

import (
	"cmp"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longest is the most that a server's word counts for, Retry-After and freshness alike: a source is asked daily at least, since a
// mistaken header would otherwise silence it for good.
const longest = 24 * time.Hour

// fresh is until when the server wants its answer to be taken for good (RFC 9111 4.2): max-age, else Expires, less the time it
// spent in caches; zero where it does not say, or says no.
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
		wait = expires.Sub(date(h, now))
	}
	if spent, err := strconv.ParseUint(h.Get("Age"), 10, 31); err == nil {
		wait -= time.Duration(spent) * time.Second
	}
	if wait <= 0 {
		return time.Time{}
	}
	return now.Add(min(wait, longest))
}

// maxAge reads Cache-Control. stated is false where it says nothing of how long; no-store, no-cache and a max-age that is no
// number state zero.
func maxAge(h http.Header) (age time.Duration, stated bool) {
	for part := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, valued := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(name) {
		case "no-store":
			return 0, true
		case "no-cache": // with a value it speaks of single header fields
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

// retryAfter is how long h asks to wait (RFC 9110 10.2.3); zero if it does not say or the time has passed.
func retryAfter(h http.Header, now time.Time) time.Duration {
	s := h.Get("Retry-After")
	wait := seconds(s)
	if t, err := http.ParseTime(s); err == nil {
		wait = t.Sub(date(h, now))
	}
	return min(max(wait, 0), longest)
}

// seconds reads digits; what is none is zero, what is too long is the longest.
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

// date is the server's own clock, so that a difference to it holds where ours is wrong; now, where it does not say.
func date(h http.Header, now time.Time) time.Time { return cmp.Or(clockOf(h), now) }

func clockOf(h http.Header) time.Time {
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
