package publish

import (
	"crypto/sha256"
	"hash"
	"io"
	"os"
	"path"
)

// draft is a file that is written beside its place, so that readers never see a part of it.
type draft struct {
	root *os.Root
	name string
	f    *os.File
	sum  hash.Hash
}

// beside returns the temporary name of a file.
func beside(name string) string { return path.Join(path.Dir(name), "."+path.Base(name)+".new") }

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

func (d *draft) Write(b []byte) (int, error) {
	d.sum.Write(b)
	return d.f.Write(b)
}

// finish puts the draft in its place, unless the file there has the same bytes, and reports whether
// it did.
func (d *draft) finish() (o Output, replaced bool, err error) {
	defer d.drop()
	written, err := d.f.Stat()
	if err != nil {
		return o, false, err
	}
	o.Size = written.Size()
	d.sum.Sum(o.Sum[:0])
	if now, ok := intact(d.root, d.name, o); ok {
		return now, false, nil
	}
	if err = d.f.Sync(); err == nil {
		err = d.f.Close()
	}
	if err == nil {
		err = d.root.Rename(beside(d.name), d.name)
	}
	if err != nil {
		return o, false, err
	}
	info, err := d.root.Stat(d.name)
	if err != nil {
		return o, true, err
	}
	o.Modified = info.ModTime().UnixNano()
	return o, true, nil
}

// drop closes the draft, and removes it unless it was put in its place.
func (d *draft) drop() {
	_ = d.f.Close()
	_ = d.root.Remove(beside(d.name))
}

// intact reports whether a file is as it was written. Like rsync it trusts a file of the same size
// and time, and hashes one of the same size and another time. It returns o with the time.
func intact(root *os.Root, name string, o Output) (Output, bool) {
	info, err := root.Stat(name)
	if err != nil || info.Size() != o.Size || !info.Mode().IsRegular() {
		return o, false
	}
	if at := info.ModTime().UnixNano(); at != o.Modified {
		if sum, err := digest(root, name); err != nil || sum != o.Sum {
			return o, false
		}
		o.Modified = at
	}
	return o, true
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
