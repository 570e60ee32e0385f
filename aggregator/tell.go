package aggregator

import "github.com/nashra/nashra/translate"

// TellPolled logs what is out of the ordinary about a poll. The step that did the work logs, once; so do those below.
func (a *Aggregator) TellPolled(p Poll, err error) {
	switch {
	case err != nil:
		a.Log.Warn("source failed", "source", p.Memo.ID, "failures", p.Memo.Failures, "error", err)
	case p.Note != "":
		a.Log.Warn("source is odd", "source", p.Memo.ID, "note", p.Note)
	}
}

// TellGrouped logs what grouping did, if anything.
func (a *Aggregator) TellGrouped(g Grouped) {
	if g.Born+g.Joined > 0 {
		a.Log.Info("grouped", "stories", g.Born, "joined", g.Joined)
	}
}

// TellFetched logs what looking for articles came to, if any were looked for.
func (a *Aggregator) TellFetched(f Fetched) {
	if f.Read+len(f.Left) > 0 {
		a.Log.Info("looked for articles", "read", f.Read, "left", f.Left)
	}
}

// TellTranslated logs what translating a part came to, and what failed.
func (a *Aggregator) TellTranslated(part translate.Role, t Translated) {
	if t.Stories > 0 {
		a.Log.Info("a part is translated", "part", part, "stories", t.Stories, "segments", t.Bought, "remembered", t.Hits, "characters", t.Cost.Chars)
	}
	for _, f := range t.Failures {
		a.Log.Warn("not translated", "part", part, "error", f)
	}
}

// TellPublished logs what publishing changed, if anything.
func (a *Aggregator) TellPublished(p Published) {
	if len(p.Awaited) > 0 {
		a.Log.Warn("what is published stays as it is until the store, begun anew, has heard its sources", "sources", p.Awaited)
	}
	if len(p.Written)+len(p.Removed) > 0 {
		a.Log.Info("published", "stories", p.Stories, "waiting", p.Waiting, "written", len(p.Written), "removed", len(p.Removed))
	}
}

// TellRetained logs how many stories retention took, if any, and once why it takes none.
func (a *Aggregator) TellRetained(r Retained) {
	if doubted := a.doubted.Swap(r.Doubt != ""); r.Doubt != "" && !doubted {
		a.Log.Warn(r.Doubt)
	}
	if r.Stories > 0 {
		a.Log.Info("deleted old stories", "stories", r.Stories)
	}
}
