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
	name   string
	folder *os.Root
	f      *os.File
	sum    hash.Hash
	placed bool // nothing is left beside the file
}

// beside returns the temporary name of a file.
func beside(name string) string { return path.Join(path.Dir(name), "."+path.Base(name)+".new") }

// folder makes and opens the folder of that name, once.
func (r *run) folder(name string) (f *os.Root, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f = r.folders[name]; f != nil {
		return f, nil
	}
	if name != "." {
		err = r.root.MkdirAll(name, 0o755)
	}
	if err == nil {
		f, err = r.root.OpenRoot(name)
	}
	if err == nil {
		r.folders[name] = f
	}
	return f, err
}

// draft begins the file of that name. The caller drops it in the end.
func (r *run) draft(name string) (*draft, error) {
	folder, err := r.folder(path.Dir(name))
	if err != nil {
		return nil, err
	}
	open := func() (*os.File, error) {
		return folder.OpenFile(beside(path.Base(name)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	}
	f, err := open()
	if err != nil { // left by a crash, or a link that must not be followed
		_ = folder.Remove(beside(path.Base(name)))
		f, err = open()
	}
	return &draft{run: r, name: name, folder: folder, f: f, sum: sha256.New()}, err
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
	if now, same := intact(d.folder, path.Base(d.name), o); same {
		*file = now
		return nil
	}
	if err := cmp.Or(d.f.Sync(), d.f.Close()); err != nil {
		return err
	}
	base := path.Base(d.name)
	if err := d.folder.Rename(beside(base), base); err != nil {
		return err
	}
	d.placed = true
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
	if !d.placed {
		_ = d.folder.Remove(beside(path.Base(d.name)))
	}
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
