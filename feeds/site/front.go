package site

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Front is an http.Server that answers plain requests by itself: of one GET or HEAD, without a body, that came whole with nothing behind
// it. Readers ask nothing else all day, and net/http spends on such a request twice what it needs: it has another goroutine wait for the
// next byte meanwhile, and sends a header and a longer body in two packets. A connection on which anything else comes is net/http's from
// there on: errors, pipelines and what is slow or cut are its alone. Both read requests with http.ReadRequest. HTTP makes it.
type Front struct {
	http.Server
	mu        sync.Mutex
	conns     map[*fronted]struct{}
	ended     bool
	attending sync.WaitGroup // to conns
}

// fronted is a connection that waits for a request or is being answered.
type fronted struct {
	net.Conn
	in   *bufio.Reader
	from string
}

// Read gives net/http what was read before it had the connection.
func (c *fronted) Read(b []byte) (int, error) { return c.in.Read(b) }

// lobby is where net/http accepts connections.
type lobby struct {
	net.Listener
	next  chan accepted
	ended chan struct{} // nobody accepts
}

type accepted struct {
	conn net.Conn
	err  error
}

func (l *lobby) Accept() (net.Conn, error) {
	a := <-l.next
	return a.conn, a.err
}

// pass waits until a is accepted, and says whether it was.
func (l *lobby) pass(a accepted) bool {
	select {
	case l.next <- a:
		return true
	case <-l.ended:
		return false
	}
}

// Serve answers at ln until it is closed. As http.Server's it always returns an error.
func (f *Front) Serve(ln net.Listener) error {
	l := &lobby{ln, make(chan accepted), make(chan struct{})}
	defer close(l.ended)
	go func() {
		for {
			conn, err := ln.Accept()
			switch {
			case err == nil:
				f.receive(conn, l)
			case !l.pass(accepted{err: err}) || errors.Is(err, net.ErrClosed): // net/http knows which errors pass, and waits
				return
			}
		}
	}()
	return f.Server.Serve(l)
}

// receive has conn attended to, unless the end has come.
func (f *Front) receive(conn net.Conn, l *lobby) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		conn.Close()
		return
	}
	c := &fronted{Conn: conn, in: bufio.NewReader(conn), from: conn.RemoteAddr().String()}
	if f.conns == nil {
		f.conns = map[*fronted]struct{}{}
	}
	f.conns[c] = struct{}{}
	f.attending.Go(func() {
		more := f.attend(c)
		f.mu.Lock()
		delete(f.conns, c)
		f.mu.Unlock()
		if !more || c.SetReadDeadline(time.Time{}) != nil || !l.pass(accepted{conn: c}) {
			c.Close()
		}
	})
}

// attend answers what comes by c, until nothing more does, or something that is for net/http: then it returns true.
func (f *Front) attend(c *fronted) bool {
	wait, least := f.ReadHeaderTimeout, 1
	for f.listen(c, wait) {
		if _, err := c.in.Peek(least); err != nil {
			return false
		}
		r := c.request()
		if r == nil {
			return true
		}
		if !f.answer(c, r) {
			return false
		}
		wait, least = f.IdleTimeout, 4 // as net/http: fewer bytes before the end are no request
	}
	return false
}

// listen lets c wait so long for a request, unless the end has come.
func (f *Front) listen(c *fronted, wait time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.ended && c.SetReadDeadline(time.Now().Add(wait)) == nil
}

// request is what c holds where that is one plain request; nil: it is for net/http, with all that came.
func (c *fronted) request() *http.Request {
	came, _ := c.in.Peek(c.in.Buffered()) // never fails
	end := []byte("\r\n\r\n")
	if !bytes.HasPrefix(came, []byte("GET /")) && !bytes.HasPrefix(came, []byte("HEAD /")) || bytes.Index(came, end) != len(came)-len(end) {
		return nil
	}
	r, err := http.ReadRequest(c.in)
	if err != nil || c.in.Buffered() > 0 || !ordinary(r) {
		c.in = bufio.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(came)), c.Conn))
		return nil
	}
	r.RemoteAddr = c.from
	return r
}

// ordinary says whether r is one that net/http too would just answer, and keep the connection.
func ordinary(r *http.Request) bool {
	if r.Proto != "HTTP/1.1" || r.Close || r.ContentLength != 0 || r.Host == "" || !httpguts.ValidHostHeader(r.Host) {
		return false
	}
	for k, values := range r.Header {
		switch k {
		case "Content-Length", "Expect", "Trailer", "Upgrade":
			return false
		case "Connection":
			if len(values) > 1 || !strings.EqualFold(values[0], "keep-alive") {
				return false
			}
		}
		if !httpguts.ValidHeaderFieldName(k) || slices.ContainsFunc(values, func(v string) bool { return !httpguts.ValidHeaderFieldValue(v) }) {
			return false
		}
	}
	return true
}

