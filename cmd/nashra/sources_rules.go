package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
	"github.com/nashra/nashra/feeds/rules"
)

// ruleJSON is what one rule of a source does to the items that the source has now, in JSON.
type ruleJSON struct {
	Rule     string   `json:"rule"`               // its key and value in the config file
	Does     string   `json:"does"`               // keeps, leaves out or changes
	Items    int      `json:"items"`              // so many
	Emptied  int      `json:"emptied,omitempty"`  // of them, so many have no text any more
	Examples []string `json:"examples,omitempty"` // titles of the first of them, as changed
}

// ruleExamples is how many items are named for a rule: enough to see which it means.
const ruleExamples = 3

func (r *ruleJSON) hit(title string) {
	if r.Items++; len(r.Examples) < ruleExamples {
		r.Examples = append(r.Examples, title)
	}
}

// changed counts items whose text a rule changed.
func (r *ruleJSON) changed(from, to feeds.Text) {
	if from == to {
		return
	}
	if r.hit(to.Title); to.Main() == "" && from.Main() != "" {
		r.Emptied++
	}
}

// effects returns what each rule of s does to the items in doc, in the order in which rules act: as if all
// items were new.
func effects(s feeds.Source, doc feeds.Document) (out []ruleJSON, err error) {
	out, feed, err := dropEffects(s, doc)
	if err != nil {
		return nil, err
	}
	for _, word := range s.Include {
		r := ruleJSON{Rule: "include: " + word, Does: "keeps"}
		if err := r.refuse(feed, []string{word}, nil, false); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	for _, word := range s.Exclude {
		r := ruleJSON{Rule: "exclude: " + word, Does: "leaves out"}
		if err := r.refuse(feed, nil, []string{word}, true); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	if s.Max > 0 && !s.List() {
		some, err := mostEffect(s, feed)
		if err != nil {
			return nil, err
		}
		out = append(out, some)
	}
	more, err := replaceEffects(s, feed)
	return append(out, more...), err
}

// refuse counts the items that words refuse, or allow.
func (r *ruleJSON) refuse(feed feeds.Feed, include, exclude []string, refused bool) error {
	words, err := rules.NewWords(include, exclude)
	for _, it := range feed.Items {
		if (aggregator.Refused(words, it) != "") == refused {
			r.hit(it.Title)
		}
	}
	return err
}

// mostEffect returns what max leaves out of what the words of s allow.
func mostEffect(s feeds.Source, feed feeds.Feed) (ruleJSON, error) {
	r := ruleJSON{Rule: fmt.Sprintf("max: %d", s.Max), Does: "leaves out"}
	items := make([]aggregator.Signed, len(feed.Items))
	for i, it := range feed.Items {
		items[i] = aggregator.Signed{Item: it, New: true}
	}
	if err := aggregator.LeaveOut(s, false, items); err != nil {
		return r, err
	}
	for _, it := range items {
		if strings.HasPrefix(it.LeftOut, "max") {
			r.hit(it.Title)
		}
	}
	return r, nil
}

// dropEffects returns what the selectors of s do, one after the other, and what they leave.
func dropEffects(s feeds.Source, doc feeds.Document) (out []ruleJSON, feed feeds.Feed, err error) {
	selectors := s.Drop
	s.Drop = nil
	if feed, err = parse.Feed(s, doc); err != nil {
		return nil, feed, err
	}
	for i, selector := range selectors {
		s.Drop = selectors[:i+1]
		next, err := parse.Feed(s, doc)
		if err != nil {
			return nil, feed, err
		}
		left := map[string]feeds.Text{}
		for _, it := range next.Items {
			left[it.GUID] = it.Text
		}
		r := ruleJSON{Rule: "drop: " + selector, Does: "changes"}
		for _, it := range feed.Items {
			r.changed(it.Text, left[it.GUID])
		}
		out, feed = append(out, r), next
	}
	return out, feed, nil
}

// replaceEffects returns what the replacements of s do, one after the other.
func replaceEffects(s feeds.Source, feed feeds.Feed) (out []ruleJSON, err error) {
	for _, rule := range s.Replace {
		replacer, err := rules.NewReplacer([]feeds.Replacement{rule})
		if err != nil {
			return nil, err
		}
		r := ruleJSON{Rule: "replace: " + rule.From, Does: "changes"}
		for i := range feed.Items {
			it := &feed.Items[i]
			to := replacer.Text(it.Text)
			r.changed(it.Text, to)
			it.Text = to
		}
		out = append(out, r)
	}
	return out, nil
}

// ruleRow is a ruleJSON with its source.
type ruleRow struct {
	ruleJSON
	source string
	of     int // items that the source has
}

// printRules prints what the rules of the sources in rows do.
func printRules(rows []checkJSON, out io.Writer) error {
	l := list[ruleRow]{header: "ID\tRULE\tDOES\tTITLES", columns: func(r ruleRow) string {
		does := fmt.Sprintf("%s %d of %d", r.Does, r.Items, r.of)
		if r.Emptied > 0 {
			does += fmt.Sprintf(", of %d no text is left", r.Emptied)
		}
		var titles []string
		for _, t := range r.Examples {
			titles = append(titles, feeds.Shorten(feeds.OneLine(t), 40))
		}
		return fmt.Sprintf("%s\t%s\t%s\t%s", r.source, feeds.Shorten(feeds.OneLine(r.Rule), 40), does,
			strings.Join(titles, " | "))
	}}
	for _, c := range rows {
		for _, r := range c.Rules {
			l.rows = append(l.rows, ruleRow{r, c.ID, c.Entries})
		}
	}
	if len(l.rows) == 0 {
		_, err := fmt.Fprintln(out, "\nno rules: include, exclude, max, drop and replace of a source are rules")
		return err
	}
	fmt.Fprintln(out)
	return l.print(out, false)
}
