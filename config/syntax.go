package config

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"
)

// compareHint is the hint where nothing better is known.
const compareHint = "compare it with the file that nashra init writes"

// syntax records the parser's error about text.
func (f *file) syntax(err error, text []byte) {
	lines := bytes.Split(text, []byte("\n"))
	conflict := func(line []byte) bool { return bytes.HasPrefix(line, []byte("<<<<<<< ")) }
	if i := slices.IndexFunc(lines, conflict); i >= 0 {
		f.fail(&token.Position{Line: i + 1, Column: 1}, "a merge conflict",
			"keep one version and delete the lines of <<<<<<<, ======= and >>>>>>>")
		return
	}
	var wrong *yaml.SyntaxError
	if !errors.As(err, &wrong) || wrong.Token == nil || wrong.Token.Position == nil {
		f.fail(nil, "the YAML cannot be read", compareHint)
		return
	}
	pos, line := wrong.Token.Position, ""
	if pos.Line >= 1 && pos.Line <= len(lines) {
		line = string(lines[pos.Line-1])
	}
	message, _, _ := strings.Cut(wrong.Message, "\n")
	f.fail(pos, message, syntaxHint(message, line))
}

// syntaxHint returns how to mend line, about which the parser says message.
func syntaxHint(message, line string) string {
	_, value, _ := strings.Cut(line, ": ")
	value = strings.TrimSpace(value)
	switch {
	case strings.HasPrefix(strings.TrimLeft(line, " "), "\t"):
		return "indent with spaces, not with tabs"
	case strings.Contains(line, "${"):
		return `between braces a reference needs quotes: "${NAME}"`
	case strings.Contains(message, "escape character"), strings.Contains(line, `:\`):
		return `between "" a backslash begins an escape: write the value between ''`
	case strings.Contains(message, "directive"):
		return "a value that begins with % needs quotes"
	case strings.Contains(message, "quoted text"):
		return "close the quotes on the same line"
	case value != "" && strings.ContainsAny(value[:1], "@*%&!|>`"):
		return "a value that begins with " + value[:1] + " needs quotes"
	case strings.Contains(message, "must be specified"):
		return "close the brackets before this place, and quote values that hold , : [ ] { or }"
	case strings.Contains(value, ": "):
		return `a value that holds ": " needs quotes`
	}
	return "write key: value, and indent the keys of one mapping alike"
}
