package aggregator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// In a daemon a new story waits up to ten minutes for its translation; what was shown is never
// withdrawn.
func TestNewStoriesWaitForTheirTranslation(t *testing.T) {
	r := newRig(t, map[string]string{"/one": rss(article("1", "OpenAI تكشف نموذجا جديدا بكلفة أقل", firstText,
		secondText))})
	r.opt.Hold, r.opt.Channels[0].Wait = true, 10*time.Minute
	do := func(translated bool) aggregator.Published {
		t.Helper()
		a := r.over(r.st)
		if _, err := a.Group(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, part := range []translate.Role{translate.Title, translate.Body} {
			if _, err := a.Translate(t.Context(), part); translated && err != nil {
				t.Fatal(err)
			}
		}
		p, err := a.Publish(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	poll := func() {
		t.Helper()
		if _, err := r.over(r.st).Poll(t.Context(), nil, false, "one"); err != nil {
			t.Fatal(err)
		}
	}
	entries := func() int { return strings.Count(r.files(t)["feed.atom"], "<entry") }

	r.broken = true
	poll()
	if p := do(false); p.Stories != 0 || !p.Next.Equal(noon.Add(10*time.Minute)) {
		t.Fatalf("a story without its translation: %+v", p)
	}
	r.time = noon.Add(5 * time.Minute)
	r.broken = false
	if p := do(true); p.Stories != 1 || p.Waiting != 0 || !p.Next.IsZero() || entries() != 1 {
		t.Fatalf("translated after five minutes: %+v", p)
	}
	// all of the story is edited and another arrives, while the engine is down again
	r.time, r.broken = noon.Add(6*time.Minute), true
	r.pages["/one"] = rss(article("1", "هواوي تكشف هاتفا بثلاث شاشات", otherText, lastText),
		article("2", "خبر ثان عن شركة ناشئة", "جمعت شركة ناشئة في الرياض 12 مليون دولار لتوسيع خدماتها في المدفوعات "+
			"الرقمية.", "ويقود الجولة صندوق محلي مع مستثمرين من المنطقة."))
	poll()
	if p := do(false); p.Stories != 1 || !p.Next.Equal(noon.Add(16*time.Minute)) || entries() != 1 {
		t.Fatalf("a published story was withdrawn, or a new one not held: %+v", p)
	}
	r.time = noon.Add(16 * time.Minute)
	if p := do(false); p.Stories != 2 || p.Waiting != 2 || entries() != 2 {
		t.Fatalf("after ten minutes without an engine: %+v", p)
	}
}

// Stories held back do not count: the feed and the page stay as long as before, however many wait.
func TestHeldStoriesDoNotShrinkAChannel(t *testing.T) {
	const limit, more = 3, 40 // more than are read to find some that are shown
	news := func(from, n int) string {
		var list []string
		for i := from; i < from+n; i++ {
			list = append(list, article(fmt.Sprint(i), fmt.Sprintf("خبر رقم %d عن شركة %d", 1000+i*37, i),
				fmt.Sprintf("أعلنت الشركة رقم %d عن منتج بسعر %d دولار.", i, 500+i*91), lastText))
		}
		return rss(list...)
	}
	for _, how := range []string{"wait", "budget"} {
		t.Run(how, func(t *testing.T) {
			r := newRig(t, map[string]string{"/one": news(0, limit)})
			r.opt.Channels[0].Limit = limit
			if how == "wait" {
				r.opt.Hold, r.opt.Channels[0].Wait = true, 10*time.Minute
			} else {
				r.opt.OnBudget = "hold"
			}
			if rep := r.pass(t); rep.Published.Stories != limit {
				t.Fatalf("%+v", rep.Published)
			}
			before := r.files(t)["feed.atom"]
			r.time, r.broken = noon.Add(time.Hour), true
			r.pages["/one"] = news(limit, more)
			a := r.over(r.st)
			if _, err := a.Poll(t.Context(), nil, false, "one"); err != nil {
				t.Fatal(err)
			}
			if g, err := a.Group(t.Context()); err != nil || g.Born != more {
				t.Fatalf("%+v, %v", g, err)
			}
			p, err := a.Publish(t.Context())
			if err != nil || p.Stories != limit || r.files(t)["feed.atom"] != before {
				t.Errorf("%d new ones wait, and of %d stories %d are shown, %v", more, limit, p.Stories, err)
			}
			_, list, err := a.Catalog.Channel(t.Context(), r.opt.Channels[0], feeds.Bilingual)
			if err != nil || len(list) != limit || list[0].State != feeds.Done {
				t.Errorf("the server has %d stories, %v", len(list), err)
			}
			if waiting, err := a.Catalog.Backlog(t.Context()); err != nil || len(waiting.Since) != limit {
				t.Errorf("%d wait, %v", len(waiting.Since), err)
			}
			r.broken = false
			if _, err := a.Pass(t.Context(), true, nil, aggregator.Watch{}); err != nil {
				t.Fatal(err)
			}
			if after := r.files(t)["feed.atom"]; strings.Count(after, "<entry") != limit || after == before {
				t.Errorf("translated, they are not shown: %d entries", strings.Count(after, "<entry"))
			}
		})
	}
}
