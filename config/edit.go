package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/nashra/nashra/durable"
	"github.com/nashra/nashra/feeds"
)

// AddSources appends sources, whose Tags may be names of any form, to the list in the file at path,
// and titles of new tags, unless the new file would have mistakes. A file without the list gets the
// built-in sources first. It returns the new config. If dry, the file stays as it is.
func (r Reader) AddSources(path string, dry bool, list ...feeds.Source) (*Config, error) {
	return r.edit(path, dry, func(t *fileText, c *Config) error {
		list, titles := tagged(named(list, c.Sources), c)
		var names []string
		for _, tag := range slices.Sorted(maps.Keys(titles)) {
			for lang, title := range titles[tag] {
				names = append(names, fmt.Sprintf("%s: {%s: %q}", tag, lang, title))
			}
		}
		if c.Tags == nil && len(titles) > 0 {
			c.Tags = map[string]map[string]string{}
		}
		maps.Copy(c.Tags, titles)
		if t.sources.key < 0 {
			list = append(slices.Clone(c.Sources), list...)
			c.Sources = nil
		}
		c.Sources = append(c.Sources, list...)
		var rows []string
		for _, s := range list {
			rows = append(rows, "- "+Line(s))
		}
		return t.insert(rows, names)
	})
}

// RemoveSource removes the source with that id from the file at path and leaves the rest as it is.
func (r Reader) RemoveSource(path, id string) error {
	_, err := r.edit(path, false, func(t *fileText, c *Config) error {
		i := slices.IndexFunc(c.Sources, func(s feeds.Source) bool { return s.ID == id })
		if i < 0 {
			return fmt.Errorf("no source has the id %s", quote(id))
		}
		c.Sources = slices.Delete(slices.Clone(c.Sources), i, i+1)
		return t.remove(i)
	})
	return err
}

