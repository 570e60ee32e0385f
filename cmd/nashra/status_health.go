package main

import "fmt"

// healthy says whether anything succeeds: of the sources that are on, one at least is not late. Where none is on there is nothing to fail.
func (s status) healthy() bool {
	on := 0
	for _, src := range s.Sources {
		if src.Off {
			continue
		}
		if on++; !src.Late {
			return true
		}
	}
	return on == 0
}

// ails is what is wrong where s is not healthy.
func (s status) ails() string {
	var last, worst sourceStatus
	for _, src := range s.Sources {
		if src.Success.After(last.Success) {
			last = src
		}
		if src.Failures > worst.Failures {
			worst = src
		}
	}
	text := "no source has succeeded within three rounds of its schedule"
	if last.ID != "" {
		text += fmt.Sprintf("; the last was %s at %s", last.ID, stamp(last.Success))
	}
	if worst.ID != "" {
		text += fmt.Sprintf("; %s: %s", worst.ID, worst.Class)
	}
	return text
}
