//go:build linux

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// mostMB limits the peak memory of a pass.
const mostMB = 256

// hostile returns sources that send more than a reader could hold, and the expected warnings.
func hostile(t *testing.T) (ways map[string]http.HandlerFunc, says map[string]string) {
	chunk := []byte(opening + strings.Repeat(entry(1, strings.Repeat("<p>نص طويل جدا لا ينتهي.</p>", 100)), 20))
	endless := func(w http.ResponseWriter, r *http.Request, size int) {
		for n := 0; n < size && r.Context().Err() == nil; n += len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	coded := func(coding string, body []byte, times int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", coding)
			for range times {
				if _, err := w.Write(body); err != nil {
					return
				}
			}
		}
	}
	gz, br, zs := bombs(t)
	plain := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
	}
	const tooLarge, limit = "larger than 15.0 MB after decoding (fetch.max_body)", "(fetch.timeout)"
	ways, says = map[string]http.HandlerFunc{}, map[string]string{}
	add := func(id, what string, way http.HandlerFunc) { ways[id], says[id] = way, what }
	add("gigabyte", tooLarge, func(w http.ResponseWriter, r *http.Request) { endless(w, r, 1e9) })
	add("announced", tooLarge, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000000")
		endless(w, r, 1e9)
	})
	add("gzip-bomb", tooLarge, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255})
		for range 2000 { // a megabyte each
			if _, err := w.Write(gz); err != nil {
				return
			}
		}
	})
	add("zstd-bomb", tooLarge, coded("zstd", zs, 2000))
	add("br-bomb", tooLarge, coded("br", br, 1))
	add("nested", "nested deeper than", plain(opening+"<item>"+strings.Repeat("<b>", 4_000_000)))
	add("nested-packed", tooLarge, func(w http.ResponseWriter, _ *http.Request) { // 20 MB of prefixed tags
		w.Header().Set("Content-Encoding", "gzip")
		f, _ := flate.NewWriter(w, flate.BestSpeed)
		_, _ = w.Write([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255})
		_, _ = io.WriteString(f, opening+strings.Repeat("<m:a>", 4_000_000))
		f.Close()
	})
	add("drip", limit, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, opening+entry(7, "<p>قطرة</p>"))
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, " ")
			w.(http.Flusher).Flush()
			time.Sleep(50 * time.Millisecond)
		}
	})
	add("hang", limit, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	add("cut", "the document was cut: ended early; its 1 whole items are kept",
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, opening+entry(8, "<p>قبل القطع</p>")+"<item><title>نصف")
		})
	add("half", "the document ends in the middle; its 1 whole items are kept",
		plain(opening+entry(9, "<p>قبل النهاية</p>")+"<item><title>نصف"))
	add("nul", "holds 2 NUL characters", plain(opening+entry(10, "<p>صفر\x00 وصفر\x00</p>")+"</channel></rss>"))
	add("latin", "not valid UTF-8 in 2 places",
		plain(opening+entry(11, "<p>حرف \xff وحرف \xfe معطوب</p>")+"</channel></rss>"))
	return ways, says
}

// bombs returns a deflated megabyte that can be repeated, a brotli body of 64 MB and a zstd frame
// of a megabyte.
func bombs(t *testing.T) (gz, br, zs []byte) {
	t.Helper()
	spaces := bytes.Repeat([]byte(" "), 1<<20)
	var b bytes.Buffer
	f, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write(spaces)
	_ = f.Flush()
	gz = bytes.Clone(b.Bytes())
	b.Reset()
	w := brotli.NewWriterLevel(&b, 1)
	for range 64 {
		_, _ = w.Write(spaces)
	}
	_ = w.Close()
	br = bytes.Clone(b.Bytes())
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return gz, br, enc.EncodeAll(spaces, nil)
}

// Each hostile source causes one warning with its name and the cause. Memory is bounded, and the
// other sources are published. Hostile articles leave the feed's own text.
func TestHostileSources(t *testing.T) {
	t.Parallel()
	ways, says := hostile(t)
	ways["good"] = func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join("demo", "samples", "nilegadget-atom-summary.xml"))
	}
	feed, pages := hostilePages(t, ways)
	ways["full"] = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, feed) }
	out := fetchAll(t, ways, "timeout: 5s")
	for id, what := range says {
		lines := regexp.MustCompile(`(?m)^warning: source `+id+`: .*$`).FindAllString(out.stderr, -1)
		if len(lines) != 1 || !strings.Contains(lines[0], what) {
			t.Errorf("%s: said %q, want one line with %q", id, lines, what)
		}
	}
	if strings.Contains(out.stderr, "source good:") || strings.Contains(out.stderr, "source full:") {
		t.Errorf("a warning on the good source: %s", out.stderr)
	}
	if !strings.Contains(out.stdout, "articles: 1 read in full; ") || strings.Count(out.feed, "المقال كله") != 1 ||
		strings.Count(out.feed, "ملخص ") < pages-1 {
		t.Errorf("of %d pages: %s", pages, out.stdout)
	}
	for _, holds := range []string{"nilegadget", "قطرة", "قبل القطع", "قبل النهاية", "صفر وصفر", "حرف \uFFFD وحرف"} {
		if !strings.Contains(out.feed, holds) {
			t.Errorf("%q is not published", holds)
		}
	}
	t.Logf("%d sources: %.0f MB at the peak, %.1f CPU s, %v", len(ways), out.peakMB, out.cpu.Seconds(),
		out.wall.Round(time.Millisecond))
	if out.peakMB > mostMB {
		t.Errorf("%.0f MB at the peak, want %d at most", out.peakMB, mostMB)
	}
}

