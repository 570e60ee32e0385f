package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/nashra/nashra/durable"
	"github.com/nashra/nashra/feeds"
)

// AddSources appends sources to the list in the file at path and changes nothing else, unless the
// new file would have mistakes. A file without the list gets the built-in sources first.
func (r Reader) AddSources(path string, list ...feeds.Source) error {
	return r.edit(path, func(t *sourcesText, c *Config) error {
		list = named(list, c.Sources)
		rows := list
		if t.absent() {
			rows = append(slices.Clone(c.Sources), list...)
		}
		c.Sources = append(c.Sources, list...)
		return t.insert(rows)
	})
}

// named returns list with the ids that must be written out because have or list take the derived
// ones. It drops titles that would be read as references.
func named(list, have []feeds.Source) []feeds.Source {
	taken := map[string]bool{}
	for _, s := range slices.Concat(have, list) {
		taken[s.ID] = true
	}
	out, last := slices.Clone(list), map[string]int{} // last: the number last given to an id
	for i := range out {
		s := &out[i]
		if strings.Contains(s.Title, "${") || strings.HasPrefix(s.Title, fileScheme) {
			s.Title = ""
		}
		if s.ID != "" {
			continue
		}
		id := idOf(s.URL)
		if !IsID(id) {
			id = "source"
		}
		free := id
		for n := max(2, last[id]+1); taken[free] || free == "source"; n++ {
			free, last[id] = fmt.Sprintf("%.58s-%d", id, n), n // a list has 10,000 at most
		}
		if taken[free] = true; free != idOf(s.URL) {
			s.ID = free
		}
	}
	return out
}

// RemoveSource removes the source with that id from the file at path and leaves the rest as it is.
func (r Reader) RemoveSource(path, id string) error {
	return r.edit(path, func(t *sourcesText, c *Config) error {
		i := slices.IndexFunc(c.Sources, func(s feeds.Source) bool { return s.ID == id })
		if i < 0 {
			return fmt.Errorf("no source has the id %s", quote(id))
		}
		c.Sources = slices.Delete(slices.Clone(c.Sources), i, i+1)
		return t.remove(i)
	})
}

