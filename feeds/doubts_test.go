package feeds

import (
	"fmt"
	"testing"
)

func TestDoubts(t *testing.T) {
	for _, c := range []struct{ title, body, list, said string }{
		{"", "", "[]", ""},
		{"names title", "", "[{names title}]", "translation may be wrong: names in the headline"},
		{"", "negation 2 numbers 2", "[{negation 2} {numbers 2}]",
			"translation may be wrong: negation in paragraph 2, numbers in paragraph 2"},
		{"names title", "negation 1 names 2 length 3 length 4",
			"[{names title} {negation 1} {names 2} {length 3} {length 4}]",
			"translation may be wrong: names in the headline, negation in paragraph 1, names in paragraph 2, and more"},
		{"", "order 1", "[{order 1}]", "translation may be wrong: order of figures in paragraph 1"},
		{"names", "", "[]", ""}, // no place: not written by us
	} {
		tr := Translation{TitleDoubts: c.title, BodyDoubts: c.body}
		if list, said := fmt.Sprint(tr.Doubts()), tr.Doubtful(); list != c.list || said != c.said {
			t.Errorf("%q, %q: %s, %q", c.title, c.body, list, said)
		}
	}
}
