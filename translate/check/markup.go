package check

import (
	"regexp"
	"strings"
)

// tag is text that looks like one of HTML.
var tag = regexp.MustCompile(`</?[A-Za-z][^<>\p{Arabic}]*>|<!--`)

// markup finds what looks like a tag in target and does not stand in source: it is shown as text and does no harm, but nobody wrote it.
func markup(source, target string) string {
	for _, t := range tag.FindAllString(target, -1) {
		if !strings.Contains(source, t) {
			return "a tag that the source lacks"
		}
	}
	return ""
}