// edit lets change alter the text and the config, and writes the text if it reads as that config.
func (r Reader) edit(path string, change func(t *sourcesText, c *Config) error) error {
	path, err := filepath.EvalSymlinks(path) // replace the file, not a link to it
	if err != nil {
		return fmt.Errorf("config file: %w", err)
	}
	text, err := readCapped(path)
	if err != nil {
		return fmt.Errorf("config file: %w", err)
	}
	c, err := r.parse(path, text)
	if err != nil {
		return err
	}
	t, err := findSources(path, text)
	if err != nil {
		return err
	}
	if err := change(t, c); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	out := []byte(strings.Join(t.lines, ""))
	if len(out) > maxFileBytes {
		return fmt.Errorf("%s: not changed: it would be larger than %d bytes", path, maxFileBytes)
	}
	got, err := r.parse(path, out)
	if err != nil {
		return fmt.Errorf("not changed: it would have mistakes:\n%w", err)
	}
	if !alike(c, got) {
		return fmt.Errorf("%s: not changed: it would not read as intended; change it by hand", path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return Write(path, out, info.Mode().Perm())
}

// alike reports whether two configs are equal. It compares of sources only what AddSources writes.
func alike(a, b *Config) bool {
	same := slices.EqualFunc(a.Sources, b.Sources, func(x, y feeds.Source) bool {
		return x.URL == y.URL && (x.ID == "" || x.ID == y.ID) && x.Title == y.Title && slices.Equal(x.Tags, y.Tags)
	})
	rest := func(c *Config) Config {
		r := *c
		r.Sources, r.Warnings, r.refs = nil, nil, nil
		return r
	}
	return same && reflect.DeepEqual(rest(a), rest(b))
}

// Write replaces the file at path atomically: it writes a temporary file beside it, syncs and
// renames it, and syncs the folder.
func Write(path string, text []byte, mode fs.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".nashra-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(tmp.Name()) // already renamed if all went well
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return durable.Rename(tmp.Name(), path)
}

// sourcesText is a config file's text and the position of the list of sources in it.
type sourcesText struct {
	lines   []string // with their line ends
	end     string   // line end
	key     int      // the line of "sources:"; -1: none
	bracket int      // the column of its "[", from 0; -1: none
	dashes  []int    // the line of each entry
	indent  string   // of an entry
}

func (t *sourcesText) absent() bool { return t.key < 0 }

// findSources finds the list of sources in content, which has no mistakes.
func findSources(path string, content []byte) (*sourcesText, error) {
	t := &sourcesText{lines: strings.SplitAfter(string(content), "\n"), end: "\n", key: -1, bracket: -1, indent: "  "}
	if bytes.Contains(content, []byte("\r\n")) {
		t.end = "\r\n"
	}
	if last := t.lines[len(t.lines)-1]; last == "" {
		t.lines = t.lines[:len(t.lines)-1]
	} else {
		t.lines[len(t.lines)-1] += t.end
	}
	f := &file{name: path}
	root := f.tree(content)
	if root == nil {
		return t, nil
	}
	pairs, _ := entries(root)
	for _, p := range pairs {
		if key, _ := text(p.Key); key != "sources" || p.Value == nil || p.Value.Type() == ast.NullType {
			continue
		}
		seq, ok := p.Value.(*ast.SequenceNode)
		switch {
		case !ok, seq.IsFlowStyle && len(seq.Values) > 0:
			return nil, fmt.Errorf("%s: sources is written between brackets or by reference: "+
				"write a line for each, or change it by hand", path)
		case seq.IsFlowStyle:
			t.bracket = seq.Start.Position.Column - 1
		}
		t.key = p.Key.GetToken().Position.Line - 1
		for _, e := range seq.Entries {
			if e.Start != nil {
				t.dashes = append(t.dashes, e.Start.Position.Line-1)
				t.indent = strings.Repeat(" ", e.Start.Position.Column-1)
			}
		}
	}
	return t, nil
}

// after returns the line after entry i: the next line that is indented no deeper, or an empty line
// before it.
func (t *sourcesText) after(i int) int {
	n := t.dashes[i] + 1
	for end := n; end < len(t.lines); end++ {
		line := strings.TrimRight(t.lines[end], " \t\r\n")
		if line == "" {
			continue
		}
		if len(line)-len(strings.TrimLeft(line, " ")) <= len(t.indent) {
			break
		}
		n = end + 1
	}
	return n
}

func (t *sourcesText) insert(list []feeds.Source) error {
	var rows []string
	for _, s := range list {
		rows = append(rows, t.indent+"- "+row(s)+t.end)
	}
	switch {
	case t.absent():
		t.lines = append(t.lines, append([]string{t.end, "sources:" + t.end}, rows...)...)
		return nil
	case t.bracket >= 0: // sources: []
		line := []rune(t.lines[t.key])
		open, closed := t.bracket, slices.Index(line, ']')
		if open >= len(line) || line[open] != '[' || closed < open {
			return errors.New("the empty list of sources is spread over lines: change it by hand")
		}
		t.lines[t.key] = strings.TrimRight(string(line[:open]), " ") + string(line[closed+1:])
		t.lines = slices.Insert(t.lines, t.key+1, rows...)
		return nil
	}
	t.lines = slices.Insert(t.lines, t.after(len(t.dashes)-1), rows...)
	return nil
}

func (t *sourcesText) remove(i int) error {
	switch {
	case t.absent():
		return errors.New(
			"the file names no sources and uses the built-in ones: nashra init writes a file that names them")
	case len(t.dashes) == 1: // without a list the built-in sources would come back
		t.lines[t.key] = strings.Replace(t.lines[t.key], ":", ": []", 1)
	}
	t.lines = slices.Delete(t.lines, t.dashes[i], t.after(i))
	return nil
}

// row writes a source on one line. Go's quoting is valid YAML.
func row(s feeds.Source) string {
	out := "{url: " + strconv.Quote(s.URL)
	for _, v := range []struct{ key, value string }{{"id", s.ID}, {"title", s.Title}} {
		if v.value != "" {
			out += ", " + v.key + ": " + strconv.Quote(v.value)
		}
	}
	if len(s.Tags) > 0 {
		quoted := make([]string, len(s.Tags))
		for i, tag := range s.Tags {
			quoted[i] = strconv.Quote(tag)
		}
		out += ", tags: [" + strings.Join(quoted, ", ") + "]"
	}
	return out + "}"
}
