package publish

import (
	"cmp"
	"crypto/sha256"
	"hash"
	"io"
	"os"
	"path"
)

// draft is a file that is written beside its place, so that readers never see a part of it.
type draft struct {
	*run
	name string
	f    *os.File
	sum  hash.Hash
}

// beside returns the temporary name of a file.
func beside(name string) string { return path.Join(path.Dir(name), "."+path.Base(name)+".new") }

// draft begins the file of that name. The caller drops it in the end.
func (r *run) draft(name string) (*draft, error) {
	if dir := path.Dir(name); dir != "." {
		if err := r.root.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	_ = r.root.Remove(beside(name)) // left by a crash, or a link that must not be followed
	f, err := r.root.OpenFile(beside(name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	return &draft{r, name, f, sha256.New()}, err
}

func (d *draft) Write(b []byte) (int, error) {
	d.sum.Write(b)
	return d.f.Write(b)
}

// finish puts the draft in its place, unless the file there has the same bytes.
func (d *draft) finish() error {
	info, err := d.f.Stat()
	if err != nil {
		return err
	}
	d.Progress(int(d.done.Add(1)), d.todo)
	file := d.files[d.name]
	o := Output{Made: file.Made, Kept: file.Kept, Waiting: file.Waiting, Size: info.Size()}
	d.sum.Sum(o.Sum[:0])
	if now, same := intact(d.root, d.name, o); same {
		*file = now
		return nil
	}
	if err := cmp.Or(d.f.Sync(), d.f.Close()); err != nil {
		return err
	}
	if err := d.root.Rename(beside(d.name), d.name); err != nil {
		return err
	}
	o.Modified = info.ModTime().UnixNano()
	*file = o
	d.mu.Lock()
	defer d.mu.Unlock()
	d.written = append(d.written, d.name)
	return nil
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
		if sum, err := fileSum(root, name); err != nil || sum != o.Sum {
			return o, false
		}
		o.Modified = at
	}
	return o, true
}

// fileSum returns the SHA-256 of a file, without reading it into memory at once.
func fileSum(root *os.Root, name string) (sum [32]byte, err error) {
	f, err := root.Open(name)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	h.Sum(sum[:0])
	return sum, err
}
