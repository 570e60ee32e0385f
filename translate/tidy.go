package translate

import (
	"regexp"
	"strings"
)

var (
	label = regexp.MustCompile(`(?i)^\s*(?:(?:english )?translation|english)\s*:\s*`)
	fence = regexp.MustCompile("^\\s*```[a-z]*\\s*([^`]*?)\\s*```\\s*$")
	echo  = regexp.MustCompile(`([A-Za-z][A-Za-z0-9.-]*)(["”»]?) ?\(([A-Za-z][A-Za-z0-9.-]*)\)`)
)

// tidy removes what engines put around a translation: a label, a fence, quotation marks that source lacks, and the
// second name of "DeepSeek (DeepSeek)", where source has it in two scripts.
func tidy(source, target string) string {
	if m := fence.FindStringSubmatch(target); m != nil {
		target = m[1]
	}
	if !strings.Contains(source, ":") {
		target = label.ReplaceAllString(target, "")
	}
	if !strings.ContainsAny(source, "\"“”«»") {
		for _, q := range [][2]string{{"\"", "\""}, {"“", "”"}} {
			inner, ok := strings.CutPrefix(target, q[0])
			if inner, closed := strings.CutSuffix(inner, q[1]); ok && closed && !strings.ContainsAny(inner, q[0]+q[1]) {
				target = inner
			}
		}
	}
	return echo.ReplaceAllStringFunc(target, func(s string) string {
		m := echo.FindStringSubmatch(s)
		if !strings.EqualFold(m[1], m[3]) {
			return s
		}
		return m[1] + m[2]
	})
}
