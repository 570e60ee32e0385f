package page

import (
	"errors"
	"strings"

	"golang.org/x/net/html"
)

// Some selectors make an engine walk over a page for each of its elements: each :has looks at all that
// is beneath, each :nth-child at all that stands beside. Nested, they take hours on a page that was made
// for it. So the work is estimated before it is done.

// maxSteps is the most work for all selectors of a page: two seconds
// at worst (TestNoSelectorIsSlowOnAnyPage on a page of 29,000 elements, 400 deep).
const maxSteps = 200_000_000

// errCost says that a selector would take too long.
var errCost = errors.New("would take too long on this page: write simpler selectors, " +
	"without :has, :not and :nth-child in one another")

// size is what the cost of a selector depends on.
type size struct {
	elements int
	depth    int // of the most nested element
	siblings int // the most children of one element
	text     int // bytes, for each element
}

func measure(root *html.Node, length int) (s size) {
	type level struct {
		node  *html.Node
		depth int
	}
	for todo := []level{{root, 0}}; len(todo) > 0; {
		l := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		s.elements, s.depth = s.elements+1, max(s.depth, l.depth)
		children := 0
		for c := l.node.FirstChild; c != nil; c = c.NextSibling {
			if children++; c.Type == html.ElementNode {
				todo = append(todo, level{c, l.depth + 1})
			}
		}
		s.siblings = max(s.siblings, children)
	}
	s.text = length / s.elements
	return s
}

// cost returns how many steps it takes to match one element of a page of that size.
type cost func(s size) int

// one is the cost of a compound without pseudo-classes: its tests of classes and attributes.
func one(size) int { return 1 }

// maxNested limits selectors within selectors.
const maxNested = 8

// costOf returns the cost of a compound, which cascadia has parsed.
func costOf(text string) (cost, error) { return costWithin(text, maxNested) }

func costWithin(text string, nested int) (cost, error) {
	if nested == 0 {
		return nil, errors.New("has too many selectors within one another")
	}
	costs := []cost{one}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"', '\'':
			i = max(i, endOfString(text, i))
		case '[':
			i = endOfBracket(text, i)
		case ':':
			name := text[i+1:]
			name = name[:len(name)-len(strings.TrimLeft(name, "-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
			i += len(name)
			inner := ""
			if i+1 < len(text) && text[i+1] == '(' {
				end := endOfBracket(text, i+1)
				inner, i = text[i+2:end], end
			}
			c, err := costOfPseudo(strings.ToLower(name), inner, nested)
			if err != nil {
				return nil, err
			}
			costs = append(costs, c)
		}
	}
	return sum(costs), nil
}

func sum(costs []cost) cost {
	return func(s size) (n int) {
		for _, c := range costs {
			n = min(n+c(s), maxSteps+1)
		}
		return n
	}
}

// times returns the cost of doing c as often as by says.
func times(by func(size) int, c cost) cost {
	return func(s size) int { return int(min(int64(by(s))*int64(c(s)), maxSteps+1)) }
}

func depth(s size) int    { return s.depth + 1 }
func siblings(s size) int { return s.siblings + 1 }
func text(s size) int     { return s.text + 1 }

// costOfPseudo returns the cost of a pseudo-class. Averages over all elements count: all that is beneath
// each element is as much as the depth of each.
func costOfPseudo(name, inner string, nested int) (cost, error) {
	switch {
	case name == "not", name == "has", name == "haschild":
		c, err := costOfGroup(inner, nested-1)
		switch name {
		case "has":
			c = times(depth, c)
		case "haschild":
			c = times(siblings, c)
		}
		return c, err
	case name == "contains", name == "matches":
		return times(depth, text), nil
	case name == "containsown", name == "matchesown":
		return times(siblings, text), nil
	case strings.HasPrefix(name, "nth-"), strings.HasPrefix(name, "first-"), strings.HasPrefix(name, "last-"),
		strings.HasPrefix(name, "only-"), name == "empty":
		return siblings, nil
	case name == "lang":
		return depth, nil
	case name == "enabled", name == "disabled":
		return times(depth, siblings), nil
	}
	return one, nil
}

// costOfGroup returns the cost of a group within a pseudo-class, where cascadia tries all ancestors.
func costOfGroup(s string, nested int) (cost, error) {
	parts, err := split(s)
	if err != nil {
		return nil, err
	}
	var costs []cost
	for _, p := range parts {
		chained := cost(func(size) int { return 0 })
		for _, comp := range p.compounds {
			c, err := costWithin(comp.text, nested)
			if err != nil {
				return nil, err
			}
			switch comp.comb {
			case ' ':
				chained = times(depth, chained)
			case '~', '+':
				chained = times(siblings, chained)
			}
			chained = sum([]cost{chained, c})
		}
		costs = append(costs, chained)
	}
	return sum(costs), nil
}

// endOfBracket returns where the bracket at s[i] is closed; the end of s if it is not.
func endOfBracket(s string, i int) int {
	depth := 0
	for j := i; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '"', '\'':
			if j = endOfString(s, j); j < 0 {
				return len(s)
			}
		case '(', '[':
			depth++
		case ')', ']':
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return len(s)
}

// affordable returns errCost if the values take too long on a page of that size.
func (s size) affordable(values ...value) error {
	steps := 0
	for _, v := range values {
		for _, c := range v {
			for _, comp := range c.chain {
				if steps += comp.cost(s); steps > maxSteps/s.elements {
					return errCost
				}
			}
		}
	}
	return nil
}
