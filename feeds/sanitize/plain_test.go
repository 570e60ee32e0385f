package sanitize

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// A text is plain wherever its letters fall among the eight bytes that are looked at together, and any bad byte is seen wherever it is.
func TestPlain(t *testing.T) {
	text := "أطلقت «الشركة» 3 نماذج — naïve Ünï, ok\n\tاليوم…\u200e ߿ and plain ASCII after it"
	for shift := range 9 {
		s := strings.Repeat(" ", shift) + text
		if !Plain(s) || !Plain([]byte(s)) {
			t.Errorf("shifted by %d: not plain", shift)
		}
		for i := range len(s) {
			for _, bad := range []string{"\x00", "\x1f", "\r", "\x7f", "\x80", "\xbf", "\xc0\x80", "\xc1", "\xc2\x85", "\xd8", "\xe0\x80\x80", "\xed\xa0\x80", "\uffff", "\xff"} {
				checkPlain(t, s[:i]+bad+s[i:])
				checkPlain(t, s[:i]+bad+s[min(i+len(bad), len(s)):])
				checkPlain(t, s[:i]+bad)
			}
		}
	}
}

func checkPlain(t *testing.T, s string) {
	t.Helper()
	if Plain(s) && (!utf8.ValidString(s) || strings.IndexFunc(s, control) >= 0) {
		t.Fatalf("%q is called plain", s)
	}
	if Plain(s) != Plain([]byte(s)) {
		t.Fatalf("%q is plain as one type only", s)
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("سعر\x00\xd8\u200f\u0085")
	f.Fuzz(checkPlain)
}
