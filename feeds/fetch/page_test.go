package fetch

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"
)

// A page is asked for as anybody would, and before each request of a chain whoever knows its
// robots.txt is asked, for as long as that takes.
func TestPage(t *testing.T) {
	var header []http.Header
	there := serve(t, func(w http.ResponseWriter, r *http.Request) {
		header = append(header, r.Header.Clone())
		_, _ = w.Write([]byte("<p>x"))
	})
	here := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, there+"/page", http.StatusFound) })
	no := errors.New("no")
	for name, c := range map[string]struct {
		refuse string
		want   []string
	}{"free": {"", []string{here + "/a", there + "/page"}}, "refused at once": {here + "/a", []string{here + "/a"}},
		"refused elsewhere": {there + "/page", []string{here + "/a", there + "/page"}}} {
		var asked []string
		header = nil
		doc, free, err := client(t, Options{Timeout: 300 * time.Millisecond}).Page(t.Context(), here+"/a", func(_ context.Context, u *url.URL) error {
			asked = append(asked, u.String())
			time.Sleep(200 * time.Millisecond) // twice: longer than the time-out in all
			if u.String() == c.refuse {
				return no
			}
			return nil
		})
		free()
		if !slices.Equal(asked, c.want) || errors.Is(err, no) != (c.refuse != "") || (err == nil) != (string(doc.Body) == "<p>x") || (len(header) == 1) != (c.refuse == "") {
			t.Errorf("%s: asked about %v, %q, %v", name, asked, doc.Body, err)
		}
		if len(header) > 0 && (header[0].Get("Accept") != acceptPage || header[0].Get("Referer") != "") {
			t.Errorf("%s: %v", name, header[0])
		}
	}
}
