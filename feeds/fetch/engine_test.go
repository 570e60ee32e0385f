package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"code.dny.dev/ssrf"
)

func TestEngineMayBePrivateAndNothingElse(t *testing.T) {
	other := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("another private host was asked") })
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/inside":
			http.Redirect(w, r, "/ok", http.StatusTemporaryRedirect)
		case "/outside":
			http.Redirect(w, r, other, http.StatusTemporaryRedirect)
		case "/public":
			http.Redirect(w, r, "https://example.org/", http.StatusTemporaryRedirect)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusTemporaryRedirect)
		default:
			fmt.Fprint(w, "ok")
		}
	})
	t.Setenv("HTTP_PROXY", other)
	c, err := New(Options{Proxy: other})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdle()
	hc, err := c.Engine(base + "/v1")
	if err != nil {
		t.Fatal(err)
	}
	for path, refused := range map[string]string{"/ok": "", "/inside": "", "/outside": "away", "/public": "away", "/loop": "redirects"} {
		resp, err := hc.Post(base+path, "text/plain", strings.NewReader("نص"))
		if err == nil {
			resp.Body.Close()
		}
		if refused == "" && err != nil || refused != "" && (err == nil || !strings.Contains(err.Error(), refused)) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := hc.Get(other); !errors.Is(err, ssrf.ErrProhibitedIP) {
		t.Errorf("another private host: %v", err)
	}
	for _, bad := range []string{"", "localhost:5000", "file:///x", "http://"} {
		if _, err := c.Engine(bad); err == nil {
			t.Errorf("%q was taken for an address", bad)
		}
	}
}
