package aggregator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/nashra/nashra/aggregator/publish"
	"github.com/nashra/nashra/feeds"
)

// Store.Known is a list of hashes: of the build, whose parser may make something else of an item, then
// Raw and the beginning of Sum for each item.

// build returns a hash of what identifies the program.
func build() (sum feeds.Short) {
	whole := sha256.Sum256([]byte(publish.Program()))
	copy(sum[:], whole[:])
	return sum
}

// known returns the items of a source's last document that this build made something of. If they
// cannot be read, all items are made.
func (a *Aggregator) known(ctx context.Context, source string) feeds.Known {
	list, err := a.Store.Known(ctx, source)
	list, ours := bytes.CutPrefix(list, a.build[:])
	if err != nil || !ours {
		return nil
	}
	known := feeds.Known{}
	const short = len(a.build)
	for ; len(list) >= 2*short; list = list[2*short:] {
		known[feeds.Short(list)] = feeds.Short(list[short:])
	}
	return known
}

// nowKnown returns what Store.Known is to return after a poll of items.
func (a *Aggregator) nowKnown(items []Signed) []byte {
	list := slices.Clone(a.build[:])
	for i := range items {
		if it := &items[i]; it.Raw != (feeds.Short{}) {
			list = append(append(list, it.Raw[:]...), it.Sum()[:len(it.Raw)]...)
		}
	}
	return list
}

// Sum returns a hash of all that is shown of an item, with links cleaned of tracking. Dates are left
// out, as some publishers change them at each poll. Of an item with a Rest it returns the beginning.
func (s *Signed) Sum() []byte {
	if s.sum == nil || s.Rest == nil && len(s.sum) < sha256.Size {
		s.sum = fingerprint(&s.Item)
	}
	return s.sum
}

func fingerprint(it *feeds.Item) []byte {
	text := it.Hash()
	h := sha256.New()
	h.Write(text[:])
	write := func(list ...string) {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(list))))
		for _, s := range list {
			h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(s))))
			h.Write([]byte(s))
		}
	}
	write(feeds.CleanURL(it.URL), it.Rights)
	write(it.Authors...)
	write(it.Categories...)
	var outlets []string
	for _, o := range it.Origins { // what others call them is left out: two who trust each other would never end
		outlets = append(outlets, o.Key())
	}
	if slices.Sort(outlets); outlets != nil {
		write(outlets...)
	}
	for _, files := range [][]feeds.Enclosure{it.Enclosures, it.Images} {
		links := make([]string, len(files))
		for i, f := range files {
			links[i] = feeds.FileKey(f.URL)
		}
		write(links...)
	}
	return h.Sum(nil)
}
