package page

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds/sanitize"
)

// maxClasses of an element are tokens: frameworks of utility classes give dozens.
const maxClasses = 8

var (
	plainClass = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{1,59}$`)
	// changing classes: numbers of posts, states, what a build makes up, and what says how it looks
	volatile = regexp.MustCompile(`(?i)\d{3,}|^(css|sc|jsx|svelte|emotion|style|wp-image|elementor-element)-|` +
		`^(first|last|odd|even|active|current|clearfix|animated|fade\w*|wow|lazy\w*|loaded|col\w*|flex|grid|block|` +
		`[mp][trblxy]?-\d.*|text-.*|w-.*|h-.*|bg-.*|font-.*|status-.*|format-.*|has-.*|is-.*|hentry)$`)
	// CSS modules: Card_title__x1Y2z, of which the last part changes with each build
	module  = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]*_[A-Za-z][A-Za-z0-9-]*__)[A-Za-z0-9_-]{4,8}$`)
	plainID = regexp.MustCompile(`^[A-Za-z][A-Za-z_-]{1,40}$`)
)

// tokens returns selectors of n by itself: its tag, then its tag with each class that is likely to last.
func tokens(n *html.Node) []string {
	out := []string{n.Data}
	for _, class := range strings.Fields(sanitize.Attr(n, "class")) {
		switch m := module.FindStringSubmatch(class); {
		case len(out) > maxClasses:
			return out
		case m != nil:
			out = append(out, n.Data+`[class*="`+m[1]+`"]`)
		case plainClass.MatchString(class) && !volatile.MatchString(class):
			out = append(out, n.Data+"."+class)
		}
	}
	return out
}

// identity returns a selector of n by its id, if that is likely to last.
func identity(n *html.Node) []string {
	if id := sanitize.Attr(n, "id"); plainID.MatchString(id) {
		return []string{"#" + id}
	}
	return nil
}

// beside matches classes and ids of what stands beside the list of a page.
var beside = regexp.MustCompile(`(?i)(^|[-_\s])(nav\w*|menus?|footer\w*|side-?bar\w*|widgets?|related\w*|` +
	`breadcrumbs?|comments?|share\w*|social\w*|popular\w*|trending|most-?(read|viewed|popular)|ticker|breaking|` +
	`tags?-?cloud|modal|popup|cookie\w*|newsletter|subscribe|ads?|banner|sponsor\w*|recommend\w*|archives?-list)` +
	`($|[-_\s])`)

// minor reports whether n stands in a menu, a margin or a footer.
func minor(n *html.Node) bool {
	within := false // an article may have a header and a footer of its own
	for p := n; p != nil && p.DataAtom != atom.Body; p = p.Parent {
		switch p.DataAtom {
		case atom.Nav, atom.Aside:
			return true
		case atom.Header, atom.Footer:
			if !within {
				return !insideArticle(p)
			}
		case atom.Article:
			within = true
		case atom.Main:
			return false
		}
		if beside.MatchString(sanitize.Attr(p, "class")) || beside.MatchString(sanitize.Attr(p, "id")) ||
			sanitize.Attr(p, "role") == "navigation" {
			return true
		}
	}
	return false
}

func insideArticle(n *html.Node) bool {
	for p := range n.Ancestors() {
		if p.DataAtom == atom.Article || p.DataAtom == atom.Main {
			return true
		}
	}
	return false
}
