package fetch

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// The time that permit takes does not count as the server's.
func TestPageAsksBeforeEachRequest(t *testing.T) {
	var header []http.Header
	there := serve(t, func(w http.ResponseWriter, r *http.Request) {
		header = append(header, r.Header.Clone())
		_, _ = w.Write([]byte("<p>x"))
	})
	here := serve(t, http.RedirectHandler(there+"/page", http.StatusFound).ServeHTTP)
	no := errors.New("no")
	for name, c := range map[string]struct {
		refuse string
		want   []string
	}{
		"free":                     {"", []string{here + "/a", there + "/page"}},
		"refused at once":          {here + "/a", []string{here + "/a"}},
		"refused after a redirect": {there + "/page", []string{here + "/a", there + "/page"}},
	} {
		var asked []string
		header = nil
		permit := func(_ context.Context, u *url.URL) error {
			asked = append(asked, u.String())
			time.Sleep(200 * time.Millisecond) // twice: longer than the timeout in all
			if u.String() == c.refuse {
				return no
			}
			return nil
		}
		doc, free, err := client(t, Options{Timeout: 300 * time.Millisecond}).Page(t.Context(), here+"/a", nil,
			feeds.Validators{}, permit, nil)
		free()
		refused := c.refuse != ""
		if !slices.Equal(asked, c.want) || errors.Is(err, no) != refused || (string(doc.Body) != "<p>x") != refused ||
			(len(header) == 0) != refused {
			t.Errorf("%s: asked about %v, %q, %v", name, asked, doc.Body, err)
		}
		if len(header) > 0 && (header[0].Get("Accept") != acceptPage || header[0].Get("Referer") != "") {
			t.Errorf("%s: %v", name, header[0])
		}
	}
}
