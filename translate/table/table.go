// Package table reads the tab-separated tables that come with the program and that users add to.
package table

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// maxBytes limits a table. A person keeps thousands of lines at most.
const maxBytes = 4 << 20

// Lines calls each with the lines of a table, trimmed, without empty lines and those that start
// with #. An error names the table and the line.
func Lines(r io.Reader, table string, each func(line string) error) error {
	sc := bufio.NewScanner(io.LimitReader(r, maxBytes))
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if err := each(line); err != nil {
			return fmt.Errorf("%s line %d: %w", table, n, err)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("read %s: %w", table, err)
	}
	return nil
}
