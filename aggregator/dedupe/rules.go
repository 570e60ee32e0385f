package dedupe

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Window limits how far apart copies may be, in their dates and in when they were first seen: news is
// reprinted within three days, and similar texts after that are a series.
const Window = 72 * time.Hour

// EventWindow limits how far apart two reports of one event may be dated: one news day.
const EventWindow = 24 * time.Hour

const (
	// minStems is how many distinct stems, apart from those of the title, a text needs to be compared.
	// Shorter texts must be equal.
	minStems = 8
	// reposted is how far apart one source's items with nearly the same text may be dated to be one.
	reposted = 48 * time.Hour
)

// tier says how well an item matches a story, weakest first.
type tier uint8

const (
	unlike  tier = iota
	alike        // similar words, but a veto says different news
	event        // two reports of one event
	related      // a part of the text is the same
	copied       // nearly the same words, or a shortened text
	same         // the same address, or exactly the same words
)

// match is the result of comparing an item with a story.
type match struct {
	story *Candidate
	tier  tier
	score float64 // 0 to 1
	how   string  // what was found, before the figures
	like  likeness
	veto  string
}

// why explains m, and is empty if the tier is unlike.
func (m *match) why() string {
	switch {
	case m.tier == unlike:
		return ""
	case m.veto != "":
		return "apart from " + m.story.Story + ": " + m.how + m.like.String() + ", veto: " + m.veto
	case m.tier == copied || m.tier == related:
		return m.how + m.like.String()
	}
	return m.how
}

// compare compares p with the lead and the other texts of c.
func compare(p *Printing, c *Candidate) match {
	best := identical(p, c)
	for i := -1; i < len(c.Texts) && best.tier < same; i++ {
		t := c.Lead
		if i >= 0 {
			if t = c.Texts[i]; t == c.Lead {
				continue
			}
		}
		m := pair(p, t, c.Alike)
		if m.tier == copied && i >= 0 && !agrees(&p.Signature, &c.Lead.Signature) {
			m.tier, m.how = related, "as another printing, "+m.how
		}
		if m.tier > best.tier || m.tier == best.tier && m.score > best.score {
			best = m
		}
	}
	if best.tier < alike && c.Lead.Source != p.Source && within(p, c.Lead, EventWindow) {
		best = sameEvent(&p.Signature, &c.Lead.Signature, p.When.Sub(c.Lead.When).Abs())
	}
	best.story = c
	return best
}

// within reports whether two texts are dated and were first seen within a window.
func within(a, b *Printing, window time.Duration) bool {
	return a.When.Sub(b.When).Abs() <= window && a.Seen.Sub(b.Seen).Abs() <= Window
}

// identical compares addresses and words. A shared address alone proves nothing, since any source can
// claim another's.
func identical(p *Printing, c *Candidate) match {
	a, b := &p.Signature, &c.Lead.Signature
	if !c.Identical || a.lang != b.lang {
		return match{}
	}
	key := sharedKey(a, b)
	l := liken(a, b)
	if p.Source == c.Lead.Source {
		if p.When.Sub(c.Lead.When).Abs() > reposted || !sameWords(a, b) {
			return match{}
		}
	} else if !l.kin() || !within(p, c.Lead, Window) && a.stems < minStems && key != addressKey {
		return match{}
	}
	how := "identity: same address or words as another printing"
	switch key {
	case addressKey:
		how = "identity: same address"
	case textKey:
		how = "identity: same words"
	}
	return match{tier: same, score: l.jaccard, how: how}
}

// pair compares two texts, or, unless they are near in the Index, their titles.
func pair(p, t *Printing, near bool) match {
	a, b := &p.Signature, &t.Signature
	short, own := min(a.stems, b.stems), p.Source == t.Source
	if a.lang != b.lang || !near && !bare(a, b) || !within(p, t, Window) {
		return match{}
	}
	m := match{like: liken(a, b)}
	switch l := m.like; {
	case !own && bare(a, b) && titlesApart(a.title, b.title) == "":
		m.tier, m.score, m.how = copied, l.head, "copy: one headline, "
	case short < minStems, own && (!l.reprints() || !within(p, t, reposted) || len(a.title) < minTitle):
		return match{}
	case l.copies() && l.jaccard >= leastLike:
		m.tier, m.score, m.how = copied, l.jaccard, "copy: "
	case l.copies():
		m.tier, m.score, m.how = copied, l.contained*asSure, "shortened copy: "
	case l.tells():
		m.tier, m.score, m.how = related, l.contained, "same passage: "
	default:
		return match{}
	}
	if m.veto = conflict(a.marks, b.marks, own); m.veto != "" {
		m.tier = alike
	}
	return m
}

// bare reports whether one of two items says nothing beyond its title.
func bare(a, b *Signature) bool { return min(a.stems, b.stems) == 0 }

