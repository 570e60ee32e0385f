package parse

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/url"

	gofeedjson "github.com/mmcdole/gofeed/json"

	"github.com/nashra/nashra/feeds"
)

// inherited returns what items get from the document: its values, and the namespaces before the first.
func (r *reader) inherited() []byte {
	f := r.feed
	all, _ := json.Marshal([]any{r.src.Lang, r.base, f.FeedType, f.Language, f.Copyright, f.Authors})
	if len(r.scan.items) > 0 {
		head := r.scan.lean[:r.scan.items[0].from]
		for _, after := range bytes.Split(head, []byte("xmlns"))[1:] {
			space, _, _ := bytes.Cut(after, []byte(">"))
			all = append(all, space...)
		}
	}
	return all
}

// raw returns a hash of all that the i-th item is made from; zero: that is not known.
func (r *reader) raw(i int) (sum feeds.Short) {
	h := sha256.New()
	h.Write(r.context)
	switch f, isJSON := r.feed.OriginalFeed().(*gofeedjson.Feed); {
	case isJSON:
		said, _ := json.Marshal(f.Items[i])
		h.Write(said)
		if n := r.nashraOf(i); n != nil {
			h.Write(n.raw)
		}
	case r.feed.OriginalFeed() == nil: // we made it of a page or a sitemap
		said, _ := json.Marshal(r.feed.Items[i])
		h.Write(said)
	case len(r.scan.items) == len(r.feed.Items):
		r.scan.writeItem(h, r.scan.items[i])
	default:
		return sum
	}
	copy(sum[:], h.Sum(nil))
	return sum
}

// writeItem writes an item with its texts in place of their placeholders, whose numbers depend on the
// items before.
func (s scan) writeItem(w io.Writer, it span) {
	from := func(base *url.URL) {
		if base != nil {
			_, _ = io.WriteString(w, base.String())
		}
	}
	from(it.base)
	for i, part := range bytes.Split(s.lean[it.from:it.to], []byte(mark)) {
		if i%2 == 1 {
			p := s.text(mark + string(part) + mark)
			from(p.base)
			_, _ = w.Write([]byte{byte(p.kind)})
			part = p.raw
		}
		_, _ = w.Write(part)
	}
}