// answer has the handler answer r by c, and says whether another request may follow.
func (f *Front) answer(c *fronted, r *http.Request) bool {
	defer func() {
		p := recover()
		if err, _ := p.(error); p != nil && !errors.Is(err, http.ErrAbortHandler) && f.ErrorLog != nil {
			f.ErrorLog.Printf("panic serving %s: %v\n%s", c.from, p, debug.Stack())
		}
	}()
	w := reply{conn: c.Conn, header: http.Header{}, bare: r.Method == http.MethodHead}
	if c.SetWriteDeadline(time.Now().Add(f.WriteTimeout)) != nil {
		return false
	}
	f.Handler.ServeHTTP(&w, r)
	return w.end()
}

// reply is a http.ResponseWriter that sends the header with what is first written.
type reply struct {
	conn   net.Conn
	header http.Header
	status int
	bare   bool   // no body is sent
	held   []byte // a body of which no length was told
	begun  bool
	left   int // bytes of body to come
	err    error
}

func (w *reply) Header() http.Header { return w.header }

func (w *reply) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		w.bare = w.bare || w.empty()
	}
}

// empty says whether an answer of that status has no body, not even one that is only told of.
func (w *reply) empty() bool {
	return w.status == http.StatusNotModified || w.status == http.StatusNoContent
}

func (w *reply) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	switch {
	case !w.begun && w.header["Content-Length"] == nil:
		w.held = append(w.held, b...)
		return len(b), nil
	case w.bare:
		return len(b), nil
	}
	return w.send(b), w.err
}

// send sends b, the header before it if need be, and says how much of b went.
func (w *reply) send(b []byte) int {
	all, head := net.Buffers{b}, []byte(nil)
	if !w.begun {
		w.begun = true
		w.left, _ = strconv.Atoi(w.header.Get("Content-Length"))
		head = w.head()
		all = net.Buffers{head, b}
	}
	if w.left -= len(b); w.left < 0 && w.err == nil {
		w.err = http.ErrContentLength
	}
	if w.err != nil {
		return 0
	}
	n, err := all.WriteTo(w.conn)
	w.err = err
	return max(int(n)-len(head), 0)
}

// head is the status and the header as they are sent. http.Header.Write would put them in order, which is a sixth of a short answer's cost.
func (w *reply) head() []byte {
	b := append(make([]byte, 0, 1<<10), "HTTP/1.1 "...)
	b = append(strconv.AppendInt(b, int64(w.status), 10), ' ')
	b = append(append(b, http.StatusText(w.status)...), "\r\nDate: "...)
	b = append(time.Now().UTC().AppendFormat(b, http.TimeFormat), "\r\n"...)
	for k, values := range w.header {
		for _, v := range values {
			b = append(append(b, k...), ": "...)
			for i := range len(v) {
				b = append(b, v[i])
				if v[i] == '\r' || v[i] == '\n' {
					b[len(b)-1] = ' '
				}
			}
			b = append(b, "\r\n"...)
		}
	}
	return append(b, "\r\n"...)
}

// end sends what was not sent yet, and says whether all was, so that another answer may follow.
func (w *reply) end() bool {
	w.WriteHeader(http.StatusOK)
	if !w.begun {
		if told := w.bare && len(w.held) == 0 || w.empty(); !told && w.header["Content-Length"] == nil {
			w.header["Content-Length"] = []string{strconv.Itoa(len(w.held))}
		}
		if w.bare {
			w.held = nil
		}
		w.send(w.held)
	}
	return w.err == nil && (w.bare || w.left == 0)
}

// Shutdown is as http.Server's: answers that are under way come to their end, and nothing else is answered.
func (f *Front) Shutdown(ctx context.Context) error {
	f.end(func(c *fronted) { _ = c.SetReadDeadline(time.Unix(1, 0)) }) // which wakes those that wait
	err := f.Server.Shutdown(ctx)
	left := make(chan struct{})
	go func() {
		f.attending.Wait()
		close(left)
	}()
	select {
	case <-left:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close is as http.Server's: it closes all connections.
func (f *Front) Close() error {
	f.end(func(c *fronted) { c.Close() })
	return f.Server.Close()
}

// end has nothing more answered, and calls each for the connections that there are.
func (f *Front) end(each func(c *fronted)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	for c := range f.conns {
		each(c)
	}
}
