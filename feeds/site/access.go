package site

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// idHeader carries the id by which the logs of all programs that a request passes can be joined.
const idHeader = "X-Request-Id"

// maxID bounds an id that is taken from a request: those of common proxies have 32 to 36
// characters.
const maxID = 64

// requestID returns the id that a proxy gave r, or a new one if there is none that a log can hold.
func requestID(r *http.Request) string {
	id := r.Header.Get(idHeader)
	unsafe := func(c rune) bool {
		return c != '-' && c != '_' && c != '.' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	}
	if id == "" || len(id) > maxID || strings.ContainsFunc(id, unsafe) {
		return strconv.FormatUint(rand.Uint64()|1<<63, 36)
	}
	return id
}

// recorder remembers the status and the size of what was sent.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// ReadFrom sends a whole document in one Write. io.Copy would send pieces of 32 KB, from a buffer that it
// allocates for each request.
func (r *recorder) ReadFrom(src io.Reader) (int64, error) {
	if part, ok := src.(*io.LimitedReader); ok {
		if whole, ok := part.R.(*bytes.Reader); ok && int64(whole.Len()) <= part.N {
			return whole.WriteTo(r)
		}
	}
	return io.Copy(struct{ io.Writer }{r}, src)
}

// Unwrap lets net/http reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// maxLogged bounds each text of a request that is logged, in bytes.
const maxLogged = 200

func short(s string) string { return s[:min(len(s), maxLogged)] }

// from returns the client's address. It believes X-Forwarded-For only from a proxy on a private
// address, and only the last address there, which that proxy added.
func from(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	forwarded := r.Header.Get("X-Forwarded-For")
	if ip := net.ParseIP(host); forwarded == "" || !ip.IsLoopback() && !ip.IsPrivate() {
		return host
	}
	last := strings.TrimSpace(forwarded[strings.LastIndexByte(forwarded, ',')+1:])
	if net.ParseIP(last) == nil {
		return host
	}
	return last
}
