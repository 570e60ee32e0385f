package store

import (
	"strings"
	"testing"
)

// Nothing stands in a statement that could end a text in it, or be longer than a name.
func TestPlainName(t *testing.T) {
	for c := range 256 {
		s := "a" + string([]byte{byte(c)})
		if ok := plainName(s); ok && (c <= ' ' || c > '~' || c == '\'' || c == '"' || c == '\\' || c == '`' || c == '$' || c == ';') {
			t.Errorf("%q is taken for a name", s)
		}
	}
	long := strings.Repeat("a", longestName+1)
	if plainName("خبر") || plainName(long) || !plainName("") || !plainName("https://a.example/?p=1&q=%D8#a") {
		t.Error("names are told otherwise")
	}
}
