package parse

import (
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed/rss"

	"github.com/nashra/nashra/feeds"
)

// maxTTL limits what a feed says of its own pace.
const maxTTL = 366 * 24 * time.Hour

// ttl returns how long the feed says it stays unchanged: the longer of RSS's ttl (minutes) and the
// syndication module's period.
func (r *reader) ttl() (ttl time.Duration) {
	if f, ok := r.feed.OriginalFeed().(*rss.Feed); ok {
		if n, err := strconv.Atoi(strings.TrimSpace(f.TTL)); err == nil && n > 0 {
			ttl = time.Duration(min(n, int(maxTTL/time.Minute))) * time.Minute
		}
	}
	const day = 24 * time.Hour
	periods := map[string]time.Duration{"hourly": time.Hour, "daily": day, "weekly": 7 * day, "monthly": 30 * day,
		"yearly": 365 * day}
	sy := r.feed.Extensions["sy"]
	period := periods[strings.TrimSpace(first(sy, "updatePeriod"))]
	if n, err := strconv.Atoi(strings.TrimSpace(first(sy, "updateFrequency"))); err == nil && n > 0 {
		period /= time.Duration(n)
	}
	return max(ttl, period)
}

const (
	allHours = 1<<24 - 1
	allDays  = 1<<7 - 1
)

// skip returns when the feed asks not to be polled. A feed that leaves no time at all is mistaken.
func (r *reader) skip() (s feeds.Skip) {
	f, ok := r.feed.OriginalFeed().(*rss.Feed)
	if !ok {
		return s
	}
	for _, h := range f.SkipHours {
		if n, err := strconv.Atoi(strings.TrimSpace(h)); err == nil && n >= 0 && n <= 24 { // 24 is midnight in RSS 0.91
			s.Hours |= 1 << (n % 24)
		}
	}
	for _, d := range f.SkipDays {
		for day := time.Sunday; day <= time.Saturday; day++ {
			if strings.EqualFold(strings.TrimSpace(d), day.String()) {
				s.Days |= 1 << day
			}
		}
	}
	if s.Hours == allHours || s.Days == allDays {
		return feeds.Skip{}
	}
	return s
}
