// Package rules has the rules by which the config file chooses texts and changes them: words and
// /regular expressions/ that a text must have or must not have, and replacements. It is pure.
package rules

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/nashra/nashra/translate/arabic"
)

// Words chooses texts. The zero Words allows all.
type Words struct{ include, exclude []word }

// word is one rule: an expression, or words.
type word struct {
	said   string
	re     *regexp.Regexp
	folded string // if re is nil
}

// NewWords compiles lists of words and /regular expressions/. Words are compared folded (see
// arabic.Fold), as whole words, also behind an Arabic prefix; expressions ignore case.
func NewWords(include, exclude []string) (w Words, err error) {
	if w.include, err = compile(include); err != nil {
		return Words{}, err
	}
	w.exclude, err = compile(exclude)
	return w, err
}

func compile(list []string) (out []word, err error) {
	for _, said := range list {
		w := word{said: said, folded: arabic.Fold(said)}
		if w.re, err = expression(said); err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

// These errors say that a rule would never hold, or not as it is meant.
var (
	ErrNoWord = errors.New("has no letter and no digit")
	ErrFlags  = errors.New("has letters after the last slash")
	ErrHalf   = errors.New("has a slash at one end only")
)

// flagged fits an expression as other languages write it.
var flagged = regexp.MustCompile(`^/.+/[gimsuxU]{1,4}$`)

// CheckWord returns why said may not stand in a list of words.
func CheckWord(said string) error {
	re, err := expression(said)
	switch {
	case err != nil || re != nil:
		return err
	case arabic.Fold(said) == "":
		return ErrNoWord
	case flagged.MatchString(said):
		return ErrFlags
	case strings.HasPrefix(said, "/") || strings.HasSuffix(said, "/"):
		return ErrHalf
	}
	return nil
}

// expression returns the expression that said has between slashes, nil if it has none.
func expression(said string) (*regexp.Regexp, error) {
	if len(said) < 3 || said[0] != '/' || said[len(said)-1] != '/' {
		return nil, nil
	}
	return regexp.Compile("(?i)" + said[1:len(said)-1])
}

// On reports whether w may refuse a text.
func (w Words) On() bool { return len(w.include)+len(w.exclude) > 0 }

// Why returns the rule that refuses a text, whose parts are plain; empty: it is allowed.
func (w Words) Why(parts ...string) string {
	if !w.On() {
		return ""
	}
	text := strings.Join(parts, "\n")
	folded := " " + arabic.Fold(text) + " "
	hit := func(r word) bool { return r.in(text, folded) }
	if i := slices.IndexFunc(w.exclude, hit); i >= 0 {
		return "exclude: " + w.exclude[i].said
	}
	if len(w.include) > 0 && !slices.ContainsFunc(w.include, hit) {
		return "include: none of its words is there"
	}
	return ""
}

// in reports whether a text has w. folded is its folded form between spaces.
func (w word) in(text, folded string) bool {
	if w.re != nil {
		return w.re.MatchString(text)
	}
	return w.folded != "" && slices.ContainsFunc(bound[:], func(prefix string) bool {
		return strings.Contains(folded, " "+prefix+w.folded+" ")
	})
}

// bound are the words that stand before another one without a space.
var bound = arabic.Bound()
