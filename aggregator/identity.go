package aggregator

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// identify drops the items of a poll that are stored as they are, and signs the others. An item
// whose key moved gets the key of the stored item that it is. A new source has none stored.
func (a *Aggregator) identify(ctx context.Context, p *polling, poll *Poll) error {
	if len(poll.Items) == 0 {
		return nil
	}
	f := family{site: poll.State.Site, shared: poll.State.Shared, stored: map[string]*feeds.Item{},
		claimed: map[string]bool{}, kin: map[string][]relative{}}
	first := p.states[poll.State.ID].Succeeded.IsZero()
	if !first {
		oldest, newest := poll.Items[0].Published, poll.Items[0].Published
		for _, it := range poll.Items {
			f.claimed[it.GUID] = true
			oldest, newest = polite.Earliest(oldest, it.Published), polite.Latest(newest, it.Published)
		}
		f.built = len(poll.Items) > 1 && newest.Sub(oldest) < time.Minute
		var err error
		if poll.Items, err = a.Store.Unstored(ctx, p.at, poll.Items); err != nil {
			return fmt.Errorf("look up items: %w", err)
		}
	}
	var doubtful []Signed
	for i := range poll.Items {
		it := &poll.Items[i]
		if it.New = it.New || first; it.Same {
			continue
		}
		it.Complete()
		if a.sign(it, f.shared); it.Doubtful {
			doubtful = append(doubtful, *it)
		}
	}
	if len(doubtful) == 0 {
		return nil
	}
	kin, err := a.Store.Kin(ctx, doubtful, f.shared != "")
	if err != nil {
		return err
	}
	for i := range kin {
		f.add(&kin[i])
	}
	for i := range poll.Items {
		if it := &poll.Items[i]; it.Doubtful {
			f.place(&it.Item)
			it.New = it.New && f.stored[it.GUID] == nil
		}
	}
	for i := range poll.Items {
		if f.shared != poll.State.Shared && poll.Items[i].Doubtful {
			a.sign(&poll.Items[i], f.shared)
		}
	}
	poll.State.Shared = f.shared
	return nil
}

// sign signs an item, here because signing within a transaction would delay other writers.
func (a *Aggregator) sign(it *Signed, shared feeds.Shared) {
	it.Signature = Sign(it.Item, a.Lexicon, shared)
}

// Sign returns the signature of an item whose source's items share what shared says.
func Sign(it feeds.Item, known arabic.Lexicon, shared feeds.Shared) dedupe.Signature {
	s := dedupe.Sign(it, known)
	if shared != "" {
		s.Forget(shared.Has(it.Value(feeds.ByLink)), shared.Has(it.Headline()))
	}
	return s
}

// family is what is known of a source's items when a document of it is stored.
type family struct {
	site    string
	built   bool // the dates of the document's items are that of its making
	shared  feeds.Shared
	kin     map[string][]relative  // stored items that those of the document may be, by each of names
	stored  map[string]*feeds.Item // the same by key
	claimed map[string]bool        // keys of the document's items
}

// relative is an item with what it is compared by.
type relative struct {
	*feeds.Item
	page  string
	level feeds.Level
}

// mostNamed limits how many stored items an item is compared with, so that a flood stays linear.
const mostNamed = 50

func (f *family) add(c *feeds.Item) {
	f.stored[c.GUID] = c
	r := relative{c, c.Value(feeds.ByLink), c.Level()}
	for _, name := range r.names() {
		if list := f.kin[name]; len(list) < mostNamed {
			f.kin[name] = append(list, r)
		}
	}
}

// names returns what an item has in common with each stored item that it may be.
func (r relative) names() []string {
	return []string{r.Headline(), "page: " + r.page, "guid: " + r.Value(feeds.ByGUID)}
}

// place gives an item the key of the stored item that it is, else one that no other item has.
func (f *family) place(it *feeds.Item) {
	date := it.Published
	if f.built {
		it.Published = time.Time{}
	}
	delete(f.claimed, it.GUID)
	defer func() { f.claimed[it.GUID], it.Published = true, date }()
	for level := it.Level(); f.taken(it); level = it.Level() {
		f.shared = f.shared.With(it.Value(level))
		next, _ := feeds.Identify([]feeds.Item{*it}, f.site, f.shared)
		if *it = next[0]; it.Level() == level {
			break
		}
	}
	if f.stored[it.GUID] != nil { // an edit
		return
	}
	r := relative{it, it.Value(feeds.ByLink), it.Level()}
	var near []relative
	for _, name := range r.names() {
		near = append(near, f.kin[name]...)
	}
	for _, c := range near {
		if !f.claimed[c.GUID] && f.is(r, c) {
			it.Own, it.GUID = it.Key(feeds.ByGUID), c.GUID
			return
		}
	}
	linked := func(c relative) bool { return r.page != "" && c.page == r.page && it.Differs(c.Item) }
	if slices.ContainsFunc(near, linked) {
		f.shared = f.shared.With(r.page)
	}
	if slices.ContainsFunc(near, func(c relative) bool { return it.Series(c.Item) }) {
		f.shared = f.shared.With(it.Headline())
	}
}

// taken reports whether another item has the key of it.
func (f *family) taken(it *feeds.Item) bool {
	c := f.stored[it.GUID]
	return f.claimed[it.GUID] || c != nil && dedupe.Another(*c, *it)
}

// is reports whether a document's item whose key is new is the stored item c under another key.
func (f *family) is(it, c relative) bool {
	linked, dated := it.page != "" && it.page == c.page, it.SameDate(c.Item)
	if linked && dated && !f.shared.Has(it.page) {
		return true
	}
	if it.SameTitle(c.Item) && (!it.Series(c.Item) || dated && (linked || !f.shared.Has(it.Headline()))) {
		return true
	}
	own, its := it.level, c.level
	v := it.Value(max(own, its))
	if v == "" || v != c.Value(max(own, its)) || f.shared.Has(v) || dedupe.Another(*c.Item, *it.Item) {
		return false
	}
	return own > feeds.ByGUID || its == feeds.ByGUID || !it.Series(c.Item) // a guid of its own says that it is new
}
