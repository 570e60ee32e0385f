package dedupe

import "slices"

// otherNews says why two reports with much in common are not of one event; empty: nothing does.
func otherNews(a, b *Signature) string {
	if v := conflict(a.marks, b.marks, false); v != "" {
		return v
	}
	switch {
	case lacks(a.marks, b.marks) || lacks(b.marks, a.marks):
		return "an amount in one title that the other report lacks"
	case aboutAnother(a.marks, b.marks) || aboutAnother(b.marks, a.marks):
		return "a model in one title, and others in the other report"
	case (a.cues^b.cues)&phases != 0, previews(a.cues, b.cues), previews(b.cues, a.cues):
		return "one follows up"
	}
	return ""
}

// lacks reports whether a text has nowhere a sum of money in the other's title.
func lacks(text, title []mark) bool {
	return slices.ContainsFunc(of(title, figure), func(m mark) bool {
		return m.measure().money() && !has(text, figure, m)
	})
}

// previews reports whether a title announces a match and the other tells its result.
func previews(title, other uint8) bool {
	return title&(fixture|result) == fixture && other&(fixture|result) == result
}

// aboutAnother reports whether a title names models, the other report mentions none of them, and that
// report mentions other models.
func aboutAnother(title, report []mark) bool {
	models, all := of(title, model), of(report, mention)
	for _, m := range models {
		if _, ok := slices.BinarySearch(all, newMark(mention, uint64(uint32(m)))); ok {
			return false
		}
	}
	return len(models) > 0 && shared(of(title, mention), all) < len(all)
}

// cuesOf returns which kinds of cues a title has, a bit each.
func cuesOf(ts []token) (kinds uint8) {
	for i := range ts {
		kinds |= ts[i].means.cues
		if ts[i].text == "بعد" && i+1 < len(ts) && ts[i+1].means.span {
			kinds |= followUp
		}
	}
	return kinds
}

// Kinds of cues, as words.txt numbers them: what came of an event, a comparison, what is to come,
// condolences, a funeral, a match, and its result.
const (
	followUp = 1 << 0
	phases   = 1<<5 - 1 // kinds that both reports of one event have, or neither
	fixture  = 1 << 5
	result   = 1 << 6
)
