package parse

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/mmcdole/gofeed"
)

// parseJSON parses a JSON feed; if gofeed cannot, it is repaired first.
func (r *reader) parseJSON(p *gofeed.Parser, body []byte) (err error) {
	if r.feed, err = p.Parse(bytes.NewReader(body)); err != nil {
		body, r.cut = repairJSON(body)
		if r.feed, _ = p.Parse(bytes.NewReader(body)); r.feed == nil {
			if r.cut {
				return errors.New("the document ends before its first item does")
			}
			return fmt.Errorf("not a feed: %w", err)
		}
	}
	if r.feed.Title == "" && len(r.feed.Items) == 0 {
		return errors.New("not a feed: other JSON")
	}
	return nil
}

// repairJSON returns body, a JSON object, without what follows its end, and with spaces for the raw
// control characters in its strings. If it ends early (open), its last, partial item is left out.
func repairJSON(body []byte) (repaired []byte, open bool) {
	out := bytes.Clone(body)
	depth, last := 0, 0 // last: where the last whole item ends
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

// stringEnd returns where the string that begins with the quote at i ends, and overwrites the control
// characters in it; -1: it does not end.
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
