package check

import (
	"regexp"
	"strings"
)

var (
	tag    = pattern(`</?[A-Za-z][^<>\p{Arabic}]*>|<!--`)
	begun  = pattern(`</?[A-Za-z!]`) // and perhaps never ended
	entity = pattern(`&(?:[A-Za-z]{2,8}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});`)
)

// markup finds what looks like a tag or an entity in target and does not stand in source: it is shown as text and does no harm, but
// nobody wrote it.
func markup(source, target string) string {
	if !strings.ContainsAny(target, "<&") {
		return ""
	}
	for _, t := range tag().FindAllString(target, -1) {
		if !strings.Contains(source, t) {
			return "a tag that the source lacks"
		}
	}
	more := func(re *regexp.Regexp) bool {
		return len(re.FindAllString(target, -1)) > len(re.FindAllString(source, -1))
	}
	switch {
	case more(begun()):
		return "a tag that the source lacks"
	case more(entity()):
		return "an entity that the source lacks"
	}
	return ""
}
