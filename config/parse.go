package config

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// file is the state of reading one file: its mistakes and the positions of its values.
type file struct {
	Reader
	name    string
	choices map[string][]string        // the values that a key may have, by kind of path
	at      map[string]*token.Position // position of each value, by path: "sources[0].url"
	refs    map[string]string          // by path, as written: the values that came from ${} or file:
	anchors map[string]ast.Node
	fields  map[reflect.Type][]field // of the structs met so far
	shape   map[string]bool          // paths whose values are no mapping, list or value where one is wanted
	zones   map[string]error         // of the timezones met so far; nil: it exists
	nodes   int                      // nodes decoded so far
	errs    Errors

	warnings Errors // what is allowed and probably not meant
}

// Limits on the form of a file. A config nests five deep, and ten thousand sources are about fifty
// thousand values.
const (
	maxDepth  = 32
	maxKeys   = 10_000  // in one mapping; they keep the parser busy for half a second
	maxNoted  = 1000    // mistakes; far fewer are reported
	maxValues = 200_000 // an alias counts each time, so that a small file cannot become a large one
)

// parse reads text. Errors call the file name.
func (r Reader) parse(name string, text []byte) (*Config, error) {
	c, _, err := r.read(name, text)
	return c, err
}

// read is parse, which also returns the syntax tree.
func (r Reader) read(name string, text []byte) (*Config, ast.Node, error) {
	f := &file{Reader: r, name: name, choices: choices(r.Engines),
		refs: map[string]string{}, anchors: map[string]ast.Node{}, fields: map[reflect.Type][]field{},
		shape: map[string]bool{}, zones: map[string]error{}}
	c := defaults()
	root := f.tree(text)
	if root != nil {
		f.decode(root, reflect.ValueOf(c).Elem(), "", "", "")
	}
	if len(f.errs) == 0 && !f.has("sources") {
		if err := f.builtinSources(c); err != nil {
			return nil, nil, err
		}
	}
	f.complete(c)
	f.check(c)
	if len(f.errs) > 0 {
		return nil, nil, f.errs.sorted()
	}
	c.refs, c.Warnings = f.refs, f.warnings.sorted()
	return c, root, nil
}

// builtinSources gives c the built-in sources, for a file without the key.
func (f *file) builtinSources(c *Config) error {
	if f.name == builtinName {
		return errors.New("the built-in config has no sources")
	}
	bare := Reader{LookupEnv: func(string) (string, bool) { return "", false }, Engines: f.Engines}
	builtin, err := bare.parse(builtinName, Template())
	if err != nil {
		return err
	}
	c.Sources = builtin.Sources
	return nil
}

// fail records a mistake at pos; nil stands for the start of the file.
func (f *file) fail(pos *token.Position, message, hint string) {
	if len(f.errs) >= maxNoted {
		return
	}
	e := &Error{File: f.name, Line: 1, Column: 1, Message: message, Hint: hint}
	if pos != nil {
		e.Line, e.Column = max(1, pos.Line), max(1, pos.Column)
	}
	f.errs = append(f.errs, e)
}

// has reports whether the file has a value at path.
func (f *file) has(path string) bool { return f.at[path] != nil }

// failed reports whether a mistake is recorded at path. What follows from one mistake is not
// reported again.
func (f *file) failed(path string) bool {
	pos := f.at[path]
	return pos != nil &&
		slices.ContainsFunc(f.errs, func(e *Error) bool { return e.Line == pos.Line && e.Column == pos.Column })
}

// tree parses text. It returns nil if text is empty or wrong. The parser may panic on hostile
// input; that counts as a mistake in the file.
func (f *file) tree(text []byte) (root ast.Node) {
	defer func() {
		if recover() != nil {
			root = nil
			f.fail(nil, "the YAML cannot be read", compareHint)
		}
	}()
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if valid := bytes.ToValidUTF8(text, []byte{0}); !utf8.Valid(text) {
		line := 1 + bytes.Count(valid[:bytes.IndexByte(valid, 0)], []byte("\n"))
		f.fail(&token.Position{Line: line, Column: 1}, "the file is not UTF-8", "save it as UTF-8")
		return nil
	}
	tokens := lexer.Tokenize(string(text))
	if pos, message := tooMuch(tokens); pos != nil {
		f.fail(pos, message, "")
		return nil
	}
	f.at = make(map[string]*token.Position, len(tokens)/4)                // a value is about four tokens
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // we report duplicates ourselves, all of them
	if err != nil {
		f.syntax(err, text)
		return nil
	}
	for _, doc := range parsed.Docs {
		switch {
		case doc.Body == nil:
		case doc.Body.Type() == ast.DirectiveType, doc.Body.Type() == ast.CommentType:
		case root != nil:
			f.fail(doc.Body.GetToken().Position, "a second document", "put everything into one")
			return nil
		default:
			root = doc.Body
		}
	}
	return root
}

// tooMuch returns where the nesting passes maxDepth, or the keys pass maxKeys or maxValues. It runs
// before the parser, which recurses for each level and takes quadratic time in the keys of a mapping.
func tooMuch(tokens token.Tokens) (*token.Position, string) {
	depth, run, all, dashed := 0, 0, 0, 0 // dashed is the last line with a list's dash
	keys := map[int]int{}                 // by indent, of the mappings without brackets that are open
	for _, t := range tokens {
		indent := t.Position.IndentNum
		if t.Position.Line == dashed {
			indent++ // after the dash
		}
		if depth == 0 && (t.Type == token.SequenceEntryType || t.Type == token.MappingValueType) {
			maps.DeleteFunc(keys, func(open, _ int) bool { return open > indent })
		}
		switch t.Type {
		case token.SequenceEntryType:
			dashed = t.Position.Line
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.MappingValueType:
			if all++; depth == 0 {
				keys[indent]++
			}
		}
		switch t.Type { // "- - - -", "? ? ? ?" and "!a !a !a" nest without brackets
		case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
			run++
		default:
			run = 0
		}
		if depth > maxDepth || run > maxDepth {
			return t.Position, fmt.Sprintf("nested more than %d deep", maxDepth)
		}
		if keys[indent] > maxKeys {
			return t.Position, fmt.Sprintf("more than %d keys in one mapping", maxKeys)
		}
		if all > maxValues {
			return t.Position, fmt.Sprintf("more than %d keys", maxValues)
		}
	}
	return nil, ""
}

// resolve returns the value of an anchor, or the value that an alias names; nil after recording a
// mistake.
func (f *file) resolve(n ast.Node) ast.Node {
	for range maxDepth {
		switch v := n.(type) {
		case *ast.AnchorNode:
			f.anchors[v.Name.GetToken().Value] = v.Value
			n = v.Value
		case *ast.AliasNode:
			name := v.Value.GetToken().Value
			if f.anchors[name] == nil {
				f.fail(v.GetToken().Position, "nothing above is anchored as "+quote(name),
					"write &"+name+" before the value that it stands for")
				return nil
			}
			n = f.anchors[name]
		case *ast.TagNode:
			f.fail(v.GetToken().Position, "YAML tags are not used here", "write the value alone")
			return nil
		default:
			return n
		}
	}
	f.fail(n.GetToken().Position, "aliases that lead to aliases", "write the value out")
	return nil
}
