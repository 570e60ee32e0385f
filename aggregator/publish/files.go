package publish

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// whole reports whether all listed files are intact.
func whole(root *os.Root, listed map[string][32]byte) bool {
	for name, sum := range listed {
		if name == madeFrom {
			continue
		}
		if is, err := digest(root, name); err != nil || is != sum {
			return false
		}
	}
	return true
}

// digest returns the SHA-256 of a file, without reading it into memory at once.
func digest(root *os.Root, name string) (sum [32]byte, err error) {
	f, err := root.Open(name)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	return sum, nil
}

// writers is how many files are written at once, as each waits for the disk.
const writers = 8

// replaceAll writes the files whose content differs, and returns their names, sorted.
func replaceAll(root *os.Root, files map[string][]byte) (written []string, err error) {
	var mu sync.Mutex
	folders := map[string]bool{}
	var g errgroup.Group
	g.SetLimit(writers)
	for name, body := range files {
		g.Go(func() error {
			if have, err := root.ReadFile(name); err == nil && bytes.Equal(have, body) {
				return nil
			}
			if err := replace(root, name, body); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			written = append(written, name)
			folders[path.Dir(name)] = true
			return nil
		})
	}
	err = g.Wait()
	for dir := range folders { // also after an error: what was renamed must be durable
		err = errors.Join(err, syncDir(root, dir))
	}
	slices.Sort(written)
	return written, err
}

// remove deletes the listed files that are not in now, and returns their names, sorted.
func remove(root *os.Root, listed map[string][32]byte, now map[string][32]byte) (removed []string, err error) {
	for name := range listed {
		if _, still := now[name]; still || name == madeFrom {
			continue
		}
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, err
		}
		_ = root.Remove(beside(name)) // left by a crash
		removed = append(removed, name)
	}
	slices.Sort(removed)
	return removed, nil
}

// replace writes a file as a draft.
func replace(root *os.Root, name string, body []byte) error {
	d, err := newDraft(root, name)
	if err != nil {
		return err
	}
	defer d.drop()
	if _, err := d.Write(body); err != nil {
		return err
	}
	_, _, err = d.finish()
	return err
}

// syncDir makes the renames in dir durable. Some systems cannot sync a directory, and need not.
func syncDir(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}
