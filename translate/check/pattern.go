package check

import (
	"regexp"
	"sync"
)

// pattern compiles expr when it is first asked for: most commands need none, and all of them took a tenth of the program's start.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
