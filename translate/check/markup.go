package check

import (
	"regexp"
	"strings"
)

var (
	tag    = pattern(`</?[A-Za-z][^<>\p{Arabic}]*>|<!--`)
	opened = pattern(`</?[A-Za-z!]`) // the start of a tag, which may have no end
	entity = pattern(`&(?:[A-Za-z]{2,8}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});`)
)

// markup reports a tag or an entity in target that source lacks. It would be shown as text.
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
	case more(opened()):
		return "a tag that the source lacks"
	case more(entity()):
		return "an entity that the source lacks"
	}
	return ""
}