// likeness says how similar two texts are, each number 0 to 1 except longer.
type likeness struct {
	jaccard   float64 // 4-grams that both have, of all
	contained float64 // of those of the shorter text
	longer    float64 // how many times as long the longer text is
	head      float64 // words of the title that both have, of the shorter's
	open      float64 // stems of the first words that both have, of the shorter's
}

func liken(a, b *Signature) likeness {
	n, m, both := a.sketch.count(b.sketch)
	l := likeness{
		jaccard:   ratio(both, n+m-both),
		contained: ratio(both, min(n, m)),
		longer:    float64(max(a.words, b.words)) / float64(max(1, min(a.words, b.words))),
		open:      share(a.open, b.open),
	}
	if shared(a.title, b.title) >= min(minTitle, len(a.title), len(b.title)) { // one word of several is no agreement
		l.head = share(a.title, b.title)
	}
	return l
}

// Least likeness of copies. Chosen on three days of real news, by reading the pairs near each limit.
const (
	sureLike  = .6  // whatever the titles say
	leastLike = .4  // with titles or beginnings that agree weakly
	surePart  = .6  // of the shorter text, of two up to six times as long
	leastCopy = .5  // of the shorter text, of two up to three times as long
	leastPart = .35 // of the shorter text, to be linked
	asSure    = .9  // what a contained text is worth beside an equal one
)

// copies reports whether the texts are copies, or one is an excerpt of the other.
func (l likeness) copies() bool {
	return l.jaccard >= sureLike ||
		l.jaccard >= leastLike && (l.head >= .3 || l.open >= .6) ||
		l.contained >= leastCopy && l.longer <= 3 && (l.head >= .4 || l.open >= .5) ||
		l.contained >= surePart && l.longer <= 6 && (l.head >= .4 || l.open >= .6)
}

// tells reports whether the texts tell the same in part. A passage of many that only one of them is about
// is background: so its titles or beginnings must agree, unless it is most of the shorter text.
func (l likeness) tells() bool {
	return l.contained >= surePart || l.contained >= leastPart && (l.head >= .3 || l.open >= .3)
}

// minTitle is how many words of a title say what it is about.
const minTitle = 2

// reprints reports whether the texts are one that its own outlet printed twice.
func (l likeness) reprints() bool { return l.jaccard >= sureLike && l.head >= sureLike }

// kin reports whether the texts can be about the same thing. Excerpts have nearly all of the 4-grams or
// of the title; unrelated texts share hardly any.
func (l likeness) kin() bool { return l.contained >= .25 || l.head >= .5 || l.open >= .25 }

// agrees reports whether a text that is a copy of one in a story is about the same thing as its lead.
// It parts the chains that round-ups make.
func agrees(a, lead *Signature) bool {
	l := liken(a, lead)
	return l.contained >= .3 || l.head >= .5
}

// down rounds a figure down, so that one below a limit is not shown as equal to it.
func down(f float64) float64 { return math.Floor(f*100) / 100 }

func (l likeness) String() string {
	return fmt.Sprintf("likeness %.2f, %.2f of the shorter text, titles %.2f, beginnings %.2f",
		down(l.jaccard), down(l.contained), down(l.head), down(l.open))
}

// keyKind is the kind of an identity key, stored in its lowest bit.
type keyKind int64

const (
	addressKey keyKind = 0
	textKey    keyKind = 1
	noKey      keyKind = -1 // the lead shares no key; another item of the story does
)

// sameWords reports whether two signatures share the identity key of title and text.
func sameWords(a, b *Signature) bool {
	return slices.ContainsFunc(a.Identity, func(k int64) bool { return IsWords(k) && slices.Contains(b.Identity, k) })
}

// sharedKey returns the kind of the first identity key that two signatures share.
func sharedKey(a, b *Signature) keyKind {
	for _, k := range a.Identity {
		if slices.Contains(b.Identity, k) {
			return keyKind(k & 1)
		}
	}
	return noKey
}

// Apart returns the stories of near that p neither joins nor is linked to, with the reasons, closest
// first. Link.Points is how close.
func Apart(p Printing, near []Candidate) (out []Link) {
	for i := range near {
		c := &near[i]
		m := compare(&p, c)
		if m.tier > alike {
			continue
		}
		l := liken(&p.Signature, &c.Lead.Signature)
		why := m.why()
		if why == "" {
			why = l.String() + "; " + notEvent(&p.Signature, &c.Lead.Signature)
			if bare(&p.Signature, &c.Lead.Signature) {
				why += "; " + titlesApart(p.Signature.title, c.Lead.Signature.title)
			}
		}
		out = append(out, Link{c.Story, why, max(m.score, l.contained, l.head/2)})
	}
	surest(out)
	return out
}
