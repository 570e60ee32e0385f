package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/nashra/nashra/feeds"
)

// SwitchSource sets enabled of the source with that id in the file at path, and leaves the rest as it
// is.
func (r Reader) SwitchSource(path, id string, on bool) error {
	_, err := r.edit(path, false, func(t *fileText, c *Config) error {
		i := slices.IndexFunc(c.Sources, func(s feeds.Source) bool { return s.ID == id })
		if i < 0 {
			return fmt.Errorf("no source has the id %s", quote(id))
		}
		c.Sources = slices.Clone(c.Sources)
		c.Sources[i].Enabled = &on
		return t.set(i, "enabled", strconv.FormatBool(on))
	})
	return err
}

// set gives source i the value of a key, which it may have already.
func (t *fileText) set(i int, key, value string) error {
	if t.sources.key < 0 {
		return errBuiltin
	}
	m, ok := t.sources.nodes[i].(*ast.MappingNode)
	if !ok {
		return errors.New("the source is written by reference: change it by hand")
	}
	at, insert, old := m.Start.Position, ", "+key+": "+value+"}", "}" // where, and what for what
	if m.IsFlowStyle {
		at = m.End.Position
	}
	for _, p := range m.Values {
		if k, _ := text(p.Key); k == key {
			at, insert, old = p.Value.GetToken().Position, value, p.Value.GetToken().Value
		}
	}
	if old == "}" && !m.IsFlowStyle {
		first := m.Values[0].Key.GetToken().Position
		row := strings.Repeat(" ", first.Column-1) + key + ": " + value + t.end
		t.lines = slices.Insert(t.lines, first.Line, row)
		return nil
	}
	line := []rune(t.lines[at.Line-1])
	before := min(at.Column-1, len(line))
	rest, ok := strings.CutPrefix(string(line[before:]), old)
	if !ok {
		return errors.New("the source is written in a way that cannot be edited: change it by hand")
	}
	t.lines[at.Line-1] = string(line[:before]) + insert + rest
	return nil
}
