package check

import (
	"regexp"
	"sync"
)

// pattern compiles expr at its first use. Most commands need no pattern, and compiling all took a
// tenth of the program's start.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
