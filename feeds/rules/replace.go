package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

const (
	// most matches of one rule in one text: no article has more, and a hostile text is no larger for it
	maxFound = 10_000
	// most bytes that one rule adds to one text: more than an article has
	maxGrowth = 64 << 10
)

// Replacer replaces texts by rule, one rule after the other. The zero Replacer changes nothing.
type Replacer []replacement

type replacement struct {
	re    *regexp.Regexp
	words bool // re finds words: what it finds counts between others only, and to is taken as it is
	to    string
}

// NewReplacer compiles rules. An expression is one as in NewWords, and $1 in its replacement is what its
// first group found. Other rules find their words in any spelling that arabic.Fold makes alike, whole or
// behind an Arabic prefix, which stays.
func NewReplacer(list []feeds.Replacement) (r Replacer, err error) {
	for i, rule := range list {
		found := replacement{to: rule.To}
		if found.re, err = expression(rule.From); err == nil && found.re == nil {
			found.words = true
			found.re, err = spellings(rule.From)
		}
		if err != nil {
			return nil, fmt.Errorf("replace[%d]: %w", i, err)
		}
		r = append(r, found)
	}
	return r, nil
}

// CheckText returns why from may not be replaced.
func CheckText(from string) error {
	if flagged.MatchString(from) {
		return ErrFlags
	}
	_, err := NewReplacer([]feeds.Replacement{{From: from}})
	return err
}

// Text returns t with its title and texts replaced.
func (r Replacer) Text(t feeds.Text) feeds.Text {
	t.Title, t.Summary, t.Body = r.Title(t.Title), r.HTML(t.Summary), r.HTML(t.Body)
	return t
}

// Title returns a headline replaced, on one line. A headline of which nothing would be left stays.
func (r Replacer) Title(s string) string {
	out := r.plain(s)
	if out == s {
		return s
	}
	if out = feeds.Shorten(feeds.Line(out), feeds.MaxTitle); out == "" {
		return s
	}
	return out
}

// HTML returns sanitised HTML with its visible text replaced, sanitised. Tags and their attributes stay, and
// words are found between two tags only.
func (r Replacer) HTML(s string) string {
	if len(r) == 0 || s == "" {
		return s
	}
	body, changed := sanitize.Parse(s, ""), false
	for n := range body.Descendants() {
		if n.Type != html.TextNode {
			continue
		}
		out := r.plain(n.Data)
		changed = changed || out != n.Data
		n.Data = out
	}
	if !changed {
		return s
	}
	return sanitize.Render(body)
}

func (r Replacer) plain(s string) string {
	for _, rule := range r {
		s = rule.apply(s)
	}
	return s
}

// apply replaces what the rule finds in s, until s has grown by maxGrowth.
func (r replacement) apply(s string) string {
	var out []byte
	end, changed := 0, false
	for _, at := range r.re.FindAllStringSubmatchIndex(s, maxFound) {
		if r.words && !whole(s, at[0], at[1]) {
			continue
		}
		kept := len(out)
		out = append(out, s[end:at[0]]...)
		if r.words {
			out = append(out, r.to...)
		} else {
			out = r.re.ExpandString(out, r.to, s, at)
		}
		if len(out)-at[1] > maxGrowth {
			out = out[:kept]
			break
		}
		end, changed = at[1], true
	}
	if !changed {
		return s
	}
	return string(append(out, s[end:]...))
}

// longestPrefix is in bytes: the longest of bound has three letters, each with some marks.
const longestPrefix = 32

// whole reports whether s[from:to], as far as it begins and ends with a letter or digit, is whole words of
// s, the first of which may have an Arabic prefix.
func whole(s string, from, to int) bool {
	first, _ := utf8.DecodeRuneInString(s[from:to])
	last, _ := utf8.DecodeLastRuneInString(s[from:to])
	next, _ := utf8.DecodeRuneInString(s[to:])
	if to < len(s) && inWord(last) && inWord(next) {
		return false
	}
	if !inWord(first) {
		return true
	}
	begin := from
	for begin > max(0, from-longestPrefix) {
		r, size := utf8.DecodeLastRuneInString(s[:begin])
		if !inWord(r) {
			break
		}
		begin -= size
	}
	return slices.Contains(bound[:], arabic.Fold(s[begin:from])) && (begin == 0 || from-begin < longestPrefix)
}

func inWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

// spellings returns an expression for the spellings of a text that arabic.Fold makes alike: other forms of a
// letter or digit, with any marks and invisible signs after it, and any white space for a space.
func spellings(text string) (*regexp.Regexp, error) {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		switch folded := arabic.Fold(string(r)); {
		case r == ' ':
			b.WriteString(`[\s\p{Z}]+`)
		case arabic.Fold("x"+string(r)+"x") == "xx": // a mark, which the letter before it allows
		case folded == "":
			b.WriteString(regexp.QuoteMeta(string(r)))
		default:
			b.WriteString("[" + regexp.QuoteMeta(string(r)+alike()[folded]) + "]" + ignored)
		}
	}
	if b.Len() == 0 {
		return nil, ErrNoWord
	}
	return regexp.Compile("(?i)" + b.String())
}

// ignored matches what arabic.Fold leaves out of a word.
const ignored = `[\x{0640}\x{0610}-\x{061A}\x{064B}-\x{065F}\x{0670}\x{06D6}-\x{06ED}` +
	`\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2066}-\x{2069}\x{061C}\x{FEFF}\x{00AD}]*`

// alike returns by folded form the Arabic letters, and the digits, that arabic.Fold makes alike.
var alike = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	add := func(from, to rune) {
		for r := from; r <= to; r++ {
			if folded := arabic.Fold(string(r)); folded != "" {
				out[folded] += string(r)
			}
		}
	}
	add('0', '9')
	add(0x0600, 0x06FF) // the Arabic block
	return out
})
