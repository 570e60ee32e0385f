package config

import (
	"regexp"
	"strings"
)

// reference fits ${NAME}; POSIX defines the names.
var reference = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// bare fits $NAME, which shells expand and this file does not.
var bare = regexp.MustCompile(`^\$[A-Z_][A-Z0-9_]*$`)

// addressed fits the paths of addresses and keys, which never begin with a dollar sign.
var addressed = regexp.MustCompile(`^store$|\.(url|opml|secret)$`)

// fileScheme starts a value that names a file to read. file:// starts an address and is not
// expanded.
const fileScheme = "file:"

// public reports whether the value at path is published, so that it may not come from where secrets
// are kept.
func public(path string) bool {
	return strings.HasSuffix(path, "].id") || strings.Contains(path, "].tags[")
}

// expand returns s with its references replaced; it does not expand their values again. It reports
// false after recording a mistake, which names the variable or the file and never a value.
func (f *file) expand(s, path string) (string, bool) {
	isFile := strings.HasPrefix(s, fileScheme) && !strings.HasPrefix(s, fileScheme+"//")
	if !isFile && !strings.Contains(s, "${") {
		return s, true
	}
	if public(path) {
		f.fail(f.at[path], path+": ids and tags are published", "write them out, without ${} and file:")
		return "", false
	}
	f.refs[path] = s
	if isFile {
		name := strings.TrimPrefix(s, fileScheme)
		content, err := readCapped(name)
		if err != nil {
			f.fail(f.at[path], path+": cannot read the file of "+quote(s),
				"a path is relative to the folder that nashra runs in")
			return "", false
		}
		return strings.TrimSpace(string(content)), true
	}
	ok := true
	out := reference.ReplaceAllStringFunc(s, func(ref string) string {
		name := ref[2 : len(ref)-1]
		value, set := f.LookupEnv(name)
		if !set {
			f.fail(f.at[path], path+": the environment has no variable "+name, "set it before nashra starts")
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

// said returns a value as an error may show it. A value from elsewhere is named by its reference.
func (f *file) said(path, value string) string {
	if ref := f.refs[path]; ref != "" {
		if reference.FindString(ref) == ref || strings.HasPrefix(ref, fileScheme) {
			return "the value of " + quote(ref)
		}
		return "this value"
	}
	return quote(value)
}
