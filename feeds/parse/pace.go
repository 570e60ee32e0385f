package parse

import (
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed/rss"

	"github.com/nashra/nashra/feeds"
)

const (
	allHours = 1<<24 - 1
	allDays  = 1<<7 - 1
)

// skip is the feed's. One that leaves no time at all is a mistake, and none.
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
