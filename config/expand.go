package config

import (
	"regexp"
	"strings"
)

// reference is ${NAME}, as POSIX names variables.
var reference = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// fileScheme opens a value that is a file's content. file:// is an address and never expanded.
const fileScheme = "file:"

// public are the kinds of path whose values appear in every output, and so may not come from where secrets do.
func public(path string) bool {
	return strings.HasSuffix(path, "].id") || strings.Contains(path, "].tags[")
}

// expand is s with its references replaced, once: what they bring is not looked into again. False where a mistake was noted; it
// names the variable or the file and never a value.
func (f *file) expand(s, path string) (string, bool) {
	isFile := strings.HasPrefix(s, fileScheme) && !strings.HasPrefix(s, fileScheme+"//")
	if !isFile && !strings.Contains(s, "${") {
		return s, true
	}
	if public(path) {
		f.fail(f.at[path], path+": ids and tags are published: write them out, without ${} and file:", "")
		return "", false
	}
	f.refs[path] = s
	if isFile {
		name := strings.TrimPrefix(s, fileScheme)
		content, err := readCapped(name)
		if err != nil {
			f.fail(f.at[path], path+": cannot read the file of "+quote(s), "a path is relative to the folder that nashra runs in")
			return "", false
		}
		return strings.TrimSpace(string(content)), true
	}
	ok := true
	out := reference.ReplaceAllStringFunc(s, func(ref string) string {
		name := ref[2 : len(ref)-1]
		value, set := f.LookupEnv(name)
		if !set {
			f.fail(f.at[path], path+": the environment has no variable "+name, "")
			ok = false
		}
		return value
	})
	if strings.Contains(reference.ReplaceAllString(s, ""), "${") {
		f.fail(f.at[path], path+`: "${" opens no reference`, "write ${NAME}, a name of letters, digits and _")
		ok = false
	}
	return out, ok
}

// said is a value as an error may show it: what came from elsewhere is named by how it is written, and addresses and secrets are
// not shown at all.
func (f *file) said(path, value string) string {
	if ref := f.refs[path]; ref != "" {
		if reference.FindString(ref) == ref || strings.HasPrefix(ref, fileScheme) {
			return "the value of " + quote(ref)
		}
		return "this value"
	}
	return quote(value)
}
