package parse

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/mmcdole/gofeed"
)

// readJSON parses a JSON feed; where the library cannot, it is mended first.
func (r *reader) readJSON(p *gofeed.Parser, body []byte) (err error) {
	if r.feed, err = p.Parse(bytes.NewReader(body)); err != nil {
		mended, open := mendJSON(body)
		if r.feed, _ = p.Parse(bytes.NewReader(mended)); r.feed == nil {
			if open {
				return errors.New("the document ends before its first item does")
			}
			return fmt.Errorf("not a feed: %w", err)
		}
		r.cut = open
	}
	if r.feed.Title == "" && len(r.feed.Items) == 0 {
		return errors.New("not a feed: other JSON")
	}
	return nil
}

// mendJSON is body, a JSON object, without what follows its end, with spaces for the control characters that its strings must not
// hold, and where it ends early (open) without the item that it ends in.
func mendJSON(body []byte) (mended []byte, open bool) {
	out := bytes.Clone(body)
	depth, last := 0, 0 // last: where the newest whole item ends
	key, items := 0, false
	for i := 0; i < len(out); i++ {
		switch out[i] {
		case '"':
			end := stringEnd(out, i)
			if end < 0 {
				i = len(out)
				break
			}
			if depth == 1 {
				key = i
			}
			i = end
		case '{', '[':
			if depth++; depth == 2 {
				items = out[i] == '[' && bytes.HasPrefix(out[key:], []byte(`"items"`))
			}
		case '}', ']':
			if depth--; depth == 0 {
				return out[:i+1], false
			}
			if depth == 2 && items {
				last = i + 1
			}
		}
	}
	if last == 0 {
		return out, true
	}
	return append(out[:last:last], "]}"...), true
}

// stringEnd is where the string ends that begins with the quote at i, its control characters overwritten; -1: it does not end.
func stringEnd(out []byte, i int) int {
	for i++; i < len(out); i++ {
		switch c := out[i]; {
		case c == '\\':
			i++
		case c == '"':
			return i
		case c < ' ':
			out[i] = ' '
		}
	}
	return -1
}
