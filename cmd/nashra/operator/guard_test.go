package operator

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The operator's pages answer at addresses, names without a dot and names of the config, and at no
// name that another site can own.
func TestGuardKnowsItsNames(t *testing.T) {
	h := Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "metrics")
	}), []string{"status.example.org", ""})
	for host, want := range map[string]int{
		"127.0.0.1:9090": 200, "127.0.0.1": 200, "[::1]:9090": 200, "[::1]": 200, "203.0.113.7:9090": 200,
		"[fe80::1%25eth0]:9090": 200, "localhost:9090": 200, "localhost": 200, "LOCALHOST": 200, "nashra:9090": 200,
		"": 200, "status.example.org": 200, "Status.Example.ORG:9090": 200,
		"rebind.evil.example:9090": 403, "evil.example": 403, "127.0.0.1.evil.example": 403, "localhost.": 403,
		"localhost.evil.example": 403, "status.example.org.evil.example": 403, "xstatus.example.org": 403,
		"127.0.0.1.:9090": 403, "2130706433.evil.example": 403, "evil.example:9090:1": 403, "example.org": 403,
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want || (want == 200) != (w.Body.String() == "metrics") ||
			want != 200 && !strings.Contains(w.Body.String(), "serve.hosts") {
			t.Errorf("%q: %d %s", host, w.Code, w.Body)
		}
	}
}
