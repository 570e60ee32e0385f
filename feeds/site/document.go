package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/nashra/nashra/feeds"
)

// document is a cached answer. It is not changed once it is made.
type document struct {
	plain    []byte
	gzipped  []byte      // nil where it would not be shorter
	header   http.Header // without what depends on the encoding
	tag      string      // strong ETag of plain
	gzipTag  string      // the same of gzipped
	modified time.Time
	file     fileState // of the file it was read from; zero: it was rendered
}

func (d *document) size() int { return len(d.plain) + len(d.gzipped) }

// fileState tells whether a file has changed.
type fileState struct {
	modified time.Time
	size     int64
}

// newDocument makes a document of body, which is served as name.
func (s *Server) newDocument(name string, body []byte, modified time.Time) *document {
	sum := sha256.Sum256(body)
	tag := hex.EncodeToString(sum[:12])
	d := &document{plain: body, header: s.header(name), modified: modified,
		tag: `"` + tag + `"`, gzipTag: `"` + tag + `-gzip"`}
	if Pictures()[name] == nil {
		if z := s.compress(body); len(z) < len(body) {
			d.gzipped = z
		}
	}
	return d
}

// header returns what every answer with the document of that name has.
func (s *Server) header(name string) http.Header {
	h := maps.Clone(safe)
	h.Set("Content-Type", contentType(name))
	h.Set("Content-Security-Policy", s.contentPolicy(name))
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", s.cacheControl(name))
	if strings.HasPrefix(name, "stories/") && !s.Web.Index {
		h.Set("X-Robots-Tag", "noindex")
	}
	if f, ok := s.feeds[name]; ok {
		if s.Token == "" { // feed readers that are web pages may fetch it
			h.Set("Access-Control-Allow-Origin", "*")
		}
		if s.URL != "" && s.Hub != "" { // WebSub, section 4: how subscribers find hub and topic
			self := s.URL + feeds.Path(f.channel.ID, f.edition, f.format)
			h["Link"] = []string{"<" + s.Hub + `>; rel="hub"`, "<" + self + `>; rel="self"`}
		}
	}
	return h
}

// newZips returns writers of gzip, as small as it gets: most documents are compressed once and sent
// often. Each takes 1 MB, so they are shared.
func newZips() chan *gzip.Writer {
	zips := make(chan *gzip.Writer, maxMakers)
	for range maxMakers {
		z, _ := gzip.NewWriterLevel(nil, gzip.BestCompression) // fails only for an unknown level
		zips <- z
	}
	return zips
}

// compress returns body in gzip.
func (s *Server) compress(body []byte) []byte {
	z := <-s.zips
	defer func() { s.zips <- z }()
	var b bytes.Buffer
	z.Reset(&b)
	_, _ = z.Write(body) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

func contentType(name string) string {
	switch ext := strings.TrimPrefix(path.Ext(name), "."); ext {
	case "html":
		return "text/html; charset=utf-8"
	case "png":
		return "image/png"
	case "ico":
		return "image/x-icon"
	case "txt":
		return "text/plain; charset=utf-8"
	case "xml":
		return "application/xml; charset=utf-8"
	case "opml":
		return "text/x-opml; charset=utf-8"
	default:
		return feeds.Format(ext).MediaType() + "; charset=utf-8"
	}
}

// pictured reports whether the page of that name may show pictures of other hosts.
func (s *Server) pictured(name string) bool {
	return !s.Web.NoImages && strings.HasPrefix(name, "stories/") || s.Web.Small()
}

// contentPolicy returns the Content-Security-Policy of the document of that name.
func (s *Server) contentPolicy(name string) string {
	if path.Ext(name) != ".html" {
		return "default-src 'none'; frame-ancestors 'none'"
	}
	return policy(s.pictured(name)) + "; frame-ancestors 'none'"
}

// cacheControl allows a minute, which is shorter than any reader's polling interval. What a token
// guards is private.
func (s *Server) cacheControl(name string) string {
	scope, age := "public", "60"
	if s.Token != "" {
		scope = "private"
	}
	if Pictures()[name] != nil {
		age = "86400"
	}
	return scope + ", max-age=" + age
}

// send answers r with d. Ranges and preconditions are about the plain bytes.
func (d *document) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	maps.Copy(h, d.header)
	given := func(header string) bool { return r.Header.Get(header) != "" }
	body, tag, other := d.plain, d.tag, d.gzipTag
	if d.gzipped != nil && acceptsGzip(r) && !given("Range") && !given("If-Match") && !given("If-Unmodified-Since") {
		body, tag, other = d.gzipped, d.gzipTag, d.tag
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(body))) // ServeContent does not set it for an encoded body
	}
	h.Set("Etag", tag)
	if known := r.Header.Get("If-None-Match"); strings.Contains(known, other) { // the client has the other encoding
		r.Header.Set("If-None-Match", strings.ReplaceAll(known, other, tag))
	}
	http.ServeContent(w, r, "", d.modified, bytes.NewReader(body))
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3) for gzip alone.
func acceptsGzip(r *http.Request) (accepted bool) {
	for coding := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
		wanted := weight == "" || err == nil && q > 0
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip":
			return wanted
		case "*":
			accepted = wanted
		}
	}
	return accepted
}
