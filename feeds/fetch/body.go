package fetch

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/semaphore"

	"github.com/nashra/nashra/feeds"
)

const (
	maxWindow  = 8 << 20  // bytes of a zstd window: the most that RFC 9659 allows in an HTTP response
	wireMargin = 64 << 10 // bytes by which a coded body may exceed the decoded one: ample for its framing
	maxPooled  = 1 << 20  // bytes of a buffer kept for the next body
	minRead    = 4 << 10  // bytes by which a buffer grows at least
	maxCodings = 3        // one within the other, as of a compressed file behind a proxy that compresses
)

var errTooLarge = errors.New("body larger")

// readBody fills in the decoded body of resp and what was odd about it. If the body ended early, or
// broke within its coding, what came before that stays, and cut is the reason.
func (c *Client) readBody(
	ctx context.Context, resp *http.Response, r *reservation, doc *feeds.Document,
) (cut, err error) {
	limit := c.maxBody + wireMargin
	if resp.ContentLength > limit {
		return nil, c.tooLarge()
	}
	body, cut := receive(ctx, resp, limit+1, r)
	if int64(len(body)) > limit {
		return nil, c.tooLarge()
	}
	named := codings(resp.Header)
	for n := 0; n < maxCodings && int64(len(body)) <= c.maxBody; n++ {
		var claim string
		if n := len(named); n > 0 {
			claim, named = named[n-1], named[:n-1]
		}
		coding, err := codingOf(body, claim)
		if err != nil {
			return nil, err
		}
		if coding != claim && len(body) > 0 {
			doc.Note = "the body is in another content coding than its header says, and was read nonetheless"
		}
		if coding == "" {
			break
		}
		if body, err = c.decode(ctx, coding, body, r); cut == nil {
			cut = err
		}
	}
	switch {
	case int64(len(body)) > c.maxBody:
		return nil, c.tooLarge()
	case cut != nil && len(body) == 0:
		return nil, fmt.Errorf("body broke off before it began: %w", cut)
	}
	r.shrink(cap(body))
	doc.Body = body
	return cut, nil
}

func (c *Client) tooLarge() error {
	return fmt.Errorf("%w than %.1f MB after decoding (fetch.max_body)", errTooLarge, float64(c.maxBody)/1e6)
}

// receive reads the body of resp up to limit bytes. It reserves memory as the body grows.
func receive(ctx context.Context, resp *http.Response, limit int64, r *reservation) (body []byte, err error) {
	for _, step := range [...]int64{freeBody, smallBody, limit} {
		step = min(step, limit)
		if more := min(resp.ContentLength+1, step) - int64(len(body)); more > 0 {
			body = slices.Grow(body, int(more))
		}
		if body, err = fill(body, resp.Body, step); err != nil || int64(len(body)) < step || step == limit {
			break
		}
		if err := r.grow(ctx, len(body)); err != nil {
			return nil, err
		}
	}
	return body, err
}

// fill appends what r gives to body, until r ends or body has limit bytes.
func fill(body []byte, r io.Reader, limit int64) ([]byte, error) {
	for int64(len(body)) < limit {
		if len(body) == cap(body) {
			body = slices.Grow(body, int(min(max(int64(len(body)), minRead), limit-int64(len(body)))))
		}
		n, err := r.Read(body[len(body):min(int64(cap(body)), limit)])
		body = body[:len(body)+n]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return body, err
		}
	}
	return body, nil
}

// decode returns raw decoded, at most one byte more than fetch.max_body. It decodes a large body
// again when its turn comes: waiting in the midst of decoding would block a decoder.
func (c *Client) decode(ctx context.Context, coding string, raw []byte, r *reservation) ([]byte, error) {
	if !r.single && c.maxBody >= smallBody {
		body, err := c.decoders.decode(ctx, coding, raw, smallBody, r)
		if len(body) < smallBody {
			return body, err
		}
		if err := r.grow(ctx, len(body)); err != nil {
			return nil, err
		}
	}
	return c.decoders.decode(ctx, coding, raw, c.maxBody+1, r)
}

