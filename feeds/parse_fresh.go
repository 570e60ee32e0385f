package feeds

import (
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed/rss"
)

// Skip is when a feed asks not to be polled: RSS's skipHours and skipDays, in UTC. The zero Skip is never.
type Skip struct {
	Hours uint32 // bit n: the hour n, 0 to 23
	Days  uint8  // bit n: the time.Weekday n
}

const (
	allHours = 1<<24 - 1
	allDays  = 1<<7 - 1
)

// At says whether t is in it.
func (s Skip) At(t time.Time) bool {
	t = t.UTC()
	return s.Hours>>t.Hour()&1 == 1 || s.Days>>t.Weekday()&1 == 1
}

// skip is the feed's. One that leaves no time at all is a mistake, and none.
func (r *reader) skip() (s Skip) {
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
		return Skip{}
	}
	return s
}
