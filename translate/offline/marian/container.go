package marian

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unsafe"
)

// Limits, all far above any published model and low enough that a false header costs nothing.
const (
	maxItems     = 4096    // a base model has 193
	maxNameBytes = 256     // the longest published name has 34
	maxRank      = 4       // published: 1 and 2
	maxDimension = 1 << 20 // pieces of a vocabulary; published: 32,000
)

// kind is the type of an item, as numbered in the file.
type kind uint64

const (
	float32s kind = 0x0404
	int8s    kind = 0x0101 // the YAML
	intgemm8 kind = 0x4101 // int8 and a multiplier
)

// item is a named array of the file; data is a view into it.
type item struct {
	name     string
	kind     kind
	shape    []int
	elements int // product of shape
	data     []byte
}

// container is a Marian binary file: a uint64 version, the number of items, a header for each, then
// names, shapes, padding and data, all little-endian.
type container map[string]item

var errShort = errors.New("the file ends early")

// reader decodes numbers from the front of a file. After an error it returns zeros.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) take(n uint64) []byte {
	if r.err != nil || n > uint64(len(r.rest)) {
		if r.err == nil {
			r.err = errShort
		}
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// open parses a container. It checks every length against the rest of the file, and allocates nothing
// in proportion to a number that the file only claims.
func open(file []byte) (container, error) {
	r := &reader{rest: file}
	if v := r.uint64(); r.err != nil || v != 1 {
		return nil, errors.New("not a Marian model: the file does not begin with version 1")
	}
	n := r.uint64()
	if n == 0 || n > maxItems {
		return nil, fmt.Errorf("not a Marian model: %d items", n)
	}
	type header struct{ name, kind, rank, data uint64 }
	headers := make([]header, n)
	for i := range headers {
		headers[i] = header{r.uint64(), r.uint64(), r.uint64(), r.uint64()}
	}
	items := make([]item, n)
	for i, h := range headers {
		if h.name == 0 || h.name > maxNameBytes || h.rank == 0 || h.rank > maxRank {
			return nil, fmt.Errorf("item %d: a name of %d bytes and %d dimensions", i, h.name, h.rank)
		}
		name := r.take(h.name)
		if r.err != nil {
			return nil, r.err
		}
		name, ended := bytes.CutSuffix(name, []byte{0})
		if !ended || bytes.IndexByte(name, 0) >= 0 {
			return nil, fmt.Errorf("item %d: its name does not end where it should", i)
		}
		items[i] = item{name: string(name), kind: kind(h.kind)}
	}
	for i, h := range headers {
		if err := items[i].size(r.take(4 * h.rank)); r.err == nil && err != nil {
			return nil, err
		}
	}
	r.take(r.uint64()) // padding to where the data begins
	c := make(container, n)
	for i, h := range headers {
		items[i].data = r.take(h.data)
		if r.err != nil {
			return nil, r.err
		}
		if _, twice := c[items[i].name]; twice {
			return nil, fmt.Errorf("item %q stands twice", items[i].name)
		}
		c[items[i].name] = items[i]
	}
	return c, r.err
}

// size reads an item's dimensions.
func (it *item) size(dims []byte) error {
	it.elements = 1
	for ; len(dims) > 0; dims = dims[4:] {
		d := int(int32(binary.LittleEndian.Uint32(dims)))
		if d < 1 || d > maxDimension || it.elements > math.MaxInt32/d {
			return fmt.Errorf("item %q: a dimension of %d", it.name, d)
		}
		it.shape = append(it.shape, d)
		it.elements *= d
	}
	return nil
}

// find returns the item called name. It must be of the kind and hold rows × columns elements of width
// bytes, followed by extra bytes.
func (c container) find(name string, k kind, rows, columns, width, extra int) (item, error) {
	it, ok := c[name]
	switch {
	case !ok:
		return it, fmt.Errorf("the model has no %q", name)
	case it.kind != k:
		return it, fmt.Errorf("%q is of type %#x, not %#x", name, uint64(it.kind), uint64(k))
	case len(it.shape) != 2 || it.shape[0] != rows || it.shape[1] != columns:
		return it, fmt.Errorf("%q has the shape %v, not [%d %d]", name, it.shape, rows, columns)
	case len(it.data) < it.elements*width+extra:
		return it, fmt.Errorf("%q: %w", name, errShort)
	}
	return it, nil
}

// floats returns an item's numbers, all of them finite.
func (c container) floats(name string, rows, columns int) ([]float32, error) {
	it, err := c.find(name, float32s, rows, columns, 4, 0)
	if err != nil {
		return nil, err
	}
	out := make([]float32, it.elements)
	for i := range out {
		if out[i], err = number(it.data[4*i:]); err != nil {
			return nil, fmt.Errorf("%q: %w", name, err)
		}
	}
	return out, nil
}

// quantised returns an item's int8 values, a view into the file, and their multiplier: w = q /
// multiplier.
func (c container) quantised(name string, rows, columns int) ([]int8, float32, error) {
	it, err := c.find(name, intgemm8, rows, columns, 1, 4)
	if err != nil {
		return nil, 0, err
	}
	by, err := number(it.data[it.elements:])
	if err != nil || by <= 0 {
		return nil, 0, fmt.Errorf("%q: its multiplier is no positive number", name)
	}
	return unsafe.Slice((*int8)(unsafe.Pointer(&it.data[0])), it.elements), by, nil // bytes as they lie, signed
}

func number(b []byte) (float32, error) {
	f := math.Float32frombits(binary.LittleEndian.Uint32(b))
	if f != f || f > math.MaxFloat32 || f < -math.MaxFloat32 {
		return 0, errors.New("holds what is no number")
	}
	return f, nil
}
