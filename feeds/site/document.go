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

// document is an answer that is kept: its bytes as they are and compressed, and its headers.
type document struct {
	plain, zipped []byte // zipped is nil where it would not be shorter
	header        http.Header
	kept          http.Header // of these, what one gets who has it already (RFC 9110 15.4.5)
	etag, ztag    []string    // strong ones, of the content
	length        []string    // of plain
	zlength       []string
	modified      time.Time // to the second, as HTTP has it
	since         []string  // the same, written

	file    fileState // what it was read from; zero: it was made
	checked time.Time // when it was last known to be right
	life    time.Duration
}

// fileState tells a file from another.
type fileState struct {
	modified time.Time
	size     int64
}

// newDocument is body, which is served as name.
func (s *Server) newDocument(name string, body []byte, modified time.Time) *document {
	sum := sha256.Sum256(body)
	tag := hex.EncodeToString(sum[:12])
	d := &document{plain: body, header: maps.Clone(safe), etag: []string{`"` + tag + `"`}, ztag: []string{`"` + tag + `-gzip"`},
		length: []string{strconv.Itoa(len(body))}, modified: modified.UTC().Truncate(time.Second)}
	d.since = []string{d.modified.Format(http.TimeFormat)}
	if z := compressed(body); path.Ext(name) != ".png" && len(z) < len(body) {
		d.zipped, d.zlength = z, []string{strconv.Itoa(len(z))}
	}
	d.header["Content-Type"] = []string{contentType(name)}
	d.header["Vary"] = []string{"Accept-Encoding"}
	d.header["Cache-Control"] = []string{s.freshness(name)}
	d.header["Content-Security-Policy"] = []string{s.policy(name) + "; frame-ancestors 'none'"}
	if f, ok := s.feeds[name]; ok {
		if s.Token == "" { // readers that are web pages may fetch it
			d.header["Access-Control-Allow-Origin"] = []string{"*"}
		}
		if s.URL != "" && s.Hub != "" { // WebSub, section 4: how subscribers find hub and topic
			d.header["Link"] = []string{"<" + s.Hub + `>; rel="hub"`, "<" + s.URL + feeds.Path(f.channel.ID, f.edition, f.format) + `>; rel="self"`}
		}
	}
	d.kept = http.Header{}
	for _, k := range []string{"Vary", "Cache-Control", "Access-Control-Allow-Origin"} {
		if v, ok := d.header[k]; ok {
			d.kept[k] = v
		}
	}
	return d
}

// compressed is body in gzip, as small as it gets: it is made once and sent often.
func compressed(body []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return body
	}
	if _, err := z.Write(body); err != nil {
		return body
	}
	if err := z.Close(); err != nil {
		return body
	}
	return b.Bytes()
}

func contentType(name string) string {
	switch ext := strings.TrimPrefix(path.Ext(name), "."); ext {
	case "html":
		return "text/html; charset=utf-8"
	case "png":
		return "image/png"
	case "opml":
		return "text/x-opml; charset=utf-8"
	default:
		return feeds.Format(ext).MediaType() + "; charset=utf-8"
	}
}

// freshness: a minute is shorter than any reader polls, and spares a busy page a question a view. What a token guards is not for
// caches that many share.
func (s *Server) freshness(name string) string {
	age := "60"
	if path.Ext(name) == ".png" {
		age = "86400"
	}
	if s.Token != "" {
		return "private, max-age=" + age
	}
	return "public, max-age=" + age
}

func (s *Server) policy(name string) string {
	if path.Ext(name) != ".html" {
		return "default-src 'none'"
	}
	return policy(strings.HasPrefix(name, "stories/"))
}

// send answers r with d.
func (s *Server) send(w http.ResponseWriter, r *http.Request, d *document) {
	h := w.Header()
	guarded := r.Header["If-Match"] != nil || r.Header["If-Unmodified-Since"] != nil // which have the first word
	partly := guarded || r.Header["Range"] != nil
	zipped := d.zipped != nil && !partly && acceptsGzip(r)
	h["Last-Modified"], h["Etag"] = d.since, d.etag
	if zipped {
		h["Etag"] = d.ztag
	}
	if !guarded && d.known(r) {
		maps.Copy(h, d.kept)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	maps.Copy(h, d.header)
	if partly {
		http.ServeContent(w, r, "", d.modified, bytes.NewReader(d.plain))
		return
	}
	body := d.plain
	if zipped {
		body = d.zipped
		h["Content-Encoding"], h["Content-Length"] = gzipped, d.zlength
	} else {
		h["Accept-Ranges"], h["Content-Length"] = ranges, d.length
	}
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // whom it does not reach has gone
	}
}

var (
	gzipped = []string{"gzip"}
	ranges  = []string{"bytes"}
)

// known says whether the reader has d already (RFC 9110 13.1): whichever coding it had it in.
func (d *document) known(r *http.Request) bool {
	if r.Header.Get("If-None-Match") == "" {
		since := r.Header.Get("If-Modified-Since")
		if since == "" {
			return false
		}
		at, err := http.ParseTime(since)
		return err == nil && !d.modified.After(at)
	}
	for _, line := range r.Header["If-None-Match"] {
		for tag := range strings.SplitSeq(line, ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == d.etag[0] || tag == d.ztag[0] || tag == "*" {
				return true
			}
		}
	}
	return false
}

// acceptsGzip reads Accept-Encoding (RFC 9110 12.5.3) as far as gzip goes.
func acceptsGzip(r *http.Request) bool {
	accepts := false
	for _, line := range r.Header["Accept-Encoding"] {
		for coding := range strings.SplitSeq(line, ",") {
			name, weight, _ := strings.Cut(strings.TrimSpace(coding), ";")
			name = strings.TrimSpace(name)
			if !strings.EqualFold(name, "gzip") && name != "*" {
				continue
			}
			wanted := weight == ""
			if !wanted {
				q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
				wanted = err == nil && q > 0
			}
			if name != "*" {
				return wanted
			}
			accepts = wanted
		}
	}
	return accepts
}