// edit lets change alter the text and the config, and writes the text, unless dry, if it reads as that
// config. It returns the config as read.
func (r Reader) edit(path string, dry bool, change func(t *fileText, c *Config) error) (*Config, error) {
	path, err := filepath.EvalSymlinks(path) // replace the file, not a link to it
	if err != nil {
		return nil, fmt.Errorf("config file: %w", err)
	}
	text, err := readCapped(path)
	if err != nil {
		return nil, fmt.Errorf("config file: %w", err)
	}
	c, root, err := r.read(path, text)
	if err != nil {
		return nil, err
	}
	t, err := newFileText(text, root)
	if err == nil {
		err = change(t, c)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	out := []byte(strings.Join(t.lines, ""))
	if len(out) > maxFileBytes {
		return nil, fmt.Errorf("%s: not changed: it would be larger than %d bytes", path, maxFileBytes)
	}
	got, err := r.parse(path, out)
	if err != nil {
		return nil, fmt.Errorf("not changed: it would have mistakes:\n%w", err)
	}
	if !alike(c, got) {
		return nil, fmt.Errorf("%s: not changed: it would not read as intended; change it by hand", path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	if dry {
		return got, nil
	}
	return got, Write(path, out, info.Mode().Perm())
}

// alike reports whether two configs are equal. It compares of sources only what AddSources writes.
func alike(a, b *Config) bool {
	same := slices.EqualFunc(a.Sources, b.Sources, func(x, y feeds.Source) bool {
		return x.URL == y.URL && x.OPML == y.OPML && (x.ID == "" || x.ID == y.ID) && x.Title == y.Title &&
			x.Site == y.Site && x.Lang == y.Lang && x.Page == y.Page && x.Trust == y.Trust && x.On() == y.On() &&
			slices.Equal(x.Tags, y.Tags)
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

// fileText is a config file's text and the places in it that can be edited.
type fileText struct {
	lines         []string // with their line ends
	end           string   // line end
	sources, tags block
}

// block is a list or a mapping at the top of the file.
type block struct {
	name    string
	key     int   // the line of its key; -1: none
	bracket int   // the column of the bracket of an empty one, from 0; -1: none
	entries []int // the line of each entry
	nodes   []ast.Node
	indent  string // of an entry
	fixed   bool   // it is written in a way that cannot be edited
}

// newFileText finds the places to edit in content, which has no mistakes and reads as root.
func newFileText(content []byte, root ast.Node) (*fileText, error) {
	t := &fileText{lines: strings.SplitAfter(string(content), "\n"), end: "\n"}
	if bytes.Contains(content, []byte("\r\n")) {
		t.end = "\r\n"
	}
	if last := t.lines[len(t.lines)-1]; last == "" {
		t.lines = t.lines[:len(t.lines)-1]
	} else {
		t.lines[len(t.lines)-1] += t.end
	}
	t.sources, t.tags = findBlock(root, "sources"), findBlock(root, "tags")
	return t, t.sources.editable()
}

// findBlock finds the block of that name in root.
func findBlock(root ast.Node, name string) block {
	b := block{name: name, key: -1, bracket: -1, indent: "  "}
	pairs, _ := entries(root)
	for _, p := range pairs {
		if key, _ := text(p.Key); key != name || p.Value == nil || p.Value.Type() == ast.NullType {
			continue
		}
		b.key = p.Key.GetToken().Position.Line - 1
		var start *token.Token
		var at []*token.Position
		switch v := p.Value.(type) {
		case *ast.SequenceNode:
			b.fixed = v.IsFlowStyle && len(v.Values) > 0
			for _, e := range v.Entries {
				if e.Start != nil {
					b.nodes = append(b.nodes, e.Value)
					at = append(at, e.Start.Position)
				}
			}
			if v.IsFlowStyle {
				start = v.Start
			}
		case *ast.MappingNode:
			b.fixed = v.IsFlowStyle && len(v.Values) > 0
			for _, e := range v.Values {
				at = append(at, e.Key.GetToken().Position)
			}
			if v.IsFlowStyle {
				start = v.Start
			}
		case *ast.MappingValueNode:
			at = append(at, v.Key.GetToken().Position)
		default:
			b.fixed = true
		}
		if start != nil {
			b.bracket = start.Position.Column - 1
		}
		for _, pos := range at {
			b.entries = append(b.entries, pos.Line-1)
			b.indent = strings.Repeat(" ", pos.Column-1)
		}
	}
	return b
}

// editable returns an error if b cannot be edited.
func (b *block) editable() error {
	if b.fixed {
		return fmt.Errorf("%s is written between brackets or by reference: "+
			"write a line for each, or change it by hand", b.name)
	}
	return nil
}

// after returns the line after entry i of b: the next line that is indented no deeper, or an empty line
// before it.
func (t *fileText) after(b block, i int) int {
	n := b.entries[i] + 1
	for end := n; end < len(t.lines); end++ {
		line := strings.TrimRight(t.lines[end], " \t\r\n")
		if line == "" {
			continue
		}
		if len(line)-len(strings.TrimLeft(line, " ")) <= len(b.indent) {
			break
		}
		n = end + 1
	}
	return n
}

// insert adds entries to the sources and to the tags: first to what is further below, so that lines keep
// their numbers.
func (t *fileText) insert(sources, tags []string) error {
	if len(tags) == 0 {
		return t.add(t.sources, sources)
	}
	if err := t.tags.editable(); err != nil {
		return err
	}
	if t.tags.key >= 0 && t.tags.key < t.sources.key || t.sources.key < 0 {
		return errors.Join(t.add(t.sources, sources), t.add(t.tags, tags))
	}
	return errors.Join(t.add(t.tags, tags), t.add(t.sources, sources))
}

func (t *fileText) add(b block, list []string) error {
	rows := make([]string, len(list))
	for i, entry := range list {
		rows[i] = b.indent + entry + t.end
	}
	switch {
	case b.key < 0:
		t.lines = append(t.lines, append([]string{t.end, b.name + ":" + t.end}, rows...)...)
		return nil
	case b.bracket >= 0: // sources: []
		line := []rune(t.lines[b.key])
		open, closed := b.bracket, max(slices.Index(line, ']'), slices.Index(line, '}'))
		if open >= len(line) || line[open] != '[' && line[open] != '{' || closed < open {
			return fmt.Errorf("the empty %s are spread over lines: change them by hand", b.name)
		}
		t.lines[b.key] = strings.TrimRight(string(line[:open]), " ") + string(line[closed+1:])
		t.lines = slices.Insert(t.lines, b.key+1, rows...)
		return nil
	}
	t.lines = slices.Insert(t.lines, t.after(b, len(b.entries)-1), rows...)
	return nil
}

func (t *fileText) remove(i int) error {
	b := t.sources
	switch {
	case b.key < 0:
		return errBuiltin
	case len(b.entries) == 1: // without a list the built-in sources would come back
		t.lines[b.key] = strings.Replace(t.lines[b.key], ":", ": []", 1)
	}
	t.lines = slices.Delete(t.lines, b.entries[i], t.after(b, i))
	return nil
}

var errBuiltin = errors.New(
	"the file names no sources and uses the built-in ones: nashra init writes a file that names them")

// Line writes s on one line, as AddSources does. Go's quoting is valid YAML.
func Line(s feeds.Source) string {
	var out []string
	key := func(name, value string) {
		if value != "" {
			out = append(out, name+": "+strconv.Quote(value))
		}
	}
	key("url", s.URL)
	key("opml", s.OPML)
	key("id", s.ID)
	if plain, ok := s.Title.Plain(); ok {
		key("title", plain)
	} else {
		out = append(out, "title: {en: "+strconv.Quote(s.Title.EN)+", ar: "+strconv.Quote(s.Title.AR)+"}")
	}
	key("site", s.Site)
	key("lang", s.Lang)
	key("trust", s.Trust)
	if len(s.Tags) > 0 {
		quoted := make([]string, len(s.Tags))
		for i, tag := range s.Tags {
			quoted[i] = strconv.Quote(tag)
		}
		out = append(out, "tags: ["+strings.Join(quoted, ", ")+"]")
	}
	if s.Page.On() {
		out = append(out, "page: "+selectors(s.Page))
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// selectors writes p as the value of the key page, on one line.
func selectors(p feeds.Page) string {
	var out []string
	v := reflect.ValueOf(p)
	for _, f := range fields(v.Type()) {
		if value := v.Field(f.index).String(); value != "" {
			out = append(out, f.key+": "+strconv.Quote(value))
		}
	}
	return "{" + strings.Join(out, ", ") + "}"
}
