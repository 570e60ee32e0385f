package fetch

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/nashra/nashra/feeds"
)

func coded(t *testing.T, coding string, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	switch coding {
	case "gzip":
		w := gzip.NewWriter(&b)
		w.Write(plain)
		w.Close()
	case "br":
		w := brotli.NewWriter(&b)
		w.Write(plain)
		w.Close()
	case "zlib":
		w := zlib.NewWriter(&b)
		w.Write(plain)
		w.Close()
	case "zstd":
		w, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(plain)
		w.Close()
	default:
		b.Write(plain)
	}
	return b.Bytes()
}

func TestCodings(t *testing.T) {
	const limit = 1 << 20
	noise := make([]byte, 300_000) // compresses badly: a cut loses its end in every coding
	state := uint32(1)
	for i := range noise {
		state = state*1664525 + 1013904223
		noise[i] = byte(state >> 24)
	}
	for _, coding := range []string{"", "gzip", "br", "zstd"} {
		bodies := map[string][]byte{
			"/whole":   coded(t, coding, []byte(doc)),
			"/limit":   coded(t, coding, make([]byte, limit)),
			"/bomb":    coded(t, coding, make([]byte, 20<<20)),
			"/cut":     coded(t, coding, noise),
			"/nothing": nil,
		}
		address := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if coding != "" {
				w.Header().Set("Content-Encoding", coding)
			}
			w.Header().Set("ETag", `"x"`)
			body := bodies[r.URL.Path]
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			if r.URL.Path == "/cut" {
				body = body[:len(body)*2/3]
			}
			w.Write(body)
		})
		c := client(t, Options{MaxBody: limit})
		t.Run("coding "+coding, func(t *testing.T) {
			for range 2 { // the second time with decoders that were used before
				if d, err := get(t, c, address+"/whole"); err != nil || string(d.Body) != doc || d.Cut {
					t.Errorf("whole: %q, %v", d.Body, err)
				}
				if d, err := get(t, c, address+"/limit"); err != nil || len(d.Body) != limit {
					t.Errorf("of just the cap: %d bytes, %v", len(d.Body), err)
				}
				d, err := get(t, c, address+"/bomb")
				if err == nil || !strings.Contains(err.Error(), "fetch.max_body") {
					t.Errorf("bomb: %d bytes, %v", len(d.Body), err)
				}
				d, err = get(t, c, address+"/cut")
				if err != nil || !d.Cut || len(d.Body) == 0 || !bytes.HasPrefix(noise, d.Body) {
					t.Errorf("cut: %d bytes, cut %v, %v", len(d.Body), d.Cut, err)
				}
			}
			if d, err := get(t, c, address+"/nothing"); coding == "" || coding == "gzip" {
				if err != nil || len(d.Body) != 0 || d.Cut {
					t.Errorf("empty: %+v, %v", d, err)
				}
			}
		})
	}
}

func TestBrokenBodies(t *testing.T) {
	binary := "\x00\x01\x02" + doc
	for name, tc := range map[string]struct {
		coding string
		body   []byte
		says   string
	}{
		"not gzip":       {"gzip", []byte(binary), "gzip"},
		"not zstd":       {"zstd", []byte(binary), "zstd"},
		"not brotli":     {"br", append([]byte(binary), bytes.Repeat([]byte{0xff}, 100)...), "br"},
		"unknown coding": {"compress", []byte(binary), "content coding"},
		"zstd with a window of 1 GB": {
			"zstd", []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0x00, 0x00}, "zstd",
		},
		"gzip of many empty members": {"gzip", bytes.Repeat(coded(t, "gzip", nil), 50_000), "fetch.max_body"},
	} {
		t.Run(name, func(t *testing.T) {
			address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", tc.coding)
				w.Write(tc.body)
			})
			d, err := get(t, client(t, Options{MaxBody: 1 << 20}), address)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%+v, %v; want an error on %s", d, err, tc.says)
			}
		})
	}
}

