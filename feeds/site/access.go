package site

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"slices"
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

// from returns the client's address: that of the connection or, if a trusted proxy made it, the last
// one in X-Forwarded-For, which that proxy wrote. Clients may have written those before.
func (s *Server) from(r *http.Request) netip.Addr {
	peer := address(r.RemoteAddr)
	forwarded := r.Header.Values("X-Forwarded-For") // a proxy may add a line of its own
	if len(forwarded) == 0 || !s.proxied(r) {
		return peer
	}
	list := forwarded[len(forwarded)-1]
	if client := address(strings.TrimSpace(list[strings.LastIndexByte(list, ',')+1:])); client.IsValid() {
		return client
	}
	return peer
}

// proxied reports whether a trusted proxy sent r.
func (s *Server) proxied(r *http.Request) bool {
	peer := address(r.RemoteAddr)
	return slices.ContainsFunc(s.Proxies, func(p netip.Prefix) bool { return p.Contains(peer) })
}

// address parses an address with or without a port. The result is invalid if it is neither.
func address(s string) netip.Addr {
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		ap, _ := netip.ParseAddrPort(s)
		a = ap.Addr()
	}
	return a.Unmap().WithZone("")
}
