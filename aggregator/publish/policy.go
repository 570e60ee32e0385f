package publish

import (
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// Translatable says whether s is to be translated at all.
func (c *Catalog) Translatable(s feeds.Story) bool {
	return c.Translator != nil && c.policy(s) != "none" && s.Lang == c.Pair.From
}

// HasBody says whether there is more than a headline to translate.
func (c *Catalog) HasBody(s feeds.Story) bool { return c.policy(s) == "full" && s.Main() != "" }

// policy is the lead's source's: full, title or none. Items of a source that left the config are not paid for any more.
func (c *Catalog) policy(s feeds.Story) string {
	src, ok := c.Source(s.Items[0].SourceID)
	switch {
	case !ok:
		return "none"
	case src.Translate == "":
		return "full"
	}
	return src.Translate
}

// Republished is s as far as its source's content policy lets it be shown, or sent to an engine.
func (c *Catalog) Republished(s feeds.Story) feeds.Story {
	if src, _ := c.Source(s.Items[0].SourceID); src.Content == "summary" {
		if s.Summary == "" {
			s.Summary = sanitize.FirstBlock(s.Body)
		}
		s.Body = ""
	}
	return s
}

// Unseen says whether s is held back from readers: it has no translation that would do, and the config has them wait for one.
func (c *Catalog) Unseen(s feeds.Story) bool {
	switch s.Translation.State {
	case "", feeds.Held:
		return c.withholds() && c.Translatable(s)
	}
	return false
}

// withholds says whether the config has readers wait for what the budget left untranslated.
func (c *Catalog) withholds() bool { return c.OnBudget == "hold" || c.OnBudget == "titles" }

// prepared is s as it is shown: no more text than its source's policy allows, and no English that was made from other Arabic.
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
