package translate

import (
	"html"
	"regexp"
	"strings"

	"github.com/nashra/nashra/translate/segment"
)

var (
	label = regexp.MustCompile(`(?i)^\s*(?:(?:english )?translation|english)\s*:\s*`)
	fence = regexp.MustCompile("^\\s*```[a-z]*\\s*([^`]*?)\\s*```\\s*$")
	// entity is one of those that stand for signs of plain text, escaped once more.
	entity = regexp.MustCompile(`&amp;(amp|quot|apos|nbsp|#39|#x27|#34);`)
	echo   = regexp.MustCompile(`([A-Za-z][A-Za-z0-9.-]*)(["”»]?) ?\(([A-Za-z][A-Za-z0-9.-]*)\)`)
)

// tidy removes what engines put around a translation: a label, a fence, quotation marks and escapes that source
// lacks, and the second name of "DeepSeek (DeepSeek)", where source has it in two scripts.
func tidy(source, target string) string {
	if m := fence.FindStringSubmatch(target); m != nil {
		target = m[1]
	}
	if !strings.Contains(source, "&amp;") {
		target = entity.ReplaceAllStringFunc(target, func(twice string) string {
			return segment.Escape(html.UnescapeString(html.UnescapeString(twice)))
		})
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
