package publish

import (
	"slices"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// Translatable reports whether s is to be translated at all.
func (c *Catalog) Translatable(s feeds.Story) bool {
	return c.translatable(s.Items[0].SourceID, s.Lang)
}

// MayTranslate is Translatable for a listed story.
func (c *Catalog) MayTranslate(l feeds.Listed) bool { return c.translatable(l.Source, l.Lang) }

func (c *Catalog) translatable(source, lang string) bool {
	return c.Translator != nil && c.policy(source) != "none" && lang == c.Pair.From
}

// HasBody reports whether more than the headline of s is to be translated.
func (c *Catalog) HasBody(s feeds.Story) bool {
	return c.policy(s.Items[0].SourceID) == "full" && s.Main() != ""
}

// policy returns what to translate of a lead's source: full, title or none. Sources that left the
// config are not paid for; without engines, only trusted sources have translations.
func (c *Catalog) policy(source string) string {
	src, ok := c.Source(source)
	switch {
	case !ok, c.Translator != nil && !c.Translator.Asks() && !src.Trusted():
		return "none"
	case src.Translate == "":
		return "full"
	}
	return src.Translate
}

// Republished returns s with the replacements of its sources, reduced to what its lead's content policy
// allows to be shown or sent to an engine.
func (c *Catalog) Republished(s feeds.Story) feeds.Story {
	s = c.replaced(s)
	if src, _ := c.Source(s.Items[0].SourceID); src.Content == "summary" {
		if s.Summary == "" {
			s.Summary = sanitize.FirstBlock(s.Body)
		}
		s.Body = ""
	}
	return s
}

// replaced returns s with what its sources' rules put in place of texts: in those of the lead, and in the
// headlines of the other items.
func (c *Catalog) replaced(s feeds.Story) feeds.Story {
	if len(c.replacers) == 0 {
		return s
	}
	s.Text = c.replacers[s.Items[0].SourceID].Text(s.Text)
	titles := func(list []feeds.Member) []feeds.Member {
		list = slices.Clone(list)
		for i, m := range list {
			list[i].Title = c.replacers[m.SourceID].Title(m.Title)
		}
		return list
	}
	s.Items, s.Related = titles(s.Items), titles(s.Related)
	return s
}

// Unseen reports whether s is hidden from readers until it is translated.
func (c *Catalog) Unseen(s feeds.Story) bool {
	return c.unseen(s.Translation.State, s.Items[0].SourceID, s.Lang)
}

func (c *Catalog) unseen(state feeds.State, source, lang string) bool {
	return (state == "" || state == feeds.Held) && c.withholds() && c.translatable(source, lang)
}

// withholds reports whether readers wait for what the budget left untranslated.
func (c *Catalog) withholds() bool { return c.OnBudget == "hold" || c.OnBudget == "titles" }

// prepared returns s as it is shown: reduced by its source's policy, and without a translation of
// an older text.
func (c *Catalog) prepared(s feeds.Story) feeds.Story {
	s = c.Republished(s)
	switch {
	case s.Translation.State != "" && s.Translation.Source == s.Hash():
	case c.Translatable(s):
		s.Translation = feeds.Translation{State: feeds.Waiting}
	default:
		s.Translation = feeds.Translation{State: feeds.None}
	}
	return s
}
