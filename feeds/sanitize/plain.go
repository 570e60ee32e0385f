package sanitize

import "encoding/binary"

// Plain says whether s, by its bytes, is valid UTF-8 without control characters, but for \t and \n, and without what is no character
// at all: a quick answer for nearly all text. It says no where it would have to look closer. ASCII and the letters of two bytes, as
// Arabic's are, go eight bytes at a time: half the time that utf8.Valid takes for less.
func Plain[T string | []byte](s T) bool {
	const high, ones = 0x8080808080808080, 0x0101010101010101
	for i := 0; i < len(s); {
		for i+8 <= len(s) {
			w := binary.LittleEndian.Uint64([]byte(s[i : i+8]))
			low, lead := w&^high, w&(w<<1)&high             // a byte's answer is in its highest bit
			odd := (^(low + 0x60*ones) | (low + ones)) &^ w // below a blank, or 0x7F
			odd |= lead & (w<<2 | ^(w<<3 | w<<4 | w<<5))    // begins three bytes or more, or is below 0xC4
			odd |= (lead << 8) ^ (w &^ (w << 1))            // what continues a letter stands after its beginning, and nowhere else
			if odd&high != 0 {
				break
			}
			i += 8 - int(lead>>63) // the last byte may begin a letter
		}
		for end := min(i+8, len(s)); i < end; {
			n := plainLength(s, i)
			if n == 0 {
				return false
			}
			i += n
		}
	}
	return true
}

// plainLength is how many bytes the plain character takes that begins at s[i]; 0: it may be none.
func plainLength[T string | []byte](s T, i int) int {
	switch c := s[i]; {
	case c > 0xC2 && c < 0xE0 && i+1 < len(s) && s[i+1]&0xC0 == 0x80, c == 0xC2 && i+1 < len(s) && s[i+1] >= 0xA0 && s[i+1] < 0xC0:
		return 2
	case c >= ' ' && c < 0x7F, c == '\n', c == '\t':
		return 1
	case c > 0xE0 && c < 0xED && i+2 < len(s) && s[i+1]&0xC0 == 0x80 && s[i+2]&0xC0 == 0x80:
		return 3
	}
	return 0
}