// hostilePages returns a feed whose items link to hostile pages, some with a hostile robots.txt,
// and the number of items. Only the page "good" is an article.
func hostilePages(t *testing.T, ways map[string]http.HandlerFunc) (feed string, n int) {
	pages := maps.Clone(ways)
	pages["good"] = func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "<article><p>%s</p><p>المقال كله</p></article>",
			strings.Repeat("خبر طويل عن التقنية بما يكفي لمقال. ", 40))
	}
	pages["bushes"] = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("<p><b><i>نص ", 600_000))
	}
	feed = opening
	add := func(id, at string) {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if r.URL.Path == at {
				pages[id](w, r)
			}
		}))
		t.Cleanup(srv.Close)
		t.Cleanup(srv.CloseClientConnections)
		n++
		feed += strings.Replace(entry(1000+n, "<p>ملخص "+id+at+"</p>"), fmt.Sprintf("https://news.example/%d<", 1000+n),
			srv.URL+"/"+id+"<", 1)
	}
	for id := range pages {
		add(id, "/"+id)
	}
	for _, id := range []string{"gigabyte", "gzip-bomb", "hang"} {
		add(id, "/robots.txt")
	}
	return feed + "</channel></rss>", n
}

// Six sources, or NASHRA_TEST_LARGE_FEEDS, send 15 MB each at once, with all items different or all
// the same. All are read; 32 take a minute of CPU time.
func TestManyLargeFeedsLong(t *testing.T) {
	long(t)
	for name, news := range map[string]bool{"each news": true, "all one": false} {
		t.Run(name, func(t *testing.T) {
			const size = 14_900_000
			each, err := strconv.Atoi(cmp.Or(os.Getenv("NASHRA_TEST_LARGE_FEEDS"), "6"))
			if err != nil {
				t.Fatal(err)
			}
			ways := map[string]http.HandlerFunc{}
			for n := range each {
				ways[fmt.Sprint("s", n)] = func(w http.ResponseWriter, _ *http.Request) { large(w, n, size, news) }
			}
			out := fetchAll(t, ways, "timeout: 30s")
			if out.stderr != "" {
				t.Errorf("warnings: %s", out.stderr)
			}
			t.Logf("%d sources of 15 MB: %.0f MB at the peak, %.1f CPU s, %v; %s", each, out.peakMB, out.cpu.Seconds(),
				out.wall.Round(time.Millisecond), out.stdout)
			if out.peakMB > mostMB {
				t.Errorf("%.0f MB at the peak, want %d at most", out.peakMB, mostMB)
			}
		})
	}
}

// large writes a feed of about size bytes, with long items that are all different or all the same.
func large(w io.Writer, source, size int, news bool) {
	b := bufio.NewWriter(w)
	defer b.Flush()
	n, _ := b.WriteString(opening)
	state := uint64(source + 1)
	for i := 0; n < size-20_000; i++ {
		var body strings.Builder
		if !news {
			state = 1
		}
		for range 60 {
			body.WriteString("<p>")
			for range 20 {
				state = state*6364136223846793005 + 1442695040888963407
				for range 3 + state>>62 {
					state = state*6364136223846793005 + 1442695040888963407
					body.WriteRune(rune('ب' + state>>60))
				}
				body.WriteByte(' ')
			}
			body.WriteString("</p>")
		}
		text := entry(source*100_000+i, body.String())
		if !news {
			text = strings.Replace(text, fmt.Sprintf("خبر رقم %d ", source*100_000+i), "خبر واحد ", 1)
		}
		k, _ := b.WriteString(text)
		n += k
	}
	_, _ = b.WriteString("</channel></rss>")
}

type fetchResult struct {
	stdout, stderr, feed string
	peakMB               float64
	wall, cpu            time.Duration
}

// fetchAll runs the built program on sources that answer as ways says, by id, all on one host.
func fetchAll(t *testing.T, ways map[string]http.HandlerFunc, more string) (out fetchResult) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(build(t), "nashra")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		way := ways[strings.Trim(r.URL.Path, "/")]
		if way == nil {
			http.NotFound(w, r)
			return
		}
		way(w, r)
	}))
	defer srv.Close()
	defer srv.CloseClientConnections()
	var b strings.Builder
	fmt.Fprintf(&b, "store: %s\npublish: {dir: %s}\nfetch: {allow_private: true, per_host: 64, min_interval: 0s, "+
		"%s}\ntranslate: {engines: []}\nsources:\n",
		filepath.Join(dir, "nashra.db"), filepath.Join(dir, "public"), more)
	ids := make([]string, 0, len(ways))
	for id := range ways {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		full := "never"
		if id == "full" {
			full = "always"
		}
		fmt.Fprintf(&b, "  - {id: %s, url: %q, full_text: %s}\n", id, srv.URL+"/"+id, full)
	}
	config := filepath.Join(dir, "nashra.yaml")
	if err := os.WriteFile(config, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(program, "fetch", "-c", config)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	out.wall, out.cpu = time.Since(start), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		out.peakMB = float64(usage.Maxrss) * 1024 / 1e6 // Linux counts in KiB
	}
	feed, err := os.ReadFile(filepath.Join(dir, "public", "feed.ar.atom"))
	if err != nil {
		t.Fatal(err)
	}
	out.stdout, out.stderr, out.feed = stdout.String(), stderr.String(), string(feed)
	return out
}
