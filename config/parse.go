package config

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// file is one reading of one file: what is wrong, and where everything stands.
type file struct {
	Reader
	name    string
	choices map[string][]string        // the values that a key may have, by kind of path
	at      map[string]*token.Position // of each value, by path: "sources[0].url"
	refs    map[string]string          // of values that came from ${} or file:, as written, by path
	anchors map[string]ast.Node
	fields  map[reflect.Type][]field  // of the structs met so far
	names   map[reflect.Type][]string // theirs
	nodes   int                       // decoded so far
	errs    Errors
}

// Limits on the form of a file. A config nests five deep and a thousand sources are some ten thousand values.
const (
	maxDepth  = 32
	maxKeys   = 30_000  // all in one mapping they keep the parser busy for two seconds
	maxNoted  = 1000    // mistakes; far fewer are told
	maxValues = 200_000 // an alias counts each time it is used: no small file can become a large one
)

// parse reads text, which errors call name.
func (r Reader) parse(name string, text []byte) (*Config, error) {
	f := &file{Reader: r, name: name, choices: choices(r.Engines), at: map[string]*token.Position{}, refs: map[string]string{}, anchors: map[string]ast.Node{},
		fields: map[reflect.Type][]field{}, names: map[reflect.Type][]string{}}
	c := defaults()
	if root := f.tree(text); root != nil {
		f.decode(root, reflect.ValueOf(c).Elem(), "", "")
	}
	if len(f.errs) == 0 && !f.has("sources") {
		if err := f.builtinSources(c); err != nil {
			return nil, err
		}
	}
	f.complete(c)
	f.check(c)
	if len(f.errs) > 0 {
		return nil, f.errs.sorted()
	}
	c.refs = f.refs
	return c, nil
}

// builtinSources stand in for the ones of a file that does not speak of sources at all.
func (f *file) builtinSources(c *Config) error {
	if f.name == builtinName {
		return errors.New("the built-in config has no sources")
	}
	bare := Reader{func(string) (string, bool) { return "", false }, f.Engines}
	builtin, err := bare.parse(builtinName, Template())
	if err != nil {
		return err
	}
	c.Sources = builtin.Sources
	return nil
}

// fail notes a mistake at pos; nil is the start of the file.
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

// has says whether the file gives a value at path.
func (f *file) has(path string) bool { return f.at[path] != nil }

// failed says whether a mistake was noted at path: one is enough, what follows from it is not told.
func (f *file) failed(path string) bool {
	pos := f.at[path]
	return pos != nil && slices.ContainsFunc(f.errs, func(e *Error) bool { return e.Line == pos.Line && e.Column == pos.Column })
}

// tree parses text; nil where there is nothing in it or a mistake was noted. The parser is not ours and its input is: a panic of
// its is a mistake in the file.
func (f *file) tree(text []byte) (root ast.Node) {
	defer func() {
		if recover() != nil {
			root = nil
			f.fail(nil, "this is not YAML that can be read", "")
		}
	}()
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	tokens := lexer.Tokenize(string(text))
	if pos, message := tooMuch(tokens); pos != nil {
		f.fail(pos, message, "")
		return nil
	}
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // duplicates are told by us, all of them
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

// syntax notes what the parser says of text.
func (f *file) syntax(err error, text []byte) {
	var wrong *yaml.SyntaxError
	if !errors.As(err, &wrong) || wrong.Token == nil || wrong.Token.Position == nil {
		f.fail(nil, "this is not YAML that can be read", "")
		return
	}
	pos, hint := wrong.Token.Position, ""
	if lines := bytes.Split(text, []byte("\n")); pos.Line >= 1 && pos.Line <= len(lines) && bytes.Contains(lines[pos.Line-1], []byte("${")) {
		hint = `between braces a reference needs quotes: "${NAME}"`
	}
	message, _, _ := strings.Cut(wrong.Message, "\n")
	f.fail(pos, message, hint)
}

// tooMuch is where nesting passes maxDepth or the keys maxKeys, found before the parser, which calls itself for each level and
// looks at all the keys of a mapping for each of them.
func tooMuch(tokens token.Tokens) (*token.Position, string) {
	depth, run, keys := 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.MappingValueType:
			keys++
		}
		switch t.Type { // "- - - -", "? ? ? ?", "!a !a !a": a level each, without a bracket
		case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
			run++
		default:
			run = 0
		}
		if depth > maxDepth || run > maxDepth {
			return t.Position, fmt.Sprintf("nested more than %d deep", maxDepth)
		}
		if keys > maxKeys {
			return t.Position, fmt.Sprintf("more than %d keys", maxKeys)
		}
	}
	return nil, ""
}

// resolve is what n stands for: the value of an anchor, the anchor of an alias. Nil where a mistake was noted.
func (f *file) resolve(n ast.Node) ast.Node {
	for range maxDepth {
		switch v := n.(type) {
		case *ast.AnchorNode:
			f.anchors[v.Name.GetToken().Value] = v.Value
			n = v.Value
		case *ast.AliasNode:
			name := v.Value.GetToken().Value
			if f.anchors[name] == nil {
				f.fail(v.GetToken().Position, "nothing above is anchored as "+quote(name), "")
				return nil
			}
			n = f.anchors[name]
		case *ast.TagNode:
			f.fail(v.GetToken().Position, "YAML tags are not used here", "")
			return nil
		default:
			return n
		}
	}
	f.fail(n.GetToken().Position, "aliases that lead to aliases", "")
	return nil
}
