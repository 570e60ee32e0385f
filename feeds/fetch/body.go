package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/semaphore"
)

const (
	maxWindow  = 8 << 20  // bytes of a zstd frame's window: the most that RFC 9659 lets an HTTP answer have
	maxPooled  = 1 << 20  // bytes of a buffer kept for the next body: most feeds are smaller
	wireMargin = 64 << 10 // bytes by which a coded body may exceed the decoded one: what framing costs, amply
)

// read is resp's body, decoded, in the room that h then holds. cut says why it ended early; what came is in body then, and is not
// empty. A coded body is decoded once it is here: decoders are large, and a slow server would keep one waiting.
func (c *Client) read(ctx context.Context, resp *http.Response, h *hold) (body []byte, cut, err error) {
	coding, err := known(resp.Header.Get("Content-Encoding"))
	if err != nil {
		return nil, nil, err
	}
	limit := c.maxBody
	if coding != "" {
		limit += wireMargin
	}
	if resp.ContentLength > limit {
		return nil, nil, c.tooLarge()
	}
	raw, cut := c.take(ctx, resp.Body, resp.ContentLength, limit+1, h)
	body = raw
	if coding != "" {
		body, err = c.decode(ctx, coding, raw, h)
	}
	switch {
	case int64(len(body)) > c.maxBody, int64(len(raw)) > limit:
		return nil, nil, c.tooLarge()
	case err != nil && cut == nil && !errors.Is(err, io.ErrUnexpectedEOF): // its content's fault, not the line's
		return nil, nil, err
	case cut == nil:
		cut = err
	}
	if cut != nil && len(body) == 0 {
		return nil, nil, fmt.Errorf("body broke off before it began: %w", cut)
	}
	h.keep(len(body))
	return body, cut, nil
}

func (c *Client) tooLarge() error {
	return fmt.Errorf("%w than %.1f MB after decoding (fetch.max_body)", errTooLarge, float64(c.maxBody)/1e6)
}

// take reads r to its end, or to limit, and asks h for room as it grows. hint is how much there is to come; negative: unknown.
func (c *Client) take(ctx context.Context, r io.Reader, hint, limit int64, h *hold) ([]byte, error) {
	buf := c.codecs.buffer()
	defer c.codecs.free(buf)
	for _, step := range [...]int64{unasked, smallBody} {
		step = min(step, limit)
		if _, err := buf.ReadFrom(io.LimitReader(r, step-int64(buf.Len()))); err != nil || int64(buf.Len()) < step || step == limit {
			return bytes.Clone(buf.Bytes()), err
		}
		if err := h.grow(ctx, buf.Len()); err != nil {
			return nil, err
		}
	}
	if hint < 0 || hint > limit {
		hint = 2 * smallBody
	}
	return fill(r, append(make([]byte, 0, hint+1), buf.Bytes()...), limit)
}

// fill reads r to its end, or until body has limit bytes.
func fill(r io.Reader, body []byte, limit int64) ([]byte, error) {
	for int64(len(body)) < limit {
		if len(body) == cap(body) {
			body = append(make([]byte, 0, min(2*int64(cap(body)), limit)), body...)
		}
		n, err := r.Read(body[len(body):min(int64(cap(body)), limit)])
		if body = body[:len(body)+n]; err != nil {
			if err == io.EOF {
				err = nil
			}
			return body, err
		}
	}
	return body, nil
}

var errTooLarge = errors.New("body larger")

// decode is raw decoded, a byte more than fetch.max_body at most. Few at a time decode. One that turns out large goes alone, and begins
// again once it may.
func (c *Client) decode(ctx context.Context, coding string, raw []byte, h *hold) ([]byte, error) {
	if !h.alone && c.maxBody >= smallBody {
		body, err := c.codecs.decode(ctx, coding, raw, smallBody, h)
		if len(body) < smallBody {
			return body, err
		}
		if err := h.grow(ctx, len(body)); err != nil {
			return nil, err
		}
	}
	return c.codecs.decode(ctx, coding, raw, c.maxBody+1, h)
}

// codecs keeps decoders and buffers from one body to the next: a pass over a thousand feeds makes as many as run at once. Nothing in
// it grows with what is decoded, except a brotli window (16 MB at most).
type codecs struct {
	gzip, zstd, brotli, buffers sync.Pool
	turn                        *semaphore.Weighted // as many decode as there are processors
}

func (c *codecs) decode(ctx context.Context, coding string, raw []byte, limit int64, h *hold) ([]byte, error) {
	if err := h.wait(ctx, c.turn, 1); err != nil {
		return nil, err
	}
	defer c.turn.Release(1)
	decoded, done, err := c.open(coding, bytes.NewReader(raw))
	defer done()
	if err != nil {
		return nil, err
	}
	if limit > smallBody {
		return fill(decoded, make([]byte, 0, 2*smallBody), limit)
	}
	buf := c.buffer()
	defer c.free(buf)
	_, err = buf.ReadFrom(io.LimitReader(decoded, limit))
	return bytes.Clone(buf.Bytes()), err
}

// known is the content coding that h names, "" for none.
func known(h string) (string, error) {
	switch coding := strings.ToLower(strings.TrimSpace(h)); coding {
	case "", "identity":
		return "", nil
	case "gzip", "x-gzip":
		return "gzip", nil
	case "zstd", "br":
		return coding, nil
	}
	return "", errors.New("body in a content coding that was not asked for: only " + acceptEncoding + " are read")
}

// open decodes r. done is never nil and gives the decoder back.
func (c *codecs) open(coding string, r io.Reader) (decoded io.Reader, done func(), err error) {
	switch coding {
	case "gzip":
		return c.openGzip(r)
	case "zstd":
		return c.openZstd(r)
	}
	d, _ := c.brotli.Get().(*brotli.Reader)
	if d == nil {
		d = brotli.NewReader(nil)
	}
	if err := d.Reset(r); err != nil {
		return nil, func() {}, fmt.Errorf("br body: %w", err)
	}
	return named{"br", d}, func() { c.brotli.Put(d) }, nil
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
