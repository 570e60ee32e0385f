package offline

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// stalled is how long a download may make no progress. The received part is kept.
const stalled = time.Minute

// Pull downloads an offer and installs it. The next Pull resumes a broken download. Progress, if not nil,
// is called with the number of bytes received since its last call. Without trust the model must be known.
func (m Models) Pull(ctx context.Context, c *http.Client, o Offer, trust bool, progress func(n int64)) error {
	for _, f := range o.Files {
		if f.Kind == "model" && f.Sum != pinned[o.Name] && !trust {
			return fmt.Errorf("the registry's %s %s is not the model that this nashra knows"+
				" (sha256 %.12s…, not %.12s…); --trust takes it", o.Name, o.Version, f.Sum, pinned[o.Name])
		}
	}
	if progress == nil {
		progress = func(int64) {}
	}
	work := filepath.Join(m.Dir, ".partial")
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	staged, err := os.MkdirTemp(m.Dir, ".staged-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staged)
	known := manifest{Model: o.Name, Version: o.Version, Source: o.Host, Trusted: trust, Files: map[string]string{}}
	for _, f := range o.Files {
		part := filepath.Join(work, f.Hash)
		if err := download(ctx, c, f, part, progress); err != nil {
			return fmt.Errorf("download %s: %w", f.Name, err)
		}
		sum, err := unpack(part, filepath.Join(staged, f.Name), f.Whole)
		if err == nil && sum != f.Sum {
			err = fmt.Errorf("its sha256 is %.12s… when decompressed, not %.12s…", sum, f.Sum)
		}
		if err != nil {
			return fmt.Errorf("unpack %s: %w", f.Name, err)
		}
		known.Files[f.Name] = sum
	}
	if err := m.install(o.Name, staged, known); err != nil {
		return err
	}
	for _, f := range o.Files {
		_ = os.Remove(filepath.Join(work, f.Hash)) // already installed: a leftover only costs space
	}
	return nil
}

// download appends the rest of f to the file part and verifies its hash.
func download(ctx context.Context, c *http.Client, f Remote, part string, progress func(n int64)) error {
	out, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	h := sha256.New()
	have, err := io.Copy(h, io.LimitReader(out, f.Size))
	if err != nil {
		return err
	}
	if _, err := out.Seek(have, io.SeekStart); err != nil {
		return err
	}
	progress(have)
	if have < f.Size {
		if err := rest(ctx, c, f, out, h, have, progress); err != nil {
			return err
		}
	}
	if err := out.Sync(); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != f.Hash {
		_ = os.Remove(part) // the next try starts from the beginning
		return fmt.Errorf("its sha256 is %.12s…, not %.12s…: begun anew by the next try", got, f.Hash)
	}
	return nil
}

// rest appends the bytes of f from have on to the file and its hash. If the server does not resume, it
// starts from the beginning.
func rest(ctx context.Context, c *http.Client, f Remote, out *os.File, h hash.Hash, have int64,
	progress func(int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	clock := time.AfterFunc(stalled, func() { cancel(fmt.Errorf("nothing came for %v", stalled)) })
	defer clock.Stop()
	res, err := request(ctx, c, f.Address, have)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if have > 0 && res.StatusCode == http.StatusOK {
		if _, err := out.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := out.Truncate(0); err != nil {
			return err
		}
		h.Reset()
		progress(-have)
		have = 0
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := res.Body.Read(buf)
		clock.Reset(stalled)
		if have += int64(n); have > f.Size {
			return fmt.Errorf("more than the %d bytes that it should have", f.Size)
		}
		if _, werr := out.Write(buf[:n]); werr != nil {
			return werr
		}
		h.Write(buf[:n])
		progress(int64(n))
		switch {
		case err == nil:
		case !errors.Is(err, io.EOF):
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return broken(fmt.Sprintf("after %d of %d bytes", have, f.Size), err)
		case have < f.Size:
			return fmt.Errorf("it ended after %d of %d bytes", have, f.Size)
		default:
			return nil
		}
	}
}

// unpack copies a file, decompressing gzip and zstd, and returns the sha256 of the result. It fails if the
// result's size is not the given one; 0: any size.
func unpack(from, to string, size int64) (sum string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer in.Close()
	r, err := decompressed(bufio.NewReader(in))
	if err != nil {
		return "", err
	}
	defer r.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	most := size
	if size == 0 {
		most = maxFileBytes
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, h), io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return "", err
	case n > most:
		return "", fmt.Errorf("more than %d bytes when decompressed", most)
	case size > 0 && n < size:
		return "", fmt.Errorf("%d bytes when decompressed, not %d", n, size)
	}
	return hex.EncodeToString(h.Sum(nil)), out.Sync()
}

// decompressed returns a reader of r's content, by its first bytes: gzip, zstd or neither.
func decompressed(r *bufio.Reader) (io.ReadCloser, error) {
	head, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case strings.HasPrefix(string(head), "\x1f\x8b"):
		return gzip.NewReader(r)
	case string(head) == "\x28\xb5\x2f\xfd":
		d, err := zstd.NewReader(r, zstd.WithDecoderMaxMemory(maxFileBytes), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return io.NopCloser(r), nil
}
