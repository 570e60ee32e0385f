package fetch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	maxWindow  = 8 << 20  // bytes of a zstd frame's window: the most that RFC 9659 lets an HTTP answer have
	maxPooled  = 1 << 20  // bytes of a buffer kept for the next body: most feeds are smaller
	wireMargin = 64 << 10 // bytes by which a coded body may exceed the decoded one: what framing costs, amply
)

// read is resp's body, decoded. cut means that it broke off; what came is in body then, and is not empty.
func (c *Client) read(resp *http.Response) (body []byte, cut bool, err error) {
	wire := &wire{r: resp.Body, left: c.maxBody + wireMargin}
	decoded, done, err := c.codecs.open(resp.Header.Get("Content-Encoding"), wire)
	defer done()
	buf := c.codecs.buffer()
	defer c.codecs.free(buf)
	if err == nil {
		_, err = buf.ReadFrom(io.LimitReader(decoded, c.maxBody+1))
	}
	switch {
	case int64(buf.Len()) > c.maxBody, wire.left <= 0:
		return nil, false, fmt.Errorf("body larger than %.1f MB after decoding (fetch.max_body)", float64(c.maxBody)/1e6)
	case err == nil:
	case wire.err == nil && !errors.Is(err, io.ErrUnexpectedEOF): // not the line's fault
		return nil, false, err
	case buf.Len() == 0:
		return nil, false, fmt.Errorf("body broke off before it began: %w", err)
	default:
		cut = true
	}
	return bytes.Clone(buf.Bytes()), cut, nil
}

// wire reads what comes over the line, at most left bytes, and keeps apart what failed there from what its content made fail.
type wire struct {
	r    io.Reader
	left int64
	err  error
}

func (w *wire) Read(p []byte) (int, error) {
	if w.left <= 0 {
		return 0, io.EOF
	}
	n, err := w.r.Read(p[:min(int64(len(p)), w.left)])
	w.left -= int64(n)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

// codecs keeps decoders and buffers from one body to the next: a pass over a thousand feeds makes as many as run at once. Nothing in
// it grows with what is decoded, except a brotli window (16 MB at most).
type codecs struct{ gzip, zstd, brotli, buffers sync.Pool }

// open decodes r. done is never nil and gives the decoder back.
func (c *codecs) open(coding string, r io.Reader) (decoded io.Reader, done func(), err error) {
	switch strings.ToLower(strings.TrimSpace(coding)) {
	case "", "identity":
		return r, func() {}, nil
	case "gzip", "x-gzip":
		return c.openGzip(r)
	case "zstd":
		return c.openZstd(r)
	case "br":
		d, _ := c.brotli.Get().(*brotli.Reader)
		if d == nil {
			d = brotli.NewReader(nil)
		}
		if err := d.Reset(r); err != nil {
			return nil, func() {}, fmt.Errorf("br body: %w", err)
		}
		return named{"br", d}, func() { c.brotli.Put(d) }, nil
	}
	return nil, func() {}, errors.New("body in a content coding that was not asked for: only " + acceptEncoding + " are read")
}

func (c *codecs) openGzip(r io.Reader) (io.Reader, func(), error) {
	d, _ := c.gzip.Get().(*gzip.Reader)
	if d == nil {
		d = new(gzip.Reader)
	}
	done := func() { c.gzip.Put(d) }
	switch err := d.Reset(r); {
	case err == nil:
		return named{"gzip", d}, done, nil
	case errors.Is(err, io.EOF): // no byte at all: an empty body
		return bytes.NewReader(nil), done, nil
	default:
		return nil, done, fmt.Errorf("gzip body: %w", err)
	}
}

func (c *codecs) openZstd(r io.Reader) (io.Reader, func(), error) {
	d, _ := c.zstd.Get().(*zstd.Decoder)
	if d == nil {
		var err error
		if d, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow)); err != nil {
			return nil, func() {}, fmt.Errorf("zstd body: %w", err)
		}
	}
	done := func() {
		if d.Reset(nil) == nil { // lets go of the body
			c.zstd.Put(d)
		}
	}
	if err := d.Reset(r); err != nil {
		return nil, done, fmt.Errorf("zstd body: %w", err)
	}
	return named{"zstd", d}, done, nil
}

// named says in errors what was decoded.
type named struct {
	coding string
	r      io.Reader
}

func (n named) Read(p []byte) (int, error) {
	k, err := n.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%s body: %w", n.coding, err)
	}
	return k, err
}

func (c *codecs) buffer() *bytes.Buffer {
	if b, ok := c.buffers.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

func (c *codecs) free(b *bytes.Buffer) {
	if b.Cap() <= maxPooled {
		b.Reset()
		c.buffers.Put(b)
	}
}