// Answers whose Content-Encoding is not what was done to the body give the document, and most a note.
func TestMislabelledBodiesAreRead(t *testing.T) {
	gzipped := coded(t, "gzip", []byte(doc))
	falseSum := bytes.Clone(gzipped)
	falseSum[len(falseSum)-5] ^= 0xff
	zlib := coded(t, "zlib", []byte(doc))
	members := append(coded(t, "gzip", []byte(doc[:9])), coded(t, "gzip", []byte(doc[9:]))...)
	tailed := func(b []byte) []byte { return append(bytes.Clone(b), "<!-- cached page -->"...) }
	for name, tc := range map[string]struct {
		coding string
		body   []byte
		cut    bool // reported as broken off
		quiet  bool // no note
	}{
		"a charset":                  {"utf-8", []byte(doc), false, false},
		"none":                       {"none", []byte(doc), false, false},
		"binary":                     {"binary", []byte(doc), false, false},
		"identity":                   {"identity", []byte(doc), false, true},
		"gzip that was not done":     {"gzip", []byte(doc), false, false},
		"brotli that was not done":   {"br", []byte(doc), false, false},
		"brotli, but a JSON feed":    {"br", []byte(`{"version": "https://jsonfeed.org/version/1.1"}`), false, false},
		"zstd that was not done":     {"zstd", []byte(doc), false, false},
		"deflate that was not done":  {"deflate", []byte(doc), false, false},
		"compress that was not done": {"compress", []byte(doc), false, false},
		"gzip, not named":            {"", gzipped, false, false},
		"gzip named utf-8":           {"utf-8", gzipped, false, false},
		"gzip named br":              {"br", gzipped, false, false},
		"zstd, not named":            {"", coded(t, "zstd", []byte(doc)), false, false},
		"x-gzip":                     {"x-gzip", gzipped, false, true},
		"deflate with zlib's header": {"deflate", zlib, false, true},
		"deflate without":            {"deflate", zlib[2:], false, true},
		"gzip twice, named twice":    {"gzip, gzip", coded(t, "gzip", gzipped), false, true},
		"gzip twice, named once":     {"gzip", coded(t, "gzip", gzipped), false, false},
		"gzip once, named twice":     {"gzip, gzip", gzipped, false, false},
		"brotli within gzip":         {"br, gzip", coded(t, "gzip", coded(t, "br", []byte(doc))), false, true},
		"gzip in two members":        {"gzip", members, false, true},
		"text after gzip's end":      {"gzip", tailed(gzipped), true, true},
		"a line's end after gzip's":  {"gzip", append(bytes.Clone(gzipped), '\n'), true, true},
		"gzip with a false checksum": {"gzip", falseSum, true, true},
		"gzip without its checksum":  {"gzip", gzipped[:len(gzipped)-8], true, true},
		"text after brotli's end":    {"br", tailed(coded(t, "br", []byte(doc))), true, true},
		"text after zstd's end":      {"zstd", tailed(coded(t, "zstd", []byte(doc))), true, true},
		"text after deflate's end":   {"deflate", tailed(zlib), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if tc.coding != "" {
					w.Header().Set("Content-Encoding", tc.coding)
				}
				w.WriteHeader(http.StatusNonAuthoritativeInfo)
				w.Write(tc.body)
			})
			want := doc
			if strings.HasPrefix(string(tc.body), "{") {
				want = string(tc.body)
			}
			d, err := get(t, client(t, Options{MaxBody: 1 << 20}), address)
			if err != nil || string(d.Body) != want || d.Cut != tc.cut || (d.Note == "") != tc.quiet {
				t.Errorf("%q, cut %v (%s), note %q, %v", d.Body, d.Cut, d.CutBy, d.Note, err)
			}
		})
	}
}

func TestTimeouts(t *testing.T) {
	done := make(chan struct{})
	defer close(done)
	wait := func(r *http.Request, d time.Duration) {
		select {
		case <-time.After(d):
		case <-r.Context().Done():
		case <-done:
		}
	}
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hang":
			wait(r, time.Minute)
		case "/head": // the header, then nothing
			w.(http.Flusher).Flush()
			wait(r, time.Minute)
		case "/drip":
			w.Header().Set("ETag", `"x"`)
			for r.Context().Err() == nil {
				fmt.Fprint(w, "<item/>")
				w.(http.Flusher).Flush()
				wait(r, 20*time.Millisecond)
			}
		}
	})
	c := client(t, Options{Timeout: 200 * time.Millisecond})
	for _, path := range []string{"/hang", "/head"} {
		_, err := get(t, c, address+path)
		if err == nil || !strings.Contains(err.Error(), "fetch.timeout") || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", path, err)
		}
	}
	start := time.Now()
	d, err := get(t, c, address+"/drip")
	took := time.Since(start)
	if err != nil || !d.Cut || !bytes.HasPrefix(d.Body, []byte("<item/>")) ||
		took > 5*time.Second {
		t.Errorf("drip: %+v, %v after %s", d, err, took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if d, err := c.Get(ctx, address+"/drip", nil, feeds.Validators{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's end is no cut: %+v, %v", d, err)
	}
}

func BenchmarkGet(b *testing.B) {
	const items = 1500 // about 100 KB, as a feed has
	plain := bytes.Repeat([]byte("<item><title>خبر من عالم التقنية</title></item>\n"), items)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(plain)
	w.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(packed.Bytes())
	}))
	defer server.Close()
	c, err := New(Options{AllowPrivate: true})
	if err != nil {
		b.Fatal(err)
	}
	defer c.CloseIdle()
	b.SetBytes(int64(len(plain)))
	b.ReportAllocs()
	for b.Loop() {
		if d, err := c.Get(b.Context(), server.URL, nil, feeds.Validators{}); err != nil || len(d.Body) != len(plain) {
			b.Fatalf("%d bytes, %v", len(d.Body), err)
		}
	}
}
