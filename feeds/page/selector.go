package page

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/andybalholm/cascadia"
)

const (
	maxSelector  = 500 // bytes of a selector with its group: one that a browser copies has 200
	maxCompounds = 32  // of a group: a path from the root of a page to an item has 20
)

// compound selects elements by themselves, such as a.more, and by what stands before it.
type compound struct {
	match cascadia.Sel
	text  string
	comb  byte // how it follows the compound before: ' ', '>', '+' or '~'; 0: it is the first
	cost  cost
}

// chain is a selector of one or more compounds.
type chain []compound

// choice is one of a group: what to find, and what of it is meant.
type choice struct {
	chain chain  // empty: the item itself
	attr  string // empty: the text
}

// value is a group of choices, divided by commas; nil: none.
type value []choice

// Selector is a compiled CSS selector.
type Selector struct{ of value }

// CompileOne compiles a group of CSS selectors that selects elements. Errors do not quote it.
func CompileOne(s string) (Selector, error) {
	v, err := compile(s, false)
	if err == nil && v == nil {
		err = errors.New("is empty")
	}
	return Selector{v}, err
}

// attrName fits names of attributes as pages write them.
var attrName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_:.-]{0,63}$`)

// compile compiles a group of selectors, which may each end in @ and the name of an attribute if values
// are meant.
func compile(s string, values bool) (value, error) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	if len(s) > maxSelector {
		return nil, fmt.Errorf("is longer than %d bytes", maxSelector)
	}
	parts, err := split(s)
	if err != nil {
		return nil, fmt.Errorf("is not a CSS selector: %w", err)
	}
	compounds := 0
	var out value
	for _, p := range parts {
		c := choice{attr: strings.ToLower(p.attr)}
		switch {
		case p.marked && !values:
			return nil, errors.New("names an attribute, and elements are wanted")
		case p.marked && !attrName.MatchString(p.attr):
			return nil, errors.New("has no name of an attribute after @")
		case len(p.compounds) == 0 && !p.marked:
			return nil, errors.New("is not a CSS selector: nothing stands beside a comma")
		}
		for _, comp := range p.compounds {
			if comp.match, err = cascadia.Parse(comp.text); err != nil {
				return nil, fmt.Errorf("is not a CSS selector: %w", explain(s, err))
			}
			if comp.cost, err = costOf(comp.text); err != nil {
				return nil, err
			}
			c.chain = append(c.chain, comp)
		}
		if compounds += len(c.chain); compounds > maxCompounds {
			return nil, fmt.Errorf("has more than %d parts", maxCompounds)
		}
		out = append(out, c)
	}
	return out, nil
}

// explain returns err, or what people take for CSS if s looks like it.
func explain(s string, err error) error {
	switch {
	case strings.HasPrefix(strings.TrimSpace(s), "/"), strings.HasPrefix(s, "./"), strings.Contains(s, "::text"):
		return errors.New("it looks like XPath or another language")
	case strings.Contains(s, ":eq("), strings.Contains(s, ":first") && !strings.Contains(s, ":first-"):
		return errors.New("only jQuery knows it, CSS has :first-child and :nth-child(1)")
	}
	return err
}

// part is one selector of a group, cut into compounds.
type part struct {
	compounds []compound
	attr      string
	marked    bool // there is an @
}

// split cuts s at what stands outside of brackets and quotes: commas, combinators, and the last @.
func split(s string) (parts []part, err error) {
	var p part
	var comb byte // that the next compound follows
	start, depth := -1, 0
	flush := func(end int) {
		if start >= 0 {
			if comb == 0 && len(p.compounds) > 0 {
				comb = ' '
			}
			p.compounds = append(p.compounds, compound{text: s[start:end], comb: comb})
			start, comb = -1, 0
		}
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\':
			if i++; start < 0 {
				start = i - 1
			}
		case c == '"' || c == '\'':
			if i = endOfString(s, i); i < 0 {
				return nil, errors.New("a quote is not closed")
			}
		case c == '(' || c == '[':
			if depth++; start < 0 {
				start = i
			}
		case c == ')' || c == ']':
			if depth--; depth < 0 {
				return nil, fmt.Errorf("%q closes no bracket", c)
			}
		case depth > 0:
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			flush(i)
		case c == '>' || c == '+' || c == '~':
			if flush(i); comb != 0 || len(p.compounds) == 0 {
				return nil, fmt.Errorf("nothing stands before %q", c)
			}
			comb = c
		case c == '@':
			flush(i)
			rest, _, _ := strings.Cut(s[i+1:], ",")
			p.attr, p.marked = strings.TrimSpace(rest), true
			i += len(rest)
		case c == ',':
			if flush(i); comb != 0 {
				return nil, fmt.Errorf("nothing stands after %q", comb)
			}
			parts, p = append(parts, p), part{}
		case start < 0:
			start = i
		}
	}
	if flush(len(s)); comb != 0 {
		return nil, fmt.Errorf("nothing stands after %q", comb)
	}
	if depth > 0 {
		return nil, errors.New("a bracket is not closed")
	}
	return append(parts, p), nil
}

// endOfString returns where the string ends that the quote at s[i] begins; -1: it does not.
func endOfString(s string, i int) int {
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case s[i]:
			return j
		}
	}
	return -1
}
