package page

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

func read(t testing.TB, text string) *Tree {
	t.Helper()
	tree, err := Read([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func ids(nodes []*html.Node) string {
	var out []string
	for _, n := range nodes {
		out = append(out, sanitize.Attr(n, "id"))
	}
	return strings.Join(out, " ")
}

// The matcher is ours for chains; cascadia's own is the oracle.
func TestChainsMatchAsInBrowsers(t *testing.T) {
	tree := read(t, `<main id=m><div class=a id=1><p id=2><b id=3>x</b></p><p id=4 data-x="a,b @c">y</p><!-- c -->
		<span id=5></span></div><div class="b a:c" id=6><p id=7><b id=8></b><i id=9></i></p></div></main><p id=10>`)
	for selector, want := range map[string]string{
		"p":                        "2 4 7 10",
		"div p":                    "2 4 7",
		"main div p b":             "3 8",
		".a > p":                   "2 4",
		"main > p":                 "",
		"p + p":                    "4",
		"p + span":                 "5",
		"p ~ span, b + i":          "5 9",
		"div.a ~ div p > b":        "8",
		"div ~ div ~ p":            "",
		`[data-x="a,b @c"]`:        "4",
		`.a\:c p`:                  "7",
		"div:not(.a) p":            "7",
		"p:has(> i), main":         "",
		"p:has(i), span":           "5 7",
		"div:nth-child(2) > p > *": "8 9",
		"main div div":             "",
		"*  >  b":                  "3 8",
		"p:contains('y')":          "4",
	} {
		s, err := CompileOne(selector)
		if selector == "p:has(> i), main" { // cascadia knows no selectors that begin with a combinator
			if err == nil {
				t.Errorf("%s compiles", selector)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", selector, err)
			continue
		}
		found, err := s.All(tree.root)
		if got := ids(found); err != nil || got != want {
			t.Errorf("%s: got %q, want %q (%v)", selector, got, want, err)
		}
	}
}

func TestBadSelectorsAreRefusedWithTheirKey(t *testing.T) {
	for _, c := range []struct {
		page feeds.Page
		want string
	}{
		{feeds.Page{Item: "div["}, `item: "div[" is not a CSS selector: a bracket is not closed`},
		{feeds.Page{Item: "a@href"}, `item: "a@href" names an attribute, and elements are wanted`},
		{feeds.Page{Item: "a", Link: "b@"}, `link: "b@" has no name of an attribute after @`},
		{feeds.Page{Item: "a", Link: "b@x y"}, "has no name of an attribute"},
		{feeds.Page{Item: "a,,b"}, "nothing stands beside a comma"},
		{feeds.Page{Item: "a >"}, `nothing stands after '>'`},
		{feeds.Page{Item: "> a"}, `nothing stands before '>'`},
		{feeds.Page{Item: "a > > b"}, `nothing stands before '>'`},
		{feeds.Page{Item: "a)"}, "closes no bracket"},
		{feeds.Page{Item: `a[b="c]`}, "a quote is not closed"},
		{feeds.Page{Item: "//div[@class='x']"}, "it looks like XPath"},
		{feeds.Page{Item: "li:first"}, "only jQuery knows it"},
		{feeds.Page{Item: "p::before"}, "is not a CSS selector"},
		{feeds.Page{Item: ".1a"}, "is not a CSS selector"},
		{feeds.Page{Item: strings.Repeat("a ", 300)}, "is longer than 500 bytes"},
		{feeds.Page{Item: strings.Repeat("a ", 40)}, "has more than 32 parts"},
		{feeds.Page{Item: strings.Repeat(":not(", 9) + "a" + strings.Repeat(")", 9)}, "within one another"},
	} {
		if _, err := Compile(c.page); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %s", c.page, err, c.want)
		}
	}
}

// A page that was made to be slow costs little, whatever the selectors are.
func TestNoSelectorIsSlowOnAnyPage(t *testing.T) {
	deep := strings.Repeat("<div>", 400)
	for name, text := range map[string]string{
		"deep":  strings.Repeat(deep+strings.Repeat("</div>", 400), 40),
		"mixed": deep + strings.Repeat("<div class=x>y</div>", 12_000),
		"long":  strings.Repeat("<div>"+strings.Repeat("x", 100)+"</div>", 8_000),
	} {
		tree := read(t, text)
		for _, selector := range []string{
			".none" + strings.Repeat(" div", 30),
			".none" + strings.Repeat(" ~ div", 30),
			".none > div ~ div div + div ~ div div div ~ div div",
			"div:has(.none)",
			"div:has(div:has(.none))",
			"div:not(:has(div:nth-child(7n+3)))",
			"div:not(.none div div div div)",
			"div:has(div ~ div ~ .none)",
			"div:nth-last-child(7n+3)",
			"div:contains('none')",
			"div:has(div:contains('none'))",
			"div:matches(n(o|n)*e)",
		} {
			s, err := CompileOne(selector)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			found, err := s.All(tree.root)
			if took := time.Since(start); took > 10*time.Second || err == nil && len(found) == 1 {
				t.Errorf("%s, %s: %d found in %s (%v)", name, selector, len(found), took, err)
			}
			t.Logf("%-6s %-55s %8s %v", name, selector[:min(len(selector), 55)],
				time.Since(start).Round(time.Millisecond), err)
		}
	}
}
