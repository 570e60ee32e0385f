package site

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

// BenchmarkFiles renders the pages of 100 stories of eight paragraphs in both languages.
func BenchmarkFiles(b *testing.B) {
	var stories []feeds.Story
	for i := range 100 {
		s := shelf()[1]
		s.ID = fmt.Sprintf("%016x", i)
		s.Published = s.Published.AddDate(0, 0, -i/20)
		s.Body = strings.Repeat(`<p>أعلنت الشركة عن <a href="https://a.example/">نموذج جديد</a> للاستدلال يعمل `+
			"بكلفة أقل بنسبة 63% من سابقه ويتاح للمطورين ابتداء من اليوم، "+
			"وقالت إنه يتفوق في اختبارات الرياضيات والبرمجة.</p>", 8)
		s.Translation.Body = strings.Repeat(`<p>The company announced <a href="https://a.example/">a new model</a> `+
			"for reasoning that runs at a cost 63% below its predecessor's "+
			"and is open to developers from today.</p>", 8)
		stories = append(stories, s)
	}
	for b.Loop() {
		if _, err := (bookOf{place, []feeds.Channel{tech}, stories}).Files(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkServer answers a client over one connection, in turn with a bare handler of net/http:
// the difference is our own work. The log is discarded.
func BenchmarkServer(b *testing.B) {
	s, _ := published(b, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(io.Discard, nil)) })
	first := ask(s, "GET", "/feed.atom")
	zipped := ask(s, "GET", "/feed.atom", "Accept-Encoding", "gzip").Body.Bytes()
	bare := func(w http.ResponseWriter, r *http.Request) {
		h, body := w.Header(), first.Body.Bytes()
		h.Set("ETag", first.Header().Get("ETag"))
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if r.Header.Get("Accept-Encoding") == "gzip" {
			body = zipped
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("Content-Type", "application/atom+xml; charset=utf-8")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}
	for _, c := range []struct{ name, header string }{
		{"plain", "Accept-Encoding: identity"}, {"gzip", "Accept-Encoding: gzip"},
		{"304", "If-None-Match: " + first.Header().Get("ETag")},
	} {
		b.Run(c.name+"/nashra", func(b *testing.B) { benchServer(b, HTTP(s, nil), c.header) })
		b.Run(c.name+"/bare", func(b *testing.B) {
			benchServer(b, &http.Server{Handler: http.HandlerFunc(bare)}, c.header)
		})
	}
}

func benchServer(b *testing.B, srv *http.Server, header string) {
	c, err := net.Dial("tcp", serving(b, srv))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	request, answers := []byte("GET /feed.atom HTTP/1.1\r\nHost: x\r\n"+header+"\r\n\r\n"), bufio.NewReader(c)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Write(request); err != nil {
			b.Fatal(err)
		}
		length := 0
		for {
			line, err := answers.ReadSlice('\n')
			if err != nil {
				b.Fatal(err)
			}
			if n, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				length, _ = strconv.Atoi(string(bytes.TrimSpace(n)))
			}
			if len(line) == len("\r\n") {
				break
			}
		}
		if _, err := answers.Discard(length); err != nil {
			b.Fatal(err)
		}
	}
}