// codings returns the content codings that h names, in the order of their application.
func codings(h http.Header) []string {
	names := strings.FieldsFunc(strings.ToLower(strings.Join(h.Values("Content-Encoding"), ",")),
		func(r rune) bool { return r == ',' || r == ' ' })
	for i, name := range names {
		names[i] = strings.TrimPrefix(name, "x-")
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "identity" })
}

// codingOf returns the content coding of body, or "" for none. What its first bytes show counts more
// than claim, the header's word: many servers send one and do the other.
func codingOf(body []byte, claim string) (string, error) {
	switch {
	case bytes.HasPrefix(body, []byte("\x1f\x8b\x08")):
		return "gzip", nil
	case bytes.HasPrefix(body, []byte("\x28\xb5\x2f\xfd")):
		return "zstd", nil
	case claim == "", strings.HasPrefix(http.DetectContentType(body), "text/"):
		return "", nil
	}
	switch claim {
	case "gzip", "zstd", "br", "deflate":
		return claim, nil
	}
	return "", errors.New("body in a content coding that was not asked for: only " + acceptEncoding + " are read")
}

// decoder is a gzip, deflate, brotli or zstd reader, with a buffer for what it decodes.
type decoder struct {
	resetReader
	buf []byte
}

type resetReader interface {
	io.Reader
	Reset(r io.Reader) error
}

// inflater reads deflate without zlib's header.
type inflater struct{ io.Reader }

func (i inflater) Reset(r io.Reader) error { return i.Reader.(flate.Resetter).Reset(r, nil) }

// decoders keeps decoders from one body to the next, by content coding. They do not grow with what
// they decode, except by a brotli window (16 MB at most).
type decoders struct {
	pools map[string]*sync.Pool
	turns *semaphore.Weighted // one for each processor
}

func newDecoders() decoders {
	return decoders{
		pools: map[string]*sync.Pool{
			"gzip":    {New: func() any { return &decoder{resetReader: new(gzip.Reader)} }},
			"deflate": {New: func() any { return &decoder{resetReader: inflater{flate.NewReader(nil)}} }},
			"br":      {New: func() any { return &decoder{resetReader: brotli.NewReader(nil)} }},
			"zstd": {New: func() any {
				d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
					zstd.WithDecoderMaxWindow(maxWindow))
				if err != nil {
					return err
				}
				return &decoder{resetReader: d}
			}},
		},
		turns: semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0))),
	}
}

// decode returns raw decoded, limit bytes at most.
func (d *decoders) decode(
	ctx context.Context, coding string, raw []byte, limit int64, r *reservation,
) (body []byte, err error) {
	if err := r.wait(ctx, d.turns, 1); err != nil {
		return nil, err
	}
	defer d.turns.Release(1)
	pooled := d.pools[coding].Get()
	dec, ok := pooled.(*decoder)
	if !ok {
		return nil, fmt.Errorf("%s body: %v", coding, pooled)
	}
	defer func() {
		_ = dec.Reset(bytes.NewReader(nil)) // drops raw; gzip reports that there is no header
		d.pools[coding].Put(dec)
	}()
	if coding == "deflate" && len(raw) > 1 && raw[0]&15 == 8 && binary.BigEndian.Uint16(raw)%31 == 0 {
		raw = raw[2:] // the header of zlib (RFC 1950 2.2), which many servers leave out
	}
	if err = dec.Reset(bytes.NewReader(raw)); err == nil {
		body, err = fill(dec.buf[:0], dec, limit)
	}
	if cap(body) <= maxPooled {
		dec.buf, body = body, bytes.Clone(body)
	}
	if err != nil && !errors.Is(err, io.EOF) { // gzip reports an empty body by EOF
		return body, fmt.Errorf("%s body: %w", coding, err)
	}
	return body, nil
}
