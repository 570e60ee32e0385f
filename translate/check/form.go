package check

import (
	"slices"
	"strings"
	"unicode"
)

// form reports what makes of p.target something else than a text: no words, markdown, a list, quotation
// marks around it, codes turned into words, or two translations.
func form(p pair) []Problem {
	certain := func(check, detail string) []Problem { return []Problem{{check, detail, false}} }
	switch {
	case !strings.ContainsFunc(p.target, isWordRune) && strings.ContainsFunc(p.source, unicode.IsLetter):
		return certain("empty", "no words")
	case markdown(p.source, p.target), listed(p.source, p.target):
		return certain("markup", "markdown")
	case spelledCodes(p.source, p.low):
		return certain("markup", "codes turned into words")
	case quotedWhole(p.source, p.target):
		return certain("chatter", "quotation marks around the text")
	}
	for _, between := range []string{"\n", " / ", " | "} {
		one, other, ok := strings.Cut(strings.TrimSpace(p.low), between)
		if ok && !strings.Contains(p.source, strings.Trim(between, " ")) {
			return alternatives(plainWords(one), plainWords(other), between == "\n")
		}
	}
	return nil
}

func isWordRune(r rune) bool { return !notInWord(r) }

// plainWords returns the words of a text without the signs around them.
func plainWords(s string) []string { return strings.FieldsFunc(s, notInWord) }

// emphasis are the signs that markdown puts around words.
var emphasis = []string{"**", "__", "~~", "](", "`", "*"}

// markdown reports signs of emphasis around words, or a link, that source lacks.
func markdown(source, target string) bool {
	if !strings.ContainsAny(target, "*_~]`") {
		return false
	}
	for _, sign := range emphasis {
		before, after, ok := strings.Cut(target, sign)
		if !ok || strings.Contains(source, sign) {
			continue
		}
		opens := before == "" || strings.HasSuffix(before, " ") || strings.ContainsAny(before[len(before)-1:], "(\"'\n")
		_, _, closed := strings.Cut(after, sign)
		if sign == "](" || len(sign) > 1 || opens && closed && after[0] != ' ' {
			return true
		}
	}
	return false
}

// listed reports a heading, a quotation or items of a list as markdown has them, at the start of a
// line, if source starts with nothing of the kind.
func listed(source, target string) bool {
	marked := func(line string) bool {
		mark, text, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.TrimSpace(text) == "" {
			return false
		}
		if digits := strings.TrimRight(mark, ".)"); digits != mark && len(digits) < 3 {
			return strings.Trim(digits, "0123456789") == "" && digits != ""
		}
		return strings.Trim(mark, "#") == "" ||
			slices.Contains([]string{"-", "*", "•", "+", ">", "–", "->", "=>", "→"}, mark)
	}
	first := strings.IndexFunc(source, func(r rune) bool { return !unicode.IsSpace(r) })
	if first >= 0 && !unicode.IsLetter([]rune(source[first:])[0]) {
		return false
	}
	return slices.ContainsFunc(strings.Split(target, "\n"), marked)
}

// codeWords are the codes that stand for elements in texts as sent.
var codeWords = pattern(`(?:^|\s)(?:a|g|x|p|b|i|em|span|img|div|strong)\s*(?:id|class|href|src)\s*=?\s*["']?[0-9]` +
	`|(?:^|\s)/(?:a|b|i|p|em|g[0-9]*|x[0-9]*|span|strong)(?:[\s.,;:]|$)|\bg[0-9]+\b.*/g[0-9]+\b`)

// spelledCodes reports codes of elements that the engine has taken for words.
func spelledCodes(source, low string) bool {
	return (strings.Contains(low, " id") || strings.Contains(low, "/")) && codeWords().MatchString(low) &&
		!codeWords().MatchString(strings.ToLower(source))
}

// quotedWhole reports quotation marks around all of target, if source has none at its start.
func quotedWhole(source, target string) bool {
	const open, closing = "\"“«‘'", "\"”»’'"
	inner := []rune(strings.TrimSpace(target))
	if len(inner) < 3 {
		return false
	}
	first, last := inner[0], inner[len(inner)-1]
	inner = inner[1 : len(inner)-1]
	if last == '.' && len(inner) > 1 {
		last, inner = inner[len(inner)-1], inner[:len(inner)-1]
	}
	at := strings.IndexRune(open, first)
	return at >= 0 && strings.ContainsRune(closing, last) && !slices.Contains(inner, first) &&
		!strings.ContainsAny(source, "\"“”«»‘’'„‹›")
}

// alternatives reports two texts that say the same, or a second line that the source lacks.
func alternatives(one, other []string, line bool) []Problem {
	const sameLength, leastWords = 4, 3 // letters of a word that tells, words of a translation
	if len(one) < leastWords || len(other) < leastWords && !line {
		return nil
	}
	same := slices.ContainsFunc(one, func(w string) bool { return len(w) >= sameLength && slices.Contains(other, w) })
	if !same && !line && len(other) == leastWords {
		return nil
	}
	return []Problem{{"chatter", "two translations", !same}}
}
