package publish

import (
	"crypto/sha256"
	"errors"
	"hash"
	"os"
	"path"
)

// draft is a file while it is written beside its place, so that readers never see a mixture. It is
// hashed meanwhile, and memory does not grow with it.
type draft struct {
	root *os.Root
	name string
	file *os.File
	sum  hash.Hash
}

// newDraft begins the file of that name. The caller finishes or drops it.
func newDraft(root *os.Root, name string) (*draft, error) {
	if dir := path.Dir(name); dir != "." {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	f, err := root.OpenFile(beside(name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	return &draft{root, name, f, sha256.New()}, err
}

func (d *draft) Write(p []byte) (int, error) {
	d.sum.Write(p)
	return d.file.Write(p)
}

// finish puts the file in its place, if it differs from the one there. It returns the hash, and
// whether the file is new or changed.
func (d *draft) finish() (sum [32]byte, changed bool, err error) {
	defer d.drop()
	d.sum.Sum(sum[:0])
	if d.published(sum) {
		return sum, false, nil
	}
	if err := errors.Join(d.file.Sync(), d.file.Close()); err != nil {
		return sum, false, err
	}
	err = d.root.Rename(beside(d.name), d.name)
	return sum, err == nil, err
}

// published reports whether the file in place is the same, with that hash. The size spares most
// files that differ the reading.
func (d *draft) published(sum [32]byte) bool {
	now, err := d.file.Stat()
	if err != nil {
		return false
	}
	have, err := d.root.Stat(d.name)
	if err != nil || have.Size() != now.Size() {
		return false
	}
	old, err := digest(d.root, d.name)
	return err == nil && old == sum
}

// drop removes what finish has not put in its place.
func (d *draft) drop() {
	_ = d.file.Close()
	_ = d.root.Remove(beside(d.name))
}

// beside returns the temporary name of a file.
func beside(name string) string { return path.Join(path.Dir(name), "."+path.Base(name)+".new") }
