package sanitize

import "strings"

// AtRest says whether address is an absolute http or https one that stays as it is when it is parsed, resolved and written: a quick
// answer for nearly all addresses. It says no where it would have to look closer.
func AtRest(address string) bool {
	rest, ok := strings.CutPrefix(address, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(address, "http://")
	}
	slash := strings.IndexByte(rest, '/')
	if !ok || slash <= 0 {
		return false
	}
	host, port, ported := strings.Cut(rest[:slash], ":")
	if host == "" || !made(host, ".-") || ported && !number(port) {
		return false
	}
	path, query, _ := strings.Cut(rest[slash:], "?")
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c >= 0x7F || c == '#' {
			return false
		}
	}
	for {
		before, after, escaped := strings.Cut(path, "%")
		if !made(before, "/-_.~!$&'()*+,;=:@") || strings.Contains(before, "/.") { // which may be a step up
			return false
		}
		if !escaped {
			return true
		}
		if len(after) < 2 || !hex(after[0]) || !hex(after[1]) {
			return false
		}
		path = after[2:]
	}
}

// made says whether s is made of ASCII letters, digits and the signs alone.
func made(s, signs string) bool {
	for i := range len(s) {
		c := s[i]
		if low := c | 0x20; (low < 'a' || low > 'z') && (c < '0' || c > '9') && strings.IndexByte(signs, c) < 0 {
			return false
		}
	}
	return true
}

func hex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }
