package offline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/nashra/nashra/translate/offline/marian"
	"github.com/nashra/nashra/translate/offline/spm"
)

// maxFileBytes limits each file of a model. The largest published one has 43 MB.
const maxFileBytes = 256 << 20

// files are the paths of a model's files. Shortlist may be empty; source and target are the same if the
// languages share a vocabulary.
type files struct{ model, shortlist, source, target string }

// findFiles finds the files of one model in a folder: model*.bin, lex*.bin if there is one, and either
// vocab*.spm or both srcvocab*.spm and trgvocab*.spm.
func findFiles(dir string) (f files, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return f, err
	}
	var joint string
	for _, e := range entries {
		for _, want := range []struct {
			pattern string
			path    *string
		}{
			{"model*.bin", &f.model}, {"lex*.bin", &f.shortlist}, {"vocab*.spm", &joint},
			{"srcvocab*.spm", &f.source}, {"trgvocab*.spm", &f.target},
		} {
			if ok, err := path.Match(want.pattern, e.Name()); err != nil || !ok || e.IsDir() {
				continue
			}
			if *want.path != "" {
				return f, fmt.Errorf("%s holds two files %s", dir, want.pattern)
			}
			*want.path = filepath.Join(dir, e.Name())
		}
	}
	switch {
	case f.model == "":
		return f, fmt.Errorf("%s holds no model*.bin", dir)
	case joint != "" && f.source == "" && f.target == "":
		f.source, f.target = joint, joint
	case joint != "" || f.source == "" || f.target == "":
		return f, fmt.Errorf("%s holds neither one vocab*.spm nor one srcvocab*.spm and one trgvocab*.spm", dir)
	}
	return f, nil
}

// student is a loaded model with its vocabularies. It is immutable and must not be used after close.
type student struct {
	model          *marian.Model
	short          *marian.Shortlist // nil: none
	source, target *spm.Model
	files          [][]byte // the memory of the other fields, from allocate
}

func (s *student) close() {
	for _, file := range s.files {
		release(file)
	}
	*s = student{}
}

// loadStudent loads a model from a folder. Files with a manifest are verified against it.
func loadStudent(dir string) (*student, error) {
	f, err := findFiles(dir)
	if err != nil {
		return nil, err
	}
	known, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	s := &student{}
	read := func(path string, parse func(file []byte) error) {
		if err != nil || path == "" {
			return
		}
		var data []byte
		if data, err = readFile(path); err != nil {
			return
		}
		s.files = append(s.files, data)
		if err = known.verify(filepath.Base(path), data); err == nil {
			err = parse(data)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	read(f.model, func(file []byte) (err error) {
		s.model, err = marian.Load(file)
		return err
	})
	read(f.shortlist, func(file []byte) (err error) {
		s.short, err = marian.ReadShortlist(file, s.model.Vocabulary)
		return err
	})
	vocabulary := func(m **spm.Model) func([]byte) error {
		return func(file []byte) (err error) {
			if *m, err = spm.Parse(file); err == nil && (*m).Size() != s.model.Vocabulary {
				err = fmt.Errorf("a vocabulary of %d pieces, while the model has %d: it is another model's",
					(*m).Size(), s.model.Vocabulary)
			}
			if err == nil {
				err = ends(*m)
			}
			return err
		}
	}
	read(f.source, vocabulary(&s.source))
	if s.target = s.source; f.target != f.source {
		read(f.target, vocabulary(&s.target))
	}
	if err == nil && s.model.Split != (f.target != f.source) {
		err = errors.New("the model's languages share a vocabulary and the files do not, or the other way round")
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// ends checks that a vocabulary begins with the pieces for the end of a text and for unknown text.
func ends(m *spm.Model) error {
	if end, ok := m.Find("</s>"); !ok || end != marian.End || m.Unknown() != marian.Unknown {
		return errors.New("a vocabulary whose first pieces are not </s> and the unknown one")
	}
	return nil
}

// readFile reads a whole file into memory from allocate.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFileBytes {
		return nil, fmt.Errorf("%s is no regular file of at most %d MB", path, maxFileBytes>>20)
	}
	data, err := allocate(int(info.Size()))
	if err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(f, data); err != nil {
		release(data)
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}

// maxRows limits the pieces that are translated together: enough to keep the CPU busy, few enough for the
// buffers to stay small (4 MB for base-memory).
const maxRows = 192

// part is a run of pieces of one text, translated as one sentence.
type part struct {
	text   int     // which of the texts
	pieces []int32 // at most marian.MaxSource
	marian.Target
}

// translate returns the translated parts of each text, in order; endless is as in marian.Translate. A
// text longer than a sentence may be is cut between words, or within a longer word.
func (s *student) translate(ctx context.Context, texts []string, endless bool) ([][]*part, error) {
	out := make([][]*part, len(texts))
	var all []*part
	for i, text := range texts {
		for _, pieces := range s.cut(s.source.Encode(text)) {
			p := &part{text: i, pieces: pieces}
			out[i], all = append(out[i], p), append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b *part) int { return len(b.pieces) - len(a.pieces) })
	for len(all) > 0 {
		n, rows := 0, 0
		for n < len(all) && (n == 0 || rows+len(all[n].pieces) <= maxRows) {
			rows += len(all[n].pieces)
			n++
		}
		if err := s.together(ctx, all[:n], endless); err != nil {
			return nil, err
		}
		all = all[n:]
	}
	return out, nil
}

func (s *student) together(ctx context.Context, parts []*part, endless bool) error {
	sources := make([][]int32, len(parts))
	for i, p := range parts {
		sources[i] = p.pieces
	}
	targets, err := s.model.Translate(ctx, s.short, sources, endless)
	if err != nil {
		return err
	}
	for i, p := range parts {
		p.Target = targets[i]
	}
	return nil
}

// cut splits pieces into runs of at most the length of a sentence.
func (s *student) cut(pieces []int32) (out [][]int32) {
	for len(pieces) > marian.MaxSource {
		n := marian.MaxSource
		for n > 0 && !s.source.Begins(pieces[n]) {
			n--
		}
		if n == 0 {
			n = marian.MaxSource
		}
		out = append(out, pieces[:n])
		pieces = pieces[n:]
	}
	if len(pieces) > 0 {
		out = append(out, pieces)
	}
	return out
}
